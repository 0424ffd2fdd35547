//! The installation itself: its first set-up, its settings, its users and organizations, and the work that is done while nobody asks.

pub mod api;
pub mod backup;
pub mod care;
pub mod check;
pub mod commands;
pub mod janitor;
pub mod pages;
pub mod queries;
pub mod restore;
pub mod setup;
pub mod start;
pub mod store;

use serde::{Deserialize, Serialize};

use crate::base::db::Ts;
use crate::sections::Section;

pub const SECTION: Section = Section { pages: pages::routes, api: api::routes, undo: |_| None, nav: &[] };

/// Who may create organizations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrgCreation {
    Anyone,
    AccountAdmins,
    Operators,
}

impl OrgCreation {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::AccountAdmins => "account_admins",
            Self::Operators => "operators",
        }
    }
}

/// The settings of the installation, as the API shows them.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Instance {
    pub org_creation: OrgCreation,
    /// Whether organizations have the Organization Admin page.
    pub admin_page: bool,
    pub rev: i64,
    pub created_at: Ts,
    pub updated_at: Ts,
}

/// A user of the installation, for operators.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct User {
    pub id: String,
    pub email: String,
    pub name: String,
    pub active: bool,
    pub is_operator: bool,
    pub mfa: bool,
    pub orgs: i64,
    pub last_seen_at: Option<Ts>,
    pub rev: i64,
    pub created_at: Ts,
    pub updated_at: Ts,
}

/// An organization of the installation, for operators.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct InstanceOrg {
    pub id: String,
    pub slug: String,
    pub name: String,
    pub members: i64,
    pub created_at: Ts,
}

/// A place of a user in an organization, for the operators' page of that user.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Seat {
    pub org_id: String,
    pub slug: String,
    pub name: String,
    /// `active`, `suspended` or `external`.
    pub status: String,
    pub roles: Vec<String>,
}
