//! One change for many members: those ticked, or all that a filter matches. One transaction, one event that names them all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::queries::MemberFilter;
use super::restore::Stay;
use super::{Held, Member, commands, store};
use crate::access::{self, Action, Need, OrgRef, Population, Ref};
use crate::base::audit::Target;
use crate::base::db::Ts;
use crate::base::error::{Error, Result};
use crate::base::ids::{Id as _, MemberId, RoleId, UserId};
use crate::base::ops::{Command, Place};
use crate::base::text::{count, names};
use crate::base::tx::Tx;
use crate::roles::{self, Role};

/// At most this many at once; more is a job for an import.
pub const MOST: i64 = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    AddRole,
    TakeRole,
    Suspend,
    Reinstate,
    Remove,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMembers {
    pub org: OrgRef,
    pub change: Change,
    /// Key or id, for add_role and take_role.
    pub role: Option<String>,
    /// The members meant, by id.
    #[serde(default)]
    pub ids: Vec<String>,
    /// Instead of ids: everybody whom this filter matches.
    pub filter: Option<MemberFilter>,
    /// When it takes a change back: the revisions that that one has left. Who was changed since is left alone.
    #[serde(skip)]
    #[schemars(skip)]
    pub left: BTreeMap<String, i64>,
}

/// The event of a change for many: whom it changed, and what it takes to put that back.
#[derive(Debug, Serialize, Deserialize)]
pub struct Told {
    pub change: Change,
    pub role: Option<Held>,
    pub members: Vec<Touched>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ends: BTreeMap<String, Ts>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Touched {
    pub id: MemberId,
    pub user_id: UserId,
    pub name: String,
    pub rev: i64,
    /// Whether they were suspended before.
    pub suspended: bool,
}

impl From<Touched> for Stay {
    fn from(m: Touched) -> Self {
        Self { user_id: m.user_id, name: m.name, member: true, suspended: m.suspended }
    }
}

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Changed {
    pub count: i64,
    pub names: Vec<String>,
}

impl ChangeMembers {
    fn meant(&self, tx: &mut Tx<'_>) -> Result<Vec<Member>> {
        let org = tx.org_id()?;
        let roles = store::org_roles(tx.c, &org)?;
        let found = match &self.filter {
            Some(filter) => store::list(tx.c, &org, &roles, &filter.parse(tx.world)?, MOST + 1, tx.now)?,
            None => store::by_ids(tx.c, &org, &self.ids, tx.now)?,
        };
        let untouched = |m: &Member| self.left.get(m.id.as_ref()).is_none_or(|rev| *rev == m.rev);
        let found: Vec<Member> = found.into_iter().filter(untouched).collect();
        match i64::try_from(found.len()).unwrap_or(i64::MAX) {
            0 if !self.left.is_empty() => Err(Error::Conflict("All of them were changed again since.".into())),
            0 => Err(Error::field("ids", "required", "Select at least one member.")),
            n if n > MOST => Err(Error::field("ids", "too_many", "That is more than 10,000 members at once. Narrow the filter.")),
            _ => Ok(found),
        }
    }

    /// Whether there is something to change about them.
    fn changes(&self, member: &Member, role: Option<&Role>) -> bool {
        let holds = role.is_some_and(|role| member.roles.iter().any(|r| r.id == role.id.as_ref()));
        match self.change {
            Change::AddRole => !holds,
            Change::TakeRole => holds,
            Change::Suspend => member.status == "active",
            Change::Reinstate => member.status == "suspended",
            Change::Remove => true,
        }
    }

    /// What is decided about one member is decided by their roles, and those are few: each is asked about once for all of them.
    fn may_touch(&self, tx: &mut Tx<'_>, members: &[&Member], role: Option<&Role>) -> Result<()> {
        let asked: BTreeMap<&str, &str> = match role {
            Some(role) if !members.is_empty() => BTreeMap::from([(role.id.as_ref(), role.name.as_str())]),
            _ => members.iter().flat_map(|m| &m.roles).map(|r| (r.id.as_str(), r.name.as_str())).collect(),
        };
        asked.into_iter().try_for_each(|(id, name)| commands::may_touch(tx, &RoleId::known(id.to_owned()), name))
    }
}

impl Command for ChangeMembers {
    /// What is needed depends on the change.
    const ACTION: Action = Action::new("member.bulk", Need::Member);
    type Output = Changed;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn population(&self, tx: &mut Tx<'_>) -> Result<Population> {
        Ok(Population::Users(self.meant(tx)?.into_iter().map(|m| m.user_id).collect()))
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Changed> {
        let needed = match self.change {
            Change::AddRole | Change::TakeRole => commands::SetRoles::ACTION,
            Change::Suspend | Change::Reinstate => commands::SetStatus::ACTION,
            Change::Remove => commands::RemoveMember::ACTION,
        };
        access::decide(&tx.caller.actor, tx.standing.as_ref(), &needed, tx.now)?;
        let members = self.meant(tx)?;
        let role = match (self.change, &self.role) {
            (Change::AddRole | Change::TakeRole, Some(role)) => roles::store::by_refs(tx, "org", std::slice::from_ref(role), "role")?.pop(),
            (Change::AddRole | Change::TakeRole, None) => return Err(Error::field("role", "required", "Choose a role.")),
            _ => None,
        };
        let members: Vec<&Member> = members.iter().filter(|m| self.changes(m, role.as_ref())).collect();
        self.may_touch(tx, &members, role.as_ref())?;
        let org = tx.org_id()?;
        let (mut touched, mut ends) = (Vec::new(), BTreeMap::new());
        for member in members {
            match (self.change, &role) {
                (Change::AddRole, Some(role)) => {
                    store::assign(tx, &org, &member.user_id, &role.id, "manual", None)?;
                    store::bump(tx, &member.id, None)?;
                }
                (Change::TakeRole, Some(role)) => {
                    store::unassign(tx.c, &org, &member.user_id, &role.id, tx.now)?;
                    store::bump(tx, &member.id, None)?;
                }
                (Change::Suspend, _) => store::bump(tx, &member.id, Some("suspended"))?,
                (Change::Reinstate, _) => store::bump(tx, &member.id, Some("active"))?,
                (Change::Remove, _) => ends.extend(store::close_everything(tx.c, &org, &member.user_id, tx.now)?),
                _ => continue,
            }
            touched.push(Touched {
                id: member.id.clone(),
                user_id: member.user_id.clone(),
                name: member.name.clone(),
                rev: member.rev + 1,
                suspended: member.status == "suspended",
            });
        }
        let done: Vec<String> = touched.iter().map(|m| m.name.clone()).collect();
        let role = role.map(|r| Held { id: r.id.to_string(), key: r.key, name: r.name });
        let role_name = role.as_ref().map(|r| r.name.clone()).unwrap_or_default();
        let n = i64::try_from(done.len()).unwrap_or(0);
        let who = names(&done, 10);
        let summary = match self.change {
            Change::AddRole => format!("gave {role_name} to {}: {who}", count(n, "member", "members")),
            Change::TakeRole => format!("took {role_name} from {}: {who}", count(n, "member", "members")),
            Change::Suspend => format!("suspended {}: {who}", count(n, "member", "members")),
            Change::Reinstate => format!("reinstated {}: {who}", count(n, "member", "members")),
            Change::Remove => format!("removed {}: {who}", count(n, "member", "members")),
        };
        let (id, name) = (tx.org_id()?, tx.org()?.name.clone());
        tx.record(Target::new("organization", id, name), summary, &(), &Told { change: self.change, role, members: touched, ends })?;
        Ok(Changed { count: n, names: done })
    }
}

/// The members by their ids, as references of a form.
pub fn refs(ids: &[String]) -> Vec<Ref> {
    ids.iter().map(Ref::new).collect()
}
