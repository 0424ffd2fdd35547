//! Writes: create, change, delete an organization.

use serde::{Deserialize, Serialize};

use super::{Org, store};
use crate::access::{Action, Need, OrgRef, Policy};
use crate::base::audit::Target;
use crate::base::error::{Error, Result};
use crate::base::form::confirmed;
use crate::base::ids::UserId;
use crate::base::ops::{Command, Place};
use crate::base::text::{Line, Name, Slug};
use crate::base::tx::{Actor, Tx};
use crate::{members, roles};

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateOrg {
    pub name: Name,
    /// Made from the name when left out.
    pub slug: Option<Slug>,
    pub description: Option<Line>,
}

impl Command for CreateOrg {
    const ACTION: Action = Action::new("organization.create", Need::SignedIn);
    type Output = Org;

    fn place(&self) -> Place {
        Place::Instance
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Org> {
        if let Actor::User(me) = &tx.caller.actor
            && !store::may_create(tx.c, me)?
        {
            return Err(Error::denied("On this installation only its operators create organizations. Ask one of them."));
        }
        let first = tx.me()?.id.clone();
        let org = found(tx, &self.name, self.slug.as_ref(), self.description.as_ref(), &first)?;
        let target = Target::new("organization", &org.id, &org.name);
        tx.record(target, format!("created the organization {}", org.name), &(), &org)?;
        Ok(org)
    }
}

/// Makes an organization with its built-in roles, its workspace "Main", and its first ADMIN. From here on the change belongs to it.
pub fn found(tx: &mut Tx<'_>, name: &Name, slug: Option<&Slug>, description: Option<&Line>, first: &UserId) -> Result<Org> {
    let slug = match slug {
        Some(slug) if store::slug_is_taken(tx.c, slug.as_str())? => {
            return Err(Error::field("slug", "taken", format!("{slug} is taken. Choose another short name.")));
        }
        Some(slug) => slug.to_string(),
        None => free_slug(tx, name)?,
    };
    let org = Org {
        id: tx.id(),
        slug,
        name: name.to_string(),
        description: description.map(ToString::to_string).unwrap_or_default(),
        rev: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let policy = serde_json::to_string(&Policy::default())?;
    store::insert(tx.c, &org, &policy)?;
    tx.adopt(&org.id);
    crate::security::store::insert_version(tx.c, &org.id, 1, &policy, &tx.by(), tx.now)?;
    let builtin = roles::store::insert_builtin(tx, &org.id)?;
    crate::projects::store::insert_main_workspace(tx, &org.id)?;
    members::store::insert(tx, &org.id, first, "manual", None)?;
    for role in &builtin {
        members::store::assign(tx, &org.id, first, role, "manual", None)?;
    }
    store::remember(tx.c, first, &org.id)?;
    Ok(org)
}

/// `acme`, or `acme-2` when that is taken.
fn free_slug(tx: &mut Tx<'_>, name: &Name) -> Result<String> {
    let base = Slug::from_name(name.as_str()).map_or_else(|| "org".to_owned(), |s| s.to_string());
    for n in 1..=50 {
        let candidate = if n == 1 { base.clone() } else { format!("{}-{n}", base.chars().take(44).collect::<String>().trim_end_matches('-')) };
        if Slug::parse(&candidate).is_ok() && !store::slug_is_taken(tx.c, &candidate)? {
            return Ok(candidate);
        }
    }
    Err(Error::field("slug", "required", "Choose a short name for the address; the ones like the name are taken."))
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateOrg {
    pub org: OrgRef,
    pub name: Option<Name>,
    pub slug: Option<Slug>,
    pub description: Option<Line>,
}

impl Command for UpdateOrg {
    const ACTION: Action = Action::new("organization.update", Need::Org("org.update"));
    type Output = Org;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Org> {
        let before = store::get(tx.c, &tx.org_id()?)?;
        tx.expect_rev(before.rev)?;
        let mut after = before.clone();
        if let Some(slug) = &self.slug {
            if slug.as_str() != before.slug && store::slug_is_taken(tx.c, slug.as_str())? {
                return Err(Error::field("slug", "taken", format!("{slug} is taken. Choose another short name.")));
            }
            after.slug = slug.to_string();
        }
        if let Some(name) = &self.name {
            after.name = name.to_string();
        }
        if let Some(description) = &self.description {
            after.description = description.to_string();
        }
        after.rev += 1;
        after.updated_at = tx.now;
        store::update(tx.c, &after)?;
        tx.record(Target::new("organization", &after.id, &after.name), "changed the organization", &before, &after)?;
        Ok(after)
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteOrg {
    pub org: OrgRef,
    /// The organization's short name once more, so that nothing is deleted by a slip.
    pub confirm: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Deleted {
    pub id: String,
    pub name: String,
}

impl Command for DeleteOrg {
    const ACTION: Action = Action::new("organization.delete", Need::Org("org.delete")).fresh();
    type Output = Deleted;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Deleted> {
        let org = store::get(tx.c, &tx.org_id()?)?;
        tx.expect_rev(org.rev)?;
        confirmed(self.confirm.as_deref(), &org.slug, "delete the organization")?;
        let used = store::names_of_used_projects(tx.c, &org.id, tx.now)?;
        if !used.is_empty() {
            let names = crate::base::text::names(&used, 5);
            return Err(Error::Conflict(format!("People still have access to {names}. Remove their access and delete the projects first.")));
        }
        store::mark_deleted(tx.c, &org.id, tx.now)?;
        tx.record(Target::new("organization", &org.id, &org.name), format!("deleted the organization {}", org.name), &org, &())?;
        Ok(Deleted { id: org.id.to_string(), name: org.name })
    }
}
