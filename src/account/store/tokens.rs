//! Personal access tokens.

use diesel::prelude::*;

use super::User;
use crate::account::Token;
use crate::base::db::schema::{api_tokens as t, users as u};
use crate::base::db::{Conn, Ts};
use crate::base::error::Result;
use crate::base::ids::{TokenId, UserId};

#[derive(Debug, Clone, Queryable)]
pub struct TokenRow {
    pub secret_hash: String,
    pub last_used_at: Option<Ts>,
    /// Whether its maker had proved a second factor.
    pub proved_mfa: bool,
}

/// A live token and its active user, in one query.
pub fn token_and_user(c: &mut Conn, id: &TokenId, now: Ts) -> Result<Option<(TokenRow, User)>> {
    Ok(t::table
        .inner_join(u::table)
        .filter(t::id.eq(id).and(t::revoked_at.is_null()).and(t::expires_at.gt(now)).and(u::active.eq(true)))
        .select(((t::secret_hash, t::last_used_at, t::proved_mfa), User::as_select()))
        .first(c)
        .optional()?)
}

pub fn insert_token(c: &mut Conn, user: &UserId, token: &Token, hash: &str, proved_mfa: bool) -> Result<()> {
    diesel::insert_into(t::table)
        .values((
            t::id.eq(&token.id),
            t::user_id.eq(user),
            t::name.eq(&token.name),
            t::secret_hash.eq(hash),
            t::last4.eq(&token.last4),
            t::created_at.eq(token.created_at),
            t::updated_at.eq(token.updated_at),
            t::rev.eq(token.rev),
            t::expires_at.eq(token.expires_at),
            t::proved_mfa.eq(proved_mfa),
        ))
        .execute(c)?;
    Ok(())
}

/// Tokens that are not revoked, the newest first; those that ran out before `expired_before` are left out.
pub fn tokens(c: &mut Conn, user: &UserId, expired_before: Ts) -> Result<Vec<Token>> {
    type Row = (TokenId, String, String, Ts, Option<Ts>, Option<String>, i64, Ts, Ts);
    let rows: Vec<Row> = t::table
        .filter(t::user_id.eq(user).and(t::revoked_at.is_null()).and(t::expires_at.gt(expired_before)))
        .order(t::created_at.desc())
        .limit(200)
        .select((t::id, t::name, t::last4, t::expires_at, t::last_used_at, t::last_used_ip, t::rev, t::created_at, t::updated_at))
        .load(c)?;
    Ok(rows
        .into_iter()
        .map(|(id, name, last4, expires_at, last_used_at, last_used_ip, rev, created_at, updated_at)| Token {
            id,
            name,
            last4,
            expires_at,
            last_used_at,
            last_used_ip,
            rev,
            created_at,
            updated_at,
        })
        .collect())
}

/// After a new password nothing that an old one made is worth anything.
pub fn revoke_tokens(c: &mut Conn, user: &UserId, now: Ts) -> Result<()> {
    diesel::update(t::table.filter(t::user_id.eq(user).and(t::revoked_at.is_null())))
        .set((t::revoked_at.eq(now), t::updated_at.eq(now)))
        .execute(c)?;
    Ok(())
}

pub fn revoke_token(c: &mut Conn, user: &UserId, id: &TokenId, now: Ts) -> Result<()> {
    diesel::update(t::table.filter(t::user_id.eq(user).and(t::id.eq(id)))).set((t::revoked_at.eq(now), t::updated_at.eq(now))).execute(c)?;
    Ok(())
}
