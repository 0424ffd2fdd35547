//! Pools of connections. Two of them: writers (one on SQLite) and readers, so that a long read never delays a change.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::r2d2::R2D2Connection;

use super::{Conn, dialect};
use crate::base::error::{Error, Result};

#[derive(Debug)]
pub struct Manager {
    url: dialect::Url,
    /// Every statement sent, for the tests that count the queries of a page.
    statements: Arc<AtomicU64>,
}

#[derive(Debug)]
pub enum PoolError {
    Connect(diesel::ConnectionError),
    Ping(diesel::result::Error),
}
impl std::fmt::Display for PoolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Connect(e) => e.fmt(f),
            Self::Ping(e) => e.fmt(f),
        }
    }
}
impl std::error::Error for PoolError {}

impl r2d2::ManageConnection for Manager {
    type Connection = Conn;
    type Error = PoolError;

    fn connect(&self) -> Result<Conn, PoolError> {
        let mut c = self.url.connect().map_err(PoolError::Connect)?;
        let statements = self.statements.clone();
        c.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { .. } = event {
                statements.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(c)
    }
    fn is_valid(&self, c: &mut Conn) -> Result<(), PoolError> {
        match c {
            // A file does not go away; asking it each time would cost more than the page.
            Conn::Sqlite(_) => Ok(()),
            Conn::Postgres(_) => c.ping().map_err(PoolError::Ping),
        }
    }
    fn has_broken(&self, c: &mut Conn) -> bool {
        std::thread::panicking() || c.is_broken()
    }
}

pub type Pool = r2d2::Pool<Manager>;
pub type Pooled = r2d2::PooledConnection<Manager>;

/// Swallows what r2d2 would print about connections that fail: the caller gets the error anyway.
#[derive(Debug)]
struct Quiet;
impl r2d2::HandleError<PoolError> for Quiet {
    fn handle_error(&self, e: PoolError) {
        tracing::debug!("database connection: {e}");
    }
}

fn waited(pool: &Pool, waiting: &AtomicI64) -> Result<Pooled> {
    waiting.fetch_add(1, Ordering::Relaxed);
    let got = pool.get();
    waiting.fetch_sub(1, Ordering::Relaxed);
    got.map_err(Error::from)
}

#[derive(Clone)]
pub struct Database {
    pub url: dialect::Url,
    writers: Pool,
    readers: Pool,
    statements: Arc<AtomicU64>,
    /// How many wait for a writer, and for a reader.
    waiting: Arc<[AtomicI64; 2]>,
}

/// How much a pool has to do at a moment.
pub struct Load {
    pub name: &'static str,
    pub in_use: i64,
    pub waiting: i64,
}

impl Database {
    /// Opens nothing yet; the first use does.
    pub fn open(url: dialect::Url, readers: u32, writers: u32) -> Self {
        let statements = Arc::new(AtomicU64::new(0));
        let pool = |size: u32| {
            r2d2::Pool::builder()
                .max_size(size)
                .min_idle(Some(0))
                .connection_timeout(Duration::from_secs(2))
                .error_handler(Box::new(Quiet))
                .build_unchecked(Manager { url: url.clone(), statements: statements.clone() })
        };
        Self { writers: pool(url.writers(writers)), readers: pool(readers), url: url.clone(), statements, waiting: Arc::default() }
    }

    /// Waits at most 2 s; then 503.
    pub fn writer(&self) -> Result<Pooled> {
        let [writers, _] = &*self.waiting;
        waited(&self.writers, writers)
    }
    pub fn reader(&self) -> Result<Pooled> {
        let [_, readers] = &*self.waiting;
        waited(&self.readers, readers)
    }

    pub fn pools(&self) -> [Load; 2] {
        let [writers, readers] = &*self.waiting;
        [("writers", &self.writers, writers), ("readers", &self.readers, readers)].map(|(name, pool, waiting)| {
            let state = pool.state();
            Load { name, in_use: i64::from(state.connections - state.idle_connections), waiting: waiting.load(Ordering::Relaxed) }
        })
    }

    /// Statements sent since the start, transaction control not counted twice per database.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}
