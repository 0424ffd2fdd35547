//! Members: who is in, which roles they hold, and what a removal takes away. Externals are listed apart.

pub mod api;
pub mod bulk;
pub mod commands;
pub mod mails;
pub mod pages;
pub mod queries;
pub mod restore;
pub mod store;
pub mod undo;

use serde::{Deserialize, Serialize};

use crate::access::RoleHeld;
use crate::base::db::Ts;
use crate::base::ids::{MemberId, UserId};
use crate::sections::{Nav, Section};

pub const SECTION: Section = Section {
    pages: pages::routes,
    api: api::routes,
    undo: undo::of,
    nav: &[Nav { group: "Organization", label: "Members", path: "/members", icon: "users", shown: |s| s.in_org.has("members.read") }],
};

/// A member as the API shows it.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Member {
    pub id: MemberId,
    pub user_id: UserId,
    pub email: String,
    pub name: String,
    /// `active`, `suspended` or `removed`.
    pub status: String,
    pub roles: Vec<Held>,
    /// Whether the person has set up two-factor sign-in.
    pub mfa: bool,
    /// `manual` or `invitation`.
    pub joined_via: String,
    pub last_seen_at: Option<Ts>,
    pub rev: i64,
    pub created_at: Ts,
    pub updated_at: Ts,
}

#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Held {
    pub id: String,
    pub key: String,
    pub name: String,
}

impl From<&RoleHeld> for Held {
    fn from(role: &RoleHeld) -> Self {
        Self { id: role.id.to_string(), key: role.key.clone(), name: role.name.clone() }
    }
}

/// Somebody from outside with access to something in here.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct External {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub mfa: bool,
    pub projects: i64,
    pub last_seen_at: Option<Ts>,
}
