//! The pages of roles: the list, one role with who holds it and what it opens, making, changing and deleting one.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::commands::{CreateRole, DeleteRole, UpdateRole};
use super::queries::{RoleDetail, RoleList, RolePage, RoleTable};
use super::{Role, store};
use crate::access::Ref;
use crate::access::permissions::{CATALOGUE, Level, Permission, find};
use crate::base::error::{Error, FieldError, Result};
use crate::base::form;
use crate::base::text::initials;
use crate::base::times::{Times, When};
use crate::base::web::address::{Address, Files};
use crate::base::web::confirm::Confirm;
use crate::base::web::conflict::{self, Field, Now};
use crate::base::web::ctx::Ctx;
use crate::base::web::export;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Errors, Flash, Shell, field_errors};
use crate::base::web::routes::{Routes, Who};
use crate::orgs::queries::OneOrg;

pub fn routes(r: &mut Routes) {
    r.get(Who::Org, "/o/{org}/roles", list);
    r.get(Who::Org, "/o/{org}/exports/roles", export::serve::<RoleList>);
    r.post(Who::Org, "/o/{org}/roles", create);
    r.get(Who::Org, "/o/{org}/roles/new", new);
    r.get(Who::Org, "/o/{org}/roles/{role}", show);
    r.post(Who::Org, "/o/{org}/roles/{role}", update);
    r.get(Who::Org, "/o/{org}/roles/{role}/deletion", deletion);
    r.post(Who::Org, "/o/{org}/roles/{role}/deletion", delete);
}

/// How many permissions a row names before it counts.
const NAMED: usize = 3;

struct Row {
    name: String,
    key: String,
    href: String,
    builtin: bool,
    holders: i64,
    holders_href: String,
    projects: i64,
    permissions: Vec<&'static str>,
    more: usize,
    everything: bool,
}

fn words(keys: &[String]) -> Vec<&'static str> {
    CATALOGUE.iter().filter(|p| keys.iter().any(|k| k == p.key)).map(|p| p.description).collect()
}

fn row(role: Role, org: &str) -> Row {
    let all = words(&role.permissions);
    Row {
        href: format!("/o/{org}/roles/{}", role.key),
        holders_href: format!("/o/{org}/members?role={}", role.key),
        builtin: role.is_builtin(),
        everything: role.is_builtin() && role.key == "ADMIN",
        more: all.len().saturating_sub(NAMED),
        permissions: all.into_iter().take(NAMED).collect(),
        holders: role.holders,
        projects: role.projects,
        name: role.name,
        key: role.key,
    }
}

#[derive(Template)]
#[template(path = "roles/list.html", blocks = ["results"])]
struct Page {
    shell: Shell,
    at: Address,
    rows: Vec<Row>,
    shown: String,
    older: String,
    newer: String,
    files: Files,
    may_manage: bool,
}

async fn list(ctx: Ctx, req: HttpRequest, path: web::Path<String>) -> Result<HttpResponse> {
    let at = Address::of(&req);
    let list = RoleList { q: at.some("q"), cursor: at.some("cursor"), limit: Some(50), ..RoleList::of(&path) };
    let (shell, (list, may_manage)) = ctx.console("Roles", RoleTable { list }).await?;
    let rows: Vec<Row> = list.items.into_iter().map(|r| row(r, &path)).collect();
    let page = Page {
        shell,
        shown: crate::base::text::count(i64::try_from(rows.len()).unwrap_or(0), "role", "roles"),
        older: at.older(list.next_cursor.as_deref()),
        newer: at.newer(),
        files: at.files(format!("/o/{}/exports/roles", *path), &["q"]).and("level", "org"),
        rows,
        may_manage,
        at,
    };
    ctx.html(&page, |target| (target == "roles").then(|| page.as_results().render()))
}

struct Pick {
    permission: &'static Permission,
    chosen: bool,
}

/// The permissions under the headings of their levels.
struct Group {
    title: &'static str,
    hint: &'static str,
    picks: Vec<Pick>,
}

fn groups(chosen: &[String]) -> Vec<Group> {
    let of = |title, hint, level: Level| {
        let picks = CATALOGUE.iter().filter(|p| p.level == level).map(|p| Pick { permission: p, chosen: chosen.iter().any(|k| k == p.key) });
        Group { title, hint, picks: picks.collect() }
    };
    let all = [
        of("In the organization", "", Level::Org),
        of("In every workspace", "", Level::Workspace),
        of(
            "On every project",
            "Held on all projects, also those to come. To open single projects, share them with the role instead.",
            Level::Project,
        ),
    ];
    all.into_iter().filter(|g| !g.picks.is_empty()).collect()
}

#[derive(Template)]
#[template(path = "roles/new.html", blocks = ["form"])]
struct Form {
    shell: Shell,
    action: String,
    back: String,
    name: String,
    description: String,
    groups: Vec<Group>,
    errors: Errors,
}

async fn new(ctx: Ctx, path: web::Path<String>) -> Result<HttpResponse> {
    new_form(&ctx, &path, None, 200, Errors::default()).await
}

async fn new_form(ctx: &Ctx, org: &str, typed: Option<&PageForm>, status: u16, errors: Errors) -> Result<HttpResponse> {
    let (shell, _) = ctx.form::<CreateRole, _>("Create role", OneOrg { org: Ref::new(org) }).await?;
    let said = |name: &str| typed.map(|f| f.get(name).to_owned()).unwrap_or_default();
    let list = format!("/o/{org}/roles");
    let groups = groups(&typed.map(|f| f.all("permissions[]")).unwrap_or_default());
    let page = Form { shell, action: list.clone(), back: list, name: said("name"), description: said("description"), groups, errors };
    ctx.html_as(status, &page, |target| (target == "dialog-body").then(|| page.as_form().render()))
}

async fn create(ctx: Ctx, path: web::Path<String>, form: PageForm) -> Result<HttpResponse> {
    let outcome = async {
        let command = form.command::<CreateRole>(&[("org", &path)])?;
        ctx.run_from(&form, command).await
    };
    match outcome.await {
        Ok(role) => ctx.done(&form, &format!("/o/{}/roles/{}", *path, role.key), format!("Created the role {}", role.name)),
        Err(Error::Conflict(why)) => new_form(&ctx, &path, Some(&form), 409, Errors(vec![FieldError::new("", "conflict", why)])).await,
        Err(e) => new_form(&ctx, &path, Some(&form), 422, field_errors(e)?).await,
    }
}

struct Holder {
    name: String,
    email: String,
    initials: String,
    href: String,
    suspended: bool,
    since: When,
}

fn holder(h: store::Holder, org: &str, times: &Times) -> Holder {
    Holder {
        initials: initials(&h.name),
        href: format!("/o/{org}/members/{}", h.member_id),
        suspended: h.status == "suspended",
        since: times.day(crate::base::db::Ts(h.since)),
        name: h.name,
        email: h.email,
    }
}

#[derive(Template)]
#[template(path = "roles/one.html")]
struct One {
    shell: Shell,
    base: String,
    href: String,
    role: Role,
    was: String,
    name: String,
    description: String,
    everything: bool,
    permissions: Vec<&'static Permission>,
    groups: Vec<Group>,
    holders: Vec<Holder>,
    projects: Vec<store::Reached>,
    may_manage: bool,
    may_read_audit: bool,
    errors: Errors,
}

type RolePath = web::Path<(String, String)>;

async fn show(ctx: Ctx, path: RolePath) -> Result<HttpResponse> {
    one(&ctx, &path, None, 200, Errors::default()).await
}

async fn one(ctx: &Ctx, path: &(String, String), typed: Option<&PageForm>, status: u16, errors: Errors) -> Result<HttpResponse> {
    let (mut shell, detail) = ctx.console("Role", RolePage { org: Ref::new(&path.0), role: Ref::new(&path.1) }).await?;
    let RoleDetail { role, holders, projects, may_manage, may_read_audit } = detail;
    shell.title.clone_from(&role.name);
    let chosen = typed.map_or_else(|| role.permissions.clone(), |f| f.all("permissions[]"));
    let said = |name: &str, now: &str| typed.map_or_else(|| now.to_owned(), |f| f.get(name).to_owned());
    let page = One {
        shell,
        base: format!("/o/{}", path.0),
        href: format!("/o/{}/roles/{}", path.0, role.key),
        was: conflict::was(&fields(&role)),
        name: said("name", &role.name),
        description: said("description", &role.description),
        everything: role.is_builtin() && role.key == "ADMIN",
        permissions: role.permissions.iter().filter_map(|k| find(k)).collect(),
        groups: groups(&chosen),
        holders: holders.into_iter().map(|h| holder(h, &path.0, &ctx.times())).collect(),
        projects,
        may_manage,
        may_read_audit,
        errors,
        role,
    };
    ctx.html_as(status, &page, |_| None)
}

fn fields(role: &Role) -> Vec<Field> {
    let words = CATALOGUE.iter().map(|p| (p.key.to_owned(), p.description.to_owned())).collect();
    vec![
        Field::text("name", "Name", &role.name),
        Field::text("description", "Description", &role.description),
        Field::set("permissions[]", "Permissions", role.permissions.clone(), words),
    ]
}

/// A form says all that a role is: no ticked permission means none, an empty description means none.
fn change(form: &PageForm, path: &(String, String)) -> Result<UpdateRole> {
    let mut fields = form.fields();
    fields.entry("permissions").or_insert_with(|| serde_json::json!([]));
    fields.entry("description").or_insert_with(|| serde_json::json!(""));
    fields.insert("org".into(), path.0.as_str().into());
    fields.insert("role".into(), path.1.as_str().into());
    form::decode(fields)
}

async fn update(ctx: Ctx, path: RolePath, form: PageForm) -> Result<HttpResponse> {
    let outcome = async {
        let command = change(&form, &path)?;
        if form.get("preview").is_empty() && !taken(&ctx, &path, &form).await?.is_empty() {
            return Ok(None);
        }
        ctx.run_from(&form, command).await.map(Some)
    };
    match outcome.await {
        Ok(Some(role)) => ctx.done(&form, &format!("/o/{}/roles/{}", path.0, role.key), format!("Changed the role {}", role.name)),
        Ok(None) => ask_change(&ctx, &path, &form, None).await,
        Err(e @ Error::PreviewStale(_)) => ask_change(&ctx, &path, &form, Some(e)).await,
        Err(Error::Stale { rev }) => {
            let (shell, d) = ctx.console("Change role", RolePage { org: Ref::new(&path.0), role: Ref::new(&path.1) }).await?;
            let here = format!("/o/{}/roles/{}", path.0, d.role.key);
            let (title, target) = (format!("Change {}", d.role.name), ("role", d.role.id.to_string()));
            ctx.conflict(shell, &form, Now { title, action: here.clone(), back: here, rev, target, fields: fields(&d.role) }).await
        }
        Err(e @ Error::Conflict(_)) => one(&ctx, &path, Some(&form), e.status(), Errors(vec![FieldError::new("", "conflict", e.message())])).await,
        Err(e) => one(&ctx, &path, Some(&form), 422, field_errors(e)?).await,
    }
}

/// What the form takes from everybody who holds the role, in words.
async fn taken(ctx: &Ctx, path: &(String, String), form: &PageForm) -> Result<Vec<String>> {
    let before = ctx.ask(RolePage { org: Ref::new(&path.0), role: Ref::new(&path.1) }).await?;
    let kept = form.all("permissions[]");
    let gone: Vec<String> = before.role.permissions.into_iter().filter(|k| !kept.contains(k)).collect();
    Ok(if before.role.holders == 0 { Vec::new() } else { words(&gone).into_iter().map(str::to_owned).collect() })
}

async fn ask_change(ctx: &Ctx, path: &(String, String), form: &PageForm, said: Option<Error>) -> Result<HttpResponse> {
    let gone = taken(ctx, path, form).await?;
    let (shell, d) = ctx.console("Change role", RolePage { org: Ref::new(&path.0), role: Ref::new(&path.1) }).await?;
    let names: Vec<String> = d.holders.iter().map(|h| h.name.clone()).collect();
    let rest = usize::try_from(d.role.holders).unwrap_or(0).saturating_sub(names.len());
    let who = if rest > 0 { format!("{} and {rest} more", names.join(", ")) } else { crate::base::text::names(&names, names.len()) };
    let href = format!("/o/{}/roles/{}", path.0, path.1);
    let ask = Confirm::loss(format!("Take permissions from {}?", d.role.name), href.clone(), "Save role".into(), href)
        .lede(format!("Who holds {} loses these permissions at once, unless another role gives them too: {who}.", d.role.name))
        .list("No longer permitted:", gone);
    let mut ask = Confirm { said_all: true, ..ask };
    for (name, value) in form.0.0.iter().filter(|(n, _)| ["name", "description", "permissions[]", "rev", "was"].contains(&n.as_str())) {
        ask = ask.field(name, value);
    }
    ctx.confirm(shell, ask, change(form, path)?, said).await
}

async fn deletion(ctx: Ctx, path: RolePath) -> Result<HttpResponse> {
    ask_deletion(&ctx, &path, None).await
}

/// A role in use is told with who and what uses it, and without a button.
async fn ask_deletion(ctx: &Ctx, path: &(String, String), said: Option<Error>) -> Result<HttpResponse> {
    let (shell, d) = ctx.console("Delete role", RolePage { org: Ref::new(&path.0), role: Ref::new(&path.1) }).await?;
    let href = format!("/o/{}/roles/{}", path.0, path.1);
    let label = format!("Delete {}", d.role.name);
    let ask = Confirm { fields: Vec::new(), said_all: true, ..Confirm::loss(format!("{label}?"), format!("{href}/deletion"), label, href) }
        .lede("Nobody holds it and nothing uses it, or it cannot be deleted. Its history stays in the audit log.")
        .typed(d.role.key);
    ctx.confirm(shell, ask, DeleteRole { org: Ref::new(&path.0), role: Ref::new(&path.1), confirm: None }, said).await
}

async fn delete(ctx: Ctx, path: RolePath, form: PageForm) -> Result<HttpResponse> {
    // The page always asks for the word, so an empty field is a wrong word and not a word left out.
    let confirm = Some(form.get("confirm").to_owned());
    match ctx.run_from(&form, DeleteRole { org: Ref::new(&path.0), role: Ref::new(&path.1), confirm }).await {
        Ok(gone) => {
            let flash = Flash::done(format!("Deleted the role {}", gone.name));
            ctx.on_to(&format!("/o/{}/roles", path.0), Some(flash))
        }
        Err(e) => ask_deletion(&ctx, &path, Some(e)).await,
    }
}
