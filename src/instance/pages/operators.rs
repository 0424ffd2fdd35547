//! What operators see: settings, all organizations, all users.

use actix_web::HttpResponse;
use actix_web::web::{Path, Query};
use askama::Template;

use crate::access::Ref;
use crate::base::db::Ts;
use crate::base::error::Result;
use crate::base::web::again::Again;
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
    errors: Errors,
}

pub async fn settings(ctx: Ctx) -> Result<HttpResponse> {
    let (shell, instance) = ctx.console(TITLE, ReadInstance {}).await?;
    ctx.html(&Settings { shell, instance, errors: Errors::default() }, |_| None)
}

pub async fn save(ctx: Ctx, form: PageForm) -> Result<HttpResponse> {
    let outcome = async { ctx.run_from(&form, form.command::<UpdateInstance>(&[])?).await };
    match outcome.await {
        Ok(_) => ctx.done(&form, "/instance", "Saved the settings of this installation"),
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            let (shell, instance) = ctx.console(TITLE, ReadInstance {}).await?;
            ctx.again(why, &Settings { shell, instance, errors }, |_| None)
        }
    }
}

/// The link to what comes after, with the search kept.
fn further(path: &str, q: &str, cursor: Option<String>) -> String {
    let Some(cursor) = cursor else { return String::new() };
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", q).append_pair("cursor", &cursor).finish();
    format!("{path}?{query}")
}

#[derive(Template)]
#[template(path = "instance/organizations.html", blocks = ["results"])]
struct Organizations {
    shell: Shell,
    orgs: Vec<InstanceOrg>,
    q: String,
    older: String,
}

pub async fn organizations(ctx: Ctx, list: Query<OrgList>) -> Result<HttpResponse> {
    let q = list.q.clone().unwrap_or_default();
    let (shell, list) = ctx.console(TITLE, list.into_inner()).await?;
    let older = further("/instance/organizations", &q, list.next_cursor);
    let page = Organizations { shell, orgs: list.items, q, older };
    ctx.html(&page, |target| (target == "organizations").then(|| page.as_results().render()))
}

#[derive(Template)]
#[template(path = "instance/users.html", blocks = ["results"])]
struct Users {
    shell: Shell,
    users: Vec<User>,
    q: String,
    older: String,
    now: Ts,
}

pub async fn users(ctx: Ctx, list: Query<UserList>) -> Result<HttpResponse> {
    let q = list.q.clone().unwrap_or_default();
    let (shell, list) = ctx.console(TITLE, list.into_inner()).await?;
    let older = further("/instance/users", &q, list.next_cursor);
    let page = Users { shell, users: list.items, q, older, now: ctx.world.now() };
    ctx.html(&page, |target| (target == "users").then(|| page.as_results().render()))
}

#[derive(Template)]
#[template(path = "instance/user.html")]
struct OneUserPage {
    shell: Shell,
    detail: UserDetail,
    now: Ts,
}

pub async fn user(ctx: Ctx, user: Path<String>) -> Result<HttpResponse> {
    let (mut shell, detail) = ctx.console(TITLE, OneUser { user: Ref::new(user.as_str()) }).await?;
    shell.title = detail.user.name.clone();
    ctx.html(&OneUserPage { shell, detail, now: ctx.world.now() }, |_| None)
}
