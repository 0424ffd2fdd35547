//! Organizations: the tenant. Create, open, describe, delete; the Organization Admin page is put together in `admin.rs`.

pub mod admin;
pub mod admin_pages;
pub mod api;
pub mod commands;
mod guide;
pub mod pages;
pub mod queries;
pub mod store;
pub mod undo;

use serde::{Deserialize, Serialize};

use crate::base::db::Ts;
use crate::base::ids::OrgId;
use crate::sections::{Nav, Section};

pub const SECTION: Section = Section {
    pages: |r| {
        pages::routes(r);
        admin_pages::routes(r);
    },
    api: api::routes,
    undo: undo::of,
    nav: &[
        Nav { group: "Organization", label: "Admin", path: "", icon: "layout-dashboard", shown: |s| s.in_org.has("org.update") },
        Nav { group: "Settings", label: "General", path: "/settings", icon: "adjustments-horizontal", shown: |s| s.in_org.has("org.update") },
    ],
};

/// An organization as the API shows it.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Org {
    pub id: OrgId,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub rev: i64,
    pub created_at: Ts,
    pub updated_at: Ts,
}

/// The organizations of a person, for the switcher and for `/orgs`.
#[derive(Debug, Clone)]
pub struct Mine {
    pub orgs: Vec<MyOrg>,
    pub can_create: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MyOrg {
    pub id: String,
    pub slug: String,
    pub name: String,
    pub description: String,
    /// ADMIN, Member, External or Suspended.
    pub standing: String,
    pub rev: i64,
    pub created_at: Ts,
    pub updated_at: Ts,
}
