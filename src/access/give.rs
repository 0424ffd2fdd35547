//! Nobody gives what they do not hold: every door through which power is handed out asks here.

use super::permissions::Perms;
use super::standing::Standing;
use crate::base::error::{Error, Result};
use crate::base::tx::Actor;

/// `wanted` is about to be given in the organization by `giver`.
pub fn may_give_in_org(actor: &Actor, giver: Option<&Standing>, wanted: &Perms, role: &str) -> Result<()> {
    may_give(actor, giver.map(|s| s.in_org.clone()), wanted, role)
}

/// `wanted` is about to be given on the project that `giver` was loaded for.
pub fn may_give_on_project(actor: &Actor, giver: Option<&Standing>, wanted: &Perms, role: &str) -> Result<()> {
    may_give(actor, giver.map(Standing::on_project), wanted, role)
}

fn may_give(actor: &Actor, held: Option<Perms>, wanted: &Perms, role: &str) -> Result<()> {
    if matches!(actor, Actor::Cli | Actor::System) {
        return Ok(());
    }
    let beyond = wanted.beyond(&held.unwrap_or_default());
    match beyond.as_slice() {
        [] => Ok(()),
        keys => {
            Err(Error::Denied(format!("You can only give what you hold yourself. {role} holds {} beyond that.", crate::base::text::names(keys, 4))))
        }
    }
}
