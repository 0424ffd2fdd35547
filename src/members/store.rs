//! The SQL of members: their rows, their roles, their lists.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::{External, Held, Member};
use crate::access::Ref;
use crate::base::db::schema::{grants as g, members as m, role_assignments as ra, roles as r, users as u};
use crate::base::db::time::DAY;
use crate::base::db::{Conn, Ts, dialect, named};
use crate::base::error::{Error, Result};
use crate::base::ids::{AssignmentId, Id, MemberId, OrgId, RoleId, UserId};
use crate::base::text::Email;
use crate::base::tx::Tx;
use crate::projects::Subject;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    user_id: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    mfa_since: Option<i64>,
    #[diesel(sql_type = Text)]
    source_kind: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    last_seen_at: Option<i64>,
    #[diesel(sql_type = BigInt)]
    rev: i64,
    #[diesel(sql_type = BigInt)]
    valid_from: i64,
    #[diesel(sql_type = BigInt)]
    updated_at: i64,
    /// id, key and name of each role held, lines of them.
    #[diesel(sql_type = Nullable<Text>)]
    roles: Option<String>,
}

impl Row {
    fn member(self) -> Member {
        let mut roles: Vec<Held> = self
            .roles
            .iter()
            .flat_map(|lines| lines.split('\n'))
            .filter_map(|line| {
                let mut parts = line.splitn(3, '\t');
                Some(Held { id: parts.next()?.to_owned(), key: parts.next()?.to_owned(), name: parts.next()?.to_owned() })
            })
            .collect();
        // ADMIN first, DEFAULT last, the others by name; two sources of one role are one role here.
        roles.sort_by_key(|r| (r.key != "ADMIN", r.key == "DEFAULT", r.name.to_lowercase()));
        roles.dedup_by(|a, b| a.id == b.id);
        Member {
            id: MemberId::known(self.id),
            user_id: UserId::known(self.user_id),
            email: self.email,
            name: self.name,
            status: self.status,
            roles,
            mfa: self.mfa_since.is_some(),
            joined_via: self.source_kind,
            last_seen_at: self.last_seen_at.map(Ts),
            rev: self.rev,
            created_at: Ts(self.valid_from),
            updated_at: Ts(self.updated_at),
        }
    }
}

/// $1 org, $2 now. The roles come in the same statement.
fn select(c: &Conn) -> String {
    format!(
        "SELECT m.id AS id, m.user_id AS user_id, u.email AS email, u.name AS name, m.status AS status, u.mfa_since AS mfa_since, m.source_kind AS source_kind,
           m.last_seen_at AS last_seen_at, m.rev AS rev, m.valid_from AS valid_from, m.updated_at AS updated_at,
           (SELECT {} FROM role_assignments a JOIN roles r ON r.org_id = a.org_id AND r.id = a.role_id
             WHERE a.org_id = m.org_id AND a.user_id = m.user_id AND a.valid_to > $2 AND a.valid_from <= $2) AS roles
         FROM members m JOIN users u ON u.id = m.user_id WHERE m.org_id = $1 AND m.valid_to > $2",
        dialect::join_roles(c)
    )
}

pub fn get(c: &mut Conn, org: &OrgId, id: &MemberId, now: Ts) -> Result<Option<Member>> {
    by_ref(c, org, id.as_ref(), now)
}

/// A present member by the id of the membership or of the user.
pub fn by_ref(c: &mut Conn, org: &OrgId, id: &str, now: Ts) -> Result<Option<Member>> {
    let text = format!("{} AND (m.id = $3 OR m.user_id = $3)", select(c));
    let mut rows: Vec<Row> = named(text).bind(org).bind(now.0).bind(id).load(c)?;
    Ok(rows.pop().map(Row::member))
}

pub fn find(tx: &mut Tx<'_>, member: &Ref) -> Result<Member> {
    let org = tx.org_id()?;
    by_ref(tx.c, &org, member.as_str(), tx.now)?.ok_or(Error::NotFound)
}

pub fn by_ids(c: &mut Conn, org: &OrgId, ids: &[String], now: Ts) -> Result<Vec<Member>> {
    let safe: Vec<String> = ids.iter().filter(|id| crate::base::ids::looks_like("mem", id)).map(|id| format!("'{id}'")).collect();
    if safe.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("{} AND m.id IN ({}) ORDER BY m.name_key, m.id", select(c), safe.join(","));
    let rows: Vec<Row> = named(text).bind(org).bind(now.0).load(c)?;
    Ok(rows.into_iter().map(Row::member).collect())
}

#[derive(Debug, Clone)]
pub struct Filter {
    pub q: String,
    pub role: String,
    pub status: &'static str,
    pub mfa: &'static str,
    pub unseen_days: Option<i64>,
    /// Sorted by when they were last seen, latest first; by name otherwise.
    pub by_seen: bool,
    pub after: Vec<String>,
}

/// $3 pattern or '', $4 role or '', $5 status or '', $6 mfa or '', $7 unseen since or -1.
const FILTER: &str = " AND ($3 = '' OR m.name_key LIKE $3 ESCAPE '\\' OR m.email_key LIKE $3 ESCAPE '\\')
  AND ($4 = '' OR EXISTS (SELECT 1 FROM role_assignments x JOIN roles xr ON xr.org_id = x.org_id AND xr.id = x.role_id
        WHERE x.org_id = m.org_id AND x.user_id = m.user_id AND x.valid_to > $2 AND (xr.id = $4 OR xr.role_key = $4)))
  AND ($5 = '' OR m.status = $5)
  AND ($6 = '' OR ($6 = 'on' AND u.mfa_since IS NOT NULL) OR ($6 = 'off' AND u.mfa_since IS NULL))
  AND ($7 < 0 OR COALESCE(m.last_seen_at, 0) < $7)";

fn pattern(q: &str) -> String {
    if q.trim().is_empty() { String::new() } else { dialect::anywhere(q.trim()) }
}

/// What a list goes on from: the sort key and the id of its last row.
pub fn sort_key(member: &Member, by_seen: bool) -> Vec<String> {
    let key = if by_seen { member.last_seen_at.map_or(0, |t| t.0).to_string() } else { member.name.to_lowercase() };
    vec![key, member.id.to_string()]
}

pub fn list(c: &mut Conn, org: &OrgId, filter: &Filter, most: i64, now: Ts) -> Result<Vec<Member>> {
    let after = |n: usize| filter.after.get(n).cloned().unwrap_or_default();
    let order = if filter.by_seen {
        " AND ($9 = '' OR COALESCE(m.last_seen_at, 0) < CAST($8 AS BIGINT) OR (COALESCE(m.last_seen_at, 0) = CAST($8 AS BIGINT) AND m.id > $9))
         ORDER BY COALESCE(m.last_seen_at, 0) DESC, m.id LIMIT $10"
    } else {
        " AND (m.name_key > $8 OR (m.name_key = $8 AND m.id > $9)) ORDER BY m.name_key, m.id LIMIT $10"
    };
    let first = if filter.by_seen && filter.after.is_empty() { "0".to_owned() } else { after(0) };
    let text = format!("{}{FILTER}{order}", select(c));
    let rows: Vec<Row> = named(text)
        .bind(org)
        .bind(now.0)
        .bind(pattern(&filter.q))
        .bind(&filter.role)
        .bind(filter.status)
        .bind(filter.mfa)
        .bind(filter.unseen_days.map_or(-1, |d| now.minus(d * DAY).0))
        .bind(first)
        .bind(after(1))
        .bind(most)
        .load(c)?;
    Ok(rows.into_iter().map(Row::member).collect())
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How many match, counted up to 1,000: a page never counts a whole table.
pub fn count(c: &mut Conn, org: &OrgId, filter: &Filter, now: Ts) -> Result<i64> {
    let text = format!(
        "SELECT COUNT(*) AS n FROM (SELECT 1 FROM members m JOIN users u ON u.id = m.user_id WHERE m.org_id = $1 AND m.valid_to > $2{FILTER} LIMIT 1000) AS x"
    );
    let row: Counted = named(text)
        .bind(org)
        .bind(now.0)
        .bind(pattern(&filter.q))
        .bind(&filter.role)
        .bind(filter.status)
        .bind(filter.mfa)
        .bind(filter.unseen_days.map_or(-1, |d| now.minus(d * DAY).0))
        .get_result(c)?;
    Ok(row.n)
}

/// The figures beside the saved views.
#[derive(QueryableByName, Debug, Clone)]
pub struct ViewCounts {
    #[diesel(sql_type = BigInt)]
    pub members: i64,
    #[diesel(sql_type = BigInt)]
    pub externals: i64,
    #[diesel(sql_type = BigInt)]
    pub without_mfa: i64,
    #[diesel(sql_type = BigInt)]
    pub unseen: i64,
    #[diesel(sql_type = BigInt)]
    pub suspended: i64,
}

pub fn view_counts(c: &mut Conn, org: &OrgId, now: Ts) -> Result<ViewCounts> {
    let text = "SELECT (SELECT COUNT(*) FROM members WHERE org_id = $1 AND valid_to > $2) AS members,
          (SELECT COUNT(DISTINCT g.subject_id) FROM grants g WHERE g.org_id = $1 AND g.subject_kind = 'user' AND g.valid_to > $2
             AND NOT EXISTS (SELECT 1 FROM members m WHERE m.org_id = g.org_id AND m.user_id = g.subject_id AND m.valid_to > $2)) AS externals,
          (SELECT COUNT(*) FROM members m JOIN users u ON u.id = m.user_id WHERE m.org_id = $1 AND m.valid_to > $2 AND u.mfa_since IS NULL) AS without_mfa,
          (SELECT COUNT(*) FROM members WHERE org_id = $1 AND valid_to > $2 AND COALESCE(last_seen_at, 0) < $3) AS unseen,
          (SELECT COUNT(*) FROM members WHERE org_id = $1 AND valid_to > $2 AND status = 'suspended') AS suspended";
    Ok(named(text).bind(org).bind(now.0).bind(now.minus(60 * DAY).0).get_result(c)?)
}

/// The org-level roles that people can hold, for pickers: ADMIN first, DEFAULT last.
pub fn org_roles(c: &mut Conn, org: &OrgId) -> Result<Vec<Held>> {
    let rows: Vec<(String, String, String)> = r::table
        .filter(r::org_id.eq(org).and(r::level.eq("org")).and(r::kind.eq("user")).and(r::deleted_at.is_null()))
        .order(r::name)
        .limit(200)
        .select((r::id, r::role_key, r::name))
        .load(c)?;
    let mut roles: Vec<Held> = rows.into_iter().map(|(id, key, name)| Held { id, key, name }).collect();
    roles.sort_by_key(|r| (r.key != "ADMIN", r.key == "DEFAULT", r.name.to_lowercase()));
    Ok(roles)
}

pub fn membership(c: &mut Conn, org: &OrgId, user: &UserId, now: Ts) -> Result<Option<MemberId>> {
    Ok(m::table.filter(m::org_id.eq(org).and(m::user_id.eq(user)).and(m::valid_to.gt(now))).select(m::id).first(c).optional()?)
}

pub fn user_id(c: &mut Conn, id: Option<&str>, email: Option<&Email>) -> Result<Option<UserId>> {
    let found = match (id, email) {
        (Some(id), _) => u::table.filter(u::id.eq(id)).select(u::id).first(c).optional()?,
        (None, Some(email)) => u::table.filter(u::email_key.eq(email.key())).select(u::id).first(c).optional()?,
        (None, None) => None,
    };
    Ok(found)
}

/// A person who is inside already, as member or external.
pub fn insider(c: &mut Conn, org: &OrgId, user: &str, now: Ts) -> Result<Option<Subject>> {
    let id = UserId::known(user.to_owned());
    let Some((name, email)) = u::table.filter(u::id.eq(&id)).select((u::name, u::email)).first::<(String, String)>(c).optional()? else {
        return Ok(None);
    };
    let member = membership(c, org, &id, now)?.is_some();
    let granted: i64 = g::table
        .filter(g::org_id.eq(org).and(g::subject_kind.eq("user")).and(g::subject_id.eq(user)).and(g::valid_to.gt(now)))
        .count()
        .get_result(c)?;
    Ok((member || granted > 0).then(|| Subject { kind: "user".into(), id: user.into(), name, email: Some(email), external: !member }))
}

/// Somebody with an account here, by a confirmed address.
pub fn person_by_email(c: &mut Conn, org: &OrgId, email: &Email, now: Ts) -> Result<Option<Subject>> {
    let found: Option<(UserId, String, String)> = u::table
        .filter(u::email_key.eq(email.key()).and(u::active.eq(true)).and(u::email_verified_at.is_not_null()))
        .select((u::id, u::name, u::email))
        .first(c)
        .optional()?;
    let Some((id, name, address)) = found else { return Ok(None) };
    let member = membership(c, org, &id, now)?.is_some();
    Ok(Some(Subject { kind: "user".into(), id: id.to_string(), name, email: Some(address), external: !member }))
}

pub fn insert(tx: &mut Tx<'_>, org: &OrgId, user: &UserId, source: &str, source_id: Option<&str>) -> Result<MemberId> {
    let id: MemberId = tx.id();
    let (name, email_key): (String, String) = u::table.filter(u::id.eq(user)).select((u::name, u::email_key)).first(tx.c)?;
    diesel::insert_into(m::table)
        .values((
            m::org_id.eq(org),
            m::id.eq(&id),
            m::user_id.eq(user),
            m::status.eq("active"),
            m::name_key.eq(name.to_lowercase()),
            m::email_key.eq(email_key),
            m::source_kind.eq(source),
            m::source_id.eq(source_id),
            m::granted_by.eq(tx.by()),
            m::rev.eq(1),
            m::valid_from.eq(tx.now),
            m::valid_to.eq(Ts::FOREVER),
            m::updated_at.eq(tx.now),
        ))
        .execute(tx.c)?;
    Ok(id)
}

pub fn assign(tx: &mut Tx<'_>, org: &OrgId, user: &UserId, role: &RoleId, source: &str, source_id: Option<&str>) -> Result<()> {
    let id: AssignmentId = tx.id();
    diesel::insert_into(ra::table)
        .values((
            ra::org_id.eq(org),
            ra::id.eq(id),
            ra::user_id.eq(user),
            ra::role_id.eq(role),
            ra::source_kind.eq(source),
            ra::source_id.eq(source_id),
            ra::granted_by.eq(tx.by()),
            ra::valid_from.eq(tx.now),
            ra::valid_to.eq(Ts::FOREVER),
        ))
        .execute(tx.c)?;
    Ok(())
}

/// Closes every source of the role for the person: to take a role means that they no longer hold it.
pub fn unassign(c: &mut Conn, org: &OrgId, user: &UserId, role: &RoleId, now: Ts) -> Result<()> {
    diesel::update(ra::table.filter(ra::org_id.eq(org).and(ra::user_id.eq(user)).and(ra::role_id.eq(role)).and(ra::valid_to.gt(now))))
        .set(ra::valid_to.eq(now))
        .execute(c)?;
    Ok(())
}

/// The next revision of a membership, and a new status if there is one.
pub fn bump(tx: &mut Tx<'_>, id: &MemberId, status: Option<&str>) -> Result<()> {
    let org = tx.org_id()?;
    let row = m::table.filter(m::org_id.eq(&org).and(m::id.eq(id)));
    diesel::update(row).set((m::rev.eq(m::rev + 1), m::updated_at.eq(tx.now))).execute(tx.c)?;
    if let Some(status) = status {
        diesel::update(row).set(m::status.eq(status)).execute(tx.c)?;
    }
    Ok(())
}

/// Ends a person's membership, roles and direct grants in an organization. The rows stay, closed.
pub fn close_everything(c: &mut Conn, org: &OrgId, user: &UserId, now: Ts) -> Result<()> {
    diesel::update(m::table.filter(m::org_id.eq(org).and(m::user_id.eq(user)).and(m::valid_to.gt(now))))
        .set((m::status.eq("removed"), m::valid_to.eq(now), m::updated_at.eq(now), m::rev.eq(m::rev + 1)))
        .execute(c)?;
    diesel::update(ra::table.filter(ra::org_id.eq(org).and(ra::user_id.eq(user)).and(ra::valid_to.gt(now)))).set(ra::valid_to.eq(now)).execute(c)?;
    diesel::update(g::table.filter(g::org_id.eq(org).and(g::subject_kind.eq("user")).and(g::subject_id.eq(user.as_ref())).and(g::valid_to.gt(now))))
        .set((g::valid_to.eq(now), g::updated_at.eq(now)))
        .execute(c)?;
    Ok(())
}

#[derive(QueryableByName)]
struct ExternalRow {
    #[diesel(sql_type = Text)]
    user_id: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    mfa_since: Option<i64>,
    #[diesel(sql_type = BigInt)]
    projects: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    last_seen_at: Option<i64>,
}

pub fn externals(c: &mut Conn, org: &OrgId, q: &str, after: &[String], most: i64, now: Ts) -> Result<Vec<External>> {
    let at = |n: usize| after.get(n).cloned().unwrap_or_default();
    let text = "SELECT u.id AS user_id, u.name AS name, u.email AS email, u.mfa_since AS mfa_since, x.projects AS projects, u.last_seen_at AS last_seen_at
         FROM (SELECT g.subject_id AS id, COUNT(DISTINCT g.scope_id) AS projects FROM grants g WHERE g.org_id = $1 AND g.subject_kind = 'user' AND g.valid_to > $2
                 AND NOT EXISTS (SELECT 1 FROM members m WHERE m.org_id = g.org_id AND m.user_id = g.subject_id AND m.valid_to > $2) GROUP BY g.subject_id) x
         JOIN users u ON u.id = x.id
         WHERE ($3 = '' OR LOWER(u.name) LIKE $3 ESCAPE '\\' OR u.email_key LIKE $3 ESCAPE '\\')
           AND (LOWER(u.name) > $4 OR (LOWER(u.name) = $4 AND u.id > $5)) ORDER BY LOWER(u.name), u.id LIMIT $6";
    let rows: Vec<ExternalRow> = named(text).bind(org).bind(now.0).bind(pattern(q)).bind(at(0)).bind(at(1)).bind(most).load(c)?;
    Ok(rows
        .into_iter()
        .map(|r| External {
            user_id: UserId::known(r.user_id),
            name: r.name,
            email: r.email,
            mfa: r.mfa_since.is_some(),
            projects: r.projects,
            last_seen_at: r.last_seen_at.map(Ts),
        })
        .collect())
}
