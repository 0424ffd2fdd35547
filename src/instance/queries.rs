//! Reads for operators.

use serde::{Deserialize, Serialize};

use super::{Instance, InstanceOrg, Seat, User, store};
use crate::access::{Action, Need, Ref};
use crate::base::error::{Error, Result};
use crate::base::form;
use crate::base::ops::{Place, Query};
use crate::base::paging::{List, Page};
use crate::base::tx::Read;

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadInstance {}

impl Query for ReadInstance {
    const ACTION: Action = Action::new("instance.read", Need::Operator);
    type Output = Instance;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Instance> {
        store::instance(read.c)
    }
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserList {
    /// Part of the name or address.
    pub q: Option<String>,
    #[serde(default, deserialize_with = "form::whole")]
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

impl Query for UserList {
    const ACTION: Action = Action::new("user.list", Need::Operator);
    type Output = List<User>;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, read: &mut Read<'_>) -> Result<List<User>> {
        let page = Page::of::<Self>(read, "name", self.limit, self.cursor.as_deref())?;
        let rows = store::users(read.c, self.q.as_deref().unwrap_or_default(), "", &page.after, page.fetch(), read.now)?;
        Ok(page.cut(read.world, rows, |u| vec![u.name.clone(), u.id.clone()]))
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneUser {
    pub user: Ref,
}

/// A user with the organizations they are in and what they hold there.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct UserDetail {
    #[serde(flatten)]
    pub user: User,
    pub seats: Vec<Seat>,
}

impl Query for OneUser {
    const ACTION: Action = Action::new("user.read_any", Need::Operator);
    type Output = UserDetail;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, read: &mut Read<'_>) -> Result<UserDetail> {
        let user = store::users(read.c, "", self.user.as_str(), &[], 1, read.now)?.pop().ok_or(Error::NotFound)?;
        let seats = store::seats(read.c, &user.id, read.now)?;
        Ok(UserDetail { user, seats })
    }
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrgList {
    pub q: Option<String>,
    #[serde(default, deserialize_with = "form::whole")]
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

impl Query for OrgList {
    const ACTION: Action = Action::new("organization.list_all", Need::Operator);
    type Output = List<InstanceOrg>;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, read: &mut Read<'_>) -> Result<List<InstanceOrg>> {
        let page = Page::of::<Self>(read, "name", self.limit, self.cursor.as_deref())?;
        let rows = store::orgs(read.c, self.q.as_deref().unwrap_or_default(), &page.after, page.fetch(), read.now)?;
        Ok(page.cut(read.world, rows, |o| vec![o.name.clone(), o.id.clone()]))
    }
}
