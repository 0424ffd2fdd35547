//! Writes: give, change and take access to a project.

use serde::Deserialize;

use super::{Grant, Subject, store};
use crate::access::{self, Action, Need, OrgRef, Population, Ref, give};
use crate::base::audit::Target;
use crate::base::db::time::HOUR;
use crate::base::db::{Ts, limits};
use crate::base::error::{Error, Result};
use crate::base::ids::{Id, OrgId, ProjectId, RoleId, UserId};
use crate::base::ops::{Command, Place};
use crate::base::text::{Email, Name};
use crate::base::tx::Tx;
use crate::{account, members, roles};

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectRef {
    pub kind: SubjectKind,
    /// The id of the user, or id or key of the role. Not for everyone.
    pub id: Option<String>,
    /// Instead of `id`: an external person by address. Without an account they get one, and a mail to choose its password.
    pub email: Option<Email>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    User,
    Role,
    Everyone,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveAccess {
    pub org: OrgRef,
    pub project: Ref,
    pub subject: SubjectRef,
    /// `viewer`, `editor` or `owner`.
    pub role: String,
    /// Ends by itself at this time.
    pub valid_to: Option<Ts>,
}

impl Command for GiveAccess {
    const ACTION: Action = Action::new("grant.create", Need::Project("projects.share"));
    type Output = Grant;

    fn place(&self) -> Place {
        Place::Project(self.org.clone(), self.project.clone())
    }

    fn population(&self, tx: &mut Tx<'_>) -> Result<Population> {
        let subject = resolve(tx, &self.subject)?;
        Ok(touched(&subject))
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Grant> {
        let project = tx.project()?;
        let role = project_role(tx, &self.role)?;
        let subject = resolve(tx, &self.subject)?;
        let subject = with_account(tx, subject)?;
        let grant = give(tx, subject, &role, self.valid_to)?;
        let summary = format!("gave {} {} on {}", grant.subject.name, role.name, project.name);
        tx.record(Target::new("project", &project.id, &project.name), summary, &(), &grant)?;
        if grant.subject.external {
            tell(tx, &grant, &project.name)?;
        }
        Ok(grant)
    }
}

/// Opens a row for somebody who has none yet.
fn give(tx: &mut Tx<'_>, subject: Subject, role: &roles::Role, valid_to: Option<Ts>) -> Result<Grant> {
    let (org, project) = (tx.org_id()?, tx.project()?);
    if valid_to.is_some_and(|end| end <= tx.now) {
        return Err(Error::field("valid_to", "invalid", "The end has to lie ahead."));
    }
    if let Some(existing) = store::grant_of(tx.c, &org, &project.id, &subject, tx.now)? {
        return Err(Error::Conflict(format!(
            "{} has access to {} already ({}). Change the level there.",
            subject.name, project.name, existing.role_name
        )));
    }
    let grant = Grant {
        id: tx.id(),
        project_id: project.id,
        subject,
        role: role.key.clone(),
        role_name: role.name.clone(),
        source: "manual".into(),
        valid_to,
        rev: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let by = tx.by();
    store::insert_grant(tx.c, &org, &grant, &role.id, "manual", None, &by)?;
    Ok(grant)
}

/// Access that comes with joining, given by whoever promised it.
pub fn hand_over(tx: &mut Tx<'_>, project: &ProjectId, user: &UserId, role: &RoleId, source: (&str, Option<&str>), by: &str) -> Result<()> {
    let (org, (kind, source)) = (tx.org_id()?, source);
    let subject = Subject { kind: "user".into(), id: user.to_string(), name: String::new(), email: None, external: false };
    let grant = Grant {
        id: tx.id(),
        project_id: project.clone(),
        subject,
        role: String::new(),
        role_name: String::new(),
        source: kind.into(),
        valid_to: None,
        rev: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    store::insert_grant(tx.c, &org, &grant, role, kind, source, by)
}

/// Gives access back that was taken: to the same subject, at the same level, in a row of its own. It takes back a removal; whoever is to
/// have access anew is given it.
#[derive(Debug)]
pub struct ReturnAccess {
    pub org: OrgRef,
    pub project: Ref,
    /// The row that has ended.
    pub grant: Ref,
    pub valid_to: Option<Ts>,
    /// Whether it was somebody from outside.
    pub external: bool,
}

impl Command for ReturnAccess {
    const ACTION: Action = GiveAccess::ACTION;
    type Output = Grant;

    fn place(&self) -> Place {
        Place::Project(self.org.clone(), self.project.clone())
    }

    fn population(&self, tx: &mut Tx<'_>) -> Result<Population> {
        Ok(touched(&self.ended(tx)?.subject))
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Grant> {
        let (org, project, was) = (tx.org_id()?, tx.project()?, self.ended(tx)?);
        let role = project_role(tx, &was.role)?;
        let there = match was.subject.kind.as_str() {
            "user" => members::store::is_active(tx.c, &UserId::known(was.subject.id.clone()))?,
            "role" => roles::store::by_ref(tx.c, &org, "org", &was.subject.id, tx.now)?.is_some(),
            _ => true,
        };
        if !there {
            return Err(Error::Conflict(format!("{} is not there any more.", was.subject.name)));
        }
        if was.subject.external && !self.external {
            return Err(Error::Conflict(format!("{} is no member any more. Give access anew if that is meant.", was.subject.name)));
        }
        let grant = give(tx, was.subject, &role, self.valid_to)?;
        let summary = format!("gave {} {} on {} back", grant.subject.name, role.name, project.name);
        tx.record(Target::new("project", &project.id, &project.name), summary, &(), &grant)?;
        Ok(grant)
    }
}

impl ReturnAccess {
    fn ended(&self, tx: &mut Tx<'_>) -> Result<Grant> {
        let (org, project) = (tx.org_id()?, tx.project()?);
        let mut was = store::ended_grant(tx.c, &org, &project.id, self.grant.as_str(), tx.now)?.ok_or(Error::NotFound)?;
        // Whether a person is from outside is known of those who have access now; this one has none.
        if was.subject.kind == "user" {
            was.subject.external = members::store::membership(tx.c, &org, &UserId::known(was.subject.id.clone()), tx.now)?.is_none();
        }
        Ok(was)
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAccess {
    pub org: OrgRef,
    pub project: Ref,
    pub grant: Ref,
    pub role: Option<String>,
    pub valid_to: Option<Ts>,
}

impl Command for ChangeAccess {
    const ACTION: Action = Action::new("grant.update", Need::Project("projects.share"));
    type Output = Grant;

    fn place(&self) -> Place {
        Place::Project(self.org.clone(), self.project.clone())
    }

    fn population(&self, tx: &mut Tx<'_>) -> Result<Population> {
        Ok(touched(&find(tx, &self.grant)?.subject))
    }

    /// Nothing is overwritten: the old row ends now, the new one begins, so that history can be asked what was true when.
    fn run(&self, tx: &mut Tx<'_>) -> Result<Grant> {
        let org = tx.org_id()?;
        let project = tx.project()?;
        let before = find(tx, &self.grant)?;
        tx.expect_rev(before.rev)?;
        let role = project_role(tx, self.role.as_deref().unwrap_or(&before.role))?;
        let valid_to = self.valid_to.or(before.valid_to);
        if valid_to.is_some_and(|end| end <= tx.now) {
            return Err(Error::field("valid_to", "invalid", "The end has to lie ahead."));
        }
        store::close_grant(tx.c, &org, &before.id, tx.now)?;
        let after = Grant {
            id: tx.id(),
            role: role.key.clone(),
            role_name: role.name.clone(),
            source: "manual".into(),
            valid_to,
            rev: before.rev + 1,
            updated_at: tx.now,
            ..before.clone()
        };
        let by = tx.by();
        store::insert_grant(tx.c, &org, &after, &role.id, "manual", None, &by)?;
        let summary = format!("changed {} from {} to {} on {}", after.subject.name, before.role_name, after.role_name, project.name);
        tx.record(Target::new("project", &project.id, &project.name), summary, &before, &after)?;
        Ok(after)
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeAccess {
    pub org: OrgRef,
    pub project: Ref,
    pub grant: Ref,
}

impl Command for TakeAccess {
    const ACTION: Action = Action::new("grant.delete", Need::Project("projects.share"));
    type Output = Grant;

    fn place(&self) -> Place {
        Place::Project(self.org.clone(), self.project.clone())
    }

    fn population(&self, tx: &mut Tx<'_>) -> Result<Population> {
        Ok(touched(&find(tx, &self.grant)?.subject))
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Grant> {
        let org = tx.org_id()?;
        let project = tx.project()?;
        let grant = find(tx, &self.grant)?;
        tx.expect_rev(grant.rev)?;
        store::close_grant(tx.c, &org, &grant.id, tx.now)?;
        let summary = format!("took {} on {} from {}", grant.role_name, project.name, grant.subject.name);
        tx.record(Target::new("project", &project.id, &project.name), summary, &grant, &())?;
        Ok(grant)
    }
}

/// The project role with this key; giving it asks whether the giver holds it.
pub fn project_role(tx: &mut Tx<'_>, key: &str) -> Result<roles::Role> {
    let org = tx.org_id()?;
    let role = roles::store::by_ref(tx.c, &org, "project", key, tx.now)?
        .ok_or_else(|| Error::field("role", "unknown", "Choose viewer, editor or owner."))?;
    let wanted = access::store::role_perms(tx.c, &org, &role.id)?;
    give::may_give_on_project(&tx.caller.actor, tx.standing.as_ref(), &wanted, &role.name)?;
    Ok(role)
}

fn find(tx: &mut Tx<'_>, grant: &Ref) -> Result<Grant> {
    let (org, project) = (tx.org_id()?, tx.project()?);
    store::grant(tx.c, &org, &project.id, grant.as_str(), tx.now)?.ok_or(Error::NotFound)
}

fn resolve(tx: &mut Tx<'_>, wanted: &SubjectRef) -> Result<Subject> {
    let org = tx.org_id()?;
    let nobody = |text: &str| Error::field("subject", "unknown", text);
    match (wanted.kind, &wanted.id, &wanted.email) {
        (SubjectKind::Everyone, None, None) => {
            Ok(Subject { kind: "everyone".into(), id: String::new(), name: "Everyone".into(), email: None, external: false })
        }
        (SubjectKind::Role, Some(id), None) => {
            let role = roles::store::by_ref(tx.c, &org, "org", id, tx.now)?.ok_or_else(|| nobody("There is no such role here."))?;
            Ok(Subject { kind: "role".into(), id: role.id.to_string(), name: role.name, email: None, external: false })
        }
        // Only people who are already inside, as member or external, can be named by id: an id tells nothing about strangers.
        (SubjectKind::User, Some(id), None) => {
            members::store::insider(tx.c, &org, id, tx.now)?.ok_or_else(|| nobody("There is no such person here."))
        }
        (SubjectKind::User, None, Some(email)) => Ok(named_by_address(tx, &org, email)?.unwrap_or_else(|| Subject::stranger(email))),
        _ => Err(Error::field("subject", "invalid", "Name one: a role or person by id, a person by email, or everyone.")),
    }
}

/// Somebody with an account, found by address; counted, so that nobody goes through a list of addresses to learn who has one.
fn named_by_address(tx: &mut Tx<'_>, org: &OrgId, email: &Email) -> Result<Option<Subject>> {
    if tx.is_preview() {
        // It tells nothing about strangers: their address stands for them, whether they have an account or not.
        return Ok(members::store::person_by_email(tx.c, org, email, tx.now)?.filter(|person| !person.external));
    }
    let bucket = format!("by-address:{}", tx.caller.actor.label());
    limits::take(tx.c, &bucket, 1000, HOUR, tx.now, "Too many people named by address in an hour. Go on later.")?;
    members::store::person_by_email(tx.c, org, email, tx.now)
}

/// A person whom only an address stands for gets an account, to be taken up by the mail that goes there.
fn with_account(tx: &mut Tx<'_>, subject: Subject) -> Result<Subject> {
    let email = match subject.email.as_deref().map(Email::parse) {
        Some(Ok(email)) if subject.id.is_empty() && !tx.is_preview() => email,
        _ => return Ok(subject),
    };
    if account::store::user_by_email(tx.c, &email)?.is_some() {
        let text = format!("{email} cannot be given access: its account was switched off, or its address was never confirmed.");
        return Err(Error::field("subject.email", "invalid", text));
    }
    let id = account::store::insert_user(tx, &email, &Name::of(&email), None, false, false)?;
    Ok(Subject { id: id.to_string(), ..subject })
}

fn touched(subject: &Subject) -> Population {
    match subject.kind.as_str() {
        "user" => Population::Users(vec![UserId::known(subject.id.clone())]),
        "role" => Population::Holders(RoleId::known(subject.id.clone())),
        _ => Population::Nobody,
    }
}

/// An external learns by mail that a project was opened to them, and takes up their account by it when it is new.
fn tell(tx: &mut Tx<'_>, grant: &Grant, project: &str) -> Result<()> {
    let Some(to) = grant.subject.email.as_deref().and_then(|e| Email::parse(e).ok()) else { return Ok(()) };
    let org = tx.org()?.clone();
    let by = tx.caller.actor.user().map_or_else(|| "An admin".to_owned(), |u| u.name.clone());
    let user = account::store::user(tx.c, &UserId::known(grant.subject.id.clone()))?.filter(account::store::User::is_unclaimed);
    let first = user.map(|user| account::links::first_password(tx, &user)).transpose()?;
    let mail = members::mails::access_given(tx.world, &org, to, &by, project, &grant.role_name, first)?;
    tx.mail(&mail)?;
    Ok(())
}
