//! Migrations: `migrations/common` in the dialect that both databases share, and an overlay per database for what cannot be
//! shared, merged by version. One process migrates, others wait; a schema newer than the program is refused.

use diesel::RunQueryDsl;
use diesel::migration::{Migration, MigrationSource, Result as MigrationResult};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::MultiBackend;
use super::{Conn, dialect};
use crate::base::error::{Error, Result};

const COMMON: EmbeddedMigrations = embed_migrations!("migrations/common");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

struct Merged(Vec<EmbeddedMigrations>);

impl MigrationSource<MultiBackend> for Merged {
    fn migrations(&self) -> MigrationResult<Vec<Box<dyn Migration<MultiBackend>>>> {
        let mut all = Vec::new();
        for source in &self.0 {
            all.extend(MigrationSource::<MultiBackend>::migrations(source)?);
        }
        all.sort_by(|a, b| a.name().version().cmp(&b.name().version()));
        Ok(all)
    }
}

fn source(url: &dialect::Url) -> Merged {
    Merged(vec![
        COMMON,
        match url {
            dialect::Url::Sqlite(_) => SQLITE,
            dialect::Url::Postgres(_) => POSTGRES,
        },
    ])
}

/// Where a database stands, and what this program would do to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The version of the newest migration that ran; empty when none did.
    pub schema: String,
    /// How many would run now.
    pub pending: usize,
    /// A migration that this program does not know: a newer one made the database.
    pub unknown: Option<String>,
}

/// Asks without changing anything (the harness would make its table first); a database without any table has run nothing.
pub fn state(c: &mut Conn, url: &dialect::Url) -> Result<State> {
    #[derive(diesel::QueryableByName)]
    struct Applied {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let known = versions(&source(url))?;
    let ran = dialect::has_table(c, "__diesel_schema_migrations")?;
    let applied: Vec<Applied> = if ran { diesel::sql_query("SELECT version FROM __diesel_schema_migrations").load(c)? } else { Vec::new() };
    let applied: Vec<String> = applied.into_iter().map(|a| a.version).collect();
    Ok(State {
        pending: known.iter().filter(|version| !applied.contains(version)).count(),
        unknown: applied.iter().find(|version| !known.contains(version)).cloned(),
        schema: applied.into_iter().max().unwrap_or_default(),
    })
}

/// The version of the newest migration that this program brings.
pub fn newest(url: &dialect::Url) -> Result<String> {
    Ok(versions(&source(url))?.into_iter().max().unwrap_or_default())
}

fn versions(source: &Merged) -> Result<Vec<String>> {
    Ok(source.migrations().map_err(failed)?.iter().map(|m| m.name().version().to_string()).collect())
}

fn failed(e: impl std::fmt::Display) -> Error {
    Error::Internal(format!("migration: {e}"))
}

/// Brings the schema up to date on a connection of its own. Returns how many migrations ran.
pub fn run(url: &dialect::Url) -> Result<usize> {
    run_to(url, None)
}

/// The same, but not beyond the migration of this version: a backup is read into the schema that it was made with.
pub fn run_to(url: &dialect::Url, last: Option<&str>) -> Result<usize> {
    let _lock = match url {
        dialect::Url::Sqlite(path) => Some(lock_file(path)?),
        dialect::Url::Postgres(_) => None,
    };
    let mut c = url.connect().map_err(|e| {
        Error::Unavailable(format!("database-url: cannot open {}: {}", url.display(), e.to_string().split_whitespace().collect::<Vec<_>>().join(" ")))
    })?;
    dialect::lock_migrations(&mut c)?;
    let outcome = apply(&mut c, url, last);
    dialect::unlock_migrations(&mut c)?;
    outcome
}

fn apply(c: &mut Conn, url: &dialect::Url, last: Option<&str>) -> Result<usize> {
    let state = state(c, url)?;
    if let Some(newer) = state.unknown {
        return Err(Error::Unavailable(format!(
            "the database was made by a newer version of Bailiwick (it knows migration {newer}); start that version, or restore a backup"
        )));
    }
    if state.pending == 0 {
        return Ok(0);
    }
    if !state.schema.is_empty() {
        let kept = dialect::keep_copy(c, url, &state.schema)
            .map_err(|e| Error::Unavailable(format!("cannot copy the database before it is migrated: {e}")))?;
        if let Some(copy) = kept {
            tracing::info!(copy, "the database is migrated; a copy of it as it was is kept");
        }
    }
    dialect::before_migrations(c)?;
    let ran = c.run_pending_migrations(Wanted { source: &source(url), last }).map(|ran| ran.len()).map_err(failed);
    dialect::after_migrations(c)?;
    let ran = ran?;
    match dialect::dangling(c)? {
        Some(table) => Err(Error::Unavailable(format!(
            "after the migration, rows of the table {table} point at rows that are not there; put back the copy of the database and report this"
        ))),
        None => Ok(ran),
    }
}

struct Wanted<'a> {
    source: &'a Merged,
    last: Option<&'a str>,
}
impl MigrationSource<MultiBackend> for Wanted<'_> {
    fn migrations(&self) -> MigrationResult<Vec<Box<dyn Migration<MultiBackend>>>> {
        let mut all = self.source.migrations()?;
        all.retain(|m| self.last.is_none_or(|last| m.name().version().to_string().as_str() <= last));
        Ok(all)
    }
}

/// Two processes that start at once on one SQLite file: the second waits here until the first has migrated.
fn lock_file(path: &str) -> Result<std::fs::File> {
    let cannot = |e: std::io::Error| Error::Unavailable(format!("cannot write beside the database at {path}: {e}"));
    if let Some(folder) = std::path::Path::new(path).parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(cannot)?;
    }
    let file = std::fs::File::create(format!("{path}.migrating")).map_err(cannot)?;
    file.lock().map_err(cannot)?;
    Ok(file)
}
