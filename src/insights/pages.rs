//! The page of insights, and its tables for a spreadsheet.

mod csv;
mod findings;
mod geometry;
mod graph;
mod growth;
mod squares;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::access_map::AccessMap;
use super::queries::{Asked, InsightsPage};
use super::{Coverage, months};
use crate::base::error::{Error, Result};
use crate::base::text::grouped;
use crate::base::web::address::Address;
use crate::base::web::ctx::Ctx;
use crate::base::web::page::{Errors, Shell};
use crate::base::web::routes::{Routes, Who};

pub fn routes(r: &mut Routes) {
    r.get(Who::Org, "/o/{org}/insights", page);
    r.get(Who::Org, "/o/{org}/insights/export", csv::export);
}

/// A figure as the page writes it.
pub fn figure(n: i64) -> String {
    grouped(n)
}

/// Rows of the table under the map; the rest is in the CSV.
const ROWS: usize = 60;

#[derive(Template)]
#[template(path = "insights/page.html")]
struct Page {
    shell: Shell,
    at: Address,
    base: String,
    growth: Told<growth::Columns>,
    months: Vec<(String, String, String, String)>,
    /// 24 instead of 12 months.
    long: bool,
    members: Told<squares::Squares>,
    externals: Told<squares::Squares>,
    coverage: Coverage,
    map: Option<Map>,
    errors: Errors,
}

/// A picture with its finding.
struct Told<T> {
    finding: String,
    more: String,
    picture: T,
}

struct Map {
    told: Told<graph::Graph>,
    asked: Vec<Filter>,
    ways: Vec<[String; 4]>,
    more_ways: usize,
    /// "and 31 others" under each column; nothing when all are there.
    more_people: String,
    more_roles: String,
    more_projects: String,
    may_read_roles: bool,
}

/// Something that the map is drawn around, and the address without it.
struct Filter {
    label: String,
    without: String,
}

async fn page(ctx: Ctx, req: HttpRequest, path: web::Path<String>) -> Result<HttpResponse> {
    let at = Address::of(&req);
    let long = at.is("months", "24");
    let query = InsightsPage { org: path.clone(), months: if long { 24 } else { 12 }, asked: asked(&at) };
    let (shell, found) = ctx.console("Insights", query).await?;
    let status = if found.unknown.is_empty() { 200 } else { Error::Invalid(Vec::new()).status() };
    let (finding, more) = findings::of_growth(&found.growth);
    let coverage = found.coverage;
    let with = |all: i64, without: i64| all - without;
    let of_members = [("p", with(coverage.members, coverage.members_without)), ("n", coverage.members_without)];
    let of_externals = [("x", with(coverage.externals, coverage.externals_without)), ("n", coverage.externals_without)];
    let told = |finding: String, picture: squares::Squares| Told { finding, more: picture.each.clone(), picture };
    let page = Page {
        base: format!("/o/{}", path.as_str()),
        months: found.growth.months.iter().rev().map(row_of_month).collect(),
        growth: Told { finding, more, picture: growth::columns(&found.growth) },
        long,
        members: told(findings::of_members(&coverage), squares::squares(&of_members, ("member", "members"))),
        externals: told(findings::of_externals(&coverage), squares::squares(&of_externals, ("person from outside", "people from outside"))),
        coverage,
        map: found.map.map(|map| drawn(&map, &at, found.may_read_roles)),
        errors: Errors(found.unknown),
        shell,
        at,
    };
    ctx.html_as(status, &page, |_| None)
}

fn asked(at: &Address) -> Asked {
    Asked { person: at.some("person"), role: at.some("role"), project: at.some("project") }
}

fn row_of_month(m: &super::Month) -> (String, String, String, String) {
    let (name, year) = months::words(&m.month);
    (format!("{name} {year}"), grouped(m.joined), grouped(m.left), grouped(m.members))
}

fn drawn(map: &AccessMap, at: &Address, may_read_roles: bool) -> Map {
    let others = |n: i64| match n {
        0 => String::new(),
        1 => "and 1 other".to_owned(),
        n => format!("and {} others", grouped(n)),
    };
    let filter = |name: &str, label: &String| Filter { label: label.clone(), without: format!("{}#access", at.with(name, "")) };
    let asked = [
        map.person().map(|p| filter("person", &p.name)),
        map.role().map(|r| filter("role", &r.name)),
        map.project().map(|p| filter("project", &p.name)),
    ];
    let more = "Pick a person, a role or a project to trace its paths; pick a second one to narrow them. Blue lines belong to people from outside.";
    let mut ways = rows(map);
    let all = ways.len();
    ways.truncate(ROWS);
    Map {
        told: Told { finding: findings::of_access(map), more: more.into(), picture: graph::graph(map) },
        asked: asked.into_iter().flatten().collect(),
        more_ways: all - ways.len(),
        ways,
        more_people: others(map.more_people),
        more_roles: others(map.more_roles),
        more_projects: others(map.more_projects),
        may_read_roles,
    }
}

/// Person, by what, project and level: the lit ways, or all that are drawn when nothing was chosen.
fn rows(map: &AccessMap) -> Vec<[String; 4]> {
    let ways = if map.is_chosen() { map.lit() } else { map.ways() };
    let person =
        |id: &str| map.people.iter().find(|p| p.user_id == id).map(|p| if p.external { format!("{} (external)", p.name) } else { p.name.clone() });
    let project = |id: &str| map.projects.iter().find(|p| p.id == id).map(|p| p.name.clone());
    let row = |w: super::access_map::Way| {
        [person(&w.person).unwrap_or_default(), findings::in_words(map, &w.through), project(&w.project).unwrap_or_default(), w.level]
    };
    ways.into_iter().map(row).collect()
}
