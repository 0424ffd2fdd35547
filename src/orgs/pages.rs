//! The start page, and the organizations of a person.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::MyOrg;
use super::commands::CreateOrg;
use super::queries::{MyOrgs, OneOrg};
use crate::access::Ref;
use crate::base::error::{Error, Result};
use crate::base::web::address::Address;
use crate::base::web::again::Again;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Errors, OrgLink, Shell, home};
use crate::base::web::routes::{Routes, Who};
use crate::instance::setup;

pub fn routes(r: &mut Routes) {
    r.get(Who::Anyone, "/", start);
    r.get(Who::SignedIn, "/orgs", list);
    r.get(Who::Org, "/o/{org}/open", open);
    r.post(Who::SignedIn, "/orgs", create);
    r.get(Who::SignedIn, "/orgs/new", new);
}

/// On to where the person was last, if that is still theirs.
async fn start(ctx: Ctx) -> Result<HttpResponse> {
    let flash = ctx.flash.clone();
    let Some(me) = ctx.caller.actor.user().cloned() else {
        let world = ctx.world.clone();
        let to = if ctx.blocking(move || setup::is_open(&world)).await? { "/setup" } else { "/login" };
        return ctx.on_to(to, flash);
    };
    let mine = ctx.ask(MyOrgs {}).await?.items;
    let open: Vec<&MyOrg> = mine.iter().filter(|o| o.standing != "Suspended").collect();
    let last = open.iter().find(|o| me.last_org_id.as_ref().is_some_and(|id| id.as_ref() == o.id));
    match last.or(open.first()) {
        Some(org) => ctx.on_to(&home(&org.slug, &org.standing), flash),
        None => ctx.on_to("/orgs", flash),
    }
}

#[derive(Template)]
#[template(path = "orgs/list.html", blocks = ["results"])]
struct List {
    shell: Shell,
    at: Address,
    orgs: Vec<MyOrg>,
}

/// The organizations that a search in the switcher finds.
#[derive(Template)]
#[template(path = "layout/_switch.html")]
struct Switch {
    orgs: Vec<OrgLink>,
}

async fn list(ctx: Ctx, req: HttpRequest) -> Result<HttpResponse> {
    let at = Address::of(&req);
    let (shell, orgs) = ctx.console("Organizations", MyOrgs {}).await?;
    let q = at.get("q").trim().to_lowercase();
    let orgs: Vec<MyOrg> = orgs.items.into_iter().filter(|o| o.name.to_lowercase().contains(&q) || o.slug.contains(&q)).collect();
    let switch = Switch { orgs: ctx.switch_to(orgs.clone(), None, 10) };
    let page = List { shell, at, orgs };
    ctx.html(&page, |target| match target {
        "organizations" => Some(page.as_results().render()),
        "orgs-found" => Some(switch.render()),
        _ => None,
    })
}

#[derive(serde::Deserialize)]
struct Opened {
    #[serde(default)]
    at: String,
}

/// The page that one was on in another organization, if it is there for the person; else where they land.
async fn open(ctx: Ctx, path: web::Path<String>, opened: web::Query<Opened>) -> Result<HttpResponse> {
    let (map, at) = (ctx.map.clone(), opened.into_inner().at);
    let query = OneOrg { org: Ref::new(path.as_str()) };
    let to = ctx.look(query, move |_, org, standing| {
        let standing = standing.ok_or(Error::NotFound)?;
        Ok(if !at.is_empty() && map.opens(standing, &at) { format!("/o/{}{at}", org.slug) } else { home(&org.slug, standing.word()) })
    });
    let to = to.await?;
    ctx.on_to(&to, None)
}

#[derive(Template)]
#[template(path = "orgs/new.html", blocks = ["form"])]
struct New {
    shell: Shell,
    name: String,
    slug: String,
    description: String,
    errors: Errors,
}

impl New {
    async fn of(ctx: &Ctx) -> Result<Self> {
        let (shell, _) = ctx.console("Create organization", MyOrgs {}).await?;
        if !shell.can_create_org {
            return Err(Error::denied("On this installation only its operators create organizations. Ask one of them."));
        }
        Ok(Self { shell, name: String::new(), slug: String::new(), description: String::new(), errors: Errors::default() })
    }
    fn block(&self, target: &str) -> Option<askama::Result<String>> {
        (target == "dialog-body").then(|| self.as_form().render())
    }
}

async fn new(ctx: Ctx) -> Result<HttpResponse> {
    let page = New::of(&ctx).await?;
    ctx.html(&page, |target| page.block(target))
}

async fn create(ctx: Ctx, form: PageForm) -> Result<HttpResponse> {
    let outcome = async { ctx.run(form.command::<CreateOrg>(&[])?).await };
    match outcome.await {
        Ok(org) => ctx.done(&form, &format!("/o/{}", org.slug), format!("Created the organization {}", org.name)),
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            let typed = |field: &str| form.get(field).to_owned();
            let page = New { name: typed("name"), slug: typed("slug"), description: typed("description"), errors, ..New::of(&ctx).await? };
            ctx.again(why, &page, |target| page.block(target))
        }
    }
}
