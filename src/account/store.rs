//! The SQL of accounts: users, authenticators, sessions; links and tokens below.

mod links;
mod tokens;

use diesel::prelude::*;
use diesel::sql_types::Text;

pub use links::{Link, insert_link, kill_links, live_link, use_link};
pub use tokens::{TokenRow, insert_token, revoke_token, revoke_tokens, token_and_user, tokens};

use super::{Me, MySession};
use crate::base::db::schema::{authenticators as a, known_devices as d, recovery_codes as rc, sessions as s, users as u};
use crate::base::db::{Conn, Ts, named};
use crate::base::error::Result;
use crate::base::ids::{SessionId, UserId};
use crate::base::preferences::{Preferences, Theme, Zone};
use crate::base::text::{Email, Name};
use crate::base::tx::{Proof, Tx, UserActor};

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = u)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub email_verified_at: Option<Ts>,
    pub name: String,
    pub password_hash: Option<String>,
    pub is_operator: bool,
    pub active: bool,
    pub mfa_since: Option<Ts>,
    pub theme: String,
    pub time_zone: String,
    pub shortcuts: bool,
    pub rev: i64,
    pub created_at: Ts,
    pub updated_at: Ts,
}

impl User {
    /// The person as one who acts, by what they have proved.
    pub fn actor(self, proof: Proof) -> UserActor {
        UserActor {
            id: self.id,
            name: self.name,
            email: self.email,
            email_verified: self.email_verified_at.is_some(),
            is_operator: self.is_operator,
            mfa_enrolled: self.mfa_since.is_some(),
            last_org_id: None,
            preferences: Preferences::default(),
            proof,
        }
    }

    /// Made for a person who was named by address and has not answered the mail about it yet: nobody can sign in with it.
    pub fn is_unclaimed(&self) -> bool {
        self.active && self.password_hash.is_none() && self.email_verified_at.is_none()
    }
}

pub fn user(c: &mut Conn, id: &UserId) -> Result<Option<User>> {
    Ok(u::table.filter(u::id.eq(id)).select(User::as_select()).first(c).optional()?)
}

pub fn user_by_email(c: &mut Conn, email: &Email) -> Result<Option<User>> {
    Ok(u::table.filter(u::email_key.eq(email.key())).select(User::as_select()).first(c).optional()?)
}

pub fn me(c: &mut Conn, id: &UserId) -> Result<Me> {
    let user = user(c, id)?.ok_or(crate::base::error::Error::SignIn)?;
    Ok(Me {
        id: user.id,
        email: user.email,
        email_verified: user.email_verified_at.is_some(),
        name: user.name,
        mfa: user.mfa_since.is_some(),
        is_operator: user.is_operator,
        theme: Theme::known(&user.theme),
        time_zone: Zone::known(user.time_zone),
        shortcuts: user.shortcuts,
        rev: user.rev,
        created_at: user.created_at,
        updated_at: user.updated_at,
    })
}

pub fn insert_user(tx: &mut Tx<'_>, email: &Email, name: &Name, hash: Option<&str>, verified: bool, operator: bool) -> Result<UserId> {
    let id: UserId = tx.id();
    diesel::insert_into(u::table)
        .values((
            u::id.eq(&id),
            u::email.eq(email.as_str()),
            u::email_key.eq(email.key()),
            u::email_verified_at.eq(verified.then_some(tx.now)),
            u::name.eq(name.as_str()),
            u::name_key.eq(name.as_str().to_lowercase()),
            u::password_hash.eq(hash),
            u::is_operator.eq(operator),
            u::active.eq(true),
            u::rev.eq(1),
            u::created_at.eq(tx.now),
            u::updated_at.eq(tx.now),
        ))
        .execute(tx.c)?;
    Ok(id)
}

/// An account that waits for its person gets the name and the password that they chose; they read the mail of its address.
pub fn claim(c: &mut Conn, id: &UserId, name: &Name, hash: &str, now: Ts) -> Result<()> {
    set_name(c, id, name, now)?;
    set_password_hash(c, id, hash, now)?;
    kill_links(c, id, super::links::PASSWORD, now)?;
    verify_email(c, id, now)
}

pub fn set_password_hash(c: &mut Conn, id: &UserId, hash: &str, now: Ts) -> Result<()> {
    diesel::update(u::table.filter(u::id.eq(id))).set((u::password_hash.eq(hash), u::updated_at.eq(now))).execute(c)?;
    Ok(())
}

pub fn set_name(c: &mut Conn, id: &UserId, name: &Name, now: Ts) -> Result<()> {
    let name_key = name.as_str().to_lowercase();
    diesel::update(u::table.filter(u::id.eq(id)))
        .set((u::name.eq(name.as_str()), u::name_key.eq(name_key), u::updated_at.eq(now), u::rev.eq(u::rev + 1)))
        .execute(c)?;
    Ok(())
}

pub fn set_preferences(c: &mut Conn, id: &UserId, wanted: &Preferences, now: Ts) -> Result<()> {
    diesel::update(u::table.filter(u::id.eq(id)))
        .set((
            u::theme.eq(wanted.theme.as_str()),
            u::time_zone.eq(wanted.time_zone.as_str()),
            u::shortcuts.eq(wanted.shortcuts),
            u::updated_at.eq(now),
            u::rev.eq(u::rev + 1),
        ))
        .execute(c)?;
    Ok(())
}

pub fn set_email(c: &mut Conn, id: &UserId, email: &Email, now: Ts) -> Result<()> {
    diesel::update(u::table.filter(u::id.eq(id)))
        .set((u::email.eq(email.as_str()), u::email_key.eq(email.key()), u::email_verified_at.eq(now), u::updated_at.eq(now), u::rev.eq(u::rev + 1)))
        .execute(c)?;
    Ok(())
}

pub fn verify_email(c: &mut Conn, id: &UserId, now: Ts) -> Result<()> {
    diesel::update(u::table.filter(u::id.eq(id).and(u::email_verified_at.is_null()))).set(u::email_verified_at.eq(now)).execute(c)?;
    Ok(())
}

#[derive(Debug, Clone, Queryable)]
pub struct Authenticator {
    pub secret_sealed: String,
    pub confirmed_at: Option<Ts>,
}

pub fn authenticator(c: &mut Conn, user: &UserId) -> Result<Option<Authenticator>> {
    Ok(a::table.filter(a::user_id.eq(user)).select((a::secret_sealed, a::confirmed_at)).first(c).optional()?)
}

/// Every authenticator's sealed key.
pub fn sealed_seeds(c: &mut Conn) -> Result<Vec<(UserId, String)>> {
    Ok(a::table.select((a::user_id, a::secret_sealed)).load(c)?)
}

pub fn put_authenticator(c: &mut Conn, user: &UserId, sealed: &str, now: Ts) -> Result<()> {
    diesel::delete(a::table.filter(a::user_id.eq(user))).execute(c)?;
    diesel::insert_into(a::table)
        .values((a::user_id.eq(user), a::secret_sealed.eq(sealed), a::last_used_step.eq(0), a::created_at.eq(now)))
        .execute(c)?;
    Ok(())
}

pub fn confirm_authenticator(c: &mut Conn, user: &UserId, step: i64, now: Ts) -> Result<()> {
    diesel::update(a::table.filter(a::user_id.eq(user))).set((a::confirmed_at.eq(now), a::last_used_step.eq(step))).execute(c)?;
    diesel::update(u::table.filter(u::id.eq(user))).set(u::mfa_since.eq(now)).execute(c)?;
    Ok(())
}

pub fn remove_authenticator(c: &mut Conn, user: &UserId) -> Result<()> {
    diesel::delete(a::table.filter(a::user_id.eq(user))).execute(c)?;
    diesel::delete(rc::table.filter(rc::user_id.eq(user))).execute(c)?;
    diesel::update(u::table.filter(u::id.eq(user))).set(u::mfa_since.eq(None::<Ts>)).execute(c)?;
    Ok(())
}

/// Moves the last used step on; `false` when this step or a later one was used before.
pub fn use_step(c: &mut Conn, user: &UserId, step: i64) -> Result<bool> {
    let moved = diesel::update(a::table.filter(a::user_id.eq(user).and(a::last_used_step.lt(step)))).set(a::last_used_step.eq(step)).execute(c)?;
    Ok(moved == 1)
}

pub fn replace_recovery_codes(c: &mut Conn, user: &UserId, hashes: &[String]) -> Result<()> {
    diesel::delete(rc::table.filter(rc::user_id.eq(user))).execute(c)?;
    for hash in hashes {
        diesel::insert_into(rc::table).values((rc::user_id.eq(user), rc::code_hash.eq(hash))).execute(c)?;
    }
    Ok(())
}

pub fn use_recovery_code(c: &mut Conn, user: &UserId, hash: &str, now: Ts) -> Result<bool> {
    let used = diesel::update(rc::table.filter(rc::user_id.eq(user).and(rc::code_hash.eq(hash)).and(rc::used_at.is_null())))
        .set(rc::used_at.eq(now))
        .execute(c)?;
    Ok(used == 1)
}

pub fn recovery_codes_left(c: &mut Conn, user: &UserId) -> Result<i64> {
    Ok(rc::table.filter(rc::user_id.eq(user).and(rc::used_at.is_null())).count().get_result(c)?)
}

pub fn device_is_known(c: &mut Conn, user: &UserId, hash: &str, now: Ts) -> Result<bool> {
    let found: Option<Ts> =
        d::table.filter(d::user_id.eq(user).and(d::token_hash.eq(hash)).and(d::expires_at.gt(now))).select(d::created_at).first(c).optional()?;
    Ok(found.is_some())
}

pub fn has_devices(c: &mut Conn, user: &UserId) -> Result<bool> {
    let found: Option<Ts> = d::table.filter(d::user_id.eq(user)).select(d::created_at).first(c).optional()?;
    Ok(found.is_some())
}

pub fn insert_device(c: &mut Conn, user: &UserId, hash: &str, now: Ts, until: Ts) -> Result<()> {
    diesel::insert_into(d::table).values((d::user_id.eq(user), d::token_hash.eq(hash), d::created_at.eq(now), d::expires_at.eq(until))).execute(c)?;
    Ok(())
}

pub fn forget_devices(c: &mut Conn, user: &UserId) -> Result<()> {
    diesel::delete(d::table.filter(d::user_id.eq(user))).execute(c)?;
    Ok(())
}

/// Live sessions of a person, the latest seen first, at most 100.
pub fn sessions(c: &mut Conn, user: &UserId, current: Option<&SessionId>, now: Ts) -> Result<Vec<MySession>> {
    type Row = (SessionId, String, String, Option<Ts>, Ts, Ts, Ts);
    let rows: Vec<Row> = s::table
        .filter(s::user_id.eq(user).and(s::ended_at.is_null()).and(s::expires_at.gt(now)))
        .filter(s::last_seen_at.gt(now.minus(crate::base::web::session::IDLE)))
        .order(s::last_seen_at.desc())
        .limit(100)
        .select((s::id, s::ip, s::user_agent, s::mfa_at, s::created_at, s::last_seen_at, s::expires_at))
        .load(c)?;
    Ok(rows
        .into_iter()
        .map(|(id, ip, agent, mfa_at, created_at, last_seen_at, expires_at)| MySession {
            current: Some(&id) == current,
            id,
            ip,
            device: super::queries::device(&agent),
            mfa: mfa_at.is_some(),
            created_at,
            last_seen_at,
            expires_at,
        })
        .collect())
}

pub fn end_session(c: &mut Conn, user: &UserId, id: &SessionId, now: Ts) -> Result<()> {
    diesel::update(s::table.filter(s::user_id.eq(user).and(s::id.eq(id)).and(s::ended_at.is_null()))).set(s::ended_at.eq(now)).execute(c)?;
    Ok(())
}

/// Ends all sessions of a person but one; returns how many.
pub fn end_sessions(c: &mut Conn, user: &UserId, but: Option<&SessionId>, now: Ts) -> Result<i64> {
    let keep = but.map_or("", |id| id.as_ref()).to_owned();
    // A sign-in that waits for its code was begun with the old password, too.
    let waiting = format!("%\"half\":[\"{user}\"%");
    diesel::update(s::table.filter(s::user_id.is_null().and(s::ended_at.is_null()).and(s::state.like(waiting))))
        .set(s::ended_at.eq(now))
        .execute(c)?;
    let ended = diesel::update(s::table.filter(s::user_id.eq(user).and(s::ended_at.is_null()).and(s::expires_at.gt(now)).and(s::id.ne(keep))))
        .set(s::ended_at.eq(now))
        .execute(c)?;
    Ok(i64::try_from(ended).unwrap_or(0))
}

#[derive(QueryableByName)]
struct OrgPolicy {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    policy: String,
    #[diesel(sql_type = Text)]
    relation: String,
}

/// The person's organizations whose policy asks for a second factor of them.
pub fn orgs_wanting_mfa(c: &mut Conn, user: &UserId, now: Ts) -> Result<Vec<String>> {
    let text = "SELECT o.name AS name, o.policy AS policy, x.relation AS relation FROM
           (SELECT org_id, 'member' AS relation FROM members WHERE user_id = $1 AND valid_to > $2
            UNION SELECT org_id, 'external' FROM grants WHERE subject_kind = 'user' AND subject_id = $1 AND valid_to > $2) x
         JOIN orgs o ON o.id = x.org_id AND o.deleted_at IS NULL ORDER BY o.name";
    let rows: Vec<OrgPolicy> = named(text).bind(user).bind(now.0).load(c)?;
    let mut names = Vec::new();
    for row in rows {
        if crate::access::Policy::read(&row.policy)?.wants_mfa(row.relation == "external") && !names.contains(&row.name) {
            names.push(row.name);
        }
    }
    Ok(names)
}
