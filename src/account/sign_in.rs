//! Sign-in: the password, then the code. Tries are counted before anything is checked, in the database, in one statement.
//!
//! Hashing happens outside the transaction; the command then says what came of it, and writes it down either way.

use serde::{Deserialize, Serialize};

use super::{mails, mfa, store};
use crate::access::{Action, Need};
use crate::base::audit::Target;
use crate::base::db::limits;
use crate::base::db::time::{DAY, MINUTE};
use crate::base::error::{Error, Result};
use crate::base::hasher;
use crate::base::ids::UserId;
use crate::base::keys::digest;
use crate::base::ops::{self, Command, Place};
use crate::base::text::{Email, Secret};
use crate::base::tx::{Caller, Tx};
use crate::base::world::World;

const WINDOW: i64 = 15 * MINUTE;
const PER_ACCOUNT_AND_CLIENT: i64 = 10;
const PER_CLIENT: i64 = 30;
const CODES: i64 = 5;
/// So many wrong codes in a row close the account to unknown browsers for a day.
const CODES_IN_A_ROW: i64 = 10;

pub const WRONG: &str = "That e-mail address and password do not go together. Check both, or set a new password.";
const TOO_MANY: &str = "Too many wrong tries. Wait a quarter of an hour, or set a new password by mail.";

pub struct Attempt {
    pub email: String,
    pub password: Secret,
    /// The cookie of a browser that signed in to this account before.
    pub device: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Known {
    pub user_id: UserId,
    /// A code is still to come.
    pub needs_code: bool,
    /// The cookie that makes this browser known; only when the sign-in is complete and the browser was a new one.
    pub device: Option<String>,
}

/// Checks a password. Answers alike, and after the same work, for accounts that exist and that do not.
pub fn with_password(world: &World, caller: &Caller, attempt: &Attempt) -> Result<Known> {
    let email = Email::parse(&attempt.email).ok();
    let key = email.as_ref().map_or_else(|| digest(&attempt.email), Email::key);
    let user = {
        let mut c = world.db.reader()?;
        match &email {
            Some(email) => store::user_by_email(&mut c, email)?,
            None => None,
        }
    };
    let trusted = match (&user, &attempt.device) {
        (Some(user), Some(device)) => store::device_is_known(&mut *world.db.reader()?, &user.id, &digest(device), world.now())?,
        _ => false,
    };
    let buckets = if trusted { Vec::new() } else { buckets(&key, &caller.ip) };
    count(world, &buckets)?;
    // R1: beyond 256 characters nothing is hashed.
    let checkable = attempt.password.expose().len() <= 1024;
    let hash = user.as_ref().filter(|u| u.active).and_then(|u| u.password_hash.clone());
    let right = checkable && world.hasher.check(&attempt.password, hash.clone())?;
    let fresh_hash = match &hash {
        Some(old) if right && hasher::is_outdated(old) => Some(world.hasher.make(&attempt.password)?),
        _ => None,
    };
    let known = ops::run(world, caller, &CheckPassword { user: user.map(|u| u.id), email: key, right, hash, fresh_hash, trusted })?;
    if !buckets.is_empty() {
        world.db.write(|c| buckets.iter().try_for_each(|(bucket, _)| limits::give_back(c, bucket)))?;
    }
    Ok(known)
}

/// What is counted: this client at this account, and this client everywhere. IPv6 by its /64.
fn buckets(account: &str, ip: &str) -> Vec<(String, i64)> {
    let client = match ip.parse::<std::net::Ipv6Addr>() {
        Ok(v6) => v6.segments().iter().take(4).map(|s| format!("{s:x}")).collect::<Vec<_>>().join(":"),
        Err(_) => ip.to_owned(),
    };
    vec![(format!("password:{}:{client}", digest(account)), PER_ACCOUNT_AND_CLIENT), (format!("password-client:{client}"), PER_CLIENT)]
}

fn count(world: &World, buckets: &[(String, i64)]) -> Result<()> {
    if buckets.is_empty() {
        return Ok(());
    }
    world.db.write(|c| buckets.iter().try_for_each(|(bucket, most)| limits::take(c, bucket, *most, WINDOW, world.now(), TOO_MANY)))
}

/// Writes down what came of a password.
struct CheckPassword {
    user: Option<UserId>,
    email: String,
    right: bool,
    /// The hash that was checked: if it is another one by now, the password was changed meanwhile.
    hash: Option<String>,
    fresh_hash: Option<String>,
    /// The browser is known to the account already.
    trusted: bool,
}

impl Command for CheckPassword {
    const ACTION: Action = Action::new("session.sign_in", Need::Anyone);
    type Output = Known;

    fn place(&self) -> Place {
        Place::Instance
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Known> {
        let user = match &self.user {
            Some(id) => store::user(tx.c, id)?,
            None => None,
        };
        let same = user.as_ref().is_some_and(|u| u.password_hash == self.hash);
        let Some(user) = user.filter(|_| self.right && same) else {
            // The address tried is kept as a digest: people type passwords into the wrong field.
            tx.record_failure(
                Target::new("user", self.user.as_ref().map(ToString::to_string).unwrap_or_default(), ""),
                format!("failed to sign in ({})", short(&digest(&self.email))),
            );
            return Err(Error::Unproven(WRONG.into()));
        };
        if let Some(hash) = &self.fresh_hash {
            store::set_password_hash(tx.c, &user.id, hash, tx.now)?;
        }
        let needs_code = user.mfa_since.is_some();
        let summary = if needs_code { "gave the right password, a code is still to come" } else { "signed in" };
        tx.record(Target::new("user", &user.id, &user.name), summary, &(), &())?;
        let device = if needs_code || self.trusted { None } else { Some(remember_device(tx, &user)?) };
        Ok(Known { user_id: user.id, needs_code, device })
    }
}

fn short(text: &str) -> String {
    text.chars().take(8).collect()
}

/// Makes the browser known to the account for 180 days; a new one is told to the person by mail, once they have had one before.
fn remember_device(tx: &mut Tx<'_>, user: &store::User) -> Result<String> {
    let token = tx.world.token();
    let had_one = store::has_devices(tx.c, &user.id)?;
    store::insert_device(tx.c, &user.id, &digest(&token), tx.now, tx.now.plus(180 * DAY))?;
    if had_one && !tx.caller.user_agent.is_empty() {
        let mail = mails::new_device(tx.world, user, &super::queries::device(&tx.caller.user_agent), tx.now)?;
        tx.mail(&mail)?;
    }
    Ok(token)
}

/// Checks a code of the authenticator, or a recovery code, of somebody whose password was right. Each works once.
#[derive(Debug)]
pub struct VerifyCode {
    pub user: UserId,
    pub code: Secret,
    pub device: Option<String>,
    /// Whether this completes a sign-in, and makes the browser known.
    pub signs_in: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Verified {
    pub device: Option<String>,
    /// How many recovery codes are left, when one was used.
    pub recovery_codes_left: Option<i64>,
}

impl Command for VerifyCode {
    const ACTION: Action = Action::new("session.verify_code", Need::Anyone);
    type Output = Verified;

    fn place(&self) -> Place {
        Place::Instance
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Verified> {
        let user = store::user(tx.c, &self.user)?.filter(|u| u.active).ok_or(Error::SignIn)?;
        let row = format!("codes-in-a-row:{}", user.id);
        let trusted = match &self.device {
            Some(device) => store::device_is_known(tx.c, &user.id, &digest(device), tx.now)?,
            None => false,
        };
        if !trusted && limits::used(tx.c, &row, DAY, tx.now)? >= CODES_IN_A_ROW {
            let message = "Too many wrong codes in a row. This account is closed to unknown browsers for a day. Use a browser that you have signed in with before.";
            return Err(Error::Limited { retry_after: DAY / 1_000_000, message: message.into() });
        }
        let bucket = format!("codes:{}", user.id);
        if limits::used(tx.c, &bucket, WINDOW, tx.now)? >= CODES {
            return Err(Error::Limited { retry_after: WINDOW / 1_000_000, message: "Too many wrong codes. Wait a quarter of an hour.".into() });
        }
        let target = Target::new("user", &user.id, &user.name);
        match mfa::prove(tx, &user.id, self.code.expose())? {
            None => {
                limits::take(tx.c, &bucket, CODES, WINDOW, tx.now, TOO_MANY)?;
                limits::take(tx.c, &row, i64::MAX, DAY, tx.now, TOO_MANY)?;
                if limits::used(tx.c, &row, DAY, tx.now)? == CODES_IN_A_ROW {
                    let mail = mails::codes_tried(tx.world, &user)?;
                    tx.mail(&mail)?;
                }
                tx.record_failure(target, "gave a wrong code");
                Err(Error::Unproven("That code is not right, or was used already. Wait for the next one and try again.".into()))
            }
            Some(proved) => {
                limits::clear(tx.c, &bucket)?;
                limits::clear(tx.c, &row)?;
                let left = match proved {
                    mfa::Proved::Authenticator => None,
                    mfa::Proved::RecoveryCode { left } => {
                        let mail = mails::recovery_code_used(tx.world, &user, left)?;
                        tx.mail(&mail)?;
                        Some(left)
                    }
                };
                let summary = match (self.signs_in, left) {
                    (true, None) => "signed in with a code",
                    (true, Some(_)) => "signed in with a recovery code",
                    (false, _) => "confirmed with a code",
                };
                tx.record(target, summary, &(), &())?;
                let device = if self.signs_in && !trusted { Some(remember_device(tx, &user)?) } else { None };
                Ok(Verified { device, recovery_codes_left: left })
            }
        }
    }
}
