//! What signing in, proving and signing out do to a browser: its session gets another key each time (nobody who knew the old one
//! is let in by it), and a browser that completed a sign-in is known to the account from then on.

use actix_session::Session;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{HeaderName, HeaderValue, REFERRER_POLICY};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::db::Ts;
use crate::base::db::time::MINUTE;
use crate::base::error::{Error, Result};
use crate::base::ids::UserId;
use crate::base::web::ctx::Ctx;
use crate::base::web::late;
use crate::base::web::session::{STATE, State};
use crate::base::world::World;

/// How long somebody has between password and code.
const HALF: i64 = 5 * MINUTE;

/// Signs the person in. A link's token that the browser carries comes along.
pub fn enter(ctx: &Ctx, session: &Session, user: UserId, by_code: bool) -> Result<()> {
    let now = ctx.world.now();
    let waits = late::waiting(ctx, &user).is_some();
    let state = State {
        id: Some(ctx.world.id(now)),
        user_id: Some(user),
        since: Some(now),
        auth_at: Some(now),
        mfa_at: by_code.then_some(now),
        // A form that waits is carried on to the person who sent it, and to nobody else.
        late: ctx.state.late.clone().filter(|_| waits),
        ..nobody(ctx)
    };
    renew(session, &state)
}

/// The password was right, the code is still to come.
pub fn enter_half(ctx: &Ctx, session: &Session, user: UserId) -> Result<()> {
    renew(session, &State { half: Some((user, ctx.world.now())), late: ctx.state.late.clone(), ..nobody(ctx) })
}

/// Whose password was right in this browser, if that is not too long ago.
pub fn half(ctx: &Ctx) -> Option<UserId> {
    let (user, since) = ctx.state.half.clone()?;
    (since.plus(HALF) > ctx.world.now()).then_some(user)
}

/// The person proved once more that it is them: the password at `auth_at`, a code at `mfa_at`.
pub fn proved(ctx: &Ctx, session: &Session, auth_at: Option<Ts>, mfa_at: Option<Ts>) -> Result<()> {
    let before = ctx.state.clone();
    let id = Some(ctx.world.id(ctx.world.now()));
    renew(session, &State { id, auth_at: auth_at.or(before.auth_at), mfa_at: mfa_at.or(before.mfa_at), ..before })
}

/// Signed out; what the browser carries stays, so that somebody else can go on with it.
pub fn leave_with_carried(ctx: &Ctx, session: &Session) -> Result<()> {
    renew(session, &nobody(ctx))
}

/// Takes a link's token out of the address: it rests in the session until its page has used it.
pub fn carry(ctx: &Ctx, session: &Session, kind: &str, token: &str) -> Result<()> {
    // Every token of ours has this form; anything else is not worth a row.
    if token.len() != 43 || !token.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_') {
        return Err(Error::Gone("This link is not complete, or is not valid any more. Open it again from the mail, or ask for a new one.".into()));
    }
    let carried = Some((kind.to_owned(), ctx.world.seal(&place(kind), token)?));
    keep(session, &State { carried, ..present(ctx) })
}

pub fn carried(ctx: &Ctx, kind: &str) -> Option<String> {
    let (_, sealed) = ctx.state.carried.as_ref().filter(|(k, _)| k == kind)?;
    ctx.world.keys.open(&place(kind), sealed).ok()
}

/// Carried tokens rest sealed, like everything that opens something.
fn place(kind: &str) -> String {
    format!("sessions:carried:{kind}")
}

/// The token that the browser carries is used up.
pub fn put_down(ctx: &mut Ctx, session: &Session) -> Result<()> {
    ctx.state.carried = None;
    keep(session, &present(ctx))
}

/// The form that came too late is done with.
pub fn put_down_late(ctx: &Ctx, session: &Session) -> Result<()> {
    keep(session, &State { late: None, ..present(ctx) })
}

fn nobody(ctx: &Ctx) -> State {
    State { carried: ctx.state.carried.clone(), ip: ctx.caller.ip.clone(), user_agent: ctx.caller.user_agent.clone(), ..State::default() }
}

fn present(ctx: &Ctx) -> State {
    State { ip: ctx.caller.ip.clone(), user_agent: ctx.caller.user_agent.clone(), ..ctx.state.clone() }
}

fn renew(session: &Session, state: &State) -> Result<()> {
    session.renew();
    keep(session, state)
}

fn keep(session: &Session, state: &State) -> Result<()> {
    session.insert(STATE, state).map_err(|e| Error::internal(format!("session: {e}")))
}

fn device_cookie(world: &World) -> &'static str {
    if world.settings.is_https() { "__Host-device" } else { "device" }
}

/// By what an account knows this browser, if it does.
pub fn device(ctx: &Ctx, req: &HttpRequest) -> Option<String> {
    req.cookie(device_cookie(&ctx.world)).map(|c| c.value().to_owned())
}

/// Makes the browser known for as long as the account remembers it.
pub fn remember(ctx: &Ctx, mut res: HttpResponse, device: Option<String>) -> Result<HttpResponse> {
    let Some(device) = device else { return Ok(res) };
    let cookie = Cookie::build(device_cookie(&ctx.world), device)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(ctx.world.settings.is_https())
        .max_age(Duration::days(180))
        .finish();
    res.add_cookie(&cookie).map_err(|e| Error::internal(format!("cookie: {e}")))?;
    Ok(res)
}

/// Pages behind a mailed link tell nobody where they are.
pub fn quiet(mut res: HttpResponse) -> HttpResponse {
    res.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    res
}

/// What the browser kept of us goes with the session.
pub fn clear(mut res: HttpResponse) -> HttpResponse {
    res.headers_mut().insert(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""));
    res
}

/// One value out of the address, or "".
pub fn param(ctx: &Ctx, name: &str) -> String {
    url::form_urlencoded::parse(ctx.query.as_bytes()).find(|(n, _)| n == name).map(|(_, v)| v.into_owned()).unwrap_or_default()
}

/// `path?next=...`
pub fn with_next(path: &str, next: &str) -> String {
    if next.is_empty() {
        return path.to_owned();
    }
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{path}?next={next}")
}
