//! The worker: takes an import that is due, tells its rows their fate or takes them in, a second at a time, so that all get their turn.
//! Any number of processes may do this; a lease keeps them apart, and outlives none that died by more than half a minute.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::judge::{Fate, Judge};
use super::sheet::{Layout, Line};
use super::slice::TakeIn;
use super::{Import, State, store};
use crate::access::{Action, Need, OrgRef, Ref};
use crate::account;
use crate::base::db::Ts;
use crate::base::db::time::SECOND;
use crate::base::error::{Error, Result};
use crate::base::ids::OrgId;
use crate::base::ops::{self, Place, Query};
use crate::base::tx::{Actor, Caller, Proof, Read, Via};
use crate::base::world::World;

/// Rows that are checked at once.
const AT_ONCE: usize = 500;
const TURN: Duration = Duration::from_secs(1);

/// Works until the process is on its way out: when there is something new, and every few seconds for what is due again.
pub async fn work(world: Arc<World>) {
    while !world.draining.has_begun() {
        let rung = tokio::time::timeout(Duration::from_secs(2), world.job_bell.notified());
        tokio::select! { _ = rung => {}, () = world.draining.begun() => return }
        let hands = world.clone();
        match tokio::task::spawn_blocking(move || work_due(&hands)).await {
            Ok(Ok(_)) => {}
            Ok(Err(e)) => tracing::warn!("imports: {e}"),
            Err(e) => tracing::error!("imports stopped: {e}"),
        }
    }
}

/// Works on what is due until nothing is; returns how many turns it took. Blocks: run it on a thread of its own.
pub fn work_due(world: &World) -> Result<usize> {
    let mut turns = 0;
    while !world.draining.has_begun() {
        let lease = format!("{}.{}", world.mark, world.token());
        let Some((org, import)) = world.db.write(|c| store::take(c, &lease, world.now()))? else { break };
        turns += 1;
        let job = Job { world, org, import, lease };
        let outcome = job.turn();
        job.settle(outcome)?;
    }
    Ok(turns)
}

struct Job<'a> {
    world: &'a World,
    org: OrgId,
    import: Import,
    lease: String,
}

impl Job<'_> {
    fn turn(&self) -> Result<()> {
        let caller = self.caller()?;
        let until = Instant::now() + TURN;
        match self.import.state {
            State::Checking => self.check(&caller, until),
            _ => self.take_in(&caller, until),
        }
    }

    /// What the outcome of a turn means for the next one.
    fn settle(&self, outcome: Result<()>) -> Result<()> {
        let (org, id, now) = (&self.org, &self.import.id, self.world.now());
        let again = |at: Ts, why: &str| self.world.db.write(|c| store::release(c, org, id, &self.lease, at, why));
        match outcome {
            Ok(()) => again(now, ""),
            // Somebody stopped it; there is nothing to give back.
            Err(Error::Gone(_)) => Ok(()),
            Err(Error::Limited { retry_after, .. }) => {
                again(now.plus(retry_after * SECOND), "Waiting: an organization sends at most 1,000 invitations an hour. It goes on by itself.")
            }
            Err(e @ (Error::Unavailable(_) | Error::Race)) => {
                tracing::warn!(import = %id, "an import waits: {e}");
                again(now.plus(5 * SECOND), "Waiting for the database. It goes on by itself.")
            }
            Err(e) => {
                tracing::warn!(import = %id, "an import has failed: {e}");
                self.world.db.write(|c| store::set_state(c, org, id, State::Failed, &e.message(), None, now))
            }
        }
    }

    /// The person who ordered it, as they stand now.
    fn caller(&self) -> Result<Caller> {
        let user = account::store::user(&mut *self.world.db.reader()?, &self.import.created_by)?.ok_or(Error::NotFound)?;
        Ok(Caller::of(Actor::User(user.actor(Proof::Job { proved_mfa: self.import.proved_mfa })), Via::Job))
    }

    fn org(&self) -> OrgRef {
        Ref::new(&self.org)
    }

    fn check(&self, caller: &Caller, until: Instant) -> Result<()> {
        let (org, id) = (&self.org, &self.import.id);
        let (content, mut line) = {
            let mut c = self.world.db.reader()?;
            (store::content(&mut c, org, id)?.ok_or(Error::NotFound)?, store::last_line(&mut c, org, id)?)
        };
        let layout = Layout::of(&content)?;
        let mut position = usize::try_from(self.import.position).unwrap_or(0);
        while Instant::now() < until && !self.world.draining.has_begun() {
            let (lines, end) = layout.rows(&content, position, line, AT_ONCE);
            let fates = ops::ask(self.world, caller, &Fates { org: self.org(), import: self.import.clone(), lines: lines.clone() })?;
            let is_over = lines.is_empty() || end >= content.len();
            let now = self.world.now();
            self.world.db.write(|c| {
                let mut ready = 0;
                for (row, fate) in lines.iter().zip(&fates) {
                    let (state, why) = match fate {
                        Fate::Ready(_) => ("ready", ""),
                        Fate::Left(state, why) => (*state, why.as_str()),
                    };
                    ready += i64::from(state == "ready");
                    store::insert_row(c, org, id, row, state, why)?;
                }
                let end = if is_over { content.len() } else { end };
                let bytes = i64::try_from(end.saturating_sub(position)).unwrap_or(0);
                let total = i64::try_from(lines.len()).unwrap_or(0);
                store::advance(c, org, id, &self.lease, &store::Step { bytes, total, ready, done: 0 }, now)?;
                if is_over {
                    store::forget_content(c, org, id)?;
                    store::set_state(c, org, id, State::Checked, "", None, now)?;
                }
                Ok(())
            })?;
            if is_over {
                return Ok(());
            }
            (position, line) = (end, lines.last().map_or(line, |l| l.line));
        }
        Ok(())
    }

    fn take_in(&self, caller: &Caller, until: Instant) -> Result<()> {
        let slice = TakeIn { org: self.org(), import: self.import.clone(), lease: self.lease.clone() };
        while Instant::now() < until && !self.world.draining.has_begun() {
            if !ops::run(self.world, caller, &slice)? {
                break;
            }
        }
        Ok(())
    }
}

/// What would become of some rows, if they were taken in now.
struct Fates {
    org: OrgRef,
    import: Import,
    lines: Vec<Line>,
}

impl Query for Fates {
    const ACTION: Action = Action::new("import.check", Need::Org("members.invite"));
    type Output = Vec<Fate>;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Vec<Fate>> {
        let mut judge = Judge::default();
        self.lines.iter().map(|row| judge.fate(read, &self.import.id, self.import.way, row)).collect()
    }
}
