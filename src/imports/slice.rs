//! A piece of an import: some of its rows, taken in by one change with one event that names them. Its progress is part of the change, so a
//! row is never taken in twice, whoever dies in the middle.

use super::commands::may;
use super::judge::{Fate, Judge, Newcomer};
use super::sheet::Line;
use super::{Import, ImportRow, State, Way, store};
use crate::access::{Action, Need, OrgRef};
use crate::account;
use crate::base::audit::Target;
use crate::base::error::{Error, Result};
use crate::base::ids::OrgId;
use crate::base::ops::{Command, Place};
use crate::base::text::{count, names};
use crate::base::tx::Tx;
use crate::{invitations, members, projects};

/// Rows at once: few enough that nobody else waits for them noticeably.
const AT_ONCE: i64 = 100;

pub struct TakeIn {
    pub org: OrgRef,
    pub import: Import,
    pub lease: String,
}

impl Command for TakeIn {
    const ACTION: Action = Action::new("import.rows", Need::Org("members.invite"));
    /// Whether there may be more.
    type Output = bool;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let (org, id) = (tx.org_id()?, &self.import.id);
        may(tx, self.import.way)?;
        let rows = store::rows(tx.c, &org, id, "ready", 0, AT_ONCE)?;
        if rows.is_empty() {
            return self.end(tx, &org);
        }
        let (mut judge, mut taken, mut who, mut left) = (Judge::default(), Vec::new(), Vec::new(), 0);
        for row in rows {
            let row = line(row);
            match judge.fate(&mut tx.read(), id, self.import.way, &row)? {
                Fate::Ready(newcomer) => {
                    self.take(tx, &org, &newcomer)?;
                    taken.push(row.line);
                    who.push(newcomer.email.to_string());
                }
                // Something has changed since the rows were checked.
                Fate::Left(state, why) => {
                    store::settle(tx.c, &org, id, &[row.line], state, &why)?;
                    left += 1;
                }
            }
        }
        store::settle(tx.c, &org, id, &taken, "done", "")?;
        let n = i64::try_from(taken.len()).unwrap_or(0);
        store::advance(tx.c, &org, id, &self.lease, &store::Step { done: n, ready: -left, ..Default::default() }, tx.now)?;
        let verb = if self.import.way == Way::Add { "added" } else { "invited" };
        let summary = format!("{verb} {} from {}: {}", count(n, "person", "people"), self.import.file_name, names(&who, 5));
        let after = serde_json::json!({"import": id, "people": who});
        tx.record(Target::new("import", id, &self.import.file_name), summary, &(), &after)?;
        Ok(true)
    }
}

impl TakeIn {
    fn take(&self, tx: &mut Tx<'_>, org: &OrgId, new: &Newcomer) -> Result<()> {
        let source = Some(self.import.id.as_ref());
        if self.import.way == Way::Invite {
            return invitations::commands::invite_one(tx, &new.email, &new.roles, &new.gifts).map(drop);
        }
        let user = match account::store::user_by_email(tx.c, &new.email)? {
            Some(user) => user.id,
            None => account::store::insert_user(tx, &new.email, &new.name, None, false, false)?,
        };
        members::store::insert(tx, org, &user, "import", source)?;
        for role in &new.roles {
            members::store::assign(tx, org, &user, &role.id, "import", source)?;
        }
        let by = tx.by();
        for (project, role) in &new.gifts {
            projects::grants::hand_over(tx, &project.id, &user, role, ("import", source), &by)?;
        }
        Ok(())
    }

    fn end(&self, tx: &mut Tx<'_>, org: &OrgId) -> Result<bool> {
        store::advance(tx.c, org, &self.import.id, &self.lease, &store::Step::default(), tx.now)?;
        store::set_state(tx.c, org, &self.import.id, State::Done, "", None, tx.now)?;
        let after = store::get(tx.c, org, self.import.id.as_ref())?.ok_or(Error::NotFound)?;
        let summary = format!("finished the import of {}: {} of {} taken in", after.file_name, after.done, count(after.total, "row", "rows"));
        tx.record(Target::new("import", &after.id, &after.file_name), summary, &(), &after)?;
        Ok(false)
    }
}

fn line(row: ImportRow) -> Line {
    Line { line: row.line, email: row.email, name: row.name, roles: row.roles, projects: row.projects }
}
