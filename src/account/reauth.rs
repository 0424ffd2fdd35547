//! Proving once more that it is oneself, for acts that ask for it. Tries are counted before anything is checked.

use super::commands::{ChangePassword, Reauthenticated, WrongPassword};
use super::sign_in::VerifyCode;
use super::{passwords, store};
use crate::base::db::limits;
use crate::base::db::time::MINUTE;
use crate::base::error::{Error, Result};
use crate::base::ops;
use crate::base::text::Secret;
use crate::base::tx::{Caller, UserActor};
use crate::base::world::World;

const TRIES: i64 = 10;
const WINDOW: i64 = 15 * MINUTE;

fn me(caller: &Caller) -> Result<&UserActor> {
    caller.actor.user().ok_or(Error::SignIn)
}

/// Checks the present password; a wrong one is written down. Answers the hash it was checked against.
fn check(world: &World, caller: &Caller, password: &Secret) -> Result<Option<String>> {
    let me = me(caller)?;
    let bucket = format!("reauth:{}", me.id);
    world.db.write(|c| limits::take(c, &bucket, TRIES, WINDOW, world.now(), "Too many wrong tries. Wait a quarter of an hour."))?;
    let hash = store::user(&mut *world.db.reader()?, &me.id)?.ok_or(Error::SignIn)?.password_hash;
    let checkable = password.expose().len() <= 1024;
    if !(checkable && world.hasher.check(password, hash.clone())?) {
        ops::run(world, caller, &WrongPassword)?;
    }
    world.db.write(|c| limits::give_back(c, &bucket))?;
    Ok(hash)
}

/// Password, and a code when two-factor sign-in is on. Answers whether a code was proved.
pub fn prove(world: &World, caller: &Caller, password: &Secret, code: &Secret) -> Result<bool> {
    let me = me(caller)?;
    check(world, caller, password).map_err(|e| match e {
        Error::Invalid(_) => Error::Unproven("That is not your password.".into()),
        other => other,
    })?;
    if me.mfa_enrolled {
        ops::run(world, caller, &VerifyCode { user: me.id.clone(), code: code.clone(), device: None, signs_in: false })?;
    }
    ops::run(world, caller, &Reauthenticated)?;
    Ok(me.mfa_enrolled)
}

pub fn change_password(world: &World, caller: &Caller, current: &Secret, new: &Secret) -> Result<()> {
    let me = me(caller)?;
    passwords::check(new, &[&me.email, &me.name, "bailiwick"])?;
    let checked = check(world, caller, current)?;
    let hash = world.hasher.make(new)?;
    ops::run(world, caller, &ChangePassword { hash, checked })
}
