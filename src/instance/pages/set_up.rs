//! `/setup`: the first person makes the first organization, by the link that the server printed when it started.

use actix_session::Session;
use actix_web::HttpResponse;
use askama::Template;

use crate::account::browser::{self, param};
use crate::account::links::{OpenLink, SETUP};
use crate::base::error::{Error, Result};
use crate::base::form::Form;
use crate::base::web::again::Again;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Door, Errors, Flash};
use crate::instance::setup::{self, First};

#[derive(Template)]
#[template(path = "instance/set_up.html")]
struct SetUp {
    door: Door,
    /// The browser came with a link that holds.
    open: bool,
    /// It came with one that does not hold any more.
    stale: bool,
    org: String,
    name: String,
    email: String,
    errors: Errors,
}

impl SetUp {
    fn of(ctx: &Ctx, open: bool, typed: &Form, errors: Errors) -> Self {
        let stale = !open && browser::carried(ctx, SETUP).is_some();
        let typed = |field: &str| typed.get(field).to_owned();
        Self { door: ctx.door("Set up Bailiwick"), open, stale, org: typed("org"), name: typed("name"), email: typed("email"), errors }
    }
}

/// The set-up link that the browser carries, if it holds.
async fn token(ctx: &Ctx) -> Result<Option<String>> {
    let Some(token) = browser::carried(ctx, SETUP) else { return Ok(None) };
    match ctx.ask(OpenLink { kind: SETUP, token: token.clone() }).await {
        Ok(_) => Ok(Some(token)),
        Err(Error::Gone(_)) => Ok(None),
        Err(e) => Err(e),
    }
}

pub async fn page(ctx: Ctx, session: Session) -> Result<HttpResponse> {
    let given = param(&ctx, "token");
    if !given.is_empty() {
        browser::carry(&ctx, &session, SETUP, &given)?;
        return ctx.on_to("/setup", None).map(browser::quiet);
    }
    let world = ctx.world.clone();
    if !ctx.blocking(move || setup::is_open(&world)).await? {
        let done = Flash::done("This installation has been set up already. Sign in, or ask its operators for an invitation.");
        return ctx.on_to("/", ctx.flash.clone().or(Some(done)));
    }
    let open = token(&ctx).await?.is_some();
    ctx.html(&SetUp::of(&ctx, open, &Form::default(), Errors::default()), |_| None).map(browser::quiet)
}

pub async fn set_up(mut ctx: Ctx, session: Session, form: PageForm) -> Result<HttpResponse> {
    let Some(token) = token(&ctx).await? else {
        return Err(Error::Gone("This set-up link is not valid any more. Restart the server: it prints a new one.".into()));
    };
    let outcome = async {
        let first: First = form.command(&[])?;
        let (world, caller) = (ctx.world.clone(), ctx.caller.clone());
        ctx.blocking(move || setup::set_up(&world, &caller, first, Some(&token))).await
    };
    match outcome.await {
        Ok(done) => {
            browser::put_down(&mut ctx, &session)?;
            browser::enter(&ctx, &session, done.user_id, false)?;
            ctx.on_to(&format!("/o/{}", done.org_slug), Some(Flash::done(format!("Created {}", done.org_name))))
        }
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            ctx.again(why, &SetUp::of(&ctx, true, &form, errors), |_| None).map(browser::quiet)
        }
    }
}
