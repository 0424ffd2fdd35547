//! What one principal is and holds in one organization, and on one project of it when a project is asked about.

use serde::{Deserialize, Serialize};

use super::admit::{Assurance, Verdict, admit};
use super::permissions::Perms;
use super::policy::Policy;
use crate::base::ids::{GrantId, OrgId, ProjectId, RoleId, WorkspaceId};

/// A record of an organization named by a person or program: its id, or its short name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub struct Ref(String);

impl Ref {
    pub fn new(text: impl AsRef<str>) -> Self {
        // Longer than any id or slug cannot exist; the cut keeps a megabyte of path out of the database.
        Self(text.as_ref().chars().take(80).collect())
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl std::fmt::Display for Ref {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl<'de> Deserialize<'de> for Ref {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self::new(String::deserialize(d)?))
    }
}

/// An organization named by its slug or id.
pub type OrgRef = Ref;

#[derive(Debug, Clone)]
pub struct OrgHead {
    pub id: OrgId,
    pub slug: String,
    pub name: String,
    pub policy: Policy,
}

#[derive(Debug, Clone)]
pub struct ProjectHead {
    pub id: ProjectId,
    pub workspace_id: WorkspaceId,
    pub slug: String,
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Stranger,
    External,
    Member,
    Suspended,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct RoleHeld {
    pub id: RoleId,
    pub key: String,
    pub name: String,
}

/// One row that gives something on the project asked about.
#[derive(Debug, Clone)]
pub struct Path {
    pub grant: GrantId,
    pub role_key: String,
    pub perms: Perms,
}

#[derive(Debug, Clone)]
pub struct Standing {
    pub org: OrgHead,
    pub relation: Relation,
    pub roles: Vec<RoleHeld>,
    /// From the org-level roles held.
    pub in_org: Perms,
    /// The project that was asked about, when it exists.
    pub project: Option<ProjectHead>,
    pub paths: Vec<Path>,
}

impl Standing {
    pub fn is_admin(&self) -> bool {
        self.in_org == Perms::All
    }

    /// Everything held on the project asked about: what the org roles give everywhere, and what the grants give here.
    pub fn on_project(&self) -> Perms {
        let mut all = self.in_org.clone();
        for path in &self.paths {
            all.join(&path.perms);
        }
        all
    }

    pub fn verdict(&self, assurance: Assurance) -> Verdict {
        admit(&self.org.policy, &self.relation, assurance)
    }

    /// "ADMIN", "Member", "External": one word for the switcher.
    pub fn word(&self) -> &'static str {
        match self.relation {
            _ if self.is_admin() => "ADMIN",
            Relation::Member => "Member",
            Relation::External => "External",
            Relation::Suspended => "Suspended",
            Relation::Stranger => "",
        }
    }
}
