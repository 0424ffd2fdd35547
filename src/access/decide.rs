//! `decide`: the one policy function. Pure over an actor, their standing and what an act needs; templates and tests ask it too.

use super::admit::{Assurance, Verdict};
use super::standing::{Relation, Standing};
use crate::base::db::Ts;
use crate::base::db::time::MINUTE;
use crate::base::error::{Error, Result, StepUp};
use crate::base::tx::Actor;

/// How long a sign-in counts as fresh for acts that ask for one.
pub const FRESH: i64 = 10 * MINUTE;

/// What an act is called and what it needs; stated once, on the command or query.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    /// `noun.verb`, as the audit log shows it.
    pub name: &'static str,
    pub need: Need,
    /// Whether the last strong sign-in has to be fresh.
    pub fresh: bool,
}

impl Action {
    pub const fn new(name: &'static str, need: Need) -> Self {
        Self { name, need, fresh: false }
    }
    pub const fn fresh(mut self) -> Self {
        self.fresh = true;
        self
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Anybody: the command proves its right itself (a password, a token out of a mail).
    Anyone,
    /// Any signed-in person, for what is their own.
    SignedIn,
    Operator,
    /// Any member or external of the organization, for what they can see of it.
    Inside,
    /// Any active member.
    Member,
    /// A permission in the organization.
    Org(&'static str),
    /// A permission on the project named.
    Project(&'static str),
}

impl Need {
    /// For the API's documentation.
    pub fn in_words(&self) -> String {
        match self {
            Self::Anyone => "nothing".into(),
            Self::SignedIn => "a token".into(),
            Self::Operator => "an operator".into(),
            Self::Inside => "a member or external of the organization".into(),
            Self::Member => "a member of the organization".into(),
            Self::Org(key) => format!("{key} in the organization"),
            Self::Project(key) => format!("{key} on the project"),
        }
    }
}

pub fn decide(actor: &Actor, standing: Option<&Standing>, action: &Action, now: Ts) -> Result<()> {
    // The person with the shell and the program itself hold the installation in their hands.
    if matches!(actor, Actor::Cli | Actor::System) {
        return Ok(());
    }
    if action.need == Need::Anyone {
        return Ok(());
    }
    let Actor::User(user) = actor else { return Err(Error::SignIn) };
    match action.need {
        Need::Anyone | Need::SignedIn => {}
        Need::Operator if user.is_operator => {}
        // To people outside an organization it is not there, whatever they would do in it.
        Need::Operator if standing.is_some_and(|s| s.relation == Relation::Stranger) => return Err(Error::NotFound),
        Need::Operator => return Err(Error::denied("Only operators of this installation can do that.")),
        Need::Inside | Need::Member | Need::Org(_) | Need::Project(_) => {
            let standing = standing.ok_or(Error::NotFound)?;
            enter(standing, user.assurance())?;
            hold(standing, action.need)?;
        }
    }
    // Who has a second factor proves it before anything that asks for a fresh sign-in, whatever the organization wants.
    if action.fresh && user.mfa_enrolled && !user.assurance().mfa_proved {
        return Err(Error::StepUp(StepUp::VerifyMfa));
    }
    if action.fresh && user.proved_at().is_some_and(|at| at.plus(FRESH) < now) {
        return Err(Error::StepUp(StepUp::Fresh));
    }
    Ok(())
}

/// Whether the person may enter the organization at all.
fn enter(standing: &Standing, assurance: Assurance) -> Result<()> {
    match standing.verdict(assurance) {
        Verdict::Admitted => Ok(()),
        Verdict::Stranger => Err(Error::NotFound),
        Verdict::Suspended => Err(Error::Denied(format!("Your membership of {} is suspended. Ask one of its admins.", standing.org.name))),
        Verdict::EnrolMfa => Err(Error::StepUp(StepUp::EnrolMfa)),
        Verdict::VerifyMfa => Err(Error::StepUp(StepUp::VerifyMfa)),
    }
}

/// Whether what they hold is enough. To an external the organization beyond their projects does not exist.
fn hold(standing: &Standing, need: Need) -> Result<()> {
    match need {
        Need::Member if standing.relation != Relation::Member => Err(Error::NotFound),
        Need::Org(key) if !standing.in_org.has(key) => match standing.relation {
            Relation::External => Err(Error::NotFound),
            _ => Err(missing(key)),
        },
        Need::Project(key) => {
            let held = standing.on_project();
            if standing.project.is_none() || !held.has("projects.read") {
                return Err(Error::NotFound);
            }
            if held.has(key) { Ok(()) } else { Err(missing(key)) }
        }
        _ => Ok(()),
    }
}

fn missing(key: &str) -> Error {
    let what = super::permissions::find(key).map_or(key, |p| p.description);
    Error::Denied(format!("You need the permission {key} for that ({}). Ask an admin of the organization.", what.to_lowercase()))
}
