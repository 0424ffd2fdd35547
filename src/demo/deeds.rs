//! One entry of the chronicle becomes one command.

use super::chronicle::{Deed, Entry, Whom};
use super::stage::{Stage, email, line, name};
use super::store;
use crate::access::{Mfa, Ref};
use crate::account::tokens::CreateToken;
use crate::base::db::Ts;
use crate::base::db::time::DAY;
use crate::base::error::{Error, Result};
use crate::base::text::Slug;
use crate::invitations::commands::{Revoke, SendAgain};
use crate::members::commands::{Leave, RemoveMember, SetRoles, SetStatus, Status};
use crate::orgs::commands::{CreateOrg, UpdateOrg};
use crate::projects::commands::{CreateProject, DeleteProject};
use crate::projects::grants::{ChangeAccess, GiveAccess, SubjectKind, SubjectRef, TakeAccess};
use crate::roles::commands::CreateRole;
use crate::security::commands::SetPolicy;

pub fn perform(stage: &mut Stage, entry: &Entry) -> Result<()> {
    let (org, who) = (Ref::new(entry.org), entry.who);
    match entry.deed {
        Deed::Founds { name: n, description } => {
            let command = CreateOrg { name: name(n)?, slug: Some(slug(entry.org)?), description: Some(line(description)?) };
            stage.run(who, &command).map(drop)
        }
        Deed::Describes(text) => stage.run(who, &UpdateOrg { org, name: None, slug: None, description: Some(line(text)?) }).map(drop),
        Deed::MakesRole { name: n, description, permissions } => {
            let permissions = permissions.iter().map(|p| (*p).to_owned()).collect();
            let command = CreateRole { org, name: name(n)?, key: None, description: Some(line(description)?), kind: None, level: None, permissions };
            stage.run(who, &command).map(drop)
        }
        Deed::Promotes(whom, role) => {
            let mut roles = held(stage, entry.org, whom)?;
            roles.push(role.to_owned());
            let member = stage.member(entry.org, whom)?;
            stage.run(who, &SetRoles { org, member, roles }).map(drop)
        }
        Deed::Creates { project, description } => {
            let command = CreateProject { org, name: name(project)?, slug: None, description: Some(line(description)?), workspace_id: None };
            stage.run(who, &command).map(drop)
        }
        Deed::TriesToCreate(project) => {
            stage.tries(who, &CreateProject { org, name: name(project)?, slug: None, description: None, workspace_id: None })
        }
        Deed::Deletes(project) => stage.run(who, &DeleteProject { org, project: Ref::new(project), confirm: Some(project.to_owned()) }).map(drop),
        Deed::Gives(project, whom, level) => give(stage, entry, project, whom, level, None),
        Deed::GivesUntil(project, whom, level, days) => {
            let end = stage.today.plus(days * DAY);
            give(stage, entry, project, whom, level, Some(end))
        }
        Deed::Changes(project, whom, level) => {
            let grant = grant(stage, entry, project, whom)?;
            let command = ChangeAccess { org, project: Ref::new(project), grant, role: Some(level.to_owned()), valid_to: None };
            stage.run(who, &command).map(drop)
        }
        Deed::Takes(project, whom) => {
            let grant = grant(stage, entry, project, whom)?;
            stage.run(who, &TakeAccess { org, project: Ref::new(project), grant }).map(drop)
        }
        Deed::Invites(address, roles) => stage.invite(who, entry.org, address, roles),
        Deed::TriesToInvite(address) => match stage.invite(who, entry.org, address, &["DEFAULT"]) {
            Err(Error::Denied(_)) => Ok(()),
            other => other.and(Err(Error::internal(format!("{who} was allowed to invite")))),
        },
        Deed::SendsAgain(address) => {
            let invitation = Ref::new(&stage.invitation(entry.org, address)?.1.id);
            stage.run(who, &SendAgain { org, invitation }).map(drop)
        }
        Deed::Withdraws(address) => {
            let invitation = Ref::new(&stage.invitation(entry.org, address)?.1.id);
            stage.run(who, &Revoke { org, invitation }).map(drop)
        }
        Deed::Bounces(address, why) => stage.world.db.write(|c| store::mail_was_refused(c, address, why, stage.now())),
        Deed::Suspends(whom) => status(stage, entry, whom, Status::Suspended),
        Deed::Reinstates(whom) => status(stage, entry, whom, Status::Active),
        Deed::Removes(whom) => {
            let member = stage.member(entry.org, whom)?;
            stage.run(who, &RemoveMember { org, member }).map(drop)
        }
        Deed::Leaves => stage.run(who, &Leave { org, confirm: None }).map(drop),
        Deed::ExternalsNeedMfa(mfa_externals) => stage.run(who, &SetPolicy { org, mfa: Mfa::Off, mfa_externals }).map(drop),
        Deed::MakesToken(n) => stage.run(who, &CreateToken { name: name(n)?, days: Some(365) }).map(drop),
    }
}

fn slug(text: &str) -> Result<Slug> {
    Slug::parse(text).map_err(Error::internal)
}

fn held(stage: &Stage, org: &str, whom: &str) -> Result<Vec<String>> {
    let member = stage.member(org, whom)?;
    let mut c = stage.world.db.reader()?;
    let org = store::org_id(&mut c, org)?;
    let found = crate::members::store::by_ref(&mut c, &org, member.as_str(), stage.now())?.ok_or(Error::NotFound)?;
    Ok(found.roles.into_iter().map(|r| r.id).collect())
}

fn give(stage: &mut Stage, entry: &Entry, project: &str, whom: Whom, level: &str, valid_to: Option<Ts>) -> Result<()> {
    let subject = match whom {
        Whom::Everyone => SubjectRef { kind: SubjectKind::Everyone, id: None, email: None },
        Whom::Role(key) => SubjectRef { kind: SubjectKind::Role, id: Some(key.to_owned()), email: None },
        Whom::Person(address) if address.contains('@') => SubjectRef { kind: SubjectKind::User, id: None, email: Some(email(address)?) },
        Whom::Person(who) => SubjectRef { kind: SubjectKind::User, id: Some(stage.id_of(who)?.to_string()), email: None },
    };
    let command = GiveAccess { org: Ref::new(entry.org), project: Ref::new(project), subject, role: level.to_owned(), valid_to };
    stage.run(entry.who, &command).map(drop)
}

/// The grant that somebody has on a project.
fn grant(stage: &Stage, entry: &Entry, project: &str, whom: Whom) -> Result<Ref> {
    use crate::projects::store as projects;
    let mut c = stage.world.db.reader()?;
    let org = store::org_id(&mut c, entry.org)?;
    let id = store::project_id(&mut c, &org, project)?;
    let found = projects::grants(&mut c, &org, &id, stage.now())?.into_iter().find(|grant| match whom {
        Whom::Everyone => grant.subject.kind == "everyone",
        Whom::Role(key) => grant.subject.kind == "role" && grant.subject.name.eq_ignore_ascii_case(key),
        Whom::Person(who) => stage.id_of(super::stage::local(who)).is_ok_and(|user| grant.subject.id == user.as_ref()),
    });
    Ok(Ref::new(found.ok_or_else(|| Error::internal(format!("there is no such grant on {project}")))?.id))
}

fn status(stage: &mut Stage, entry: &Entry, whom: &str, status: Status) -> Result<()> {
    let member = stage.member(entry.org, whom)?;
    stage.run(entry.who, &SetStatus { org: Ref::new(entry.org), member, status }).map(drop)
}
