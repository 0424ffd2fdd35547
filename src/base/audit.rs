//! The audit log's writing side: the scope's lock, the chain, the event in the transaction of its change.
//!
//! The first statement of every change is `UPDATE <scope> SET seq = seq + 1`: it is the lock that keeps two changes of one
//! organization apart on both databases, and the event's place in the chain. Each event carries
//! `HMAC(key, hash of the one before ‖ the event)`, so that an edit, a deletion or an insertion is found by `audit verify`.

use diesel::prelude::*;
use serde_json::Value;

use super::db::schema::{audit_events as e, idempotent_answers as ia, instance, orgs};
use super::db::{Conn, Ts};
use super::error::{Error, Result};
use super::ids::{EventId, OrgId};
use super::ops::Place;
use super::tx::{Actor, Tx};
use crate::access::Action;

pub const INSTANCE: &str = "instance";

/// What an event is about.
#[derive(Debug, Clone)]
pub struct Target {
    pub kind: &'static str,
    pub id: String,
    pub name: String,
}

impl Target {
    pub fn new(kind: &'static str, id: impl ToString, name: impl ToString) -> Self {
        Self { kind, id: id.to_string(), name: name.to_string() }
    }
}

#[derive(Debug)]
pub struct Event {
    /// Of a change inside another one: its own name.
    pub action: Option<&'static str>,
    pub target: Target,
    pub summary: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub failed: bool,
}

/// One row of the log.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = e)]
pub struct Row {
    pub org_id: String,
    pub seq: i64,
    pub id: EventId,
    pub at: Ts,
    pub actor_kind: String,
    pub actor_id: String,
    pub actor_name: String,
    pub action: String,
    pub outcome: String,
    pub target_kind: String,
    pub target_id: String,
    pub target_name: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub summary: String,
    pub search: String,
    pub via: String,
    pub session_hash: String,
    pub ip: String,
    pub request_id: String,
    pub hash: String,
}

impl Row {
    /// What the hash is made over: every field in a fixed order, lengths in front, so that no two rows read alike.
    pub fn canonical(&self) -> String {
        let seq = self.seq.to_string();
        let at = self.at.0.to_string();
        let none = "-".to_owned();
        [
            &self.org_id,
            &seq,
            &self.id.to_string(),
            &at,
            &self.actor_kind,
            &self.actor_id,
            &self.actor_name,
            &self.action,
            &self.outcome,
            &self.target_kind,
            &self.target_id,
            &self.target_name,
            self.before.as_ref().unwrap_or(&none),
            self.after.as_ref().unwrap_or(&none),
            &self.summary,
            &self.via,
            &self.session_hash,
            &self.ip,
            &self.request_id,
        ]
        .iter()
        .map(|field| format!("{}:{field}", field.len()))
        .collect()
    }
}

/// Takes the scope's lock and the next number of its chain; returns the chain's name.
pub fn lock(c: &mut Conn, place: &Place) -> Result<String> {
    match place {
        Place::Instance => {
            let locked = diesel::update(instance::table).set(instance::seq.eq(instance::seq + 1)).execute(c)?;
            match locked {
                1 => Ok(INSTANCE.into()),
                _ => Err(Error::Unavailable("This installation is not set up yet.".into())),
            }
        }
        Place::Org(org) | Place::Project(org, _) => {
            let id: Option<OrgId> =
                diesel::update(orgs::table.filter(orgs::slug.eq(org.as_str()).or(orgs::id.eq(org.as_str()))).filter(orgs::deleted_at.is_null()))
                    .set(orgs::seq.eq(orgs::seq + 1))
                    .returning(orgs::id)
                    .get_results(c)?
                    .pop();
            id.map(|id| id.to_string()).ok_or(Error::NotFound)
        }
    }
}

/// Writes the events of a change, one after the other; returns the last one.
pub fn write(tx: &mut Tx<'_>, action: &Action) -> Result<Option<Row>> {
    let mut last = None;
    for (at, event) in std::mem::take(&mut tx.events).into_iter().enumerate() {
        if at > 0 {
            advance(tx)?;
        }
        let outcome = if event.failed { "failed" } else { "success" };
        last = Some(append(tx, action, outcome, event)?);
    }
    Ok(last)
}

pub fn write_denied(tx: &mut Tx<'_>, action: &Action, place: &Place, why: &str) -> Result<()> {
    let target = match place {
        Place::Instance => Target::new("instance", INSTANCE, ""),
        Place::Org(org) => Target::new("organization", tx.chain.clone(), org),
        Place::Project(_, project) => Target::new("project", project, project),
    };
    let event = Event { target, summary: format!("was refused: {why}"), before: None, after: None, failed: false, action: None };
    append(tx, action, "denied", event).map(drop)
}

fn advance(tx: &mut Tx<'_>) -> Result<()> {
    if tx.chain == INSTANCE {
        diesel::update(instance::table).set(instance::seq.eq(instance::seq + 1)).execute(tx.c)?;
    } else {
        diesel::update(orgs::table.filter(orgs::id.eq(&tx.chain))).set(orgs::seq.eq(orgs::seq + 1)).execute(tx.c)?;
    }
    Ok(())
}

fn append(tx: &mut Tx<'_>, action: &Action, outcome: &str, event: Event) -> Result<Row> {
    let (seq, head): (i64, String) = if tx.chain == INSTANCE {
        instance::table.select((instance::seq, instance::audit_head)).first(tx.c)?
    } else {
        orgs::table.filter(orgs::id.eq(&tx.chain)).select((orgs::seq, orgs::audit_head)).first(tx.c)?
    };
    let (actor_kind, actor_id, actor_name, session) = match &tx.caller.actor {
        Actor::User(user) => ("user", user.id.to_string(), user.name.clone(), user.session().map(ToString::to_string)),
        Actor::Cli => ("cli", "cli".into(), "Command line".into(), None),
        Actor::System => ("system", "system".into(), "Bailiwick".into(), None),
        Actor::Nobody => ("nobody", String::new(), "Nobody signed in".into(), None),
    };
    let text = |v: Option<Value>| v.map(|v| v.to_string());
    let mut row = Row {
        org_id: tx.chain.clone(),
        seq,
        id: tx.id(),
        at: tx.now,
        actor_kind: actor_kind.into(),
        actor_id,
        actor_name,
        action: event.action.unwrap_or(action.name).into(),
        outcome: outcome.into(),
        target_kind: event.target.kind.into(),
        target_id: event.target.id,
        target_name: event.target.name,
        before: text(event.before),
        after: text(event.after),
        search: String::new(),
        summary: event.summary,
        via: tx.caller.via.as_str().into(),
        session_hash: session.map(|s| super::keys::digest(&s)).unwrap_or_default(),
        ip: tx.caller.ip.clone(),
        request_id: tx.caller.request_id.clone(),
        hash: String::new(),
    };
    row.search = format!("{} {} {} {}", row.actor_name, row.action, row.target_name, row.summary).to_lowercase();
    row.hash = tx.world.keys.tag("audit", &format!("{head}{}", row.canonical()));
    if row.org_id == INSTANCE {
        diesel::update(instance::table).set(instance::audit_head.eq(&row.hash)).execute(tx.c)?;
    } else {
        diesel::update(orgs::table.filter(orgs::id.eq(&row.org_id))).set(orgs::audit_head.eq(&row.hash)).execute(tx.c)?;
    }
    diesel::insert_into(e::table).values(&row).execute(tx.c)?;
    Ok(row)
}

/// Who changed a thing last, and when: for whoever has just been shown that it was changed.
pub fn last_change(c: &mut Conn, org: Option<&str>, kind: &str, id: &str) -> Result<Option<(String, Ts)>> {
    let chain = match org {
        None => Some(INSTANCE.to_owned()),
        Some(slug) => orgs::table
            .filter(orgs::slug.eq(slug).and(orgs::deleted_at.is_null()))
            .select(orgs::id)
            .first::<OrgId>(c)
            .optional()?
            .map(|id| id.to_string()),
    };
    let Some(chain) = chain else { return Ok(None) };
    let events = e::table.filter(e::org_id.eq(chain).and(e::target_id.eq(id)).and(e::target_kind.eq(kind)).and(e::outcome.eq("success")));
    Ok(events.order(e::seq.desc()).select((e::actor_name, e::at)).first(c).optional()?)
}

/// The organization's policy record as it is now, inside the transaction.
pub fn policy_of(c: &mut Conn, org: &OrgId) -> Result<String> {
    Ok(orgs::table.filter(orgs::id.eq(org)).select(orgs::policy).first(c)?)
}

/// The kept answer of an idempotent request: the digest of the request, and the sealed body.
pub fn idempotent_row(c: &mut Conn, principal: &str, key: &str) -> Result<Option<(String, String)>> {
    Ok(ia::table.find((principal, key)).select((ia::request_hash, ia::body)).first(c).optional()?)
}

pub fn keep_idempotent(c: &mut Conn, principal: &str, key: &str, request: &str, body: &str, now: Ts) -> Result<()> {
    diesel::insert_into(ia::table)
        .values((
            ia::principal.eq(principal),
            ia::idempotency_key.eq(key),
            ia::request_hash.eq(request),
            ia::status.eq(0),
            ia::body.eq(body),
            ia::created_at.eq(now),
        ))
        .execute(c)?;
    Ok(())
}
