//! Takes a change back: the change that puts things back is built from its event and made like any other one, under the same rights,
//! rules and invariants, and is an event of its own. Refused where somebody was there since.

use serde::{Deserialize, Serialize};

use super::store;
use crate::access::{Action, Need, OrgRef, Population, Ref};
use crate::base::error::{Error, Result};
use crate::base::ops::{self, Command, Place};
use crate::base::tx::Tx;
use crate::base::undo::{Inverse, Past, inverse};

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    pub org: OrgRef,
    pub event: Ref,
}

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Undone {
    /// The event that was taken back.
    pub id: String,
    /// How the log tells it: "undid: suspended Mia Holt".
    pub summary: String,
}

impl Command for Undo {
    /// What is needed depends on what is taken back.
    const ACTION: Action = Action::new("audit.undo", Need::Inside);
    type Output = Undone;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }

    fn population(&self, tx: &mut Tx<'_>) -> Result<Population> {
        let (past, back) = self.find(tx)?;
        let (population, _) = ops::within(tx, &*back.command, back.if_rev, |part, tx| part.touches(tx))?;
        population.map_err(|e| too_late(&past, e))
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Undone> {
        let (past, back) = self.find(tx)?;
        let (done, events) = ops::within(tx, &*back.command, back.if_rev, |part, tx| part.carry_out(tx))?;
        done.map_err(|e| too_late(&past, e))?;
        let summary = retold(&past.summary);
        tx.retell(events, &summary);
        Ok(Undone { id: self.event.to_string(), summary })
    }
}

impl Undo {
    fn find(&self, tx: &mut Tx<'_>) -> Result<(Past, Inverse)> {
        let org = tx.org_id()?;
        let row = store::one(tx.c, org.as_ref(), self.event.as_str())?.filter(|row| row.outcome == "success").ok_or(Error::NotFound)?;
        let past = Past::from(&row);
        // Whoever holds nothing that it is about hears no more of it than of an event that is nowhere.
        let back = inverse(&past).ok_or_else(|| match tx.holds("audit.read") {
            true => Error::Conflict("This cannot be undone.".into()),
            false => Error::NotFound,
        })?;
        Ok((past, back))
    }
}

/// Taking back what was taken back is doing it again.
fn retold(summary: &str) -> String {
    match (summary.strip_prefix("undid: "), summary.strip_prefix("redid: ")) {
        (Some(what), _) => format!("redid: {what}"),
        (_, what) => format!("undid: {}", what.unwrap_or(summary)),
    }
}

/// Why the change that puts things back does not go any more, in words about what was to be taken back.
fn too_late(past: &Past, error: Error) -> Error {
    match error {
        Error::Stale { .. } => Error::Conflict(format!("{} was changed again since then. Look at it as it is now, and change it there.", past.name)),
        Error::NotFound => Error::Conflict(format!("What {} had then is not there any more, so this cannot be undone.", past.name)),
        Error::Invalid(_) => Error::Conflict(error.message()),
        other => other,
    }
}
