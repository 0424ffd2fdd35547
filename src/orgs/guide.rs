//! The built-in guide: what to do first in a new organization, and why. It is worked out from what is there, so it needs no memory of
//! its own, and it goes away once people, projects and access have met.

use super::admin::Admin;
use crate::access::Mfa;

pub struct Step {
    pub done: bool,
    pub title: &'static str,
    pub why: &'static str,
    pub label: &'static str,
    /// Empty while it cannot be taken yet.
    pub href: String,
    pub in_dialog: bool,
}

/// Nothing for those who cannot take every step, and for an organization that is past them.
pub fn steps(admin: &Admin) -> Vec<Step> {
    let (counts, may) = (&admin.about.counts, &admin.may);
    let base = format!("/o/{}", admin.about.org.slug);
    let has_people = counts.members + counts.suspended + counts.externals + counts.invitations > 1;
    let has_project = counts.projects > 0;
    let has_access = admin.projects.rows.iter().any(|r| r.grant_count > 0);
    if !(may.invite && may.secure && admin.projects.may_create) || (has_people && has_project && has_access) {
        return Vec::new();
    }
    let project = admin.projects.rows.first().map(|r| format!("{base}/projects/{}", r.project.slug)).unwrap_or_default();
    vec![
        Step {
            done: has_people,
            title: "Invite people",
            why: "They get a mail and choose their own password. Who joins holds the role DEFAULT, and no project by that alone.",
            label: "Invite people",
            href: format!("{base}/invitations/new"),
            in_dialog: true,
        },
        Step {
            done: has_project,
            title: "Create a project",
            why: "A project is what access is given to. Nobody but ADMINs sees it until it is shared.",
            label: "Create project",
            href: format!("{base}/projects/new"),
            in_dialog: true,
        },
        Step {
            done: has_access,
            title: "Give access to it",
            why: "To a role, and everyone who holds it gets in; to one person; or to somebody from outside, who is blue from then on.",
            label: "Share the project",
            href: project,
            in_dialog: false,
        },
        Step {
            done: admin.about.policy.mfa != Mfa::Off,
            title: "Require two-factor sign-in",
            why: "You see by name who has not set it up. They are walked through it, and nobody is shut out.",
            label: "Review and require",
            href: format!("{base}/security"),
            in_dialog: false,
        },
    ]
}
