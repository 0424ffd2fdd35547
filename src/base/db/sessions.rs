//! The SQL of browser sessions.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use serde::{Deserialize, Serialize};

use super::schema::{api_tokens as t, members as m, sessions as s, users as u};
use super::{Both, Conn, Ts, typed};
use crate::base::error::Result;
use crate::base::ids::{Id, SessionId, UserId};
use crate::base::seen::Notes;
use crate::base::tx::{Actor, Proof};

/// Who a session belongs to, read anew at every request.
#[derive(Serialize, Deserialize)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub email_verified_at: Option<Ts>,
    pub is_operator: bool,
    pub mfa_since: Option<Ts>,
    pub last_org_id: Option<String>,
    pub theme: String,
    pub time_zone: String,
    pub shortcuts: bool,
}

#[derive(Insertable)]
#[diesel(table_name = s)]
pub struct Put {
    pub key_hash: String,
    pub id: SessionId,
    pub user_id: Option<UserId>,
    pub state: String,
    pub mfa_at: Option<Ts>,
    pub ip: String,
    pub user_agent: String,
    pub created_at: Ts,
    pub last_seen_at: Ts,
    pub expires_at: Ts,
}

/// What a session holds, when it was last used, and its person; in one query. Who was deactivated is nobody.
pub type Loaded = (String, Ts, Option<Person>);

/// Which session of whom a key opened, whether it has ended since or not.
pub fn of_person(c: &mut Conn, hash: &str) -> Result<Option<(SessionId, UserId)>> {
    let found: Option<(SessionId, Option<UserId>)> = s::table.filter(s::key_hash.eq(hash)).select((s::id, s::user_id)).first(c).optional()?;
    Ok(found.and_then(|(id, user)| Some((id, user?))))
}

pub fn load(c: &mut Conn, hash: &str, now: Ts) -> Result<Option<Loaded>> {
    type Columns = (
        Text,
        BigInt,
        (Nullable<Text>, Nullable<Text>, Nullable<Text>, Nullable<BigInt>, Nullable<Bool>, Nullable<BigInt>, Nullable<Text>),
        (Nullable<Text>, Nullable<Text>, Nullable<Bool>),
    );
    let text = "SELECT s.state, s.last_seen_at, u.id, u.name, u.email, u.email_verified_at, u.is_operator, u.mfa_since, u.last_org_id,
          u.theme, u.time_zone, u.shortcuts
        FROM sessions s LEFT JOIN users u ON u.id = s.user_id AND u.active WHERE s.key_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2";
    let row: Option<(String, i64, Found, Liked)> = typed::<Columns>(text).bind(hash).bind(now).get_result(c).optional()?;
    Ok(row.map(|(state, seen, found, liked)| (state, Ts(seen), person(found, liked))))
}

type Found = (Option<String>, Option<String>, Option<String>, Option<i64>, Option<bool>, Option<i64>, Option<String>);
type Liked = (Option<String>, Option<String>, Option<bool>);

fn person((id, name, email, verified, is_operator, mfa_since, last_org_id): Found, (theme, time_zone, shortcuts): Liked) -> Option<Person> {
    Some(Person {
        id: UserId::known(id?),
        name: name?,
        email: email?,
        email_verified_at: verified.map(Ts),
        is_operator: is_operator?,
        mfa_since: mfa_since.map(Ts),
        last_org_id,
        theme: theme?,
        time_zone: time_zone?,
        shortcuts: shortcuts?,
    })
}

/// What was seen since the last time, kept with sessions and tokens, with the person, and with each membership, whose lists are sorted by it.
pub fn seen(c: &mut Conn, notes: &Notes) -> Result<()> {
    for (hash, at) in &notes.sessions {
        diesel::update(s::table.filter(s::key_hash.eq(hash))).set(s::last_seen_at.eq(*at)).execute(c)?;
    }
    for (id, (at, ip)) in &notes.tokens {
        diesel::update(t::table.filter(t::id.eq(id))).set((t::last_used_at.eq(*at), t::last_used_ip.eq(ip))).execute(c)?;
    }
    notes.people.iter().try_for_each(|(user, at)| person_seen(c, user, *at))
}

fn person_seen(c: &mut Conn, user: &UserId, now: Ts) -> Result<()> {
    diesel::update(u::table.filter(u::id.eq(user))).set(u::last_seen_at.eq(now)).execute(c)?;
    diesel::update(m::table.filter(m::user_id.eq(user).and(m::valid_to.eq(Ts::FOREVER))))
        .set((m::last_seen_at.eq(now), m::seen_key.eq(-now.0)))
        .execute(c)?;
    Ok(())
}

/// Stores a new session, or the new state of one; its end never moves.
pub fn put(c: &mut Conn, row: &Put) -> Result<()> {
    Both(diesel::insert_into(s::table).values(row).on_conflict(s::key_hash).do_update().set((
        s::user_id.eq(&row.user_id),
        s::state.eq(&row.state),
        s::mfa_at.eq(row.mfa_at),
        s::last_seen_at.eq(row.last_seen_at),
    )))
    .execute(c)?;
    row.user_id.as_ref().map_or(Ok(()), |user| person_seen(c, user, row.last_seen_at))
}

/// Ends a session. Its row stays until it is swept, so that a request that was under way cannot bring it back.
pub fn forget(c: &mut Conn, hash: &str, now: Ts) -> Result<()> {
    diesel::update(s::table.filter(s::key_hash.eq(hash).and(s::ended_at.is_null()))).set(s::ended_at.eq(now)).execute(c)?;
    Ok(())
}

/// Whether what the actor came with still counts, asked inside the transaction of the change: a request may have been long on its way.
pub fn still_counts(c: &mut Conn, actor: &Actor, now: Ts) -> Result<bool> {
    let Actor::User(user) = actor else { return Ok(true) };
    let active = u::table.filter(u::id.eq(&user.id).and(u::active.eq(true))).select(u::id);
    let found: Option<String> = match &user.proof {
        Proof::Job { .. } => active.first(c).optional()?,
        Proof::Session { id, .. } => s::table
            .filter(s::id.eq(id).and(s::ended_at.is_null()).and(s::expires_at.gt(now)).and(s::user_id.eq_any(active.select(u::id.nullable()))))
            .select(s::key_hash)
            .first(c)
            .optional()?,
        Proof::Token { id, .. } => t::table
            .filter(t::id.eq(id).and(t::revoked_at.is_null()).and(t::expires_at.gt(now)).and(t::user_id.eq_any(active)))
            .select(t::secret_hash)
            .first(c)
            .optional()?,
    };
    Ok(found.is_some())
}
