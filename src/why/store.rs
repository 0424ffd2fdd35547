//! The SQL of why: the rows that could give one person something in an organization or on one of its projects, with who gave them.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::Given;
use super::ways::{Held, Opened};
use crate::access::permissions::{Perms, of_builtin};
use crate::access::{ProjectHead, RoleHeld};
use crate::base::db::statement::{Statement, places};
use crate::base::db::{Conn, Ts, typed};
use crate::base::error::Result;
use crate::base::ids::{Id, OrgId, RoleId, UserId};

/// A row that was given, the role in it, and who gave it. `x` is the row, `r` its role.
const GIVEN: &str = "x.id, x.role_id, r.role_key, r.name, r.level, r.origin, x.source_kind, COALESCE(u.name, ''), x.valid_from, x.valid_to";
type GivenColumns = (Text, Text, Text, Text, Text, Text, Text, Text, BigInt, BigInt);
type GivenRow = (String, String, String, String, String, String, String, String, i64, i64);

/// A given row, and what its role gives if that comes from the program.
fn given(row: GivenRow, kind: &'static str, to: (String, String)) -> (Given, Perms) {
    let (id, role_id, key, name, level, origin, source, given_by, valid_from, valid_to) = row;
    let perms = if origin == "builtin" { of_builtin(&level, &key) } else { Perms::default() };
    let role = RoleHeld { id: RoleId::known(role_id), key, name };
    let valid_to = Some(Ts(valid_to)).filter(|end| *end != Ts::FOREVER);
    let (to, to_name) = to;
    (Given { kind, id, to, to_name, role, source, given_by, valid_from: Ts(valid_from), valid_to }, perms)
}

/// The roles that somebody holds in the organization now.
pub fn held(c: &mut Conn, org: &OrgId, user: &UserId, now: Ts) -> Result<Vec<Held>> {
    let text = format!(
        "SELECT {GIVEN} FROM role_assignments x CROSS JOIN roles r LEFT JOIN users u ON u.id = x.granted_by
         WHERE x.org_id = $1 AND x.user_id = $2 AND x.valid_to > $3 AND x.valid_from <= $3 AND r.org_id = x.org_id AND r.id = x.role_id
         ORDER BY x.valid_from, x.id LIMIT 1000"
    );
    let rows: Vec<GivenRow> = typed::<GivenColumns>(text).bind(org).bind(user).bind(now).load(c)?;
    let held = |row: GivenRow| {
        let (given, perms) = given(row, "role_assignment", ("user".into(), String::new()));
        Held { given, perms }
    };
    let mut held: Vec<Held> = rows.into_iter().map(held).collect();
    let of_roles = perms(c, org, held.iter().map(|h| &h.given.role.id))?;
    for h in &mut held {
        h.perms.join(of_roles.get(&h.given.role.id.to_string()).unwrap_or(&Perms::default()));
    }
    Ok(held)
}

/// What is given on a project, or on its workspace, to the person, to a role that they hold, or to everyone if they are a member.
pub fn opened(c: &mut Conn, org: &OrgId, user: &UserId, is_member: bool, project: &ProjectHead, held: &[Held], now: Ts) -> Result<Vec<Opened>> {
    let mut found: Vec<Opened> = Vec::new();
    let mut roles: Vec<&RoleHeld> = held.iter().map(|h| &h.given.role).collect();
    roles.sort_by_key(|r| r.id.as_str().to_owned());
    roles.dedup_by_key(|r| r.id.as_str().to_owned());
    for (kind, id) in [("project", project.id.as_str()), ("workspace", project.workspace_id.as_str())] {
        let rows = subjects(c, (org, kind, id, now), "user", &[user.as_str()])?;
        found.extend(rows.into_iter().map(|(_, row)| opening(row, "user", None)));
        if is_member {
            let rows = subjects(c, (org, kind, id, now), "everyone", &[""])?;
            found.extend(rows.into_iter().map(|(_, row)| opening(row, "everyone", None)));
        }
        let ids: Vec<&str> = roles.iter().map(|r| r.id.as_str()).collect();
        for (subject, row) in subjects(c, (org, kind, id, now), "role", &ids)? {
            found.extend(roles.iter().find(|r| r.id.as_str() == subject).map(|role| opening(row, "role", Some(role))));
        }
    }
    let of_roles = perms(c, org, found.iter().map(|o| &o.given.role.id))?;
    for o in &mut found {
        o.perms.join(of_roles.get(&o.given.role.id.to_string()).unwrap_or(&Perms::default()));
    }
    Ok(found)
}

fn opening(row: GivenRow, to: &str, role: Option<&RoleHeld>) -> Opened {
    let (given, perms) = given(row, "grant", (to.into(), role.map(|r| r.name.clone()).unwrap_or_default()));
    Opened { given, perms, to_role: role.map(|r| r.id.to_string()) }
}

type Place<'a> = (&'a OrgId, &'a str, &'a str, Ts);

/// The grants on one place to subjects of one kind, each with its subject.
fn subjects(c: &mut Conn, (org, scope, id, now): Place<'_>, kind: &str, subjects: &[&str]) -> Result<Vec<(String, GivenRow)>> {
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT x.subject_id, {GIVEN} FROM grants x CROSS JOIN roles r LEFT JOIN users u ON u.id = x.granted_by
         WHERE x.org_id = $1 AND x.scope_kind = $2 AND x.scope_id = $3 AND x.subject_kind = $4 AND x.subject_id IN ({}) AND x.valid_to > $5 AND x.valid_from <= $5
           AND r.org_id = x.org_id AND r.id = x.role_id ORDER BY x.valid_from, x.id LIMIT 1000",
        places(6, subjects.len())
    );
    type Columns = (Text, GivenColumns);
    let query = typed::<Columns>(text).once().bind(org).bind(scope).bind(id).bind(kind).bind(now);
    Ok(all(query, subjects).load(c)?)
}

fn all<'a, ST>(query: Statement<'a, ST>, values: &[&str]) -> Statement<'a, ST> {
    values.iter().fold(query, |query, value| query.bind(*value))
}

/// The permissions of roles that are rows, by role.
fn perms<'a>(c: &mut Conn, org: &OrgId, roles: impl Iterator<Item = &'a RoleId>) -> Result<BTreeMap<String, Perms>> {
    let mut ids: Vec<&str> = roles.map(Id::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let text = format!("SELECT role_id, permission FROM role_permissions WHERE org_id = $1 AND role_id IN ({})", places(2, ids.len()));
    let rows: Vec<(String, String)> = all(typed::<(Text, Text)>(text).once().bind(org), &ids).load(c)?;
    let mut all: BTreeMap<String, Perms> = BTreeMap::new();
    for (role, key) in rows {
        all.entry(role).or_default().join(&Perms::of(&[&key]));
    }
    Ok(all)
}

/// A project by id or short name.
pub fn project(c: &mut Conn, org: &OrgId, text: &str) -> Result<Option<ProjectHead>> {
    let column = if text.contains('_') { "id" } else { "slug" };
    let query = format!("SELECT id, workspace_id, slug, name FROM projects WHERE org_id = $1 AND {column} = $2 AND deleted_at IS NULL");
    let found: Option<(String, String, String, String)> = typed::<(Text, Text, Text, Text)>(query).bind(org).bind(text).get_result(c).optional()?;
    Ok(found.map(|(id, workspace, slug, name)| ProjectHead { id: Id::known(id), workspace_id: Id::known(workspace), slug, name }))
}

/// The first projects by name, to choose from.
pub fn projects(c: &mut Conn, org: &OrgId, most: i64) -> Result<Vec<(String, String)>> {
    let text = "SELECT slug, name FROM projects WHERE org_id = $1 AND deleted_at IS NULL ORDER BY name_key, id LIMIT $2";
    Ok(typed::<(Text, Text)>(text).bind(org).bind(most).load(c)?)
}
