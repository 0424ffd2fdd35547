//! A forgotten password: asking for the mail, and setting a new one by its link.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use crate::account::browser;
use crate::account::links::{self, ForgetPassword, OpenLink, PASSWORD};
use crate::base::error::{Error, Result};
use crate::base::form::decode;
use crate::base::text::{Email, Secret};
use crate::base::web::again::Again;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Door, Errors};

#[derive(Template)]
#[template(path = "account/forgotten.html")]
struct Forgotten {
    door: Door,
    email: String,
    errors: Errors,
}

pub async fn forgotten_page(ctx: Ctx) -> Result<HttpResponse> {
    ctx.html(&Forgotten { door: ctx.door("Set a new password"), email: String::new(), errors: Errors::default() }, |_| None)
}

#[derive(serde::Deserialize)]
struct Address {
    email: Email,
}

pub async fn forgotten(ctx: Ctx, form: PageForm) -> Result<HttpResponse> {
    let outcome = async {
        let Address { email } = decode(form.fields())?;
        ctx.run(ForgetPassword { email }).await
    };
    match outcome.await {
        Ok(()) => ctx.done(&form, "/login", "Sent a link to that address, if it belongs to an account. It works for 30 minutes."),
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            let page = Forgotten { door: ctx.door("Set a new password"), email: form.get("email").into(), errors };
            ctx.again(why, &page, |_| None)
        }
    }
}

pub async fn link(ctx: Ctx, session: Session, token: Path<String>) -> Result<HttpResponse> {
    browser::carry(&ctx, &session, PASSWORD, &token)?;
    ctx.on_to("/password/reset", None).map(browser::quiet)
}

#[derive(Template)]
#[template(path = "account/reset.html")]
struct Reset {
    door: Door,
    email: String,
    errors: Errors,
}

fn token(ctx: &Ctx) -> Result<String> {
    browser::carried(ctx, PASSWORD).ok_or_else(|| Error::Gone("Open the link in your mail once more, or ask for a new one.".into()))
}

pub async fn reset_page(ctx: Ctx) -> Result<HttpResponse> {
    let email = ctx.ask(OpenLink { kind: PASSWORD, token: token(&ctx)? }).await?;
    ctx.html(&Reset { door: ctx.door("Choose a new password"), email, errors: Errors::default() }, |_| None).map(browser::quiet)
}

pub async fn reset(mut ctx: Ctx, session: Session, form: PageForm) -> Result<HttpResponse> {
    let token = token(&ctx)?;
    let email = ctx.ask(OpenLink { kind: PASSWORD, token: token.clone() }).await?;
    let (world, caller, password) = (ctx.world.clone(), ctx.caller.clone(), Secret::new(form.get("password")));
    match ctx.blocking(move || links::reset_password(&world, &caller, token, &password)).await {
        Ok(_) => {
            browser::put_down(&mut ctx, &session)?;
            ctx.done(&form, "/login", "Set your new password. Sign in with it.")
        }
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            ctx.again(why, &Reset { door: ctx.door("Choose a new password"), email, errors }, |_| None).map(browser::quiet)
        }
    }
}
