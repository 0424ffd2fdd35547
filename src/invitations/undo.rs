//! How a withdrawn invitation is opened again. What was mailed cannot be taken back, so inviting is withdrawn and not undone.

use super::commands::{Reopen, Revoke};
use crate::access::Ref;
use crate::base::undo::{Inverse, Past};

pub fn of(past: &Past) -> Option<Inverse> {
    if past.is::<Reopen>() {
        return past.back(Revoke { org: past.org.clone(), invitation: Ref::new(&past.target) });
    }
    past.is::<Revoke>().then(|| past.back(Reopen { org: past.org.clone(), invitation: Ref::new(&past.target) }))?
}
