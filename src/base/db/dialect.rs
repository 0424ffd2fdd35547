//! Everything that differs between SQLite and PostgreSQL, in one place. A query elsewhere never asks which one it talks to.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::Conn;
use super::tls::Tls;

/// Which database a URL names. An unknown scheme is refused rather than taken for a file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Url {
    Sqlite(String),
    Postgres(String),
}

impl Url {
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() { Err("sqlite: needs a file name behind it".into()) } else { Ok(Self::Sqlite(path.to_owned())) };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Tls::of_this_build().settle(text).map(Self::Postgres);
        }
        Err("starts with neither sqlite: nor postgres://".into())
    }

    /// Opens a connection with the settings that the reliability of the product rests on.
    pub fn connect(&self) -> ConnectionResult<Conn> {
        match self {
            Self::Sqlite(path) => {
                let mut c = SqliteConnection::establish(path)?;
                // busy_timeout first: switching to WAL takes a lock itself. FULL, not NORMAL: a lost commit can be a revocation.
                // What a long change keeps to step back goes to a file: in memory SQLite walks through all of it at every statement.
                c.batch_execute(
                    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                     PRAGMA trusted_schema = OFF; PRAGMA mmap_size = 2147418112; PRAGMA cache_size = -2000; PRAGMA temp_store = FILE;",
                )
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Conn::Sqlite(c))
            }
            Self::Postgres(url) => {
                let separator = if url.contains('?') { '&' } else { '?' };
                let patient = if url.contains("connect_timeout") { url.clone() } else { format!("{url}{separator}connect_timeout=2") };
                let mut c = PgConnection::establish(&patient)?;
                c.batch_execute("SET statement_timeout = '5s'; SET lock_timeout = '4s'; SET synchronous_commit = on; SET timezone = 'UTC';")
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Conn::Postgres(c))
            }
        }
    }

    /// Whether the database is a file beside the process, with one writer and reads that cost less than the way to another thread.
    pub fn is_local(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// The folder that the database lies in, when it is a file here.
    pub fn folder(&self) -> Option<std::path::PathBuf> {
        match self {
            Self::Sqlite(path) => {
                Some(std::path::Path::new(path).parent().filter(|p| !p.as_os_str().is_empty()).map_or_else(|| ".".into(), Into::into))
            }
            Self::Postgres(_) => None,
        }
    }

    /// For the log and for `check`: never with the password.
    pub fn display(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("SQLite at {path}"),
            Self::Postgres(url) => match url::Url::parse(url) {
                Ok(u) => format!("PostgreSQL at {}{}", u.host_str().unwrap_or("its socket"), u.path()),
                Err(_) => "PostgreSQL".into(),
            },
        }
    }
}

/// Hand-written SQL numbers its places `$1`, `$2`; SQLite spells them `?1`, `?2`.
pub fn sql(c: &Conn, text: &str) -> String {
    match c {
        Conn::Sqlite(_) => text.replace('$', "?"),
        Conn::Postgres(_) => text.to_owned(),
    }
}

/// Whether the message of a failed statement means that the storage is full, read-only or too busy.
pub fn is_storage_trouble(message: &str) -> bool {
    [
        "disk is full",
        "disk I/O error",
        "readonly database",
        "database is locked",
        "No space left",
        "statement timeout",
        "lock timeout",
        "terminating connection",
        "server closed the connection",
        "the database system is",
        "no connection to the server",
    ]
    .iter()
    .any(|sign| message.contains(sign))
}

/// Whether a transaction as a whole may be tried again: nothing of it has happened.
pub fn is_retryable(e: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind as Kind, Error};
    match e {
        Error::DatabaseError(Kind::SerializationFailure, _) => true,
        Error::DatabaseError(_, info) => info.message().contains("deadlock detected"),
        _ => false,
    }
}

/// Holds other processes off while migrations run (PostgreSQL; SQLite is held off by a lock file beside the database).
pub fn lock_migrations(c: &mut Conn) -> QueryResult<()> {
    match c {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(c) => c.batch_execute("SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock(7215434871)"),
    }
}

pub fn unlock_migrations(c: &mut Conn) -> QueryResult<()> {
    match c {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(c) => c.batch_execute("SELECT pg_advisory_unlock(7215434871)"),
    }
}

/// SQLite rebuilds tables in migrations; with foreign keys on that would delete the children of every rebuilt row.
pub fn before_migrations(c: &mut Conn) -> QueryResult<()> {
    match c {
        Conn::Sqlite(c) => c.batch_execute("PRAGMA foreign_keys = OFF"),
        Conn::Postgres(_) => Ok(()),
    }
}

pub fn after_migrations(c: &mut Conn) -> QueryResult<()> {
    match c {
        Conn::Sqlite(c) => c.batch_execute("PRAGMA foreign_keys = ON"),
        Conn::Postgres(_) => Ok(()),
    }
}

/// A table with rows that point nowhere, if there is one. Reads every table, so it is asked after a migration and not at each start.
/// PostgreSQL never lets it come to that.
pub fn dangling(c: &mut Conn) -> QueryResult<Option<String>> {
    #[derive(QueryableByName)]
    struct Dangling {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    let Conn::Sqlite(c) = c else { return Ok(None) };
    let first = diesel::sql_query("SELECT \"table\" AS name FROM pragma_foreign_key_check LIMIT 1").get_result::<Dangling>(c).optional()?;
    Ok(first.map(|d| d.name))
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

pub fn has_table(c: &mut Conn, name: &str) -> QueryResult<bool> {
    let text = match c {
        Conn::Sqlite(_) => "SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'table' AND name = ?1",
        Conn::Postgres(_) => "SELECT COUNT(*) AS n FROM information_schema.tables WHERE table_schema = CURRENT_SCHEMA() AND table_name = $1",
    };
    diesel::sql_query(text).bind::<diesel::sql_types::Text, _>(name).get_result::<Found>(c).map(|found| found.n > 0)
}

/// Keeps the database as it is in a file beside it, for the way back from a migration (SQLite; PostgreSQL has its own tools).
/// Returns the file's name, or nothing when there was a copy of this version already.
pub fn keep_copy(c: &mut Conn, url: &Url, schema: &str) -> Result<Option<String>, Box<dyn std::error::Error>> {
    let (Conn::Sqlite(c), Url::Sqlite(path)) = (c, url) else { return Ok(None) };
    let copy = format!("{path}.before-{schema}");
    if std::path::Path::new(&copy).exists() {
        return Ok(None);
    }
    let begun = format!("{copy}.part");
    if std::path::Path::new(&begun).exists() {
        std::fs::remove_file(&begun)?;
    }
    // Made empty and private first: VACUUM INTO fills an empty file.
    crate::base::private::create(std::path::Path::new(&begun))?;
    diesel::sql_query("VACUUM INTO ?1").bind::<diesel::sql_types::Text, _>(&begun).execute(c)?;
    std::fs::rename(&begun, &copy)?;
    Ok(Some(copy))
}

/// For a database that is thrown away unless it gets finished: nothing waits for the disk.
pub fn hurry(c: &mut Conn) -> QueryResult<()> {
    match c {
        Conn::Sqlite(c) => c.batch_execute("PRAGMA synchronous = OFF"),
        Conn::Postgres(c) => c.batch_execute("SET synchronous_commit = off"),
    }
}

/// What the clock of the database says, when it has one of its own.
pub fn clock(c: &mut Conn) -> QueryResult<Option<super::Ts>> {
    match c {
        Conn::Sqlite(_) => Ok(None),
        Conn::Postgres(_) => {
            let micros = "SELECT (EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000000)::bigint AS n";
            diesel::sql_query(micros).get_result::<Found>(c).map(|found| Some(super::Ts(found.n)))
        }
    }
}

/// For a question that has to be answered soon: a second is the longest to wait for a lock or a statement.
pub fn impatient(c: &mut Conn) -> QueryResult<()> {
    match c {
        Conn::Sqlite(c) => c.batch_execute("PRAGMA busy_timeout = 1000"),
        Conn::Postgres(c) => c.batch_execute("SET statement_timeout = '1s'; SET lock_timeout = '1s'"),
    }
}

/// Brings everything that was committed into the one file (SQLite), so that it can be copied or moved without its log.
pub fn checkpoint(c: &mut Conn) -> QueryResult<()> {
    match c {
        Conn::Sqlite(c) => c.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)"),
        Conn::Postgres(_) => Ok(()),
    }
}

/// The ids of the members behind [`found_members`], in a statement whose `$1` is the organization.
pub const FOUND_MEMBERS: &str = "SELECT d.member_id AS id FROM search_orgs o CROSS JOIN member_search s CROSS JOIN search_docs d
    WHERE o.org_id = $1 AND member_search MATCH $? AND s.rowid BETWEEN (o.number << 32) AND (o.number << 32) + 4294967295 AND d.doc = s.rowid";

/// For SQLite: what to look up in the trigram index so that a search for `text` need look at few members only; nothing when it is
/// shorter than a trigram or would find more than `few`. PostgreSQL finds and uses its index by itself.
pub fn found_members(c: &mut Conn, org: &str, text: &str, few: i64) -> QueryResult<Option<String>> {
    let Conn::Sqlite(_) = c else { return Ok(None) };
    let letters: Vec<char> = text.to_lowercase().chars().collect();
    if letters.len() < 3 {
        return Ok(None);
    }
    // A handful of trigrams spread over the text are enough; what they find is looked at again as a whole.
    let all: Vec<String> = letters.windows(3).map(|w| w.iter().collect::<String>()).collect();
    let step = all.len().div_ceil(4);
    let wanted = all.iter().step_by(step).map(|gram| format!("\"{}\"", gram.replace('"', "\"\""))).collect::<Vec<_>>().join(" AND ");
    let count = "SELECT COUNT(*) FROM (SELECT 1 FROM search_orgs o CROSS JOIN member_search s WHERE o.org_id = $1 AND member_search MATCH $2
        AND s.rowid BETWEEN (o.number << 32) AND (o.number << 32) + 4294967295 LIMIT $3) AS x";
    let found: i64 = super::typed::<diesel::sql_types::BigInt>(count).bind(org).bind(&wanted).bind(few + 1).get_result(c)?;
    Ok((found <= few).then_some(wanted))
}

/// The few rows that `first` finds for each of many values, as one query: `$each` in it stands for the value, and `count` values are
/// bound from place `from` on.
pub fn of_each(c: &Conn, first: &str, from: usize, count: usize) -> String {
    let places = from..from + count;
    match c {
        // A limit around them all keeps what is joined outside from being repeated inside each of them.
        Conn::Sqlite(_) => {
            let each: Vec<String> = places.map(|n| format!("SELECT * FROM ({})", first.replace("$each", &format!("${n}")))).collect();
            format!("{} LIMIT 100000", each.join(" UNION ALL "))
        }
        Conn::Postgres(_) => {
            let values: Vec<String> = places.map(|n| format!("(${n})")).collect();
            format!("SELECT f.* FROM (VALUES {}) AS v (id) CROSS JOIN LATERAL ({}) AS f", values.join(", "), first.replace("$each", "v.id"))
        }
    }
}

/// A `LIKE` pattern that finds the text anywhere, with its wildcards taken literally. Escape character: backslash.
pub fn anywhere(text: &str) -> String {
    format!("%{}%", text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// The aggregate that joins texts with commas, for a list of permissions within one statement.
pub fn join_texts(c: &Conn) -> &'static str {
    match c {
        Conn::Sqlite(_) => "GROUP_CONCAT(p.permission, ',')",
        Conn::Postgres(_) => "STRING_AGG(p.permission, ',')",
    }
}

/// The aggregate that joins a person's roles to lines of id, key and name.
pub fn join_roles(c: &Conn) -> &'static str {
    match c {
        Conn::Sqlite(_) => "GROUP_CONCAT(r.id || char(9) || r.role_key || char(9) || r.name, char(10))",
        Conn::Postgres(_) => "STRING_AGG(r.id || chr(9) || r.role_key || chr(9) || r.name, chr(10))",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_scheme_is_no_file_name() {
        assert!(Url::parse("mysql://x").is_err() && Url::parse("data/x.db").is_err() && Url::parse("sqlite:").is_err());
        assert_eq!(Url::parse("sqlite:data/x.db").unwrap(), Url::Sqlite("data/x.db".into()));
        assert!(Url::parse("postgres://u:secret@localhost/db").unwrap().display().contains("PostgreSQL at localhost/db"));
    }
}
