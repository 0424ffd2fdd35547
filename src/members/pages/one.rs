//! One member: profile, roles, suspension, removal, leaving.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::joined;
use crate::access::Ref;
use crate::base::error::{Error, Result};
use crate::base::times::When;
use crate::base::web::address::Address;
use crate::base::web::confirm::Confirm;
use crate::base::web::conflict::{self, Field, Now};
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Errors, Shell, field_errors};
use crate::members::commands::{Leave, RemoveMember, SetRoles, SetStatus, Status};
use crate::members::queries::{Detail, MemberPage};
use crate::members::{Held, Member};

type MemberPath = web::Path<(String, String)>;

fn page_of((org, member): &(String, String)) -> MemberPage {
    MemberPage { org: Ref::new(org), member: Ref::new(member) }
}

struct Pick {
    id: String,
    name: String,
    chosen: bool,
}

fn picks(roles: &[Held], chosen: &[String]) -> Vec<Pick> {
    roles.iter().map(|r| Pick { id: r.id.clone(), name: r.name.clone(), chosen: chosen.contains(&r.id) || chosen.contains(&r.key) }).collect()
}

fn held(member: &Member) -> Vec<String> {
    member.roles.iter().map(|r| r.id.clone()).collect()
}

#[derive(Template)]
#[template(path = "members/one.html")]
struct Page {
    shell: Shell,
    base: String,
    href: String,
    d: Detail,
    roles: Vec<Pick>,
    via: &'static str,
    joined: When,
    seen: When,
}

/// What can be done about a member, for the menu of their row, which asks when it is opened.
#[derive(Template)]
#[template(path = "members/menu.html")]
struct Menu {
    href: String,
    suspended: bool,
    may_assign: bool,
    may_remove: bool,
}

pub async fn show(ctx: Ctx, path: MemberPath) -> Result<HttpResponse> {
    let (mut shell, d) = ctx.console("Member", page_of(&path)).await?;
    shell.title.clone_from(&d.member.name);
    let base = format!("/o/{}", path.0);
    let menu = Menu {
        href: format!("{base}/members/{}", d.member.id),
        suspended: d.member.status == "suspended",
        may_assign: d.may_assign,
        may_remove: d.may_remove,
    };
    let page = Page {
        shell,
        href: format!("{base}/members/{}", d.member.id),
        base,
        roles: picks(&d.roles, &held(&d.member)),
        via: joined(&d.member.joined_via),
        joined: ctx.times().day(d.member.created_at),
        seen: ctx.times().ago_or_never(d.member.last_seen_at),
        d,
    };
    ctx.html(&page, |target| (target == "row-menu").then(|| menu.render()))
}

fn fields(d: &Detail) -> Vec<Field> {
    let words = d.roles.iter().map(|r| (r.id.clone(), r.name.clone())).collect();
    vec![Field::set("roles[]", "Roles", held(&d.member), words)]
}

#[derive(Template)]
#[template(path = "members/roles.html", blocks = ["form"])]
struct RolesForm {
    shell: Shell,
    title: String,
    action: String,
    back: String,
    rev: i64,
    was: String,
    roles: Vec<Pick>,
    errors: Errors,
    said: String,
}

pub async fn roles(ctx: Ctx, req: HttpRequest, path: MemberPath) -> Result<HttpResponse> {
    let back = Address::of(&req).back(&format!("/o/{}/members/{}", path.0, path.1));
    roles_form(&ctx, &path, back, None).await
}

/// The form: with what the member holds, or with what was ticked and what was wrong with it.
async fn roles_form(ctx: &Ctx, path: &(String, String), back: String, tried: Option<(Vec<String>, Error)>) -> Result<HttpResponse> {
    let (shell, d) = ctx.form::<SetRoles, _>("Roles", page_of(path)).await?;
    let (status, chosen, errors, said) = match tried {
        None => (200, held(&d.member), Errors::default(), String::new()),
        Some((chosen, e @ Error::Conflict(_))) => (e.status(), chosen, Errors::default(), e.message()),
        Some((chosen, e)) => (422, chosen, field_errors(e)?, String::new()),
    };
    let page = RolesForm {
        shell,
        title: format!("Roles of {}", d.member.name),
        action: format!("/o/{}/members/{}/roles", path.0, d.member.id),
        back,
        rev: d.member.rev,
        was: conflict::was(&fields(&d)),
        roles: picks(&d.roles, &chosen),
        errors,
        said,
    };
    ctx.html_as(status, &page, |target| (target == "dialog-body").then(|| page.as_form().render()))
}

pub async fn set_roles(ctx: Ctx, path: MemberPath, form: PageForm) -> Result<HttpResponse> {
    let fallback = format!("/o/{}/members/{}", path.0, path.1);
    let wanted = form.all("roles[]");
    let command = || SetRoles { org: Ref::new(&path.0), member: Ref::new(&path.1), roles: wanted.clone() };
    let outcome = async {
        // What takes a role is shown first; what only gives is done.
        if form.get("preview").is_empty() && ctx.preview(command()).await?.takes_away() {
            return Ok(None);
        }
        ctx.run_from(&form, command()).await.map(Some)
    };
    let back = ctx.local(form.get("return_to"), &fallback).to_owned();
    match outcome.await {
        Ok(Some(member)) => ctx.done(&form, &fallback, format!("Changed the roles of {}", member.name)),
        Ok(None) => ask_roles(&ctx, &path, &form, command(), back, None).await,
        Err(e @ Error::PreviewStale(_)) => ask_roles(&ctx, &path, &form, command(), back, Some(e)).await,
        Err(Error::Stale { rev }) => {
            let (shell, d) = ctx.form::<SetRoles, _>("Roles", page_of(&path)).await?;
            let action = format!("/o/{}/members/{}/roles", path.0, d.member.id);
            let (title, target) = (format!("Roles of {}", d.member.name), ("member", d.member.id.to_string()));
            ctx.conflict(shell, &form, Now { title, back: action.clone(), action, rev, target, fields: fields(&d) }).await
        }
        Err(e) => roles_form(&ctx, &path, back, Some((wanted.clone(), e))).await,
    }
}

async fn ask_roles(
    ctx: &Ctx,
    path: &(String, String),
    form: &PageForm,
    command: SetRoles,
    back: String,
    said: Option<Error>,
) -> Result<HttpResponse> {
    let (shell, d) = ctx.console("Roles", page_of(path)).await?;
    let name = &d.member.name;
    let mut ask =
        Confirm::loss(format!("Change the roles of {name}?"), format!("/o/{}/members/{}/roles", path.0, path.1), "Change roles".into(), back)
            .field("rev", form.get("rev"))
            .field("was", form.get("was"));
    for role in &command.roles {
        ask = ask.field("roles[]", role);
    }
    ctx.confirm(shell, ask, command, said).await
}

pub async fn suspension(ctx: Ctx, req: HttpRequest, path: MemberPath) -> Result<HttpResponse> {
    let back = Address::of(&req).back(&format!("/o/{}/members/{}", path.0, path.1));
    ask_status(&ctx, &path, None, back, None).await
}

/// Suspends an active member, lets a suspended one back in.
async fn ask_status(ctx: &Ctx, path: &(String, String), wanted: Option<Status>, back: String, said: Option<Error>) -> Result<HttpResponse> {
    let (shell, d) = ctx.console("Suspension", page_of(path)).await?;
    let present = if d.member.status == "suspended" { Status::Active } else { Status::Suspended };
    let status = wanted.unwrap_or(present);
    let (verb, word, lede) = match status {
        Status::Suspended => ("Suspend", "suspended", "They cannot enter until they are reinstated. What they hold is kept for that day."),
        Status::Active => ("Reinstate", "active", "They get back what they held when they were suspended."),
    };
    let action = format!("/o/{}/members/{}/suspension", path.0, path.1);
    let label = format!("{verb} {}", d.member.name);
    let ask =
        Confirm { danger: status == Status::Suspended, ..Confirm::loss(format!("{label}?"), action, label, back) }.lede(lede).field("status", word);
    ctx.confirm(shell, ask, SetStatus { org: Ref::new(&path.0), member: Ref::new(&path.1), status }, said).await
}

pub async fn suspend(ctx: Ctx, path: MemberPath, form: PageForm) -> Result<HttpResponse> {
    let fallback = format!("/o/{}/members/{}", path.0, path.1);
    let status = if form.get("status") == "active" { Status::Active } else { Status::Suspended };
    match ctx.run_from(&form, SetStatus { org: Ref::new(&path.0), member: Ref::new(&path.1), status }).await {
        Ok(member) => {
            let verb = if status == Status::Active { "Reinstated" } else { "Suspended" };
            ctx.done(&form, &fallback, format!("{verb} {}", member.name))
        }
        Err(e) => ask_status(&ctx, &path, Some(status), ctx.local(form.get("return_to"), &fallback).to_owned(), Some(e)).await,
    }
}

pub async fn removal(ctx: Ctx, req: HttpRequest, path: MemberPath) -> Result<HttpResponse> {
    let back = Address::of(&req).back(&format!("/o/{}/members", path.0));
    ask_removal(&ctx, &path, back, None).await
}

async fn ask_removal(ctx: &Ctx, path: &(String, String), back: String, said: Option<Error>) -> Result<HttpResponse> {
    let (shell, d) = ctx.console("Remove", page_of(path)).await?;
    let label = format!("Remove {}", d.member.name);
    let ask = Confirm::loss(format!("{label}?"), format!("/o/{}/members/{}/removal", path.0, path.1), label, back)
        .lede("Their roles and their access here end at once. Their account, and what they have elsewhere, stays.");
    ctx.confirm(shell, ask, RemoveMember { org: Ref::new(&path.0), member: Ref::new(&path.1) }, said).await
}

pub async fn remove(ctx: Ctx, path: MemberPath, form: PageForm) -> Result<HttpResponse> {
    let list = format!("/o/{}/members", path.0);
    // The profile is gone with the membership; who came from there goes on to the list.
    let back = Some(form.get("return_to")).filter(|to| !to.starts_with(&format!("{list}/"))).unwrap_or_default();
    let back = ctx.local(back, &list).to_owned();
    match ctx.run_from(&form, RemoveMember { org: Ref::new(&path.0), member: Ref::new(&path.1) }).await {
        Ok(gone) => ctx.on_to(&back, Some(crate::base::web::page::Flash::done(format!("Removed {}", gone.name)))),
        Err(e) => ask_removal(&ctx, &path, back, Some(e)).await,
    }
}

pub async fn leaving(ctx: Ctx, path: web::Path<String>) -> Result<HttpResponse> {
    ask_leaving(&ctx, &path, None).await
}

async fn ask_leaving(ctx: &Ctx, org: &str, said: Option<Error>) -> Result<HttpResponse> {
    let me = ctx.caller.actor.user_id().to_owned();
    let (shell, _) = ctx.console("Leave", crate::orgs::queries::OneOrg { org: Ref::new(org) }).await?;
    let (name, slug) = shell.org.as_ref().map(|o| (o.name.clone(), o.slug.clone())).unwrap_or_default();
    let back = format!("/o/{org}/members/{me}");
    let ask =
        Confirm { fields: Vec::new(), ..Confirm::loss(format!("Leave {name}?"), format!("/o/{org}/membership/end"), format!("Leave {name}"), back) }
            .lede("You lose your roles and all access here at once. Only somebody who may invite can let you in again.")
            .typed(slug);
    ctx.confirm(shell, ask, Leave { org: Ref::new(org), confirm: None }, said).await
}

pub async fn leave(ctx: Ctx, path: web::Path<String>, form: PageForm) -> Result<HttpResponse> {
    let command = Leave { org: Ref::new(&*path), confirm: Some(form.get("confirm").to_owned()) };
    match ctx.run_from(&form, command).await {
        Ok(_) => ctx.done(&form, "/orgs", "Left the organization"),
        Err(e) => ask_leaving(&ctx, &path, Some(e)).await,
    }
}
