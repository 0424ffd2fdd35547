//! Browser sessions, on the server: an `actix-session` store over the database.
//!
//! The cookie holds 256 random bits, the table their SHA-256. Who is signed in is lifted into columns, so that sessions can be
//! listed and ended; a session that was ended, ran out or idled away is not there at the next request, whatever the browser sends.

use std::collections::HashMap;
use std::sync::Arc;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use serde::{Deserialize, Serialize};

use super::ctx::{blocking, reading};
use crate::base::db::sessions::{self, Person};
use crate::base::db::time::{DAY, HOUR, MINUTE};
use crate::base::db::{Conn, Ts};
use crate::base::error::{Error, Result};
use crate::base::ids::{OrgId, SessionId, UserId};
use crate::base::keys::digest;
use crate::base::preferences::{Preferences, Theme, Zone};
use crate::base::tx::{Proof, UserActor};
use crate::base::world::World;

pub const IDLE: i64 = 60 * MINUTE;
pub const LONGEST: i64 = 12 * HOUR;
/// A session between the right password and the code, or with a link's token in it.
pub const PENDING: i64 = 30 * MINUTE;

/// The one value kept under [`STATE`] in the session.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct State {
    pub id: Option<SessionId>,
    pub user_id: Option<UserId>,
    /// When the person signed in: the longest a session lasts is counted from here, also when its key was renewed since.
    #[serde(default)]
    pub since: Option<Ts>,
    pub auth_at: Option<Ts>,
    pub mfa_at: Option<Ts>,
    /// The password was right, the code is still to come: whose, and since when.
    pub half: Option<(UserId, Ts)>,
    /// A token that came in a link and was taken out of the address: its kind and itself.
    pub carried: Option<(String, String)>,
    pub return_to: Option<String>,
    /// A form that came too late, sealed (`late.rs`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<String>,
    #[serde(default)]
    pub ip: String,
    #[serde(default)]
    pub user_agent: String,
}

/// The browser keeps the key for so long, so that what comes too late is known. Whether its session is there is read here.
pub const REMEMBERED: i64 = LONGEST + DAY;

pub fn cookie(world: &World) -> &'static str {
    if world.settings.is_https() { "__Host-sid" } else { "sid" }
}

pub const STATE: &str = "state";
/// What `load` adds for the request; never stored.
const PERSON: &str = "person";

/// Reads state and person out of what the store has loaded.
pub fn read(session: &actix_session::Session) -> (State, Option<UserActor>) {
    let state: State = session.get(STATE).ok().flatten().unwrap_or_default();
    let person: Option<Person> = session.get(PERSON).ok().flatten();
    let actor = match (&state.id, person, state.auth_at) {
        (Some(id), Some(p), Some(auth_at)) if state.user_id.as_ref() == Some(&p.id) => Some(UserActor {
            id: p.id,
            name: p.name,
            email: p.email,
            email_verified: p.email_verified_at.is_some(),
            is_operator: p.is_operator,
            mfa_enrolled: p.mfa_since.is_some(),
            last_org_id: p.last_org_id.map(<OrgId as crate::base::ids::Id>::known),
            preferences: Preferences { theme: Theme::known(&p.theme), time_zone: Zone::known(p.time_zone), shortcuts: p.shortcuts },
            proof: Proof::Session { id: id.clone(), auth_at, mfa_at: state.mfa_at },
        }),
        _ => None,
    };
    (state, actor)
}

#[derive(Clone)]
pub struct Store(pub Arc<World>);

impl Store {
    async fn write(&self, f: impl FnOnce(&mut Conn, &World) -> Result<()> + Send + 'static) -> Result<()> {
        let world = self.0.clone();
        blocking(move || world.db.write(|c| f(c, &world))).await
    }
}

impl SessionStore for Store {
    async fn load(&self, key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        let hash = digest(key.as_ref());
        let world = self.0.clone();
        reading(&self.0, true, move |c| load(c, &world, &hash)).await.map_err(|e| LoadError::Other(anyhow(e)))
    }

    async fn save(&self, state: HashMap<String, String>, _: &Duration) -> Result<SessionKey, SaveError> {
        let key = self.0.token() + &self.0.token();
        let hash = digest(&key);
        self.write(move |c, world| put(c, world, &hash, &state)).await.map_err(|e| SaveError::Other(anyhow(e)))?;
        SessionKey::try_from(key).map_err(|e| SaveError::Other(e.into()))
    }

    async fn update(&self, key: SessionKey, state: HashMap<String, String>, _: &Duration) -> Result<SessionKey, UpdateError> {
        let hash = digest(key.as_ref());
        self.write(move |c, world| put(c, world, &hash, &state)).await.map_err(|e| UpdateError::Other(anyhow(e)))?;
        Ok(key)
    }

    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> Result<(), anyhow::Error> {
        // Idling is measured in `load`; there is nothing to prolong here.
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let hash = digest(key.as_ref());
        self.write(move |c, world| sessions::forget(c, &hash, world.now())).await.map_err(anyhow)
    }
}

/// By which an answer knows that a session could not be reached because its storage is away (actix-session keeps the text alone).
pub const AWAY: &str = "the sessions are out of reach";

fn anyhow(e: Error) -> anyhow::Error {
    match e {
        Error::Unavailable(_) | Error::Race => anyhow::Error::msg(format!("{AWAY}: {e}")),
        other => anyhow::Error::msg(other.to_string()),
    }
}

fn load(c: &mut Conn, world: &World, hash: &str) -> Result<Option<HashMap<String, String>>> {
    let now = world.now();
    let Some((state, seen, person)) = sessions::load(c, hash, now)? else { return Ok(None) };
    let seen = seen.max(world.seen.of_session(hash).unwrap_or(seen));
    if seen.plus(IDLE) <= now {
        return Ok(None);
    }
    if seen.plus(MINUTE) < now {
        world.seen.session(hash, person.as_ref().map(|p| &p.id), now);
    }
    let mut map = HashMap::from([(STATE.to_owned(), state)]);
    if let Some(person) = person {
        map.insert(PERSON.into(), serde_json::to_string(&person)?);
    }
    Ok(Some(map))
}

fn put(c: &mut Conn, world: &World, hash: &str, map: &HashMap<String, String>) -> Result<()> {
    let now = world.now();
    // actix-session keeps each value as JSON of its own.
    let text = map.get(STATE).cloned().unwrap_or_else(|| "{}".into());
    let state: State = serde_json::from_str(&text)?;
    sessions::put(
        c,
        &sessions::Put {
            key_hash: hash.to_owned(),
            id: state.id.clone().unwrap_or_else(|| world.id(now)),
            expires_at: state.since.unwrap_or(now).plus(if state.user_id.is_some() { LONGEST } else { PENDING }),
            user_id: state.user_id,
            state: text,
            mfa_at: state.mfa_at,
            ip: state.ip.chars().take(60).collect(),
            user_agent: state.user_agent.chars().take(300).collect(),
            created_at: state.since.unwrap_or(now),
            last_seen_at: now,
        },
    )
}
