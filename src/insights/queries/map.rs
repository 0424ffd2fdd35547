//! Which people, roles and projects the access map shows: what was asked about, what belongs to it, and then the first others.

use serde::Deserialize;

use crate::access::{Action, Need, OrgRef};
use crate::base::error::{Error, FieldError, Result};
use crate::base::ids::OrgId;
use crate::base::ops::{Place, Query};
use crate::base::tx::Read;
use crate::insights::access_map::{AccessMap, Chosen, Give, MapPerson, MapProject, MapRole, PEOPLE, PROJECTS, ROLES};
use crate::insights::store::map as store;

/// What the map is drawn around; each as a person would name it. Longer than an address can be is nobody.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub person: Option<String>,
    pub role: Option<String>,
    pub project: Option<String>,
}

/// Who reaches which project, and by what. Only for who may see the access to every project.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessMapOf {
    pub org: OrgRef,
    /// Id or address of a member or of a person from outside.
    pub person: Option<String>,
    /// Key or id of a role.
    pub role: Option<String>,
    /// Short name or id of a project.
    pub project: Option<String>,
}

impl Query for AccessMapOf {
    const ACTION: Action = Action::new("insight.access", Need::Org(SEES_ACCESS));
    type Output = AccessMap;

    fn is_quick(&self) -> bool {
        false
    }
    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<AccessMap> {
        may_see_access(read)?;
        let asked = Asked { person: self.person.clone(), role: self.role.clone(), project: self.project.clone() };
        match draw(read, &asked)? {
            (map, unknown) if unknown.is_empty() => Ok(map),
            (_, unknown) => Err(Error::Invalid(unknown)),
        }
    }
}

/// Whoever may give access to every project sees who has it.
pub const SEES_ACCESS: &str = "projects.share";

/// Who has access to what names people, so it is for those who may see both.
pub fn may_see_access(read: &Read<'_>) -> Result<()> {
    if read.holds("members.read") {
        return Ok(());
    }
    Err(Error::denied("You need the permission members.read for that (see who is in). Ask an admin of the organization."))
}

/// The map around what is known of what was asked, and a word about what is not.
pub fn draw(read: &mut Read<'_>, asked: &Asked) -> Result<(AccessMap, Vec<FieldError>)> {
    let org = read.org_id()?;
    let roles = store::roles(read.c, &org)?;
    let (around, unknown) = around(read, &org, asked, &roles)?;
    let (all_projects, members, externals, external_projects) = store::totals(read.c, &org, read.now)?;

    let reached = reached(read, &org, &around)?;
    let projects = some_projects(read, &org, &around, &reached)?;
    let ids: Vec<String> = projects.iter().map(|p| p.id.clone()).collect();
    let given = store::gives(read.c, &org, &ids, &[], read.now)?;
    let (shown_roles, more_roles) = some_roles(&around, roles.clone(), &given);
    let people = some_people(read, &org, &around, &shown_roles, &ids)?;
    let users: Vec<String> = people.iter().map(|p| p.user_id.clone()).collect();

    let (people_count, outside) = audience(read, &org, &around, &roles, &given, members)?;
    let everywhere = |r: &MapRole| r.everywhere.is_some();
    let all = match (&around.role, &around.person) {
        (Some(role), _) => everywhere(role),
        (None, Some(person)) => roles.iter().any(|r| everywhere(r) && person.roles.contains(&r.id)),
        (None, None) => false,
    };
    let chosen = Chosen {
        projects: if all { all_projects } else { count(reached.len()) },
        all_projects,
        people: people_count,
        externals: outside,
        person: around.person.map(|p| p.user_id),
        role: around.role.map(|r| r.id),
        project: around.project.map(|p| p.id),
    };
    let map = AccessMap {
        more_people: (members + externals - count(people.iter().filter(|p| !p.suspended).count())).max(0),
        more_roles,
        more_projects: (all_projects - count(projects.len())).max(0),
        gives: store::gives(read.c, &org, &ids, &users, read.now)?,
        people,
        roles: shown_roles,
        projects,
        chosen,
        externals,
        external_projects,
    };
    Ok((map, unknown))
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// What was asked about, as far as it is here.
struct Around {
    person: Option<MapPerson>,
    role: Option<MapRole>,
    project: Option<MapProject>,
}

fn around(read: &mut Read<'_>, org: &OrgId, asked: &Asked, roles: &[MapRole]) -> Result<(Around, Vec<FieldError>)> {
    let wanted = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(|t| t.chars().take(254).collect::<String>());
    let mut unknown = Vec::new();
    let mut known = |field: &str, text: &str, found: bool| {
        if !found {
            let text: String = text.chars().take(60).collect();
            unknown.push(FieldError::new(field, "unknown", format!("There is no {field} “{text}” here. Pick one from the map.")));
        }
    };
    let mut around = Around { person: None, role: None, project: None };
    if let Some(text) = wanted(&asked.person) {
        let user = store::user(read.c, org, &text)?;
        around.person = store::people(read.c, org, &user.into_iter().collect::<Vec<_>>(), read.now)?.pop();
        known("person", &text, around.person.is_some());
    }
    if let Some(text) = wanted(&asked.role) {
        around.role = roles.iter().find(|r| r.id == text || r.key == text).cloned();
        known("role", &text, around.role.is_some());
    }
    if let Some(text) = wanted(&asked.project) {
        around.project = store::project(read.c, org, &text)?;
        known("project", &text, around.project.is_some());
    }
    Ok((around, unknown))
}

/// The projects that the role opens, or that the person comes to.
fn reached(read: &mut Read<'_>, org: &OrgId, around: &Around) -> Result<Vec<MapProject>> {
    match (&around.role, &around.person) {
        (Some(role), Some(person)) if !person.roles.contains(&role.id) => Ok(Vec::new()),
        (Some(role), _) => store::reached(read.c, org, "", std::slice::from_ref(&role.id), false, read.now),
        (None, Some(person)) if person.suspended => Ok(Vec::new()),
        (None, Some(person)) => store::reached(read.c, org, &person.user_id, &person.roles, !person.external, read.now),
        (None, None) => Ok(Vec::new()),
    }
}

fn some_projects(read: &mut Read<'_>, org: &OrgId, around: &Around, reached: &[MapProject]) -> Result<Vec<MapProject>> {
    let mut some: Vec<MapProject> = around.project.iter().chain(reached).cloned().collect();
    some.extend(store::first_projects(read.c, org, PROJECTS)?);
    let mut some = first(some, PROJECTS, |p| p.id.clone());
    some.sort_by_key(|p| (p.name.to_lowercase(), p.id.clone()));
    Ok(some)
}

/// The role asked about, those that the person holds or that open the project, and those that open anything shown.
fn some_roles(around: &Around, mut roles: Vec<MapRole>, given: &[Give]) -> (Vec<MapRole>, i64) {
    roles.sort_by_key(|r| {
        let asked = around.role.as_ref().is_some_and(|x| x.id == r.id);
        let held = around.person.as_ref().is_some_and(|p| p.roles.contains(&r.id));
        let fits = around.project.as_ref().is_some_and(|p| opens(r, given, Some(p)));
        (!asked, !held, !fits, !opens(r, given, None), r.key == "DEFAULT")
    });
    let more = count(roles.len().saturating_sub(ROLES));
    roles.truncate(ROLES);
    roles.sort_by_key(|r| (r.key != "ADMIN", r.key == "DEFAULT", r.name.to_lowercase()));
    (roles, more)
}

fn opens(role: &MapRole, given: &[Give], on: Option<&MapProject>) -> bool {
    role.everywhere.is_some() || given.iter().any(|g| g.kind == "role" && g.subject == role.id && on.is_none_or(|p| p.id == g.project))
}

/// The person asked about; then who holds the role, or who has the project by name; then people from outside and of every role in turns.
fn some_people(read: &mut Read<'_>, org: &OrgId, around: &Around, roles: &[MapRole], projects: &[String]) -> Result<Vec<MapPerson>> {
    let one = |p: &MapProject| vec![p.id.clone()];
    let direct = store::direct(read.c, org, &around.project.as_ref().map_or_else(|| projects.to_vec(), one), PEOPLE, read.now)?;
    let (of, each) = match &around.role {
        Some(role) => (vec![role.id.clone()], PEOPLE),
        None => (roles.iter().map(|r| r.id.clone()).collect(), 3),
    };
    let holders = store::some_holders(read.c, org, &of, each)?;
    let mut ids: Vec<String> = around.person.iter().map(|p| p.user_id.clone()).collect();
    match (&around.role, &around.project) {
        (Some(_), _) => ids.extend(holders.into_iter().chain(direct)),
        (None, Some(_)) => ids.extend(direct.into_iter().chain(holders)),
        // A third of the room is for people from outside.
        (None, None) => ids.extend(store::first_externals(read.c, org, PEOPLE / 3, read.now)?.into_iter().chain(holders).chain(direct)),
    }
    ids.extend(store::first_members(read.c, org, PEOPLE)?);
    let ids = first(ids, PEOPLE * 4, Clone::clone);
    let mut found = store::people(read.c, org, &ids, read.now)?;
    let asked = around.person.as_ref().map(|p| p.user_id.as_str());
    found.retain(|p| !p.suspended || Some(p.user_id.as_str()) == asked);
    found.sort_by_key(|p| ids.iter().position(|id| *id == p.user_id));
    found.truncate(PEOPLE);
    found.sort_by_key(|p| (p.external, p.name.to_lowercase(), p.user_id.clone()));
    Ok(found)
}

/// The first so many that are not there yet.
fn first<T, K: PartialEq>(all: Vec<T>, most: usize, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for one in all {
        if kept.len() < most && !kept.iter().any(|k| key(k) == key(&one)) {
            kept.push(one);
        }
    }
    kept
}

/// How many people hold the role or come to the project, and how many of them are from outside.
fn audience(read: &mut Read<'_>, org: &OrgId, around: &Around, roles: &[MapRole], given: &[Give], members: i64) -> Result<(i64, i64)> {
    match (&around.role, &around.project) {
        (None, None) => Ok((0, 0)),
        (Some(role), _) => store::audience(read.c, org, None, std::slice::from_ref(&role.id), read.now),
        (None, Some(project)) => {
            let by: Vec<String> = roles.iter().filter(|r| opens(r, given, Some(project))).take(50).map(|r| r.id.clone()).collect();
            let (people, outside) = store::audience(read.c, org, Some(&project.id), &by, read.now)?;
            let everyone = given.iter().any(|g| g.kind == "everyone" && g.project == project.id);
            Ok((if everyone { members + outside } else { people }, outside))
        }
    }
}
