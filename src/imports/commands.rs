//! Writes: bring a file, run what was checked, stop. The rows themselves are taken in by `slice.rs`.

use serde::Deserialize;

use super::sheet::Layout;
use super::{Import, State, Way, store};
use crate::access::{self, Action, Need, OrgRef, Ref};
use crate::base::audit::Target;
use crate::base::error::{Error, Result};
use crate::base::ops::{Command, Place};
use crate::base::text::count;
use crate::base::tx::Tx;
use crate::members::commands::AddMembers;

/// The largest file.
pub const LARGEST: usize = 16 * 1024 * 1024;

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateImport {
    pub org: OrgRef,
    /// The file: its first line names the columns email, name, roles (keys) and projects (`short-name:level`); only email has to be there.
    pub csv: String,
    pub file_name: Option<String>,
    /// `invite`, or for operators `add`.
    #[serde(default)]
    pub way: Way,
}

impl Command for CreateImport {
    const ACTION: Action = Action::new("import.create", Need::Org("members.invite"));
    const LONGEST: usize = LARGEST;
    type Output = Import;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Import> {
        let org = tx.org_id()?;
        may(tx, self.way)?;
        let me = tx.me()?.clone();
        if self.csv.trim().is_empty() {
            return Err(Error::field("file", "required", "Choose a CSV file, or paste its rows."));
        }
        if self.csv.len() > LARGEST {
            return Err(Error::field("file", "too_long", format!("A file has at most {} MiB. Send it in parts.", LARGEST / 1024 / 1024)));
        }
        Layout::of(&self.csv)?;
        let named = self.file_name.as_deref().unwrap_or_default();
        let named: String = named.chars().filter(|c| !crate::base::text::is_unsafe(*c)).take(100).collect();
        let import = Import {
            id: tx.id(),
            file_name: if named.trim().is_empty() { "Pasted rows".into() } else { named },
            way: self.way,
            state: State::Checking,
            message: String::new(),
            total: 0,
            ready: 0,
            done: 0,
            created_by: me.id.clone(),
            created_at: tx.now,
            ended_at: None,
            rev: 1,
            updated_at: tx.now,
            size: i64::try_from(self.csv.len()).unwrap_or(i64::MAX),
            position: 0,
            started_at: tx.now,
            due_at: tx.now,
            // The worker acts for this person later, with as much proof as they have shown now.
            proved_mfa: me.assurance().mfa_proved,
        };
        store::insert(tx.c, &org, &import, &self.csv)?;
        tx.wake_workers();
        tx.record(Target::new("import", &import.id, &import.file_name), format!("brought {} to be imported", import.file_name), &(), &import)?;
        Ok(import)
    }
}

/// Who may take people in this way.
pub fn may(tx: &Tx<'_>, way: Way) -> Result<()> {
    match way {
        Way::Invite => Ok(()),
        Way::Add => access::decide(&tx.caller.actor, tx.standing.as_ref(), &AddMembers::ACTION, tx.now),
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunImport {
    pub org: OrgRef,
    pub import: Ref,
}

impl Command for RunImport {
    const ACTION: Action = Action::new("import.run", Need::Org("members.invite"));
    type Output = Import;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Import> {
        let before = find(tx, &self.import)?;
        may(tx, before.way)?;
        if before.state.is_at_work() {
            return Err(Error::Conflict("This import is at work already.".into()));
        }
        if !before.is_checked() {
            return Err(Error::Conflict("This import was stopped before all of its rows were checked. Send the file again.".into()));
        }
        if !before.can_run() {
            return Err(Error::Conflict("There is nobody to take in: no row of this file is ready.".into()));
        }
        let (org, me) = (tx.org_id()?, tx.me()?.clone());
        store::set_state(tx.c, &org, &before.id, State::Running, "", Some((&me.id, me.assurance().mfa_proved)), tx.now)?;
        tx.wake_workers();
        let after = find(tx, &self.import)?;
        let summary = format!("began to import {} from {}", count(after.ready - after.done, "person", "people"), after.file_name);
        tx.record(Target::new("import", &after.id, &after.file_name), summary, &before, &after)?;
        Ok(after)
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StopImport {
    pub org: OrgRef,
    pub import: Ref,
}

impl Command for StopImport {
    const ACTION: Action = Action::new("import.stop", Need::Org("members.invite"));
    type Output = Import;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Import> {
        let before = find(tx, &self.import)?;
        if !before.state.is_at_work() {
            return Err(Error::Conflict("This import is not at work any more.".into()));
        }
        let org = tx.org_id()?;
        store::set_state(tx.c, &org, &before.id, State::Stopped, "", None, tx.now)?;
        if !before.is_checked() {
            store::forget_content(tx.c, &org, &before.id)?;
        }
        let after = find(tx, &self.import)?;
        tx.record(Target::new("import", &after.id, &after.file_name), format!("stopped the import of {}", after.file_name), &before, &after)?;
        Ok(after)
    }
}

fn find(tx: &mut Tx<'_>, import: &Ref) -> Result<Import> {
    let org = tx.org_id()?;
    store::get(tx.c, &org, import.as_str())?.ok_or(Error::NotFound)
}
