//! Signing in and out, and proving again that it is oneself.

use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::account::browser::{self, param, with_next};
use crate::account::commands::SignOut;
use crate::account::sign_in::{Attempt, VerifyCode, with_password};
use crate::account::{queries::ReadMe, reauth};
use crate::base::error::{Error, Result};
use crate::base::ids::UserId;
use crate::base::text::{Secret, count};
use crate::base::tx::Proof;
use crate::base::web::again::Again;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Door, Errors, Flash};

#[derive(Template)]
#[template(path = "account/sign_in.html")]
struct SignIn {
    door: Door,
    next: String,
    email: String,
    errors: Errors,
}

/// The same over a page that is open and stays as it is.
#[derive(Template)]
#[template(path = "account/again.html")]
struct OverPage<'a> {
    action: &'static str,
    csrf: String,
    code: bool,
    email: &'a str,
    errors: &'a Errors,
}

fn over_a_page(ctx: &Ctx, target: &str, code: bool, email: &str, errors: &Errors) -> Option<askama::Result<String>> {
    let action = if code { "/login/code" } else { "/login" };
    (target == "again-body").then(|| OverPage { action, csrf: ctx.csrf(), code, email, errors }.render())
}

pub async fn page(ctx: Ctx) -> Result<HttpResponse> {
    let next = param(&ctx, "next");
    if ctx.caller.actor.user().is_some() {
        return ctx.on_to(ctx.local(&next, "/"), ctx.flash.clone());
    }
    let page = SignIn { door: ctx.door("Sign in"), next, email: String::new(), errors: Errors::default() };
    ctx.html(&page, |target| over_a_page(&ctx, target, false, "", &page.errors))
}

pub async fn password(ctx: Ctx, session: Session, req: HttpRequest, form: PageForm) -> Result<HttpResponse> {
    let attempt = Attempt { email: form.get("email").to_owned(), password: Secret::new(form.get("password")), device: browser::device(&ctx, &req) };
    let (world, caller) = (ctx.world.clone(), ctx.caller.clone());
    let next = form.get("next");
    match ctx.blocking(move || with_password(&world, &caller, &attempt)).await {
        Ok(known) if known.needs_code => {
            browser::enter_half(&ctx, &session, known.user_id)?;
            ctx.on_to(&with_next("/login/code", next), None)
        }
        Ok(known) => {
            browser::enter(&ctx, &session, known.user_id, false)?;
            browser::remember(&ctx, ctx.on_to(ctx.local(next, "/"), None)?, known.device)
        }
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            let page = SignIn { door: ctx.door("Sign in"), next: next.into(), email: form.get("email").into(), errors };
            ctx.again(why, &page, |target| over_a_page(&ctx, target, false, &page.email, &page.errors))
        }
    }
}

#[derive(Template)]
#[template(path = "account/code.html")]
struct Code {
    door: Door,
    next: String,
    /// A recovery code instead of one of the authenticator.
    recovery: bool,
    errors: Errors,
}

/// Whose code is asked for: of the person whose password was right, or of one who signed in without a code.
fn whose(ctx: &Ctx) -> Option<(UserId, bool)> {
    match ctx.caller.actor.user() {
        Some(me) => (me.mfa_enrolled && matches!(me.proof, Proof::Session { mfa_at: None, .. })).then(|| (me.id.clone(), false)),
        None => browser::half(ctx).map(|user| (user, true)),
    }
}

pub async fn code_page(ctx: Ctx) -> Result<HttpResponse> {
    let next = param(&ctx, "next");
    if whose(&ctx).is_none() {
        return ctx.on_to(&with_next("/login", &next), None);
    }
    let recovery = !param(&ctx, "recovery").is_empty();
    let page = Code { door: ctx.door("Enter your code"), next, recovery, errors: Errors::default() };
    ctx.html(&page, |target| over_a_page(&ctx, target, true, "", &page.errors))
}

pub async fn code(ctx: Ctx, session: Session, req: HttpRequest, form: PageForm) -> Result<HttpResponse> {
    let next = form.get("next");
    let Some((user, signs_in)) = whose(&ctx) else {
        let flash = Flash::problem("That took too long. Enter your password once more.");
        return ctx.on_to(&with_next("/login", next), Some(flash));
    };
    let command = VerifyCode { user: user.clone(), code: Secret::new(form.get("code")), device: browser::device(&ctx, &req), signs_in };
    match ctx.run(command).await {
        Ok(verified) => {
            if signs_in {
                browser::enter(&ctx, &session, user, true)?;
            } else {
                browser::proved(&ctx, &session, None, Some(ctx.world.now()))?;
            }
            let flash =
                verified.recovery_codes_left.map(|left| Flash::done(format!("Used a recovery code. {} left.", count(left, "code is", "codes are"))));
            browser::remember(&ctx, ctx.on_to(ctx.local(next, "/"), flash)?, verified.device)
        }
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            let page = Code { door: ctx.door("Enter your code"), next: next.into(), recovery: form.has("recovery"), errors };
            ctx.again(why, &page, |target| over_a_page(&ctx, target, true, "", &page.errors))
        }
    }
}

pub async fn out(ctx: Ctx, session: Session, form: PageForm) -> Result<HttpResponse> {
    if ctx.caller.actor.user().is_some() {
        ctx.run(SignOut).await?;
    }
    let flash = Flash::done("Signed out");
    // Whoever signs out to take up an invitation as somebody else goes on with it.
    if form.get("next") == "/invitation" {
        browser::leave_with_carried(&ctx, &session)?;
        return ctx.on_to("/invitation", Some(flash)).map(browser::clear);
    }
    session.purge();
    ctx.on_to("/login", Some(flash)).map(browser::clear)
}

#[derive(Template)]
#[template(path = "account/reauthenticate.html")]
struct Reauthenticate {
    door: Door,
    email: String,
    mfa: bool,
    next: String,
    errors: Errors,
}

const THAT_IT_IS_YOU: &str = "Confirm that it is you";

pub async fn again_page(ctx: Ctx) -> Result<HttpResponse> {
    let me = ctx.ask(ReadMe {}).await?;
    let page = Reauthenticate { door: ctx.door(THAT_IT_IS_YOU), email: me.email, mfa: me.mfa, next: param(&ctx, "next"), errors: Errors::default() };
    ctx.html(&page, |_| None)
}

pub async fn again(ctx: Ctx, session: Session, form: PageForm) -> Result<HttpResponse> {
    let me = ctx.caller.actor.user().cloned().ok_or(Error::SignIn)?;
    let (world, caller) = (ctx.world.clone(), ctx.caller.clone());
    let (password, code) = (Secret::new(form.get("password")), Secret::new(form.get("code")));
    match ctx.blocking(move || reauth::prove(&world, &caller, &password, &code)).await {
        Ok(by_code) => {
            let now = ctx.world.now();
            browser::proved(&ctx, &session, Some(now), by_code.then_some(now))?;
            ctx.on_to(ctx.local(form.get("next"), "/"), None)
        }
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            let (door, mfa) = (ctx.door(THAT_IT_IS_YOU), me.mfa_enrolled);
            ctx.again(why, &Reauthenticate { door, email: me.email, mfa, next: form.get("next").into(), errors }, |_| None)
        }
    }
}
