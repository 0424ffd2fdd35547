//! Long lists: a page at a time, each beginning where the one before ended. No offsets, so rows that come and go shift nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use super::keys;
use super::ops::Query;
use super::tx::Read;
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

    pub fn counted(self, count: Option<i64>) -> Self {
        Self { count, ..self }
    }
}

/// What is asked of one list: how many rows, and after which one.
pub struct Page {
    /// Whose list and in which order. A cursor is good for the list that gave it and for no other.
    list: String,
    limit: i64,
    /// Sort key and id of the last row before; empty at the beginning.
    pub after: Vec<String>,
}

impl Page {
    /// The page of `Q` that was asked for: 1 to 200 rows, 50 when nothing is said. `order` is a word for how the rows are sorted.
    pub fn of<Q: Query>(read: &Read<'_>, order: &str, limit: Option<i64>, cursor: Option<&str>) -> Result<Self> {
        let org = read.standing.as_ref().map(|s| s.org.id.to_string()).unwrap_or_default();
        let list = format!("{}:{org}:{order}", Q::ACTION.name);
        let limit = match limit.unwrap_or(50) {
            n @ 1..=200 => n,
            _ => return Err(Error::field("limit", "invalid", "Limit takes a whole number from 1 to 200.")),
        };
        let after = cursor.map_or(Ok(Vec::new()), |text| open(read.world, &list, text))?;
        Ok(Self { list, limit, after })
    }

    /// How many rows to fetch: one more than the page has, which tells whether it goes on.
    pub fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The page out of what was fetched; `key` is what the list is sorted by, with the id.
    pub fn cut<T>(&self, world: &World, mut items: Vec<T>, key: impl Fn(&T) -> Vec<String>) -> List<T> {
        let limit = usize::try_from(self.limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(|last| cursor(world, &self.list, &key(last)));
        List { items, next_cursor, count: None }
    }
}

/// A place in a list. Signed together with the list's name: a cursor is a position, not a way around a filter or into another list.
pub fn cursor(world: &World, list: &str, at: &[String]) -> String {
    let body = keys::encode(serde_json::to_string(at).unwrap_or_default().as_bytes());
    format!("{body}.{}", tag(world, list, &body))
}

/// Reads a cursor; one that is not of this list is told so.
fn open(world: &World, list: &str, text: &str) -> Result<Vec<String>> {
    let bad = || Error::field("cursor", "invalid", "That place is not known in this list. Start again from the first page.");
    let (body, given) = text.split_once('.').ok_or_else(bad)?;
    if !keys::same(&tag(world, list, body), given) {
        return Err(bad());
    }
    serde_json::from_slice(&keys::decode(body).ok_or_else(bad)?).map_err(|_| bad())
}

fn tag(world: &World, list: &str, body: &str) -> String {
    world.keys.tag("cursor", &format!("{list}\n{body}")).chars().take(16).collect()
}
