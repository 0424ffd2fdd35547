//! Reads: the imports of an organization, one of them, its rows.

use serde::Deserialize;

use super::{FATES, Import, ImportRow, store};
use crate::access::{Action, Need, OrgRef, Ref};
use crate::base::error::{Error, Result};
use crate::base::form;
use crate::base::ops::{Place, Query};
use crate::base::paging::{List, Page};
use crate::base::tx::Read;
use crate::base::web::export::Export;

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportList {
    pub org: OrgRef,
    #[serde(default, deserialize_with = "form::whole")]
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

impl Query for ImportList {
    const ACTION: Action = Action::new("import.list", Need::Org("members.invite"));
    type Output = List<Import>;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<List<Import>> {
        let org = read.org_id()?;
        let page = Page::of::<Self>(read, "newest", self.limit, self.cursor.as_deref())?;
        let rows = store::list(read.c, &org, page.after.first().map(String::as_str), page.fetch())?;
        Ok(page.cut(read.world, rows, |i| vec![i.id.to_string()]))
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneImport {
    pub org: OrgRef,
    pub import: Ref,
}

impl Query for OneImport {
    const ACTION: Action = Action::new("import.read", Need::Org("members.invite"));
    type Output = Import;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Import> {
        let org = read.org_id()?;
        store::get(read.c, &org, self.import.as_str())?.ok_or(Error::NotFound)
    }
}

/// The rows of an import, in the order of the file.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRows {
    pub org: OrgRef,
    pub import: Ref,
    /// `ready`, `done`, `member`, `duplicate` or `invalid`.
    pub state: Option<String>,
    #[serde(default, deserialize_with = "form::whole")]
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

impl Query for ImportRows {
    const ACTION: Action = Action::new("import.read-rows", Need::Org("members.invite"));
    type Output = List<ImportRow>;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<List<ImportRow>> {
        let org = read.org_id()?;
        let import = store::get(read.c, &org, self.import.as_str())?.ok_or(Error::NotFound)?;
        let state = self.state.as_deref().unwrap_or_default();
        if !state.is_empty() && FATES.iter().all(|(known, _)| *known != state) {
            return Err(Error::field("state", "invalid", "State takes ready, done, member, duplicate or invalid."));
        }
        let page = Page::of::<Self>(read, import.id.as_ref(), self.limit, self.cursor.as_deref())?;
        let behind = page.after.first().and_then(|line| line.parse().ok()).unwrap_or(0);
        let rows = store::rows(read.c, &org, &import.id, state, behind, page.fetch())?;
        Ok(page.cut(read.world, rows, |r| vec![r.line.to_string()]))
    }
}

impl Export for ImportRows {
    type Row = ImportRow;
    const NOTED: &'static str = "import.export";
    const WHAT: &'static str = "import-rows";
    const COLUMNS: &'static [&'static str] = &["line", "email", "name", "roles", "projects", "state", "message"];

    fn page(&mut self, limit: i64, cursor: Option<String>) {
        (self.limit, self.cursor) = (Some(limit), cursor);
    }
}

/// The page of one import.
pub struct ImportView {
    pub rows: ImportRows,
}

pub struct ImportPage {
    pub import: Import,
    pub rows: List<ImportRow>,
    pub fates: Vec<(String, i64)>,
}

impl Query for ImportView {
    const ACTION: Action = OneImport::ACTION;
    type Output = ImportPage;

    fn place(&self) -> Place {
        self.rows.place()
    }
    fn run(&self, read: &mut Read<'_>) -> Result<ImportPage> {
        let rows = self.rows.run(read)?;
        let org = read.org_id()?;
        let import = store::get(read.c, &org, self.rows.import.as_str())?.ok_or(Error::NotFound)?;
        let fates = store::fates(read.c, &org, &import.id)?;
        Ok(ImportPage { import, rows, fates })
    }
    /// It counts.
    fn is_quick(&self) -> bool {
        false
    }
}

/// The form that brings a file: whether the reader may add people without asking them.
pub struct ImportForm {
    pub org: OrgRef,
}

impl Query for ImportForm {
    const ACTION: Action = ImportList::ACTION;
    type Output = bool;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<bool> {
        Ok(read.me()?.is_operator)
    }
}
