//! The SQL of the access map. Every statement is bounded by what the picture can show, or by 1,000.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::base::db::statement::{Statement, places};
use crate::base::db::{Conn, Ts, typed};
use crate::base::error::Result;
use crate::base::ids::OrgId;
use crate::insights::access_map::{Give, MapPerson, MapProject, MapRole, rank};

/// Grants on projects that hold now. $1 org, $2 now.
const GIVEN: &str = "g.org_id = $1 AND g.scope_kind = 'project' AND g.valid_to > $2 AND g.valid_from <= $2";
const FOREVER: &str = "9223372036854775807";

/// At least one place, so that an empty list is a list that matches nothing.
fn all<'a, ST>(query: Statement<'a, ST>, values: &[String]) -> Statement<'a, ST> {
    if values.is_empty() { query.bind("") } else { values.iter().fold(query, |query, value| query.bind(value)) }
}
fn room(first: usize, values: &[String]) -> String {
    places(first, values.len().max(1))
}

/// The user behind the id of a person or membership, or behind an address.
pub fn user(c: &mut Conn, org: &OrgId, text: &str) -> Result<Option<String>> {
    let found = match text {
        t if t.starts_with("mem_") => typed::<Text>("SELECT user_id FROM members WHERE org_id = $1 AND id = $2").bind(org).bind(t).get_result(c),
        t if t.contains('@') => typed::<Text>("SELECT id FROM users WHERE email_key = $1").bind(t.to_lowercase()).get_result(c),
        t => return Ok(Some(t.to_owned())),
    };
    Ok(found.optional()?)
}

/// Present members and people from outside by the ids of their users, in the order of their names.
pub fn people(c: &mut Conn, org: &OrgId, users: &[String], now: Ts) -> Result<Vec<MapPerson>> {
    let list = room(3, users);
    let text = format!(
        "SELECT m.user_id, m.name, m.email, m.status, m.roles FROM members m WHERE m.org_id = $1 AND m.valid_to = {FOREVER} AND m.user_id IN ({list})
         UNION ALL SELECT e.user_id, e.name, e.email, 'external', '' FROM externals e WHERE e.org_id = $1 AND e.valid_to > $2 AND e.user_id IN ({list})"
    );
    let query = typed::<(Text, Text, Text, Text, Text)>(text).once().bind(org).bind(now);
    let rows: Vec<(String, String, String, String, String)> = all(query, users).load(c)?;
    let person = |(user_id, name, email, status, roles): (String, String, String, String, String)| {
        let suspended = status != "active" && status != "external";
        let roles = if suspended { Vec::new() } else { roles.split(' ').filter(|r| !r.is_empty()).map(str::to_owned).collect() };
        MapPerson { user_id, name, email, external: status == "external", suspended, roles }
    };
    let mut people: Vec<MapPerson> = rows.into_iter().map(person).collect();
    people.sort_by_key(|p| (p.external, p.name.to_lowercase(), p.user_id.clone()));
    Ok(people)
}

/// The first active members by name.
pub fn first_members(c: &mut Conn, org: &OrgId, most: usize) -> Result<Vec<String>> {
    let text =
        format!("SELECT user_id FROM members WHERE org_id = $1 AND valid_to = {FOREVER} AND status = 'active' ORDER BY name_key, id LIMIT {most}");
    Ok(typed::<Text>(text).bind(org).load(c)?)
}

/// The first people from outside by name.
pub fn first_externals(c: &mut Conn, org: &OrgId, most: usize, now: Ts) -> Result<Vec<String>> {
    let text = format!("SELECT user_id FROM externals WHERE org_id = $1 AND valid_to > $2 ORDER BY name_key, user_id LIMIT {most}");
    Ok(typed::<Text>(text).bind(org).bind(now).load(c)?)
}

/// Some who hold each of these roles: one of each role, then a second of each, and so on.
pub fn some_holders(c: &mut Conn, org: &OrgId, roles: &[String], each: usize) -> Result<Vec<String>> {
    let one = |n: usize| {
        let place = n + 2;
        format!(
            "SELECT * FROM (SELECT a.role_id AS role, a.user_id AS id FROM role_assignments a
               WHERE a.org_id = $1 AND a.role_id = ${place} AND a.valid_to = {FOREVER} ORDER BY a.user_id LIMIT {each}) AS r{n}"
        )
    };
    let text = (0..roles.len().max(1)).map(one).collect::<Vec<_>>().join(" UNION ALL ");
    let rows: Vec<(String, String)> = all(typed::<(Text, Text)>(text).bind(org), roles).load(c)?;
    let mut turns: Vec<(usize, String)> = Vec::new();
    for (at, (role, user)) in rows.iter().enumerate() {
        turns.push((rows.iter().take(at).filter(|(r, _)| r == role).count(), user.clone()));
    }
    turns.sort_by_key(|(turn, _)| *turn);
    Ok(turns.into_iter().map(|(_, user)| user).collect())
}

/// Who was given something on one of these projects by name, at most so many.
pub fn direct(c: &mut Conn, org: &OrgId, projects: &[String], most: usize, now: Ts) -> Result<Vec<String>> {
    let text = format!(
        "SELECT DISTINCT g.subject_id FROM grants g WHERE {GIVEN} AND g.scope_id IN ({}) AND g.subject_kind = 'user' LIMIT {most}",
        room(3, projects)
    );
    Ok(all(typed::<Text>(text).once().bind(org).bind(now), projects).load(c)?)
}

/// Every role of the organization that people can hold: ADMIN first, DEFAULT last.
pub fn roles(c: &mut Conn, org: &OrgId) -> Result<Vec<MapRole>> {
    let text = "SELECT r.id, r.role_key, r.name, r.origin, COALESCE(k.holders, 0),
          (SELECT COUNT(*) FROM role_permissions p WHERE p.org_id = r.org_id AND p.role_id = r.id AND p.permission = 'projects.read'),
          (SELECT COUNT(*) FROM role_permissions p WHERE p.org_id = r.org_id AND p.role_id = r.id AND p.permission = 'projects.update'),
          (SELECT COUNT(*) FROM role_permissions p WHERE p.org_id = r.org_id AND p.role_id = r.id AND p.permission = 'projects.share')
        FROM roles r LEFT JOIN role_counts k ON k.org_id = r.org_id AND k.role_id = r.id
        WHERE r.org_id = $1 AND r.level = 'org' AND r.kind = 'user' AND r.deleted_at IS NULL LIMIT 2000";
    type Row = (String, String, String, String, i64, i64, i64, i64);
    let rows: Vec<Row> = typed::<(Text, Text, Text, Text, BigInt, BigInt, BigInt, BigInt)>(text).bind(org).load(c)?;
    let role = |(id, key, name, origin, holders, reads, updates, shares): Row| {
        let level = match (reads, updates, shares) {
            _ if origin == "builtin" && key == "ADMIN" => Some("Owner"),
            (0, ..) => None,
            (_, _, 1..) => Some("Owner"),
            (_, 1.., _) => Some("Editor"),
            _ => Some("Viewer"),
        };
        MapRole { id, key, name, holders, everywhere: level.map(str::to_owned) }
    };
    let mut roles: Vec<MapRole> = rows.into_iter().map(role).collect();
    roles.sort_by_key(|r| (r.key != "ADMIN", r.key == "DEFAULT", r.name.to_lowercase()));
    Ok(roles)
}

/// A project by id or short name.
pub fn project(c: &mut Conn, org: &OrgId, text: &str) -> Result<Option<MapProject>> {
    let column = if text.contains('_') { "id" } else { "slug" };
    let text_ = format!("SELECT id, slug, name FROM projects WHERE org_id = $1 AND {column} = $2 AND deleted_at IS NULL");
    let found: Option<(String, String, String)> = typed::<(Text, Text, Text)>(text_).bind(org).bind(text).get_result(c).optional()?;
    Ok(found.map(named))
}

fn named((id, slug, name): (String, String, String)) -> MapProject {
    MapProject { id, slug, name }
}

pub fn first_projects(c: &mut Conn, org: &OrgId, most: usize) -> Result<Vec<MapProject>> {
    let text = format!("SELECT id, slug, name FROM projects WHERE org_id = $1 AND deleted_at IS NULL ORDER BY name_key, id LIMIT {most}");
    let rows: Vec<(String, String, String)> = typed::<(Text, Text, Text)>(text).bind(org).load(c)?;
    Ok(rows.into_iter().map(named).collect())
}

/// The projects given to a person, to one of these roles, or to everyone, by name; at most 1,000.
pub fn reached(c: &mut Conn, org: &OrgId, user: &str, roles: &[String], everyone: bool, now: Ts) -> Result<Vec<MapProject>> {
    let text = format!(
        "SELECT p.id, p.slug, p.name FROM (
           SELECT g.scope_id FROM grants g WHERE {GIVEN} AND g.subject_kind = 'user' AND g.subject_id = $3
           UNION SELECT g.scope_id FROM grants g WHERE {GIVEN} AND g.subject_kind = 'everyone' AND g.subject_id = $4
           UNION SELECT g.scope_id FROM grants g WHERE {GIVEN} AND g.subject_kind = 'role' AND g.subject_id IN ({}) LIMIT 1000) AS x
         JOIN projects p ON p.org_id = $1 AND p.id = x.scope_id AND p.deleted_at IS NULL ORDER BY p.name_key, p.id",
        room(5, roles)
    );
    // Everyone has the empty id; what nobody has leaves that leg out.
    let nobody = if everyone { "" } else { "-" };
    let query = typed::<(Text, Text, Text)>(text).once().bind(org).bind(now).bind(user).bind(nobody);
    let rows: Vec<(String, String, String)> = all(query, roles).load(c)?;
    Ok(rows.into_iter().map(named).collect())
}

type Given = (String, String, String, String);

/// What is given on these projects to roles and to everyone, and to these people by name. The highest level of each.
pub fn gives(c: &mut Conn, org: &OrgId, projects: &[String], people: &[String], now: Ts) -> Result<Vec<Give>> {
    let (these, those) = (room(3, projects), room(3 + projects.len().max(1), people));
    let text = format!(
        "SELECT g.scope_id, g.subject_kind, g.subject_id, r.name FROM grants g JOIN roles r ON r.org_id = g.org_id AND r.id = g.role_id
         WHERE {GIVEN} AND g.scope_id IN ({these}) AND (g.subject_kind IN ('role', 'everyone') OR g.subject_kind = 'user' AND g.subject_id IN ({those})) LIMIT 2000"
    );
    let query = all(all(typed::<(Text, Text, Text, Text)>(text).once().bind(org).bind(now), projects), people);
    let rows: Vec<Given> = query.load(c)?;
    let mut gives: Vec<Give> = rows.into_iter().map(|(project, kind, subject, level)| Give { project, kind, subject, level }).collect();
    gives.sort_by_key(|g| (g.project.clone(), g.kind.clone(), g.subject.clone(), std::cmp::Reverse(rank(&g.level))));
    gives.dedup_by_key(|g| (g.project.clone(), g.kind.clone(), g.subject.clone()));
    Ok(gives)
}

/// How many projects there are, how many active members, and of people from outside, counted up to 1,000, how many and on how many projects.
pub fn totals(c: &mut Conn, org: &OrgId, now: Ts) -> Result<(i64, i64, i64, i64)> {
    let text = "SELECT (SELECT COUNT(*) FROM projects WHERE org_id = $1 AND deleted_at IS NULL),
          COALESCE((SELECT k.members - k.suspended FROM org_counts k WHERE k.org_id = $1), 0),
          (SELECT COUNT(*) FROM (SELECT 1 FROM externals WHERE org_id = $1 AND valid_to > $2 LIMIT 1000) AS e),
          (SELECT COUNT(DISTINCT g.scope_id) FROM (SELECT user_id FROM externals WHERE org_id = $1 AND valid_to > $2 LIMIT 1000) AS e
             JOIN grants g ON g.org_id = $1 AND g.subject_kind = 'user' AND g.subject_id = e.user_id AND g.valid_to > $2 AND g.valid_from <= $2
               AND g.scope_kind = 'project')";
    Ok(typed::<(BigInt, BigInt, BigInt, BigInt)>(text).bind(org).bind(now).get_result(c)?)
}

/// How many active people reach a project by name or by one of these roles, and how many of them are from outside; each up to 1,000.
pub fn audience(c: &mut Conn, org: &OrgId, project: Option<&str>, roles: &[String], now: Ts) -> Result<(i64, i64)> {
    let one = |n: usize| {
        format!(
            " UNION SELECT * FROM (SELECT a.user_id FROM role_assignments a WHERE a.org_id = $1 AND a.role_id = ${} AND a.valid_to = {FOREVER} LIMIT 1000) AS r{n}",
            n + 4
        )
    };
    let by_role = (0..roles.len()).map(one).collect::<String>();
    let present =
        format!("EXISTS (SELECT 1 FROM members m WHERE m.org_id = $1 AND m.user_id = x.user_id AND m.valid_to = {FOREVER} AND m.status = 'active')");
    let outside = "EXISTS (SELECT 1 FROM externals e WHERE e.org_id = $1 AND e.user_id = x.user_id AND e.valid_to > $2)";
    let text = format!(
        "SELECT COUNT(CASE WHEN {present} THEN 1 END), COUNT(CASE WHEN {outside} THEN 1 END) FROM (
           SELECT * FROM (SELECT g.subject_id AS user_id FROM grants g WHERE {GIVEN} AND g.scope_id = $3 AND g.subject_kind = 'user' LIMIT 1000) AS d {by_role}) AS x"
    );
    let query = typed::<(BigInt, BigInt)>(text).once().bind(org).bind(now).bind(project.unwrap_or_default());
    let (inside, outside): (i64, i64) = roles.iter().fold(query, |query, role| query.bind(role)).get_result(c)?;
    Ok((inside + outside, outside))
}
