//! What a page needs around its content, and how a handler answers: a page, a fragment of it, or a way on with a word about what was done.
//!
//! One mechanism serves browsers with and without JavaScript: a form is posted, the answer is 303 to the page with a flash. htmx
//! follows the same redirect and is given the block of that page which its target names, with the flash as a toast beside it.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::ctx::{Ctx, seed_cookie};
use crate::access::Standing;
use crate::base::error::{Error, FieldError, Result};
use crate::base::form::Form;
use crate::base::ids::OrgId;
use crate::base::keys;
use crate::base::ops::{Command, FormOf, Query};
use crate::base::preferences::Preferences;
use crate::base::text::initials;
use crate::base::times::Times;
use crate::base::tx::UserActor;
use crate::base::world::World;
use crate::orgs::MyOrg;

pub struct Shell {
    pub title: String,
    pub org: Option<OrgBadge>,
    pub nav: Vec<NavSection>,
    /// The organizations to switch to, as many as a menu shows; beyond those one searches.
    pub orgs: Vec<OrgLink>,
    pub more_orgs: bool,
    /// Where the palette looks.
    pub find: String,
    pub can_create_org: bool,
    pub me: Me,
    pub csrf: String,
    pub flash: Option<Flash>,
    pub banner: Option<Banner>,
    pub is_operator: bool,
    pub preferences: Preferences,
    pub times: Times,
    /// This page, to come back to after something small.
    pub here: String,
}
pub struct OrgBadge {
    pub name: String,
    pub slug: String,
    pub initials: String,
    pub standing: String,
}
pub struct NavSection {
    pub title: &'static str,
    pub items: Vec<NavItem>,
}
pub struct NavItem {
    pub label: &'static str,
    pub href: String,
    pub icon: &'static str,
    pub current: bool,
    pub count: Option<i64>,
    /// The letter behind `g` that leads here; empty when there is none.
    pub key: &'static str,
}
pub struct OrgLink {
    pub name: String,
    pub href: String,
    pub initials: String,
    pub standing: String,
    pub current: bool,
}
pub struct Me {
    pub name: String,
    pub email: String,
    pub initials: String,
}
/// A note above the page's content.
pub struct Banner {
    pub text: String,
    pub link: Option<(String, String)>,
}
/// The frame of a page for somebody who is not signed in.
pub struct Door {
    pub title: String,
    pub csrf: String,
    pub flash: Option<Flash>,
}
/// One sentence about what was just done; survives one redirect.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Flash {
    pub error: bool,
    pub text: String,
    /// What takes it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
}

/// The button in a toast that takes back what it tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Undo {
    pub label: String,
    pub action: String,
    pub return_to: String,
}

impl Flash {
    pub fn done(text: impl Into<String>) -> Self {
        Self { error: false, text: text.into(), undo: None }
    }
    pub fn problem(text: impl Into<String>) -> Self {
        Self { error: true, text: text.into(), undo: None }
    }
}

/// The errors of a form, for the summary and beside each field.
#[derive(Debug, Clone, Default)]
pub struct Errors(pub Vec<FieldError>);

impl Errors {
    /// The message beside a field, or nothing. `emails` also gets the messages of `emails[2]`.
    pub fn of(&self, field: &str) -> &str {
        self.0.iter().find(|e| e.field == field || e.field.split(['[', '.']).next() == Some(field)).map_or("", |e| e.message.as_str())
    }
    pub fn any(&self) -> bool {
        !self.0.is_empty()
    }
    pub fn all(&self) -> &[FieldError] {
        &self.0
    }
}

/// How many organizations the switcher shows; who has more searches in it.
const SWITCHED: usize = 10;
const FLASH: &str = "flash";
/// Room for most pages, so that they do not grow piece by piece.
const PAGE: usize = 112 * 1024;

/// Reads the flash that the answer before left; only what we signed ourselves.
pub fn read_flash(req: &HttpRequest, world: &World) -> Option<Flash> {
    let cookie = req.cookie(FLASH)?;
    let (body, tag) = cookie.value().split_once('.')?;
    if !world.keys.tag_matches("flash", body, tag) {
        return None;
    }
    serde_json::from_slice(&keys::decode(body)?).ok()
}

fn small_cookie(world: &World, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value).path("/").http_only(true).same_site(SameSite::Lax).secure(world.settings.is_https()).finish()
}

impl Ctx {
    /// The frame of a signed-out page.
    pub fn door(&self, title: &str) -> Door {
        Door { title: title.into(), csrf: self.csrf(), flash: self.flash.clone() }
    }

    /// One page of an organization: its query and its frame on one connection, with one decision.
    pub async fn console<Q: Query>(&self, title: &str, query: Q) -> Result<(Shell, Q::Output)> {
        let (ctx, title) = (self.clone(), title.to_owned());
        let look = self.look(query, move |c, output, standing| {
            let org = standing.map(|s| s.org.id.clone());
            Ok((ctx.shell(c, &title, standing)?, output, org))
        });
        let (shell, output, org) = look.await?;
        self.remember(org).await;
        Ok((shell, output))
    }

    /// The page of a form: what it shows comes from `query`, and only whoever may do what it sends is let in.
    pub async fn form<C: Command, Q: Query>(&self, title: &str, query: Q) -> Result<(Shell, Q::Output)> {
        self.console(title, FormOf::<C, Q>::new(query)).await
    }

    /// The organization that somebody is in becomes the one that their next sign-in lands on.
    async fn remember(&self, org: Option<OrgId>) {
        let (Some(me), Some(org)) = (self.caller.actor.user(), org) else { return };
        if me.last_org_id.as_ref() == Some(&org) {
            return;
        }
        let (ctx, me) = (self.clone(), me.id.clone());
        if let Err(e) = self.blocking(move || ctx.map.remember(&ctx.world, &me, &org)).await {
            tracing::warn!("the last visited organization was not kept: {e}");
        }
    }

    fn shell(&self, c: &mut crate::base::db::Conn, title: &str, standing: Option<&Standing>) -> Result<Shell> {
        let me = self.caller.actor.user().ok_or(Error::SignIn)?;
        let here = standing.map(|s| s.org.id.to_string());
        let mine = self.map.orgs_of(c, me, self.world.now())?;
        let nav = standing.map(|s| self.map.nav(s, me, &self.path)).unwrap_or_default();
        Ok(Shell {
            title: title.into(),
            org: standing.map(|s| OrgBadge {
                name: s.org.name.clone(),
                slug: s.org.slug.clone(),
                initials: initials(&s.org.name),
                standing: s.word().into(),
            }),
            nav,
            more_orgs: mine.orgs.len() > SWITCHED,
            orgs: self.switch_to(mine.orgs, here.as_deref(), SWITCHED),
            find: standing.map_or("/find".into(), |s| format!("/o/{}/find", s.org.slug)),
            can_create_org: mine.can_create,
            me: Me { name: me.name.clone(), email: me.email.clone(), initials: initials(&me.name) },
            csrf: self.csrf(),
            flash: self.flash.clone(),
            banner: banner(me),
            is_operator: me.is_operator,
            preferences: me.preferences.clone(),
            times: self.times(),
            here: self.here(),
        })
    }

    /// Links into organizations that keep the page one is on: the open one and then the first others, by name.
    pub fn switch_to(&self, orgs: Vec<MyOrg>, open: Option<&str>, most: usize) -> Vec<OrgLink> {
        let section = self.map.section_of(&self.here());
        let (mut first, others): (Vec<MyOrg>, Vec<MyOrg>) = orgs.into_iter().partition(|o| Some(o.id.as_str()) == open);
        first.extend(others);
        first.truncate(most);
        first.sort_by_key(|o| o.name.to_lowercase());
        let link = |o: MyOrg| OrgLink {
            href: match (section, o.standing.as_str()) {
                ("", _) => home(&o.slug, &o.standing),
                (section, "ADMIN") => format!("/o/{}{section}", o.slug),
                // Whether it is there for them is decided when they come.
                (section, _) => format!("/o/{}/open?at={section}", o.slug),
            },
            initials: initials(&o.name),
            current: Some(o.id.as_str()) == open,
            standing: o.standing,
            name: o.name,
        };
        first.into_iter().map(link).collect()
    }

    /// A whole page, or the block of it that htmx asked for by its target, with the flash as a toast.
    pub fn html<T: Template>(&self, page: &T, block: impl FnOnce(&str) -> Option<askama::Result<String>>) -> Result<HttpResponse> {
        self.html_as(200, page, block)
    }

    pub fn html_as<T: Template>(&self, status: u16, page: &T, block: impl FnOnce(&str) -> Option<askama::Result<String>>) -> Result<HttpResponse> {
        let fragment = self.hx_target.as_deref().and_then(block).transpose()?;
        let body = match fragment {
            Some(html) => format!("{html}{}", Toast { flash: self.flash.clone(), corner_csrf: self.csrf() }.render()?),
            None => {
                let mut html = String::with_capacity(PAGE);
                page.render_into(&mut html)?;
                html
            }
        };
        let status = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
        let mut res = HttpResponse::build(status);
        res.content_type("text/html; charset=utf-8");
        if self.flash.is_some() {
            let mut gone = small_cookie(&self.world, FLASH, String::new());
            gone.make_removal();
            res.cookie(gone);
        }
        if self.new_seed {
            res.cookie(small_cookie(&self.world, seed_cookie(&self.world), self.seed.clone()));
        }
        Ok(res.body(body))
    }

    /// On to a page, with a word about what was done. `return_to` of the form wins, so that filters survive.
    pub fn done(&self, form: &Form, fallback: &str, text: impl Into<String>) -> Result<HttpResponse> {
        let wanted = form.get("return_to");
        let to = self.local(wanted, fallback).to_owned();
        self.on_to(&to, Some(Flash::done(text)))
    }

    /// The button that takes back what this request has changed, if that can be; it comes back to the page `to`.
    pub fn offer(&self, label: &str, to: &str) -> Option<Undo> {
        let offer = self.undo.get()?;
        // The cookie that carries it is no place for a long address.
        let return_to = if to.len() <= 1000 { to.to_owned() } else { String::new() };
        Some(Undo { label: label.to_owned(), action: format!("/o/{}/audit/{}/undo", offer.org, offer.event), return_to })
    }

    /// 303, or for a form in the shared dialog a redirect of the whole page.
    pub fn on_to(&self, to: &str, flash: Option<Flash>) -> Result<HttpResponse> {
        let in_dialog = self.hx_target.as_deref() == Some("dialog-body");
        let mut res = if in_dialog { HttpResponse::Ok() } else { HttpResponse::SeeOther() };
        let name = if in_dialog { header::HeaderName::from_static("hx-redirect") } else { header::LOCATION };
        res.insert_header((name, to));
        if let Some(mut flash) = flash {
            flash.undo = flash.undo.or_else(|| self.offer("Undo", to));
            let body = keys::encode(serde_json::to_string(&flash)?.as_bytes());
            let tag = self.world.keys.tag("flash", &body);
            let mut cookie = small_cookie(&self.world, FLASH, format!("{body}.{tag}"));
            cookie.set_max_age(actix_web::cookie::time::Duration::minutes(1));
            res.cookie(cookie);
        }
        Ok(res.finish())
    }
}

/// Where somebody lands in an organization: the admin page is for those who run it, the projects for everybody.
pub fn home(slug: &str, standing: &str) -> String {
    if standing == "ADMIN" { format!("/o/{slug}") } else { format!("/o/{slug}/projects") }
}

#[derive(Template)]
#[template(path = "layout/_toast.html")]
struct Toast {
    flash: Option<Flash>,
    corner_csrf: String,
}

fn banner(me: &UserActor) -> Option<Banner> {
    (!me.email_verified).then(|| Banner {
        text: format!("Your address {} is not confirmed yet. Invitations to it wait until it is.", me.email),
        link: Some(("/me".into(), "Confirm it".into())),
    })
}

/// Field errors to show beside the form; anything else goes on as it is.
pub fn field_errors(error: Error) -> Result<Errors> {
    match error {
        Error::Invalid(fields) => Ok(Errors(fields)),
        other => Err(other),
    }
}
