//! The SQL of the guard: one statement, answered from indexes, for everything that a decision needs.

use std::sync::LazyLock;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::permissions::{Perms, of_builtin};
use super::policy::Policy;
use super::standing::{OrgHead, OrgRef, Path, ProjectHead, Ref, Relation, RoleHeld, Standing};
use crate::base::db::{Conn, Ts, named, typed};
use crate::base::error::Result;
use crate::base::ids::{GrantId, Id, OrgId, ProjectId, RoleId, UserId, WorkspaceId};

/// $1 org, $2 user, $3 now. CROSS JOIN keeps the order: from the organization on, each step is found by its whole key. To find one row
/// again costs less than a table in memory to keep it in, hence NOT MATERIALIZED; what takes several steps to find is kept.
const IN_ORG: &str = "
WITH o AS NOT MATERIALIZED (SELECT id, slug, name, policy FROM orgs WHERE ORG = $1 AND deleted_at IS NULL),
     m AS NOT MATERIALIZED (SELECT m.status FROM o CROSS JOIN members m WHERE m.org_id = o.id AND m.user_id = $2 AND m.valid_to = 9223372036854775807),
     held AS (SELECT r.id, r.role_key, r.name, r.origin FROM o CROSS JOIN role_assignments a CROSS JOIN roles r
              WHERE a.org_id = o.id AND a.user_id = $2 AND a.valid_to > $3 AND a.valid_from <= $3 AND r.org_id = o.id AND r.id = a.role_id
                AND (SELECT status FROM m) = 'active')ON_PROJECT
SELECT 'org' AS leg, id AS a, slug AS b, name AS c, policy AS d FROM o
UNION ALL SELECT 'member', status, '', '', NULL FROM m
UNION ALL SELECT 'role', id, role_key, name, origin FROM held
UNION ALL SELECT 'perm', rp.permission, '', '', NULL FROM o CROSS JOIN held h CROSS JOIN role_permissions rp WHERE rp.org_id = o.id AND rp.role_id = h.id
UNION ALL SELECT 'external', '', '', '', NULL FROM o WHERE NOT EXISTS (SELECT 1 FROM m)
      AND EXISTS (SELECT 1 FROM grants x WHERE x.org_id = o.id AND x.subject_kind = 'user' AND x.subject_id = $2 AND x.valid_to > $3 AND x.valid_from <= $3)";

/// $4 project. What is given on it or on its workspace to the person, to a role of theirs, or to everyone.
const ON_PROJECT: &str = ",
     p AS NOT MATERIALIZED (SELECT p.id, p.workspace_id, p.slug, p.name FROM o CROSS JOIN projects p WHERE p.org_id = o.id AND p.PROJECT = $4 AND p.deleted_at IS NULL),
     place AS NOT MATERIALIZED (SELECT 'project' AS kind, id FROM p UNION ALL SELECT 'workspace', workspace_id FROM p),
     subject AS NOT MATERIALIZED (SELECT 'user' AS kind, $2 AS id UNION ALL SELECT 'role', id FROM held UNION ALL SELECT 'everyone', '' FROM m WHERE status = 'active'),
     mine AS (SELECT g.id, g.role_id FROM o CROSS JOIN place CROSS JOIN subject CROSS JOIN grants g
              WHERE g.org_id = o.id AND g.scope_kind = place.kind AND g.scope_id = place.id AND g.subject_kind = subject.kind AND g.subject_id = subject.id
                AND g.valid_to > $3 AND g.valid_from <= $3)";
const PROJECT_LEGS: &str = "
UNION ALL SELECT 'project', id, slug, name, workspace_id FROM p
UNION ALL SELECT 'path', mine.id, r.role_key, r.level, r.origin FROM o CROSS JOIN mine CROSS JOIN roles r WHERE r.org_id = o.id AND r.id = mine.role_id
UNION ALL SELECT 'pathperm', mine.id, rp.permission, '', NULL FROM o CROSS JOIN mine CROSS JOIN role_permissions rp WHERE rp.org_id = o.id AND rp.role_id = mine.role_id";

/// The statement for an organization and a project named by id or by short name. Put together once.
fn statement(org: &str, project: Option<&str>) -> &'static str {
    static TEXTS: LazyLock<[[String; 3]; 2]> =
        LazyLock::new(|| ["slug", "id"].map(|org| [None, Some("slug"), Some("id")].map(|project| text(org, project))));
    // Short names hold no underscore, ids do.
    let is_id = |name: &str| name.contains('_');
    let [by_slug, by_id] = &*TEXTS;
    let [alone, with_slug, with_id] = if is_id(org) { by_id } else { by_slug };
    match project {
        None => alone,
        Some(project) if is_id(project) => with_id,
        Some(_) => with_slug,
    }
}

fn text(org: &str, project: Option<&str>) -> String {
    let text = IN_ORG.replace("ORG", org);
    match project {
        None => text.replace("ON_PROJECT", ""),
        Some(project) => text.replace("ON_PROJECT", &ON_PROJECT.replace("PROJECT", project)) + PROJECT_LEGS,
    }
}

/// `None` when there is no such organization. One statement.
pub fn standing(c: &mut Conn, org: &OrgRef, user: &str, project: Option<&Ref>, now: Ts) -> Result<Option<Standing>> {
    let project = project.map(Ref::as_str);
    let query = typed::<(Text, Text, Text, Text, Nullable<Text>)>(statement(org.as_str(), project)).bind(org.as_str()).bind(user).bind(now);
    build(query.bind(project.unwrap_or_default()).load(c)?)
}

type Leg = (String, String, String, String, Option<String>);

fn build(legs: Vec<Leg>) -> Result<Option<Standing>> {
    let mut standing: Option<Standing> = None;
    for (leg, a, b, c, d) in legs {
        if leg == "org" {
            let policy = Policy::read(&d.unwrap_or_default())?;
            let org = OrgHead { id: OrgId::known(a), slug: b, name: c, policy };
            standing =
                Some(Standing { org, relation: Relation::Stranger, roles: Vec::new(), in_org: Perms::default(), project: None, paths: Vec::new() });
            continue;
        }
        // The organization's row comes first in the union, and without it no other row can be there.
        let Some(s) = standing.as_mut() else { continue };
        match leg.as_str() {
            "member" => s.relation = if a == "active" { Relation::Member } else { Relation::Suspended },
            "external" => s.relation = Relation::External,
            "role" => {
                if d.as_deref() == Some("builtin") {
                    s.in_org.join(&of_builtin("org", &b));
                }
                s.roles.push(RoleHeld { id: RoleId::known(a), key: b, name: c });
            }
            "perm" => s.in_org.join(&Perms::of(&[&a])),
            "project" => {
                s.project = Some(ProjectHead { id: ProjectId::known(a), workspace_id: WorkspaceId::known(d.unwrap_or_default()), slug: b, name: c });
            }
            "path" => {
                let perms = if d.as_deref() == Some("builtin") { of_builtin(&c, &b) } else { Perms::default() };
                s.paths.push(Path { grant: GrantId::known(a), role_key: b, perms });
            }
            "pathperm" => {
                if let Some(path) = s.paths.iter_mut().find(|p| p.grant.as_str() == a) {
                    path.perms.join(&Perms::of(&[&b]));
                }
            }
            _ => {}
        }
    }
    Ok(standing)
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

/// Whether at least one ADMIN of the organization can still complete a sign-in. Members of suspended or removed people and
/// people without a way to sign in do not count; who still has to set up a second factor does, because sign-in walks them through.
const ADMIN_CAN_SIGN_IN: &str = "
SELECT COUNT(*) AS found FROM (
  SELECT 1 FROM roles r
  JOIN role_assignments a ON a.org_id = r.org_id AND a.role_id = r.id AND a.valid_to > $2 AND a.valid_from <= $2
  JOIN members m ON m.org_id = a.org_id AND m.user_id = a.user_id AND m.valid_to = 9223372036854775807 AND m.status = 'active'
  JOIN users u ON u.id = a.user_id AND u.active = $3 AND u.password_hash IS NOT NULL
  WHERE r.org_id = $1 AND r.level = 'org' AND r.role_key = 'ADMIN' AND r.deleted_at IS NULL LIMIT 1000) AS admins";

/// How many ADMINs can complete a sign-in, counted up to 1,000.
pub fn admins_able(c: &mut Conn, org: &OrgId, now: Ts) -> Result<i64> {
    let text = ADMIN_CAN_SIGN_IN;
    let found: Found = named(text).bind(org).bind(now.0).bind(true).get_result(c)?;
    Ok(found.found)
}

/// What one person reaches, as words: roles held and grants by way of each. For previews.
#[derive(QueryableByName, Debug, Clone)]
pub struct Reach {
    #[diesel(sql_type = Text)]
    pub user_id: String,
    #[diesel(sql_type = Text)]
    pub what: String,
}

/// $1 org, $2 user, $3 now. Only what is in effect: nothing of a member who is not active.
const REACHES: &str = "
WITH m AS (SELECT status FROM members WHERE org_id = $1 AND user_id = $2 AND valid_to = 9223372036854775807),
     held AS (SELECT r.id, r.name FROM m JOIN role_assignments a ON a.org_id = $1 AND a.user_id = $2 AND a.valid_to > $3 AND a.valid_from <= $3
              JOIN roles r ON r.org_id = a.org_id AND r.id = a.role_id WHERE m.status = 'active'),
     g AS (SELECT g.scope_id, g.role_id, 'directly' AS how FROM grants g WHERE g.org_id = $1 AND g.subject_kind = 'user' AND g.subject_id = $2
             AND g.scope_kind = 'project' AND g.valid_to > $3 AND g.valid_from <= $3 AND NOT EXISTS (SELECT 1 FROM m WHERE status <> 'active')
           UNION ALL
           SELECT g.scope_id, g.role_id, held.name FROM held JOIN grants g ON g.org_id = $1 AND g.subject_kind = 'role' AND g.subject_id = held.id
             AND g.scope_kind = 'project' AND g.valid_to > $3 AND g.valid_from <= $3
           UNION ALL
           SELECT g.scope_id, g.role_id, 'everyone' FROM m JOIN grants g ON g.org_id = $1 AND g.subject_kind = 'everyone' AND g.subject_id = ''
             AND g.scope_kind = 'project' AND g.valid_to > $3 AND g.valid_from <= $3 WHERE m.status = 'active')
SELECT $2 AS user_id, 'membership' AS what FROM m WHERE status = 'active'
UNION ALL SELECT $2, 'role ' || name FROM held
UNION ALL SELECT DISTINCT $2, 'permission ' || rp.permission FROM held JOIN role_permissions rp ON rp.org_id = $1 AND rp.role_id = held.id
UNION ALL SELECT $2, r.name || ' on ' || p.name || CASE WHEN g.how = 'directly' THEN '' ELSE ' (by ' || g.how || ')' END
  FROM g JOIN projects p ON p.org_id = $1 AND p.id = g.scope_id AND p.deleted_at IS NULL JOIN roles r ON r.org_id = $1 AND r.id = g.role_id";

pub fn reaches(c: &mut Conn, org: &OrgId, user: &UserId, now: Ts) -> Result<Vec<Reach>> {
    let text = REACHES;
    Ok(named(text).bind(org).bind(user).bind(now.0).load(c)?)
}

#[derive(QueryableByName, Debug, Clone)]
pub struct PersonRow {
    #[diesel(sql_type = Text)]
    pub user_id: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub mfa_since: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub last_seen_at: Option<i64>,
    #[diesel(sql_type = Text)]
    pub relation: String,
    /// Live sessions, and those of them that proved no second factor.
    #[diesel(sql_type = BigInt)]
    pub sessions: i64,
    #[diesel(sql_type = BigInt)]
    pub weak_sessions: i64,
    /// Live personal access tokens.
    #[diesel(sql_type = BigInt)]
    pub tokens: i64,
}

/// $1 org, $2 now. Narrowed where the rows are found: the condition on a union would read everybody to find one person.
macro_rules! people {
    ($member:literal, $guest:literal, $rest:literal) => {
        concat!(
            "
SELECT u.id AS user_id, u.name AS name, u.email AS email, u.mfa_since AS mfa_since, u.last_seen_at AS last_seen_at, x.relation AS relation,
       (SELECT COUNT(*) FROM sessions s WHERE s.user_id = u.id AND s.expires_at > $2 AND s.ended_at IS NULL) AS sessions,
       (SELECT COUNT(*) FROM sessions s WHERE s.user_id = u.id AND s.expires_at > $2 AND s.ended_at IS NULL AND s.mfa_at IS NULL) AS weak_sessions,
       (SELECT COUNT(*) FROM api_tokens t WHERE t.user_id = u.id AND t.expires_at > $2 AND t.revoked_at IS NULL) AS tokens
FROM (SELECT m.user_id AS user_id, CASE WHEN m.status = 'active' THEN 'member' ELSE 'suspended' END AS relation
        FROM members m WHERE m.org_id = $1 AND m.valid_to = 9223372036854775807",
            $member,
            "
      UNION
      SELECT g.subject_id, 'external' FROM grants g WHERE g.org_id = $1 AND g.subject_kind = 'user' AND g.valid_to > $2 AND g.valid_from <= $2",
            $guest,
            "
        AND NOT EXISTS (SELECT 1 FROM members m WHERE m.org_id = g.org_id AND m.user_id = g.subject_id AND m.valid_to = 9223372036854775807)) x
JOIN users u ON u.id = x.user_id",
            $rest
        )
    };
}

/// Members and externals in slices of 1,000 by user id.
pub fn people_after(c: &mut Conn, org: &OrgId, after: &str, now: Ts) -> Result<Vec<PersonRow>> {
    let text = people!(" AND m.user_id > $3", " AND g.subject_id > $3", " ORDER BY u.id LIMIT 1000");
    Ok(named(text).bind(org).bind(now.0).bind(after).load(c)?)
}

pub fn person(c: &mut Conn, org: &OrgId, user: &UserId, now: Ts) -> Result<Option<PersonRow>> {
    let text = people!(" AND m.user_id = $3", " AND g.subject_id = $3", "");
    Ok(named(text).bind(org).bind(now.0).bind(user).load(c)?.pop())
}

/// The users who hold a role now, at most 10,000 of them.
pub fn holders(c: &mut Conn, org: &OrgId, role: &RoleId, now: Ts) -> Result<Vec<UserId>> {
    use crate::base::db::schema::role_assignments as ra;
    Ok(ra::table
        .filter(ra::org_id.eq(org).and(ra::role_id.eq(role)).and(ra::valid_to.gt(now)))
        .order(ra::user_id)
        .select(ra::user_id)
        .limit(10_000)
        .load(c)?)
}

/// The permissions of a role: of a built-in one from the program, of others from rows.
pub fn role_perms(c: &mut Conn, org: &OrgId, role: &RoleId) -> Result<Perms> {
    use crate::base::db::schema::{role_permissions as rp, roles as r};
    let (origin, level, key): (String, String, String) =
        r::table.filter(r::org_id.eq(org).and(r::id.eq(role))).select((r::origin, r::level, r::role_key)).first(c)?;
    if origin == "builtin" {
        return Ok(of_builtin(&level, &key));
    }
    let keys: Vec<String> = rp::table.filter(rp::org_id.eq(org).and(rp::role_id.eq(role))).select(rp::permission).load(c)?;
    Ok(Perms::Only(keys.into_iter().collect()))
}
