//! The SQL of the audit log. Only reads; events are written in `base/audit.rs`, in the transaction of their change.

use diesel::prelude::*;

use crate::base::audit::Row;
use crate::base::db::connection::MultiBackend;
use crate::base::db::schema::{audit_events as e, instance, orgs};
use crate::base::db::{Conn, Ts, dialect};
use crate::base::error::Result;

#[derive(Debug, Clone)]
pub struct Filter {
    pub q: String,
    pub actor: String,
    pub action: String,
    pub target: String,
    pub outcome: String,
    pub since: Ts,
    pub until: Ts,
    /// Only events before this place of the chain.
    pub before: i64,
    /// Oldest first, and only events after this place.
    pub oldest_after: Option<i64>,
}

pub fn list(c: &mut Conn, chain: &str, f: &Filter, most: i64) -> Result<Vec<Row>> {
    let mut query = e::table.filter(e::org_id.eq(chain).and(e::seq.lt(f.before))).limit(most).select(Row::as_select()).into_boxed::<MultiBackend>();
    query = match f.oldest_after {
        Some(seq) => query.filter(e::seq.gt(seq)).order(e::seq.asc()),
        None => query.order(e::seq.desc()),
    };
    if f.since > Ts(0) {
        query = query.filter(e::at.ge(f.since));
    }
    if f.until < Ts::FOREVER {
        query = query.filter(e::at.lt(f.until));
    }
    if crate::base::ids::looks_like("usr", &f.actor) {
        query = query.filter(e::actor_id.eq(f.actor.clone()));
    } else if !f.actor.is_empty() {
        // A name is looked for among all words, because names of people are in no index of their own.
        query = query.filter(e::search.like(dialect::anywhere(&f.actor)).escape('\\'));
    }
    match f.action.strip_suffix(".*") {
        Some(noun) => query = query.filter(e::action.ge(format!("{noun}.")).and(e::action.lt(format!("{noun}/")))),
        None if !f.action.is_empty() => query = query.filter(e::action.eq(f.action.clone())),
        None => {}
    }
    if !f.target.is_empty() {
        query = query.filter(e::target_id.eq(f.target.clone()));
    }
    if !f.outcome.is_empty() {
        query = query.filter(e::outcome.eq(f.outcome.clone()));
        // In these words the index of what did not go well knows itself.
        if f.outcome != "success" {
            query = query.filter(diesel::dsl::sql::<diesel::sql_types::Bool>("outcome <> 'success'"));
        }
    }
    if !f.q.is_empty() {
        query = query.filter(e::search.like(dialect::anywhere(&f.q)).escape('\\'));
    }
    Ok(query.load(c)?)
}

pub fn one(c: &mut Conn, chain: &str, id: &str) -> Result<Option<Row>> {
    Ok(e::table.filter(e::org_id.eq(chain).and(e::id.eq(id))).select(Row::as_select()).first(c).optional()?)
}

/// The next slice of a chain in its order.
pub fn after(c: &mut Conn, chain: &str, seq: i64, most: i64) -> Result<Vec<Row>> {
    Ok(e::table.filter(e::org_id.eq(chain).and(e::seq.gt(seq))).order(e::seq).limit(most).select(Row::as_select()).load(c)?)
}

/// The chains there are: name for people, name in the table, and the head kept beside the scope.
pub fn chains(c: &mut Conn) -> Result<Vec<(String, String, String)>> {
    let mut all: Vec<(String, String, String)> = orgs::table.order(orgs::slug).select((orgs::slug, orgs::id, orgs::audit_head)).load(c)?;
    let head: Option<String> = instance::table.select(instance::audit_head).first(c).optional()?;
    all.extend(head.map(|h| ("instance".to_owned(), crate::base::audit::INSTANCE.to_owned(), h)));
    Ok(all)
}

/// The newest event of a chain.
pub fn latest(c: &mut Conn, chain: &str) -> Result<Option<Row>> {
    Ok(e::table.filter(e::org_id.eq(chain)).order(e::seq.desc()).select(Row::as_select()).first(c).optional()?)
}
