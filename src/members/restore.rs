//! Bringing back who was removed, as they were: the roles and the access that ended with the removal, and nothing else. It takes back
//! a removal and is nothing by itself; later on people are invited again and asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::commands::may_touch;
use super::{Member, store};
use crate::access::{Action, Need, OrgRef, Population, Ref};
use crate::base::audit::Target;
use crate::base::db::Ts;
use crate::base::db::time::DAY;
use crate::base::error::{Error, Result};
use crate::base::ids::UserId;
use crate::base::ops::{self, Command, Place};
use crate::base::text::{count, names};
use crate::base::tx::Tx;
use crate::projects;
use crate::projects::grants::ReturnAccess;
use crate::roles;

/// Beyond this nobody is brought back without being asked.
const WITHIN: i64 = 30 * DAY;

/// Somebody's part in an organization: as member, or from outside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stay {
    pub user_id: UserId,
    pub name: String,
    pub member: bool,
    #[serde(default)]
    pub suspended: bool,
}

impl From<&Member> for Stay {
    fn from(m: &Member) -> Self {
        Self { user_id: m.user_id.clone(), name: m.name.clone(), member: true, suspended: m.status == "suspended" }
    }
}

/// Who went, and until when the access of theirs would have lasted that had an end of its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Gone {
    pub people: Vec<Stay>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ends: BTreeMap<String, Ts>,
}

/// For the event: what is told of them, and what brings them back.
#[derive(Serialize)]
pub struct Told<'a, T> {
    #[serde(flatten)]
    pub what: &'a T,
    #[serde(flatten)]
    pub gone: Gone,
}

#[derive(Debug)]
pub struct Restore {
    pub org: OrgRef,
    pub people: Vec<Stay>,
    /// When they were removed.
    pub at: Ts,
    pub ends: BTreeMap<String, Ts>,
}

impl Command for Restore {
    const ACTION: Action = Action::new("member.restore", Need::Org("members.invite"));
    type Output = ();

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn population(&self, _: &mut Tx<'_>) -> Result<Population> {
        Ok(Population::Users(self.people.iter().map(|p| p.user_id.clone()).collect()))
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        if self.at.plus(WITHIN) < tx.now {
            return Err(Error::Conflict("That was more than 30 days ago. Invite them again, so that they are asked.".into()));
        }
        let all: Vec<String> = self.people.iter().map(|p| p.name.clone()).collect();
        let mut back = None;
        for person in &self.people {
            back = self.bring(tx, person)?;
        }
        let gone = Gone { people: self.people.clone(), ends: BTreeMap::new() };
        match (self.people.as_slice(), back) {
            ([_], Some(member)) => {
                let target = Target::new("member", &member.id, &member.name);
                tx.record(target, format!("brought {} back", member.name), &(), &Told { what: &member, gone })
            }
            ([one], None) => tx.record(Target::new("user", &one.user_id, &one.name), format!("gave {} their access back", one.name), &(), &gone),
            _ => {
                let (id, name) = (tx.org_id()?, tx.org()?.name.clone());
                let many = count(i64::try_from(all.len()).unwrap_or(0), "member", "members");
                tx.record(Target::new("organization", id, name), format!("brought back {many}: {}", names(&all, 10)), &(), &gone)
            }
        }
    }
}

impl Restore {
    fn bring(&self, tx: &mut Tx<'_>, person: &Stay) -> Result<Option<Member>> {
        let (org, user) = (tx.org_id()?, &person.user_id);
        if !store::is_active(tx.c, user)? {
            return Err(Error::Conflict(format!("The account of {} is not there any more.", person.name)));
        }
        let here = store::membership(tx.c, &org, user, tx.now)?;
        if here.is_some() {
            return Err(Error::Conflict(format!("{} is a member again already.", person.name)));
        }
        let mut member = None;
        if person.member {
            let id = store::insert(tx, &org, user, "manual", None)?;
            for role in store::roles_ended(tx.c, &org, user, self.at)? {
                let role = roles::store::by_ref(tx.c, &org, "org", role.as_ref(), tx.now)?
                    .ok_or_else(|| Error::Conflict(format!("A role that {} held is not there any more.", person.name)))?;
                may_touch(tx, &role.id, &role.name)?;
                store::assign(tx, &org, user, &role.id, "manual", None)?;
            }
            if person.suspended {
                store::bump(tx, &id, Some("suspended"))?;
            }
            member = store::get(tx.c, &org, &id, tx.now)?;
        }
        for (project, grant) in projects::store::ended(tx.c, &org, user, self.at)? {
            let end = self.ends.get(grant.as_ref()).copied();
            if end.is_some_and(|end| end <= tx.now) {
                continue;
            }
            let part =
                ReturnAccess { org: self.org.clone(), project: Ref::new(project), grant: Ref::new(grant), valid_to: end, external: !person.member };
            // What it records is part of this event.
            ops::within(tx, &part, None, |part, tx| part.carry_out(tx))?.0?;
        }
        Ok(member)
    }
}
