//! The list of projects as a file, with everybody who has access to each, for readers who may see that.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::queries::ProjectList;
use super::{Grant, Project, store};
use crate::access::Action;
use crate::base::error::Result;
use crate::base::ops::{Place, Query};
use crate::base::paging::List;
use crate::base::tx::Read;
use crate::base::web::export::{self, Export};

#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct ProjectExport(ProjectList);

#[derive(Debug, Serialize)]
pub struct Line {
    #[serde(flatten)]
    project: Project,
    /// Nothing for readers who may not see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<Vec<Grant>>,
}

/// Projects at once: each comes with all that have access to it.
const AT_ONCE: i64 = 20;

impl Query for ProjectExport {
    const ACTION: Action = ProjectList::ACTION;
    type Output = List<Line>;

    fn place(&self) -> Place {
        self.0.place()
    }
    fn run(&self, read: &mut Read<'_>) -> Result<List<Line>> {
        let org = read.org_id()?;
        let page = self.0.run(read)?;
        let ids: Vec<_> = page.items.iter().map(|p| p.id.clone()).collect();
        let mut access = if read.holds("projects.share") { Some(store::access(read.c, &org, &ids, read.now)?) } else { None };
        let line = |project: Project| {
            let access = access.as_mut().map(|of| of.remove(project.id.as_ref()).unwrap_or_default());
            Line { project, access }
        };
        Ok(List { items: page.items.into_iter().map(line).collect(), next_cursor: page.next_cursor, count: None })
    }
}

impl Export for ProjectExport {
    type Row = Line;
    const NOTED: &'static str = "project.export";
    const WHAT: &'static str = "projects";
    const COLUMNS: &'static [&'static str] = &["slug", "name", "description", "access", "created_at", "updated_at", "id", "workspace_id"];

    fn page(&mut self, limit: i64, cursor: Option<String>) {
        (self.0.limit, self.0.cursor) = (Some(limit.min(AT_ONCE)), cursor);
    }
    /// `owner: Ana Ruiz <ana@acme.example>; viewer: Everyone`
    fn cell(column: &str, value: &Value) -> String {
        let Some(grants) = value.as_array().filter(|_| column == "access") else { return export::cell(value) };
        let text = |grant: &Value, pointer: &str| grant.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let one = |grant: &Value| {
            let email = text(grant, "/subject/email");
            let address = if email.is_empty() { email } else { format!(" <{email}>") };
            format!("{}: {}{address}", text(grant, "/role"), text(grant, "/subject/name"))
        };
        grants.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}
