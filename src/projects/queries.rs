//! Reads: the projects somebody can see, one of them with its access, and whom it can be shared with.

use serde::{Deserialize, Serialize};

use super::{Grant, Project, store};
use crate::access::{Action, Need, OrgRef, Perms, ProjectHead, Ref};
use crate::base::error::{Error, Result};
use crate::base::form;
use crate::base::ops::{Place, Query};
use crate::base::order::Order;
use crate::base::paging::{List, Page};
use crate::base::text::Email;
use crate::base::tx::Read;

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectList {
    pub org: OrgRef,
    /// Part of the name of a project, or of who has access to it.
    pub q: Option<String>,
    /// `external`: only with access from outside; `none`: only without any access.
    pub access: Option<String>,
    /// `name` or `created` (the newest first); a minus in front turns it round.
    pub sort: Option<String>,
    #[serde(default, deserialize_with = "form::whole")]
    pub limit: Option<i64>,
    pub cursor: Option<String>,
    #[serde(default, deserialize_with = "form::truth")]
    pub count: bool,
}

impl ProjectList {
    pub fn of(org: &str) -> Self {
        Self { org: Ref::new(org), q: None, access: None, sort: None, limit: None, cursor: None, count: false }
    }
}

impl Query for ProjectList {
    const ACTION: Action = Action::new("project.list", Need::Inside);
    type Output = List<Project>;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }

    fn run(&self, read: &mut Read<'_>) -> Result<List<Project>> {
        let org = read.org_id()?;
        let order = Order::parse(store::ORDERS, self.sort.as_deref())?;
        let page = Page::of::<Self>(read, &order.word(), self.limit, self.cursor.as_deref())?;
        let access = match self.access.as_deref() {
            None | Some("") => "",
            Some("external") => "external",
            Some("none") => "none",
            Some(_) => return Err(Error::field("access", "invalid", "Access takes external or none.")),
        };
        let filter = store::Filter {
            user: read.caller.actor.user_id().to_owned(),
            sees_all: read.holds("projects.read"),
            q: self.q.clone().unwrap_or_default(),
            access,
            order,
            after: page.after.clone(),
        };
        let rows = store::list(read.c, &org, &filter, page.fetch(), read.now)?;
        let list = page.cut(read.world, rows, |p| store::sort_key(p, &order));
        Ok(list.counted(if self.count { Some(store::count(read.c, &org, &filter, read.now)?) } else { None }))
    }
}

/// The list with who has access, for the console: two statements, however many rows.
pub struct ProjectTable {
    pub list: ProjectList,
    /// Whether the saved views with their figures stand above it.
    pub with_views: bool,
}

#[derive(Debug, Clone)]
pub struct ProjectRow {
    pub project: Project,
    /// The first of those who have access, and how many there are in all. Empty for readers who may not see it.
    pub grants: Vec<Grant>,
    pub grant_count: i64,
    pub may_share: bool,
    pub may_delete: bool,
}

#[derive(Debug, Clone)]
pub struct Table {
    pub rows: Vec<ProjectRow>,
    pub next_cursor: Option<String>,
    pub may_create: bool,
    pub sees_access: bool,
    pub order: Order,
    /// Beside the saved views, where they are shown.
    pub counts: Option<store::ViewCounts>,
}

impl Query for ProjectTable {
    const ACTION: Action = ProjectList::ACTION;
    type Output = Table;

    fn place(&self) -> Place {
        self.list.place()
    }

    fn run(&self, read: &mut Read<'_>) -> Result<Table> {
        let org = read.org_id()?;
        let page = self.list.run(read)?;
        let may_share = read.holds("projects.share");
        let may_delete = read.holds("projects.delete");
        let ids: Vec<_> = page.items.iter().map(|p| p.id.clone()).collect();
        let mut chips = if may_share { store::chips(read.c, &org, &ids, read.now)? } else { Default::default() };
        let rows = page
            .items
            .into_iter()
            .map(|project| {
                let (grants, grant_count) = chips.remove(project.id.as_ref()).unwrap_or_default();
                ProjectRow { project, grants, grant_count, may_share, may_delete }
            })
            .collect();
        Ok(Table {
            rows,
            next_cursor: page.next_cursor,
            may_create: read.holds("projects.create"),
            sees_access: may_share,
            order: Order::parse(store::ORDERS, self.list.sort.as_deref())?,
            counts: if self.with_views && may_share { Some(store::view_counts(read.c, &org, read.now)?) } else { None },
        })
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneProject {
    pub org: OrgRef,
    /// Short name or id.
    pub project: Ref,
}

impl Query for OneProject {
    const ACTION: Action = Action::new("project.read", Need::Project("projects.read"));
    type Output = Project;

    fn place(&self) -> Place {
        Place::Project(self.org.clone(), self.project.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Project> {
        let org = read.org_id()?;
        store::get(read.c, &org, &read.project()?.id)
    }
}

/// One project with its access, as its page shows it.
pub struct ProjectPage {
    pub org: OrgRef,
    pub project: Ref,
}

#[derive(Debug, Clone)]
pub struct Detail {
    pub project: Project,
    /// Empty when the reader may not manage access.
    pub grants: Vec<Grant>,
    /// How the reader comes to be here: the roles that the grants give, in words.
    pub mine: Vec<String>,
    pub may_share: bool,
    pub may_update: bool,
    pub may_delete: bool,
    pub may_read_audit: bool,
}

impl Query for ProjectPage {
    const ACTION: Action = OneProject::ACTION;
    type Output = Detail;

    fn place(&self) -> Place {
        Place::Project(self.org.clone(), self.project.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Detail> {
        let org = read.org_id()?;
        let project = store::get(read.c, &org, &read.project()?.id)?;
        let standing = read.standing.as_ref().ok_or(Error::NotFound)?;
        let held = standing.on_project();
        let mine = if standing.in_org == Perms::All {
            vec!["ADMIN".to_owned()]
        } else {
            let mut keys: Vec<String> = standing.paths.iter().map(|p| form::label(&p.role_key)).collect();
            keys.dedup();
            keys
        };
        let may_share = held.has("projects.share");
        let grants = if may_share { store::grants(read.c, &org, &project.id, read.now)? } else { Vec::new() };
        Ok(Detail {
            grants,
            mine,
            may_share,
            may_update: held.has("projects.update"),
            may_delete: held.has("projects.delete"),
            may_read_audit: read.holds("audit.read"),
            project,
        })
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantList {
    pub org: OrgRef,
    pub project: Ref,
}

impl Query for GrantList {
    const ACTION: Action = Action::new("grant.list", Need::Project("projects.share"));
    type Output = List<Grant>;

    fn place(&self) -> Place {
        Place::Project(self.org.clone(), self.project.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<List<Grant>> {
        let (org, project) = (read.org_id()?, read.project()?);
        Ok(List::whole(store::grants(read.c, &org, &project.id, read.now)?))
    }
}

/// Whom a project can be shared with: roles, members and externals whose name or address has the text in it.
pub struct Candidates {
    pub org: OrgRef,
    pub project: Ref,
    pub q: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Candidate {
    pub subject: super::Subject,
    /// "9 accounts" behind a role, the address behind a person.
    pub hint: String,
    /// The level they have already, if any.
    pub has: String,
}

impl Candidate {
    pub fn note(&self) -> &'static str {
        if self.subject.external { "External" } else { "" }
    }
}

#[derive(Debug, Clone)]
pub struct Choice {
    pub project: ProjectHead,
    pub roles: Vec<Candidate>,
    pub people: Vec<Candidate>,
    /// What was searched for, when it is the address of nobody here: somebody from outside.
    pub address: Option<Email>,
}

impl Query for Candidates {
    const ACTION: Action = Action::new("grant.candidates", Need::Project("projects.share"));
    type Output = Choice;

    fn place(&self) -> Place {
        Place::Project(self.org.clone(), self.project.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Choice> {
        let (org, project) = (read.org_id()?, read.project()?);
        let found = store::candidates(read.c, &org, &project.id, &self.q, read.now)?;
        let (roles, people): (Vec<_>, Vec<Candidate>) = found.into_iter().partition(|c| c.subject.kind != "user");
        let here = |email: &Email| people.iter().any(|p| Email::parse(&p.hint).is_ok_and(|known| known.key() == email.key()));
        let address = Email::parse(&self.q).ok().filter(|email| !here(email));
        Ok(Choice { project, roles, people, address })
    }
}
