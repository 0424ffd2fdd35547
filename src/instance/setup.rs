//! The first set-up: an operator, an organization, and that person its ADMIN. By a link that is printed at the start, or by the
//! command line. There is no default account.

use serde::{Deserialize, Serialize};

use super::store;
use crate::access::{Action, Need};
use crate::account::{links, passwords};
use crate::base::audit::Target;
use crate::base::db::time::MINUTE;
use crate::base::error::{Error, Result};
use crate::base::ids::UserId;
use crate::base::keys::digest;
use crate::base::ops::{self, Command, Place};
use crate::base::text::{Email, Name, Secret};
use crate::base::tx::{Actor, Caller, Tx};
use crate::base::world::World;
use crate::orgs;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct First {
    pub org: Name,
    pub name: Name,
    pub email: Email,
    pub password: Secret,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct SetUpDone {
    pub user_id: UserId,
    pub org_slug: String,
    pub org_name: String,
}

/// Whether nobody has set the installation up yet.
pub fn is_open(world: &World) -> Result<bool> {
    Ok(!store::is_set_up(&mut *world.db.reader()?)?)
}

/// Prepares an empty installation and returns the one-time link, or nothing when it is set up already.
/// A new link kills the one before.
pub fn open(world: &World) -> Result<Option<String>> {
    world.db.write(|c| {
        if store::is_set_up(c)? {
            return Ok(None);
        }
        let token = world.token();
        let now = world.now();
        store::insert_instance(c, now)?;
        store::replace_setup_link(c, &digest(&token), now, now.plus(60 * MINUTE))?;
        Ok(Some(world.link(&format!("/setup?token={token}"))))
    })
}

/// Sets up: checks the password, hashes it, and runs the command.
pub fn set_up(world: &World, caller: &Caller, first: First, token: Option<&str>) -> Result<SetUpDone> {
    passwords::check(&first.password, &[first.email.as_str(), first.org.as_str(), first.name.as_str(), "bailiwick"])?;
    let hash = world.hasher.make(&first.password)?;
    world.db.write(|c| if store::is_set_up(c)? { Ok(()) } else { store::insert_instance(c, world.now()) })?;
    ops::run(world, caller, &SetUp { first, hash, token: token.map(digest) })
}

struct SetUp {
    first: First,
    hash: String,
    token: Option<String>,
}

impl Command for SetUp {
    const ACTION: Action = Action::new("instance.set_up", Need::Anyone);
    type Output = SetUpDone;

    fn place(&self) -> Place {
        Place::Instance
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<SetUpDone> {
        if store::is_set_up(tx.c)? {
            return Err(Error::Conflict("This installation is set up already.".into()));
        }
        match (&tx.caller.actor, &self.token) {
            (Actor::Cli, _) => {}
            (_, Some(hash)) if crate::account::store::live_link(tx.c, links::SETUP, hash, tx.now)?.is_some() => {
                crate::account::store::use_link(tx.c, hash, tx.now)?;
            }
            _ => return Err(Error::Gone("This set-up link is not valid any more. Restart the server: it prints a new one.".into())),
        }
        let user = crate::account::store::insert_user(tx, &self.first.email, &self.first.name, Some(&self.hash), false, true)?;
        let org = orgs::commands::found(tx, &self.first.org, None, None, &user)?;
        let summary = format!("set up the installation and the organization {}", org.name);
        tx.record(Target::new("organization", &org.id, &org.name), summary, &(), &org)?;
        Ok(SetUpDone { user_id: user, org_slug: org.slug, org_name: org.name })
    }
}
