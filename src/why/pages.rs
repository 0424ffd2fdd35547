//! The page that answers why: who and where, what they may do there, through what, and what would remain without some of it.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::queries::{Answer, WhyPage};
use super::{Explanation, Given, Way};
use crate::access::Ref;
use crate::base::error::{Error, Result};
use crate::base::text::count;
use crate::base::times::When;
use crate::base::web::address::Address;
use crate::base::web::ctx::Ctx;
use crate::base::web::page::{Errors, Shell};
use crate::base::web::routes::{Routes, Who};

pub fn routes(r: &mut Routes) {
    r.get(Who::Org, "/o/{org}/access", page);
}

#[derive(Template)]
#[template(path = "why/page.html", blocks = ["results"])]
struct Page {
    shell: Shell,
    at: Address,
    /// As it was typed, or the address of whoever was meant.
    person: String,
    errors: Errors,
    projects: Vec<(String, String)>,
    /// Name, address, and the page about them.
    candidates: Vec<(String, String, String)>,
    told: Option<Told>,
}

/// An explanation in words.
struct Told {
    finding: String,
    more: String,
    permissions: Vec<Permission>,
    rows: Vec<Row>,
    fewest: Vec<(String, String)>,
    /// Whether something is left out.
    tried: bool,
}

struct Permission {
    key: &'static str,
    description: &'static str,
    sensitive: bool,
    through: Vec<String>,
    left: bool,
}

struct Row {
    id: String,
    what: String,
    href: String,
    by: String,
    since: When,
    until: Option<When>,
    out: bool,
}

async fn page(ctx: Ctx, req: HttpRequest, path: web::Path<String>) -> Result<HttpResponse> {
    let at = Address::of(&req);
    let without: BTreeSet<String> = at.all("id").map(str::to_owned).collect();
    let query = WhyPage {
        org: Ref::new(path.as_str()),
        person: at.get("person").to_owned(),
        project: at.get("project").to_owned(),
        without: without.clone(),
    };
    let (shell, answer) = ctx.console("Why", query).await?;
    let status = if answer.unknown.is_empty() { 200 } else { Error::Invalid(Vec::new()).status() };
    let base = format!("/o/{}", path.as_str());
    let told = answer.explanation.as_ref().map(|why| told(why, &answer, &without, &shell, &base));
    let candidates = answer.candidates.iter().map(|(name, email)| (name.clone(), email.clone(), at.with("person", email))).collect();
    let person = answer.explanation.as_ref().map_or_else(|| at.get("person").to_owned(), |why| why.subject.email.clone());
    let page = Page { shell, person, errors: Errors(answer.unknown), projects: answer.projects, candidates, told, at };
    ctx.html_as(status, &page, |target| (target == "why").then(|| page.as_results().render()))
}

fn told(why: &Explanation, answer: &Answer, without: &BTreeSet<String>, shell: &Shell, base: &str) -> Told {
    let mut given: Vec<&Given> = Vec::new();
    for step in why.ways.iter().flat_map(|way| &way.steps) {
        if !given.iter().any(|g| g.id == step.id) {
            given.push(step);
        }
    }
    let row = |g: &&Given| Row {
        id: g.id.clone(),
        what: what(why, g),
        href: href(why, g, base),
        by: by(g),
        since: shell.times.ago(g.valid_from),
        until: g.valid_to.map(|end| shell.times.ago(end)),
        out: without.contains(&g.id),
    };
    let permission = |p: &super::Explained| Permission {
        key: p.key,
        description: p.description,
        sensitive: p.sensitive,
        through: p.ways.iter().filter_map(|at| why.ways.get(*at)).map(through).collect(),
        left: answer.left_permissions.iter().any(|left| left.key == p.key),
    };
    let tried = given.iter().any(|g| without.contains(&g.id));
    Told {
        finding: finding(why),
        more: more(why, answer, tried),
        permissions: why.permissions.iter().map(permission).collect(),
        fewest: given.iter().filter(|g| why.fewest.contains(&g.id)).map(|g| (what(why, g), href(why, g, base))).collect(),
        rows: given.iter().map(row).collect(),
        tried,
    }
}

fn number(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn finding(why: &Explanation) -> String {
    let (name, scope) = (&why.subject.name, &why.scope.name);
    let place = if why.scope.kind == "project" { format!("on {scope}") } else { format!("in {scope}") };
    match why.permissions.len() {
        _ if why.subject.suspended => format!("{name} is suspended and may do nothing {place}"),
        0 => format!("{name} may do nothing {place}"),
        n => format!("{name} may do {} {place}, in {}", count(number(n), "thing", "things"), count(number(why.ways.len()), "way", "ways")),
    }
}

fn more(why: &Explanation, answer: &Answer, tried: bool) -> String {
    match (tried, answer.left_permissions.len()) {
        (true, 0) => "Without what is ticked, nothing of it would remain.".into(),
        (true, n) if n == why.permissions.len() => "Without what is ticked, all of it would remain.".into(),
        (true, n) => format!("Without what is ticked, {} of {} would remain.", n, why.permissions.len()),
        (false, 0) => "Nothing that was given reaches them here.".into(),
        (false, _) => "Each way is enough by itself: a permission goes with the last way to it.".into(),
    }
}

/// "Data, which is Editor"
fn through(way: &Way) -> String {
    let level = |g: &Given| match g.to.as_str() {
        "everyone" => format!("{}, given to everyone", g.role.name),
        _ => format!("{}, given directly", g.role.name),
    };
    match way.steps.as_slice() {
        [held, opened] => format!("{}, which is {}", held.role.name, opened.role.name),
        [one] if one.kind == "grant" => level(one),
        steps => steps.first().map(|g| g.role.name.clone()).unwrap_or_default(),
    }
}

/// A row as a sentence.
fn what(why: &Explanation, g: &Given) -> String {
    let (person, role, place) = (&why.subject.name, &g.role.name, &why.scope.name);
    match (g.kind, g.to.as_str()) {
        ("role_assignment", _) => format!("{person} holds {role}"),
        (_, "everyone") => format!("Everyone is {role} of {place}"),
        (_, "role") => format!("{} is {role} of {place}", g.to_name),
        _ => format!("{person} is {role} of {place}"),
    }
}

/// Where it is changed.
fn href(why: &Explanation, g: &Given, base: &str) -> String {
    match g.kind {
        "grant" => format!("{base}/projects/{}/grants/{}", why.scope.slug, g.id),
        _ => format!("{base}/members/{}", why.subject.id),
    }
}

/// "Ines Varga, by invitation"
fn by(g: &Given) -> String {
    let who = if g.given_by.is_empty() { "Bailiwick".to_owned() } else { g.given_by.clone() };
    match g.source.as_str() {
        "invitation" => format!("{who}, by invitation"),
        "import" => format!("{who}, by import"),
        _ => who,
    }
}
