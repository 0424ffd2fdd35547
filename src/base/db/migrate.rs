//! Migrations: `migrations/common` in the dialect that both databases share, and an overlay per database for what cannot be
//! shared, merged by version. One process migrates, others wait; a schema newer than the program is refused.

use diesel::migration::{Migration, MigrationSource, MigrationVersion, Result as MigrationResult};
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

/// Brings the schema up to date on a connection of its own. Returns how many migrations ran.
pub fn run(url: &dialect::Url) -> Result<usize> {
    let _lock = match url {
        dialect::Url::Sqlite(path) => Some(lock_file(path)?),
        dialect::Url::Postgres(_) => None,
    };
    let mut c = url.connect().map_err(|e| Error::Unavailable(format!("cannot open {}: {e}", url.display())))?;
    dialect::lock_migrations(&mut c)?;
    dialect::before_migrations(&mut c)?;
    let outcome = apply(&mut c, &source(url));
    dialect::after_migrations(&mut c)?;
    dialect::unlock_migrations(&mut c)?;
    outcome
}

fn apply(c: &mut Conn, source: &Merged) -> Result<usize> {
    let failed = |e| Error::Internal(format!("migration: {e}"));
    let known: Vec<MigrationVersion<'static>> = source.migrations().map_err(failed)?.iter().map(|m| m.name().version().as_owned()).collect();
    let applied = c.applied_migrations().map_err(failed)?;
    if let Some(newer) = applied.iter().find(|version| !known.contains(version)) {
        return Err(Error::Unavailable(format!(
            "the database was made by a newer version of Bailiwick (it knows migration {newer}); start that version, or restore a backup"
        )));
    }
    let ran = c.run_pending_migrations(PendingOf(source)).map_err(failed)?.len();
    Ok(ran)
}

struct PendingOf<'a>(&'a Merged);
impl MigrationSource<MultiBackend> for PendingOf<'_> {
    fn migrations(&self) -> MigrationResult<Vec<Box<dyn Migration<MultiBackend>>>> {
        self.0.migrations()
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
