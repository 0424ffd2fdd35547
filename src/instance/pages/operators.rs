//! What operators see: settings, all organizations, all users.

use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::access::Ref;
use crate::base::error::{Error, Result};
use crate::base::text::count;
use crate::base::web::address::Address;
use crate::base::web::again::Again;
use crate::base::web::conflict::{self, Field, Now};
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Errors, Shell};
use crate::instance::commands::UpdateInstance;
use crate::instance::queries::{OneUser, OrgList, ReadInstance, UserDetail, UserList};
use crate::instance::{Instance, InstanceOrg, User};

const TITLE: &str = "This installation";

#[derive(Template)]
#[template(path = "instance/settings.html")]
struct Settings {
    shell: Shell,
    instance: Instance,
    was: String,
    errors: Errors,
}

fn fields(instance: &Instance) -> Vec<Field> {
    let who = [("anyone", "Everybody with an account"), ("account_admins", "Account admins"), ("operators", "Only operators")];
    let admin_page = if instance.admin_page { "on" } else { "off" };
    vec![
        Field::choice("org_creation", "Who may create organizations", instance.org_creation.as_str(), &who),
        Field::choice("admin_page", "Organization admin page", admin_page, &[("on", "On"), ("off", "Off")]),
    ]
}

pub async fn settings(ctx: Ctx) -> Result<HttpResponse> {
    let (shell, instance) = ctx.console(TITLE, ReadInstance {}).await?;
    ctx.html(&Settings { shell, was: conflict::was(&fields(&instance)), instance, errors: Errors::default() }, |_| None)
}

pub async fn save(ctx: Ctx, form: PageForm) -> Result<HttpResponse> {
    let outcome = async { ctx.run_from(&form, form.command::<UpdateInstance>(&[])?).await };
    match outcome.await {
        Ok(_) => ctx.done(&form, "/instance", "Saved the settings of this installation"),
        Err(Error::Stale { rev }) => {
            let (shell, instance) = ctx.console(TITLE, ReadInstance {}).await?;
            let (here, target) = ("/instance".to_owned(), ("instance", "instance".to_owned()));
            let now = Now { title: "Settings of this installation".into(), action: here.clone(), back: here, rev, target, fields: fields(&instance) };
            ctx.conflict(shell, &form, now).await
        }
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            let (shell, instance) = ctx.console(TITLE, ReadInstance {}).await?;
            ctx.again(why, &Settings { shell, was: conflict::was(&fields(&instance)), instance, errors }, |_| None)
        }
    }
}

#[derive(Template)]
#[template(path = "instance/organizations.html", blocks = ["results"])]
struct Organizations {
    shell: Shell,
    at: Address,
    orgs: Vec<InstanceOrg>,
    shown: String,
    older: String,
    newer: String,
}

pub async fn organizations(ctx: Ctx, req: HttpRequest) -> Result<HttpResponse> {
    let at = Address::of(&req);
    let (shell, list) = ctx.console(TITLE, OrgList { q: at.some("q"), limit: None, cursor: at.some("cursor") }).await?;
    let shown = count(i64::try_from(list.items.len()).unwrap_or(0), "organization", "organizations");
    let (older, newer) = (at.older(list.next_cursor.as_deref()), at.newer());
    let page = Organizations { shell, orgs: list.items, shown, older, newer, at };
    ctx.html(&page, |target| (target == "organizations").then(|| page.as_results().render()))
}

#[derive(Template)]
#[template(path = "instance/users.html", blocks = ["results"])]
struct Users {
    shell: Shell,
    at: Address,
    users: Vec<User>,
    shown: String,
    older: String,
    newer: String,
}

pub async fn users(ctx: Ctx, req: HttpRequest) -> Result<HttpResponse> {
    let at = Address::of(&req);
    let (shell, list) = ctx.console(TITLE, UserList { q: at.some("q"), limit: None, cursor: at.some("cursor") }).await?;
    let shown = count(i64::try_from(list.items.len()).unwrap_or(0), "user", "users");
    let (older, newer) = (at.older(list.next_cursor.as_deref()), at.newer());
    let page = Users { shell, users: list.items, shown, older, newer, at };
    ctx.html(&page, |target| (target == "users").then(|| page.as_results().render()))
}

#[derive(Template)]
#[template(path = "instance/user.html")]
struct OneUserPage {
    shell: Shell,
    detail: UserDetail,
}

pub async fn user(ctx: Ctx, user: Path<String>) -> Result<HttpResponse> {
    let (mut shell, detail) = ctx.console(TITLE, OneUser { user: Ref::new(user.as_str()) }).await?;
    shell.title = detail.user.name.clone();
    ctx.html(&OneUserPage { shell, detail }, |_| None)
}
