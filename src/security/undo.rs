//! How a change of the policy is taken back: by the policy before, which asks for a fresh sign-in like any other.

use super::PolicyRecord;
use super::commands::SetPolicy;
use crate::base::undo::{Inverse, Past};

pub fn of(past: &Past) -> Option<Inverse> {
    if !past.is::<SetPolicy>() {
        return None;
    }
    let was: PolicyRecord = past.before()?;
    past.back(SetPolicy { org: past.org.clone(), mfa: was.mfa, mfa_externals: was.mfa_externals })
}
