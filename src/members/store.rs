//! The SQL of members: their rows, their roles, their lists.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use super::{External, Held, Member};
use crate::access::Ref;
use crate::base::db::copies::{org_counts as oc, role_counts as rc};
use crate::base::db::schema::{grants as g, members as m, role_assignments as ra, users as u};
use crate::base::db::statement::{Statement, Value, places};
use crate::base::db::time::DAY;
use crate::base::db::{Conn, Ts, dialect, named, typed};
use crate::base::error::{Error, Result};
use crate::base::ids::{AssignmentId, Id, MemberId, OrgId, RoleId, UserId};
use crate::base::order::{Column, Order};
use crate::base::text::Email;
use crate::base::tx::Tx;
use crate::projects::Subject;

/// id, user, name, address, status, whether there is a second factor, ids of roles, how they came in, last seen, revision, since, updated.
type Columns = (Text, Text, Text, Text, Text, Bool, Text, Text, Nullable<BigInt>, BigInt, BigInt, BigInt);
type Row = (String, String, String, String, String, bool, String, String, Option<i64>, i64, i64, i64);

/// All that a list shows stands in the row itself. $1 org.
const COLUMNS: &str =
    "SELECT m.id, m.user_id, m.name, m.email, m.status, m.mfa, m.roles, m.source_kind, m.last_seen_at, m.rev, m.valid_from, m.updated_at";
const PRESENT: &str = "m.org_id = $1 AND m.valid_to = 9223372036854775807";

fn members(c: &mut Conn, org: &OrgId, rows: Vec<Row>) -> Result<Vec<Member>> {
    let names = if rows.is_empty() { Vec::new() } else { org_roles(c, org)? };
    Ok(rows.into_iter().map(|row| member(row, &names)).collect())
}

/// Roles come in the order of `names`: ADMIN first, DEFAULT last, the others by name.
fn member(row: Row, names: &[Held]) -> Member {
    let (id, user_id, name, email, status, mfa, roles, joined_via, last_seen_at, rev, valid_from, updated_at) = row;
    Member {
        id: MemberId::known(id),
        user_id: UserId::known(user_id),
        email,
        name,
        status,
        roles: names.iter().filter(|r| roles.split(' ').any(|id| id == r.id)).cloned().collect(),
        mfa,
        joined_via,
        last_seen_at: last_seen_at.map(Ts),
        rev,
        created_at: Ts(valid_from),
        updated_at: Ts(updated_at),
    }
}

pub fn get(c: &mut Conn, org: &OrgId, id: &MemberId, now: Ts) -> Result<Option<Member>> {
    by_ref(c, org, id.as_ref(), now)
}

/// A present member by the id of the membership or of the user.
pub fn by_ref(c: &mut Conn, org: &OrgId, id: &str, _: Ts) -> Result<Option<Member>> {
    let column = if id.starts_with(UserId::PREFIX) { "user_id" } else { "id" };
    let rows: Vec<Row> = typed::<Columns>(format!("{COLUMNS} FROM members m WHERE {PRESENT} AND m.{column} = $2")).bind(org).bind(id).load(c)?;
    Ok(members(c, org, rows)?.pop())
}

pub fn find(tx: &mut Tx<'_>, member: &Ref) -> Result<Member> {
    let org = tx.org_id()?;
    by_ref(tx.c, &org, member.as_str(), tx.now)?.ok_or(Error::NotFound)
}

pub fn by_ids(c: &mut Conn, org: &OrgId, ids: &[String], _: Ts) -> Result<Vec<Member>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("{COLUMNS} FROM members m WHERE {PRESENT} AND m.id IN ({}) ORDER BY m.name_key, m.id", places(2, ids.len()));
    let rows: Vec<Row> = ids.iter().fold(typed::<Columns>(text).once().bind(org), |query, id| query.bind(id)).load(c)?;
    members(c, org, rows)
}

#[derive(Debug, Clone)]
pub struct Filter {
    pub q: String,
    pub role: String,
    pub status: &'static str,
    pub mfa: &'static str,
    pub unseen_days: Option<i64>,
    pub order: Order,
    pub after: Vec<String>,
}

impl Filter {
    fn is_everybody(&self) -> bool {
        self.q.trim().is_empty() && self.role.is_empty() && self.status.is_empty() && self.mfa.is_empty() && self.unseen_days.is_none()
    }
}

pub const ORDERS: &[Column] = &[
    Column::text("name", "m.name_key"),
    Column::text("email", "m.email_key"),
    Column::negated_time("last_seen", "m.seen_key"),
    Column::time("joined", "m.valid_from"),
];

/// What a list goes on from: the sort key and the id of its last row.
pub fn sort_key(member: &Member, order: &Order) -> Vec<String> {
    let key = match order.column.word {
        "last_seen" => order.time_key(member.last_seen_at.map_or(0, |t| t.0)).to_string(),
        "joined" => member.created_at.0.to_string(),
        "email" => member.email.to_lowercase(),
        _ => member.name.to_lowercase(),
    };
    vec![key, member.id.to_string()]
}

/// A filter that at most so many match leads the statement: these few are found by their own index and looked up. What more match is
/// met soon enough in the order of the list. Either way the rows are the same.
const FEW: i64 = 1000;

/// A filter as parts of a statement whose `$1` is the organization.
struct Narrowed {
    from: String,
    conditions: String,
    values: Vec<Value>,
}

impl Narrowed {
    fn place(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len() + 1)
    }
    fn and(&mut self, condition: &str, value: impl Into<Value>) {
        let place = self.place(value);
        self.conditions.push_str(" AND ");
        self.conditions.push_str(&condition.replace("$?", &place));
    }
    /// Only those whose `column` is among the ids that `few` finds.
    fn among(&mut self, column: &str, few: &str, value: impl Into<Value>) {
        let place = self.place(value);
        self.from = format!("({}) AS few{} CROSS JOIN {}", few.replace("$?", &place), self.values.len(), self.from);
        self.conditions.push_str(&format!(" AND m.{column} = few{}.id", self.values.len()));
    }
    fn bound<ST>(self, text: String, org: &OrgId) -> Statement<'static, ST> {
        self.values.into_iter().fold(typed::<ST>(text).bind(org), Statement::bind)
    }
}

fn narrowed(c: &mut Conn, org: &OrgId, roles: &[Held], filter: &Filter, now: Ts) -> Result<Narrowed> {
    let mut narrowed = Narrowed { from: "members m".into(), conditions: String::new(), values: Vec::new() };
    let q = filter.q.trim();
    if !q.is_empty() {
        narrowed.and("(m.name_key || ' ' || m.email_key) LIKE $? ESCAPE '\\'", dialect::anywhere(q));
        if let Some(found) = dialect::found_members(c, org.as_ref(), q, FEW)? {
            narrowed.among("id", dialect::FOUND_MEMBERS, found);
        }
    }
    if !filter.role.is_empty() {
        let role = roles.iter().find(|r| r.id == filter.role || r.key == filter.role).map(|r| r.id.clone()).unwrap_or_default();
        let holders: i64 = rc::table.find((org.as_ref(), &role)).select(rc::holders).first(c).optional()?.unwrap_or(0);
        if holders <= FEW {
            let holders =
                "SELECT DISTINCT a.user_id AS id FROM role_assignments a WHERE a.org_id = $1 AND a.role_id = $? AND a.valid_to = 9223372036854775807";
            narrowed.among("user_id", holders, role);
        } else {
            narrowed.and("(' ' || m.roles || ' ') LIKE $?", format!("% {role} %"));
        }
    }
    if !filter.status.is_empty() {
        narrowed.and("m.status = $?", filter.status);
    }
    if !filter.mfa.is_empty() {
        narrowed.and("m.mfa = $?", filter.mfa == "on");
    }
    if let Some(days) = filter.unseen_days {
        narrowed.and("m.seen_key > $?", -now.minus(days * DAY).0);
    }
    Ok(narrowed)
}

/// `roles` are the organization's, as [`org_roles`] gives them.
pub fn list(c: &mut Conn, org: &OrgId, roles: &[Held], filter: &Filter, most: i64, now: Ts) -> Result<Vec<Member>> {
    let mut narrowed = narrowed(c, org, roles, filter, now)?;
    if let Some((at, id)) = filter.after.first().zip(filter.after.get(1)) {
        let at = narrowed.place(if filter.order.column.is_time { Value::Int(at.parse().unwrap_or(i64::MIN)) } else { at.into() });
        narrowed.and(&filter.order.beyond("m.id", &at, "$?"), id);
    }
    let most = narrowed.place(most);
    let text = format!("{COLUMNS} FROM {} WHERE {PRESENT}{} {} LIMIT {most}", narrowed.from, narrowed.conditions, filter.order.sql("m.id"));
    let rows: Vec<Row> = narrowed.bound::<Columns>(text, org).load(c)?;
    Ok(rows.into_iter().map(|row| member(row, roles)).collect())
}

/// How many match, counted up to 1,000: a page never counts a whole table.
pub fn count(c: &mut Conn, org: &OrgId, roles: &[Held], filter: &Filter, now: Ts) -> Result<i64> {
    if filter.is_everybody() {
        let all: Option<i64> = oc::table.find(org.as_ref()).select(oc::members).first(c).optional()?;
        return Ok(all.unwrap_or(0).min(FEW));
    }
    let narrowed = narrowed(c, org, roles, filter, now)?;
    let text = format!("SELECT COUNT(*) FROM (SELECT 1 FROM {} WHERE {PRESENT}{} LIMIT {FEW}) AS x", narrowed.from, narrowed.conditions);
    Ok(narrowed.bound::<BigInt>(text, org).get_result(c)?)
}

/// The figures beside the saved views; those that are not kept are counted up to 100.
#[derive(Debug, Clone)]
pub struct ViewCounts {
    pub members: i64,
    pub externals: i64,
    pub without_mfa: i64,
    pub unseen: i64,
    pub suspended: i64,
}

impl ViewCounts {
    /// As far as those are counted that are not kept.
    pub const COUNTED: i64 = 100;
}

pub fn view_counts(c: &mut Conn, org: &OrgId, now: Ts) -> Result<ViewCounts> {
    let text = "SELECT COALESCE(k.members, 0), COALESCE(k.without_mfa, 0), COALESCE(k.suspended, 0),
          (SELECT COUNT(*) FROM (SELECT 1 FROM externals WHERE org_id = $1 AND valid_to > $2 LIMIT 100) AS e),
          (SELECT COUNT(*) FROM (SELECT 1 FROM members WHERE org_id = $1 AND valid_to = 9223372036854775807 AND seen_key > $3 LIMIT 100) AS s)
        FROM orgs o LEFT JOIN org_counts k ON k.org_id = o.id WHERE o.id = $1";
    let query = typed::<(BigInt, BigInt, BigInt, BigInt, BigInt)>(text).bind(org).bind(now).bind(-now.minus(60 * DAY).0);
    let (members, without_mfa, suspended, externals, unseen) = query.get_result::<(i64, i64, i64, i64, i64)>(c)?;
    Ok(ViewCounts { members, externals, without_mfa, unseen, suspended })
}

/// The org-level roles that people can hold, for pickers: ADMIN first, DEFAULT last.
pub fn org_roles(c: &mut Conn, org: &OrgId) -> Result<Vec<Held>> {
    let text = "SELECT id, role_key, name FROM roles WHERE org_id = $1 AND level = 'org' AND kind = 'user' AND deleted_at IS NULL LIMIT 2000";
    let rows: Vec<(String, String, String)> = typed::<(Text, Text, Text)>(text).bind(org).load(c)?;
    let mut roles: Vec<Held> = rows.into_iter().map(|(id, key, name)| Held { id, key, name }).collect();
    roles.sort_by_key(|r| (r.key != "ADMIN", r.key == "DEFAULT", r.name.to_lowercase()));
    Ok(roles)
}

pub fn membership(c: &mut Conn, org: &OrgId, user: &UserId, _: Ts) -> Result<Option<MemberId>> {
    Ok(m::table.filter(m::org_id.eq(org).and(m::user_id.eq(user)).and(m::valid_to.eq(Ts::FOREVER))).select(m::id).first(c).optional()?)
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

/// Somebody with an account here, by an address that is confirmed, or that nobody can sign in with before it is.
pub fn person_by_email(c: &mut Conn, org: &OrgId, email: &Email, now: Ts) -> Result<Option<Subject>> {
    let found: Option<(UserId, String, String)> = u::table
        .filter(u::email_key.eq(email.key()).and(u::active.eq(true)).and(u::email_verified_at.is_not_null().or(u::password_hash.is_null())))
        .select((u::id, u::name, u::email))
        .first(c)
        .optional()?;
    let Some((id, name, address)) = found else { return Ok(None) };
    let member = membership(c, org, &id, now)?.is_some();
    Ok(Some(Subject { kind: "user".into(), id: id.to_string(), name, email: Some(address), external: !member }))
}

pub fn insert(tx: &mut Tx<'_>, org: &OrgId, user: &UserId, source: &str, source_id: Option<&str>) -> Result<MemberId> {
    let id: MemberId = tx.id();
    let (name, name_key, email, email_key, mfa_since): (String, String, String, String, Option<Ts>) =
        u::table.filter(u::id.eq(user)).select((u::name, u::name_key, u::email, u::email_key, u::mfa_since)).first(tx.c)?;
    diesel::insert_into(m::table)
        .values((
            m::org_id.eq(org),
            m::id.eq(&id),
            m::user_id.eq(user),
            m::status.eq("active"),
            m::name.eq(name),
            m::name_key.eq(name_key),
            m::email.eq(email),
            m::email_key.eq(email_key),
            m::mfa.eq(mfa_since.is_some()),
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

/// Ends a person's membership, roles and direct grants in an organization. The rows stay, closed; returned are the ends of those
/// grants that had one of their own.
pub fn close_everything(c: &mut Conn, org: &OrgId, user: &UserId, now: Ts) -> Result<BTreeMap<String, Ts>> {
    let open = g::table.filter(g::org_id.eq(org).and(g::subject_kind.eq("user")).and(g::subject_id.eq(user.as_ref())).and(g::valid_to.gt(now)));
    let ends: Vec<(String, Ts)> = open.filter(g::valid_to.lt(Ts::FOREVER)).select((g::id, g::valid_to)).load(c)?;
    // The present one, in the words of its index: to look for an end later than now is to read everybody.
    let text = "UPDATE members SET status = 'removed', valid_to = $3, updated_at = $3, rev = rev + 1
        WHERE org_id = $1 AND user_id = $2 AND valid_to = 9223372036854775807";
    named(text).bind(org).bind(user).bind(now).execute(c)?;
    diesel::update(ra::table.filter(ra::org_id.eq(org).and(ra::user_id.eq(user)).and(ra::valid_to.gt(now)))).set(ra::valid_to.eq(now)).execute(c)?;
    diesel::update(open).set((g::valid_to.eq(now), g::updated_at.eq(now))).execute(c)?;
    Ok(ends.into_iter().collect())
}

/// The roles that ended for somebody at that moment.
pub fn roles_ended(c: &mut Conn, org: &OrgId, user: &UserId, at: Ts) -> Result<Vec<RoleId>> {
    Ok(ra::table.filter(ra::org_id.eq(org).and(ra::user_id.eq(user)).and(ra::valid_to.eq(at))).select(ra::role_id).distinct().load(c)?)
}

pub fn is_active(c: &mut Conn, user: &UserId) -> Result<bool> {
    Ok(u::table.filter(u::id.eq(user).and(u::active.eq(true))).select(u::id).first::<UserId>(c).optional()?.is_some())
}

pub fn externals(c: &mut Conn, org: &OrgId, q: &str, after: &[String], most: i64, now: Ts) -> Result<Vec<External>> {
    let at = |n: usize| after.get(n).cloned().unwrap_or_default();
    let text = "SELECT e.user_id, e.name, e.email, e.mfa,
          (SELECT COUNT(DISTINCT g.scope_id) FROM grants g WHERE g.org_id = $1 AND g.subject_kind = 'user' AND g.subject_id = e.user_id AND g.valid_to > $2),
          (SELECT u.last_seen_at FROM users u WHERE u.id = e.user_id)
        FROM externals e WHERE e.org_id = $1 AND e.valid_to > $2 AND ($3 = '' OR (e.name_key || ' ' || e.email_key) LIKE $3 ESCAPE '\\')
          AND (e.name_key, e.user_id) > ($4, $5) ORDER BY e.name_key, e.user_id LIMIT $6";
    let query =
        typed::<(Text, Text, Text, Bool, BigInt, Nullable<BigInt>)>(text).bind(org).bind(now).bind(pattern(q)).bind(at(0)).bind(at(1)).bind(most);
    let rows: Vec<(String, String, String, bool, i64, Option<i64>)> = query.load(c)?;
    let external = |(user_id, name, email, mfa, projects, seen): (String, String, String, bool, i64, Option<i64>)| External {
        user_id: UserId::known(user_id),
        name,
        email,
        mfa,
        projects,
        last_seen_at: seen.map(Ts),
    };
    Ok(rows.into_iter().map(external).collect())
}

fn pattern(q: &str) -> String {
    if q.trim().is_empty() { String::new() } else { dialect::anywhere(q.trim()) }
}
