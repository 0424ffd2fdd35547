//! Long lists: a page at a time, each beginning where the one before ended. No offsets, so rows that come and go shift nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use super::keys;
use super::world::World;

/// One page of a list. `count` only when asked for by `?count=true`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub count: Option<i64>,
}

impl<T> List<T> {
    /// A list that is never longer than one page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None, count: None }
    }

    /// A page out of one row more than its limit; `key` is what the list is sorted by, with the id.
    pub fn page(world: &World, mut items: Vec<T>, limit: i64, key: impl Fn(&T) -> Vec<String>) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(|last| cursor(world, &key(last)));
        Self { items, next_cursor, count: None }
    }

    pub fn counted(self, count: Option<i64>) -> Self {
        Self { count, ..self }
    }
}

/// How much of a list: 1 to 200, 50 when nothing is said.
pub fn limit(asked: Option<i64>) -> Result<i64> {
    match asked.unwrap_or(50) {
        n @ 1..=200 => Ok(n),
        _ => Err(Error::field("limit", "invalid", "Limit takes a whole number from 1 to 200.")),
    }
}

/// Where a list goes on: the sort key and id of the last row before, or nothing for its beginning.
pub fn after(world: &World, cursor: Option<&str>) -> Result<Vec<String>> {
    cursor.map_or(Ok(Vec::new()), |text| read(world, text))
}

/// A place in a list. Signed: a cursor is a position, not a way around a filter.
fn cursor(world: &World, at: &[String]) -> String {
    let body = keys::encode(serde_json::to_string(at).unwrap_or_default().as_bytes());
    format!("{body}.{}", tag(world, &body))
}

/// Reads a cursor; one that is not ours is told so.
fn read(world: &World, text: &str) -> Result<Vec<String>> {
    let bad = || Error::field("cursor", "invalid", "That place in the list is not known. Start again from the first page.");
    let (body, given) = text.split_once('.').ok_or_else(bad)?;
    if !keys::same(&tag(world, body), given) {
        return Err(bad());
    }
    serde_json::from_slice(&keys::decode(body).ok_or_else(bad)?).map_err(|_| bad())
}

fn tag(world: &World, body: &str) -> String {
    world.keys.tag("cursor", body).chars().take(16).collect()
}
