//! Why: what somebody may do on a project or in the organization, every way in which they came to it, and what to take to end it.

pub mod api;
pub mod pages;
pub mod queries;
pub mod store;
pub mod ways;

use serde::Serialize;

use crate::access::RoleHeld;
use crate::base::db::Ts;
use crate::insights::queries::SEES_ACCESS;
use crate::sections::{Nav, Section};

pub const SECTION: Section = Section {
    pages: pages::routes,
    api: api::routes,
    undo: |_| None,
    nav: &[Nav { group: "Access", label: "Why", path: "/access", icon: "key", shown: |s| s.in_org.has(SEES_ACCESS) && s.in_org.has("members.read") }],
};

/// What somebody holds, and through what.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Explanation {
    pub subject: Person,
    pub scope: Scope,
    /// What they may do there; empty while they are suspended.
    pub permissions: Vec<Explained>,
    /// Each is enough by itself.
    pub ways: Vec<Way>,
    /// The ids of the fewest things to take so that nothing of it remains.
    pub fewest: Vec<String>,
}

#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Person {
    /// `user`.
    pub kind: &'static str,
    pub id: String,
    pub name: String,
    pub email: String,
    pub external: bool,
    pub suspended: bool,
}

#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Scope {
    /// `project` or `organization`.
    pub kind: &'static str,
    pub id: String,
    pub slug: String,
    pub name: String,
}

#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Explained {
    pub key: &'static str,
    pub description: &'static str,
    pub sensitive: bool,
    /// The places in `ways` of those that give it, counted from 0.
    pub ways: Vec<usize>,
}

/// Things given that have to be there together, and what they give: a role held, access given, or a role held that was given access.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Way {
    pub steps: Vec<Given>,
    pub permissions: Vec<&'static str>,
}

/// One row that was given and can be taken: a role to a person, or access to a person, a role or everyone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Given {
    /// `role_assignment` or `grant`.
    pub kind: &'static str,
    pub id: String,
    /// `user`, `role` or `everyone`: to whom it was given.
    pub to: String,
    /// The name of that role; empty for the person and for everyone.
    pub to_name: String,
    /// What was given.
    pub role: RoleHeld,
    /// Where from: `manual`, `invitation`, `import`.
    pub source: String,
    /// Who did it, by name; empty when the program itself did.
    pub given_by: String,
    pub valid_from: Ts,
    pub valid_to: Option<Ts>,
}
