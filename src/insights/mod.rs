//! Insights: how membership grew, who signs in with a second factor, and who reaches what, as figures and as pictures.

pub mod access_map;
pub mod api;
pub mod months;
pub mod pages;
pub mod queries;
pub mod store;

use serde::Serialize;

use crate::sections::{Nav, Section};

pub const SECTION: Section = Section {
    pages: pages::routes,
    api: api::routes,
    undo: |_| None,
    nav: &[Nav { group: "Access", label: "Insights", path: "/insights", icon: "chart-histogram", shown: |s| s.in_org.has("members.read") }],
};

/// Members at the end of each month, and who came and went. Suspended people are members still.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Growth {
    /// Now.
    pub members: i64,
    pub joined: i64,
    pub left: i64,
    /// The oldest first; the last one is under way.
    pub months: Vec<Month>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Month {
    /// `2026-11`, in UTC.
    pub month: String,
    pub joined: i64,
    pub left: i64,
    /// At its end, or now.
    pub members: i64,
}

/// Who has set up two-factor sign-in. Suspended people are left out: they do not sign in.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Coverage {
    pub members: i64,
    pub members_without: i64,
    /// People from outside with access to something here, counted up to 1,000.
    pub externals: i64,
    pub externals_without: i64,
}
