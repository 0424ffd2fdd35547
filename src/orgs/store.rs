//! The SQL of organizations.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::{Mine, MyOrg, Org};
use crate::base::db::schema::{instance as i, orgs as o, users as u};
use crate::base::db::time::DAY;
use crate::base::db::{Conn, Ts, named};
use crate::base::error::Result;
use crate::base::ids::{OrgId, UserId};
use crate::base::tx::UserActor;

type Row = (OrgId, String, String, String, i64, Ts, Ts);

fn org((id, slug, name, description, rev, created_at, updated_at): Row) -> Org {
    Org { id, slug, name, description, rev, created_at, updated_at }
}

pub fn get(c: &mut Conn, id: &OrgId) -> Result<Org> {
    let row: Row = o::table.filter(o::id.eq(id)).select((o::id, o::slug, o::name, o::description, o::rev, o::created_at, o::updated_at)).first(c)?;
    Ok(org(row))
}

pub fn slug_is_taken(c: &mut Conn, slug: &str) -> Result<bool> {
    let found: Option<OrgId> = o::table.filter(o::slug.eq(slug).and(o::deleted_at.is_null())).select(o::id).first(c).optional()?;
    Ok(found.is_some())
}

pub fn insert(c: &mut Conn, org: &Org, policy: &str) -> Result<()> {
    diesel::insert_into(o::table)
        .values((
            o::id.eq(&org.id),
            o::slug.eq(&org.slug),
            o::name.eq(&org.name),
            o::description.eq(&org.description),
            o::policy.eq(policy),
            o::seq.eq(1),
            o::audit_head.eq(""),
            o::rev.eq(org.rev),
            o::created_at.eq(org.created_at),
            o::updated_at.eq(org.updated_at),
        ))
        .execute(c)?;
    Ok(())
}

pub fn update(c: &mut Conn, org: &Org) -> Result<()> {
    diesel::update(o::table.filter(o::id.eq(&org.id)))
        .set((
            o::slug.eq(&org.slug),
            o::name.eq(&org.name),
            o::description.eq(&org.description),
            o::rev.eq(org.rev),
            o::updated_at.eq(org.updated_at),
        ))
        .execute(c)?;
    Ok(())
}

pub fn mark_deleted(c: &mut Conn, id: &OrgId, now: Ts) -> Result<()> {
    diesel::update(o::table.filter(o::id.eq(id))).set((o::deleted_at.eq(now), o::updated_at.eq(now))).execute(c)?;
    Ok(())
}

/// Who may create organizations is a setting of the instance.
pub fn may_create(c: &mut Conn, me: &UserActor) -> Result<bool> {
    let who: String = i::table.select(i::org_creation).first(c)?;
    Ok(me.is_operator || who == "anyone")
}

pub fn remember(c: &mut Conn, user: &UserId, org: &OrgId) -> Result<()> {
    diesel::update(u::table.filter(u::id.eq(user))).set(u::last_org_id.eq(org.to_string())).execute(c)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Seat {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    relation: String,
    #[diesel(sql_type = Nullable<Text>)]
    admin: Option<String>,
    #[diesel(sql_type = Text)]
    creation: String,
    #[diesel(sql_type = Text)]
    description: String,
    #[diesel(sql_type = BigInt)]
    rev: i64,
    #[diesel(sql_type = BigInt)]
    created_at: i64,
    #[diesel(sql_type = BigInt)]
    updated_at: i64,
}

/// One query: where the person is a member or has access as an external, and who may create organizations.
const MINE: &str = "
SELECT o.id AS id, o.slug AS slug, o.name AS name, x.relation AS relation,
       (SELECT r.role_key FROM role_assignments a JOIN roles r ON r.org_id = a.org_id AND r.id = a.role_id
         WHERE a.org_id = o.id AND a.user_id = $1 AND a.valid_to > $2 AND r.level = 'org' AND r.role_key = 'ADMIN' LIMIT 1) AS admin,
       (SELECT org_creation FROM instance) AS creation, o.description AS description, o.rev AS rev, o.created_at AS created_at, o.updated_at AS updated_at
FROM (SELECT org_id, status AS relation FROM members WHERE user_id = $1 AND valid_to = 9223372036854775807
      UNION
      SELECT g.org_id, 'external' FROM grants g WHERE g.subject_kind = 'user' AND g.subject_id = $1 AND g.valid_to > $2 AND g.valid_from <= $2
        AND NOT EXISTS (SELECT 1 FROM members m WHERE m.org_id = g.org_id AND m.user_id = $1 AND m.valid_to = 9223372036854775807)) x
JOIN orgs o ON o.id = x.org_id AND o.deleted_at IS NULL
UNION ALL SELECT '', '', '', '', NULL, org_creation, '', rev, created_at, updated_at FROM instance
ORDER BY name, id LIMIT 501";

pub fn mine(c: &mut Conn, me: &UserActor, now: Ts) -> Result<Mine> {
    let text = MINE;
    let seats: Vec<Seat> = named(text).bind(&me.id).bind(now.0).load(c)?;
    let can_create = me.is_operator || seats.first().is_some_and(|s| s.creation == "anyone");
    let orgs = seats
        .into_iter()
        .filter(|s| !s.id.is_empty())
        .map(|s| {
            let standing = match (s.relation.as_str(), s.admin) {
                ("active", Some(_)) => "ADMIN",
                ("active", None) => "Member",
                ("external", _) => "External",
                _ => "Suspended",
            };
            MyOrg {
                id: s.id,
                slug: s.slug,
                name: s.name,
                description: s.description,
                standing: standing.into(),
                rev: s.rev,
                created_at: Ts(s.created_at),
                updated_at: Ts(s.updated_at),
            }
        })
        .collect();
    Ok(Mine { orgs, can_create })
}

/// The figures of the admin page.
#[derive(QueryableByName, Debug, Clone)]
pub struct Counts {
    #[diesel(sql_type = BigInt)]
    pub members: i64,
    #[diesel(sql_type = BigInt)]
    pub new_members: i64,
    #[diesel(sql_type = BigInt)]
    pub suspended: i64,
    #[diesel(sql_type = BigInt)]
    pub with_mfa: i64,
    #[diesel(sql_type = BigInt)]
    pub externals: i64,
    #[diesel(sql_type = BigInt)]
    pub external_projects: i64,
    #[diesel(sql_type = BigInt)]
    pub projects: i64,
    #[diesel(sql_type = BigInt)]
    pub roles: i64,
    #[diesel(sql_type = BigInt)]
    pub invitations: i64,
}

impl Counts {
    /// "+3 this month": new members are counted up to 200.
    pub fn new_in_words(&self) -> String {
        if self.new_members < 200 { format!("+{} this month", self.new_members) } else { "200 or more new this month".into() }
    }
    /// Where people from outside have access; looked up for at most 20 of them.
    pub fn external_reach(&self) -> String {
        if self.externals <= 20 { crate::base::text::count(self.external_projects, "project", "projects") } else { "across the projects".into() }
    }
}

const COUNTS: &str = "
SELECT COALESCE((SELECT k.members - k.suspended FROM org_counts k WHERE k.org_id = $1), 0) AS members,
       (SELECT COUNT(*) FROM (SELECT 1 FROM members WHERE org_id = $1 AND valid_from > $3 AND valid_to = 9223372036854775807 AND status = 'active' LIMIT 200) AS n) AS new_members,
       COALESCE((SELECT k.suspended FROM org_counts k WHERE k.org_id = $1), 0) AS suspended,
       COALESCE((SELECT k.members - k.suspended - k.active_without_mfa FROM org_counts k WHERE k.org_id = $1), 0) AS with_mfa,
       (SELECT COUNT(*) FROM (SELECT 1 FROM externals WHERE org_id = $1 AND valid_to > $2 LIMIT 1000) AS e) AS externals,
       (SELECT COUNT(DISTINCT CASE WHEN g.scope_kind = 'project' THEN g.scope_id END) FROM (SELECT user_id FROM externals WHERE org_id = $1 AND valid_to > $2 LIMIT 20) AS e
          CROSS JOIN grants g WHERE g.org_id = $1 AND g.subject_kind = 'user' AND g.subject_id = e.user_id AND g.valid_to > $2) AS external_projects,
       (SELECT COUNT(*) FROM projects WHERE org_id = $1 AND deleted_at IS NULL) AS projects,
       (SELECT COUNT(*) FROM roles WHERE org_id = $1 AND deleted_at IS NULL AND level = 'org') AS roles,
       (SELECT COUNT(*) FROM invitations WHERE org_id = $1 AND status = 'pending') AS invitations";

pub fn counts(c: &mut Conn, id: &OrgId, now: Ts) -> Result<Counts> {
    let text = COUNTS;
    Ok(named(text).bind(id).bind(now.0).bind(now.minus(30 * DAY).0).get_result(c)?)
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The first projects that somebody has access to.
pub fn names_of_used_projects(c: &mut Conn, id: &OrgId, now: Ts) -> Result<Vec<String>> {
    let text = "SELECT p.name AS name FROM projects p WHERE p.org_id = $1 AND p.deleted_at IS NULL AND EXISTS (SELECT 1 FROM grants g
           WHERE g.org_id = p.org_id AND g.scope_kind = 'project' AND g.scope_id = p.id AND g.valid_to > $2) ORDER BY p.name_key LIMIT 20";
    let rows: Vec<Named> = named(text).bind(id).bind(now.0).load(c)?;
    Ok(rows.into_iter().map(|r| r.name).collect())
}
