//! A forgotten password: asking for the mail, and setting a new one by its link.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use crate::account::browser;
use crate::account::links::{self, ForgetPassword, OpenLink, Opened, PASSWORD};
use crate::base::error::{Error, Result};
use crate::base::form::decode;
use crate::base::text::{Email, Name, Secret};
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
    link: Opened,
    name: String,
    errors: Errors,
}

impl Reset {
    fn of(ctx: &Ctx, link: Opened, name: &str, errors: Errors) -> Self {
        let title = if link.first { "Welcome to Bailiwick" } else { "Choose a new password" };
        Self { door: ctx.door(title), link, name: name.into(), errors }
    }

    fn label(&self) -> &'static str {
        if self.link.first { "Choose a password" } else { "New password" }
    }
}

fn token(ctx: &Ctx) -> Result<String> {
    browser::carried(ctx, PASSWORD).ok_or_else(|| Error::Gone("Open the link in your mail once more, or ask for a new one.".into()))
}

#[derive(serde::Deserialize)]
struct Named {
    name: Name,
}

pub async fn reset_page(ctx: Ctx) -> Result<HttpResponse> {
    let link = ctx.ask(OpenLink { kind: PASSWORD, token: token(&ctx)? }).await?;
    ctx.html(&Reset::of(&ctx, link, "", Errors::default()), |_| None).map(browser::quiet)
}

pub async fn reset(mut ctx: Ctx, session: Session, form: PageForm) -> Result<HttpResponse> {
    let token = token(&ctx)?;
    let link = ctx.ask(OpenLink { kind: PASSWORD, token: token.clone() }).await?;
    let (world, caller, password) = (ctx.world.clone(), ctx.caller.clone(), Secret::new(form.get("password")));
    let outcome = async {
        let name = if link.first { Some(decode::<Named>(form.fields())?.name) } else { None };
        ctx.blocking(move || links::reset_password(&world, &caller, token, name, &password)).await
    };
    match outcome.await {
        Ok(_) => {
            browser::put_down(&mut ctx, &session)?;
            let said = if link.first { "Opened your account. Sign in to it." } else { "Set your new password. Sign in with it." };
            ctx.done(&form, "/login", said)
        }
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            ctx.again(why, &Reset::of(&ctx, link, form.get("name"), errors), |_| None).map(browser::quiet)
        }
    }
}
