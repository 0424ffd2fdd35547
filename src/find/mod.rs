//! Finding one's way: the command palette over pages, people, projects, roles and actions, which is also an ordinary page, and the
//! list of keyboard shortcuts. It decides nothing: it lists what the reader may open.

pub mod pages;
pub mod queries;

use crate::sections::Section;

pub const SECTION: Section = Section { pages: pages::routes, api: |_| (), undo: |_| None, nav: &[] };

/// Something that can be done from anywhere in an organization.
#[derive(Debug)]
pub struct Act {
    pub label: &'static str,
    /// Behind `/o/{slug}`.
    pub path: &'static str,
    pub icon: &'static str,
    pub permission: &'static str,
}

pub const ACTS: &[Act] = &[
    Act { label: "Invite people", path: "/invitations/new", icon: "user-plus", permission: "members.invite" },
    Act { label: "Create project", path: "/projects/new", icon: "folder-plus", permission: "projects.create" },
    Act { label: "Create role", path: "/roles/new", icon: "user-shield", permission: "roles.manage" },
];

/// The pages of one's own: label, path, icon.
pub const ACCOUNT: &[(&str, &str, &str)] = &[
    ("Profile and preferences", "/me", "id-badge-2"),
    ("Two-factor sign-in", "/me/mfa", "shield-lock"),
    ("Sessions", "/me/sessions", "devices"),
    ("Tokens", "/me/tokens", "key"),
    ("Keyboard shortcuts", "/shortcuts", "keyboard"),
    ("All organizations", "/orgs", "building"),
];

/// Whether what was typed is in a label, whatever the case.
pub fn fits(label: &str, typed: &str) -> bool {
    label.to_lowercase().contains(&typed.to_lowercase())
}
