//! Taking a change back. Its event says what was before and after; from that each capability builds the change that puts things back
//! (`undo.rs` beside its commands), and `audit/undo.rs` runs it like any other one. What is final has no such change.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::audit::{self, Row};
use super::db::Ts;
use super::error::{Error, Result, StepUp};
use super::ids::EventId;
use super::ops::{self, AnyCommand, Command};
use super::tx::Tx;
use crate::access::{self, OrgRef, Ref};

/// What happened, as its event tells it.
#[derive(Debug, Clone)]
pub struct Past {
    pub org: OrgRef,
    pub at: Ts,
    pub action: String,
    /// The id of what it was about, and its name.
    pub target: String,
    pub name: String,
    pub summary: String,
    pub before: Value,
    pub after: Value,
}

impl Past {
    pub fn is<C: Command>(&self) -> bool {
        self.action == C::ACTION.name
    }
    pub fn before<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(&self.before).ok()
    }
    pub fn after<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(&self.after).ok()
    }
    /// The change that puts things back, on the record as this one left it.
    pub fn back(&self, command: impl Command) -> Option<Inverse> {
        Some(Inverse { command: Box::new(command), if_rev: self.after.get("rev").and_then(Value::as_i64) })
    }
    /// Whether anything differs, beside the revision and its time.
    fn changed(&self) -> bool {
        let plain = |value: &Value| {
            let mut value = value.clone();
            if let Some(fields) = value.as_object_mut() {
                fields.retain(|name, _| name != "rev" && name != "updated_at");
            }
            value
        };
        plain(&self.before) != plain(&self.after)
    }
}

impl From<&Row> for Past {
    fn from(row: &Row) -> Self {
        let json = |text: &Option<String>| text.as_deref().and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default();
        Self {
            org: Ref::new(&row.org_id),
            at: row.at,
            action: row.action.clone(),
            target: row.target_id.clone(),
            name: row.target_name.clone(),
            summary: row.summary.clone(),
            before: json(&row.before),
            after: json(&row.after),
        }
    }
}

/// The change that takes another one back, and the revision that the other one has left.
pub struct Inverse {
    pub command: Box<dyn AnyCommand>,
    pub if_rev: Option<i64>,
}

pub fn inverse(past: &Past) -> Option<Inverse> {
    crate::sections::SECTIONS.iter().find_map(|s| (s.undo)(past)).filter(|_| past.changed())
}

/// An event that its author may take back.
#[derive(Debug, Clone)]
pub struct Offer {
    pub org: String,
    pub event: EventId,
}

/// What is offered right after a change: nothing that would be refused to who made it.
pub fn offer(tx: &mut Tx<'_>, event: &Row) -> Result<Option<Offer>> {
    if event.org_id == audit::INSTANCE || event.outcome != "success" {
        return Ok(None);
    }
    let Some(inverse) = inverse(&Past::from(event)) else { return Ok(None) };
    let standing = match ops::stand(tx.c, &tx.caller.actor, &inverse.command.at(), tx.now) {
        Err(Error::NotFound) => return Ok(None),
        other => other?,
    };
    let offer = Offer { org: event.org_id.clone(), event: event.id.clone() };
    match access::decide(&tx.caller.actor, standing.as_ref(), &inverse.command.action(), tx.now) {
        Ok(()) | Err(Error::StepUp(StepUp::Fresh)) => Ok(Some(offer)),
        Err(_) => Ok(None),
    }
}
