//! A form that comes after its session has ended is not lost. It is known as genuine by its token, which is bound to that session, and
//! rests sealed in the browser's next session until the same person has signed in again and says whether it is to be sent now.
//! Nothing with a secret in it is kept, nothing is kept long, and nobody else is shown it.

use actix_session::SessionExt;
use actix_web::cookie::{CookieJar, Key};
use actix_web::{HttpMessage, HttpRequest};
use serde::{Deserialize, Serialize};

use super::ctx::{Ctx, reading};
use super::session::{self, STATE, State};
use crate::base::db::Ts;
use crate::base::db::sessions;
use crate::base::db::time::MINUTE;
use crate::base::error::{Error, Result};
use crate::base::form::Form;
use crate::base::ids::UserId;
use crate::base::keys::digest;

/// Where it waits.
pub const WAITS: &str = "/unsaved";
const MOST: usize = 32 * 1024;
const KEPT: i64 = 30 * MINUTE;
const PLACE: &str = "sessions:late";
/// A form with a field of such a name is not kept.
const SECRETS: &[&str] = &["password", "current", "code", "secret", "token"];
/// Made anew for whoever sends it again.
const RENEWED: &[&str] = &["csrf", "preview"];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    pub user: UserId,
    at: Ts,
    pub action: String,
    /// The page that the form stood on.
    pub page: String,
    pub fields: Vec<(String, String)>,
}

/// Marks a request whose form waits.
struct Kept;

/// Whether this form was made for a session of this browser that has ended since. From a page of its own it is kept; to htmx the
/// answer alone is enough, for its page is still there with everything in it.
pub async fn is_late(req: &HttpRequest, ctx: &Ctx, form: &Form, token: &str) -> Result<bool> {
    let Some(hash) = key(req, ctx).filter(|_| ctx.state.id.is_none()) else { return Ok(false) };
    let Some((id, user)) = reading(&ctx.world, true, move |c| sessions::of_person(c, &hash)).await? else { return Ok(false) };
    if !ctx.world.keys.masked_tag_matches("csrf", id.as_ref(), token) {
        return Ok(false);
    }
    let fields: Vec<(String, String)> = form.0.iter().filter(|(n, _)| !RENEWED.contains(&n.as_str())).cloned().collect();
    let size: usize = fields.iter().map(|(n, v)| n.len() + v.len()).sum();
    let secret = fields.iter().any(|(name, _)| SECRETS.iter().any(|s| name.contains(s)));
    if req.headers().contains_key("hx-request") || secret || size > MOST {
        return Ok(true);
    }
    let late = Late { user, at: ctx.world.now(), action: req.uri().path().to_owned(), page: super::answers::page_of_form(req), fields };
    let sealed = ctx.world.seal(PLACE, &serde_json::to_string(&late)?)?;
    let state = State { late: Some(sealed), ip: ctx.caller.ip.clone(), user_agent: ctx.caller.user_agent.clone(), ..ctx.state.clone() };
    req.get_session().insert(STATE, state).map_err(|e| Error::internal(format!("session: {e}")))?;
    req.extensions_mut().insert(Kept);
    Ok(true)
}

pub fn is_kept(req: &HttpRequest) -> bool {
    req.extensions().get::<Kept>().is_some()
}

/// The key that the browser's cookie holds, whether its session is there or not.
fn key(req: &HttpRequest, ctx: &Ctx) -> Option<String> {
    let name = session::cookie(&ctx.world);
    let mut jar = CookieJar::new();
    jar.add_original(req.cookie(name)?);
    let cookie = jar.signed(&Key::from(&ctx.world.keys.cookie_key())).get(name)?;
    Some(digest(cookie.value()))
}

/// What waits for this person in this browser.
pub fn waiting(ctx: &Ctx, user: &UserId) -> Option<Late> {
    let text = ctx.world.keys.open(PLACE, ctx.state.late.as_ref()?).ok()?;
    let late: Late = serde_json::from_str(&text).ok()?;
    (late.user == *user && late.at.plus(KEPT) > ctx.world.now()).then_some(late)
}
