//! THE MAP. One line per capability; from it come the routes, the navigation, the API, its document, and what the tests walk.
//! To find any behaviour, start here: each name is a folder of `src/` with the same files in it.

use actix_web::web::ServiceConfig;

use crate::access::Standing;
use crate::base::db::{Conn, Ts};
use crate::base::error::Result;
use crate::base::ids::{OrgId, UserId};
use crate::base::tx::UserActor;
use crate::base::undo::{Inverse, Past};
use crate::base::web::api::Api;
use crate::base::web::page::{NavItem, NavSection};
use crate::base::web::routes::Routes;
use crate::base::world::World;
use crate::{account, audit, find, imports, insights, instance, invitations, members, orgs, projects, roles, security, why};

/// One capability, as the map knows it.
pub struct Section {
    pub pages: fn(&mut Routes),
    pub api: fn(&mut Api),
    /// How what happened there is taken back; nothing for what is final.
    pub undo: fn(&Past) -> Option<Inverse>,
    pub nav: &'static [Nav],
}

/// One entry of an organization's navigation.
pub struct Nav {
    pub group: &'static str,
    pub label: &'static str,
    /// Behind `/o/{slug}`.
    pub path: &'static str,
    pub icon: &'static str,
    /// Shown to those for whom this holds; the page decides again for itself.
    pub shown: fn(&Standing) -> bool,
}

pub const SECTIONS: &[Section] = &[
    orgs::SECTION,
    projects::SECTION,
    members::SECTION,
    invitations::SECTION,
    imports::SECTION,
    roles::SECTION,
    security::SECTION,
    why::SECTION,
    insights::SECTION,
    audit::SECTION,
    account::SECTION,
    find::SECTION,
    instance::SECTION,
];

/// The groups of the navigation, from top to bottom.
const GROUPS: &[&str] = &["Organization", "Access", "Settings"];

/// The letter that leads to a page when it is typed behind `g`.
pub const KEYS: &[(&str, &str)] =
    &[("", "h"), ("/projects", "p"), ("/members", "m"), ("/invitations", "i"), ("/roles", "r"), ("/security", "s"), ("/audit", "a")];

/// The page of an organization at this path, by its name in the navigation.
pub fn key_label(path: &str) -> &'static str {
    SECTIONS.iter().flat_map(|s| s.nav).find(|n| n.path == path).map_or("", |n| n.label)
}

/// The map, put together once.
pub struct Map {
    pub routes: Routes,
    pub api: Api,
}

impl Default for Map {
    fn default() -> Self {
        let mut map = Self { routes: Routes::default(), api: Api::default() };
        for section in SECTIONS {
            (section.pages)(&mut map.routes);
            (section.api)(&mut map.api);
        }
        map
    }
}

impl Map {
    pub fn configure(&self, cfg: &mut ServiceConfig) {
        self.routes.resources.configure(cfg);
        self.api.resources.configure(cfg);
    }

    pub fn openapi(&self) -> serde_json::Value {
        crate::base::web::openapi::openapi(&self.api, env!("CARGO_PKG_VERSION"))
    }

    /// The navigation of an organization for somebody, with the present page marked.
    pub fn nav(&self, standing: &Standing, _me: &UserActor, path: &str) -> Vec<NavSection> {
        let home = format!("/o/{}", standing.org.slug);
        let here = path.strip_prefix(home.as_str()).or_else(|| path.strip_prefix(&format!("/o/{}", standing.org.id))).unwrap_or_default();
        let mut sections: Vec<NavSection> = Vec::new();
        for entry in SECTIONS.iter().flat_map(|s| s.nav).filter(|n| (n.shown)(standing)) {
            let current = if entry.path.is_empty() { here.is_empty() } else { here == entry.path || here.starts_with(&format!("{}/", entry.path)) };
            let item = NavItem {
                label: entry.label,
                href: format!("{home}{}", entry.path),
                icon: entry.icon,
                current,
                count: None,
                key: KEYS.iter().find(|(path, _)| *path == entry.path).map_or("", |(_, key)| key),
            };
            match sections.iter_mut().find(|s| s.title == entry.group) {
                Some(section) => section.items.push(item),
                None => sections.push(NavSection { title: entry.group, items: vec![item] }),
            }
        }
        sections.sort_by_key(|s| GROUPS.iter().position(|g| *g == s.title));
        sections
    }

    /// The page of the navigation that an address of an organization belongs to: `/members` of `/o/acme/members/mem_1`.
    pub fn section_of(&self, path: &str) -> &'static str {
        let behind = path.strip_prefix("/o/").and_then(|rest| rest.split_once('/')).map_or("", |(_, behind)| behind);
        let first = behind.split(['/', '?']).next().unwrap_or_default();
        SECTIONS
            .iter()
            .flat_map(|s| s.nav)
            .map(|n| n.path)
            .find(|path| !first.is_empty() && path.strip_prefix('/') == Some(first))
            .unwrap_or_default()
    }

    /// Whether this page of the navigation is there for somebody.
    pub fn opens(&self, standing: &Standing, section: &str) -> bool {
        SECTIONS.iter().flat_map(|s| s.nav).any(|n| n.path == section && (n.shown)(standing))
    }

    /// The organizations of somebody, for the switcher.
    pub fn orgs_of(&self, c: &mut Conn, me: &UserActor, now: Ts) -> Result<orgs::Mine> {
        orgs::store::mine(c, me, now)
    }

    /// Keeps which organization somebody visited last. A convenience of the person and no change of the organization.
    pub fn remember(&self, world: &World, user: &UserId, org: &OrgId) -> Result<()> {
        world.db.write(|c| orgs::store::remember(c, user, org))
    }
}
