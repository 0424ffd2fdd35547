//! SQL written by hand, prepared once per connection. diesel's own `sql_query` prepares its text anew at every call, which on a
//! short indexed read costs more than the read.
//!
//! Places are written `$1`, `$2`, ... and may stand several times; each database gets them in its own spelling.

use std::borrow::Cow;
use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error::QueryBuilderError;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Untyped};

use super::connection::MultiBackend;
use super::{Conn, Ts};

/// A value for a place.
#[derive(Debug, Clone)]
pub enum Value {
    Text(String),
    MaybeText(Option<String>),
    Int(i64),
    MaybeInt(Option<i64>),
    Truth(bool),
}

/// `$2, $3, $4`: places for a list of values, the first of them numbered so.
pub fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

impl<T: AsRef<str> + ?Sized> From<&T> for Value {
    fn from(text: &T) -> Self {
        Self::Text(text.as_ref().to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::MaybeText(text)
    }
}
impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}
impl From<Ts> for Value {
    fn from(at: Ts) -> Self {
        Self::Int(at.0)
    }
}
impl From<Option<Ts>> for Value {
    fn from(at: Option<Ts>) -> Self {
        Self::MaybeInt(at.map(|at| at.0))
    }
}
impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}

/// A statement and the values for its places. `ST` is what its columns are, in their order; rows are then read by position.
/// [`Untyped`] reads them by name, into a struct that derives `QueryableByName`.
#[derive(Debug, Clone)]
pub struct Statement<'a, ST = Untyped> {
    text: Cow<'a, str>,
    values: Vec<Value>,
    once: bool,
    columns: PhantomData<ST>,
}

/// Rows read by the names of their columns.
pub fn named<'a>(text: impl Into<Cow<'a, str>>) -> Statement<'a> {
    typed(text)
}

/// Rows read by position: quicker, for lists.
pub fn typed<'a, ST>(text: impl Into<Cow<'a, str>>) -> Statement<'a, ST> {
    Statement { text: text.into(), values: Vec::new(), once: false, columns: PhantomData }
}

impl<ST> Statement<'_, ST> {
    /// The value of the next place.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }
    /// Not kept prepared: for a text that is hardly ever the same twice.
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }
}

impl<ST> QueryFragment<MultiBackend> for Statement<'_, ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        if self.once {
            out.unsafe_to_cache_prepared();
        }
        let mut pieces = self.text.split('$');
        out.push_sql(pieces.next().unwrap_or_default());
        for piece in pieces {
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = piece.split_at(digits);
            let value = number.parse::<usize>().ok().and_then(|n| self.values.get(n.checked_sub(1)?));
            match value {
                Some(Value::Text(text)) => out.push_bind_param::<Text, _>(text)?,
                Some(Value::MaybeText(text)) => out.push_bind_param::<Nullable<Text>, _>(text)?,
                Some(Value::Int(n)) => out.push_bind_param::<BigInt, _>(n)?,
                Some(Value::MaybeInt(n)) => out.push_bind_param::<Nullable<BigInt>, _>(n)?,
                Some(Value::Truth(truth)) => out.push_bind_param::<Bool, _>(truth)?,
                None => return Err(QueryBuilderError(format!("a statement has no value for ${piece}").into())),
            }
            out.push_sql(rest);
        }
        Ok(())
    }
}

/// Statements are told apart by their text.
impl<ST> QueryId for Statement<'_, ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for Statement<'_, ST> {
    type SqlType = ST;
}

impl<ST> RunQueryDsl<Conn> for Statement<'_, ST> {}
