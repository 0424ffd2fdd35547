//! Writes: create, change and delete projects. Who has access is in `grants.rs`.

use serde::{Deserialize, Serialize};

use super::{Project, store};
use crate::access::{Action, Need, OrgRef, Ref};
use crate::base::audit::Target;
use crate::base::error::{Error, Result};
use crate::base::form::confirmed;
use crate::base::ops::{Command, Place};
use crate::base::text::{Line, Name, Slug, names};
use crate::base::tx::Tx;

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProject {
    pub org: OrgRef,
    pub name: Name,
    /// Made from the name when left out.
    pub slug: Option<Slug>,
    pub description: Option<Line>,
    /// The workspace it lies in; the only one when left out.
    pub workspace_id: Option<Ref>,
}

impl Command for CreateProject {
    const ACTION: Action = Action::new("project.create", Need::Org("projects.create"));
    type Output = Project;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Project> {
        let org = tx.org_id()?;
        let workspace_id = store::workspace(tx.c, &org, self.workspace_id.as_ref().map(Ref::as_str))?
            .ok_or_else(|| Error::field("workspace_id", "unknown", "There is no such workspace here."))?;
        let slug = match &self.slug {
            Some(slug) => slug.clone(),
            None => Slug::from_name(self.name.as_str())
                .ok_or_else(|| Error::field("slug", "required", "Choose a short name of lower-case letters, digits and hyphens."))?,
        };
        if store::slug_is_taken(tx.c, &org, slug.as_str())? {
            let field = if self.slug.is_some() { "slug" } else { "name" };
            return Err(Error::field(field, "taken", format!("There is a project with the short name {slug} already. Choose another.")));
        }
        let project = Project {
            id: tx.id(),
            workspace_id,
            slug: slug.to_string(),
            name: self.name.to_string(),
            description: self.description.as_ref().map(ToString::to_string).unwrap_or_default(),
            rev: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        store::insert(tx.c, &org, &project)?;
        tx.record(Target::new("project", &project.id, &project.name), format!("created the project {}", project.name), &(), &project)?;
        Ok(project)
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateProject {
    pub org: OrgRef,
    pub project: Ref,
    pub name: Option<Name>,
    pub slug: Option<Slug>,
    pub description: Option<Line>,
}

impl Command for UpdateProject {
    const ACTION: Action = Action::new("project.update", Need::Project("projects.update"));
    type Output = Project;

    fn place(&self) -> Place {
        Place::Project(self.org.clone(), self.project.clone())
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Project> {
        let org = tx.org_id()?;
        let before = store::get(tx.c, &org, &tx.project()?.id)?;
        tx.expect_rev(before.rev)?;
        let mut after = before.clone();
        if let Some(slug) = &self.slug {
            if slug.as_str() != before.slug && store::slug_is_taken(tx.c, &org, slug.as_str())? {
                return Err(Error::field("slug", "taken", format!("There is a project with the short name {slug} already. Choose another.")));
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
        store::update(tx.c, &org, &after)?;
        tx.record(Target::new("project", &after.id, &after.name), format!("changed the project {}", after.name), &before, &after)?;
        Ok(after)
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteProject {
    pub org: OrgRef,
    pub project: Ref,
    /// The project's short name once more; pages ask for it.
    pub confirm: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DeletedProject {
    pub id: String,
    pub name: String,
}

impl Command for DeleteProject {
    const ACTION: Action = Action::new("project.delete", Need::Project("projects.delete"));
    type Output = DeletedProject;

    fn place(&self) -> Place {
        Place::Project(self.org.clone(), self.project.clone())
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<DeletedProject> {
        let org = tx.org_id()?;
        let project = store::get(tx.c, &org, &tx.project()?.id)?;
        tx.expect_rev(project.rev)?;
        confirmed(self.confirm.as_deref(), &project.slug, "delete the project")?;
        let who: Vec<String> = store::grants(tx.c, &org, &project.id, tx.now)?.into_iter().map(|g| g.subject.name).collect();
        if !who.is_empty() {
            return Err(Error::Conflict(format!(
                "{} still {} access to {}. Remove that first, then delete the project.",
                names(&who, 5),
                if who.len() == 1 { "has" } else { "have" },
                project.name
            )));
        }
        store::mark_deleted(tx.c, &org, &project.id, tx.now)?;
        tx.record(Target::new("project", &project.id, &project.name), format!("deleted the project {}", project.name), &project, &())?;
        Ok(DeletedProject { id: project.id.to_string(), name: project.name })
    }
}
