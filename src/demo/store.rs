//! The few statements that the demo needs beside the product's own.

use diesel::prelude::*;

use crate::base::db::schema::{orgs, outbox as o, projects as p, users as u};
use crate::base::db::time::SECOND;
use crate::base::db::{Conn, Ts, dialect, named};
use crate::base::error::{Error, Result};
use crate::base::ids::{OrgId, ProjectId};

/// The database is thrown away unless it is finished, so nothing need be safe on disk before that.
pub fn hurry(c: &mut Conn) -> Result<()> {
    Ok(dialect::hurry(c)?)
}

pub fn org_id(c: &mut Conn, slug: &str) -> Result<OrgId> {
    let found = orgs::table.filter(orgs::slug.eq(slug).and(orgs::deleted_at.is_null())).select(orgs::id).first(c).optional()?;
    found.ok_or_else(|| Error::internal(format!("there is no organization {slug}")))
}

pub fn project_id(c: &mut Conn, org: &OrgId, slug: &str) -> Result<ProjectId> {
    let found = p::table.filter(p::org_id.eq(org).and(p::slug.eq(slug)).and(p::deleted_at.is_null())).select(p::id).first(c).optional()?;
    found.ok_or_else(|| Error::internal(format!("there is no project {slug}")))
}

/// The address of whoever was there first.
pub fn first_address(c: &mut Conn) -> Result<Option<String>> {
    Ok(u::table.order((u::created_at, u::id)).select(u::email).first(c).optional()?)
}

/// Every mail of the past went out soon after it was queued, as it does when a mail server answers; and all is in the one file.
pub fn finish(c: &mut Conn) -> Result<()> {
    diesel::update(o::table.filter(o::state.eq("queued")))
        .set((o::state.eq("sent"), o::attempts.eq(1), o::sealed.eq(""), o::sent_at.eq((o::created_at + 2 * SECOND).nullable())))
        .execute(c)?;
    // Everybody was last where they came in first.
    let home = "UPDATE users SET last_org_id = (SELECT m.org_id FROM members m WHERE m.user_id = users.id ORDER BY m.valid_from, m.id LIMIT 1)";
    named(home).execute(c)?;
    Ok(dialect::checkpoint(c)?)
}

/// The mail server refused what waits for this address for good.
pub fn mail_was_refused(c: &mut Conn, address: &str, why: &str, now: Ts) -> Result<()> {
    diesel::update(o::table.filter(o::recipient.eq(address).and(o::state.eq("queued"))))
        .set((o::state.eq("failed"), o::attempts.eq(1), o::sealed.eq(""), o::last_error.eq(why), o::next_at.eq(now)))
        .execute(c)?;
    Ok(())
}
