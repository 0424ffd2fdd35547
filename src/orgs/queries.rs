//! Reads: one organization, my organizations, and the counts of the admin page.

use serde::Deserialize;

use super::{MyOrg, Org, store};
use crate::access::{Action, Need, OrgRef};
use crate::base::error::Result;
use crate::base::ops::{Place, Query};
use crate::base::paging::List;
use crate::base::tx::Read;

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneOrg {
    pub org: OrgRef,
}

impl Query for OneOrg {
    const ACTION: Action = Action::new("organization.read", Need::Inside);
    type Output = Org;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Org> {
        store::get(read.c, &read.org_id()?)
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MyOrgs {}

impl Query for MyOrgs {
    const ACTION: Action = Action::new("organization.list", Need::SignedIn);
    type Output = List<MyOrg>;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, read: &mut Read<'_>) -> Result<List<MyOrg>> {
        let me = read.me()?.clone();
        let mine = store::mine(read.c, &me, read.now)?;
        Ok(List::whole(mine.orgs))
    }
}

/// What the top of the admin page says.
#[derive(Debug, Clone)]
pub struct About {
    pub org: Org,
    pub counts: store::Counts,
    pub policy: crate::access::Policy,
}

pub struct AboutOrg {
    pub org: OrgRef,
}

impl Query for AboutOrg {
    const ACTION: Action = Action::new("organization.admin_page", Need::Org("org.update"));
    type Output = About;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<About> {
        let id = read.org_id()?;
        Ok(About { org: store::get(read.c, &id)?, counts: store::counts(read.c, &id, read.now)?, policy: read.org()?.policy.clone() })
    }
}
