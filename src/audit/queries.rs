//! Reads: events, newest first, by person, action, object, time and text.

use serde::Deserialize;
use serde_json::Value;

use super::{Event, store};
use crate::access::{self, Action, Need, OrgRef, Ref};
use crate::base::db::Ts;
use crate::base::db::time::DAY;
use crate::base::error::{Error, Result};
use crate::base::form;
use crate::base::ops::{Place, Query};
use crate::base::order::{Column, Columns, Order};
use crate::base::paging::{List, Page};
use crate::base::tx::Read;
use crate::base::undo::inverse;
use crate::base::web::export::{self, Export};

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventList {
    pub org: OrgRef,
    /// Words in who, what or whom.
    pub q: Option<String>,
    /// Id of a user, or part of the name of who acted.
    pub actor: Option<String>,
    /// An action such as grant.create, or all of a noun: grant.*
    pub action: Option<String>,
    /// Id of the object.
    pub target: Option<String>,
    /// `success`, `denied` or `failed`.
    pub outcome: Option<String>,
    /// From this time or day on.
    pub since: Option<String>,
    /// Up to this time, or this day's end.
    pub until: Option<String>,
    /// `time` (the newest first), or `-time` for the oldest first.
    pub sort: Option<String>,
    #[serde(default, deserialize_with = "form::whole")]
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// The place in the chain is the order of time.
const ORDERS: Columns = &[Column::time("time", "seq")];

impl EventList {
    pub fn of(org: &str) -> Self {
        Self {
            org: Ref::new(org),
            q: None,
            actor: None,
            action: None,
            target: None,
            outcome: None,
            since: None,
            until: None,
            sort: None,
            limit: None,
            cursor: None,
        }
    }

    pub fn order(&self) -> Result<Order> {
        Order::parse(ORDERS, self.sort.as_deref())
    }

    pub fn filter(&self) -> Result<store::Filter> {
        let time = |field: &str, text: &Option<String>| -> Result<Option<Ts>> {
            match text.as_deref().map(str::trim) {
                None | Some("") => Ok(None),
                Some(text) => Ts::parse(text).map(Some).map_err(|e| Error::field(field, "invalid", format!("{} {e}", form::label(field)))),
            }
        };
        let until = time("until", &self.until)?.map(|t| if self.until.as_deref().is_some_and(|u| u.trim().len() == 10) { t.plus(DAY) } else { t });
        let text = |t: &Option<String>| t.as_deref().map(str::trim).unwrap_or_default().to_owned();
        Ok(store::Filter {
            q: text(&self.q),
            actor: text(&self.actor),
            action: text(&self.action),
            target: text(&self.target),
            outcome: text(&self.outcome),
            since: time("since", &self.since)?.unwrap_or(Ts(0)),
            until: until.unwrap_or(Ts::FOREVER),
            before: i64::MAX,
            oldest_after: None,
        })
    }
}

impl Query for EventList {
    const ACTION: Action = Action::new("audit.list", Need::Org("audit.read"));
    type Output = List<Event>;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<List<Event>> {
        let org = read.org_id()?;
        let order = self.order()?;
        let page = Page::of::<Self>(read, &order.word(), self.limit, self.cursor.as_deref())?;
        let mut filter = self.filter()?;
        let place = page.after.first().and_then(|t| t.parse::<i64>().ok());
        match order.turned {
            true => filter.oldest_after = Some(place.unwrap_or(0)),
            false => filter.before = place.unwrap_or(i64::MAX),
        }
        let rows = store::list(read.c, org.as_ref(), &filter, page.fetch())?;
        let list = page.cut(read.world, rows, |r| vec![r.seq.to_string()]);
        Ok(List { items: list.items.into_iter().map(Event::from).collect(), next_cursor: list.next_cursor, count: None })
    }
}

fn may_undo(read: &Read<'_>, org: &OrgRef, event: &Event) -> bool {
    let Some(back) = inverse(&event.past(org)) else { return false };
    match back.command.action().need {
        // On which project is decided when it is asked for; whoever reads the log has it for all of them or for none.
        Need::Project(permission) => read.holds(permission),
        _ => access::decide(&read.caller.actor, read.standing.as_ref(), &Action { fresh: false, ..back.command.action() }, read.now).is_ok(),
    }
}

pub struct OneEvent {
    pub org: OrgRef,
    pub event: Ref,
}

impl Query for OneEvent {
    const ACTION: Action = EventList::ACTION;
    type Output = Event;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Event> {
        let org = read.org_id()?;
        Ok(store::one(read.c, org.as_ref(), self.event.as_str())?.ok_or(Error::NotFound)?.into())
    }
}

/// An event, and whether the reader may take it back.
pub struct EventDetail {
    pub org: OrgRef,
    pub event: Ref,
}

impl Query for EventDetail {
    const ACTION: Action = EventList::ACTION;
    type Output = (Event, bool);

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Self::Output> {
        let event = OneEvent { org: self.org.clone(), event: self.event.clone() }.run(read)?;
        let org = Ref::new(read.org_id()?);
        let undoable = event.outcome == "success" && may_undo(read, &org, &event);
        Ok((event, undoable))
    }
}

impl Export for EventList {
    type Row = Event;
    const NOTED: &'static str = "audit.export";
    const WHAT: &'static str = "audit-events";
    const COLUMNS: &'static [&'static str] = &[
        "at",
        "actor.kind",
        "actor.id",
        "actor.name",
        "action",
        "outcome",
        "target.kind",
        "target.id",
        "target.name",
        "summary",
        "via",
        "ip",
        "before",
        "after",
    ];

    fn page(&mut self, limit: i64, cursor: Option<String>) {
        (self.limit, self.cursor) = (Some(limit), cursor);
    }
    /// What was before and after is a record, and stays one.
    fn cell(column: &str, value: &Value) -> String {
        match (column, value) {
            ("before" | "after", Value::Object(_) | Value::Array(_)) => value.to_string(),
            _ => export::cell(value),
        }
    }
}
