//! Reads: the roles of an organization, one of them with its holders, the catalogue of permissions.

use serde::{Deserialize, Serialize};

use super::{Role, store};
use crate::access::permissions::{CATALOGUE, Permission};
use crate::access::{Action, Need, OrgRef, Ref};
use crate::base::error::{Error, Result};
use crate::base::form;
use crate::base::ops::{Place, Query};
use crate::base::paging::{List, Page};
use crate::base::tx::Read;
use crate::base::web::export::Export;

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleList {
    pub org: OrgRef,
    /// Part of the name.
    pub q: Option<String>,
    pub level: Option<String>,
    #[serde(default, deserialize_with = "form::whole")]
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

impl RoleList {
    pub fn of(org: &str) -> Self {
        Self { org: Ref::new(org), q: None, level: Some("org".into()), limit: Some(200), cursor: None }
    }
}

impl Query for RoleList {
    const ACTION: Action = Action::new("role.list", Need::Org("roles.read"));
    type Output = List<Role>;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<List<Role>> {
        let org = read.org_id()?;
        let page = Page::of::<Self>(read, "name", self.limit, self.cursor.as_deref())?;
        let after = page.after.first().map(String::as_str);
        let rows = store::list(read.c, &org, self.level.as_deref(), self.q.as_deref(), after, page.fetch(), read.now)?;
        Ok(page.cut(read.world, rows, |r| vec![store::sort_key(r)]))
    }
}

impl Export for RoleList {
    type Row = Role;
    const NOTED: &'static str = "role.export";
    const WHAT: &'static str = "roles";
    const COLUMNS: &'static [&'static str] =
        &["key", "name", "description", "kind", "level", "origin", "permissions", "holders", "projects", "created_at", "updated_at", "id"];

    fn page(&mut self, limit: i64, cursor: Option<String>) {
        (self.limit, self.cursor) = (Some(limit), cursor);
    }
}

/// The page of roles: the list, and whether the reader may add to it.
pub struct RoleTable {
    pub list: RoleList,
}

impl Query for RoleTable {
    const ACTION: Action = RoleList::ACTION;
    type Output = (List<Role>, bool);

    fn place(&self) -> Place {
        self.list.place()
    }
    fn run(&self, read: &mut Read<'_>) -> Result<(List<Role>, bool)> {
        Ok((self.list.run(read)?, read.holds("roles.manage")))
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneRole {
    pub org: OrgRef,
    /// Key or id.
    pub role: Ref,
}

impl Query for OneRole {
    const ACTION: Action = Action::new("role.read", Need::Org("roles.read"));
    type Output = Role;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Role> {
        let org = read.org_id()?;
        store::by_ref(read.c, &org, "org", self.role.as_str(), read.now)?.ok_or(Error::NotFound)
    }
}

/// A role with the people who hold it and the projects that it reaches.
pub struct RolePage {
    pub org: OrgRef,
    pub role: Ref,
}

#[derive(Debug, Clone)]
pub struct RoleDetail {
    pub role: Role,
    pub holders: Vec<store::Holder>,
    pub projects: Vec<store::Reached>,
    /// Whether the reader may change and delete it.
    pub may_manage: bool,
    pub may_read_audit: bool,
}

impl Query for RolePage {
    const ACTION: Action = OneRole::ACTION;
    type Output = RoleDetail;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<RoleDetail> {
        let org = read.org_id()?;
        let role = store::by_ref(read.c, &org, "org", self.role.as_str(), read.now)?.ok_or(Error::NotFound)?;
        let holders = store::holders(read.c, &org, &role.id, 50, read.now)?;
        let projects = store::reached(read.c, &org, &role.id, 50, read.now)?;
        let may_manage = read.holds("roles.manage") && !role.is_builtin();
        Ok(RoleDetail { role, holders, projects, may_manage, may_read_audit: read.holds("audit.read") })
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PermissionList {
    pub org: OrgRef,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct PermissionEntry {
    #[serde(flatten)]
    pub permission: Permission,
    /// Where it comes from: `builtin`.
    pub origin: &'static str,
}

impl Query for PermissionList {
    const ACTION: Action = Action::new("permission.list", Need::Org("roles.read"));
    type Output = List<PermissionEntry>;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, _: &mut Read<'_>) -> Result<List<PermissionEntry>> {
        let items = CATALOGUE.iter().map(|p| PermissionEntry { permission: *p, origin: "builtin" }).collect();
        Ok(List::whole(items))
    }
}
