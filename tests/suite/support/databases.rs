//! A fresh database per test: a copy of a template that was migrated and set up once per run.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use bailiwick::base::db::dialect::Url;
use bailiwick::base::db::{Conn, migrate};
use diesel::connection::SimpleConnection;

use super::app;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// The databases that this run tests; says once what it leaves out.
pub fn kinds() -> &'static [Kind] {
    static KINDS: OnceLock<&'static [Kind]> = OnceLock::new();
    KINDS.get_or_init(|| match server() {
        Some(_) => &[Kind::Sqlite, Kind::Postgres],
        None => {
            // Straight to the terminal: what a test prints is shown only when it fails.
            let _ = writeln!(std::io::stderr(), "BAILIWICK_TEST_POSTGRES is not set: this run leaves out PostgreSQL and tests SQLite only");
            &[Kind::Sqlite]
        }
    })
}

pub fn server() -> Option<String> {
    std::env::var("BAILIWICK_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// A database and a data folder of one test; both are gone afterwards.
pub struct Fresh {
    pub kind: Kind,
    pub url: Url,
    pub folder: PathBuf,
    name: String,
}

impl Fresh {
    /// Migrated and set up.
    pub fn copy(kind: Kind) -> Self {
        let fresh = Self::place(kind);
        match &fresh.url {
            Url::Sqlite(file) => drop(std::fs::copy(sqlite_template(), file).unwrap()),
            Url::Postgres(_) => on_server(&format!("CREATE DATABASE {} TEMPLATE {}", fresh.name, postgres_template())),
        }
        fresh
    }

    /// Without any table.
    pub fn empty(kind: Kind) -> Self {
        let fresh = Self::place(kind);
        if kind == Kind::Postgres {
            on_server(&format!("CREATE DATABASE {}", fresh.name));
        }
        fresh
    }

    /// As a setting names it.
    pub fn address(&self) -> String {
        match &self.url {
            Url::Sqlite(file) => format!("sqlite:{file}"),
            Url::Postgres(url) => url.clone(),
        }
    }

    fn place(kind: Kind) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = run_folder().join(format!("{n}"));
        std::fs::create_dir_all(&folder).unwrap();
        let name = format!("{}_{n}", run_name());
        let url = match kind {
            Kind::Sqlite => Url::Sqlite(folder.join("bailiwick.db").display().to_string()),
            Kind::Postgres => database(&name),
        };
        Self { kind, url, folder, name }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if self.kind == Kind::Postgres {
            on_server(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// `bw_suite_<seconds>_<process>`: says when it was made, so that a later run can clear away what a broken one left.
fn run_name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| format!("bw_suite_{}_{}", seconds(), std::process::id()))
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn run_folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        clear_old_folders();
        let folder = std::env::temp_dir().join(run_name());
        std::fs::create_dir_all(&folder).unwrap();
        folder
    })
}

fn is_old(name: &str) -> bool {
    let made = name.strip_prefix("bw_suite_").and_then(|rest| rest.split('_').next()).and_then(|s| s.parse::<u64>().ok());
    made.is_some_and(|made| made + 3600 < seconds())
}

fn clear_old_folders() {
    for entry in std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(is_old) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn sqlite_template() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let file = run_folder().join("template.db");
        let url = Url::Sqlite(file.display().to_string());
        migrate::run(&url).unwrap();
        app::set_up(&url, run_folder());
        url.connect().unwrap().batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        file
    })
}

fn postgres_template() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        clear_old_databases();
        let name = format!("{}_template", run_name());
        on_server(&format!("CREATE DATABASE {name}"));
        let url = database(&name);
        migrate::run(&url).unwrap();
        app::set_up(&url, run_folder());
        name
    })
}

fn clear_old_databases() {
    #[derive(diesel::QueryableByName)]
    struct Named {
        #[diesel(sql_type = diesel::sql_types::Text)]
        datname: String,
    }
    use diesel::RunQueryDsl as _;
    let mut c = Url::Postgres(server().unwrap()).connect().unwrap();
    let all: Vec<Named> =
        diesel::sql_query("SELECT datname::text AS datname FROM pg_database WHERE datname LIKE 'bw\\_suite\\_%'").load(&mut c).unwrap();
    for old in all.iter().filter(|d| is_old(&d.datname)) {
        on_server(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", old.datname));
    }
}

fn on_server(sql: &str) {
    let mut c: Conn = Url::Postgres(server().unwrap()).connect().unwrap();
    c.batch_execute("SET statement_timeout = '60s'; SET lock_timeout = '60s'").unwrap();
    c.batch_execute(sql).unwrap();
}

/// The server's URL with another database in it.
fn database(name: &str) -> Url {
    let mut url = url::Url::parse(&server().unwrap()).unwrap();
    url.set_path(name);
    Url::Postgres(url.to_string())
}
