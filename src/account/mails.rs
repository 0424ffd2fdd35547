//! Mails about one's own account.

use super::store::User;
use crate::base::db::Ts;
use crate::base::error::{Error, Result};
use crate::base::letter::Letter;
use crate::base::outbox::Mail;
use crate::base::text::Email;
use crate::base::world::World;

const FOOT: &str = "This mail is about your account at Bailiwick.";

fn to(user: &User) -> Result<Email> {
    Email::parse(&user.email).map_err(Error::internal)
}

fn notice(world: &World, user: &User, kind: &'static str, heading: &str, what: String) -> Result<Mail> {
    Letter {
        subject: heading.into(),
        sender: "Bailiwick".into(),
        heading: heading.into(),
        sentences: vec![what],
        action: None,
        small: vec![format!("If that was not you, set a new password now: {}", world.link("/password/forgotten"))],
        foot: FOOT.into(),
    }
    .to(kind, None, to(user)?, None)
}

/// The address of the page to set a password by this link.
pub fn password_page(world: &World, token: &str) -> String {
    world.link(&format!("/password/reset/{token}"))
}

pub fn new_password(world: &World, user: &User, token: &str, expires: Ts) -> Result<Mail> {
    Letter {
        subject: "Set a new password".into(),
        sender: "Bailiwick".into(),
        heading: "Set a new password".into(),
        sentences: vec!["Somebody asked for a new password for your account. If it was you, go on here.".into()],
        action: Some(("Set a new password".into(), password_page(world, token))),
        small: vec![format!("The link works once, until {}.", expires.exact())],
        foot: "If it was not you, ignore this mail. Your password stays as it is.".into(),
    }
    .to("password", None, to(user)?, Some(expires))
}

pub fn confirm_email(world: &World, user: &User, address: Email, token: &str) -> Result<Mail> {
    Letter {
        subject: "Confirm your e-mail address".into(),
        sender: "Bailiwick".into(),
        heading: "Confirm your e-mail address".into(),
        sentences: vec![format!("{}, confirm that {address} is yours.", user.name)],
        action: Some(("Confirm the address".into(), world.link(&format!("/email/confirm/{token}")))),
        small: vec!["The link works once, for 24 hours.".into()],
        foot: "If you did not ask for this, ignore this mail. Nothing changes.".into(),
    }
    .to("email", None, address, None)
}

pub fn email_changed(world: &World, user: &User, new: &str) -> Result<Mail> {
    notice(
        world,
        user,
        "notice",
        "Your e-mail address was changed",
        format!("You now sign in with {new}. This is the last mail to your former address."),
    )
}

pub fn password_changed(world: &World, user: &User) -> Result<Mail> {
    notice(world, user, "notice", "Your password was changed", "Your password was changed, and your other sessions were ended.".into())
}

pub fn mfa_on(world: &World, user: &User) -> Result<Mail> {
    notice(world, user, "notice", "Two-factor sign-in is on", "From now on signing in asks for a code of your authenticator.".into())
}

pub fn mfa_off(world: &World, user: &User) -> Result<Mail> {
    notice(world, user, "notice", "Two-factor sign-in is off", "From now on your password alone signs you in.".into())
}

pub fn recovery_code_used(world: &World, user: &User, left: i64) -> Result<Mail> {
    notice(world, user, "notice", "A recovery code was used", format!("Somebody signed in with one of your recovery codes. {left} are left."))
}

pub fn codes_tried(world: &World, user: &User) -> Result<Mail> {
    notice(
        world,
        user,
        "notice",
        "Many wrong codes",
        "Somebody knows your password and entered ten wrong codes in a row. Unknown browsers are kept out for a day.".into(),
    )
}

pub fn new_device(world: &World, user: &User, device: &str, now: Ts) -> Result<Mail> {
    notice(world, user, "notice", "New sign-in", format!("Your account was signed in to with {device} on {}.", now.exact()))
}
