//! Writes on one's own account: name, password, sessions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Me, MySession, mails, store};
use crate::access::{Action, Need, Ref};
use crate::base::audit::Target;
use crate::base::error::{Error, Result};
use crate::base::form;
use crate::base::ops::{Command, Place};
use crate::base::preferences::{Preferences, Theme, Zone};
use crate::base::text::Name;
use crate::base::tx::Tx;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMe {
    pub name: Option<Name>,
    pub theme: Option<Theme>,
    /// An IANA name such as Europe/Berlin.
    pub time_zone: Option<Zone>,
    #[serde(default, deserialize_with = "form::maybe_truth")]
    pub shortcuts: Option<bool>,
}

impl Command for UpdateMe {
    const ACTION: Action = Action::new("user.update", Need::SignedIn);
    type Output = Me;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Me> {
        let me = tx.me()?.clone();
        let before = store::me(tx.c, &me.id)?;
        tx.expect_rev(before.rev)?;
        let present = Preferences { theme: before.theme, time_zone: before.time_zone.clone(), shortcuts: before.shortcuts };
        let wanted = Preferences {
            theme: self.theme.unwrap_or(present.theme),
            time_zone: self.time_zone.clone().unwrap_or_else(|| present.time_zone.clone()),
            shortcuts: self.shortcuts.unwrap_or(present.shortcuts),
        };
        if self.theme.is_some() || self.time_zone.is_some() || self.shortcuts.is_some() {
            store::set_preferences(tx.c, &me.id, &wanted, tx.now)?;
        } else if self.name.is_none() {
            return Err(Error::field("name", "required", "Say what to change: name, theme, time_zone or shortcuts."));
        }
        let Some(name) = &self.name else {
            let after = store::me(tx.c, &me.id)?;
            tx.record(Target::new("user", &me.id, &after.name), "changed their preferences", &present, &wanted)?;
            return Ok(after);
        };
        store::set_name(tx.c, &me.id, name, tx.now)?;
        let after = store::me(tx.c, &me.id)?;
        tx.record(Target::new("user", &me.id, &after.name), "changed their name", &before.name, &after.name)?;
        Ok(after)
    }
}

/// Sets a new password. The present one was checked, and the new one hashed, before the transaction.
pub struct ChangePassword {
    pub hash: String,
    pub checked: Option<String>,
}

impl Command for ChangePassword {
    const ACTION: Action = Action::new("password.change", Need::SignedIn);
    type Output = ();

    fn place(&self) -> Place {
        Place::Instance
    }
    /// Other sessions end; this one stays.
    fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let me = tx.me()?.clone();
        let user = store::user(tx.c, &me.id)?.ok_or(Error::SignIn)?;
        if user.password_hash != self.checked {
            return Err(Error::Conflict("Your password was changed elsewhere meanwhile. Sign in again.".into()));
        }
        store::set_password_hash(tx.c, &me.id, &self.hash, tx.now)?;
        store::kill_links(tx.c, &me.id, super::links::PASSWORD, tx.now)?;
        store::end_sessions(tx.c, &me.id, me.session(), tx.now)?;
        store::revoke_tokens(tx.c, &me.id, tx.now)?;
        store::forget_devices(tx.c, &me.id)?;
        tx.mail(&mails::password_changed(tx.world, &user)?)?;
        tx.record(Target::new("user", &me.id, &me.name), "changed their password; other sessions and all tokens ended", &(), &())
    }
}

/// Says that a wrong present password was given for an act on the account.
pub struct WrongPassword;

impl Command for WrongPassword {
    const ACTION: Action = Action::new("session.reauthenticate", Need::SignedIn);
    type Output = ();

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let me = tx.me()?.clone();
        tx.record_failure(Target::new("user", &me.id, &me.name), "gave a wrong password");
        Err(Error::field("current", "invalid", "That is not your present password."))
    }
}

/// The person proved once more that it is them.
pub struct Reauthenticated;

impl Command for Reauthenticated {
    const ACTION: Action = WrongPassword::ACTION;
    type Output = ();

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let me = tx.me()?.clone();
        tx.record(Target::new("user", &me.id, &me.name), "confirmed that it is them", &(), &())
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndSession {
    pub session: Ref,
}

impl Command for EndSession {
    const ACTION: Action = Action::new("session.end", Need::SignedIn);
    type Output = MySession;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<MySession> {
        let me = tx.me()?.clone();
        let found = store::sessions(tx.c, &me.id, me.session(), tx.now)?;
        let session = found.into_iter().find(|s| s.id.as_ref() == self.session.as_str()).ok_or(Error::NotFound)?;
        store::end_session(tx.c, &me.id, &session.id, tx.now)?;
        tx.record(Target::new("user", &me.id, &me.name), format!("ended the session on {}", session.device), &session, &())?;
        Ok(session)
    }
}

/// Ends all sessions but the one it is done from.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndOtherSessions {}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Ended {
    pub count: i64,
}

impl Command for EndOtherSessions {
    const ACTION: Action = Action::new("session.end_others", Need::SignedIn);
    type Output = Ended;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Ended> {
        let me = tx.me()?.clone();
        let count = store::end_sessions(tx.c, &me.id, me.session(), tx.now)?;
        tx.record(Target::new("user", &me.id, &me.name), "signed out everywhere else", &(), &count)?;
        Ok(Ended { count })
    }
}

/// Ends the session that the browser came with.
pub struct SignOut;

impl Command for SignOut {
    const ACTION: Action = Action::new("session.sign_out", Need::SignedIn);
    type Output = ();

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let me = tx.me()?.clone();
        if let Some(session) = me.session() {
            store::end_session(tx.c, &me.id, session, tx.now)?;
        }
        tx.record(Target::new("user", &me.id, &me.name), "signed out", &(), &())
    }
}
