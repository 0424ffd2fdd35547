//! Roles: named sets of permissions, and sets of people. ADMIN and DEFAULT are built in; an organization makes its own beside them.

pub mod api;
pub mod commands;
pub mod pages;
pub mod queries;
pub mod store;
pub mod undo;

use serde::{Deserialize, Serialize};

use crate::base::db::Ts;
use crate::base::ids::RoleId;
use crate::sections::{Nav, Section};

pub const SECTION: Section = Section {
    pages: pages::routes,
    api: api::routes,
    undo: undo::of,
    nav: &[Nav { group: "Organization", label: "Roles", path: "/roles", icon: "user-shield", shown: |s| s.in_org.has("roles.read") }],
};

/// A role as the API shows it.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Role {
    pub id: RoleId,
    pub key: String,
    pub name: String,
    pub description: String,
    /// `user` or `machine`.
    pub kind: String,
    /// `org`, `workspace` or `project`.
    pub level: String,
    /// `builtin`, `template` or `org`.
    pub origin: String,
    pub permissions: Vec<String>,
    /// How many people hold it (org roles).
    pub holders: i64,
    /// How many projects it gives access to by grants.
    pub projects: i64,
    pub rev: i64,
    pub created_at: Ts,
    pub updated_at: Ts,
}

impl Role {
    pub fn is_builtin(&self) -> bool {
        self.origin == "builtin"
    }
}
