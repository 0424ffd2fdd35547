//! Where the demo's people act: the product's own commands, each at the time of its day, by a person who is signed in. So every row,
//! mail and event is one that the product writes, and the audit chains verify.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use totp_rs::{Builder, Secret as Seed};

use super::cast::{FIRST, FIRST_EMAIL, FIRST_NAME, Person};
use super::{PASSWORD, store};
use crate::access::Ref;
use crate::account::{self, mfa};
use crate::base::config::Settings;
use crate::base::db::Ts;
use crate::base::db::sessions::{self, Put};
use crate::base::db::time::{HOUR, SECOND};
use crate::base::error::{Error, Result};
use crate::base::ids::{SessionId, UserId};
use crate::base::keys::digest;
use crate::base::ops::{self, Command};
use crate::base::order::Order;
use crate::base::text::{Email, Line, Name, Secret};
use crate::base::tx::{Actor, Caller, Proof, Via};
use crate::base::web::session::{LONGEST, State};
use crate::base::world::{Clock, World};
use crate::instance::{setup, start};
use crate::{invitations, orgs};

pub struct Stage {
    pub world: World,
    /// The real time, at which the story ends.
    pub today: Ts,
    hand: Arc<AtomicI64>,
    /// One hash for everybody: all have the same password, and hashing is meant to be slow.
    hash: String,
    people: HashMap<String, Known>,
}

struct Known {
    id: UserId,
    session: Option<(SessionId, Ts)>,
}

/// Browsers, as they introduce themselves.
const AGENTS: &[&str] = &[
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
];

impl Stage {
    /// Sets up the installation at `begin`: its first person and Fernhill Robotics.
    pub fn open(settings: Settings, begin: Ts, today: Ts) -> Result<Self> {
        let hand = Arc::new(AtomicI64::new(begin.0));
        let world = start::open(settings, Clock::Fixed(hand.clone()))?;
        world.db.alone(store::hurry)?;
        let first =
            setup::First { org: name("Fernhill Robotics")?, name: name(FIRST_NAME)?, email: email(FIRST_EMAIL)?, password: Secret::new(PASSWORD) };
        let done = setup::set_up(&world, &Caller::cli(), first, None)?;
        // As the link in the mail does it that a new account gets.
        world.db.write(|c| account::store::verify_email(c, &done.user_id, begin))?;
        let hash = account::store::user(&mut *world.db.reader()?, &done.user_id)?.and_then(|u| u.password_hash).ok_or(Error::NotFound)?;
        let people = HashMap::from([(FIRST.to_owned(), Known { id: done.user_id, session: None })]);
        Ok(Self { world, today, hand, hash, people })
    }

    /// Turns the clock; it never goes back.
    pub fn turn(&self, at: Ts) {
        self.hand.fetch_max(at.0, Ordering::SeqCst);
    }

    pub fn now(&self) -> Ts {
        self.world.now()
    }

    pub fn id_of(&self, who: &str) -> Result<&UserId> {
        self.people.get(who).map(|k| &k.id).ok_or_else(|| Error::internal(format!("the demo knows nobody called {who}")))
    }

    /// Carries out a command as somebody, who signs in first if need be. A moment passes.
    pub fn run<C: Command>(&mut self, who: &str, command: &C) -> Result<C::Output> {
        let caller = self.caller(who)?;
        let done = ops::run(&self.world, &caller, command);
        self.hand.fetch_add(3 * SECOND, Ordering::SeqCst);
        done
    }

    /// The same for what is to be refused; the refusal is written down like any other.
    pub fn tries<C: Command>(&mut self, who: &str, command: &C) -> Result<()> {
        match self.run(who, command) {
            Err(Error::Denied(_)) => Ok(()),
            Err(other) => Err(other),
            Ok(_) => Err(Error::internal(format!("{who} was allowed {}", C::ACTION.name))),
        }
    }

    fn caller(&mut self, who: &str) -> Result<Caller> {
        let session = self.enter(who)?;
        let user = account::store::user(&mut *self.world.db.reader()?, self.id_of(who)?)?.ok_or(Error::NotFound)?;
        let now = self.now();
        let proof = Proof::Session { id: session, auth_at: now, mfa_at: user.mfa_since.map(|_| now) };
        let mut caller = Caller::of(Actor::User(user.actor(proof)), Via::Page);
        (caller.ip, caller.user_agent) = place_of(who);
        caller.request_id = self.request_id();
        Ok(caller)
    }

    fn request_id(&self) -> String {
        self.world.id::<crate::base::ids::EventId>(self.now()).to_string().replace("evt_", "req_")
    }

    /// Somebody is there: in the session that they have, or in a new one. Its key is thrown away, so no browser can use it.
    pub fn enter(&mut self, who: &str) -> Result<SessionId> {
        let now = self.now();
        let kept = self.people.get(who).and_then(|k| k.session.clone()).filter(|(_, begun)| begun.plus(8 * HOUR) > now);
        let (id, begun) = kept.unwrap_or_else(|| (self.world.id(now), now));
        let user = self.id_of(who)?.clone();
        let mfa = account::store::user(&mut *self.world.db.reader()?, &user)?.is_some_and(|u| u.mfa_since.is_some());
        let (ip, user_agent) = place_of(who);
        let mfa_at = mfa.then_some(now);
        let state = State { id: Some(id.clone()), user_id: Some(user.clone()), since: Some(begun), auth_at: Some(now), mfa_at, ..State::default() };
        let row = Put {
            key_hash: digest(id.as_ref()),
            id: id.clone(),
            user_id: Some(user),
            state: serde_json::to_string(&state)?,
            mfa_at,
            ip,
            user_agent,
            created_at: begun,
            last_seen_at: now,
            expires_at: begun.plus(LONGEST),
        };
        self.world.db.write(|c| sessions::put(c, &row))?;
        if let Some(known) = self.people.get_mut(who) {
            known.session = Some((id.clone(), begun));
        }
        Ok(id)
    }

    pub fn invite(&mut self, by: &str, org: &str, address: &str, roles: &[&str]) -> Result<()> {
        let command = invitations::commands::InvitePeople {
            org: Ref::new(org),
            emails: vec![address.to_owned()],
            roles: Some(roles.iter().map(|r| (*r).to_owned()).collect()),
            grants: Vec::new(),
        };
        self.run(by, &command).map(drop)
    }

    /// Takes up the invitation with the link out of the mail, as a new person.
    pub fn join(&mut self, person: &Person) -> Result<()> {
        let (org, invitation) = self.invitation(person.org, person.email)?;
        let token = invitations::commands::token(&self.world, &org.id, &invitation);
        let mut caller = Caller::of(Actor::Nobody, Via::Page);
        let who = local(person.email);
        (caller.ip, caller.user_agent) = place_of(who);
        caller.request_id = self.request_id();
        let newcomer = Some((name(person.name)?, self.hash.clone()));
        let joined = ops::run(&self.world, &caller, &invitations::commands::Accept { org: org.id, token, newcomer })?;
        self.people.insert(who.to_owned(), Known { id: joined.user_id, session: None });
        self.enter(who).map(drop)
    }

    /// The latest invitation of an address, with its organization.
    pub fn invitation(&self, org: &str, address: &str) -> Result<(orgs::Org, invitations::Invitation)> {
        let mut c = self.world.db.reader()?;
        let id = store::org_id(&mut c, org)?;
        let org = orgs::store::get(&mut c, &id)?;
        let order = Order::parse(invitations::store::ORDERS, None)?;
        let filter = invitations::store::Filter { q: address.to_owned(), status: "", order, after: Vec::new() };
        let found = invitations::store::list(&mut c, &org.id, &filter, 1, self.now())?.pop();
        Ok((org, found.ok_or_else(|| Error::internal(format!("{address} was not invited")))?))
    }

    /// Sets up an authenticator and confirms it with the code that it shows.
    pub fn enrol(&mut self, who: &str) -> Result<()> {
        self.run(who, &mfa::StartEnrolment)?;
        let user = account::store::user(&mut *self.world.db.reader()?, self.id_of(who)?)?.ok_or(Error::NotFound)?;
        let row = account::store::authenticator(&mut *self.world.db.reader()?, &user.id)?.ok_or(Error::NotFound)?;
        let shown = mfa::enrolment(&self.world, &user.id, &user.email, &row.secret_sealed)?;
        let code = Secret::new(code(&shown.key, self.now())?);
        self.run(who, &mfa::ConfirmEnrolment { code }).map(drop)
    }

    /// The member's id in an organization.
    pub fn member(&self, org: &str, who: &str) -> Result<Ref> {
        let mut c = self.world.db.reader()?;
        let org = store::org_id(&mut c, org)?;
        let id = crate::members::store::membership(&mut c, &org, self.id_of(who)?, self.now())?;
        Ok(Ref::new(id.ok_or_else(|| Error::internal(format!("{who} is no member")))?))
    }
}

/// The code that an authenticator with this key shows at a time.
fn code(key: &str, now: Ts) -> Result<String> {
    let failed = |e: &dyn std::fmt::Display| Error::internal(format!("totp: {e}"));
    let seed = Seed::try_from_base32(key.replace(' ', "")).map_err(|e| failed(&e))?;
    let totp = Builder::new().with_secret(seed).with_account_name("demo").build().map_err(|e| failed(&e))?;
    Ok(totp.generate(u64::try_from(now.seconds()).unwrap_or(0)).to_string())
}

/// Where somebody works from: an address out of the ranges kept for examples (RFC 5737), and a browser.
fn place_of(who: &str) -> (String, String) {
    let sum: usize = who.bytes().map(usize::from).sum();
    let net = if sum.is_multiple_of(3) { "198.51.100" } else { "203.0.113" };
    (format!("{net}.{}", 10 + sum % 200), AGENTS.get(sum % AGENTS.len()).unwrap_or(&"").to_string())
}

/// The part of an address by which the demo calls somebody.
pub fn local(email: &str) -> &str {
    email.split('@').next().unwrap_or_default()
}

pub fn name(text: &str) -> Result<Name> {
    Name::parse(text).map_err(Error::internal)
}
pub fn line(text: &str) -> Result<Line> {
    Line::parse(text).map_err(Error::internal)
}
pub fn email(text: &str) -> Result<Email> {
    Email::parse(text).map_err(Error::internal)
}
