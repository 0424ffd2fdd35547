//! The SQL of who has access to a project, and of whom it can be shared with.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::pattern;
use crate::base::db::schema::grants as g;
use crate::base::db::statement::places;
use crate::base::db::{Conn, Ts, dialect, named, typed};
use crate::base::error::Result;
use crate::base::ids::{GrantId, Id, OrgId, ProjectId, RoleId, UserId};
use crate::projects::queries::Candidate;
use crate::projects::{Grant, Subject};

/// What [`GRANT`] selects: id, project, kind of subject, subject, name and address of a person, whether external, role, source, valid to,
/// revision, created, updated.
type Columns = (Text, Text, Text, Text, Nullable<Text>, Nullable<Text>, BigInt, Text, Text, BigInt, BigInt, BigInt, BigInt);
type Row = (String, String, String, String, Option<String>, Option<String>, i64, String, String, i64, i64, i64, i64);

const GRANT: &str = "SELECT g.id, g.scope_id, g.subject_kind, g.subject_id, COALESCE(e.name, u.name), COALESCE(e.email, u.email),
  CAST(CASE WHEN e.user_id IS NULL THEN 0 ELSE 1 END AS BIGINT), g.role_id, g.source_kind, g.valid_to, g.rev, g.created_at, g.updated_at";
const PEOPLE: &str = "LEFT JOIN externals e ON g.subject_kind = 'user' AND e.org_id = g.org_id AND e.user_id = g.subject_id
LEFT JOIN users u ON g.subject_kind = 'user' AND e.user_id IS NULL AND u.id = g.subject_id";
/// $1 org, $2 now.
const LIVE: &str = "g.org_id = $1 AND g.scope_kind = 'project' AND g.valid_to > $2 AND g.valid_from <= $2";

/// Everyone and roles first, then members, then externals, each by name. An organization has few roles, so their names are read once
/// instead of being joined to each row.
fn grants_of(c: &mut Conn, org: &OrgId, rows: Vec<Row>) -> Result<Vec<Grant>> {
    let roles = if rows.is_empty() {
        Vec::new()
    } else {
        typed::<(Text, Text, Text)>("SELECT id, role_key, name FROM roles WHERE org_id = $1").bind(org).load(c)?
    };
    let roles: HashMap<String, (String, String)> = roles.into_iter().map(|(id, key, name): (String, String, String)| (id, (key, name))).collect();
    let mut grants: Vec<Grant> = rows.into_iter().map(|row| grant_in(row, &roles)).collect();
    grants.sort_by_cached_key(|g| (g.subject.kind.clone(), g.subject.external, g.subject.name.to_lowercase(), g.id.clone()));
    Ok(grants)
}

fn grant_in(row: Row, roles: &HashMap<String, (String, String)>) -> Grant {
    let (id, project_id, kind, subject_id, person, email, external, role_id, source, valid_to, rev, created_at, updated_at) = row;
    let (role, role_name) = roles.get(&role_id).cloned().unwrap_or_default();
    let name = person.or_else(|| roles.get(&subject_id).map(|(_, name)| name.clone())).unwrap_or_else(|| "Everyone".into());
    Grant {
        id: GrantId::known(id),
        project_id: ProjectId::known(project_id),
        subject: Subject { kind, id: subject_id, name, email, external: external == 1 },
        role,
        role_name,
        source,
        valid_to: Ts(valid_to).finite(),
        rev,
        created_at: Ts(created_at),
        updated_at: Ts(updated_at),
    }
}

/// How many chips a row of the table shows.
const CHIPS: i64 = 4;

/// The first who have access to each of these projects, with the number of all: three statements for a whole page, of which none
/// reads all the access that a project has. Which ones are the first is the order of the index: everyone, roles, people.
pub fn chips(c: &mut Conn, org: &OrgId, ids: &[ProjectId], now: Ts) -> Result<HashMap<String, (Vec<Grant>, i64)>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let counts = format!("SELECT g.scope_id, COUNT(*) FROM grants g WHERE {LIVE} AND g.scope_id IN ({}) GROUP BY g.scope_id", places(3, ids.len()));
    let counts = ids.iter().fold(typed::<(Text, BigInt)>(counts).bind(org).bind(now), |query, id| query.bind(id));
    let counts: Vec<(String, i64)> = counts.load(c)?;
    let first = format!("SELECT g.* FROM grants g WHERE {LIVE} AND g.scope_id = $each ORDER BY g.subject_kind, g.subject_id, g.valid_to LIMIT $3");
    let text = format!("{GRANT} FROM ({}) AS g {PEOPLE}", dialect::of_each(c, &first, 4, ids.len()));
    let rows = ids.iter().fold(typed::<Columns>(text).bind(org).bind(now).bind(CHIPS), |query, id| query.bind(id));
    let rows: Vec<Row> = rows.load(c)?;
    let mut found: HashMap<String, (Vec<Grant>, i64)> = counts.into_iter().map(|(id, count)| (id, (Vec::new(), count))).collect();
    for grant in grants_of(c, org, rows)? {
        if let Some((grants, _)) = found.get_mut(grant.project_id.as_ref()) {
            grants.push(grant);
        }
    }
    Ok(found)
}

/// Everybody who has access to each of these projects.
pub fn access(c: &mut Conn, org: &OrgId, ids: &[ProjectId], now: Ts) -> Result<HashMap<String, Vec<Grant>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!("{GRANT} FROM grants g {PEOPLE} WHERE {LIVE} AND g.scope_id IN ({})", places(3, ids.len()));
    let rows: Vec<Row> = ids.iter().fold(typed::<Columns>(text).bind(org).bind(now), |query, id| query.bind(id)).load(c)?;
    let mut found: HashMap<String, Vec<Grant>> = HashMap::new();
    for grant in grants_of(c, org, rows)? {
        found.entry(grant.project_id.to_string()).or_default().push(grant);
    }
    Ok(found)
}

/// Everybody who has access to one project, at most 500 rows.
pub fn grants(c: &mut Conn, org: &OrgId, project: &ProjectId, now: Ts) -> Result<Vec<Grant>> {
    let text = format!("{GRANT} FROM grants g {PEOPLE} WHERE {LIVE} AND g.scope_id = $3 ORDER BY g.subject_kind, g.subject_id, g.valid_to LIMIT 500");
    let rows: Vec<Row> = typed::<Columns>(text).bind(org).bind(now).bind(project).load(c)?;
    grants_of(c, org, rows)
}

/// One that has ended.
pub fn ended_grant(c: &mut Conn, org: &OrgId, project: &ProjectId, id: &str, now: Ts) -> Result<Option<Grant>> {
    let text = format!(
        "{GRANT} FROM grants g {PEOPLE} WHERE g.org_id = $1 AND g.scope_kind = 'project' AND g.valid_to <= $2 AND g.scope_id = $3 AND g.id = $4"
    );
    let rows: Vec<Row> = typed::<Columns>(text).bind(org).bind(now).bind(project).bind(id).load(c)?;
    Ok(grants_of(c, org, rows)?.pop())
}

/// What somebody's own access to projects was that ended at that moment; of projects that are there still.
pub fn ended(c: &mut Conn, org: &OrgId, user: &UserId, at: Ts) -> Result<Vec<(ProjectId, GrantId)>> {
    let text = "SELECT g.scope_id, g.id FROM grants g JOIN projects p ON p.org_id = g.org_id AND p.id = g.scope_id AND p.deleted_at IS NULL
        WHERE g.org_id = $1 AND g.subject_kind = 'user' AND g.subject_id = $2 AND g.valid_to = $3 AND g.scope_kind = 'project' ORDER BY g.id";
    let rows: Vec<(String, String)> = typed::<(Text, Text)>(text).bind(org).bind(user).bind(at).load(c)?;
    Ok(rows.into_iter().map(|(project, grant)| (ProjectId::known(project), GrantId::known(grant))).collect())
}

pub fn grant(c: &mut Conn, org: &OrgId, project: &ProjectId, id: &str, now: Ts) -> Result<Option<Grant>> {
    let text = format!("{GRANT} FROM grants g {PEOPLE} WHERE {LIVE} AND g.scope_id = $3 AND g.id = $4");
    let rows: Vec<Row> = typed::<Columns>(text).bind(org).bind(now).bind(project).bind(id).load(c)?;
    Ok(grants_of(c, org, rows)?.pop())
}

/// The grant that was made by hand for this subject, if there is one.
pub fn grant_of(c: &mut Conn, org: &OrgId, project: &ProjectId, subject: &Subject, now: Ts) -> Result<Option<Grant>> {
    let text = format!(
        "{GRANT} FROM grants g {PEOPLE} WHERE {LIVE} AND g.scope_id = $3 AND g.subject_kind = $4 AND g.subject_id = $5 AND g.source_kind = 'manual'"
    );
    let rows: Vec<Row> = typed::<Columns>(text).bind(org).bind(now).bind(project).bind(&subject.kind).bind(&subject.id).load(c)?;
    Ok(grants_of(c, org, rows)?.pop())
}

pub fn insert_grant(c: &mut Conn, org: &OrgId, grant: &Grant, role: &RoleId, source: &str, source_id: Option<&str>, by: &str) -> Result<()> {
    diesel::insert_into(g::table)
        .values((
            g::org_id.eq(org),
            g::id.eq(&grant.id),
            g::scope_kind.eq("project"),
            g::scope_id.eq(grant.project_id.as_ref()),
            g::subject_kind.eq(&grant.subject.kind),
            g::subject_id.eq(&grant.subject.id),
            g::role_id.eq(role),
            g::source_kind.eq(source),
            g::source_id.eq(source_id),
            g::granted_by.eq(by),
            g::rev.eq(grant.rev),
            g::created_at.eq(grant.created_at),
            g::updated_at.eq(grant.updated_at),
            g::valid_from.eq(grant.updated_at),
            g::valid_to.eq(grant.valid_to.unwrap_or(Ts::FOREVER)),
        ))
        .execute(c)?;
    Ok(())
}

pub fn close_grant(c: &mut Conn, org: &OrgId, id: &GrantId, now: Ts) -> Result<()> {
    diesel::update(g::table.filter(g::org_id.eq(org).and(g::id.eq(id)).and(g::valid_to.gt(now))))
        .set((g::valid_to.eq(now), g::updated_at.eq(now)))
        .execute(c)?;
    Ok(())
}

#[derive(QueryableByName)]
struct CandidateRow {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    hint: String,
    #[diesel(sql_type = BigInt)]
    external: i64,
    #[diesel(sql_type = Text)]
    has: String,
}

/// Up to eight roles and eight people whose name or address has the text in it, with the level that they have already.
pub fn candidates(c: &mut Conn, org: &OrgId, project: &ProjectId, q: &str, now: Ts) -> Result<Vec<Candidate>> {
    let has = |kind: &str, id: &str| {
        format!(
            "COALESCE((SELECT x.name FROM grants g JOIN roles x ON x.org_id = g.org_id AND x.id = g.role_id WHERE g.org_id = $1 AND g.scope_kind = 'project'
               AND g.scope_id = $3 AND g.subject_kind = '{kind}' AND g.subject_id = {id} AND g.valid_to > $2 LIMIT 1), '') AS has"
        )
    };
    let text = format!(
        "SELECT * FROM (SELECT 'role' AS kind, r.id AS id, r.name AS name,
             CAST(COALESCE((SELECT k.holders FROM role_counts k WHERE k.org_id = r.org_id AND k.role_id = r.id), 0) AS TEXT) AS hint,
             CAST(0 AS BIGINT) AS external, {role}
           FROM roles r WHERE r.org_id = $1 AND r.level = 'org' AND r.kind = 'user' AND r.deleted_at IS NULL AND ($4 = '' OR LOWER(r.name) LIKE $4 ESCAPE '\\')
           ORDER BY LOWER(r.name) LIMIT 8) AS a
         UNION ALL SELECT * FROM (SELECT 'user', m.user_id, m.name, m.email, CAST(0 AS BIGINT), {member}
           FROM members m WHERE m.org_id = $1 AND m.valid_to = 9223372036854775807 AND m.status = 'active'
             AND ($4 = '' OR (m.name_key || ' ' || m.email_key) LIKE $4 ESCAPE '\\') ORDER BY m.name_key, m.id LIMIT 8) AS b
         UNION ALL SELECT * FROM (SELECT 'user', e.user_id, e.name, e.email, CAST(1 AS BIGINT), {external}
           FROM externals e WHERE e.org_id = $1 AND e.valid_to > $2
             AND ($4 = '' OR (e.name_key || ' ' || e.email_key) LIKE $4 ESCAPE '\\') ORDER BY e.name_key, e.user_id LIMIT 8) AS d",
        role = has("role", "r.id"),
        member = has("user", "m.user_id"),
        external = has("user", "e.user_id"),
    );
    let rows: Vec<CandidateRow> = named(text).bind(org).bind(now.0).bind(project).bind(pattern(q)).load(c)?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let is_role = r.kind == "role";
            let hint = if is_role { crate::base::text::count(r.hint.parse().unwrap_or(0), "account", "accounts") } else { r.hint.clone() };
            let email = (!is_role).then_some(r.hint);
            Candidate { subject: Subject { kind: r.kind, id: r.id, name: r.name, email, external: r.external == 1 }, hint, has: r.has }
        })
        .collect())
}
