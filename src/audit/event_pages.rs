//! One event: what was before and after, whose history it belongs to, and the way to take it back. In the list as much as on a page of its own.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::Value;

use super::Event;
use super::queries::EventDetail;
use crate::access::Ref;
use crate::base::error::Result;
use crate::base::form::label;
use crate::base::times::When;
use crate::base::web::address::Address;
use crate::base::web::ctx::Ctx;
use crate::base::web::page::Shell;
use crate::base::web::routes::{Routes, Who};

/// Fields that change with every change and say nothing.
const NOISE: &[&str] = &["rev", "updated_at", "created_at"];
/// Longer values are cut on the page; the export has them whole.
const LONGEST: usize = 300;

pub fn routes(r: &mut Routes) {
    r.get(Who::Org, "/o/{org}/audit/{event}", show);
}

/// What is said of an event where it is opened.
struct Told {
    e: Event,
    target: String,
    target_href: String,
    /// The way to take it back, for who may.
    undo_href: String,
    changes: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "audit/event.html")]
struct Page<'a> {
    shell: Shell,
    back: String,
    who: String,
    at: When,
    told: &'a Told,
}

#[derive(Template)]
#[template(path = "audit/_event.html")]
struct InTheList<'a> {
    told: &'a Told,
}

async fn show(ctx: Ctx, req: HttpRequest, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let log = format!("/o/{}/audit", path.0);
    let (mut shell, (e, undoable)) = ctx.console("Event", EventDetail { org: Ref::new(&path.0), event: Ref::new(&path.1) }).await?;
    shell.title.clone_from(&e.summary);
    let told = Told {
        target: format!("{} {}", label(&e.target.kind), e.target.name),
        target_href: if e.target.id.is_empty() { String::new() } else { format!("{log}?target={}", e.target.id) },
        undo_href: if undoable { format!("{log}/{}/undo", e.id) } else { String::new() },
        changes: changes(e.before.as_ref(), e.after.as_ref()),
        e,
    };
    let page = Page { back: Address::of(&req).back(&log), who: who(&told.e).0, at: shell.times.second(told.e.at), shell, told: &told };
    ctx.html(&page, |target| (target == "fetched").then(|| InTheList { told: &told }.render()))
}

/// Who did it, and as what kind of account that is shown.
pub fn who(e: &Event) -> (String, &'static str) {
    match e.actor.kind.as_str() {
        "cli" => ("Command line".to_owned(), "service-account"),
        "system" => ("Bailiwick".to_owned(), "service-account"),
        _ if e.actor.name.is_empty() => ("Nobody signed in".to_owned(), "member"),
        _ => (e.actor.name.clone(), "member"),
    }
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
