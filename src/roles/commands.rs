//! Writes: create, change and delete an organization's own roles.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Role, store};
use crate::access::{Action, Need, OrgRef, Perms, Population, Ref, give, permissions};
use crate::base::audit::Target;
use crate::base::error::{Error, FieldError, Result};
use crate::base::form::confirmed;
use crate::base::ops::{Command, Place};
use crate::base::text::{Line, Name, Slug};
use crate::base::tx::Tx;

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRole {
    pub org: OrgRef,
    pub name: Name,
    /// Made from the name when left out; how scripts and addresses name the role.
    pub key: Option<Slug>,
    pub description: Option<Line>,
    /// `user` is what there is until machines can hold roles.
    pub kind: Option<Kind>,
    pub level: Option<OrgLevel>,
    #[serde(default)]
    pub permissions: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    User,
}

#[derive(Debug, Clone, Copy, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OrgLevel {
    Org,
}

impl Command for CreateRole {
    const ACTION: Action = Action::new("role.create", Need::Org("roles.manage"));
    type Output = Role;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Role> {
        let org = tx.org_id()?;
        let wanted = known(&self.permissions)?;
        give::may_give_in_org(&tx.caller.actor, tx.standing.as_ref(), &wanted, self.name.as_str())?;
        let key = match &self.key {
            Some(key) => key.to_string(),
            None => Slug::from_name(self.name.as_str())
                .ok_or_else(|| Error::field("name", "invalid", "Use at least one letter or digit from a to z in the name."))?
                .to_string(),
        };
        check_key(tx, &key, "name")?;
        let role = Role {
            id: tx.id(),
            key,
            name: self.name.to_string(),
            description: self.description.as_ref().map(ToString::to_string).unwrap_or_default(),
            kind: "user".into(),
            level: "org".into(),
            origin: "org".into(),
            permissions: wanted.keys(),
            holders: 0,
            projects: 0,
            rev: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        store::insert(tx.c, &org, &role)?;
        store::set_permissions(tx.c, &org, &role.id, &role.permissions)?;
        tx.record(Target::new("role", &role.id, &role.name), format!("created the role {}", role.name), &(), &role)?;
        Ok(role)
    }
}

fn known(keys: &BTreeSet<String>) -> Result<Perms> {
    let unknown: Vec<FieldError> = keys
        .iter()
        .filter(|k| permissions::find(k).is_none())
        .map(|k| FieldError::new("permissions", "unknown", format!("There is no permission “{}”.", k.chars().take(60).collect::<String>())))
        .collect();
    if unknown.is_empty() { Ok(Perms::Only(keys.clone())) } else { Err(Error::Invalid(unknown)) }
}

/// ADMIN and DEFAULT cannot be imitated in another case.
fn check_key(tx: &mut Tx<'_>, key: &str, field: &str) -> Result<()> {
    let org = tx.org_id()?;
    let reserved = matches!(key.to_ascii_uppercase().as_str(), "ADMIN" | "DEFAULT");
    if reserved || store::by_ref(tx.c, &org, "", key, tx.now)?.is_some() {
        return Err(Error::field(field, "taken", format!("There is a role with the short name {key} already. Choose another name.")));
    }
    Ok(())
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRole {
    pub org: OrgRef,
    /// Key or id.
    pub role: Ref,
    pub name: Option<Name>,
    pub description: Option<Line>,
    pub permissions: Option<BTreeSet<String>>,
}

impl Command for UpdateRole {
    const ACTION: Action = Action::new("role.update", Need::Org("roles.manage"));
    type Output = Role;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }

    fn population(&self, tx: &mut Tx<'_>) -> Result<Population> {
        Ok(Population::Holders(store::own(tx, &self.role)?.id))
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Role> {
        let org = tx.org_id()?;
        let before = store::own(tx, &self.role)?;
        tx.expect_rev(before.rev)?;
        let mut after = before.clone();
        if let Some(name) = &self.name {
            after.name = name.to_string();
        }
        if let Some(description) = &self.description {
            after.description = description.to_string();
        }
        if let Some(keys) = &self.permissions {
            let wanted = known(keys)?;
            // What is added is given, and what is taken away is taken from all holders: both only within what one holds.
            let had = Perms::Only(before.permissions.iter().cloned().collect());
            let changed = Perms::Only(wanted.beyond(&had).into_iter().chain(had.beyond(&wanted)).collect());
            give::may_give_in_org(&tx.caller.actor, tx.standing.as_ref(), &changed, &after.name)?;
            after.permissions = wanted.keys();
            store::set_permissions(tx.c, &org, &after.id, &after.permissions)?;
        }
        after.rev += 1;
        after.updated_at = tx.now;
        store::update(tx.c, &org, &after)?;
        tx.record(Target::new("role", &after.id, &after.name), format!("changed the role {}", after.name), &before, &after)?;
        Ok(after)
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteRole {
    pub org: OrgRef,
    pub role: Ref,
    /// The role's key once more; pages ask for it.
    pub confirm: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DeletedRole {
    pub id: String,
    pub name: String,
}

impl Command for DeleteRole {
    const ACTION: Action = Action::new("role.delete", Need::Org("roles.manage"));
    type Output = DeletedRole;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<DeletedRole> {
        let org = tx.org_id()?;
        let role = store::own(tx, &self.role)?;
        tx.expect_rev(role.rev)?;
        confirmed(self.confirm.as_deref(), &role.key, "delete the role")?;
        let perms = Perms::Only(role.permissions.iter().cloned().collect());
        give::may_give_in_org(&tx.caller.actor, tx.standing.as_ref(), &perms, &role.name)?;
        let uses = store::uses(tx.c, &org, &role.id, tx.now)?;
        if !uses.is_empty() {
            let names = crate::base::text::names(&uses, 6);
            return Err(Error::Conflict(format!("{} is in use: {names}. Take it from them first, then delete it.", role.name)));
        }
        store::mark_deleted(tx.c, &org, &role.id, tx.now)?;
        tx.record(Target::new("role", &role.id, &role.name), format!("deleted the role {}", role.name), &role, &())?;
        Ok(DeletedRole { id: role.id.to_string(), name: role.name })
    }
}
