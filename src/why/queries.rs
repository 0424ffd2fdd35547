//! Reads: what somebody holds and through what, and the same for the page with who and what there is to choose.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::ways::{self, Held};
use super::{Explained, Explanation, Person, Scope, Way, store};
use crate::access::permissions::Level;
use crate::access::{Action, Need, OrgRef, ProjectHead, Ref};
use crate::base::error::{Error, FieldError, Result};
use crate::base::ids::{Id, OrgId, UserId};
use crate::base::ops::{Place, Query};
use crate::base::tx::Read;
use crate::insights::access_map::MapPerson;
use crate::insights::queries::{SEES_ACCESS, may_see_access};
use crate::insights::store::map as people;
use crate::members;

/// What somebody may do on a project or in the organization, and everything that gives it.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainAccess {
    pub org: OrgRef,
    /// Id or address of a member or of a person from outside. Required: asked for once it is known that the caller may ask.
    pub subject: Option<Ref>,
    /// Id or short name of a project; the organization when nothing is said.
    pub scope: Option<Ref>,
}

impl Query for ExplainAccess {
    const ACTION: Action = Action::new("access.explain", Need::Org(SEES_ACCESS));
    type Output = Explanation;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Explanation> {
        may_see_access(read)?;
        let org = read.org_id()?;
        let subject = self.subject.as_ref().ok_or_else(|| Error::field("subject", "required", "Subject is required."))?;
        let mut unknown = Vec::new();
        let found = person(read, &org, subject.as_str())?;
        if found.is_none() {
            unknown.push(FieldError::new("subject", "unknown", format!("There is nobody “{subject}” in this organization.")));
        }
        let project = match &self.scope {
            None => None,
            Some(scope) => match store::project(read.c, &org, scope.as_str())? {
                Some(project) => Some(project),
                None => {
                    unknown.push(FieldError::new("scope", "unknown", format!("There is no project “{scope}” here.")));
                    None
                }
            },
        };
        match found {
            Some(person) if unknown.is_empty() => explain(read, &org, person, project),
            _ => Err(Error::Invalid(unknown)),
        }
    }
}

fn person(read: &mut Read<'_>, org: &OrgId, text: &str) -> Result<Option<MapPerson>> {
    let user = people::user(read.c, org, text)?;
    Ok(people::people(read.c, org, &user.into_iter().collect::<Vec<_>>(), read.now)?.pop())
}

fn explain(read: &mut Read<'_>, org: &OrgId, person: MapPerson, project: Option<ProjectHead>) -> Result<Explanation> {
    let user = UserId::known(person.user_id.clone());
    // Whoever is suspended may do nothing here, whatever they were given.
    let rows: Vec<Held> = if person.suspended || person.external { Vec::new() } else { store::held(read.c, org, &user, read.now)? };
    let opened = match &project {
        Some(project) if !person.suspended => store::opened(read.c, org, &user, !person.external, project, &rows, read.now)?,
        _ => Vec::new(),
    };
    let levels: &[Level] = if project.is_some() { &[Level::Project] } else { &[Level::Org, Level::Workspace, Level::Project] };
    let ways = ways::ways(&rows, &opened, levels);
    let scope = match (project, &read.standing) {
        (Some(p), _) => Scope { kind: "project", id: p.id.to_string(), slug: p.slug, name: p.name },
        (None, Some(s)) => Scope { kind: "organization", id: s.org.id.to_string(), slug: s.org.slug.clone(), name: s.org.name.clone() },
        (None, None) => Scope { kind: "organization", id: org.to_string(), slug: String::new(), name: String::new() },
    };
    let MapPerson { user_id, name, email, external, suspended, .. } = person;
    Ok(Explanation {
        subject: Person { kind: "user", id: user_id, name, email, external, suspended },
        scope,
        permissions: ways::permissions(&ways),
        fewest: ways::fewest(&ways),
        ways,
    })
}

/// As many as a list to choose from shows.
const PROJECTS: i64 = 200;
const PEOPLE: i64 = 10;

/// The page: what is asked, as somebody types it, and what would remain without some of it.
pub struct WhyPage {
    pub org: OrgRef,
    pub person: String,
    pub project: String,
    /// Ids of rows to leave out.
    pub without: BTreeSet<String>,
}

pub struct Answer {
    pub explanation: Option<Explanation>,
    /// What would be left without the rows named; the same as there is when none is named.
    pub left: Vec<Way>,
    pub left_permissions: Vec<Explained>,
    /// Who could be meant: name and address.
    pub candidates: Vec<(String, String)>,
    pub projects: Vec<(String, String)>,
    pub unknown: Vec<FieldError>,
}

impl Query for WhyPage {
    const ACTION: Action = ExplainAccess::ACTION;
    type Output = Answer;

    fn is_quick(&self) -> bool {
        false
    }
    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Answer> {
        may_see_access(read)?;
        let org = read.org_id()?;
        let mut projects = store::projects(read.c, &org, PROJECTS)?;
        let mut answer = Answer {
            explanation: None,
            left: Vec::new(),
            left_permissions: Vec::new(),
            candidates: Vec::new(),
            projects: Vec::new(),
            unknown: Vec::new(),
        };
        let project = if self.project.is_empty() { None } else { store::project(read.c, &org, &self.project)? };
        match &project {
            Some(p) if !projects.iter().any(|(slug, _)| *slug == p.slug) => projects.insert(0, (p.slug.clone(), p.name.clone())),
            None if !self.project.is_empty() => {
                answer.unknown.push(FieldError::new("project", "unknown", format!("There is no project “{}” here. Pick one.", cut(&self.project))))
            }
            _ => {}
        }
        answer.projects = projects;
        let typed = self.person.trim();
        if typed.is_empty() {
            return Ok(answer);
        }
        let found = if typed.contains(['@', '_']) { person(read, &org, typed)? } else { None };
        let Some(found) = found else {
            answer.candidates = candidates(read, &org, typed)?;
            if answer.candidates.is_empty() {
                let message = format!("There is nobody “{}” in this organization. Look for a part of the name or address.", cut(typed));
                answer.unknown.push(FieldError::new("person", "unknown", message));
            }
            return Ok(answer);
        };
        if answer.unknown.is_empty() {
            let explanation = explain(read, &org, found, project)?;
            answer.left = ways::without(&explanation.ways, &self.without);
            answer.left_permissions = ways::permissions(&answer.left);
            answer.explanation = Some(explanation);
        }
        Ok(answer)
    }
}

fn cut(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Members and people from outside whose name or address has this in it.
fn candidates(read: &mut Read<'_>, org: &OrgId, text: &str) -> Result<Vec<(String, String)>> {
    let filter = members::queries::MemberFilter { q: Some(text.to_owned()), ..Default::default() }.parse(read.world)?;
    let inside = members::store::list(read.c, org, &[], &filter, PEOPLE, read.now)?;
    let outside = members::store::externals(read.c, org, text, &[], PEOPLE, read.now)?;
    Ok(inside.into_iter().map(|m| (m.name, m.email)).chain(outside.into_iter().map(|e| (e.name, e.email))).collect())
}
