//! Writes: roles and status of a member, removal. What is taken away is closed, never erased.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::restore::{Gone, Stay, Told};
use super::{Held, Member, store};
use crate::access::{self, Action, Need, OrgRef, Population, Ref, give};
use crate::base::audit::Target;
use crate::base::db::Ts;
use crate::base::error::{Error, FieldError, Result};
use crate::base::form::confirmed;
use crate::base::ids::{RoleId, UserId};
use crate::base::ops::{Command, Place};
use crate::base::text::{Email, names};
use crate::base::tx::{Actor, Tx};
use crate::roles::{self, Role};

/// Sets the roles of a member: what is new is given, what is missing is taken.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetRoles {
    pub org: OrgRef,
    pub member: Ref,
    /// Keys or ids; may be empty.
    #[serde(default)]
    pub roles: Vec<String>,
}

impl Command for SetRoles {
    const ACTION: Action = Action::new("member.roles", Need::Org("roles.assign"));
    type Output = Member;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn population(&self, tx: &mut Tx<'_>) -> Result<Population> {
        Ok(Population::Users(vec![store::find(tx, &self.member)?.user_id]))
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Member> {
        let before = store::find(tx, &self.member)?;
        tx.expect_rev(before.rev)?;
        let wanted = roles::store::by_refs(tx, "org", &self.roles, "roles")?;
        let after = set_roles(tx, &before, &wanted)?;
        let summary = format!("set the roles of {} to {}", after.name, role_names(&after.roles));
        tx.record(Target::new("member", &after.id, &after.name), summary, &before, &after)?;
        Ok(after)
    }
}

fn role_names(roles: &[Held]) -> String {
    match roles {
        [] => "none".into(),
        some => names(&some.iter().map(|r| r.name.clone()).collect::<Vec<_>>(), 10),
    }
}

/// Gives and takes; nobody hands out what they do not hold, and nobody takes from those above them.
pub fn set_roles(tx: &mut Tx<'_>, member: &Member, wanted: &[Role]) -> Result<Member> {
    let org = tx.org_id()?;
    let now: BTreeSet<&str> = member.roles.iter().map(|r| r.id.as_str()).collect();
    let then: BTreeSet<&str> = wanted.iter().map(|r| r.id.as_ref()).collect();
    for role in wanted.iter().filter(|r| !now.contains(r.id.as_ref())) {
        may_touch(tx, &role.id, &role.name)?;
        store::assign(tx, &org, &member.user_id, &role.id, "manual", None)?;
    }
    for role in member.roles.iter().filter(|r| !then.contains(r.id.as_str())) {
        let id = <RoleId as crate::base::ids::Id>::known(role.id.clone());
        may_touch(tx, &id, &role.name)?;
        store::unassign(tx.c, &org, &member.user_id, &id, tx.now)?;
    }
    store::bump(tx, &member.id, None)?;
    store::get(tx.c, &org, &member.id, tx.now)?.ok_or(Error::NotFound)
}

pub fn may_touch(tx: &mut Tx<'_>, role: &RoleId, name: &str) -> Result<()> {
    let org = tx.org_id()?;
    let perms = access::store::role_perms(tx.c, &org, role)?;
    give::may_give_in_org(&tx.caller.actor, tx.standing.as_ref(), &perms, name)
}

/// Who holds more than the actor is not theirs to suspend or remove.
fn not_above(tx: &mut Tx<'_>, member: &Member) -> Result<()> {
    for role in &member.roles {
        may_touch(tx, &<RoleId as crate::base::ids::Id>::known(role.id.clone()), &role.name)?;
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Active,
    Suspended,
}

/// Suspends a member, or lets them back in. What they hold stays and is worth nothing meanwhile.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetStatus {
    pub org: OrgRef,
    pub member: Ref,
    pub status: Status,
}

impl Command for SetStatus {
    const ACTION: Action = Action::new("member.status", Need::Org("members.remove"));
    type Output = Member;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn population(&self, tx: &mut Tx<'_>) -> Result<Population> {
        Ok(Population::Users(vec![store::find(tx, &self.member)?.user_id]))
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Member> {
        let before = store::find(tx, &self.member)?;
        tx.expect_rev(before.rev)?;
        let after = set_status(tx, &before, self.status)?;
        let verb = if self.status == Status::Suspended { "suspended" } else { "reinstated" };
        tx.record(Target::new("member", &after.id, &after.name), format!("{verb} {}", after.name), &before, &after)?;
        Ok(after)
    }
}

pub fn set_status(tx: &mut Tx<'_>, member: &Member, status: Status) -> Result<Member> {
    not_above(tx, member)?;
    let word = if status == Status::Suspended { "suspended" } else { "active" };
    store::bump(tx, &member.id, Some(word))?;
    let org = tx.org_id()?;
    store::get(tx.c, &org, &member.id, tx.now)?.ok_or(Error::NotFound)
}

/// PATCH of a member: roles, status, or both.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMember {
    pub org: OrgRef,
    pub member: Ref,
    pub roles: Option<Vec<String>>,
    pub status: Option<Status>,
}

impl Command for UpdateMember {
    /// What is needed depends on what is changed; each part asks for its own right.
    const ACTION: Action = Action::new("member.update", Need::Member);
    type Output = Member;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn population(&self, tx: &mut Tx<'_>) -> Result<Population> {
        Ok(Population::Users(vec![store::find(tx, &self.member)?.user_id]))
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Member> {
        let needs = [(self.roles.is_some(), SetRoles::ACTION), (self.status.is_some(), SetStatus::ACTION)];
        let asked: Vec<Action> = needs.into_iter().filter(|(asked, _)| *asked).map(|(_, action)| action).collect();
        for action in if asked.is_empty() { vec![SetRoles::ACTION] } else { asked } {
            access::decide(&tx.caller.actor, tx.standing.as_ref(), &action, tx.now)?;
        }
        let before = store::find(tx, &self.member)?;
        tx.expect_rev(before.rev)?;
        let mut after = before.clone();
        if let Some(wanted) = &self.roles {
            let wanted = roles::store::by_refs(tx, "org", wanted, "roles")?;
            after = set_roles(tx, &after, &wanted)?;
        }
        if let Some(status) = self.status {
            after = set_status(tx, &after, status)?;
        }
        tx.record(Target::new("member", &after.id, &after.name), format!("changed {}", after.name), &before, &after)?;
        Ok(after)
    }
}

/// Removes a member: their roles here, their grants here, at once and for good. The person and their other organizations stay.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveMember {
    pub org: OrgRef,
    pub member: Ref,
}

impl Command for RemoveMember {
    const ACTION: Action = Action::new("member.remove", Need::Org("members.remove"));
    type Output = Member;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn population(&self, tx: &mut Tx<'_>) -> Result<Population> {
        Ok(Population::Users(vec![store::find(tx, &self.member)?.user_id]))
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Member> {
        let before = store::find(tx, &self.member)?;
        tx.expect_rev(before.rev)?;
        let (after, ends) = remove(tx, &before)?;
        let told = Told { what: &before, gone: Gone { people: vec![Stay::from(&before)], ends } };
        tx.record(Target::new("member", &after.id, &after.name), format!("removed {}", after.name), &told, &after)?;
        Ok(after)
    }
}

/// Also returns the ends that their access would have had.
pub fn remove(tx: &mut Tx<'_>, member: &Member) -> Result<(Member, BTreeMap<String, Ts>)> {
    not_above(tx, member)?;
    let org = tx.org_id()?;
    let ends = store::close_everything(tx.c, &org, &member.user_id, tx.now)?;
    let gone = Member { status: "removed".into(), roles: Vec::new(), rev: member.rev + 1, updated_at: tx.now, ..member.clone() };
    Ok((gone, ends))
}

/// Takes every access of an external at once.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveExternal {
    pub org: OrgRef,
    pub user: Ref,
}

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RemovedExternal {
    pub user_id: String,
    pub name: String,
}

impl Command for RemoveExternal {
    const ACTION: Action = Action::new("external.remove", Need::Org("members.remove"));
    type Output = RemovedExternal;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn population(&self, _: &mut Tx<'_>) -> Result<Population> {
        Ok(Population::Users(vec![<UserId as crate::base::ids::Id>::known(self.user.to_string())]))
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<RemovedExternal> {
        let org = tx.org_id()?;
        let person = store::insider(tx.c, &org, self.user.as_str(), tx.now)?.filter(|p| p.external).ok_or(Error::NotFound)?;
        let user = <UserId as crate::base::ids::Id>::known(person.id.clone());
        let held: Vec<String> = access::store::reaches(tx.c, &org, &user, tx.now)?.into_iter().map(|r| r.what).collect();
        let ends = store::close_everything(tx.c, &org, &user, tx.now)?;
        let stay = Stay { user_id: user.clone(), name: person.name.clone(), member: false, suspended: false };
        let told = Told { what: &serde_json::json!({"access": held}), gone: Gone { people: vec![stay], ends } };
        tx.record(Target::new("user", &user, &person.name), format!("took all access from {}", person.name), &told, &())?;
        Ok(RemovedExternal { user_id: person.id, name: person.name })
    }
}

/// Makes existing users members without asking them. For operators and the command line; everybody else invites.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddMembers {
    pub org: OrgRef,
    pub members: Vec<NewMember>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    pub user_id: Option<UserId>,
    pub email: Option<Email>,
    /// DEFAULT when left out; an empty list gives none.
    pub roles: Option<Vec<String>>,
}

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Added {
    pub items: Vec<Member>,
}

impl Command for AddMembers {
    const ACTION: Action = Action::new("member.add", Need::Operator);
    type Output = Added;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Added> {
        let org = tx.org_id()?;
        if self.members.is_empty() || self.members.len() > 500 {
            return Err(Error::field("members", "invalid", "Name 1 to 500 people."));
        }
        let mut items = Vec::new();
        for (at, new) in self.members.iter().enumerate() {
            let field = format!("members[{at}]");
            let user = match (&new.user_id, &new.email) {
                (Some(id), None) => store::user_id(tx.c, Some(id.as_ref()), None)?,
                (None, Some(email)) => store::user_id(tx.c, None, Some(email))?,
                _ => return Err(Error::field(&field, "invalid", "Give either user_id or email.")),
            };
            let user = user.ok_or_else(|| Error::field(&field, "unknown", "There is no such user on this installation."))?;
            let default = vec!["DEFAULT".to_owned()];
            let wanted = roles::store::by_refs(tx, "org", new.roles.as_ref().unwrap_or(&default), &format!("{field}.roles"))?;
            // An operator holds the whole installation and may put people into any organization; its log says who did.
            if store::membership(tx.c, &org, &user, tx.now)?.is_some() {
                return Err(Error::Invalid(vec![FieldError::new(field, "taken", "Is a member already.")]));
            }
            let id = store::insert(tx, &org, &user, "manual", None)?;
            for role in &wanted {
                store::assign(tx, &org, &user, &role.id, "manual", None)?;
            }
            items.push(store::get(tx.c, &org, &id, tx.now)?.ok_or(Error::NotFound)?);
        }
        let all: Vec<String> = items.iter().map(|m| m.name.clone()).collect();
        let (id, name) = (tx.org()?.id.clone(), tx.org()?.name.clone());
        tx.record(Target::new("organization", id, name), format!("added {}", names(&all, 5)), &(), &items)?;
        Ok(Added { items })
    }
}

/// Leaves an organization on one's own.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Leave {
    pub org: OrgRef,
    /// The short name of the organization, typed by a person; a program may leave it out.
    pub confirm: Option<String>,
}

impl Command for Leave {
    const ACTION: Action = Action::new("member.leave", Need::Member);
    type Output = Member;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn population(&self, tx: &mut Tx<'_>) -> Result<Population> {
        Ok(Population::Users(vec![tx.me()?.id.clone()]))
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Member> {
        let Actor::User(me) = &tx.caller.actor else { return Err(Error::SignIn) };
        let (org, me) = (tx.org_id()?, me.id.clone());
        confirmed(self.confirm.as_deref(), &tx.org()?.slug, "leave the organization")?;
        let id = store::membership(tx.c, &org, &me, tx.now)?.ok_or(Error::NotFound)?;
        let before = store::get(tx.c, &org, &id, tx.now)?.ok_or(Error::NotFound)?;
        store::close_everything(tx.c, &org, &me, tx.now)?;
        tx.record(Target::new("member", &before.id, &before.name), format!("{} left", before.name), &before, &())?;
        Ok(Member { status: "removed".into(), roles: Vec::new(), ..before })
    }
}
