//! The list of members and of people from outside.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::joined;
use crate::access::Ref;
use crate::base::error::{Error, Result};
use crate::base::ids::MemberId;
use crate::base::order::Order;
use crate::base::text::{count, initials};
use crate::base::times::{Times, When};
use crate::base::web::address::{Address, Files};
use crate::base::web::confirm::Confirm;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::Shell;
use crate::members::commands::RemoveExternal;
use crate::members::queries::{ExternalList, ExternalTable, MemberFilter, MemberList, MemberTable, OneExternal, Table};
use crate::members::store::ViewCounts;
use crate::members::{External, Held, Member};

struct View {
    label: &'static str,
    href: String,
    current: bool,
    count: String,
}

/// The saved views; which one is current stands in the address.
fn views(at: &Address, c: &ViewCounts) -> Vec<View> {
    let of = |label, name: &str, value: &str, count| View {
        label,
        href: if name.is_empty() { at.path().to_owned() } else { format!("{}?{name}={value}", at.path()) },
        current: if name.is_empty() { false } else { at.is(name, value) },
        count,
    };
    let some = |n: i64| if n < ViewCounts::COUNTED { n.to_string() } else { format!("{n}+") };
    let mut all = vec![
        of("Everyone", "", "", c.members.to_string()),
        of("External", "view", "external", some(c.externals)),
        of("Without two-factor", "mfa", "off", c.without_mfa.to_string()),
        of("Not seen for 60 days", "unseen", "60d", some(c.unseen)),
        of("Suspended", "status", "suspended", c.suspended.to_string()),
    ];
    let none = !all.iter().any(|v| v.current);
    if let Some(everyone) = all.first_mut() {
        everyone.current = none;
    }
    all
}

struct Row {
    id: MemberId,
    name: String,
    email: String,
    initials: String,
    href: String,
    roles: Vec<String>,
    roles_href: String,
    mfa: bool,
    via: &'static str,
    /// Shown where the list is in the order of it.
    since: Option<When>,
    seen: When,
    you: bool,
    suspended: bool,
}

fn row(m: Member, at: &Address, way_back: &str, me: &str, times: &Times, order: &Order) -> Row {
    let href = format!("{}/{}", at.path(), m.id);
    Row {
        initials: initials(&m.name),
        roles: m.roles.into_iter().map(|r| r.name).collect(),
        roles_href: format!("{href}/roles{way_back}"),
        mfa: m.mfa,
        via: joined(&m.joined_via),
        since: order.is_by("joined").then(|| times.ago(m.created_at)),
        seen: times.ago_or_never(m.last_seen_at),
        you: m.user_id.as_ref() == me,
        suspended: m.status == "suspended",
        name: m.name,
        email: m.email,
        href,
        id: m.id,
    }
}

#[derive(Template)]
#[template(path = "members/list.html", blocks = ["results"])]
pub struct Page {
    shell: Shell,
    at: Address,
    base: String,
    views: Vec<View>,
    rows: Vec<Row>,
    roles: Vec<Held>,
    shown: String,
    /// How many match, where that is more than this page shows.
    total: String,
    older: String,
    newer: String,
    order: Order,
    files: Files,
    may_assign: bool,
    may_remove: bool,
    may_invite: bool,
}

pub async fn list(ctx: Ctx, req: HttpRequest, path: web::Path<String>) -> Result<HttpResponse> {
    let at = Address::of(&req);
    if at.is("view", "external") {
        return externals(ctx, at, &path).await;
    }
    let (shell, table) = ctx.console("Members", asked(&at, &path)).await?;
    let me = ctx.caller.actor.user_id().to_owned();
    let page = Page::of(shell, at, &path, table, &me);
    ctx.html(&page, |target| (target == "members").then(|| page.as_results().render()))
}

/// What the address asks for.
pub fn asked(at: &Address, org: &str) -> MemberTable {
    let filter = MemberFilter {
        q: at.some("q"),
        role: at.some("role"),
        status: at.some("status"),
        mfa: at.some("mfa"),
        unseen: at.some("unseen"),
        sort: at.some("sort"),
    };
    MemberTable { list: MemberList::of(org, filter, at.rows(), at.some("cursor")) }
}

impl Page {
    pub fn of(shell: Shell, at: Address, org: &str, table: Table, me: &str) -> Self {
        let on_page = i64::try_from(table.members.len()).unwrap_or(0);
        let way_back = at.way_back();
        let matching = if table.matching >= 1000 { "1,000 or more".to_owned() } else { table.matching.to_string() };
        Self {
            rows: table.members.into_iter().map(|m| row(m, &at, &way_back, me, &shell.times, &table.order)).collect(),
            shell,
            base: format!("/o/{org}"),
            views: views(&at, &table.counts),
            shown: if on_page == table.matching { count(on_page, "member", "members") } else { format!("{on_page} of {matching}") },
            total: if table.matching > on_page { matching } else { String::new() },
            older: at.older(table.next_cursor.as_deref()),
            newer: at.newer(),
            order: table.order,
            files: at.files(format!("/o/{org}/exports/members"), &["q", "role", "status", "mfa", "unseen", "sort"]),
            roles: table.roles,
            may_assign: table.may_assign,
            may_remove: table.may_remove,
            may_invite: table.may_invite,
            at,
        }
    }
}

struct Guest {
    name: String,
    email: String,
    initials: String,
    mfa: bool,
    projects: i64,
    seen: When,
    removal_href: String,
    id: String,
}

#[derive(Template)]
#[template(path = "members/externals.html", blocks = ["results"])]
struct Externals {
    shell: Shell,
    at: Address,
    base: String,
    views: Vec<View>,
    rows: Vec<Guest>,
    shown: String,
    older: String,
    newer: String,
    files: Files,
    may_remove: bool,
    may_invite: bool,
}

async fn externals(ctx: Ctx, at: Address, org: &str) -> Result<HttpResponse> {
    let list = ExternalList { org: Ref::new(org), q: at.some("q"), limit: Some(at.rows()), cursor: at.some("cursor") };
    let (shell, out) = ctx.console("Members", ExternalTable { list }).await?;
    let base = format!("/o/{org}");
    let guest = |e: External| {
        let seen = shell.times.ago_or_never(e.last_seen_at);
        let removal_href = at.returning(&format!("{base}/externals/{}/removal", e.user_id));
        let (initials, id) = (initials(&e.name), e.user_id.to_string());
        Guest { initials, id, removal_href, seen, mfa: e.mfa, projects: e.projects, name: e.name, email: e.email }
    };
    let rows: Vec<Guest> = out.people.into_iter().map(guest).collect();
    let page = Externals {
        shell,
        views: views(&at, &out.counts),
        shown: count(i64::try_from(rows.len()).unwrap_or(0), "person from outside", "people from outside"),
        older: at.older(out.next_cursor.as_deref()),
        newer: at.newer(),
        files: at.files(format!("{base}/exports/externals"), &["q"]),
        rows,
        may_remove: out.may_remove,
        may_invite: out.may_invite,
        base,
        at,
    };
    ctx.html(&page, |target| (target == "members").then(|| page.as_results().render()))
}

type PersonPath = web::Path<(String, String)>;

pub async fn external_removal(ctx: Ctx, req: HttpRequest, path: PersonPath) -> Result<HttpResponse> {
    let back = Address::of(&req).back(&format!("/o/{}/members?view=external", path.0));
    ask_external(&ctx, &path, back, None).await
}

async fn ask_external(ctx: &Ctx, (org, user): &(String, String), back: String, said: Option<Error>) -> Result<HttpResponse> {
    let (shell, name) = ctx.console("Remove", OneExternal { org: Ref::new(org), user: Ref::new(user) }).await?;
    let ask = Confirm::loss(format!("Remove {name}?"), format!("/o/{org}/externals/{user}/removal"), format!("Remove {name}"), back)
        .lede("They lose every access here at once. Their account and what they have elsewhere stay.");
    ctx.confirm(shell, ask, RemoveExternal { org: Ref::new(org), user: Ref::new(user) }, said).await
}

pub async fn remove_external(ctx: Ctx, path: PersonPath, form: PageForm) -> Result<HttpResponse> {
    let (org, user) = &*path;
    let fallback = format!("/o/{org}/members?view=external");
    match ctx.run_from(&form, RemoveExternal { org: Ref::new(org), user: Ref::new(user) }).await {
        Ok(gone) => ctx.done(&form, &fallback, format!("Removed {}", gone.name)),
        Err(e) => ask_external(&ctx, &path, ctx.local(form.get("return_to"), &fallback).to_owned(), Some(e)).await,
    }
}
