//! `/o/{org}/find` and `/find`: the palette as a page, and as what its dialog shows while somebody types. `/shortcuts`: which keys there are.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::queries::{Find, Found, MOST};
use super::{ACCOUNT, fits};
use crate::access::Ref;
use crate::base::error::Result;
use crate::base::text::initials;
use crate::base::web::ctx::Ctx;
use crate::base::web::page::Shell;
use crate::base::web::routes::{Routes, Who};
use crate::orgs::queries::MyOrgs;
use crate::sections::{KEYS, key_label};

pub fn routes(r: &mut Routes) {
    r.get(Who::Org, "/o/{org}/find", in_org);
    r.get(Who::SignedIn, "/find", anywhere);
    r.get(Who::SignedIn, "/shortcuts", shortcuts);
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    q: String,
}

impl Typed {
    fn text(&self) -> String {
        self.q.trim().chars().take(100).collect()
    }
}

#[derive(Default)]
struct Hit {
    label: String,
    note: String,
    href: String,
    icon: &'static str,
    /// The letter behind `g` that leads there, too.
    key: &'static str,
    /// Of a person, with the letters of the name.
    kind: &'static str,
    initials: String,
    /// Opens in the shared dialog.
    dialog: bool,
}

struct Group {
    title: &'static str,
    hits: Vec<Hit>,
}

#[derive(Template)]
#[template(path = "find/page.html", blocks = ["results"])]
struct Page {
    shell: Shell,
    q: String,
    here: String,
    groups: Vec<Group>,
    /// For the list of the palette's dialog, in which the arrow keys move.
    dialog: bool,
}

impl Page {
    fn of(ctx: &Ctx, shell: Shell, q: String, groups: Vec<(&'static str, Vec<Hit>)>) -> Self {
        let most = usize::try_from(MOST).unwrap_or(0);
        let group = |(title, mut hits): (&'static str, Vec<Hit>)| {
            // What begins with what was typed is meant sooner than what holds it somewhere.
            hits.sort_by_key(|hit| !hit.label.to_lowercase().starts_with(&q.to_lowercase()));
            hits.truncate(most);
            Group { title, hits }
        };
        let groups = groups.into_iter().filter(|(_, hits)| !hits.is_empty()).map(group).collect();
        let dialog = ctx.hx_target.as_deref() == Some("palette-found");
        Self { shell, q, here: ctx.path.clone(), groups, dialog }
    }
    fn answer(&self, ctx: &Ctx) -> Result<HttpResponse> {
        ctx.html(self, |target| ["found", "palette-found"].contains(&target).then(|| self.as_results().render()))
    }
}

async fn in_org(ctx: Ctx, path: web::Path<String>, typed: web::Query<Typed>) -> Result<HttpResponse> {
    let q = typed.text();
    let (shell, found) = ctx.console("Find", Find { org: Ref::new(path.as_str()), q: q.clone() }).await?;
    let pages = shell.nav.iter().flat_map(|part| &part.items).filter(|item| fits(item.label, &q));
    let mut to: Vec<Hit> =
        pages.map(|item| Hit { label: item.label.into(), href: item.href.clone(), icon: item.icon, key: item.key, ..Hit::default() }).collect();
    let mut orgs = Vec::new();
    if !q.is_empty() {
        to.extend(account(&q));
        orgs = organizations(&shell, &q);
    }
    let base = format!("/o/{}", found.slug);
    let acts = found.acts.iter().map(|act| Hit {
        label: act.label.into(),
        href: format!("{base}{}", act.path),
        icon: act.icon,
        dialog: true,
        ..Hit::default()
    });
    let mut groups = vec![("Go to", to), ("Do", acts.collect())];
    groups.extend(things(&base, found));
    groups.push(("Organizations", orgs));
    Page::of(&ctx, shell, q, groups).answer(&ctx)
}

fn things(base: &str, found: Found) -> Vec<(&'static str, Vec<Hit>)> {
    let person = |name: String, email: String, kind, href| Hit { initials: initials(&name), label: name, note: email, kind, href, ..Hit::default() };
    let members = found.members.into_iter().map(|m| person(m.name, m.email, "member", format!("{base}/members/{}", m.id)));
    // Room for two from outside, where there are so many.
    let inside = usize::try_from(MOST).unwrap_or(0).saturating_sub(found.externals.len().min(2));
    let outside = found.externals.into_iter().map(|e| {
        let href = format!("{base}/members?view=external&q={}", url::form_urlencoded::byte_serialize(e.email.as_bytes()).collect::<String>());
        person(e.name, e.email, "external", href)
    });
    let projects = found.projects.into_iter().map(|p| Hit {
        href: format!("{base}/projects/{}", p.slug),
        label: p.name,
        note: p.slug,
        icon: "folder",
        ..Hit::default()
    });
    let roles = found.roles.into_iter().map(|r| Hit {
        href: format!("{base}/roles/{}", r.key),
        label: r.name,
        note: r.description,
        icon: "user-shield",
        ..Hit::default()
    });
    vec![("People", members.take(inside).chain(outside).collect()), ("Projects", projects.collect()), ("Roles", roles.collect())]
}

fn account(q: &str) -> Vec<Hit> {
    let of = |(label, href, icon): &(&str, &str, &'static str)| Hit { label: (*label).into(), href: (*href).into(), icon, ..Hit::default() };
    ACCOUNT.iter().filter(|(label, ..)| fits(label, q)).map(of).collect()
}

fn organizations(shell: &Shell, q: &str) -> Vec<Hit> {
    let others = shell.orgs.iter().filter(|o| !o.current && fits(&o.name, q)).take(6);
    others.map(|o| Hit { label: o.name.clone(), note: o.standing.clone(), href: o.href.clone(), icon: "building", ..Hit::default() }).collect()
}

/// Outside organizations: one's organizations and one's account.
async fn anywhere(ctx: Ctx, typed: web::Query<Typed>) -> Result<HttpResponse> {
    let q = typed.text();
    let (shell, _) = ctx.console("Find", MyOrgs {}).await?;
    let groups = vec![("Organizations", organizations(&shell, &q)), ("Go to", account(&q))];
    Page::of(&ctx, shell, q, groups).answer(&ctx)
}

#[derive(Template)]
#[template(path = "find/shortcuts.html", blocks = ["keys"])]
struct Shortcuts {
    shell: Shell,
    pages: Vec<(&'static str, &'static str)>,
    on: bool,
}

async fn shortcuts(ctx: Ctx) -> Result<HttpResponse> {
    let (shell, _) = ctx.console("Keyboard shortcuts", MyOrgs {}).await?;
    let pages = KEYS.iter().map(|(path, key)| (*key, key_label(path))).collect();
    let page = Shortcuts { on: shell.preferences.shortcuts, shell, pages };
    ctx.html(&page, |target| (target == "dialog-body").then(|| page.as_keys().render()))
}
