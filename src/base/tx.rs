//! `Tx`: everything a command may touch: the open transaction, its scope, who acts, the time read once, ids, the event, the mail.
//! `Read` is the same for queries, without what changes things.

use serde::Serialize;
use serde_json::Value;

use super::audit::{Event, Target};
use super::db::{Conn, Ts};
use super::error::{Error, Result};
use super::ids::{Id, OrgId, SessionId, TokenId, UserId};
use super::outbox::Mail;
use super::preferences::Preferences;
use super::world::World;
use crate::access::admit::Assurance;
use crate::access::{OrgHead, ProjectHead, Standing};

/// Through which door a request came; kept in the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    Page,
    Api,
    Cli,
    System,
    /// Work in the background, for somebody who has ordered it.
    Job,
}

impl Via {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Api => "api",
            Self::Cli => "cli",
            Self::System => "system",
            Self::Job => "job",
        }
    }
}

#[derive(Debug, Clone)]
pub enum Actor {
    Nobody,
    User(UserActor),
    /// The person with the shell.
    Cli,
    /// The program itself.
    System,
}

#[derive(Debug, Clone)]
pub struct UserActor {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub email_verified: bool,
    pub is_operator: bool,
    pub mfa_enrolled: bool,
    pub last_org_id: Option<OrgId>,
    pub preferences: Preferences,
    pub proof: Proof,
}

#[derive(Debug, Clone)]
pub enum Proof {
    /// A browser session: when its person last proved a password, and when a second factor.
    Session { id: SessionId, auth_at: Ts, mfa_at: Option<Ts> },
    /// A personal access token, and whether its maker had proved a second factor.
    Token { id: TokenId, proved_mfa: bool },
    /// What somebody has ordered, done later in their name: what they may do then counts, and what they had proved when they ordered it.
    Job { proved_mfa: bool },
}

impl UserActor {
    pub fn assurance(&self) -> Assurance {
        let mfa_proved = match &self.proof {
            Proof::Session { mfa_at, .. } => mfa_at.is_some(),
            Proof::Token { proved_mfa, .. } | Proof::Job { proved_mfa } => *proved_mfa,
        };
        Assurance { mfa_enrolled: self.mfa_enrolled, mfa_proved }
    }

    /// When the person was last there in person; a token cannot be asked and was made by a fresh sign-in.
    pub fn proved_at(&self) -> Option<Ts> {
        match &self.proof {
            Proof::Session { auth_at, .. } => Some(*auth_at),
            Proof::Token { .. } | Proof::Job { .. } => None,
        }
    }

    pub fn session(&self) -> Option<&SessionId> {
        match &self.proof {
            Proof::Session { id, .. } => Some(id),
            Proof::Token { .. } | Proof::Job { .. } => None,
        }
    }
}

impl Actor {
    pub fn user(&self) -> Option<&UserActor> {
        match self {
            Self::User(user) => Some(user),
            _ => None,
        }
    }

    pub fn user_id(&self) -> &str {
        self.user().map_or("", |u| u.id.as_str())
    }

    /// What `granted_by` columns say.
    pub fn label(&self) -> String {
        match self {
            Self::User(user) => user.id.to_string(),
            Self::Cli => "cli".into(),
            Self::System | Self::Nobody => "system".into(),
        }
    }
}

/// One request as the request path sees it: who, from where, and under which conditions.
#[derive(Debug, Clone)]
pub struct Caller {
    pub actor: Actor,
    pub via: Via,
    pub ip: String,
    pub user_agent: String,
    pub request_id: String,
    /// The record has to be at this revision still (If-Match, or the form's hidden field).
    pub if_rev: Option<i64>,
    /// The preview that the author of the change saw.
    pub preview: Option<String>,
    /// Idempotency-Key and the digest of the request it came with.
    pub idempotency: Option<(String, String)>,
}

impl Caller {
    pub fn of(actor: Actor, via: Via) -> Self {
        Self { actor, via, ip: String::new(), user_agent: String::new(), request_id: String::new(), if_rev: None, preview: None, idempotency: None }
    }
    pub fn cli() -> Self {
        Self::of(Actor::Cli, Via::Cli)
    }
    pub fn system() -> Self {
        Self::of(Actor::System, Via::System)
    }
}

pub struct Read<'a> {
    pub c: &'a mut Conn,
    pub world: &'a World,
    pub caller: &'a Caller,
    pub now: Ts,
    pub standing: Option<Standing>,
}

impl Read<'_> {
    /// The organization asked about; it exists when the action needs one.
    pub fn org(&self) -> Result<&OrgHead> {
        self.standing.as_ref().map(|s| &s.org).ok_or(Error::NotFound)
    }
    pub fn org_id(&self) -> Result<OrgId> {
        Ok(self.org()?.id.clone())
    }
    pub fn project(&self) -> Result<ProjectHead> {
        self.standing.as_ref().and_then(|s| s.project.clone()).ok_or(Error::NotFound)
    }
    pub fn me(&self) -> Result<&UserActor> {
        self.caller.actor.user().ok_or(Error::SignIn)
    }
    pub fn holds(&self, permission: &str) -> bool {
        matches!(self.caller.actor, Actor::Cli | Actor::System) || self.standing.as_ref().is_some_and(|s| s.in_org.has(permission))
    }
}

/// Who is woken after the commit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bells {
    pub mail: bool,
    pub job: bool,
}

pub struct Tx<'a> {
    pub c: &'a mut Conn,
    pub world: &'a World,
    pub caller: &'a Caller,
    pub now: Ts,
    pub standing: Option<Standing>,
    /// Where this change is written down: an organization's id, or `instance`.
    pub(super) chain: String,
    pub(super) events: Vec<Event>,
    pub(super) bells: Bells,
    pub(super) preview: bool,
}

impl Tx<'_> {
    pub fn id<T: Id>(&self) -> T {
        self.world.id(self.now)
    }

    pub fn org(&self) -> Result<&OrgHead> {
        self.standing.as_ref().map(|s| &s.org).ok_or(Error::NotFound)
    }
    pub fn org_id(&self) -> Result<OrgId> {
        Ok(self.org()?.id.clone())
    }
    pub fn project(&self) -> Result<ProjectHead> {
        self.standing.as_ref().and_then(|s| s.project.clone()).ok_or(Error::NotFound)
    }
    pub fn me(&self) -> Result<&UserActor> {
        self.caller.actor.user().ok_or(Error::SignIn)
    }
    pub fn holds(&self, permission: &str) -> bool {
        matches!(self.caller.actor, Actor::Cli | Actor::System) || self.standing.as_ref().is_some_and(|s| s.in_org.has(permission))
    }
    /// What goes into `granted_by`, `invited_by` and the like.
    pub fn by(&self) -> String {
        self.caller.actor.label()
    }
    /// The same as a look, for what is decided the same way before a change and in it.
    pub fn read(&mut self) -> Read<'_> {
        Read { c: self.c, world: self.world, caller: self.caller, now: self.now, standing: self.standing.clone() }
    }

    /// There is work for the background once this is committed.
    pub fn wake_workers(&mut self) {
        self.bells.job = true;
    }

    pub fn is_preview(&self) -> bool {
        self.preview
    }

    /// The revision the caller has seen, if it said so, has to be the present one.
    pub fn expect_rev(&self, rev: i64) -> Result<()> {
        match self.caller.if_rev {
            Some(seen) if seen != rev => Err(Error::Stale { rev }),
            _ => Ok(()),
        }
    }

    /// Writes the event of this change into the chain of its scope. Every command that changes something does it once.
    pub fn record(&mut self, target: Target, summary: impl Into<String>, before: &impl Serialize, after: &impl Serialize) -> Result<()> {
        let json = |v: Value| (!v.is_null()).then_some(v);
        self.events.push(Event {
            target,
            summary: summary.into(),
            before: json(serde_json::to_value(before)?),
            after: json(serde_json::to_value(after)?),
            failed: false,
            action: None,
        });
        Ok(())
    }

    /// The same for an attempt that failed by itself, such as a wrong password: it is kept, and the caller hears the error.
    pub fn record_failure(&mut self, target: Target, summary: impl Into<String>) {
        self.events.push(Event { target, summary: summary.into(), before: None, after: None, failed: true, action: None });
    }

    /// Takes over what a change inside this one has recorded, told in the words of this one.
    pub fn retell(&mut self, events: Vec<Event>, summary: &str) {
        self.events.extend(events.into_iter().map(|event| Event { summary: summary.to_owned(), ..event }));
    }

    /// From here on the change belongs to the chain of this organization, which it has just made.
    pub fn adopt(&mut self, org: &OrgId) {
        self.chain = org.to_string();
    }

    /// Queues a mail in this transaction; it goes out after the commit, once.
    pub fn mail(&mut self, mail: &Mail) -> Result<String> {
        self.bells.mail = true;
        super::outbox::queue(self, mail)
    }
}
