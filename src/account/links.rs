//! Links that come by mail and work once: to set a new password, to confirm an address. 256 bits, SHA-256 at rest.

use serde::{Deserialize, Serialize};

use super::{mails, passwords, store};
use crate::access::{Action, Need};
use crate::base::audit::Target;
use crate::base::db::time::{DAY, HOUR, MINUTE};
use crate::base::db::{Ts, limits};
use crate::base::error::{Error, Result};
use crate::base::ids::UserId;
use crate::base::keys::digest;
use crate::base::ops::{self, Command, Place, Query};
use crate::base::text::{Email, Name, Secret};
use crate::base::tx::{Caller, Read, Tx};
use crate::base::world::World;

pub const PASSWORD: &str = "password";
pub const EMAIL: &str = "email";
pub const SETUP: &str = "setup";

/// How long a link to set a password works: for one that was forgotten, and for a first one.
const AGAIN: i64 = 30 * MINUTE;
const FIRST: i64 = 7 * DAY;

/// Asks for a link to set a new password. Answers alike whether there is such an account or not.
pub struct ForgetPassword {
    pub email: Email,
}

impl Command for ForgetPassword {
    const ACTION: Action = Action::new("password.forgotten", Need::Anyone);
    type Output = ();

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let message = "Too many requests. Look into your mail, or wait an hour.";
        limits::take(tx.c, &format!("forgotten-client:{}", tx.caller.ip), 30, HOUR, tx.now, message)?;
        let user = store::user_by_email(tx.c, &self.email)?.filter(|u| u.active);
        let allowed = match &user {
            // More than five an hour to one address would only be noise in somebody's mailbox.
            Some(user) => limits::take(tx.c, &format!("forgotten:{}", user.id), 5, HOUR, tx.now, message).is_ok(),
            None => false,
        };
        match user.filter(|_| allowed) {
            Some(user) => {
                let token = password_token(tx, &user, AGAIN)?;
                let mail = mails::new_password(tx.world, &user, &token, tx.now.plus(AGAIN))?;
                tx.mail(&mail)?;
                tx.record(Target::new("user", &user.id, &user.name), "asked for a new password", &(), &())?;
            }
            None => tx.record(Target::new("user", "", ""), "asked for a new password of an address that gets none", &(), &())?,
        }
        Ok(())
    }
}

/// The link by which somebody takes up the account that was made for them; it goes out with the mail about what they can open.
pub fn first_password(tx: &mut Tx<'_>, user: &store::User) -> Result<(String, Ts)> {
    let token = password_token(tx, user, FIRST)?;
    Ok((mails::password_page(tx.world, &token), tx.now.plus(FIRST)))
}

fn password_token(tx: &mut Tx<'_>, user: &store::User, lasts: i64) -> Result<String> {
    let token = tx.world.token();
    let link = store::Link {
        token_hash: digest(&token),
        kind: PASSWORD.into(),
        user_id: Some(user.id.clone()),
        email: user.email.clone(),
        created_at: tx.now,
        expires_at: tx.now.plus(lasts),
    };
    store::insert_link(tx.c, &link)?;
    Ok(token)
}

/// What a link is for, for whoever holds it: its page is shown without using it up.
pub struct OpenLink {
    pub kind: &'static str,
    pub token: String,
}

#[derive(Debug, Clone)]
pub struct Opened {
    /// The address that it was sent to.
    pub email: String,
    /// Whether the account waits for its person: then they also say their name.
    pub first: bool,
}

impl Query for OpenLink {
    const ACTION: Action = Action::new("link.open", Need::Anyone);
    type Output = Opened;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Opened> {
        let link = store::live_link(read.c, self.kind, &digest(&self.token), read.now)?.ok_or_else(gone)?;
        let user = link.user_id.map(|id| store::user(read.c, &id)).transpose()?.flatten();
        Ok(Opened { email: link.email, first: user.is_some_and(|u| u.is_unclaimed()) })
    }
}

fn gone() -> Error {
    Error::Gone("This link was used already or has expired. Ask for a new one.".into())
}

/// Checks and hashes the new password, then sets it by the link.
pub fn reset_password(world: &World, caller: &Caller, token: String, name: Option<Name>, password: &Secret) -> Result<Reset> {
    let email = ops::ask(world, caller, &OpenLink { kind: PASSWORD, token: token.clone() })?.email;
    passwords::check(password, &[&email, name.as_ref().map_or("", Name::as_str), "bailiwick"])?;
    let hash = world.hasher.make(password)?;
    ops::run(world, caller, &ResetPassword { token, name, hash })
}

/// Sets a password by a link. Every session ends, every known browser is forgotten, and nobody is signed in by it.
pub struct ResetPassword {
    pub token: String,
    /// Of a person whose account waits for them; of nobody else.
    pub name: Option<Name>,
    pub hash: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Reset {
    pub user_id: UserId,
    pub email: String,
}

impl Command for ResetPassword {
    const ACTION: Action = Action::new("password.reset", Need::Anyone);
    type Output = Reset;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Reset> {
        let user = owner(tx, PASSWORD, &self.token)?.0;
        if user.is_unclaimed() {
            let name = self.name.as_ref().ok_or_else(|| Error::field("name", "required", "Enter your name."))?;
            store::claim(tx.c, &user.id, name, &self.hash, tx.now)?;
            tx.record(Target::new("user", &user.id, name), "chose a first password by mail", &user.name, name)?;
            return Ok(Reset { user_id: user.id, email: user.email });
        }
        store::set_password_hash(tx.c, &user.id, &self.hash, tx.now)?;
        store::kill_links(tx.c, &user.id, PASSWORD, tx.now)?;
        store::end_sessions(tx.c, &user.id, None, tx.now)?;
        store::revoke_tokens(tx.c, &user.id, tx.now)?;
        store::forget_devices(tx.c, &user.id)?;
        // The link came to the address: who used it reads its mail.
        store::verify_email(tx.c, &user.id, tx.now)?;
        tx.mail(&mails::password_changed(tx.world, &user)?)?;
        tx.record(Target::new("user", &user.id, &user.name), "set a new password by mail; all sessions and tokens ended", &(), &())?;
        Ok(Reset { user_id: user.id, email: user.email })
    }
}

fn owner(tx: &mut Tx<'_>, kind: &str, token: &str) -> Result<(store::User, store::Link)> {
    let link = store::live_link(tx.c, kind, &digest(token), tx.now)?.ok_or_else(gone)?;
    let user = match &link.user_id {
        Some(id) => store::user(tx.c, id)?.filter(|u| u.active),
        None => None,
    };
    Ok((user.ok_or_else(gone)?, link))
}

/// Sends a link that confirms an address: one's own, or the one to change to.
pub struct SendConfirmation {
    /// The new address, when it is to change.
    pub email: Option<Email>,
}

impl Command for SendConfirmation {
    const ACTION: Action = Action::new("email.send_confirmation", Need::SignedIn);
    type Output = String;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<String> {
        let me = tx.me()?.clone();
        if self.email.is_some() {
            crate::access::decide(&tx.caller.actor, None, &Action::new("email.change", Need::SignedIn).fresh(), tx.now)?;
        }
        let user = store::user(tx.c, &me.id)?.ok_or(Error::SignIn)?;
        let own = Email::parse(&user.email).map_err(Error::Conflict)?;
        let to = self.email.clone().unwrap_or_else(|| own.clone());
        let changes = to.key() != own.key();
        if !changes && user.email_verified_at.is_some() {
            return Err(Error::field("email", "invalid", "That is your address already."));
        }
        limits::take(tx.c, &format!("confirm:{}", me.id), 5, HOUR, tx.now, "Too many mails. Look into your mailbox, or wait an hour.")?;
        store::kill_links(tx.c, &me.id, EMAIL, tx.now)?;
        let token = tx.world.token();
        let link = store::Link {
            token_hash: digest(&token),
            kind: EMAIL.into(),
            user_id: Some(me.id.clone()),
            email: to.to_string(),
            created_at: tx.now,
            expires_at: tx.now.plus(DAY),
        };
        store::insert_link(tx.c, &link)?;
        // An address that belongs to somebody else is not told about here; its owner gets no mail, and the link does not work.
        if !changes || store::user_by_email(tx.c, &to)?.is_none() {
            tx.mail(&mails::confirm_email(tx.world, &user, to.clone(), &token)?)?;
        }
        tx.record(Target::new("user", &me.id, &me.name), format!("asked to confirm the address {to}"), &(), &())?;
        Ok(to.to_string())
    }
}

/// Confirms an address by a link, as the person it belongs to.
pub struct ConfirmEmail {
    pub token: String,
}

impl Command for ConfirmEmail {
    const ACTION: Action = Action::new("email.confirm", Need::Anyone);
    type Output = String;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<String> {
        let (user, link) = owner(tx, EMAIL, &self.token)?;
        let to = Email::parse(&link.email).map_err(Error::Conflict)?;
        let changes = !to.key().eq_ignore_ascii_case(&user.email);
        if changes && store::user_by_email(tx.c, &to)?.is_some() {
            return Err(Error::Gone("This address cannot be used. Choose another on your profile.".into()));
        }
        store::set_email(tx.c, &user.id, &to, tx.now)?;
        store::kill_links(tx.c, &user.id, EMAIL, tx.now)?;
        store::kill_links(tx.c, &user.id, PASSWORD, tx.now)?;
        if changes {
            tx.mail(&mails::email_changed(tx.world, &user, to.as_str())?)?;
        }
        tx.record(Target::new("user", &user.id, &user.name), format!("confirmed the address {to}"), &user.email, &to)?;
        Ok(to.to_string())
    }
}
