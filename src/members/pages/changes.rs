//! One change for many: first whom it means and what it does, by name, then the change.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::access::Ref;
use crate::base::error::{Error, Result};
use crate::base::ops::Command;
use crate::base::text::count;
use crate::base::web::confirm::Confirm;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::Shell;
use crate::members::Held;
use crate::members::bulk::{Change, ChangeMembers};
use crate::members::commands::SetRoles;
use crate::members::queries::{Meant, MemberFilter};

/// What the form carries from step to step.
const CARRIED: &[&str] = &["id", "all", "q", "role_filter", "status", "mfa", "unseen", "do", "return_to"];
/// As many people are named above what happens to them.
const NAMED: usize = 50;

fn change_of(form: &PageForm) -> Result<Change> {
    Ok(match form.get("do") {
        "give" => Change::AddRole,
        "take" => Change::TakeRole,
        "suspend" => Change::Suspend,
        "reinstate" => Change::Reinstate,
        "remove" => Change::Remove,
        _ => return Err(Error::field("do", "invalid", "Choose what to do with the selected members.")),
    })
}

fn filter_of(form: &PageForm) -> Option<MemberFilter> {
    let some = |name: &str| Some(form.get(name).to_owned()).filter(|v| !v.is_empty());
    let filter =
        MemberFilter { q: some("q"), role: some("role_filter"), status: some("status"), mfa: some("mfa"), unseen: some("unseen"), sort: None };
    (form.get("all") == "1").then_some(filter)
}

fn command(org: &str, form: &PageForm, change: Change) -> ChangeMembers {
    let role = Some(form.get("role").to_owned()).filter(|r| !r.is_empty());
    ChangeMembers { org: Ref::new(org), change, role, ids: form.all("id"), filter: filter_of(form), left: Default::default() }
}

pub async fn change(ctx: Ctx, path: web::Path<String>, form: PageForm) -> Result<HttpResponse> {
    let change = change_of(&form)?;
    if matches!(change, Change::AddRole | Change::TakeRole) && form.get("role").is_empty() {
        return choose_role(&ctx, &path, &form, change).await;
    }
    if form.get("preview").is_empty() {
        return ask(&ctx, &path, &form, change, None).await;
    }
    match ctx.run_from(&form, command(&path, &form, change)).await {
        Ok(done) => ctx.done(&form, &format!("/o/{}/members", *path), format!("{} {}", verb(change).1, count(done.count, "member", "members"))),
        Err(e) => ask(&ctx, &path, &form, change, Some(e)).await,
    }
}

/// The verb of the question, and the participle of the answer.
fn verb(change: Change) -> (&'static str, &'static str) {
    match change {
        Change::AddRole => ("Give the role to", "Given the role to"),
        Change::TakeRole => ("Take the role from", "Taken the role from"),
        Change::Suspend => ("Suspend", "Suspended"),
        Change::Reinstate => ("Reinstate", "Reinstated"),
        Change::Remove => ("Remove", "Removed"),
    }
}

fn carried(form: &PageForm) -> Vec<(String, String)> {
    form.0.0.iter().filter(|(n, v)| CARRIED.contains(&n.as_str()) && !v.is_empty()).cloned().collect()
}

async fn meant<C: Command>(ctx: &Ctx, org: &str, form: &PageForm) -> Result<(Shell, Vec<String>, Vec<Held>)> {
    let (shell, (names, roles)) = ctx.form::<C, _>("Members", Meant { org: Ref::new(org), ids: form.all("id"), filter: filter_of(form) }).await?;
    if names.is_empty() {
        return Err(Error::field("id", "required", "Select at least one member."));
    }
    Ok((shell, names, roles))
}

async fn ask(ctx: &Ctx, org: &str, form: &PageForm, change: Change, said: Option<Error>) -> Result<HttpResponse> {
    let (shell, mut names, roles) = meant::<ChangeMembers>(ctx, org, form).await?;
    let many = count(i64::try_from(names.len()).unwrap_or(0), "member", "members");
    let list = format!("/o/{org}/members");
    let back = ctx.local(form.get("return_to"), &list).to_owned();
    let role = roles.iter().find(|r| r.id == form.get("role") || r.key == form.get("role")).map(|r| r.name.clone()).unwrap_or_default();
    let label = match change {
        Change::AddRole => format!("Give {role} to {many}"),
        Change::TakeRole => format!("Take {role} from {many}"),
        other => format!("{} {many}", verb(other).0),
    };
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    let ask = Confirm {
        fields: carried(form),
        danger: !matches!(change, Change::AddRole | Change::Reinstate),
        ..Confirm::loss(format!("{label}?"), format!("/o/{org}/member-changes"), label, back)
    };
    let ask = ask.field("role", form.get("role")).list("The people meant:", names);
    ctx.confirm(shell, ask, command(org, form, change), said).await
}

#[derive(Template)]
#[template(path = "members/pick_role.html")]
struct PickRole {
    shell: Shell,
    title: String,
    action: String,
    back: String,
    fields: Vec<(String, String)>,
    names: String,
    roles: Vec<Held>,
}

async fn choose_role(ctx: &Ctx, org: &str, form: &PageForm, change: Change) -> Result<HttpResponse> {
    let (shell, names, roles) = meant::<SetRoles>(ctx, org, form).await?;
    let many = count(i64::try_from(names.len()).unwrap_or(0), "member", "members");
    let list = format!("/o/{org}/members");
    let page = PickRole {
        shell,
        title: if change == Change::AddRole { format!("Give a role to {many}") } else { format!("Take a role from {many}") },
        action: format!("/o/{org}/member-changes"),
        back: ctx.local(form.get("return_to"), &list).to_owned(),
        fields: carried(form),
        names: crate::base::text::names(&names, 12),
        roles,
    };
    ctx.html(&page, |_| None)
}
