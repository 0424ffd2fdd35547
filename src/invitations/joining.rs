//! Taking an invitation up, with what has to happen before its transaction: the password of a new person is checked and hashed.

use super::commands::{Accept, Accepted};
use super::queries::ByToken;
use crate::account::passwords;
use crate::base::error::Result;
use crate::base::ops;
use crate::base::text::{Name, Secret};
use crate::base::tx::Caller;
use crate::base::world::World;

/// The account that somebody new makes to join; the address is the invited one.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newcomer {
    pub name: Name,
    pub password: Secret,
}

pub fn join(world: &World, caller: &Caller, token: String, newcomer: Option<Newcomer>) -> Result<Accepted> {
    let offer = ops::ask(world, caller, &ByToken { token: token.clone() })?;
    let newcomer = match newcomer {
        Some(Newcomer { name, password }) => {
            passwords::check(&password, &[&offer.invitation.email, &offer.org_name, name.as_str(), "bailiwick"])?;
            Some((name, world.hasher.make(&password)?))
        }
        None => None,
    };
    ops::run(world, caller, &Accept { org: offer.org_id, token, newcomer })
}
