//! In which order a list is shown: by one of its columns, either way round. What is offered is a range of an index.

use super::error::{Error, Result};
use super::form;

#[derive(Debug)]
pub struct Column {
    /// As the address and the API call it.
    pub word: &'static str,
    /// As the statement calls it.
    pub key: &'static str,
    /// A time: the latest come first.
    pub is_time: bool,
    /// The key is kept with its sign turned.
    pub is_negated: bool,
}

impl Column {
    pub const fn text(word: &'static str, key: &'static str) -> Self {
        Self { word, key, is_time: false, is_negated: false }
    }
    pub const fn time(word: &'static str, key: &'static str) -> Self {
        Self { word, key, is_time: true, is_negated: false }
    }
    /// A time whose key is minus itself.
    pub const fn negated_time(word: &'static str, key: &'static str) -> Self {
        Self { word, key, is_time: true, is_negated: true }
    }
}

/// The columns that a list can be sorted by; the first is how it comes when nothing is said.
pub type Columns = &'static [Column];

#[derive(Debug, Clone, Copy)]
pub struct Order {
    columns: Columns,
    pub column: &'static Column,
    /// The other way round than this column usually comes.
    pub turned: bool,
}

impl Order {
    /// `name`, or `-name` for the other way round.
    pub fn parse(columns: Columns, wanted: Option<&str>) -> Result<Self> {
        let wanted = wanted.unwrap_or_default();
        let (turned, word) = wanted.strip_prefix('-').map_or((false, wanted), |word| (true, word));
        let found = if word.is_empty() { columns.first() } else { columns.iter().find(|c| c.word == word) };
        let known = || columns.iter().map(|c| c.word).collect::<Vec<_>>().join(", ");
        let column = found.ok_or_else(|| {
            Error::field("sort", "invalid", format!("{} takes one of {}, or one of them behind a minus.", form::label("sort"), known()))
        })?;
        Ok(Self { columns, column, turned })
    }

    /// The word that asks for this order, and the name of the list so ordered, for its cursors.
    pub fn word(&self) -> String {
        format!("{}{}", if self.turned { "-" } else { "" }, self.column.word)
    }
    pub fn is_by(&self, word: &str) -> bool {
        self.column.word == word
    }
    /// Newest first, or its opposite.
    pub fn is_by_time(&self) -> bool {
        self.column.is_time && !self.turned
    }

    /// What a click on a column's heading asks for; empty for how the list comes anyway.
    pub fn of_heading(&self, word: &str) -> String {
        let turned = self.is_by(word) && !self.turned;
        match self.columns.first() {
            Some(first) if first.word == word && !turned => String::new(),
            _ => format!("{}{word}", if turned { "-" } else { "" }),
        }
    }
    /// What a heading says of itself (`aria-sort`): a time whose latest come first is descending.
    pub fn aria(&self, word: &str) -> &'static str {
        match self.is_by(word) {
            true if self.column.is_time != self.turned => "descending",
            true => "ascending",
            false => "",
        }
    }

    fn falls(&self) -> bool {
        (self.column.is_time != self.turned) != self.column.is_negated
    }
    /// `key > place`, or less where the list falls; `id` settles ties.
    pub fn beyond(&self, id: &str, at: &str, last: &str) -> String {
        format!("({}, {id}) {} ({at}, {last})", self.column.key, if self.falls() { "<" } else { ">" })
    }
    pub fn sql(&self, id: &str) -> String {
        let way = if self.falls() { " DESC" } else { "" };
        format!("ORDER BY {}{way}, {id}{way}", self.column.key)
    }
    /// A time's key as it stands in the table.
    pub fn time_key(&self, at: i64) -> i64 {
        if self.column.is_negated { -at } else { at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: Columns =
        &[Column::text("name", "m.name_key"), Column::negated_time("last_seen", "m.seen_key"), Column::time("joined", "m.valid_from")];
    fn order(word: &str) -> Order {
        Order::parse(COLUMNS, Some(word)).unwrap()
    }

    #[test]
    fn a_heading_turns_its_own_order_and_begins_anothers() {
        assert_eq!((order("").of_heading("name"), order("-name").of_heading("name")), ("-name".into(), String::new()));
        assert_eq!((order("").of_heading("joined"), order("joined").of_heading("joined")), ("joined".into(), "-joined".into()));
        assert_eq!((order("").aria("name"), order("-name").aria("name"), order("").aria("joined")), ("ascending", "descending", ""));
        assert_eq!((order("joined").aria("joined"), order("-last_seen").aria("last_seen")), ("descending", "ascending"));
        assert!(Order::parse(COLUMNS, Some("shoe")).is_err());
    }

    #[test]
    fn the_latest_come_first_whichever_way_a_time_is_kept() {
        assert_eq!(order("joined").sql("m.id"), "ORDER BY m.valid_from DESC, m.id DESC");
        assert_eq!(order("last_seen").sql("m.id"), "ORDER BY m.seen_key, m.id");
        assert_eq!(order("-last_seen").beyond("m.id", "$2", "$3"), "(m.seen_key, m.id) < ($2, $3)");
        assert_eq!(order("name").beyond("m.id", "$2", "$3"), "(m.name_key, m.id) > ($2, $3)");
    }
}
