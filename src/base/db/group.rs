//! SQLite's one writer. A durable commit costs a wait for the disk, so changes that arrive while another is under way share its
//! transaction, each within a savepoint of its own, and are acknowledged together when it is committed.
//!
//! There is no thread: whoever has something to write takes the connection in turn, runs it, and hands the open transaction to
//! the next in line. Who finds nobody waiting, or the group long enough, commits for all.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use r2d2::ManageConnection;

use super::Conn;
use super::pool::{Load, Manager, PATIENCE, Then};
use crate::base::error::{Error, Result};

/// A group that is this large or this old is committed whoever waits.
const MOST: u32 = 256;
const OLDEST: Duration = Duration::from_millis(10);

pub(super) struct Group {
    manager: Manager,
    state: Mutex<State>,
    turn: Condvar,
    settled: Condvar,
}

#[derive(Default)]
struct State {
    taken: bool,
    /// Kept between turns; none before the first, and after one that broke.
    connection: Option<Conn>,
    open: Option<Open>,
    waiting: u32,
    /// Groups are numbered; those below this one are settled.
    round: u64,
    /// The groups of late that could not be committed.
    lost: Vec<u64>,
}

/// The transaction under way.
#[derive(Clone, Copy)]
struct Open {
    since: Instant,
    changes: u32,
}

impl Group {
    pub(super) fn new(manager: Manager) -> Self {
        Self { manager, state: Mutex::default(), turn: Condvar::new(), settled: Condvar::new() }
    }

    pub(super) fn write<T>(&self, f: impl FnOnce(&mut Conn) -> Result<(T, Then)>) -> Result<T> {
        let (connection, open, round) = self.take_turn()?;
        let mut connection = match connection.map_or_else(|| self.manager.connect(), Ok) {
            Ok(connection) => connection,
            Err(e) => {
                self.settle(None, false);
                return Err(Error::Unavailable(format!("The database cannot be opened: {e}")));
            }
        };
        let mut open = match open.map_or_else(|| begin(&mut connection), Ok) {
            Ok(open) => open,
            Err(e) => {
                self.settle(Some(connection), false);
                return Err(e);
            }
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| within_savepoint(&mut connection, f)));
        let whole = match &outcome {
            Ok(Ok(_) | Err(Failed::Alone(_))) => true,
            // Some failures of the storage undo the whole transaction, and with it what others did before in this group.
            Ok(Err(Failed::Group(_))) => false,
            Err(_) => connection.batch_execute(UNDO).is_ok(),
        };
        open.changes += 1;
        let to_settle = if whole { self.hand_on(connection, open) } else { Some(connection) };
        if let Some(mut connection) = to_settle {
            let committed = whole && connection.commit().is_ok();
            if !committed {
                connection.rollback();
            }
            // After a failure the next one gets a connection of their own.
            self.settle(committed.then_some(connection), !committed);
        }
        match outcome {
            Ok(Ok(done)) => self.wait_for(round).map(|()| done),
            Ok(Err(Failed::Alone(e) | Failed::Group(e))) => Err(e),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Between two groups: one that is open is committed first.
    pub(super) fn alone<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let (connection, open, _) = self.take_turn()?;
        let connection = connection.map_or_else(|| self.manager.connect(), Ok);
        let mut connection = match connection {
            Ok(connection) => connection,
            Err(e) => {
                self.settle(None, false);
                return Err(Error::Unavailable(format!("The database cannot be opened: {e}")));
            }
        };
        if open.is_some() && connection.commit().is_err() {
            connection.rollback();
            self.settle(None, true);
            return Err(lost());
        }
        let outcome = f(&mut connection);
        self.settle(Some(connection), false);
        outcome
    }

    pub(super) fn load(&self) -> Load {
        let state = self.lock();
        Load { name: "writers", in_use: state.taken.into(), waiting: state.waiting.into() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can panic half way.
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn take_turn(&self) -> Result<(Option<Conn>, Option<Open>, u64)> {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.lock();
        state.waiting += 1;
        while state.taken {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                state.waiting -= 1;
                return Err(Error::Unavailable("Too much is being written at this moment. Try again in a few seconds.".into()));
            }
            state = self.turn.wait_timeout(state, left).unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
        state.waiting -= 1;
        state.taken = true;
        Ok((state.connection.take(), state.open.take(), state.round))
    }

    /// Leaves the open transaction to whoever waits; gives it back when it is to be committed now.
    fn hand_on(&self, connection: Conn, open: Open) -> Option<Conn> {
        let mut state = self.lock();
        // Decided under the lock: who gives up waiting does it under the lock too, and only while the turn is taken.
        if state.waiting == 0 || open.changes >= MOST || open.since.elapsed() >= OLDEST {
            return Some(connection);
        }
        state.taken = false;
        state.connection = Some(connection);
        state.open = Some(open);
        drop(state);
        self.turn.notify_one();
        None
    }

    /// The group is over, well or not; the next one begins.
    fn settle(&self, connection: Option<Conn>, lost: bool) {
        let mut state = self.lock();
        let round = state.round;
        if lost {
            state.lost.retain(|old| old + 1000 > round);
            state.lost.push(round);
        }
        state.taken = false;
        state.connection = connection;
        state.open = None;
        state.round += 1;
        drop(state);
        self.settled.notify_all();
        self.turn.notify_one();
    }

    /// Returns at once when the group is settled already.
    fn wait_for(&self, round: u64) -> Result<()> {
        let mut state = self.lock();
        while state.round <= round {
            state = self.settled.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        if state.lost.contains(&round) { Err(lost()) } else { Ok(()) }
    }
}

enum Failed {
    /// This change only.
    Alone(Error),
    /// The transaction, and all in it.
    Group(Error),
}

const UNDO: &str = "ROLLBACK TO change; RELEASE change";

fn begin(c: &mut Conn) -> Result<Open> {
    c.begin_write()?;
    Ok(Open { since: Instant::now(), changes: 0 })
}

fn within_savepoint<T>(c: &mut Conn, f: impl FnOnce(&mut Conn) -> Result<(T, Then)>) -> Result<T, Failed> {
    c.batch_execute("SAVEPOINT change").map_err(|e| Failed::Group(e.into()))?;
    let undo = |c: &mut Conn| c.batch_execute(UNDO);
    match f(c) {
        Ok((done, Then::Keep)) => c.batch_execute("RELEASE change").map(|()| done).map_err(|e| Failed::Group(e.into())),
        Ok((done, Then::Undo)) => undo(c).map(|()| done).map_err(|e| Failed::Group(e.into())),
        Err(e) => match undo(c) {
            Ok(()) => Err(Failed::Alone(e)),
            Err(_) => Err(Failed::Group(e)),
        },
    }
}

fn lost() -> Error {
    Error::Unavailable("The change could not be stored: the storage failed while it was being written. Nothing was changed; try again.".into())
}
