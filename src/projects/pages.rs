//! Pages: the projects one can see, one project with its access, and the dialogs around them.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::commands::{CreateProject, DeleteProject, UpdateProject};
use super::export::ProjectExport;
use super::queries::{Detail, ProjectList, ProjectPage, ProjectTable, Table};
use super::store::ViewCounts;
use super::{Grant, Project, sharing_pages};
use crate::access::Ref;
use crate::base::error::{Error, Result};
use crate::base::order::Order;
use crate::base::text::count;
use crate::base::web::address::{Address, Files};
use crate::base::web::conflict::{self, Field, Now};
use crate::base::web::ctx::Ctx;
use crate::base::web::export;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Errors, Shell, field_errors};
use crate::base::web::routes::{Routes, Who};
use crate::orgs::queries::OneOrg;

pub fn routes(r: &mut Routes) {
    r.get(Who::Org, "/o/{org}/projects", list);
    r.get(Who::Org, "/o/{org}/exports/projects", export::serve::<ProjectExport>);
    r.post(Who::Org, "/o/{org}/projects", create);
    r.get(Who::Org, "/o/{org}/projects/new", new);
    r.get(Who::Org, "/o/{org}/projects/{project}", one);
    r.post(Who::Org, "/o/{org}/projects/{project}", update);
    r.get(Who::Org, "/o/{org}/projects/{project}/settings", settings);
    r.get(Who::Org, "/o/{org}/projects/{project}/deletion", ask_to_delete);
    r.post(Who::Org, "/o/{org}/projects/{project}/deletion", delete);
    sharing_pages::routes(r);
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Wanted {
    pub q: String,
    pub access: String,
    pub cursor: Option<String>,
}

impl Wanted {
    pub fn list(&self, org: &str, at: &Address) -> ProjectList {
        let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
        let (sort, limit) = (at.some("sort"), Some(at.rows()));
        ProjectList { q: some(&self.q), access: some(&self.access), sort, limit, cursor: self.cursor.clone(), ..ProjectList::of(org) }
    }
}

/// The table of projects, the same on the admin page and on the page of projects.
pub struct ProjectsView {
    pub org: String,
    /// The page that the table stands on, with its filter: where a change comes back to.
    pub at: Address,
    pub here: String,
    pub order: Order,
    pub views: Vec<View>,
    pub q: String,
    pub access: String,
    pub rows: Vec<RowView>,
    pub may_create: bool,
    pub sees_access: bool,
    pub shown: String,
    pub older: String,
    pub newer: String,
    pub files: Files,
}

pub struct RowView {
    pub project: Project,
    pub chips: Vec<ChipView>,
    pub more: i64,
    pub may_share: bool,
    pub may_delete: bool,
}

pub struct ChipView {
    pub kind: &'static str,
    pub name: String,
    pub level: String,
    pub href: String,
}

impl ProjectsView {
    pub fn new(org: &str, ctx: &Ctx, wanted: &Wanted, table: Table) -> Self {
        let at = Address::of_page(ctx);
        Self {
            org: org.to_owned(),
            here: at.here(),
            order: table.order,
            views: table.counts.map(|c| views(&at, &c)).unwrap_or_default(),
            q: wanted.q.clone(),
            access: wanted.access.clone(),
            shown: count(i64::try_from(table.rows.len()).unwrap_or(0), "project", "projects"),
            rows: table.rows.into_iter().map(|row| row_view(org, row)).collect(),
            may_create: table.may_create,
            sees_access: table.sees_access,
            older: at.older(table.next_cursor.as_deref()),
            newer: at.newer(),
            files: at.files(format!("/o/{org}/exports/projects"), &["q", "access", "sort"]),
            at,
        }
    }
}

/// A saved view: a filter with how many it finds.
pub struct View {
    pub label: &'static str,
    pub href: String,
    pub current: bool,
    pub count: String,
}

fn views(at: &Address, counts: &ViewCounts) -> Vec<View> {
    let of = |label, value: &str, n: i64| View {
        label,
        href: at.with("access", value),
        current: at.is("access", value),
        count: if n < ViewCounts::COUNTED { n.to_string() } else { format!("{n}+") },
    };
    vec![of("All", "", counts.all), of("With people from outside", "external", counts.external), of("Nobody has access", "none", counts.none)]
}

fn row_view(org: &str, row: super::queries::ProjectRow) -> RowView {
    let slug = &row.project.slug;
    let chips: Vec<ChipView> = row.grants.iter().map(|g| chip(org, slug, g, row.may_share)).collect();
    let shown = i64::try_from(chips.len()).unwrap_or(0);
    RowView { more: row.grant_count - shown, chips, may_share: row.may_share, may_delete: row.may_delete, project: row.project }
}

/// The table alone, for htmx.
#[derive(Template)]
#[template(path = "projects/_table.html")]
pub struct TableFragment<'a> {
    pub view: &'a ProjectsView,
    pub shell: &'a Shell,
}

pub fn chip(org: &str, project: &str, grant: &Grant, may_share: bool) -> ChipView {
    let href = if may_share { format!("/o/{org}/projects/{project}/grants/{}", grant.id) } else { String::new() };
    ChipView { kind: grant.subject.chip(), name: grant.subject.name.clone(), level: grant.role_name.clone(), href }
}

#[derive(Template)]
#[template(path = "projects/list.html")]
struct ListPage {
    shell: Shell,
    view: ProjectsView,
}

async fn list(ctx: Ctx, path: web::Path<String>, wanted: web::Query<Wanted>) -> Result<HttpResponse> {
    let (shell, table) = ctx.console("Projects", ProjectTable { list: wanted.list(&path, &Address::of_page(&ctx)), with_views: true }).await?;
    let page = ListPage { view: ProjectsView::new(&path, &ctx, &wanted, table), shell };
    ctx.html(&page, |target| (target == "project-list").then(|| TableFragment { view: &page.view, shell: &page.shell }.render()))
}

#[derive(Template)]
#[template(path = "projects/form.html", blocks = ["form"])]
struct FormPage {
    shell: Shell,
    title: &'static str,
    action: String,
    back: String,
    verb: &'static str,
    name: String,
    slug: String,
    description: String,
    rev: String,
    was: String,
    problem: String,
    errors: Errors,
}

fn fields(project: &Project) -> Vec<Field> {
    vec![
        Field::text("name", "Name", &project.name),
        Field::text("slug", "Short name", &project.slug),
        Field::text("description", "Description", &project.description),
    ]
}

impl FormPage {
    fn create(shell: Shell, org: &str) -> Self {
        Self {
            shell,
            title: "Create project",
            action: format!("/o/{org}/projects"),
            back: format!("/o/{org}/projects"),
            verb: "Create project",
            name: String::new(),
            slug: String::new(),
            description: String::new(),
            rev: String::new(),
            was: String::new(),
            problem: String::new(),
            errors: Errors::default(),
        }
    }

    fn change(shell: Shell, org: &str, project: &Project) -> Self {
        let here = format!("/o/{org}/projects/{}", project.slug);
        Self {
            title: "Change project",
            action: here.clone(),
            back: here,
            verb: "Save project",
            name: project.name.clone(),
            slug: project.slug.clone(),
            description: project.description.clone(),
            rev: project.rev.to_string(),
            was: conflict::was(&fields(project)),
            ..Self::create(shell, org)
        }
    }

    /// The same form with what was typed and what was wrong with it.
    fn again(mut self, form: &PageForm, error: Error) -> Result<Self> {
        self.name = form.get("name").to_owned();
        self.slug = form.get("slug").to_owned();
        self.description = form.get("description").to_owned();
        match error {
            Error::Conflict(text) => self.problem = text,
            other => self.errors = field_errors(other)?,
        }
        Ok(self)
    }

    fn answer(&self, ctx: &Ctx, status: u16) -> Result<HttpResponse> {
        ctx.html_as(status, self, |target| (target == "dialog-body").then(|| self.as_form().render()))
    }
}

async fn new(ctx: Ctx, path: web::Path<String>) -> Result<HttpResponse> {
    let (shell, _) = ctx.form::<CreateProject, _>("Create project", OneOrg { org: Ref::new(&*path) }).await?;
    FormPage::create(shell, &path).answer(&ctx, 200)
}

async fn create(ctx: Ctx, path: web::Path<String>, form: PageForm) -> Result<HttpResponse> {
    let outcome = async {
        let command = form.command::<CreateProject>(&[("org", &path)])?;
        ctx.run_from(&form, command).await
    };
    match outcome.await {
        Ok(project) => ctx.done(&form, &format!("/o/{path}/projects/{}", project.slug), format!("Created {}", project.name)),
        Err(e) => {
            let status = e.status();
            let (shell, _) = ctx.form::<CreateProject, _>("Create project", OneOrg { org: Ref::new(&*path) }).await?;
            FormPage::create(shell, &path).again(&form, e)?.answer(&ctx, status)
        }
    }
}

#[derive(Template)]
#[template(path = "projects/one.html", blocks = ["access"])]
struct OnePage {
    shell: Shell,
    org: String,
    here: String,
    page_of: Detail,
    chips: Vec<(ChipView, Grant)>,
}

async fn one(ctx: Ctx, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (org, project) = path.into_inner();
    let (mut shell, detail) = ctx.console("Project", page(&org, &project)).await?;
    shell.title = detail.project.name.clone();
    let chips = detail.grants.iter().map(|g| (chip(&org, &detail.project.slug, g, detail.may_share), g.clone())).collect();
    let page = OnePage { shell, here: format!("/o/{org}/projects/{}", detail.project.slug), org, page_of: detail, chips };
    ctx.html(&page, |target| (target == "access").then(|| page.as_access().render()))
}

pub fn page(org: &str, project: &str) -> ProjectPage {
    ProjectPage { org: Ref::new(org), project: Ref::new(project) }
}

async fn settings(ctx: Ctx, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (org, project) = path.into_inner();
    let (shell, detail) = ctx.form::<UpdateProject, _>("Change project", page(&org, &project)).await?;
    FormPage::change(shell, &org, &detail.project).answer(&ctx, 200)
}

async fn update(ctx: Ctx, path: web::Path<(String, String)>, form: PageForm) -> Result<HttpResponse> {
    let (org, project) = path.into_inner();
    let outcome = async {
        let mut fields = form.fields();
        fields.insert("org".into(), org.clone().into());
        fields.insert("project".into(), project.clone().into());
        // An emptied description is a change, not a field left out.
        fields.insert("description".into(), form.get("description").into());
        let command: UpdateProject = crate::base::form::decode(fields)?;
        ctx.run_from(&form, command).await
    };
    match outcome.await {
        Ok(saved) => ctx.done(&form, &format!("/o/{org}/projects/{}", saved.slug), format!("Saved {}", saved.name)),
        Err(e) => {
            let status = e.status();
            let (shell, detail) = ctx.form::<UpdateProject, _>("Change project", page(&org, &project)).await?;
            if let Error::Stale { rev } = e {
                let (title, action) = (format!("Change {}", detail.project.name), format!("/o/{org}/projects/{}", detail.project.slug));
                let (back, fields) = (format!("{action}/settings"), fields(&detail.project));
                let now = Now { title, action, back, rev, target: ("project", detail.project.id.to_string()), fields };
                return ctx.conflict(shell, &form, now).await;
            }
            FormPage::change(shell, &org, &detail.project).again(&form, e)?.answer(&ctx, status)
        }
    }
}

#[derive(Template)]
#[template(path = "projects/delete.html", blocks = ["form"])]
struct DeletePage {
    shell: Shell,
    action: String,
    back: String,
    project: Project,
    /// Who still has access, when somebody has.
    who: Vec<String>,
    problem: String,
    errors: Errors,
}

async fn ask_to_delete(ctx: Ctx, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (org, project) = path.into_inner();
    delete_page(&ctx, &org, &project, 200, String::new(), Errors::default()).await
}

async fn delete_page(ctx: &Ctx, org: &str, project: &str, status: u16, problem: String, errors: Errors) -> Result<HttpResponse> {
    let (shell, detail) = ctx.form::<DeleteProject, _>("Delete project", page(org, project)).await?;
    let here = format!("/o/{org}/projects/{}", detail.project.slug);
    let who = detail.grants.iter().map(|g| g.subject.name.clone()).collect();
    let page = DeletePage { shell, action: format!("{here}/deletion"), back: here, project: detail.project, who, problem, errors };
    ctx.html_as(status, &page, |target| (target == "dialog-body").then(|| page.as_form().render()))
}

async fn delete(ctx: Ctx, path: web::Path<(String, String)>, form: PageForm) -> Result<HttpResponse> {
    let (org, project) = path.into_inner();
    // The page always asks for the word, so an empty field is a wrong word and not a word left out.
    let command = DeleteProject { org: Ref::new(&org), project: Ref::new(&project), confirm: Some(form.get("confirm").to_owned()) };
    match ctx.run_from(&form, command).await {
        Ok(gone) => ctx.done(&form, &format!("/o/{org}/projects"), format!("Deleted {}", gone.name)),
        Err(Error::Invalid(fields)) => delete_page(&ctx, &org, &project, 422, String::new(), Errors(fields)).await,
        Err(e @ (Error::Conflict(_) | Error::Stale { .. })) => delete_page(&ctx, &org, &project, e.status(), e.message(), Errors::default()).await,
        Err(e) => Err(e),
    }
}
