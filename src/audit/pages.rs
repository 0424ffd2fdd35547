//! The audit log: newest first, searched and filtered; and its export.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::Event;
use super::event_pages::{self, who};
use super::queries::EventList;
use super::undo_pages;
use crate::base::error::Result;
use crate::base::order::Order;
use crate::base::text::{count, initials};
use crate::base::times::{Times, When};
use crate::base::web::address::{Address, Files};
use crate::base::web::ctx::Ctx;
use crate::base::web::export;
use crate::base::web::page::Shell;
use crate::base::web::routes::{Routes, Who};

pub fn routes(r: &mut Routes) {
    r.get(Who::Org, "/o/{org}/audit", list);
    r.get(Who::Org, "/o/{org}/exports/audit-events", export::serve::<EventList>);
    event_pages::routes(r);
    undo_pages::routes(r);
}

/// What people do in an organization, by noun, for the filter.
const NOUNS: &[(&str, &str)] = &[
    ("organization.*", "Organization"),
    ("project.*", "Projects"),
    ("grant.*", "Access to projects"),
    ("member.*", "Members"),
    ("external.*", "People from outside"),
    ("invitation.*", "Invitations"),
    ("role.*", "Roles"),
    ("policy.*", "Sign-in policy"),
    ("audit.*", "Audit log"),
];
/// The saved views; their figures would have to be counted over a log without end.
const VIEWS: &[(&str, &str)] = &[("Everything", ""), ("Changes", "success"), ("Refused", "denied"), ("Failed", "failed")];
/// What the list says of an event; the rest is fetched when a row is opened.
struct Row {
    id: String,
    at: When,
    who: String,
    who_kind: &'static str,
    initials: String,
    actor_href: String,
    summary: String,
    outcome: String,
    via: String,
    ip: String,
}

fn row(e: Event, at: &Address, times: &Times) -> Row {
    let is_user = e.actor.kind == "user";
    let (who, who_kind) = who(&e);
    Row {
        at: times.second(e.at),
        initials: if is_user { initials(&who) } else { "?".into() },
        actor_href: if is_user { at.with("actor", &e.actor.id) } else { String::new() },
        id: e.id.to_string(),
        who,
        who_kind,
        summary: e.summary,
        outcome: e.outcome,
        via: door(&e.via).into(),
        ip: e.ip,
    }
}

/// Where it came in, in the reader's words.
fn door(via: &str) -> &str {
    match via {
        "api" => "API",
        "cli" => "command line",
        "job" => "in the background",
        other => other,
    }
}

#[derive(Template)]
#[template(path = "audit/list.html", blocks = ["results"])]
struct Page {
    shell: Shell,
    at: Address,
    rows: Vec<Row>,
    /// Whose history, and what of whom, when a filter names one by id.
    of_target: String,
    of_actor: String,
    views: Vec<(&'static str, String, bool)>,
    order: Order,
    nouns: &'static [(&'static str, &'static str)],
    /// An action that the filter names exactly and the list of nouns does not have.
    exact: String,
    files: Files,
    shown: String,
    older: String,
    newer: String,
}

async fn list(ctx: Ctx, req: HttpRequest, path: web::Path<String>) -> Result<HttpResponse> {
    let at = Address::of(&req);
    let query = EventList {
        q: at.some("q"),
        actor: at.some("actor"),
        action: at.some("action"),
        target: at.some("target"),
        outcome: at.some("outcome"),
        since: day(&ctx, at.get("since"), 0),
        until: day(&ctx, at.get("until"), 1),
        sort: at.some("sort"),
        limit: Some(at.rows()),
        cursor: at.some("cursor"),
        ..EventList::of(&path)
    };
    let order = query.order()?;
    let (shell, list) = ctx.console("Audit log", query).await?;
    let named = |id: &str, of: &dyn Fn(&Event) -> (String, String)| {
        let found = list.items.iter().map(of).find(|(i, _)| i == id).map(|(_, name)| name);
        found.unwrap_or_else(|| id.to_owned())
    };
    let page = Page {
        of_target: named(at.get("target"), &|e| (e.target.id.clone(), e.target.name.clone())),
        of_actor: named(at.get("actor"), &|e| (e.actor.id.clone(), e.actor.name.clone())),
        views: VIEWS.iter().map(|(label, value)| (*label, at.with("outcome", value), at.is("outcome", value))).collect(),
        order,
        nouns: NOUNS,
        exact: at.some("action").filter(|a| NOUNS.iter().all(|(n, _)| n != a)).unwrap_or_default(),
        files: files(&ctx, &at, &path),
        shown: count(i64::try_from(list.items.len()).unwrap_or(0), "event", "events"),
        older: at.older(list.next_cursor.as_deref()),
        newer: at.newer(),
        rows: list.items.into_iter().map(|e| row(e, &at, &shell.times)).collect(),
        shell,
        at,
    };
    ctx.html(&page, |target| (target == "events").then(|| page.as_results().render()))
}

/// A day of the filter begins at midnight where the reader is; `until` is the end of its day.
fn day(ctx: &Ctx, text: &str, later: i64) -> Option<String> {
    (!text.is_empty()).then(|| ctx.times().start_of_day(text, later))
}

/// The same events as on the page, so the same moments; what is in the file is UTC.
fn files(ctx: &Ctx, at: &Address, org: &str) -> Files {
    let files = at.files(format!("/o/{org}/exports/audit-events"), &["q", "actor", "action", "target", "outcome"]);
    let moments = [("since", 0), ("until", 1)];
    moments.into_iter().fold(files, |files, (name, later)| match day(ctx, at.get(name), later) {
        Some(moment) => files.and(name, &moment),
        None => files,
    })
}
