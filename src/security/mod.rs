//! How people have to sign in to an organization: its policy, versioned, changed only after a look at whom it touches.

pub mod api;
pub mod commands;
pub mod pages;
pub mod queries;
pub mod store;
pub mod undo;

use serde::{Deserialize, Serialize};

use crate::access::{Mfa, Policy};
use crate::base::db::Ts;
use crate::sections::{Nav, Section};

pub const SECTION: Section = Section {
    pages: pages::routes,
    api: api::routes,
    undo: undo::of,
    nav: &[Nav { group: "Access", label: "Security", path: "/security", icon: "shield-lock", shown: |s| s.in_org.has("security.manage") }],
};

/// The policy as the API shows it. `rev` is its version.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PolicyRecord {
    pub mfa: Mfa,
    pub mfa_externals: bool,
    pub rev: i64,
    pub created_at: Ts,
    pub updated_at: Ts,
}

impl PolicyRecord {
    pub fn policy(&self) -> Policy {
        Policy { mfa: self.mfa, mfa_externals: self.mfa_externals }
    }
}
