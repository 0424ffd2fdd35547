//! The SQL of policies: the current one lies with the organization, where the guard reads it; every version is kept.

use diesel::prelude::*;

use super::PolicyRecord;
use crate::access::Policy;
use crate::base::db::schema::{orgs as o, policy_versions as v};
use crate::base::db::{Conn, Ts};
use crate::base::error::Result;
use crate::base::ids::OrgId;

pub fn current(c: &mut Conn, org: &OrgId) -> Result<PolicyRecord> {
    let (rev, record, at): (i64, String, Ts) =
        v::table.filter(v::org_id.eq(org)).order(v::version.desc()).select((v::version, v::record, v::created_at)).first(c)?;
    let first: Ts = v::table.filter(v::org_id.eq(org)).order(v::version).select(v::created_at).first(c)?;
    let Policy { mfa, mfa_externals } = Policy::read(&record)?;
    Ok(PolicyRecord { mfa, mfa_externals, rev, created_at: first, updated_at: at })
}

pub fn set_current(c: &mut Conn, org: &OrgId, record: &str) -> Result<()> {
    diesel::update(o::table.filter(o::id.eq(org))).set(o::policy.eq(record)).execute(c)?;
    Ok(())
}

pub fn insert_version(c: &mut Conn, org: &OrgId, version: i64, record: &str, by: &str, now: Ts) -> Result<()> {
    diesel::insert_into(v::table)
        .values((v::org_id.eq(org), v::version.eq(version), v::record.eq(record), v::created_by.eq(by), v::created_at.eq(now)))
        .execute(c)?;
    Ok(())
}
