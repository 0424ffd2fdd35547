//! The SQL of imports: the jobs, their files, their rows.

use diesel::prelude::*;

use super::sheet::Line;
use super::{Import, ImportRow, State, Way, word};
use crate::base::db::time::{DAY, SECOND};
use crate::base::db::work::{import_files as f, import_rows as r, imports as i};
use crate::base::db::{Conn, Ts, cols};
use crate::base::error::{Error, Result};
use crate::base::ids::{Id, ImportId, OrgId, UserId};
use crate::base::text::Email;

#[derive(Queryable, Selectable)]
#[diesel(table_name = i)]
struct Row {
    org_id: OrgId,
    id: ImportId,
    file_name: String,
    way: String,
    state: String,
    message: String,
    size: i64,
    position: i64,
    total: i64,
    ready: i64,
    done: i64,
    by_user: String,
    proved_mfa: bool,
    due_at: Ts,
    started_at: Ts,
    ended_at: Option<Ts>,
    rev: i64,
    created_at: Ts,
    updated_at: Ts,
}

impl Row {
    fn read(self) -> Result<(OrgId, Import)> {
        let unknown = || Error::internal("an import is in a state that this version does not know");
        let import = Import {
            id: self.id,
            file_name: self.file_name,
            way: word(&[Way::Invite, Way::Add], Way::as_str, &self.way).ok_or_else(unknown)?,
            state: word(State::ALL, State::as_str, &self.state).ok_or_else(unknown)?,
            message: self.message,
            total: self.total,
            ready: self.ready,
            done: self.done,
            created_by: UserId::known(self.by_user),
            created_at: self.created_at,
            ended_at: self.ended_at,
            rev: self.rev,
            updated_at: self.updated_at,
            size: self.size,
            position: self.position,
            started_at: self.started_at,
            due_at: self.due_at,
            proved_mfa: self.proved_mfa,
        };
        Ok((self.org_id, import))
    }
}

pub fn get(c: &mut Conn, org: &OrgId, id: &str) -> Result<Option<Import>> {
    let row: Option<Row> = i::table.filter(i::org_id.eq(org).and(i::id.eq(id))).select(cols::<Row>()).first(c).optional()?;
    row.map(|row| Ok(row.read()?.1)).transpose()
}

/// The newest first, from before this one on.
pub fn list(c: &mut Conn, org: &OrgId, before: Option<&str>, most: i64) -> Result<Vec<Import>> {
    let mut query = i::table.filter(i::org_id.eq(org)).select(cols::<Row>()).order(i::id.desc()).limit(most).into_boxed();
    if let Some(before) = before {
        query = query.filter(i::id.lt(before.to_owned()));
    }
    query.load::<Row>(c)?.into_iter().map(|row| Ok(row.read()?.1)).collect()
}

pub fn insert(c: &mut Conn, org: &OrgId, import: &Import, content: &str) -> Result<()> {
    diesel::insert_into(i::table)
        .values((
            i::org_id.eq(org),
            i::id.eq(&import.id),
            i::file_name.eq(&import.file_name),
            i::way.eq(import.way.as_str()),
            i::state.eq(import.state.as_str()),
            i::message.eq(""),
            i::size.eq(import.size),
            i::position.eq(0),
            i::total.eq(0),
            i::ready.eq(0),
            i::done.eq(0),
            i::by_user.eq(import.created_by.as_ref()),
            i::proved_mfa.eq(import.proved_mfa),
            i::due_at.eq(import.created_at),
            i::lease.eq(""),
            i::lease_until.eq(0),
            i::started_at.eq(import.created_at),
            i::rev.eq(1),
            i::created_at.eq(import.created_at),
            i::updated_at.eq(import.created_at),
        ))
        .execute(c)?;
    diesel::insert_into(f::table).values((f::org_id.eq(org), f::import_id.eq(&import.id), f::content.eq(content))).execute(c)?;
    Ok(())
}

pub fn content(c: &mut Conn, org: &OrgId, id: &ImportId) -> Result<Option<String>> {
    Ok(f::table.filter(f::org_id.eq(org).and(f::import_id.eq(id))).select(f::content).first(c).optional()?)
}

pub fn forget_content(c: &mut Conn, org: &OrgId, id: &ImportId) -> Result<()> {
    diesel::delete(f::table.filter(f::org_id.eq(org).and(f::import_id.eq(id)))).execute(c)?;
    Ok(())
}

/// Moves it into another state; whoever works on it finds its lease gone.
pub fn set_state(c: &mut Conn, org: &OrgId, id: &ImportId, state: State, message: &str, by: Option<(&UserId, bool)>, now: Ts) -> Result<()> {
    let row = i::table.filter(i::org_id.eq(org).and(i::id.eq(id)));
    let ended = (!state.is_at_work() && state != State::Checked).then_some(now);
    diesel::update(row)
        .set((
            i::state.eq(state.as_str()),
            i::message.eq(message),
            i::due_at.eq(now),
            i::lease.eq(""),
            i::started_at.eq(now),
            i::ended_at.eq(ended),
            i::rev.eq(i::rev + 1),
            i::updated_at.eq(now),
        ))
        .execute(c)?;
    if let Some((user, proved_mfa)) = by {
        diesel::update(row).set((i::by_user.eq(user.as_ref()), i::proved_mfa.eq(proved_mfa))).execute(c)?;
    }
    Ok(())
}

/// How long somebody who works on it may be silent before another goes on.
const LEASE: i64 = 30 * SECOND;

/// The next that is to be worked on, and on loan to who takes it.
pub fn take(c: &mut Conn, lease: &str, now: Ts) -> Result<Option<(OrgId, Import)>> {
    let due =
        i::state.eq_any([State::Checking, State::Running].map(State::as_str)).and(i::due_at.le(now)).and(i::lease_until.le(now).or(i::lease.eq("")));
    let found: Option<(OrgId, ImportId)> = i::table.filter(due.clone()).order(i::due_at).select((i::org_id, i::id)).first(c).optional()?;
    let Some((org, id)) = found else { return Ok(None) };
    let row = i::table.filter(i::org_id.eq(&org).and(i::id.eq(&id)));
    if diesel::update(row.filter(due)).set((i::lease.eq(lease), i::lease_until.eq(now.plus(LEASE)))).execute(c)? == 0 {
        return Ok(None);
    }
    let taken: Row = row.select(cols::<Row>()).first(c)?;
    taken.read().map(Some)
}

/// Gives it back, to be gone on with at `due`.
pub fn release(c: &mut Conn, org: &OrgId, id: &ImportId, lease: &str, due: Ts, message: &str) -> Result<()> {
    diesel::update(i::table.filter(i::org_id.eq(org).and(i::id.eq(id)).and(i::lease.eq(lease))))
        .set((i::lease.eq(""), i::lease_until.eq(0), i::due_at.eq(due), i::message.eq(message)))
        .execute(c)?;
    Ok(())
}

/// What a piece of work adds; refused when it was stopped or taken over meanwhile, and the piece with it.
pub fn advance(c: &mut Conn, org: &OrgId, id: &ImportId, lease: &str, step: &Step, now: Ts) -> Result<()> {
    let mine = i::table.filter(i::org_id.eq(org).and(i::id.eq(id)).and(i::lease.eq(lease)));
    let moved = diesel::update(mine)
        .set((
            i::lease_until.eq(now.plus(LEASE)),
            i::position.eq(i::position + step.bytes),
            i::total.eq(i::total + step.total),
            i::ready.eq(i::ready + step.ready),
            i::done.eq(i::done + step.done),
            i::message.eq(""),
            i::updated_at.eq(now),
        ))
        .execute(c)?;
    if moved == 1 { Ok(()) } else { Err(Error::Gone("This import was stopped.".into())) }
}

#[derive(Debug, Default)]
pub struct Step {
    pub bytes: i64,
    pub total: i64,
    pub ready: i64,
    pub done: i64,
}

/// The line of an earlier row of the file with this address that is not refused.
pub fn earlier(c: &mut Conn, org: &OrgId, id: &ImportId, email: &Email, line: i64) -> Result<Option<i64>> {
    let same = r::org_id.eq(org).and(r::import_id.eq(id)).and(r::email_key.eq(email.key()));
    let taken = r::line.lt(line).and(r::state.eq_any(["ready", "done", "member"]));
    Ok(r::table.filter(same.and(taken)).select(r::line).first(c).optional()?)
}

pub fn last_line(c: &mut Conn, org: &OrgId, id: &ImportId) -> Result<i64> {
    let line: Option<i64> = r::table.filter(r::org_id.eq(org).and(r::import_id.eq(id))).select(diesel::dsl::max(r::line)).first(c)?;
    Ok(line.unwrap_or(0))
}

pub fn insert_row(c: &mut Conn, org: &OrgId, id: &ImportId, row: &Line, state: &str, message: &str) -> Result<()> {
    let key = Email::parse(&row.email).map_or_else(|_| row.email.clone(), |e| e.key());
    diesel::insert_into(r::table)
        .values((
            r::org_id.eq(org),
            r::import_id.eq(id),
            r::line.eq(row.line),
            r::email.eq(&row.email),
            r::email_key.eq(key),
            r::name.eq(&row.name),
            r::roles.eq(&row.roles),
            r::projects.eq(&row.projects),
            r::state.eq(state),
            r::message.eq(message),
        ))
        .execute(c)?;
    Ok(())
}

type Columns = (i64, String, String, String, String, String, String);

fn read((line, email, name, roles, projects, state, message): Columns) -> ImportRow {
    ImportRow { line, email, name, roles, projects, state, message }
}

/// The rows in the order of the file, of one fate or of all, behind a line.
pub fn rows(c: &mut Conn, org: &OrgId, id: &ImportId, state: &str, behind: i64, most: i64) -> Result<Vec<ImportRow>> {
    let mut query = r::table
        .filter(r::org_id.eq(org).and(r::import_id.eq(id)).and(r::line.gt(behind)))
        .select((r::line, r::email, r::name, r::roles, r::projects, r::state, r::message))
        .order(r::line)
        .limit(most)
        .into_boxed();
    if !state.is_empty() {
        query = query.filter(r::state.eq(state.to_owned()));
    }
    Ok(query.load::<Columns>(c)?.into_iter().map(read).collect())
}

/// How many rows have which fate.
pub fn fates(c: &mut Conn, org: &OrgId, id: &ImportId) -> Result<Vec<(String, i64)>> {
    let of = r::table.filter(r::org_id.eq(org).and(r::import_id.eq(id)));
    Ok(of.group_by(r::state).select((r::state, diesel::dsl::count_star())).load(c)?)
}

pub fn settle(c: &mut Conn, org: &OrgId, id: &ImportId, lines: &[i64], state: &str, message: &str) -> Result<()> {
    diesel::update(r::table.filter(r::org_id.eq(org).and(r::import_id.eq(id)).and(r::line.eq_any(lines))))
        .set((r::state.eq(state), r::message.eq(message)))
        .execute(c)?;
    Ok(())
}

/// Addresses and names are not kept longer than somebody may want to look them up.
pub fn sweep(c: &mut Conn, now: Ts) -> Result<()> {
    let old: Vec<(OrgId, ImportId)> = i::table
        .filter(i::updated_at.lt(now.minus(30 * DAY)).and(i::state.ne_all([State::Checking, State::Running].map(State::as_str))))
        .select((i::org_id, i::id))
        .limit(20)
        .load(c)?;
    for (org, id) in old {
        forget_content(c, &org, &id)?;
        diesel::delete(r::table.filter(r::org_id.eq(&org).and(r::import_id.eq(&id)))).execute(c)?;
        diesel::delete(i::table.filter(i::org_id.eq(&org).and(i::id.eq(&id)))).execute(c)?;
    }
    Ok(())
}
