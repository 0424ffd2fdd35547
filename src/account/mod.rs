//! One's own account: sign-in, password, two-factor sign-in, sessions, tokens, address.

pub mod api;
pub mod browser;
pub mod commands;
pub mod links;
pub mod mails;
pub mod mfa;
pub mod pages;
pub mod passwords;
pub mod queries;
pub mod reauth;
pub mod sign_in;
pub mod store;
pub mod tokens;

use serde::{Deserialize, Serialize};

use crate::base::db::Ts;
use crate::base::ids::{SessionId, TokenId, UserId};
use crate::base::preferences::{Theme, Zone};
use crate::sections::Section;

pub const SECTION: Section = Section { pages: pages::routes, api: api::routes, undo: |_| None, nav: &[] };

/// Oneself, as the API shows it.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Me {
    pub id: UserId,
    pub email: String,
    pub email_verified: bool,
    pub name: String,
    pub mfa: bool,
    pub is_operator: bool,
    /// `system`, `light` or `dark`.
    pub theme: Theme,
    /// In which pages show times; an IANA name. The API itself speaks UTC.
    pub time_zone: Zone,
    /// Whether single keys do something on pages, such as / and g m.
    pub shortcuts: bool,
    pub rev: i64,
    pub created_at: Ts,
    pub updated_at: Ts,
}

/// A session of one's own.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MySession {
    pub id: SessionId,
    pub ip: String,
    /// "Chrome on Linux"
    pub device: String,
    pub mfa: bool,
    pub current: bool,
    pub created_at: Ts,
    pub last_seen_at: Ts,
    pub expires_at: Ts,
}

/// A personal access token; its secret is shown once and is in none of these fields.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Token {
    pub id: TokenId,
    pub name: String,
    /// The last four characters, to know it again.
    pub last4: String,
    pub expires_at: Ts,
    pub last_used_at: Option<Ts>,
    pub last_used_ip: Option<String>,
    pub rev: i64,
    pub created_at: Ts,
    pub updated_at: Ts,
}
