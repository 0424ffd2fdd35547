//! Writes: set the policy.

use serde::Deserialize;

use super::{PolicyRecord, store};
use crate::access::{Action, Mfa, Need, OrgRef, Policy, Population};
use crate::base::audit::Target;
use crate::base::error::{Error, Result};
use crate::base::form;
use crate::base::ops::{Command, Place};
use crate::base::tx::Tx;

/// Sets the whole record.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPolicy {
    pub org: OrgRef,
    pub mfa: Mfa,
    #[serde(deserialize_with = "form::truth")]
    pub mfa_externals: bool,
}

impl Command for SetPolicy {
    const ACTION: Action = Action::new("policy.update", Need::Org("security.manage")).fresh();
    type Output = PolicyRecord;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn population(&self, _: &mut Tx<'_>) -> Result<Population> {
        Ok(Population::Everybody)
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<PolicyRecord> {
        let org = tx.org_id()?;
        let before = store::current(tx.c, &org)?;
        tx.expect_rev(before.rev)?;
        let policy = Policy { mfa: self.mfa, mfa_externals: self.mfa_externals };
        if policy == before.policy() {
            return Err(Error::Conflict("That is how it is already. Nothing was changed.".into()));
        }
        let record = serde_json::to_string(&policy)?;
        store::set_current(tx.c, &org, &record)?;
        store::insert_version(tx.c, &org, before.rev + 1, &record, &tx.by(), tx.now)?;
        let after = PolicyRecord {
            mfa: policy.mfa,
            mfa_externals: policy.mfa_externals,
            rev: before.rev + 1,
            created_at: before.created_at,
            updated_at: tx.now,
        };
        let summary = match (before.mfa, after.mfa) {
            (Mfa::Off, Mfa::Enrolled) => "required two-factor sign-in",
            (Mfa::Enrolled, Mfa::Off) => "made two-factor sign-in optional",
            _ => "changed the sign-in policy",
        };
        let name = tx.org()?.name.clone();
        tx.record(Target::new("policy", &org, name), summary, &before, &after)?;
        Ok(after)
    }
}
