//! The Organization Admin page: about, projects, roles, accounts and invitations, in this order, as one query.

use crate::access::{Action, Need, OrgRef, Ref};
use crate::base::error::{Error, Result};
use crate::base::ops::{Place, Query};
use crate::base::paging::List;
use crate::base::tx::Read;
use crate::invitations::queries::InvitationList;
use crate::members::queries::{ExternalList, MemberFilter, MemberList};
use crate::projects::queries::{ProjectList, ProjectTable, Table};
use crate::roles::queries::RoleList;
use crate::{invitations, members, roles};

use super::queries::{About, AboutOrg};

/// How many accounts and invitations the page shows before it leads on.
const SOME: i64 = 8;

pub struct AdminPage {
    pub org: OrgRef,
    pub projects: ProjectList,
}

pub struct Admin {
    pub about: About,
    pub projects: Table,
    pub roles: Vec<roles::Role>,
    pub members: Vec<members::Member>,
    pub externals: Vec<members::External>,
    pub invitations: Vec<invitations::Invitation>,
    pub may: May,
}

/// What the reader may do; each part of the page asks here and decides nothing itself.
#[derive(Debug, Clone, Copy)]
pub struct May {
    pub read_members: bool,
    pub read_roles: bool,
    pub read_audit: bool,
    pub invite: bool,
    pub assign: bool,
    pub remove: bool,
    pub manage_roles: bool,
    pub secure: bool,
    pub delete: bool,
}

impl Query for AdminPage {
    const ACTION: Action = Action::new("organization.admin_page", Need::Org("org.update"));
    type Output = Admin;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }

    /// A part that the reader has no permission for is not asked for at all.
    fn run(&self, read: &mut Read<'_>) -> Result<Admin> {
        if !crate::instance::store::instance(read.c)?.admin_page {
            return Err(Error::denied("The Organization Admin page is switched off on this installation. Its operators can switch it on."));
        }
        let org = Ref::new(self.org.as_str());
        let may = May {
            read_members: read.holds("members.read"),
            read_roles: read.holds("roles.read"),
            read_audit: read.holds("audit.read"),
            invite: read.holds("members.invite"),
            assign: read.holds("roles.assign"),
            remove: read.holds("members.remove"),
            manage_roles: read.holds("roles.manage"),
            secure: read.holds("security.manage"),
            delete: read.holds("org.delete"),
        };
        let latest = MemberFilter { sort: Some("last_seen".into()), ..MemberFilter::default() };
        Ok(Admin {
            about: AboutOrg { org: org.clone() }.run(read)?,
            projects: ProjectTable { list: self.projects.clone(), with_views: false }.run(read)?,
            roles: part(may.read_roles, || RoleList::of(org.as_str()).run(read))?,
            members: part(may.read_members, || MemberList::of(org.as_str(), latest, SOME, None).run(read))?,
            externals: part(may.read_members, || ExternalList { org: org.clone(), q: None, limit: Some(SOME), cursor: None }.run(read))?,
            invitations: part(may.invite, || {
                InvitationList { org: org.clone(), q: None, status: Some("open".into()), sort: None, limit: Some(SOME), cursor: None }.run(read)
            })?,
            may,
        })
    }
}

fn part<T>(wanted: bool, ask: impl FnOnce() -> Result<List<T>>) -> Result<Vec<T>> {
    if wanted { ask().map(|list| list.items) } else { Ok(Vec::new()) }
}
