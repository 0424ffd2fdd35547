//! `/me`: name, preferences, address, password.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use askama::Template;

use crate::account::Me;
use crate::account::commands::UpdateMe;
use crate::account::links::SendConfirmation;
use crate::account::queries::ReadMe;
use crate::account::reauth;
use crate::base::error::{Error, Result};
use crate::base::form::decode;
use crate::base::preferences::{Theme, Zone};
use crate::base::text::{Email, Secret};
use crate::base::web::again::Again;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Errors, Shell};

#[derive(Template)]
#[template(path = "account/profile.html")]
struct Profile {
    shell: Shell,
    me: Me,
    /// What was typed, when it was not taken.
    name: String,
    new_email: String,
    zones: BTreeMap<String, Vec<String>>,
    /// Which of the forms the errors belong to.
    failed: &'static str,
    errors: Errors,
}

impl Profile {
    async fn of(ctx: &Ctx) -> Result<Self> {
        let (shell, me) = ctx.console("Your account", ReadMe {}).await?;
        let name = me.name.clone();
        Ok(Self { shell, me, name, new_email: String::new(), zones: Zone::offered(), failed: "", errors: Errors::default() })
    }

    /// It may be one that is understood but not offered.
    fn is_offered(&self) -> bool {
        let zone = self.me.time_zone.as_str();
        zone == "UTC" || self.zones.values().flatten().any(|z| z == zone)
    }
}

pub async fn page(ctx: Ctx) -> Result<HttpResponse> {
    ctx.html(&Profile::of(&ctx).await?, |_| None)
}

/// The page once more, with one form's errors and what was typed into it.
async fn again(ctx: &Ctx, form: &PageForm, failed: &'static str, error: Error) -> Result<HttpResponse> {
    let (why, errors) = Again::of(error)?;
    let mut page = Profile { failed, errors, ..Profile::of(ctx).await? };
    match failed {
        "name" => page.name = form.get("name").into(),
        "preferences" => {
            page.me.theme = Theme::known(form.get("theme"));
            page.me.shortcuts = form.all("shortcuts").iter().any(|on| on == "true");
        }
        "email" => page.new_email = form.get("email").into(),
        _ => {}
    }
    ctx.again(why, &page, |_| None)
}

pub async fn save(ctx: Ctx, form: PageForm) -> Result<HttpResponse> {
    let outcome = async { ctx.run_from(&form, form.command::<UpdateMe>(&[])?).await };
    let (which, said) = if form.has("name") { ("name", "Saved your profile") } else { ("preferences", "Saved your preferences") };
    match outcome.await {
        // The switch in the menu: the page shows it already. A form on it that carries the revision goes on with the new one.
        Ok(me) if ctx.is_hx() => {
            Ok(HttpResponse::NoContent().insert_header(("HX-Trigger", format!("{{\"console:me\":{{\"rev\":{}}}}}", me.rev))).finish())
        }
        Ok(_) => ctx.done(&form, "/me", said),
        Err(e) => again(&ctx, &form, which, e).await,
    }
}

#[derive(serde::Deserialize)]
struct Address {
    email: Email,
}

pub async fn change_email(ctx: Ctx, form: PageForm) -> Result<HttpResponse> {
    let outcome = async {
        let Address { email } = decode(form.fields())?;
        ctx.run(SendConfirmation { email: Some(email) }).await
    };
    match outcome.await {
        Ok(to) => ctx.done(&form, "/me", format!("Sent a mail to {to}. Your address changes when you open the link in it.")),
        Err(e) => again(&ctx, &form, "email", e).await,
    }
}

pub async fn send_confirmation(ctx: Ctx, form: PageForm) -> Result<HttpResponse> {
    match ctx.run(SendConfirmation { email: None }).await {
        Ok(to) => ctx.done(&form, "/me", format!("Sent a mail to {to}. Open the link in it to confirm the address.")),
        Err(e) => again(&ctx, &form, "email", e).await,
    }
}

pub async fn change_password(ctx: Ctx, form: PageForm) -> Result<HttpResponse> {
    let (world, caller) = (ctx.world.clone(), ctx.caller.clone());
    let (current, new) = (Secret::new(form.get("current")), Secret::new(form.get("password")));
    match ctx.blocking(move || reauth::change_password(&world, &caller, &current, &new)).await {
        Ok(()) => ctx.done(&form, "/me", "Changed your password. Your other sessions have ended."),
        Err(e) => again(&ctx, &form, "password", e).await,
    }
}
