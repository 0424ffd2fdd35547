//! The audit log's reading side: search, history of one object, export, verification of the chain.

pub mod api;
pub mod event_pages;
pub mod pages;
pub mod queries;
pub mod store;
pub mod undo;
pub mod undo_pages;
pub mod verify;

use serde::{Deserialize, Serialize};

use crate::access::OrgRef;
use crate::base::audit::Row;
use crate::base::db::Ts;
use crate::base::ids::EventId;
use crate::base::undo::Past;
use crate::sections::{Nav, Section};

pub const SECTION: Section = Section {
    pages: pages::routes,
    api: api::routes,
    undo: |_| None,
    nav: &[Nav { group: "Access", label: "Audit log", path: "/audit", icon: "history", shown: |s| s.in_org.has("audit.read") }],
};

/// An event as the API shows it.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Event {
    pub id: EventId,
    /// Its place in the organization's chain.
    pub seq: i64,
    pub at: Ts,
    pub actor: Party,
    /// `noun.verb`
    pub action: String,
    /// `success`, `denied` or `failed`
    pub outcome: String,
    pub target: Party,
    pub summary: String,
    pub before: Option<serde_json::Value>,
    pub after: Option<serde_json::Value>,
    /// `page`, `api`, `cli` or `system`
    pub via: String,
    pub ip: String,
    pub request_id: String,
    pub created_at: Ts,
    pub updated_at: Ts,
    pub rev: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Party {
    pub kind: String,
    pub id: String,
    pub name: String,
}

impl Event {
    pub fn past(&self, org: &OrgRef) -> Past {
        Past {
            org: org.clone(),
            at: self.at,
            action: self.action.clone(),
            target: self.target.id.clone(),
            name: self.target.name.clone(),
            summary: self.summary.clone(),
            before: self.before.clone().unwrap_or_default(),
            after: self.after.clone().unwrap_or_default(),
        }
    }
}

impl From<Row> for Event {
    fn from(row: Row) -> Self {
        let json = |text: Option<String>| text.and_then(|t| serde_json::from_str(&t).ok());
        Self {
            id: row.id,
            seq: row.seq,
            at: row.at,
            actor: Party { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
            action: row.action,
            outcome: row.outcome,
            target: Party { kind: row.target_kind, id: row.target_id, name: row.target_name },
            summary: row.summary,
            before: json(row.before),
            after: json(row.after),
            via: row.via,
            ip: row.ip,
            request_id: row.request_id,
            created_at: row.at,
            updated_at: row.at,
            rev: 1,
        }
    }
}
