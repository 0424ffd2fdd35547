//! Pages: give, change and take access to a project. The same for admins and for owners of the project.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::Grant;
use super::grants::{ChangeAccess, GiveAccess, SubjectKind, SubjectRef, TakeAccess};
use super::pages::page;
use super::queries::{Candidates, Choice};
use crate::access::{Impact, Ref};
use crate::base::error::{Error, Result};
use crate::base::ops::Command;
use crate::base::text::Email;
use crate::base::web::conflict::{self, Field, Now};
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Errors, Shell, field_errors};
use crate::base::web::routes::{Routes, Who};

/// The levels that a picker offers: key, name, what it lets do.
pub const LEVELS: [(&str, &str, &str); 3] =
    [("viewer", "Viewer", "Looks at it"), ("editor", "Editor", "Works on it"), ("owner", "Owner", "Also manages who has access")];

pub fn routes(r: &mut Routes) {
    r.post(Who::Org, "/o/{org}/projects/{project}/grants", give);
    r.get(Who::Org, "/o/{org}/projects/{project}/grants/new", choose);
    r.get(Who::Org, "/o/{org}/projects/{project}/grants/{grant}", one);
    r.post(Who::Org, "/o/{org}/projects/{project}/grants/{grant}", change);
    r.get(Who::Org, "/o/{org}/projects/{project}/grants/{grant}/removal", ask_to_take);
    r.post(Who::Org, "/o/{org}/projects/{project}/grants/{grant}/removal", take);
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    q: String,
    return_to: String,
}

#[derive(Template)]
#[template(path = "projects/assign.html", blocks = ["form"])]
struct AssignPage {
    shell: Shell,
    action: String,
    back: String,
    return_to: String,
    choice: Choice,
    subject: String,
    level: String,
    email: String,
    errors: Errors,
    problem: String,
}

/// The popover of a row in a list of projects.
#[derive(Template)]
#[template(path = "projects/assign_pop.html")]
struct AssignPop {
    csrf: String,
    action: String,
    return_to: String,
    find: String,
    slug: String,
    choice: Choice,
}

/// What the search in it fills.
#[derive(Template)]
#[template(path = "projects/_candidates.html")]
struct CandidateList<'a> {
    choice: &'a Choice,
}

async fn choose(ctx: Ctx, path: web::Path<(String, String)>, wanted: web::Query<Wanted>) -> Result<HttpResponse> {
    let (org, project) = path.into_inner();
    let page = assign_page(&ctx, &org, &project, &wanted).await?;
    let slug = page.choice.project.slug.clone();
    let pop = AssignPop {
        csrf: page.shell.csrf.clone(),
        action: page.action.clone(),
        return_to: page.return_to.clone(),
        find: format!("{}/new", page.action),
        choice: page.choice.clone(),
        slug: slug.clone(),
    };
    ctx.html(&page, |target| match target {
        "dialog-body" => Some(page.as_form().render()),
        t if t == format!("assign-{slug}") => Some(pop.render()),
        t if t == format!("found-{slug}") => Some(CandidateList { choice: &pop.choice }.render()),
        _ => None,
    })
}

async fn assign_page(ctx: &Ctx, org: &str, project: &str, wanted: &Wanted) -> Result<AssignPage> {
    let query = Candidates { org: Ref::new(org), project: Ref::new(project), q: wanted.q.clone() };
    let (shell, choice) = ctx.console("Give access", query).await?;
    let here = format!("/o/{org}/projects/{}", choice.project.slug);
    let return_to = ctx.local(&wanted.return_to, &here).to_owned();
    Ok(AssignPage {
        shell,
        action: format!("{here}/grants"),
        back: here,
        return_to,
        choice,
        subject: String::new(),
        level: "viewer".into(),
        email: String::new(),
        errors: Errors::default(),
        problem: String::new(),
    })
}

async fn give(ctx: Ctx, path: web::Path<(String, String)>, form: PageForm) -> Result<HttpResponse> {
    let (org, project) = path.into_inner();
    let outcome = async {
        let command = GiveAccess {
            org: Ref::new(&org),
            project: Ref::new(&project),
            subject: subject(&form)?,
            role: form.get("level").to_owned(),
            valid_to: None,
        };
        ctx.run_from(&form, command).await
    };
    let here = format!("/o/{org}/projects/{project}");
    match outcome.await {
        Ok(grant) => ctx.done(&form, &here, format!("Gave {} {}", grant.subject.name, grant.role_name)),
        // From a popover in a list there is no form to come back to: the reason becomes a toast.
        Err(e) if ctx.hx_target.as_deref().is_some_and(|t| t != "dialog-body") => Err(match e {
            Error::Invalid(_) => Error::Conflict(e.message()),
            other => other,
        }),
        Err(e) => {
            let wanted = Wanted { q: String::new(), return_to: form.get("return_to").to_owned() };
            let mut page = assign_page(&ctx, &org, &project, &wanted).await?;
            page.subject = form.get("subject").to_owned();
            page.level = form.get("level").to_owned();
            page.email = form.get("email").to_owned();
            let status = e.status();
            match e {
                Error::Conflict(text) => page.problem = text,
                other => page.errors = field_errors(other)?,
            }
            ctx.html_as(status, &page, |target| (target == "dialog-body").then(|| page.as_form().render()))
        }
    }
}

fn by_address(email: &str) -> Result<SubjectRef> {
    let email = Email::parse(email).map_err(|e| Error::field("email", "invalid", e))?;
    Ok(SubjectRef { kind: SubjectKind::User, id: None, email: Some(email) })
}

/// `role:rol_...`, `user:usr_...`, `everyone:`, `email:...`, or an address typed beside them.
fn subject(form: &PageForm) -> Result<SubjectRef> {
    let email = form.get("email").trim();
    if !email.is_empty() {
        return by_address(email);
    }
    let (kind, id) = form.get("subject").split_once(':').unwrap_or_default();
    if kind == "email" {
        return by_address(id);
    }
    let kind = match kind {
        "role" => SubjectKind::Role,
        "user" => SubjectKind::User,
        "everyone" => SubjectKind::Everyone,
        _ => return Err(Error::field("subject", "required", "Choose a role or an account, or enter an address.")),
    };
    Ok(SubjectRef { kind, id: Some(id.to_owned()).filter(|i| !i.is_empty()), email: None })
}

#[derive(Template)]
#[template(path = "projects/grant.html", blocks = ["form"])]
struct GrantPage {
    shell: Shell,
    action: String,
    back: String,
    return_to: String,
    removal: String,
    project: String,
    grant: Grant,
    was: String,
    problem: String,
}

fn fields(grant: &Grant) -> Vec<Field> {
    let words: Vec<(&str, &str)> = LEVELS.iter().map(|l| (l.0, l.1)).collect();
    vec![Field::choice("level", "Level", &grant.role, &words)]
}

impl GrantPage {
    fn how(&self) -> &'static str {
        if self.grant.source == "invitation" { "Came with an invitation" } else { "Given by hand" }
    }
}

async fn find<C: Command>(ctx: &Ctx, org: &str, project: &str, grant: &str) -> Result<(Shell, super::Project, Grant)> {
    let (shell, detail) = ctx.form::<C, _>("Access", page(org, project)).await?;
    let grant = detail.grants.into_iter().find(|g| g.id.as_ref() == grant).ok_or(Error::NotFound)?;
    Ok((shell, detail.project, grant))
}

async fn grant_page(ctx: &Ctx, (org, project, grant): (&str, &str, &str), problem: String) -> Result<GrantPage> {
    let (shell, project, grant) = find::<ChangeAccess>(ctx, org, project, grant).await?;
    let here = format!("/o/{org}/projects/{}", project.slug);
    Ok(GrantPage {
        shell,
        action: format!("{here}/grants/{}", grant.id),
        removal: format!("{here}/grants/{}/removal", grant.id),
        return_to: came_from(ctx, &here),
        back: here,
        project: project.name,
        was: conflict::was(&fields(&grant)),
        grant,
        problem,
    })
}

/// The page behind the dialog, so that a change comes back to the list it was made on.
fn came_from(ctx: &Ctx, fallback: &str) -> String {
    let behind = url::Url::parse(&ctx.referer).map(|u| format!("{}{}", u.path(), u.query().map(|q| format!("?{q}")).unwrap_or_default()));
    match behind {
        Ok(path) if ctx.is_hx() => ctx.local(&path, fallback).to_owned(),
        _ => fallback.to_owned(),
    }
}

async fn one(ctx: Ctx, path: web::Path<(String, String, String)>) -> Result<HttpResponse> {
    let (org, project, grant) = path.into_inner();
    let page = grant_page(&ctx, (&org, &project, &grant), String::new()).await?;
    ctx.html(&page, |target| (target == "dialog-body").then(|| page.as_form().render()))
}

async fn change(ctx: Ctx, path: web::Path<(String, String, String)>, form: PageForm) -> Result<HttpResponse> {
    let (org, project, grant) = path.into_inner();
    let command = ChangeAccess {
        org: Ref::new(&org),
        project: Ref::new(&project),
        grant: Ref::new(&grant),
        role: Some(form.get("level").to_owned()),
        valid_to: None,
    };
    match ctx.run_from(&form, command).await {
        Ok(changed) => ctx.done(&form, &format!("/o/{org}/projects/{project}"), format!("Changed {} to {}", changed.subject.name, changed.role_name)),
        Err(Error::Stale { rev }) => {
            let (shell, project, grant) = find::<ChangeAccess>(&ctx, &org, &project, &grant).await?;
            let action = format!("/o/{org}/projects/{}/grants/{}", project.slug, grant.id);
            let (title, target) = (format!("{} on {}", grant.subject.name, project.name), ("project", project.id.to_string()));
            ctx.conflict(shell, &form, Now { title, back: action.clone(), action, rev, target, fields: fields(&grant) }).await
        }
        Err(e @ (Error::Conflict(_) | Error::Invalid(_))) => {
            let page = grant_page(&ctx, (&org, &project, &grant), e.message()).await?;
            ctx.html_as(e.status(), &page, |target| (target == "dialog-body").then(|| page.as_form().render()))
        }
        Err(e) => Err(e),
    }
}

#[derive(Template)]
#[template(path = "projects/removal.html", blocks = ["form"])]
struct RemovalPage {
    shell: Shell,
    action: String,
    back: String,
    return_to: String,
    project: String,
    grant: Grant,
    impact: Impact,
    changed: bool,
}

fn take_command(org: &str, project: &str, grant: &str) -> TakeAccess {
    TakeAccess { org: Ref::new(org), project: Ref::new(project), grant: Ref::new(grant) }
}

async fn ask_to_take(ctx: Ctx, path: web::Path<(String, String, String)>, wanted: web::Query<Wanted>) -> Result<HttpResponse> {
    let (org, project, grant) = path.into_inner();
    let impact = ctx.preview(take_command(&org, &project, &grant)).await?;
    removal_page(&ctx, (&org, &project, &grant), impact, &wanted.return_to, 200).await
}

async fn removal_page(ctx: &Ctx, (org, project, grant): (&str, &str, &str), impact: Impact, return_to: &str, status: u16) -> Result<HttpResponse> {
    let (shell, project, grant) = find::<TakeAccess>(ctx, org, project, grant).await?;
    let here = format!("/o/{org}/projects/{}", project.slug);
    let page = RemovalPage {
        shell,
        action: format!("{here}/grants/{}/removal", grant.id),
        return_to: ctx.local(return_to, &here).to_owned(),
        back: here,
        project: project.name,
        grant,
        impact,
        changed: status == 412,
    };
    ctx.html_as(status, &page, |target| (target == "dialog-body").then(|| page.as_form().render()))
}

async fn take(ctx: Ctx, path: web::Path<(String, String, String)>, form: PageForm) -> Result<HttpResponse> {
    let (org, project, grant) = path.into_inner();
    match ctx.run_from(&form, take_command(&org, &project, &grant)).await {
        Ok(gone) => ctx.done(&form, &format!("/o/{org}/projects/{project}"), format!("Removed {} from the project", gone.subject.name)),
        Err(Error::PreviewStale(impact)) => removal_page(&ctx, (&org, &project, &grant), *impact, form.get("return_to"), 412).await,
        Err(e) => Err(e),
    }
}
