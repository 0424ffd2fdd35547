//! The audit log: newest first, searched and filtered, each event with what was before and after; and its export.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::Value;

use super::Event;
use super::queries::{EventList, EventTable};
use super::undo_pages;
use crate::base::error::Result;
use crate::base::form::label;
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
/// Fields that change with every change and say nothing.
const NOISE: &[&str] = &["rev", "updated_at", "created_at"];
/// Longer values are cut on the page; the export has them whole.
const LONGEST: usize = 300;

struct Row {
    id: String,
    at: When,
    who: String,
    who_kind: &'static str,
    initials: String,
    actor_href: String,
    summary: String,
    action: String,
    target: String,
    target_href: String,
    via: String,
    ip: String,
    outcome: String,
    request_id: String,
    /// The way to take it back, for who may.
    undo_href: String,
    changes: Vec<(String, String, String)>,
}

/// What differs between before and after, field by field.
fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<(String, String, String)> {
    let (before, after) = (parts(before), parts(after));
    let mut names: Vec<&String> = before.iter().chain(after.iter()).map(|(n, _)| n).collect();
    let mut known: Vec<&String> = Vec::new();
    names.retain(|n| {
        !known.contains(n) && !NOISE.contains(&n.as_str()) && {
            known.push(n);
            true
        }
    });
    let value = |of: &[(String, String)], name: &str| of.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    names.into_iter().map(|n| (label(n), value(&before, n), value(&after, n))).filter(|(_, b, a)| b != a).take(40).collect()
}

fn parts(value: Option<&Value>) -> Vec<(String, String)> {
    match value {
        None => Vec::new(),
        Some(Value::Object(fields)) => fields.iter().map(|(n, v)| (n.clone(), shown(v))).collect(),
        Some(other) => vec![("value".to_owned(), shown(other))],
    }
}

/// A value as a person reads it: of a list or a record what names it.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        Value::Bool(b) => if *b { "yes" } else { "no" }.to_owned(),
        Value::Number(n) => n.to_string(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => match ["name", "email", "key", "id"].iter().find_map(|n| fields.get(*n).and_then(Value::as_str)) {
            Some(name) => name.to_owned(),
            None => fields.iter().map(|(n, v)| format!("{}: {}", label(n), shown(v))).collect::<Vec<_>>().join(", "),
        },
    };
    if text.chars().count() <= LONGEST { text } else { format!("{}…", text.chars().take(LONGEST).collect::<String>()) }
}

fn row(e: Event, at: &Address, times: &Times, undoable: &BTreeSet<String>) -> Row {
    let is_user = e.actor.kind == "user";
    let (who, who_kind) = match e.actor.kind.as_str() {
        "cli" => ("Command line".to_owned(), "service-account"),
        "system" => ("Bailiwick".to_owned(), "service-account"),
        _ if e.actor.name.is_empty() => ("Nobody signed in".to_owned(), "member"),
        _ => (e.actor.name.clone(), "member"),
    };
    Row {
        id: e.id.to_string(),
        at: times.second(e.at),
        initials: if is_user { initials(&who) } else { "?".into() },
        actor_href: if is_user { at.with("actor", &e.actor.id) } else { String::new() },
        target_href: if e.target.id.is_empty() { String::new() } else { format!("{}?target={}", at.path(), e.target.id) },
        target: format!("{} {}", label(&e.target.kind), e.target.name),
        changes: changes(e.before.as_ref(), e.after.as_ref()),
        who,
        who_kind,
        summary: e.summary,
        action: e.action,
        via: e.via,
        ip: e.ip,
        outcome: e.outcome,
        request_id: e.request_id,
        undo_href: if undoable.contains(e.id.as_ref()) { at.returning(&format!("{}/{}/undo", at.path(), e.id)) } else { String::new() },
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
    let (shell, (list, undoable)) = ctx.console("Audit log", EventTable { list: query }).await?;
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
        rows: list.items.into_iter().map(|e| row(e, &at, &shell.times, &undoable)).collect(),
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

#[cfg(test)]
mod tests {
    use super::changes;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_shown() {
        let before = json!({"name": "Atlas", "rev": 1, "roles": [{"id": "r1", "name": "Data"}], "mfa": false});
        let after = json!({"name": "Atlas", "rev": 2, "roles": [], "mfa": true});
        let told = changes(Some(&before), Some(&after));
        assert_eq!(told, [("Mfa".into(), "no".into(), "yes".into()), ("Roles".into(), "Data".into(), String::new())]);
        assert_eq!(changes(None, Some(&json!({"name": "Atlas"}))), [("Name".into(), String::new(), "Atlas".into())]);
    }
}
