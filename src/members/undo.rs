//! How changes of members are taken back. Who left on their own comes back only by being asked.

use super::Member;
use super::bulk::{Change, ChangeMembers, Told};
use super::commands::{RemoveExternal, RemoveMember, SetRoles, SetStatus, Status, UpdateMember};
use super::restore::{Gone, Restore, Stay};
use crate::access::Ref;
use crate::base::undo::{Inverse, Past};

pub fn of(past: &Past) -> Option<Inverse> {
    let org = past.org.clone();
    let roles = |was: &Member| was.roles.iter().map(|r| r.id.clone()).collect::<Vec<_>>();
    if past.is::<SetRoles>() {
        let was: Member = past.before()?;
        return past.back(SetRoles { org, member: Ref::new(&was.id), roles: roles(&was) });
    }
    if past.is::<SetStatus>() {
        let was: Member = past.before()?;
        return past.back(SetStatus { org, member: Ref::new(&was.id), status: status(&was.status)? });
    }
    if past.is::<UpdateMember>() {
        let (was, is): (Member, Member) = (past.before()?, past.after()?);
        let changed = |one: bool| one.then_some(());
        let status = changed(was.status != is.status).and_then(|()| status(&was.status));
        let roles = changed(roles(&was) != roles(&is)).map(|()| roles(&was));
        return past.back(UpdateMember { org, member: Ref::new(&was.id), roles, status });
    }
    if past.is::<RemoveMember>() || past.is::<RemoveExternal>() {
        let gone: Gone = past.before()?;
        return past.back(Restore { org, people: gone.people, at: past.at, ends: gone.ends });
    }
    if past.is::<Restore>() {
        return again(past);
    }
    if past.is::<ChangeMembers>() {
        return many(past);
    }
    None
}

fn status(word: &str) -> Option<Status> {
    match word {
        "active" => Some(Status::Active),
        "suspended" => Some(Status::Suspended),
        _ => None,
    }
}

/// Who was brought back goes again.
fn again(past: &Past) -> Option<Inverse> {
    let org = past.org.clone();
    let back: Vec<Stay> = past.after::<Gone>()?.people;
    match back.as_slice() {
        [one] if one.member => past.back(RemoveMember { org, member: Ref::new(&one.user_id) }),
        [one] => past.back(RemoveExternal { org, user: Ref::new(&one.user_id) }),
        _ => None,
    }
}

fn many(past: &Past) -> Option<Inverse> {
    let (org, told): (_, Told) = (past.org.clone(), past.after()?);
    let change = match told.change {
        Change::AddRole => Change::TakeRole,
        Change::TakeRole => Change::AddRole,
        Change::Suspend => Change::Reinstate,
        Change::Reinstate => Change::Suspend,
        Change::Remove => {
            return past.back(Restore { org, people: told.members.into_iter().map(Stay::from).collect(), at: past.at, ends: told.ends });
        }
    };
    let (ids, left) = told.members.into_iter().map(|m| (m.id.to_string(), (m.id.to_string(), m.rev))).unzip();
    past.back(ChangeMembers { org, change, role: told.role.map(|r| r.id), ids, filter: None, left })
}
