//! Pages: the Organization Admin page, and the organization's settings.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::admin::{Admin, AdminPage};
use super::commands::{DeleteOrg, UpdateOrg};
use super::queries::{AboutOrg, OneOrg};
use super::{Org, admin::May, guide};
use crate::access::{Mfa, Ref};
use crate::base::error::{Error, Result};
use crate::base::form;
use crate::base::text::initials;
use crate::base::web::address::Address;
use crate::base::web::conflict::{self, Field, Now};
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Errors, Shell, field_errors};
use crate::base::web::routes::{Routes, Who};
use crate::projects::pages::{ProjectsView, TableFragment, Wanted};
use crate::projects::queries::{ProjectList, Table};

pub fn routes(r: &mut Routes) {
    r.get(Who::Org, "/o/{org}", admin);
    r.get(Who::Org, "/o/{org}/settings", settings);
    r.post(Who::Org, "/o/{org}/settings", save);
    r.get(Who::Org, "/o/{org}/deletion", ask_to_delete);
    r.post(Who::Org, "/o/{org}/deletion", delete);
}

/// How many projects stand on the page at a time; other things follow below them.
const PROJECTS: i64 = 25;

#[derive(Template)]
#[template(path = "orgs/admin.html")]
struct Page {
    shell: Shell,
    org: String,
    guide: Vec<guide::Step>,
    admin: Admin,
    view: ProjectsView,
}

impl Page {
    fn may(&self) -> &May {
        &self.admin.may
    }
    fn mfa_is_off(&self) -> bool {
        self.admin.about.policy.mfa == Mfa::Off
    }
    fn coverage(&self) -> String {
        let counts = &self.admin.about.counts;
        let percent = (counts.with_mfa * 1000).checked_div(counts.members).unwrap_or(0);
        format!("{}.{}", percent / 10, percent % 10)
    }
    fn coverage_short(&self) -> String {
        let counts = &self.admin.about.counts;
        format!("{}%", (counts.with_mfa * 100).checked_div(counts.members).unwrap_or(0))
    }
    fn without_mfa(&self) -> i64 {
        self.admin.about.counts.members - self.admin.about.counts.with_mfa
    }
    /// What a role lets do, for a person who skims.
    fn in_words(&self, role: &crate::roles::Role) -> String {
        if role.key == "ADMIN" {
            return "Everything".into();
        }
        let words: Vec<String> =
            role.permissions.iter().filter_map(|k| crate::access::permissions::find(k)).map(|p| p.description.to_owned()).collect();
        match words.as_slice() {
            [] => "Nothing by itself".into(),
            [one] => one.clone(),
            [one, rest @ ..] => format!("{one}, and {} more", rest.len()),
        }
    }
    fn accounts(&self) -> i64 {
        let counts = &self.admin.about.counts;
        counts.members + counts.suspended + counts.externals
    }
    fn initials(&self, name: &str) -> String {
        initials(name)
    }
}

async fn admin(ctx: Ctx, path: web::Path<String>, wanted: web::Query<Wanted>) -> Result<HttpResponse> {
    let list = wanted.list(&path, &Address::of_page(&ctx));
    let query = AdminPage { org: Ref::new(path.as_str()), projects: ProjectList { limit: Some(PROJECTS), ..list } };
    let (mut shell, mut admin) = ctx.console("Organization admin", query).await?;
    shell.title = admin.about.org.name.clone();
    let org = admin.about.org.slug.clone();
    let guide = guide::steps(&admin);
    let none = Table { rows: Vec::new(), next_cursor: None, may_create: false, sees_access: false, order: admin.projects.order, counts: None };
    let table = std::mem::replace(&mut admin.projects, none);
    let page = Page { view: ProjectsView::new(&org, &ctx, &wanted, table), shell, org, guide, admin };
    ctx.html(&page, |target| (target == "project-list").then(|| TableFragment { view: &page.view, shell: &page.shell }.render()))
}

#[derive(Template)]
#[template(path = "orgs/settings.html")]
struct SettingsPage {
    shell: Shell,
    here: String,
    org: Org,
    was: String,
    errors: Errors,
}

fn fields(org: &Org) -> Vec<Field> {
    vec![
        Field::text("name", "Name", &org.name),
        Field::text("slug", "Short name", &org.slug),
        Field::text("description", "Description", &org.description),
    ]
}

async fn settings(ctx: Ctx, path: web::Path<String>) -> Result<HttpResponse> {
    settings_page(&ctx, &path, None).await
}

async fn settings_page(ctx: &Ctx, org: &str, again: Option<(&PageForm, Error)>) -> Result<HttpResponse> {
    let (shell, about) = ctx.form::<UpdateOrg, _>("Settings", AboutOrg { org: Ref::new(org) }).await?;
    if let Some((form, Error::Stale { rev })) = &again {
        let (here, fields) = (format!("/o/{org}/settings"), fields(&about.org));
        let now =
            Now { title: "Settings".into(), action: here.clone(), back: here, rev: *rev, target: ("organization", about.org.id.to_string()), fields };
        return ctx.conflict(shell, form, now).await;
    }
    let mut page = SettingsPage {
        shell,
        here: format!("/o/{org}/settings"),
        was: conflict::was(&fields(&about.org)),
        org: about.org,
        errors: Errors::default(),
    };
    let mut status = 200;
    if let Some((form, error)) = again {
        status = error.status();
        page.org.name = form.get("name").to_owned();
        page.org.slug = form.get("slug").to_owned();
        page.org.description = form.get("description").to_owned();
        page.errors = field_errors(error)?;
    }
    ctx.html_as(status, &page, |_| None)
}

async fn save(ctx: Ctx, path: web::Path<String>, form: PageForm) -> Result<HttpResponse> {
    let outcome = async {
        let mut fields = form.fields();
        fields.insert("org".into(), path.as_str().into());
        // An emptied description is a change, not a field left out.
        fields.insert("description".into(), form.get("description").into());
        let command: UpdateOrg = form::decode(fields)?;
        ctx.run_from(&form, command).await
    };
    match outcome.await {
        Ok(org) => ctx.done(&form, &format!("/o/{}/settings", org.slug), "Saved the settings"),
        Err(e @ (Error::Invalid(_) | Error::Stale { .. })) => settings_page(&ctx, &path, Some((&form, e))).await,
        Err(e) => Err(e),
    }
}

#[derive(Template)]
#[template(path = "orgs/delete.html", blocks = ["form"])]
struct DeletePage {
    shell: Shell,
    action: String,
    back: String,
    org: Org,
    problem: String,
    errors: Errors,
}

async fn ask_to_delete(ctx: Ctx, path: web::Path<String>) -> Result<HttpResponse> {
    delete_page(&ctx, &path, 200, String::new(), Errors::default()).await
}

async fn delete_page(ctx: &Ctx, org: &str, status: u16, problem: String, errors: Errors) -> Result<HttpResponse> {
    let (shell, found) = ctx.form::<DeleteOrg, _>("Delete organization", OneOrg { org: Ref::new(org) }).await?;
    let page = DeletePage { shell, action: format!("/o/{org}/deletion"), back: format!("/o/{org}/settings"), org: found, problem, errors };
    ctx.html_as(status, &page, |target| (target == "dialog-body").then(|| page.as_form().render()))
}

async fn delete(ctx: Ctx, path: web::Path<String>, form: PageForm) -> Result<HttpResponse> {
    // The page always asks for the word, so an empty field is a wrong word and not a word left out.
    let command = DeleteOrg { org: Ref::new(path.as_str()), confirm: Some(form.get("confirm").to_owned()) };
    match ctx.run_from(&form, command).await {
        Ok(gone) => ctx.done(&form, "/orgs", format!("Deleted {}", gone.name)),
        Err(Error::Invalid(fields)) => delete_page(&ctx, &path, 422, String::new(), Errors(fields)).await,
        Err(Error::Conflict(why)) => delete_page(&ctx, &path, 409, why, Errors::default()).await,
        Err(e) => Err(e),
    }
}
