//! Exports: exactly what the filter shows, streamed in slices, as CSV (formulas defused) or NDJSON.

use std::sync::Arc;

use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use futures_util::stream;

use super::{Event, store};
use crate::base::error::{Error, Result};
use crate::base::world::World;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Ndjson,
}

impl Format {
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "csv" => Ok(Self::Csv),
            "ndjson" => Ok(Self::Ndjson),
            _ => Err(Error::field("format", "invalid", "Format takes csv or ndjson.")),
        }
    }
}

const SLICE: i64 = 500;
const HEAD: [&str; 14] = [
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "action",
    "outcome",
    "target_kind",
    "target_id",
    "target_name",
    "summary",
    "via",
    "ip",
    "before",
    "after",
];

/// Streams the events of a chain; the reader's right was decided before.
pub fn stream(world: Arc<World>, chain: String, name: &str, filter: store::Filter, format: Format) -> HttpResponse {
    let (mime, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Ndjson => ("application/x-ndjson", "ndjson"),
    };
    let start = (Some(filter), format == Format::Csv);
    let body = stream::unfold(start, move |(filter, head)| {
        let (world, chain) = (world.clone(), chain.clone());
        async move {
            let filter = filter?;
            let slice = web::block(move || slice(&world, &chain, filter, head, format)).await;
            match slice {
                Ok(Ok((bytes, next))) => Some((Ok::<_, Error>(bytes), (next, false))),
                Ok(Err(e)) => Some((Err(e), (None, false))),
                Err(_) => Some((Err(Error::internal("the export's thread stopped")), (None, false))),
            }
        }
    });
    HttpResponse::Ok()
        .content_type(mime)
        .insert_header(("content-disposition", format!("attachment; filename=\"audit-{name}.{ending}\"")))
        .streaming(body)
}

fn slice(world: &World, chain: &str, filter: store::Filter, head: bool, format: Format) -> Result<(Bytes, Option<store::Filter>)> {
    let rows = store::list(&mut *world.db.reader()?, chain, &filter, SLICE)?;
    let next = match rows.last() {
        Some(last) if i64::try_from(rows.len()).unwrap_or(0) == SLICE => Some(store::Filter { before: last.seq, ..filter }),
        _ => None,
    };
    let events = rows.into_iter().map(Event::from);
    let bytes = match format {
        Format::Ndjson => {
            let mut text = String::new();
            for event in events {
                text.push_str(&serde_json::to_string(&event)?);
                text.push('\n');
            }
            text.into_bytes()
        }
        Format::Csv => {
            let mut csv = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            let failed = |e: csv::Error| Error::internal(format!("csv: {e}"));
            if head {
                csv.write_record(HEAD).map_err(failed)?;
            }
            for e in events {
                let json = |v: &Option<serde_json::Value>| v.as_ref().map(ToString::to_string).unwrap_or_default();
                let cells = [
                    e.at.rfc3339(),
                    e.actor.kind,
                    e.actor.id,
                    e.actor.name,
                    e.action,
                    e.outcome,
                    e.target.kind,
                    e.target.id,
                    e.target.name,
                    e.summary,
                    e.via,
                    e.ip,
                    json(&e.before),
                    json(&e.after),
                ];
                csv.write_record(cells.iter().map(|cell| defuse(cell))).map_err(failed)?;
            }
            csv.into_inner().map_err(|e| Error::internal(format!("csv: {e}")))?
        }
    };
    Ok((Bytes::from(bytes), next))
}

/// A cell that a spreadsheet would run as a formula gets a quote in front of it (OWASP, CSV injection).
pub fn defuse(cell: &str) -> String {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\0' | '＝' | '＋' | '－' | '＠') => format!("'{cell}"),
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn formulas_are_defused() {
        assert_eq!(super::defuse("=1+1"), "'=1+1");
        assert_eq!(super::defuse("＠x"), "'＠x");
        assert_eq!(super::defuse("Ana"), "Ana");
    }
}
