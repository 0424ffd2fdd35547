//! The catalogue of permissions: keys `noun.verb`, each at a level. Held by roles; ADMIN holds all.

use std::collections::BTreeSet;

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Org,
    Workspace,
    Project,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Org => "org",
            Self::Workspace => "workspace",
            Self::Project => "project",
        }
    }
}

#[derive(Debug, Clone, Copy, Serialize, schemars::JsonSchema)]
pub struct Permission {
    pub key: &'static str,
    pub level: Level,
    pub description: &'static str,
    /// Opens a way to more power; marked wherever it is given.
    pub sensitive: bool,
}

const fn at(level: Level, key: &'static str, description: &'static str, sensitive: bool) -> Permission {
    Permission { key, level, description, sensitive }
}

/// In the order in which a person would look for them.
pub const CATALOGUE: &[Permission] = &[
    at(Level::Org, "org.update", "Open the admin page; change name, address and description", false),
    at(Level::Org, "org.delete", "Delete the organization", true),
    at(Level::Org, "members.read", "See who is in", false),
    at(Level::Org, "members.invite", "Invite people, send again, withdraw", false),
    at(Level::Org, "members.remove", "Suspend and remove people", true),
    at(Level::Org, "roles.read", "See roles and who holds them", false),
    at(Level::Org, "roles.assign", "Give and take roles, within what one holds", true),
    at(Level::Org, "roles.manage", "Create, change and delete roles, within what one holds", true),
    at(Level::Org, "projects.create", "Create projects", false),
    at(Level::Org, "audit.read", "Read and export the audit log", true),
    at(Level::Org, "security.manage", "Change how people have to sign in", true),
    at(Level::Project, "projects.read", "See the project", false),
    at(Level::Project, "projects.update", "Change the project", false),
    at(Level::Project, "projects.share", "Give and take access to the project", true),
    at(Level::Project, "projects.delete", "Delete the project when nobody has access", true),
];

pub fn find(key: &str) -> Option<&'static Permission> {
    CATALOGUE.iter().find(|p| p.key == key)
}

/// What somebody holds: everything, or a set of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Perms {
    All,
    Only(BTreeSet<String>),
}

impl Default for Perms {
    fn default() -> Self {
        Self::Only(BTreeSet::new())
    }
}

impl Perms {
    pub fn of(keys: &[&str]) -> Self {
        Self::Only(keys.iter().map(|k| (*k).to_owned()).collect())
    }
    pub fn has(&self, key: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(keys) => keys.contains(key),
        }
    }
    pub fn join(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::All, _) => {}
            (_, Self::All) => *self = Self::All,
            (Self::Only(mine), Self::Only(theirs)) => mine.extend(theirs.iter().cloned()),
        }
    }
    /// What `self` holds beyond `other`; empty when `other` covers it.
    pub fn beyond(&self, other: &Self) -> Vec<String> {
        match (self, other) {
            (_, Self::All) => Vec::new(),
            (Self::All, Self::Only(_)) => vec!["everything".into()],
            (Self::Only(mine), Self::Only(theirs)) => mine.difference(theirs).cloned().collect(),
        }
    }
    pub fn keys(&self) -> Vec<String> {
        match self {
            Self::All => CATALOGUE.iter().map(|p| p.key.to_owned()).collect(),
            Self::Only(keys) => keys.iter().cloned().collect(),
        }
    }
}

/// The built-in roles of every organization: (key, name, level, description). Their permissions stand in [`of_builtin`].
pub const BUILTIN: &[(&str, &str, Level, &str)] = &[
    ("ADMIN", "ADMIN", Level::Org, "Everything in the organization"),
    ("DEFAULT", "DEFAULT", Level::Org, "What a new member starts with"),
    ("owner", "Owner", Level::Project, "Works on the project and manages who has access"),
    ("editor", "Editor", Level::Project, "Works on the project"),
    ("viewer", "Viewer", Level::Project, "Looks at the project"),
];

/// The permissions of a built-in role; they come from here and not from rows, so that a new version can extend them.
pub fn of_builtin(level: &str, key: &str) -> Perms {
    match (level, key) {
        ("org", "ADMIN") => Perms::All,
        ("org", "DEFAULT") => Perms::of(&["members.read"]),
        ("project", "owner") => Perms::of(&["projects.read", "projects.update", "projects.share", "projects.delete"]),
        ("project", "editor") => Perms::of(&["projects.read", "projects.update"]),
        ("project", "viewer") => Perms::of(&["projects.read"]),
        _ => Perms::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_role_gives_permissions_that_exist() {
        for (key, _, level, _) in BUILTIN {
            let perms = of_builtin(level.as_str(), key);
            assert!(!perms.keys().is_empty(), "{key} gives nothing");
            assert!(perms.keys().iter().all(|k| find(k).is_some()), "{key} gives an unknown permission");
        }
    }

    #[test]
    fn what_goes_beyond_is_named() {
        let owner = of_builtin("project", "owner");
        let viewer = of_builtin("project", "viewer");
        assert!(viewer.beyond(&owner).is_empty() && owner.beyond(&Perms::All).is_empty());
        assert_eq!(owner.beyond(&viewer), ["projects.delete", "projects.share", "projects.update"]);
        assert_eq!(Perms::All.beyond(&owner), ["everything"]);
    }
}
