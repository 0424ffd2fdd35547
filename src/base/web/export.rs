//! Exports: a list as a file. Exactly what its filter shows, every page of it, as CSV (formulas defused) or NDJSON; the same query as
//! the list's is asked page by page while the file is on its way, so that a long list needs no more memory than a short one, and whoever
//! loses the right to read it meanwhile gets no further page. Each export is written down before its first row leaves.

use std::marker::PhantomData;

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::api;
use super::ctx::Ctx;
use crate::access::Action;
use crate::base::audit::Target;
use crate::base::error::{Error, Result};
use crate::base::form::label;
use crate::base::ops::{self, Command, Place, Query};
use crate::base::paging::List;
use crate::base::tx::Tx;

/// A list of an organization that can be taken out as a file.
pub trait Export: Query<Output = List<<Self as Export>::Row>> + Clone + DeserializeOwned {
    type Row: Serialize + Send + 'static;
    /// What the audit log calls it: `member.export`.
    const NOTED: &'static str;
    /// What is in the file, as its name and a sentence have it: `members`.
    const WHAT: &'static str;
    /// Fields of the record that become columns; `actor.name` is a field in a field.
    const COLUMNS: &'static [&'static str];

    /// The same list from another place on.
    fn page(&mut self, limit: i64, cursor: Option<String>);
    /// A field as the cell of a table.
    fn cell(_column: &str, value: &Value) -> String {
        cell(value)
    }
}

/// Rows that are asked for at once.
const SLICE: i64 = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Csv,
    Ndjson,
}

impl Format {
    fn parse(text: &str) -> Result<Self> {
        match text {
            "csv" => Ok(Self::Csv),
            "ndjson" => Ok(Self::Ndjson),
            _ => Err(Error::field("format", "invalid", "Format takes csv or ndjson.")),
        }
    }
    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
        }
    }
    fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

/// The handler of both doors: `?format=` of an API list, and the Export links of the pages.
pub async fn serve<Q: Export>(ctx: Ctx, req: HttpRequest) -> Result<HttpResponse> {
    api::signed_in(&ctx, &Q::ACTION)?;
    let mut filter = api::query_map(&req)?;
    let format = Format::parse(filter.get("format").and_then(Value::as_str).unwrap_or_default())?;
    filter.retain(|name, value| !["format", "limit", "cursor"].contains(&name.as_str()) && value != "");
    let mut query: Q = api::query(&req)?;
    query.page(SLICE, None);
    let first = ask(&ctx, query.clone()).await?;
    let org = ctx.run(NoteExport::<Q> { place: query.place(), format, filter, list: PhantomData }).await?;
    let body = stream::unfold((Some(first), true), move |(list, is_first)| {
        let (ctx, mut query) = (ctx.clone(), query.clone());
        async move {
            let list = list?;
            let next = match list.next_cursor {
                None => Ok(None),
                Some(cursor) => {
                    query.page(SLICE, Some(cursor));
                    ask(&ctx, query).await.map(Some)
                }
            };
            // A file that breaks off is told from one that ends: the connection is cut.
            let bytes = write::<Q>(&list.items, format, is_first).and_then(|bytes| Ok((bytes, next?)));
            Some(match bytes {
                Ok((bytes, next)) => (Ok(bytes), (next, false)),
                Err(e) => (Err(e), (None, false)),
            })
        }
    });
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header(("content-disposition", format!("attachment; filename=\"{org}-{}.{}\"", Q::WHAT, format.ending())))
        .streaming(body))
}

/// Always on a thread of its own: one after the other, slices would keep others from being answered.
async fn ask<Q: Query>(ctx: &Ctx, query: Q) -> Result<Q::Output> {
    let (world, caller) = (ctx.world.clone(), ctx.caller.clone());
    ctx.blocking(move || ops::ask(&world, &caller, &query)).await
}

/// Who took out what, in which format and by which filter.
struct NoteExport<Q> {
    place: Place,
    format: Format,
    filter: Map<String, Value>,
    list: PhantomData<fn() -> Q>,
}

impl<Q: Export> Command for NoteExport<Q> {
    const ACTION: Action = Action::new(Q::NOTED, Q::ACTION.need);
    /// The organization's short name, for the file.
    type Output = String;

    fn place(&self) -> Place {
        self.place.clone()
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<String> {
        let org = tx.org()?.clone();
        let filter: Vec<String> = self.filter.iter().map(|(name, value)| format!("{} {}", label(name).to_lowercase(), cell(value))).collect();
        let narrowed = if filter.is_empty() { "all of them".to_owned() } else { filter.join(", ") };
        let summary = format!("exported {} as {} ({narrowed})", Q::WHAT.replace('-', " "), self.format.ending().to_uppercase());
        let after = json!({"format": self.format, "filter": self.filter});
        tx.record(Target::new("organization", &org.id, &org.name), summary, &(), &after)?;
        Ok(org.slug)
    }
}

fn write<Q: Export>(rows: &[Q::Row], format: Format, with_head: bool) -> Result<Bytes> {
    if format == Format::Ndjson {
        let mut lines = Vec::new();
        for row in rows {
            serde_json::to_writer(&mut lines, row)?;
            lines.push(b'\n');
        }
        return Ok(lines.into());
    }
    let mut sheet = Sheet::new();
    if with_head {
        sheet.line(Q::COLUMNS.iter().map(|name| name.replace('.', "_")))?;
    }
    for row in rows {
        let record = serde_json::to_value(row)?;
        let field = |path: &str| path.split('.').try_fold(&record, |value, name| value.get(name)).unwrap_or(&Value::Null).clone();
        sheet.line(Q::COLUMNS.iter().map(|column| Q::cell(column, &field(column))))?;
    }
    sheet.finish()
}

/// A CSV table in which no cell is run as a formula.
pub struct Sheet(csv::Writer<Vec<u8>>);

impl Sheet {
    #[expect(clippy::new_without_default, reason = "an empty sheet is begun, not assumed")]
    pub fn new() -> Self {
        Self(csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new()))
    }
    pub fn line(&mut self, cells: impl Iterator<Item = String>) -> Result<()> {
        self.0.write_record(cells.map(defuse)).map_err(|e| Error::internal(format!("csv: {e}")))
    }
    pub fn finish(self) -> Result<Bytes> {
        Ok(self.0.into_inner().map_err(|e| Error::internal(format!("csv: {e}")))?.into())
    }
}

/// A value as it stands in a cell; of a list of records their keys, else their names.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => match ["key", "name"].iter().find_map(|n| fields.get(*n).and_then(Value::as_str)) {
            Some(name) => name.to_owned(),
            None => value.to_string(),
        },
        other => other.to_string(),
    }
}

/// What makes a spreadsheet run a cell.
const FORMULAS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'];

/// A cell that a spreadsheet would run as a formula gets a quote in front of it (OWASP, CSV injection).
fn defuse(cell: String) -> String {
    if cell.starts_with(FORMULAS) { format!("'{cell}") } else { cell }
}

/// The cell as it was before it was defused: what was taken out can be brought in again.
pub fn fused(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULAS)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused() {
        assert_eq!(defuse("=1+1".into()), "'=1+1");
        assert_eq!(defuse("＠x".into()), "'＠x");
        assert_eq!(defuse("Ana".into()), "Ana");
        assert_eq!((fused("'=1+1"), fused("'tis"), fused("Ana")), ("=1+1", "'tis", "Ana"));
    }

    #[test]
    fn a_list_of_records_is_told_by_their_keys() {
        assert_eq!(cell(&json!([{"id": "r1", "key": "ADMIN", "name": "Admin"}, {"id": "r2", "name": "Data"}])), "ADMIN, Data");
        assert_eq!((cell(&json!(null)), cell(&json!(true)), cell(&json!({"a": 1}))), (String::new(), "true".into(), "{\"a\":1}".into()));
    }
}
