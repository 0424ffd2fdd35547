//! After signing in again: the form that came too late, for the same person to send or to discard. In a page that stayed open, the
//! word that it may go on.

use actix_session::Session;
use actix_web::HttpResponse;
use askama::Template;
use serde_json::json;

use crate::account::{browser, queries::ReadMe};
use crate::base::error::{Error, Result};
use crate::base::form::label;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::late;
use crate::base::web::page::{Flash, Shell};

/// Fields that say nothing to a person.
const UNSEEN: &[&str] = &["rev", "was", "return_to"];

struct Line {
    label: String,
    text: String,
}

#[derive(Template)]
#[template(path = "account/unsaved.html")]
struct Page {
    shell: Shell,
    action: String,
    fields: Vec<(String, String)>,
    lines: Vec<Line>,
}

/// What was typed, field by field; of what was chosen from a list, how much.
fn lines(fields: &[(String, String)]) -> Vec<Line> {
    let mut names: Vec<&str> = fields.iter().map(|(n, _)| n.as_str()).filter(|n| !UNSEEN.contains(n)).collect();
    names.dedup();
    let line = |name: &str| {
        let values: Vec<&str> = fields.iter().filter(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str()).collect();
        let chosen = values.iter().any(|v| v.len() > 26 && v.contains('_') && !v.contains(' '));
        let text = if chosen { format!("{} chosen", values.len()) } else { values.join(", ") };
        (!text.is_empty()).then(|| Line { label: label(name), text })
    };
    names.into_iter().filter_map(line).collect()
}

pub async fn page(ctx: Ctx) -> Result<HttpResponse> {
    let me = ctx.caller.actor.user().ok_or(Error::SignIn)?.id.clone();
    let Some(late) = late::waiting(&ctx, &me) else { return ctx.on_to("/", ctx.flash.clone()) };
    let (shell, _) = ctx.console("Not saved yet", ReadMe {}).await?;
    let page = Page { shell, action: late.action, lines: lines(&late.fields), fields: late.fields };
    ctx.html(&page, |_| None)
}

pub async fn discard(ctx: Ctx, session: Session, _: PageForm) -> Result<HttpResponse> {
    let me = ctx.caller.actor.user().ok_or(Error::SignIn)?.id.clone();
    let to = late::waiting(&ctx, &me).map_or("/".into(), |late| late.page);
    browser::put_down_late(&ctx, &session)?;
    ctx.on_to(ctx.local(&to, "/"), Some(Flash::done("Discarded. Nothing was changed.")))
}

/// Answers the page that stayed open under the sign-in: who is signed in now, and the token that its forms need from here on.
pub async fn signed_in(ctx: Ctx) -> Result<HttpResponse> {
    let me = ctx.caller.actor.user().ok_or(Error::SignIn)?;
    if !ctx.is_hx() {
        return ctx.on_to("/", ctx.flash.clone());
    }
    let told = json!({"console:signed-in": {"me": me.email, "csrf": ctx.csrf()}});
    Ok(HttpResponse::NoContent().insert_header(("HX-Trigger", told.to_string())).finish())
}
