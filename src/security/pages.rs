//! Two-factor sign-in for everybody: what is so now, whom a change would touch, by name, and the change.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::PolicyRecord;
use super::commands::SetPolicy;
use super::queries::CurrentPolicy;
use crate::access::{Mfa, Policy, Ref};
use crate::base::error::{Error, Result};
use crate::base::web::address::Address;
use crate::base::web::confirm::Effect;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::Shell;
use crate::base::web::routes::{Routes, Who};

pub fn routes(r: &mut Routes) {
    r.get(Who::Org, "/o/{org}/security", show);
    r.post(Who::Org, "/o/{org}/security", set);
}

#[derive(Template)]
#[template(path = "security/page.html")]
struct Page {
    shell: Shell,
    href: String,
    now: PolicyRecord,
    is_on: bool,
    /// What is looked at: another policy than the present one, with what it would do.
    change: Option<Change>,
    tag: &'static str,
    said: String,
}

struct Change {
    mfa: &'static str,
    externals: bool,
    title: String,
    label: &'static str,
    effect: Effect,
    danger: bool,
}

fn word(mfa: Mfa) -> &'static str {
    if mfa == Mfa::Off { "off" } else { "enrolled" }
}

async fn show(ctx: Ctx, req: HttpRequest, path: web::Path<String>) -> Result<HttpResponse> {
    let at = Address::of(&req);
    let (shell, now) = ctx.console("Security", CurrentPolicy { org: Ref::new(&*path) }).await?;
    // Without a word about it, a switch that is off is looked at as on; one that is on is left alone.
    let mfa = if at.is("mfa", "off") { Mfa::Off } else { Mfa::Enrolled };
    let mfa_externals = if at.is("mfa_externals", "") { now.mfa_externals } else { at.is("mfa_externals", "true") };
    page(&ctx, &path, shell, now, Policy { mfa, mfa_externals }, None).await
}

async fn page(ctx: &Ctx, org: &str, shell: Shell, now: PolicyRecord, wanted: Policy, said: Option<Error>) -> Result<HttpResponse> {
    let (mut status, mut words, mut known) = (200, String::new(), None);
    match said {
        None => {}
        Some(Error::PreviewStale(impact)) => {
            (status, words) = (412, "Things changed since you looked. This is what it would do now.".into());
            known = Some(*impact);
        }
        Some(e @ (Error::Conflict(_) | Error::Stale { .. })) => (status, words) = (e.status(), e.message()),
        Some(other) => return Err(other),
    }
    let mut change = None;
    if wanted != now.policy() {
        let command = SetPolicy { org: Ref::new(org), mfa: wanted.mfa, mfa_externals: wanted.mfa_externals };
        let seen = match known {
            Some(impact) => Ok(impact),
            None => ctx.preview(command).await,
        };
        match seen {
            Ok(impact) => {
                change = Some(told(&now, &wanted, Effect::of(&impact, ctx.world.now()), impact.must_enrol.count + impact.must_verify.count))
            }
            Err(Error::Conflict(why)) => words = why,
            Err(other) => return Err(other),
        }
    }
    let tag = if change.is_some() { "Not applied yet" } else { "" };
    let page = Page { shell, tag, href: format!("/o/{org}/security"), is_on: now.mfa != Mfa::Off, now, change, said: words };
    ctx.html_as(status, &page, |_| None)
}

fn told(now: &PolicyRecord, wanted: &Policy, effect: Effect, stopped: i64) -> Change {
    let people = crate::base::text::count(stopped, "person", "people");
    let (title, label, danger) = match (now.mfa, wanted.mfa) {
        (Mfa::Off, Mfa::Off) => ("Nothing changes while two-factor sign-in is off".to_owned(), "Save", false),
        (_, Mfa::Off) => ("Turning this off lets everybody in with their password alone".to_owned(), "Turn off now", true),
        (Mfa::Off, _) if stopped == 0 => ("Turning this on stops nobody: all have signed in with a second factor".to_owned(), "Turn on now", false),
        (Mfa::Off, _) => (format!("Turning this on stops {people} until they have proved a second factor"), "Turn on now", false),
        _ if wanted.mfa_externals => {
            (format!("Including people from outside stops {people} until they have proved a second factor"), "Include them", false)
        }
        _ => ("People from outside get in with their password alone".to_owned(), "Leave them out", true),
    };
    Change { mfa: word(wanted.mfa), externals: wanted.mfa_externals, title, label, effect, danger }
}

async fn set(ctx: Ctx, path: web::Path<String>, form: PageForm) -> Result<HttpResponse> {
    let href = format!("/o/{}/security", *path);
    let command: SetPolicy = form.command(&[("org", &path)])?;
    let wanted = Policy { mfa: command.mfa, mfa_externals: command.mfa_externals };
    match ctx.run_from(&form, command).await {
        Ok(now) => {
            let text = if now.mfa == Mfa::Off { "Turned off two-factor sign-in for everybody" } else { "Required two-factor sign-in" };
            ctx.done(&form, &href, text)
        }
        Err(e) => {
            let (shell, now) = ctx.console("Security", CurrentPolicy { org: Ref::new(&*path) }).await?;
            page(&ctx, &path, shell, now, wanted, Some(e)).await
        }
    }
}
