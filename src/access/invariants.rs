//! What has to be true after every change, whatever door it came through. A change that breaks one never happened.

use super::store;
use crate::base::db::{Conn, Ts};
use crate::base::error::{Error, Result};
use crate::base::ids::OrgId;

pub fn check(c: &mut Conn, org: &OrgId, now: Ts) -> Result<()> {
    if store::admins_able(c, org, now)? == 0 {
        return Err(Error::Conflict(
            "This would leave the organization without an ADMIN who can sign in. Give ADMIN to another active member first, then try again.".into(),
        ));
    }
    Ok(())
}
