//! Projects, and who has access to each: grants to people, roles and everyone.

pub mod api;
pub mod commands;
pub mod export;
pub mod grants;
pub mod pages;
pub mod queries;
pub mod sharing_pages;
pub mod store;
pub mod undo;

use serde::{Deserialize, Serialize};

use crate::access::Relation;
use crate::base::db::Ts;
use crate::base::ids::{GrantId, ProjectId, WorkspaceId};
use crate::base::text::Email;
use crate::sections::{Nav, Section};

pub const SECTION: Section = Section {
    pages: pages::routes,
    api: api::routes,
    undo: undo::of,
    nav: &[Nav { group: "Organization", label: "Projects", path: "/projects", icon: "folder", shown: |s| s.relation != Relation::Stranger }],
};

/// A project as the API shows it.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Project {
    pub id: ProjectId,
    pub workspace_id: WorkspaceId,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub rev: i64,
    pub created_at: Ts,
    pub updated_at: Ts,
}

/// Who is given access.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Subject {
    /// `user`, `role` or `everyone`.
    pub kind: String,
    /// Empty for everyone.
    pub id: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// A person from outside the organization.
    pub external: bool,
}

impl Subject {
    /// Somebody from outside of whom only the address is known.
    pub fn stranger(email: &Email) -> Self {
        Self { kind: "user".into(), id: String::new(), name: email.to_string(), email: Some(email.to_string()), external: true }
    }

    /// What a chip's `data-kind` says.
    pub fn chip(&self) -> &'static str {
        match (self.kind.as_str(), self.external) {
            ("user", true) => "external",
            ("user", false) => "member",
            ("role", _) => "role",
            ("group", _) => "group",
            ("service_account", _) => "service-account",
            _ => "everyone",
        }
    }
}

/// One row that gives a subject a role on a project.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Grant {
    pub id: GrantId,
    pub project_id: ProjectId,
    pub subject: Subject,
    /// The role's key: `viewer`, `editor`, `owner`.
    pub role: String,
    /// The role's name, for people.
    pub role_name: String,
    /// Why it exists: `manual`, `invitation`.
    pub source: String,
    pub valid_to: Option<Ts>,
    pub rev: i64,
    pub created_at: Ts,
    pub updated_at: Ts,
}
