//! Reads: the policy.

use serde::Deserialize;

use super::{PolicyRecord, store};
use crate::access::{Action, Need, OrgRef};
use crate::base::error::Result;
use crate::base::ops::{Place, Query};
use crate::base::tx::Read;

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CurrentPolicy {
    pub org: OrgRef,
}

impl Query for CurrentPolicy {
    const ACTION: Action = Action::new("policy.read", Need::Org("security.manage"));
    type Output = PolicyRecord;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<PolicyRecord> {
        let org = read.org_id()?;
        store::current(read.c, &org)
    }
}
