//! The pages of invitations: the list, the form that invites, sending again, withdrawing.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::commands::{self, InvitePeople, Outcome, Revoke, SendAgain};
use super::queries::{InvitationList, InvitationTable, InviteForm};
use super::store::ViewCounts;
use super::{Invitation, addresses};
use crate::access::Ref;
use crate::base::error::{Error, FieldError, Result};
use crate::base::order::Order;
use crate::base::text::count;
use crate::base::times::{Times, When};
use crate::base::web::address::{Address, Files};
use crate::base::web::ctx::Ctx;
use crate::base::web::export;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Errors, Shell, field_errors};
use crate::base::web::routes::{Routes, Who};
use crate::members::Held;

pub fn routes(r: &mut Routes) {
    r.get(Who::Org, "/o/{org}/invitations", list);
    r.get(Who::Org, "/o/{org}/exports/invitations", export::serve::<InvitationList>);
    r.post(Who::Org, "/o/{org}/invitations", invite);
    r.get(Who::Org, "/o/{org}/invitations/new", new);
    r.post(Who::Org, "/o/{org}/invitations/{invitation}/deliveries", send_again);
    r.post(Who::Org, "/o/{org}/invitations/{invitation}/revocation", revoke);
    super::accept_pages::routes(r);
}

struct Row {
    id: String,
    email: String,
    roles: Vec<String>,
    status: String,
    /// Look and words of the state of its mail.
    mail: (&'static str, String),
    expires: When,
    expired: bool,
    /// Shown where no mail server could have brought it.
    link: String,
    href: String,
}

fn row(i: Invitation, at: &Address, link: String, times: &Times) -> Row {
    let mail = match (i.delivery.as_str(), i.delivery_error.as_str()) {
        ("sent", _) => ("ok", "Sent".to_owned()),
        ("failed", "") => ("bad", "Failed".to_owned()),
        ("failed", why) => ("bad", format!("Failed: {why}")),
        ("dropped", _) => ("", "Not sent".to_owned()),
        ("sending", _) => ("", "Being sent".to_owned()),
        _ => ("", "Waiting to be sent".to_owned()),
    };
    let expired = i.status == "expired";
    Row {
        id: i.id.to_string(),
        href: format!("{}/{}", at.path(), i.id),
        roles: i.roles.into_iter().map(|r| r.name).collect(),
        link: if i.status == "pending" { link } else { String::new() },
        expires: times.ago(i.expires_at),
        email: i.email,
        status: i.status,
        mail,
        expired,
    }
}

struct View {
    label: &'static str,
    href: String,
    current: bool,
    count: String,
}

fn views(at: &Address, c: &ViewCounts) -> Vec<View> {
    let some = |n: i64| if n < ViewCounts::COUNTED { n.to_string() } else { format!("{n}+") };
    let of = |label, value: &str, count| View { label, href: at.with("status", value), current: at.is("status", value), count };
    vec![
        of("Open", "", some(c.open)),
        of("Expired", "expired", some(c.expired)),
        of("Mail failed", "failed", some(c.failed)),
        of("Accepted", "accepted", String::new()),
        of("Revoked", "revoked", String::new()),
    ]
}

#[derive(Template)]
#[template(path = "invitations/list.html", blocks = ["results"])]
struct Page {
    shell: Shell,
    at: Address,
    views: Vec<View>,
    rows: Vec<Row>,
    shown: String,
    older: String,
    newer: String,
    order: Order,
    files: Files,
    mail_off: bool,
    imports: String,
    /// The list holds what can still be accepted, or only what is past.
    is_open: bool,
}

async fn list(ctx: Ctx, req: HttpRequest, path: web::Path<String>) -> Result<HttpResponse> {
    let at = Address::of(&req);
    let status = at.or("status", "open").to_owned();
    let list = InvitationList {
        org: Ref::new(&*path),
        q: at.some("q"),
        status: Some(status.clone()),
        sort: at.some("sort"),
        limit: Some(at.rows()),
        cursor: at.some("cursor"),
    };
    let (shell, table) = ctx.console("Invitations", InvitationTable { list }).await?;
    let mail_off = ctx.world.mail_is_off();
    let link = |i: &Invitation| if mail_off && i.link_is_theirs { commands::link(&ctx.world, &table.org, i) } else { String::new() };
    let rows: Vec<Row> = table.invitations.into_iter().map(|i| (link(&i), i)).map(|(link, i)| row(i, &at, link, &shell.times)).collect();
    let page = Page {
        shell,
        views: views(&at, &table.counts),
        order: table.order,
        shown: count(i64::try_from(rows.len()).unwrap_or(0), "invitation", "invitations"),
        older: at.older(table.next_cursor.as_deref()),
        newer: at.newer(),
        files: at.files(format!("/o/{}/exports/invitations", *path), &["q", "sort"]).and("status", &status),
        is_open: matches!(at.get("status"), "" | "open" | "pending" | "expired" | "failed"),
        rows,
        mail_off,
        imports: format!("/o/{}/imports", *path),
        at,
    };
    ctx.html(&page, |target| (target == "invitations").then(|| page.as_results().render()))
}

struct Pick {
    key: String,
    name: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "invitations/new.html", blocks = ["form"])]
struct Form {
    shell: Shell,
    action: String,
    back: String,
    emails: String,
    roles: Vec<Pick>,
    errors: Errors,
    /// What went out although other addresses did not.
    sent: String,
}

async fn new(ctx: Ctx, req: HttpRequest, path: web::Path<String>) -> Result<HttpResponse> {
    let back = Address::of(&req).back(&format!("/o/{}/invitations", *path));
    let fresh = Typed { emails: String::new(), roles: vec!["DEFAULT".into()], back };
    form_page(&ctx, &path, fresh, 200, Errors::default(), String::new()).await
}

struct Typed {
    emails: String,
    roles: Vec<String>,
    back: String,
}

async fn form_page(ctx: &Ctx, org: &str, typed: Typed, status: u16, errors: Errors, sent: String) -> Result<HttpResponse> {
    let (shell, roles) = ctx.console("Invite people", InviteForm { org: Ref::new(org) }).await?;
    let pick = |r: Held| Pick { chosen: typed.roles.contains(&r.key), key: r.key, name: r.name };
    let roles = roles.into_iter().map(pick).collect();
    let page = Form { shell, action: format!("/o/{org}/invitations"), back: typed.back, emails: typed.emails, roles, errors, sent };
    ctx.html_as(status, &page, |target| (target == "dialog-body").then(|| page.as_form().render()))
}

async fn invite(ctx: Ctx, path: web::Path<String>, form: PageForm) -> Result<HttpResponse> {
    let found = addresses::split(form.get("emails"));
    let emails: Vec<String> = found.iter().map(|(_, text, parsed)| parsed.as_ref().map_or(text.clone(), ToString::to_string)).collect();
    let roles = form.all("roles[]");
    let fallback = format!("/o/{}/invitations", *path);
    let back = ctx.local(form.get("return_to"), &fallback).to_owned();
    let command = InvitePeople { org: Ref::new(&*path), emails: emails.clone(), roles: Some(roles.clone()), grants: Vec::new() };
    let lines: Vec<usize> = found.iter().map(|f| f.0).collect();
    match ctx.run_from(&form, command).await {
        Ok(done) => {
            let (good, bad): (Vec<_>, Vec<_>) = done.items.into_iter().zip(lines).partition(|(o, _)| o.status == "invited");
            let sent = format!("Invited {}", count(i64::try_from(good.len()).unwrap_or(0), "person", "people"));
            if bad.is_empty() {
                return ctx.done(&form, &fallback, sent);
            }
            let emails = bad.iter().map(|(o, _)| o.email.as_str()).collect::<Vec<_>>().join("\n");
            form_page(&ctx, &path, Typed { emails, roles, back }, 200, Errors(bad.iter().map(told).collect()), sent).await
        }
        Err(Error::Conflict(why)) => {
            let typed = Typed { emails: form.get("emails").to_owned(), roles, back };
            form_page(&ctx, &path, typed, 409, Errors(vec![FieldError::new("", "conflict", why)]), String::new()).await
        }
        Err(e) => {
            let mut errors = field_errors(e)?;
            for error in &mut errors.0 {
                on_its_line(error, &lines);
            }
            let typed = Typed { emails: form.get("emails").to_owned(), roles, back };
            form_page(&ctx, &path, typed, 422, errors, String::new()).await
        }
    }
}

/// Why one address was not invited, with the line it was typed on.
fn told((outcome, line): &(Outcome, usize)) -> FieldError {
    let why = outcome.message.clone().unwrap_or_else(|| format!("{} was not invited.", outcome.email));
    FieldError::new("emails", "invalid", format!("Line {line}: {why}"))
}

/// `emails[2]` as the line that the address stands on.
fn on_its_line(error: &mut FieldError, lines: &[usize]) {
    let at = error.field.strip_prefix("emails[").and_then(|rest| rest.strip_suffix(']')).and_then(|n| n.parse::<usize>().ok());
    if let Some(line) = at.and_then(|at| lines.get(at)) {
        error.message = format!("Line {line}: {}", error.message);
    }
}

async fn send_again(ctx: Ctx, req: HttpRequest, path: web::Path<(String, String)>, form: PageForm) -> Result<HttpResponse> {
    let sent = ctx.run_from(&form, SendAgain { org: Ref::new(&path.0), invitation: Ref::new(&path.1) }).await?;
    ctx.done(&form, &Address::of(&req).back(&format!("/o/{}/invitations", path.0)), format!("Sent the invitation to {} again", sent.email))
}

async fn revoke(ctx: Ctx, req: HttpRequest, path: web::Path<(String, String)>, form: PageForm) -> Result<HttpResponse> {
    let gone = ctx.run_from(&form, Revoke { org: Ref::new(&path.0), invitation: Ref::new(&path.1) }).await?;
    ctx.done(&form, &Address::of(&req).back(&format!("/o/{}/invitations", path.0)), format!("Revoked the invitation of {}", gone.email))
}
