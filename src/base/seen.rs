//! Who was here when. A look around must not become a write per click: what is seen is noted in memory and written down together,
//! a few seconds later. Losing a few seconds of it in a crash costs nothing; every process keeps its own notes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::db::{Ts, sessions};
use super::error::Result;
use super::ids::{TokenId, UserId};
use super::world::World;

#[derive(Default)]
pub struct Seen {
    notes: Mutex<Notes>,
}

#[derive(Default)]
pub struct Notes {
    /// Sessions by the hash of their key.
    pub sessions: HashMap<String, Ts>,
    pub people: HashMap<UserId, Ts>,
    /// Tokens, and the address they were used from.
    pub tokens: HashMap<TokenId, (Ts, String)>,
}

impl Seen {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        // Nothing under this lock can panic half way.
        self.notes.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub fn session(&self, hash: &str, person: Option<&UserId>, now: Ts) {
        let mut notes = self.notes();
        notes.sessions.insert(hash.to_owned(), now);
        if let Some(person) = person {
            notes.people.insert(person.clone(), now);
        }
    }

    /// When a session was last used, as far as it is not written down yet.
    pub fn of_session(&self, hash: &str) -> Option<Ts> {
        self.notes().sessions.get(hash).copied()
    }

    pub fn token(&self, id: &TokenId, ip: &str, now: Ts) {
        self.notes().tokens.insert(id.clone(), (now, ip.to_owned()));
    }

    /// Writes down what was noted, in one transaction.
    pub fn write_down(&self, world: &World) -> Result<()> {
        let notes = std::mem::take(&mut *self.notes());
        if notes.sessions.is_empty() && notes.tokens.is_empty() {
            return Ok(());
        }
        world.db.write(|c| sessions::seen(c, &notes))
    }
}

/// Writes down until the process ends.
pub async fn work(world: Arc<World>) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let hands = world.clone();
        match tokio::task::spawn_blocking(move || hands.seen.write_down(&hands)).await {
            Ok(Ok(())) => {}
            Ok(Err(e)) => tracing::warn!("what was seen could not be written down: {e}"),
            Err(e) => tracing::error!("writing down what was seen stopped: {e}"),
        }
    }
}
