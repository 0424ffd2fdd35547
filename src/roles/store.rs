//! The SQL of roles.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::Role;
use crate::access::Ref;
use crate::access::permissions::{BUILTIN, of_builtin};
use crate::base::db::schema::{role_permissions as rp, roles as r};
use crate::base::db::{Conn, Ts, dialect, named};
use crate::base::error::{Error, Result};
use crate::base::ids::{Id, OrgId, RoleId};
use crate::base::tx::Tx;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    role_key: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    description: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    level: String,
    #[diesel(sql_type = Text)]
    origin: String,
    #[diesel(sql_type = BigInt)]
    rev: i64,
    #[diesel(sql_type = BigInt)]
    created_at: i64,
    #[diesel(sql_type = BigInt)]
    updated_at: i64,
    #[diesel(sql_type = BigInt)]
    holders: i64,
    #[diesel(sql_type = BigInt)]
    projects: i64,
    #[diesel(sql_type = Nullable<Text>)]
    permissions: Option<String>,
}

/// One statement for a page of roles with their counts and permissions. Built-in roles first (ADMIN, DEFAULT), then by name.
/// $1 org, $2 now, $3 level or '', $4 id or key or '', $5 pattern or '', $6 sort key to start after, $7 how many.
const LIST: &str = "
SELECT r.id AS id, r.role_key AS role_key, r.name AS name, r.description AS description, r.kind AS kind, r.level AS level, r.origin AS origin,
  r.rev AS rev, r.created_at AS created_at, r.updated_at AS updated_at,
  COALESCE((SELECT k.holders FROM role_counts k WHERE k.org_id = r.org_id AND k.role_id = r.id), 0) AS holders,
  (SELECT COUNT(*) FROM grants g WHERE g.org_id = r.org_id AND g.subject_kind = 'role' AND g.subject_id = r.id AND g.valid_to > $2 AND g.scope_kind = 'project') AS projects,
  (SELECT LIST_OF_PERMISSIONS FROM role_permissions p WHERE p.org_id = r.org_id AND p.role_id = r.id) AS permissions
FROM roles r
WHERE r.org_id = $1 AND r.deleted_at IS NULL AND ($3 = '' OR r.level = $3) AND ($4 = '' OR r.id = $4 OR r.role_key = $4)
  AND ($5 = '' OR LOWER(r.name) LIKE $5 ESCAPE '\\')
  AND (CASE WHEN r.origin = 'builtin' THEN '0' ELSE '1' END || LOWER(r.name) || ' ' || r.id) > $6
ORDER BY (CASE WHEN r.origin = 'builtin' THEN '0' ELSE '1' END || LOWER(r.name) || ' ' || r.id) LIMIT $7";

/// What [`LIST`] sorts by, for the cursor.
pub fn sort_key(role: &Role) -> String {
    format!("{}{} {}", if role.is_builtin() { '0' } else { '1' }, role.name.to_ascii_lowercase(), role.id)
}

fn load(c: &mut Conn, org: &OrgId, level: &str, one: &str, pattern: &str, after: &str, most: i64, now: Ts) -> Result<Vec<Role>> {
    let text = LIST.replace("LIST_OF_PERMISSIONS", dialect::join_texts(c));
    let rows: Vec<Row> = named(text).bind(org).bind(now.0).bind(level).bind(one).bind(pattern).bind(after).bind(most).load(c)?;
    Ok(rows.into_iter().map(role).collect())
}

fn role(row: Row) -> Role {
    let mut permissions: Vec<String> = match row.origin.as_str() {
        "builtin" => of_builtin(&row.level, &row.role_key).keys(),
        _ => row.permissions.iter().flat_map(|p| p.split(',')).map(str::to_owned).collect(),
    };
    permissions.sort();
    Role {
        id: RoleId::known(row.id),
        key: row.role_key,
        name: row.name,
        description: row.description,
        kind: row.kind,
        level: row.level,
        origin: row.origin,
        permissions,
        holders: row.holders,
        projects: row.projects,
        rev: row.rev,
        created_at: Ts(row.created_at),
        updated_at: Ts(row.updated_at),
    }
}

pub fn list(c: &mut Conn, org: &OrgId, level: Option<&str>, q: Option<&str>, after: Option<&str>, most: i64, now: Ts) -> Result<Vec<Role>> {
    let pattern = q.filter(|q| !q.trim().is_empty()).map(|q| dialect::anywhere(q.trim())).unwrap_or_default();
    load(c, org, level.unwrap_or_default(), "", &pattern, after.unwrap_or_default(), most, now)
}

/// A role by its id, or by its key at a level.
pub fn by_ref(c: &mut Conn, org: &OrgId, level: &str, key_or_id: &str, now: Ts) -> Result<Option<Role>> {
    if key_or_id.is_empty() {
        return Ok(None);
    }
    Ok(load(c, org, level, key_or_id, "", "", 1, now)?.pop())
}

/// One of the organization's own roles; built-in ones cannot be changed.
pub fn own(tx: &mut Tx<'_>, role: &Ref) -> Result<Role> {
    let org = tx.org_id()?;
    let role = by_ref(tx.c, &org, "", role.as_str(), tx.now)?.ok_or(Error::NotFound)?;
    if role.is_builtin() {
        return Err(Error::Conflict(format!("{} is built in. It cannot be changed or deleted.", role.name)));
    }
    Ok(role)
}

/// The roles with these keys or ids; an unknown one is named.
pub fn by_refs(tx: &mut Tx<'_>, level: &str, refs: &[String], field: &str) -> Result<Vec<Role>> {
    let org = tx.org_id()?;
    let mut roles: Vec<Role> = Vec::new();
    for wanted in refs {
        let role = by_ref(tx.c, &org, level, wanted, tx.now)?.ok_or_else(|| {
            let shown: String = wanted.chars().take(60).collect();
            Error::field(field, "unknown", format!("There is no role “{shown}” here."))
        })?;
        if !roles.iter().any(|r| r.id == role.id) {
            roles.push(role);
        }
    }
    Ok(roles)
}

pub fn insert(c: &mut Conn, org: &OrgId, role: &Role) -> Result<()> {
    diesel::insert_into(r::table)
        .values((
            r::org_id.eq(org),
            r::id.eq(&role.id),
            r::role_key.eq(&role.key),
            r::name.eq(&role.name),
            r::description.eq(&role.description),
            r::kind.eq(&role.kind),
            r::level.eq(&role.level),
            r::origin.eq(&role.origin),
            r::rev.eq(role.rev),
            r::created_at.eq(role.created_at),
            r::updated_at.eq(role.updated_at),
        ))
        .execute(c)?;
    Ok(())
}

/// The built-in roles of a new organization; returns those that its first member gets.
pub fn insert_builtin(tx: &mut Tx<'_>, org: &OrgId) -> Result<Vec<RoleId>> {
    let mut first = Vec::new();
    for (key, name, level, description) in BUILTIN {
        let role = Role {
            id: tx.id(),
            key: (*key).into(),
            name: (*name).into(),
            description: (*description).into(),
            kind: "user".into(),
            level: level.as_str().into(),
            origin: "builtin".into(),
            permissions: Vec::new(),
            holders: 0,
            projects: 0,
            rev: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        insert(tx.c, org, &role)?;
        if role.level == "org" {
            first.push(role.id);
        }
    }
    Ok(first)
}

pub fn update(c: &mut Conn, org: &OrgId, role: &Role) -> Result<()> {
    diesel::update(r::table.filter(r::org_id.eq(org).and(r::id.eq(&role.id))))
        .set((r::name.eq(&role.name), r::description.eq(&role.description), r::rev.eq(role.rev), r::updated_at.eq(role.updated_at)))
        .execute(c)?;
    Ok(())
}

pub fn set_permissions(c: &mut Conn, org: &OrgId, role: &RoleId, keys: &[String]) -> Result<()> {
    diesel::delete(rp::table.filter(rp::org_id.eq(org).and(rp::role_id.eq(role)))).execute(c)?;
    for key in keys {
        diesel::insert_into(rp::table).values((rp::org_id.eq(org), rp::role_id.eq(role), rp::permission.eq(key))).execute(c)?;
    }
    Ok(())
}

pub fn mark_deleted(c: &mut Conn, org: &OrgId, role: &RoleId, now: Ts) -> Result<()> {
    diesel::update(r::table.filter(r::org_id.eq(org).and(r::id.eq(role)))).set((r::deleted_at.eq(now), r::updated_at.eq(now))).execute(c)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Use {
    #[diesel(sql_type = Text)]
    what: String,
}

/// Who and what uses a role: holders, projects it opens, invitations that promise it.
pub fn uses(c: &mut Conn, org: &OrgId, role: &RoleId, now: Ts) -> Result<Vec<String>> {
    let text = "SELECT what FROM (
         SELECT 1 AS o, u.name AS what FROM role_assignments a JOIN users u ON u.id = a.user_id WHERE a.org_id = $1 AND a.role_id = $2 AND a.valid_to > $3
         UNION ALL SELECT 2, 'the project ' || p.name FROM grants g JOIN projects p ON p.org_id = g.org_id AND p.id = g.scope_id AND p.deleted_at IS NULL
           WHERE g.org_id = $1 AND g.valid_to > $3 AND ((g.subject_kind = 'role' AND g.subject_id = $2) OR g.role_id = $2)
         UNION ALL SELECT 3, 'the invitation of ' || i.email FROM invitation_gifts x JOIN invitations i ON i.org_id = x.org_id AND i.id = x.invitation_id
           WHERE x.org_id = $1 AND x.role_id = $2 AND i.status = 'pending') AS used ORDER BY o, what LIMIT 100";
    let rows: Vec<Use> = named(text).bind(org).bind(role).bind(now.0).load(c)?;
    Ok(rows.into_iter().map(|u| u.what).collect())
}

#[derive(QueryableByName, Debug, Clone)]
pub struct Holder {
    #[diesel(sql_type = Text)]
    pub user_id: String,
    #[diesel(sql_type = Text)]
    pub member_id: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = BigInt)]
    pub since: i64,
}

pub fn holders(c: &mut Conn, org: &OrgId, role: &RoleId, most: i64, now: Ts) -> Result<Vec<Holder>> {
    let text = "SELECT u.id AS user_id, m.id AS member_id, u.name AS name, u.email AS email, m.status AS status, a.valid_from AS since
         FROM role_assignments a JOIN users u ON u.id = a.user_id
         JOIN members m ON m.org_id = a.org_id AND m.user_id = a.user_id AND m.valid_to = 9223372036854775807
         WHERE a.org_id = $1 AND a.role_id = $2 AND a.valid_to > $3 ORDER BY u.name, u.id LIMIT $4";
    Ok(named(text).bind(org).bind(role).bind(now.0).bind(most).load(c)?)
}

#[derive(QueryableByName, Debug, Clone)]
pub struct Reached {
    #[diesel(sql_type = Text)]
    pub slug: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// "Viewer", "Editor", "Owner".
    #[diesel(sql_type = Text)]
    pub role: String,
}

pub fn reached(c: &mut Conn, org: &OrgId, role: &RoleId, most: i64, now: Ts) -> Result<Vec<Reached>> {
    let text = "SELECT p.slug AS slug, p.name AS name, r.name AS role FROM grants g
         JOIN projects p ON p.org_id = g.org_id AND p.id = g.scope_id AND p.deleted_at IS NULL
         JOIN roles r ON r.org_id = g.org_id AND r.id = g.role_id
         WHERE g.org_id = $1 AND g.subject_kind = 'role' AND g.subject_id = $2 AND g.scope_kind = 'project' AND g.valid_to > $3
         ORDER BY p.name_key LIMIT $4";
    Ok(named(text).bind(org).bind(role).bind(now.0).bind(most).load(c)?)
}
