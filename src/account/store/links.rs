//! Links that came by mail.

use diesel::prelude::*;

use crate::base::db::schema::one_time_links as l;
use crate::base::db::{Conn, Ts};
use crate::base::error::Result;
use crate::base::ids::UserId;

#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = l)]
pub struct Link {
    pub token_hash: String,
    pub kind: String,
    pub user_id: Option<UserId>,
    pub email: String,
    pub created_at: Ts,
    pub expires_at: Ts,
}

pub fn insert_link(c: &mut Conn, link: &Link) -> Result<()> {
    diesel::insert_into(l::table).values(link).execute(c)?;
    Ok(())
}

pub fn live_link(c: &mut Conn, kind: &str, hash: &str, now: Ts) -> Result<Option<Link>> {
    Ok(l::table
        .filter(l::token_hash.eq(hash).and(l::kind.eq(kind)).and(l::used_at.is_null()).and(l::expires_at.gt(now)))
        .select((l::token_hash, l::kind, l::user_id, l::email, l::created_at, l::expires_at))
        .first(c)
        .optional()?)
}

pub fn use_link(c: &mut Conn, hash: &str, now: Ts) -> Result<bool> {
    Ok(diesel::update(l::table.filter(l::token_hash.eq(hash).and(l::used_at.is_null()))).set(l::used_at.eq(now)).execute(c)? == 1)
}

/// Every open link of this kind is dead from now on.
pub fn kill_links(c: &mut Conn, user: &UserId, kind: &str, now: Ts) -> Result<()> {
    diesel::update(l::table.filter(l::user_id.eq(user).and(l::kind.eq(kind)).and(l::used_at.is_null()))).set(l::used_at.eq(now)).execute(c)?;
    Ok(())
}
