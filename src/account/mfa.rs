//! Two-factor sign-in by authenticator (RFC 6238: SHA-1, six digits, 30 seconds; 160-bit secrets) and recovery codes.
//!
//! A code of the step before, now or after is taken, for clocks that drift; each step works once, whatever comes in parallel.

use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret as Seed};

use super::{mails, store};
use crate::access::{Action, Need};
use crate::base::audit::Target;
use crate::base::error::{Error, Result};
use crate::base::ids::UserId;
use crate::base::keys::digest;
use crate::base::ops::{Command, Place};
use crate::base::text::Secret;
use crate::base::tx::Tx;
use crate::base::world::{World, random};

pub enum Proved {
    Authenticator,
    RecoveryCode { left: i64 },
}

fn place(user: &UserId) -> String {
    format!("authenticators:secret_sealed:{user}")
}

fn totp(seed: &str, email: &str) -> Result<totp_rs::Totp> {
    let failed = |e: &dyn std::fmt::Display| Error::internal(format!("totp: {e}"));
    let seed = Seed::try_from_base32(seed).map_err(|e| failed(&e))?;
    Builder::new()
        .with_secret(seed)
        .with_skew(1)
        .with_issuer(Some("Bailiwick"))
        .with_account_name(email.replace(':', "_"))
        .build()
        .map_err(|e| failed(&e))
}

/// What somebody needs to set up their authenticator.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The key in groups of four.
    pub key: String,
    /// What the QR picture says.
    pub url: String,
}

pub fn enrolment(world: &World, user: &UserId, email: &str, sealed: &str) -> Result<Enrolment> {
    let seed = world.keys.open(&place(user), sealed)?;
    let url = totp(&seed, email)?.to_url().map_err(|e| Error::internal(format!("totp: {e}")))?;
    let key = seed.chars().collect::<Vec<_>>().chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ");
    Ok(Enrolment { key, url })
}

/// A QR picture as the path of an SVG: (modules with the quiet zone, path).
pub fn qr(text: &str) -> Result<(i32, String)> {
    let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium).map_err(|_| Error::internal("the QR text is too long"))?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            path.push_str(&format!("M{} {}h1v1h-1z", x + 4, y + 4));
        }
    }
    Ok((code.size() + 8, path))
}

/// Whether a code is one of the authenticator that was not used before, or a recovery code. Uses it up.
pub fn prove(tx: &mut Tx<'_>, user: &UserId, code: &str) -> Result<Option<Proved>> {
    let code: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if code.len() == 6 && code.bytes().all(|c| c.is_ascii_digit()) {
        let Some(row) = store::authenticator(tx.c, user)?.filter(|r| r.confirmed_at.is_some()) else { return Ok(None) };
        let Some(step) = step(tx, user, &row.secret_sealed, &code)? else { return Ok(None) };
        return Ok(store::use_step(tx.c, user, step)?.then_some(Proved::Authenticator));
    }
    if code.len() > 64 || !store::use_recovery_code(tx.c, user, &digest(&code.to_ascii_lowercase()), tx.now)? {
        return Ok(None);
    }
    Ok(Some(Proved::RecoveryCode { left: store::recovery_codes_left(tx.c, user)? }))
}

fn step(tx: &Tx<'_>, user: &UserId, sealed: &str, code: &str) -> Result<Option<i64>> {
    let seed = tx.world.keys.open(&place(user), sealed)?;
    let now = u64::try_from(tx.now.seconds()).unwrap_or(0);
    Ok(totp(&seed, "account")?.check(code, now).and_then(|step| i64::try_from(step).ok()))
}

/// How many authenticators there are, and how many of their keys do not open with the installation's secret key.
pub struct Seeds {
    pub all: usize,
    pub unreadable: usize,
}

pub fn seeds(world: &World) -> Result<Seeds> {
    let sealed = store::sealed_seeds(&mut *world.db.reader()?)?;
    let unreadable = sealed.iter().filter(|(user, seed)| world.keys.open(&place(user), seed).is_err()).count();
    Ok(Seeds { all: sealed.len(), unreadable })
}

/// Makes a new key, still to be confirmed by a code. Shown on `/me/mfa`.
pub struct StartEnrolment;

impl Command for StartEnrolment {
    const ACTION: Action = Action::new("mfa.start", Need::SignedIn).fresh();
    type Output = ();

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let me = tx.me()?.clone();
        if store::authenticator(tx.c, &me.id)?.is_some_and(|a| a.confirmed_at.is_some()) {
            return Err(Error::Conflict("Two-factor sign-in is set up already. Turn it off first to use another authenticator.".into()));
        }
        let seed = Seed::generate().to_base32();
        let sealed = tx.world.seal(&place(&me.id), &seed)?;
        store::put_authenticator(tx.c, &me.id, &sealed, tx.now)?;
        tx.record(Target::new("user", &me.id, &me.name), "began to set up two-factor sign-in", &(), &())
    }
}

/// Confirms the key with its first code; from here on sign-in asks for one. Answers the recovery codes, once.
#[derive(Debug)]
pub struct ConfirmEnrolment {
    pub code: Secret,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Codes {
    pub codes: Vec<String>,
}

impl Command for ConfirmEnrolment {
    const ACTION: Action = Action::new("mfa.enable", Need::SignedIn);
    type Output = Codes;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Codes> {
        let me = tx.me()?.clone();
        let row = store::authenticator(tx.c, &me.id)?
            .filter(|r| r.confirmed_at.is_none())
            .ok_or_else(|| Error::Conflict("There is nothing to confirm. Start again.".into()))?;
        let code: String = self.code.expose().chars().filter(|c| !c.is_whitespace()).collect();
        let bucket = format!("enrol:{}", me.id);
        crate::base::db::limits::take(
            tx.c,
            &bucket,
            20,
            15 * crate::base::db::time::MINUTE,
            tx.now,
            "Too many wrong codes. Wait a quarter of an hour.",
        )?;
        let Some(step) = step(tx, &me.id, &row.secret_sealed, &code)? else {
            tx.record_failure(Target::new("user", &me.id, &me.name), "gave a wrong code while setting up two-factor sign-in");
            return Err(Error::field(
                "code",
                "invalid",
                "That code is not right. Check that the clock of your device is right, and enter the present code.",
            ));
        };
        store::confirm_authenticator(tx.c, &me.id, step, tx.now)?;
        // Sessions that were made by the password alone would be a way around it.
        store::end_sessions(tx.c, &me.id, me.session(), tx.now)?;
        let codes = new_codes(tx, &me.id)?;
        let user = store::user(tx.c, &me.id)?.ok_or(Error::SignIn)?;
        tx.mail(&mails::mfa_on(tx.world, &user)?)?;
        tx.record(Target::new("user", &me.id, &me.name), "turned two-factor sign-in on", &(), &())?;
        Ok(codes)
    }
}

/// Ten codes of 125 bits, in groups for the eye; the old ones are dead.
fn new_codes(tx: &mut Tx<'_>, user: &UserId) -> Result<Codes> {
    let codes: Vec<String> = (0..10).map(|_| code()).collect();
    let hashes: Vec<String> = codes.iter().map(|c| digest(&c.replace('-', ""))).collect();
    store::replace_recovery_codes(tx.c, user, &hashes)?;
    Ok(Codes { codes })
}

fn code() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes: [u8; 25] = random();
    let letters: Vec<char> = bytes.iter().map(|b| LETTERS.get(usize::from(b & 31)).map_or('a', |c| char::from(*c))).collect();
    letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// New recovery codes for old ones.
pub struct RenewCodes;

impl Command for RenewCodes {
    const ACTION: Action = Action::new("mfa.renew_codes", Need::SignedIn).fresh();
    type Output = Codes;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Codes> {
        let me = tx.me()?.clone();
        if !me.mfa_enrolled {
            return Err(Error::Conflict("Set up two-factor sign-in first.".into()));
        }
        let codes = new_codes(tx, &me.id)?;
        tx.record(Target::new("user", &me.id, &me.name), "made new recovery codes", &(), &())?;
        Ok(codes)
    }
}

/// Turns two-factor sign-in off; the recovery codes go with it.
pub struct Disable;

impl Command for Disable {
    const ACTION: Action = Action::new("mfa.disable", Need::SignedIn).fresh();
    type Output = ();

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let me = tx.me()?.clone();
        let orgs = store::orgs_wanting_mfa(tx.c, &me.id, tx.now)?;
        if !orgs.is_empty() {
            return Err(Error::Conflict(format!(
                "{} asks for two-factor sign-in. You can turn it off when no organization of yours asks for it.",
                crate::base::text::names(&orgs, 3)
            )));
        }
        store::remove_authenticator(tx.c, &me.id)?;
        let user = store::user(tx.c, &me.id)?.ok_or(Error::SignIn)?;
        tx.mail(&mails::mfa_off(tx.world, &user)?)?;
        tx.record(Target::new("user", &me.id, &me.name), "turned two-factor sign-in off", &(), &())
    }
}
