//! Confirming an address by the link that was mailed to it.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use crate::account::browser;
use crate::account::links::{ConfirmEmail, EMAIL, OpenLink};
use crate::base::error::{Error, Result};
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::Door;

pub async fn link(ctx: Ctx, session: Session, token: Path<String>) -> Result<HttpResponse> {
    browser::carry(&ctx, &session, EMAIL, &token)?;
    ctx.on_to("/email/confirm", None).map(browser::quiet)
}

#[derive(Template)]
#[template(path = "account/confirm_email.html")]
struct Confirm {
    door: Door,
    email: String,
}

fn token(ctx: &Ctx) -> Result<String> {
    browser::carried(ctx, EMAIL).ok_or_else(|| Error::Gone("Open the link in your mail once more, or have a new one sent from your profile.".into()))
}

pub async fn page(ctx: Ctx) -> Result<HttpResponse> {
    let email = ctx.ask(OpenLink { kind: EMAIL, token: token(&ctx)? }).await?.email;
    ctx.html(&Confirm { door: ctx.door("Confirm your address"), email }, |_| None).map(browser::quiet)
}

pub async fn confirm(mut ctx: Ctx, session: Session, form: PageForm) -> Result<HttpResponse> {
    let email = ctx.run(ConfirmEmail { token: token(&ctx)? }).await?;
    browser::put_down(&mut ctx, &session)?;
    let to = if ctx.caller.actor.user().is_some() { "/me" } else { "/login" };
    ctx.done(&form, to, format!("Confirmed {email}"))
}
