//! `Ctx`: one web request, ready for the request path: who calls, the world, what the page needs for its frame.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use actix_session::SessionExt;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use diesel::Connection as _;

use super::page::Flash;
use super::session::{self, State};
use crate::access::Standing;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::form::Form;
use crate::base::ops::{self, Command, Query};
use crate::base::times::Times;
use crate::base::tx::{Actor, Caller, Via};
use crate::base::undo::Offer;
use crate::base::world::{World, random};
use crate::sections::Map;

/// What the outermost middleware found out about a request.
#[derive(Debug, Clone, Default)]
pub struct Meta {
    pub request_id: String,
    pub ip: String,
}

#[derive(Clone)]
pub struct Ctx {
    pub world: Arc<World>,
    pub map: web::Data<Map>,
    pub caller: Caller,
    pub state: State,
    /// What the form token of this browser is bound to.
    pub seed: String,
    /// Set when the browser has no seed yet and a page with a form is about to give it one.
    pub new_seed: bool,
    pub flash: Option<Flash>,
    /// The element that htmx will fill, when it asks for a fragment.
    pub hx_target: Option<String>,
    pub path: String,
    pub query: String,
    pub referer: String,
    /// What this request has changed and its author may take back.
    pub undo: Arc<OnceLock<Offer>>,
}

impl FromRequest for Ctx {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move { build(&req).await })
    }
}

async fn build(req: &HttpRequest) -> Result<Ctx> {
    let missing = || Error::internal("the server was put together without its world");
    let world = req.app_data::<web::Data<World>>().ok_or_else(missing)?.clone().into_inner();
    let map = req.app_data::<web::Data<Map>>().ok_or_else(missing)?.clone();
    let meta = req.extensions().get::<Meta>().cloned().unwrap_or_default();
    let api = super::api::is_api(req.path());
    let (state, actor) = if api {
        (State::default(), super::api::authenticate(req, &world, &meta).await?)
    } else {
        let (state, user) = session::read(&req.get_session());
        (state, user.map_or(Actor::Nobody, Actor::User))
    };
    let header = |name: &str| req.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let mut caller = Caller::of(actor, if api { Via::Api } else { Via::Page });
    caller.ip = meta.ip;
    caller.request_id = meta.request_id;
    caller.user_agent = header("user-agent");
    let (seed, new_seed) = match (&state.id, req.cookie(seed_cookie(&world))) {
        (Some(id), _) => (id.to_string(), false),
        (None, Some(cookie)) if cookie.value().len() == 43 => (cookie.value().to_owned(), false),
        _ => (world.token(), true),
    };
    let fragment = !header("hx-request").is_empty() && header("hx-boosted").is_empty() && header("hx-history-restore-request").is_empty();
    Ok(Ctx {
        flash: super::page::read_flash(req, &world),
        hx_target: fragment.then(|| header("hx-target")),
        path: req.path().to_owned(),
        query: req.query_string().to_owned(),
        // Our referrer policy keeps the path out of Referer; htmx tells the page by itself.
        referer: if fragment { header("hx-current-url") } else { header("referer") },
        world,
        map,
        caller,
        state,
        seed,
        new_seed,
        undo: Arc::default(),
    })
}

/// The anonymous cookie that a form token is bound to before there is a session.
pub fn seed_cookie(world: &World) -> &'static str {
    if world.settings.is_https() { "__Host-pre" } else { "pre" }
}

impl Ctx {
    pub fn is_hx(&self) -> bool {
        self.hx_target.is_some()
    }

    /// Times as this reader has them.
    pub fn times(&self) -> Times {
        let zone = self.caller.actor.user().map(|u| u.preferences.time_zone.clone()).unwrap_or_default();
        Times::new(self.world.now(), &zone)
    }

    /// This page, or the one under the dialog or menu that is asked for.
    pub fn here(&self) -> String {
        let under = || url::Url::parse(&self.referer).ok().map(|u| format!("{}{}", u.path(), u.query().map(|q| format!("?{q}")).unwrap_or_default()));
        let here = || if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) };
        if self.is_hx() { under().unwrap_or_else(here) } else { here() }
    }

    /// The token that every form of this browser carries.
    pub fn csrf(&self) -> String {
        self.world.keys.masked_tag("csrf", &self.seed, random())
    }

    pub fn csrf_matches(&self, given: &str) -> bool {
        self.world.keys.masked_tag_matches("csrf", &self.seed, given)
    }

    /// Runs a change on a thread that may block.
    pub async fn run<C: Command>(&self, command: C) -> Result<C::Output> {
        self.run_as(self.caller.clone(), command).await
    }

    /// The same under the conditions that a form carries: the revision its author saw, the preview they saw.
    pub async fn run_from<C: Command>(&self, form: &Form, command: C) -> Result<C::Output> {
        let mut caller = self.caller.clone();
        caller.if_rev = form.get("rev").parse().ok();
        caller.preview = Some(form.get("preview").to_owned()).filter(|p| !p.is_empty());
        self.run_as(caller, command).await
    }

    async fn run_as<C: Command>(&self, caller: Caller, command: C) -> Result<C::Output> {
        let world = self.world.clone();
        let (output, offer) = self.blocking(move || ops::run_undoable(&world, &caller, &command)).await?;
        if let Some(offer) = offer {
            self.undo.get_or_init(|| offer);
        }
        Ok(output)
    }

    pub async fn preview<C: Command>(&self, command: C) -> Result<crate::access::Impact> {
        let (world, caller) = (self.world.clone(), self.caller.clone());
        self.blocking(move || ops::preview(&world, &caller, &command)).await
    }

    pub async fn ask<Q: Query>(&self, query: Q) -> Result<Q::Output> {
        self.look(query, |_, output, _| Ok(output)).await
    }

    /// A look and what is made of it, on one connection with one decision. A refusal is written down.
    pub async fn look<Q: Query, T: Send + 'static>(
        &self,
        query: Q,
        then: impl FnOnce(&mut Conn, Q::Output, Option<&Standing>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (world, caller, place) = (self.world.clone(), self.caller.clone(), query.place());
        let quick = query.is_quick();
        let outcome = reading(&self.world, quick, move |c| {
            let (output, standing) = ops::ask_standing(c, &world, &caller, &query)?;
            then(c, output, standing.as_ref())
        })
        .await;
        let refused = outcome.as_ref().err().filter(|e| e.is_refusal()).map(Error::message);
        if let Some(why) = refused {
            let (world, caller) = (self.world.clone(), self.caller.clone());
            blocking(move || {
                ops::write_down_refusal(&world, &caller, &Q::ACTION, &place, &why);
                Ok(())
            })
            .await?;
        }
        outcome
    }

    pub async fn blocking<T: Send + 'static>(&self, f: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        blocking(f).await
    }

    /// A local address to go on to, or the fallback: never another site.
    pub fn local<'a>(&self, wanted: &'a str, fallback: &'a str) -> &'a str {
        if is_local(wanted) { wanted } else { fallback }
    }
}

/// Runs what may take long, or waits for the disk, on a thread that may block.
pub async fn blocking<T: Send + 'static>(f: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    web::block(f).await.map_err(|_| Error::internal("the thread of a request stopped"))?
}

/// Reads. A short indexed read from a database beside the process is done on the spot, for the way to another thread and back costs
/// more than it, and in one transaction, so that the file is locked once and not for each statement; everything else goes to a thread
/// that may block.
pub async fn reading<T: Send + 'static>(world: &Arc<World>, quick: bool, f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static) -> Result<T> {
    if quick && world.db.is_local() {
        return world.db.quick_reader()?.transaction(|c| f(c));
    }
    let world = world.clone();
    blocking(move || f(&mut *world.db.reader()?)).await
}

/// `/` first, neither `/` nor `\` second, no control characters: a path on this site whatever a browser makes of it.
pub fn is_local(path: &str) -> bool {
    let mut chars = path.chars();
    chars.next() == Some('/')
        && !matches!(chars.next(), Some('/' | '\\'))
        && path.len() <= 2000
        && !path.chars().any(|c| c.is_control() || c == '\\')
        && url::Url::parse("http://here.invalid").and_then(|base| base.join(path)).is_ok_and(|u| u.host_str() == Some("here.invalid"))
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for ok in ["/", "/o/acme/members?q=a#x", "/me"] {
            assert!(is_local(ok), "{ok}");
        }
        for bad in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\n", "\\/x", "javascript:alert(1)", "/a\\b"] {
            assert!(!is_local(bad), "{bad}");
        }
    }
}
