//! All rows of all tables out of one database and into another, whichever of the two kinds each is. What tables there are is asked of
//! the database itself, so none can be forgotten. A row travels as a JSON array in the order of its table's columns.

use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};

use super::Conn;
use crate::base::error::{Error, Result};

/// What is worth nothing at another time: sessions, links and answers that work once, known browsers, counters of tries. And what
/// comes of other rows by itself.
pub const LEFT_OUT: &[&str] = &[
    "externals",
    "idempotent_answers",
    "known_devices",
    "one_time_links",
    "org_counts",
    "rate_limits",
    "role_counts",
    "search_docs",
    "search_orgs",
    "sessions",
];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub table: String,
    pub columns: Vec<String>,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    parent: String,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

// Neither the tables that the databases keep for themselves (search indexes among them) nor what migrations note down.
const COLUMNS_OF_SQLITE: &str = "SELECT t.name AS table_name, c.name AS column_name, c.type AS kind
    FROM pragma_table_list t JOIN pragma_table_info(t.name) c
    WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY t.name, c.cid";
const COLUMNS_OF_POSTGRES: &str = "SELECT c.table_name::text AS table_name, c.column_name::text AS column_name, c.data_type::text AS kind
    FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    WHERE c.table_schema = CURRENT_SCHEMA() AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER' AND c.table_name NOT LIKE '\\_\\_%'
    ORDER BY c.table_name, c.ordinal_position";
const REFERENCES_OF_SQLITE: &str = "SELECT DISTINCT t.name AS child, f.\"table\" AS parent
    FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name) f WHERE t.schema = 'main' AND t.type = 'table'";
const REFERENCES_OF_POSTGRES: &str = "SELECT DISTINCT c.relname::text AS child, p.relname::text AS parent
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
    WHERE k.contype = 'f' AND c.relnamespace = CURRENT_SCHEMA()::regnamespace";

/// The tables that are worth keeping, each behind those that it refers to.
pub fn tables(c: &mut Conn) -> Result<Vec<Table>> {
    let (columns, references) = match c {
        Conn::Sqlite(_) => (COLUMNS_OF_SQLITE, REFERENCES_OF_SQLITE),
        Conn::Postgres(_) => (COLUMNS_OF_POSTGRES, REFERENCES_OF_POSTGRES),
    };
    let mut left: Vec<Table> = Vec::new();
    for column in diesel::sql_query(columns).load::<Column>(c)?.into_iter().filter(|c| !LEFT_OUT.contains(&c.table_name.as_str())) {
        match left.last_mut().filter(|t| t.table == column.table_name) {
            Some(table) => table.columns.push(column.column_name),
            None => left.push(Table { table: column.table_name, columns: vec![column.column_name] }),
        }
    }
    let references: Vec<Reference> = diesel::sql_query(references).load(c)?;
    let mut ordered: Vec<Table> = Vec::new();
    while !left.is_empty() {
        let waits = |t: &Table| references.iter().any(|r| r.child == t.table && r.parent != t.table && left.iter().any(|l| l.table == r.parent));
        let (later, now): (Vec<Table>, Vec<Table>) = left.iter().cloned().partition(waits);
        if now.is_empty() {
            return Err(Error::internal(format!("tables refer to each other in a circle: {later:?}")));
        }
        ordered.extend(now);
        left = later;
    }
    Ok(ordered)
}

/// `f` on one state of the database, however long it takes and whatever is written meanwhile.
pub fn on_one_state<T>(c: &mut Conn, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    match c {
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN")?,
        Conn::Postgres(c) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
            c.batch_execute("SET LOCAL statement_timeout = 0")?;
        }
    }
    let outcome = f(c);
    c.rollback();
    outcome
}

/// Hands every row to `each`, one at a time, and returns how many there were.
pub fn rows(c: &mut Conn, table: &Table, each: &mut dyn FnMut(&str) -> Result<()>) -> Result<u64> {
    let columns = quoted(&table.columns);
    let mut count = 0;
    let mut hand = |row: QueryResult<Row>| {
        count += 1;
        each(&row?.row)
    };
    match c {
        Conn::Sqlite(c) => {
            let text = format!("SELECT json_array({columns}) AS row FROM \"{}\"", table.table);
            diesel::sql_query(text).load_iter::<Row, _>(c)?.try_for_each(&mut hand)?;
        }
        Conn::Postgres(c) => {
            let text = format!("SELECT json_build_array({columns})::text AS row FROM \"{}\"", table.table);
            diesel::sql_query(text).load_iter::<Row, PgRowByRowLoadingMode>(c)?.try_for_each(&mut hand)?;
        }
    }
    Ok(count)
}

fn quoted(columns: &[String]) -> String {
    columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// What a database can take rows into.
pub struct Target {
    columns: Vec<Column>,
}

impl Target {
    /// Also lets the statements take their time.
    pub fn of(c: &mut Conn) -> Result<Self> {
        if let Conn::Postgres(c) = c {
            c.batch_execute("SET statement_timeout = 0")?;
        }
        let columns = match c {
            Conn::Sqlite(_) => COLUMNS_OF_SQLITE,
            Conn::Postgres(_) => COLUMNS_OF_POSTGRES,
        };
        Ok(Self { columns: diesel::sql_query(columns).load(c)? })
    }

    /// The statement that puts a JSON array of rows into this table. A table or column that is not here is refused: names come out of a file.
    pub fn statement(&self, c: &Conn, table: &Table) -> Result<String> {
        if table.columns.is_empty() {
            return Err(Error::Unavailable(format!("it has a table {:?} without columns", table.table)));
        }
        let mut values = Vec::new();
        for (at, name) in table.columns.iter().enumerate() {
            let column = self.columns.iter().find(|c| c.table_name == table.table && c.column_name == *name);
            let column =
                column.ok_or_else(|| Error::Unavailable(format!("it has a column {}.{name}, which this version does not know", table.table)))?;
            values.push(match c {
                Conn::Sqlite(_) => format!("value ->> {at}"),
                Conn::Postgres(_) => format!("(value ->> {at})::{}", column.kind),
            });
        }
        let (columns, values) = (quoted(&table.columns), values.join(", "));
        Ok(match c {
            Conn::Sqlite(_) => format!("INSERT INTO \"{}\" ({columns}) SELECT {values} FROM json_each(?1)", table.table),
            Conn::Postgres(_) => {
                format!("INSERT INTO \"{}\" ({columns}) SELECT {values} FROM json_array_elements($1::json) AS rows(value)", table.table)
            }
        })
    }
}

pub fn put(c: &mut Conn, statement: &str, rows: &str) -> Result<u64> {
    let put = diesel::sql_query(statement).bind::<Text, _>(rows).execute(c)?;
    Ok(u64::try_from(put).unwrap_or(0))
}
