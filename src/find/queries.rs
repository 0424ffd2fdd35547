//! What the palette finds in an organization: at most a handful of each kind, each by the search of its own list.

use super::{ACTS, Act, fits};
use crate::access::{Action, Need, OrgRef};
use crate::base::error::Result;
use crate::base::ops::{Place, Query};
use crate::base::tx::Read;
use crate::members::queries::{ExternalList, MemberFilter, MemberList};
use crate::members::{External, Member};
use crate::projects::Project;
use crate::projects::queries::ProjectList;
use crate::roles::Role;
use crate::roles::queries::RoleList;

/// The most of one kind that is shown.
pub const MOST: i64 = 6;

pub struct Find {
    pub org: OrgRef,
    pub q: String,
}

/// Empty where the reader may not look, and everywhere as long as nothing is typed.
#[derive(Debug, Default)]
pub struct Found {
    pub slug: String,
    pub acts: Vec<&'static Act>,
    pub members: Vec<Member>,
    pub externals: Vec<External>,
    pub projects: Vec<Project>,
    pub roles: Vec<Role>,
}

impl Query for Find {
    const ACTION: Action = Action::new("organization.find", Need::Inside);
    type Output = Found;

    fn is_quick(&self) -> bool {
        self.q.is_empty()
    }
    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Found> {
        let mut found = Found {
            slug: read.org()?.slug.clone(),
            acts: ACTS.iter().filter(|act| fits(act.label, &self.q) && read.holds(act.permission)).collect(),
            ..Found::default()
        };
        if self.q.is_empty() {
            return Ok(found);
        }
        let q = Some(self.q.clone());
        if read.holds("members.read") {
            let filter = MemberFilter { q: q.clone(), ..MemberFilter::default() };
            found.members = MemberList::of(self.org.as_str(), filter, MOST, None).run(read)?.items;
            let outside = ExternalList { org: self.org.clone(), q: q.clone(), limit: Some(MOST), cursor: None };
            found.externals = outside.run(read)?.items;
        }
        let projects = ProjectList { q: q.clone(), limit: Some(MOST), ..ProjectList::of(self.org.as_str()) };
        found.projects = projects.run(read)?.items;
        if read.holds("roles.read") {
            found.roles = RoleList { q, limit: Some(MOST), ..RoleList::of(self.org.as_str()) }.run(read)?.items;
        }
        Ok(found)
    }
}
