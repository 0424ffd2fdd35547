//! The SQL of projects; that of who has access to them is in `store/grants.rs`.

mod grants;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::Project;
use crate::base::db::schema::{projects as p, workspaces as w};
use crate::base::db::statement::Value;
use crate::base::db::{Conn, Ts, dialect, named, typed};
use crate::base::error::Result;
use crate::base::ids::{Id, OrgId, ProjectId, WorkspaceId};
use crate::base::order::{Column, Columns, Order};
use crate::base::tx::Tx;
pub use grants::*;

type Row = (ProjectId, WorkspaceId, String, String, String, i64, Ts, Ts);

fn project((id, workspace_id, slug, name, description, rev, created_at, updated_at): Row) -> Project {
    Project { id, workspace_id, slug, name, description, rev, created_at, updated_at }
}

pub fn get(c: &mut Conn, org: &OrgId, id: &ProjectId) -> Result<Project> {
    let row: Row = p::table
        .filter(p::org_id.eq(org).and(p::id.eq(id)).and(p::deleted_at.is_null()))
        .select((p::id, p::workspace_id, p::slug, p::name, p::description, p::rev, p::created_at, p::updated_at))
        .first(c)?;
    Ok(project(row))
}

pub fn insert_main_workspace(tx: &mut Tx<'_>, org: &OrgId) -> Result<WorkspaceId> {
    let id: WorkspaceId = tx.id();
    diesel::insert_into(w::table)
        .values((
            w::org_id.eq(org),
            w::id.eq(&id),
            w::slug.eq("main"),
            w::name.eq("Main"),
            w::rev.eq(1),
            w::created_at.eq(tx.now),
            w::updated_at.eq(tx.now),
        ))
        .execute(tx.c)?;
    Ok(id)
}

/// The workspace named, or the first one of the organization.
pub fn workspace(c: &mut Conn, org: &OrgId, named: Option<&str>) -> Result<Option<WorkspaceId>> {
    let all = w::table.filter(w::org_id.eq(org).and(w::deleted_at.is_null())).order(w::created_at).select(w::id);
    Ok(match named {
        Some(text) => all.filter(w::id.eq(text).or(w::slug.eq(text))).first(c).optional()?,
        None => all.first(c).optional()?,
    })
}

pub fn slug_is_taken(c: &mut Conn, org: &OrgId, slug: &str) -> Result<bool> {
    let found: Option<ProjectId> =
        p::table.filter(p::org_id.eq(org).and(p::slug.eq(slug)).and(p::deleted_at.is_null())).select(p::id).first(c).optional()?;
    Ok(found.is_some())
}

pub fn insert(c: &mut Conn, org: &OrgId, project: &Project) -> Result<()> {
    diesel::insert_into(p::table)
        .values((
            p::org_id.eq(org),
            p::id.eq(&project.id),
            p::workspace_id.eq(&project.workspace_id),
            p::slug.eq(&project.slug),
            p::name.eq(&project.name),
            p::name_key.eq(project.name.to_lowercase()),
            p::description.eq(&project.description),
            p::rev.eq(project.rev),
            p::created_at.eq(project.created_at),
            p::updated_at.eq(project.updated_at),
        ))
        .execute(c)?;
    Ok(())
}

pub fn update(c: &mut Conn, org: &OrgId, project: &Project) -> Result<()> {
    diesel::update(p::table.filter(p::org_id.eq(org).and(p::id.eq(&project.id))))
        .set((
            p::slug.eq(&project.slug),
            p::name.eq(&project.name),
            p::name_key.eq(project.name.to_lowercase()),
            p::description.eq(&project.description),
            p::rev.eq(project.rev),
            p::updated_at.eq(project.updated_at),
        ))
        .execute(c)?;
    Ok(())
}

pub fn mark_deleted(c: &mut Conn, org: &OrgId, id: &ProjectId, now: Ts) -> Result<()> {
    diesel::update(p::table.filter(p::org_id.eq(org).and(p::id.eq(id)))).set((p::deleted_at.eq(now), p::updated_at.eq(now))).execute(c)?;
    Ok(())
}

pub struct Filter {
    pub user: String,
    pub sees_all: bool,
    pub q: String,
    pub access: &'static str,
    pub order: Order,
    /// Sort key and id of the last row before.
    pub after: Vec<String>,
}

#[derive(QueryableByName)]
struct Listed {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    workspace_id: String,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    description: String,
    #[diesel(sql_type = BigInt)]
    rev: i64,
    #[diesel(sql_type = BigInt)]
    created_at: i64,
    #[diesel(sql_type = BigInt)]
    updated_at: i64,
}

/// $1 org, $2 user, $3 now, $4 sees all, $5 pattern or '', $6 access filter.
const WHERE: &str = "
FROM projects p WHERE p.org_id = $1 AND p.deleted_at IS NULL
  AND ($4 OR EXISTS (SELECT 1 FROM grants g WHERE g.org_id = p.org_id AND g.valid_to > $3 AND g.valid_from <= $3
        AND ((g.scope_kind = 'project' AND g.scope_id = p.id) OR (g.scope_kind = 'workspace' AND g.scope_id = p.workspace_id))
        AND ((g.subject_kind = 'user' AND g.subject_id = $2)
          OR (g.subject_kind = 'role' AND g.subject_id IN (SELECT a.role_id FROM role_assignments a WHERE a.org_id = $1 AND a.user_id = $2 AND a.valid_to > $3 AND a.valid_from <= $3))
          OR (g.subject_kind = 'everyone' AND EXISTS (SELECT 1 FROM members m WHERE m.org_id = $1 AND m.user_id = $2 AND m.valid_to = 9223372036854775807 AND m.status = 'active')))))
  AND ($5 = '' OR p.name_key LIKE $5 ESCAPE '\\' OR p.slug LIKE $5 ESCAPE '\\'
       OR ($4 AND EXISTS (SELECT 1 FROM grants g LEFT JOIN users u ON g.subject_kind = 'user' AND u.id = g.subject_id
            LEFT JOIN roles r ON g.subject_kind = 'role' AND r.org_id = g.org_id AND r.id = g.subject_id
            WHERE g.org_id = p.org_id AND g.scope_kind = 'project' AND g.scope_id = p.id AND g.valid_to > $3
              AND (LOWER(u.name) LIKE $5 ESCAPE '\\' OR u.email_key LIKE $5 ESCAPE '\\' OR LOWER(r.name) LIKE $5 ESCAPE '\\'))))
  AND ($6 <> 'none' OR p.access_until <= $3)
  AND ($6 <> 'external' OR EXISTS (SELECT 1 FROM grants g WHERE g.org_id = p.org_id AND g.scope_kind = 'project' AND g.scope_id = p.id AND g.valid_to > $3
        AND g.subject_kind = 'user' AND NOT EXISTS (SELECT 1 FROM members m WHERE m.org_id = g.org_id AND m.user_id = g.subject_id AND m.valid_to = 9223372036854775807)))";

fn pattern(q: &str) -> String {
    if q.trim().is_empty() { String::new() } else { dialect::anywhere(q.trim()) }
}

pub fn list(c: &mut Conn, org: &OrgId, filter: &Filter, most: i64, now: Ts) -> Result<Vec<Project>> {
    // A first page has no place to go on from, and says so by a comparison that always holds.
    let (beyond, at, id) = match filter.after.as_slice() {
        [at, id] => {
            let at = if filter.order.column.is_time { Value::Int(at.parse().unwrap_or(0)) } else { at.into() };
            (format!("AND {}", filter.order.beyond("p.id", "$7", "$8")), at, id.clone())
        }
        _ => (String::new(), Value::Int(0), String::new()),
    };
    let text = format!(
        "SELECT p.id AS id, p.workspace_id AS workspace_id, p.slug AS slug, p.name AS name, p.description AS description, p.rev AS rev,
             p.created_at AS created_at, p.updated_at AS updated_at {WHERE}
             {beyond} {} LIMIT $9",
        filter.order.sql("p.id")
    );
    let rows: Vec<Listed> = named(text)
        .bind(org)
        .bind(&filter.user)
        .bind(now.0)
        .bind(filter.sees_all)
        .bind(pattern(&filter.q))
        .bind(filter.access)
        .bind(at)
        .bind(id)
        .bind(most)
        .load(c)?;
    Ok(rows
        .into_iter()
        .map(|r| Project {
            id: ProjectId::known(r.id),
            workspace_id: WorkspaceId::known(r.workspace_id),
            slug: r.slug,
            name: r.name,
            description: r.description,
            rev: r.rev,
            created_at: Ts(r.created_at),
            updated_at: Ts(r.updated_at),
        })
        .collect())
}

pub const ORDERS: Columns = &[Column::text("name", "p.name_key"), Column::time("created", "p.created_at")];

/// What a list goes on from: the sort key and the id of its last row.
pub fn sort_key(project: &Project, order: &Order) -> Vec<String> {
    let key = if order.column.is_time { project.created_at.0.to_string() } else { project.name.to_lowercase() };
    vec![key, project.id.to_string()]
}

/// The figures beside the saved views, counted up to 200.
#[derive(Debug, Clone, Default)]
pub struct ViewCounts {
    pub all: i64,
    pub external: i64,
    pub none: i64,
}

impl ViewCounts {
    pub const COUNTED: i64 = 200;
}

pub fn view_counts(c: &mut Conn, org: &OrgId, now: Ts) -> Result<ViewCounts> {
    let text = "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM projects WHERE org_id = $1 AND deleted_at IS NULL LIMIT 200) AS a),
          (SELECT COUNT(*) FROM (SELECT DISTINCT p.id FROM externals e JOIN grants g ON g.org_id = e.org_id AND g.subject_kind = 'user' AND g.subject_id = e.user_id
              AND g.scope_kind = 'project' AND g.valid_to > $2 JOIN projects p ON p.org_id = g.org_id AND p.id = g.scope_id AND p.deleted_at IS NULL
              WHERE e.org_id = $1 AND e.valid_to > $2 LIMIT 200) AS e),
          (SELECT COUNT(*) FROM (SELECT 1 FROM projects WHERE org_id = $1 AND deleted_at IS NULL AND access_until <= $2 LIMIT 200) AS n)";
    let (all, external, none) = typed::<(BigInt, BigInt, BigInt)>(text).bind(org).bind(now).get_result::<(i64, i64, i64)>(c)?;
    Ok(ViewCounts { all, external, none })
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

pub fn count(c: &mut Conn, org: &OrgId, filter: &Filter, now: Ts) -> Result<i64> {
    let text = format!("SELECT COUNT(*) AS n {WHERE}");
    let row: Counted =
        named(text).bind(org).bind(&filter.user).bind(now.0).bind(filter.sees_all).bind(pattern(&filter.q)).bind(filter.access).get_result(c)?;
    Ok(row.n)
}
