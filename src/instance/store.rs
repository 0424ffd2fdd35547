//! The SQL of the installation.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use super::{Instance, InstanceOrg, OrgCreation, Seat, User};
use crate::account::links::SETUP;
use crate::base::db::schema::{
    audit_events as e, idempotent_answers as ia, instance as i, known_devices as d, one_time_links as l, outbox as o, rate_limits as r,
    sessions as s, users as u,
};
use crate::base::db::time::{DAY, HOUR};
use crate::base::db::{Both, Conn, Ts, dialect, named};
use crate::base::error::Result;

pub fn is_set_up(c: &mut Conn) -> Result<bool> {
    let anybody: Option<String> = u::table.select(u::id).first(c).optional()?;
    Ok(anybody.is_some())
}

/// Whether nothing has happened here yet: nobody is there and nothing was written down. A start may have prepared it for its set-up.
pub fn is_untouched(c: &mut Conn) -> Result<bool> {
    let anything: Option<String> = e::table.select(e::id).first(c).optional()?;
    Ok(anything.is_none() && !is_set_up(c)?)
}

/// Takes away what a start has prepared, so that a backup finds nothing in its place.
pub fn clear_untouched(c: &mut Conn) -> Result<()> {
    diesel::delete(l::table).execute(c)?;
    diesel::delete(i::table).execute(c)?;
    Ok(())
}

/// Mails that wait, or that were under way, are not sent; returns how many.
pub fn drop_waiting_mails(c: &mut Conn) -> Result<u64> {
    let waiting = o::table.filter(o::state.eq_any(["queued", "sending"]));
    let dropped = diesel::update(waiting)
        .set((o::state.eq("dropped"), o::sealed.eq(""), o::lease.eq(""), o::last_error.eq("waited in a backup that was restored")))
        .execute(c)?;
    Ok(u64::try_from(dropped).unwrap_or(0))
}

/// The one row that stands for everything above organizations.
pub fn insert_instance(c: &mut Conn, now: Ts) -> Result<()> {
    Both(
        diesel::insert_into(i::table)
            .values((
                i::id.eq("instance"),
                i::seq.eq(0),
                i::audit_head.eq(""),
                i::rev.eq(1),
                i::org_creation.eq("anyone"),
                i::admin_page.eq(true),
                i::created_at.eq(now),
                i::updated_at.eq(now),
            ))
            .on_conflict_do_nothing(),
    )
    .execute(c)?;
    Ok(())
}

pub fn replace_setup_link(c: &mut Conn, hash: &str, now: Ts, until: Ts) -> Result<()> {
    diesel::delete(l::table.filter(l::kind.eq(SETUP))).execute(c)?;
    diesel::insert_into(l::table)
        .values((l::token_hash.eq(hash), l::kind.eq(SETUP), l::email.eq(""), l::created_at.eq(now), l::expires_at.eq(until)))
        .execute(c)?;
    Ok(())
}

pub fn instance(c: &mut Conn) -> Result<Instance> {
    let (creation, admin_page, rev, created_at, updated_at): (String, bool, i64, Ts, Ts) =
        i::table.select((i::org_creation, i::admin_page, i::rev, i::created_at, i::updated_at)).first(c)?;
    let org_creation = match creation.as_str() {
        "anyone" => OrgCreation::Anyone,
        "account_admins" => OrgCreation::AccountAdmins,
        _ => OrgCreation::Operators,
    };
    Ok(Instance { org_creation, admin_page, rev, created_at, updated_at })
}

pub fn update(c: &mut Conn, instance: &Instance) -> Result<()> {
    diesel::update(i::table)
        .set((
            i::org_creation.eq(instance.org_creation.as_str()),
            i::admin_page.eq(instance.admin_page),
            i::rev.eq(instance.rev),
            i::updated_at.eq(instance.updated_at),
        ))
        .execute(c)?;
    Ok(())
}

/// What is counted for the metrics.
pub struct Tallies {
    pub mails: Vec<(String, i64)>,
    pub sessions: i64,
}

pub fn tallies(c: &mut Conn, now: Ts) -> Result<Tallies> {
    let mails = o::table.group_by(o::state).select((o::state, diesel::dsl::count_star())).order(o::state).load(c)?;
    let live = s::table.filter(s::user_id.is_not_null().and(s::ended_at.is_null()).and(s::expires_at.gt(now)));
    Ok(Tallies { mails, sessions: live.count().get_result(c)? })
}

/// Whether a change could be written now: begins one that touches no row, and undoes it. A standby or a file that is
/// only readable refuses that.
pub fn can_write(c: &mut Conn) -> Result<()> {
    c.begin_write()?;
    let probe = diesel::update(i::table.filter(i::id.eq(""))).set(i::rev.eq(i::rev)).execute(c);
    c.rollback();
    probe?;
    Ok(())
}

#[derive(QueryableByName)]
struct UserRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    active: bool,
    #[diesel(sql_type = Bool)]
    is_operator: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    mfa_since: Option<i64>,
    #[diesel(sql_type = BigInt)]
    orgs: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    last_seen_at: Option<i64>,
    #[diesel(sql_type = BigInt)]
    rev: i64,
    #[diesel(sql_type = BigInt)]
    created_at: i64,
    #[diesel(sql_type = BigInt)]
    updated_at: i64,
}

fn pattern(q: &str) -> String {
    if q.trim().is_empty() { String::new() } else { dialect::anywhere(q.trim()) }
}

pub fn users(c: &mut Conn, q: &str, one: &str, after: &[String], most: i64, now: Ts) -> Result<Vec<User>> {
    let at = |n: usize| after.get(n).cloned().unwrap_or_default();
    let text = "SELECT u.id AS id, u.email AS email, u.name AS name, u.active AS active, u.is_operator AS is_operator, u.mfa_since AS mfa_since,
           (SELECT COUNT(*) FROM members m WHERE m.user_id = u.id AND m.valid_to > $1) AS orgs, u.last_seen_at AS last_seen_at, u.rev AS rev,
           u.created_at AS created_at, u.updated_at AS updated_at
         FROM users u WHERE ($2 = '' OR LOWER(u.name) LIKE $2 ESCAPE '\\' OR u.email_key LIKE $2 ESCAPE '\\') AND ($3 = '' OR u.id = $3)
           AND (u.name > $4 OR (u.name = $4 AND u.id > $5)) ORDER BY u.name, u.id LIMIT $6";
    let rows: Vec<UserRow> = named(text).bind(now.0).bind(pattern(q)).bind(one).bind(at(0)).bind(at(1)).bind(most).load(c)?;
    Ok(rows
        .into_iter()
        .map(|r| User {
            id: r.id,
            email: r.email,
            name: r.name,
            active: r.active,
            is_operator: r.is_operator,
            mfa: r.mfa_since.is_some(),
            orgs: r.orgs,
            last_seen_at: r.last_seen_at.map(Ts),
            rev: r.rev,
            created_at: Ts(r.created_at),
            updated_at: Ts(r.updated_at),
        })
        .collect())
}

#[derive(QueryableByName)]
struct SeatRow {
    #[diesel(sql_type = Text)]
    org_id: String,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Text>)]
    roles: Option<String>,
}

pub fn seats(c: &mut Conn, user: &str, now: Ts) -> Result<Vec<Seat>> {
    let text = format!(
        "SELECT o.id AS org_id, o.slug AS slug, o.name AS name, x.status AS status,
           (SELECT {} FROM role_assignments a JOIN roles r ON r.org_id = a.org_id AND r.id = a.role_id
             WHERE a.org_id = o.id AND a.user_id = $1 AND a.valid_to > $2) AS roles
         FROM (SELECT org_id, status FROM members WHERE user_id = $1 AND valid_to = 9223372036854775807
               UNION SELECT g.org_id, 'external' FROM grants g WHERE g.subject_kind = 'user' AND g.subject_id = $1 AND g.valid_to > $2
                 AND NOT EXISTS (SELECT 1 FROM members m WHERE m.org_id = g.org_id AND m.user_id = $1 AND m.valid_to = 9223372036854775807)) x
         JOIN orgs o ON o.id = x.org_id AND o.deleted_at IS NULL ORDER BY o.name",
        dialect::join_roles(c)
    );
    let rows: Vec<SeatRow> = named(text).bind(user).bind(now.0).load(c)?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let names = r.roles.iter().flat_map(|lines| lines.split('\n')).filter_map(|line| line.split('\t').nth(2));
            let mut roles: Vec<String> = names.map(str::to_owned).collect();
            // Neither database promises an order within an aggregate. Two sources of one role are one role here.
            roles.sort_by_key(|name| (name != "ADMIN", name == "DEFAULT", name.to_lowercase()));
            roles.dedup();
            Seat { org_id: r.org_id, slug: r.slug, name: r.name, status: r.status, roles }
        })
        .collect())
}

#[derive(QueryableByName)]
struct OrgRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    members: i64,
    #[diesel(sql_type = BigInt)]
    created_at: i64,
}

pub fn orgs(c: &mut Conn, q: &str, after: &[String], most: i64, now: Ts) -> Result<Vec<InstanceOrg>> {
    let at = |n: usize| after.get(n).cloned().unwrap_or_default();
    let text = "SELECT o.id AS id, o.slug AS slug, o.name AS name, (SELECT COUNT(*) FROM members m WHERE m.org_id = o.id AND m.valid_to > $1) AS members, o.created_at AS created_at
         FROM orgs o WHERE o.deleted_at IS NULL AND ($2 = '' OR LOWER(o.name) LIKE $2 ESCAPE '\\' OR o.slug LIKE $2 ESCAPE '\\')
           AND (o.name > $3 OR (o.name = $3 AND o.id > $4)) ORDER BY o.name, o.id LIMIT $5";
    let rows: Vec<OrgRow> = named(text).bind(now.0).bind(pattern(q)).bind(at(0)).bind(at(1)).bind(most).load(c)?;
    Ok(rows.into_iter().map(|r| InstanceOrg { id: r.id, slug: r.slug, name: r.name, members: r.members, created_at: Ts(r.created_at) }).collect())
}

/// Throws away what nobody can use any more. Nothing of what happened is lost by it.
pub fn sweep(c: &mut Conn, now: Ts) -> Result<()> {
    diesel::delete(s::table.filter(s::expires_at.lt(now.minus(DAY)))).execute(c)?;
    diesel::delete(l::table.filter(l::expires_at.lt(now.minus(DAY)))).execute(c)?;
    diesel::delete(d::table.filter(d::expires_at.lt(now))).execute(c)?;
    diesel::delete(r::table.filter(r::window_start.lt(now.minus(2 * DAY)))).execute(c)?;
    diesel::delete(ia::table.filter(ia::created_at.lt(now.minus(DAY)))).execute(c)?;
    diesel::delete(o::table.filter(o::state.eq_any(["sent", "dropped"]).and(o::created_at.lt(now.minus(30 * DAY))))).execute(c)?;
    crate::imports::store::sweep(c, now)?;
    diesel::delete(s::table.filter(s::user_id.is_null().and(s::created_at.lt(now.minus(HOUR))))).execute(c)?;
    Ok(())
}
