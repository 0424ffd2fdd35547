//! Invitations: an offer by mail to join, with roles and perhaps access to projects. Each link works once, for one address, for 7 days.

pub mod accept;
pub mod accept_pages;
pub mod addresses;
pub mod api;
pub mod commands;
pub mod joining;
pub mod mails;
pub mod pages;
pub mod queries;
pub mod store;
pub mod undo;

use serde::{Deserialize, Serialize};

use crate::base::db::Ts;
use crate::base::ids::InvitationId;
use crate::members::Held;
use crate::sections::{Nav, Section};

pub const SECTION: Section = Section {
    pages: pages::routes,
    api: api::routes,
    undo: undo::of,
    nav: &[Nav { group: "Organization", label: "Invitations", path: "/invitations", icon: "mail", shown: |s| s.in_org.has("members.invite") }],
};

/// An invitation as the API shows it. Its link is in none of its fields.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    /// `pending`, `expired`, `accepted` or `revoked`.
    pub status: String,
    /// Of the latest mail: `queued`, `sending`, `sent`, `failed`, `dropped`.
    pub delivery: String,
    /// What the mail server said, when it refused.
    pub delivery_error: String,
    pub roles: Vec<Held>,
    pub invited_by: String,
    pub expires_at: Ts,
    pub rev: i64,
    pub created_at: Ts,
    pub updated_at: Ts,
    /// Counts the links made; each kills the one before.
    #[serde(skip)]
    pub generation: i64,
    /// Whether the reader may hold its link in their hands: its inviter, and ADMINs. To anybody else it would be more than they hold.
    #[serde(skip)]
    pub link_is_theirs: bool,
}
