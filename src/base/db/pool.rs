//! Ways to the database: readers in a pool, and one way to write. SQLite is a file beside the process, so short reads are answered
//! on the spot and its one writer commits in groups (`group.rs`); PostgreSQL is a network away and has pools of both.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::r2d2::R2D2Connection;

use super::group::Group;
use super::{Conn, dialect};
use crate::base::error::{Error, Result};

#[derive(Debug)]
pub struct Manager {
    url: dialect::Url,
    /// Every statement sent, for the tests that count the queries of a page.
    statements: Arc<AtomicU64>,
    heard: Arc<Heard>,
}

/// The statements themselves, while somebody listens: for the test that asks how each is carried out.
#[derive(Debug, Default)]
struct Heard {
    listening: AtomicBool,
    texts: Mutex<Vec<String>>,
}

impl Heard {
    fn texts(&self) -> MutexGuard<'_, Vec<String>> {
        self.texts.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
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
        let (statements, heard) = (self.statements.clone(), self.heard.clone());
        c.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                statements.fetch_add(1, Ordering::Relaxed);
                if heard.listening.load(Ordering::Relaxed) {
                    heard.texts().push(query.to_string());
                }
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

/// How long anybody waits for a connection; then the answer is 503.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// At least as many as the server has worker threads.
const QUICK: u32 = 8;

type Pool = r2d2::Pool<Manager>;
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

pub struct Database {
    pub url: dialect::Url,
    readers: Pool,
    /// For reads on the spot, one for each worker thread of the server: such a read never waits for a long one.
    quick: Pool,
    writer: Writer,
    statements: Arc<AtomicU64>,
    heard: Arc<Heard>,
    /// How many wait for a writer, and for a reader.
    waiting: Arc<[AtomicI64; 2]>,
}

/// How much a pool has to do at a moment.
pub struct Load {
    pub name: &'static str,
    pub in_use: i64,
    pub waiting: i64,
}

enum Writer {
    /// SQLite has one writer by nature.
    Group(Box<Group>),
    Pool(Pool),
}

/// What becomes of a write that went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Keep,
    /// It was only tried out.
    Undo,
}

impl Database {
    /// Opens nothing yet; the first use does.
    pub fn open(url: dialect::Url, readers: u32, writers: u32) -> Self {
        let (statements, heard) = (Arc::new(AtomicU64::new(0)), Arc::new(Heard::default()));
        let manager = || Manager { url: url.clone(), statements: statements.clone(), heard: heard.clone() };
        let pool = |size: u32| {
            r2d2::Pool::builder()
                .max_size(size)
                .min_idle(Some(0))
                .connection_timeout(PATIENCE)
                .error_handler(Box::new(Quiet))
                .build_unchecked(manager())
        };
        let writer = if url.is_local() { Writer::Group(Box::new(Group::new(manager()))) } else { Writer::Pool(pool(writers)) };
        Self { readers: pool(readers), quick: pool(QUICK), writer, url: url.clone(), statements, heard, waiting: Arc::default() }
    }

    /// Whether a read costs less than the way to another thread.
    pub fn is_local(&self) -> bool {
        self.url.is_local()
    }

    /// Waits at most 2 s; then 503.
    pub fn reader(&self) -> Result<Pooled> {
        let [_, readers] = &*self.waiting;
        waited(&self.readers, readers)
    }

    pub fn pools(&self) -> [Load; 2] {
        let [writers, readers] = &*self.waiting;
        let of = |name, pool: &Pool, waiting: &AtomicI64| {
            let state = pool.state();
            Load { name, in_use: i64::from(state.connections - state.idle_connections), waiting: waiting.load(Ordering::Relaxed) }
        };
        let writing = match &self.writer {
            Writer::Group(group) => group.load(),
            Writer::Pool(pool) => of("writers", pool, writers),
        };
        [writing, of("readers", &self.readers, readers)]
    }

    /// For a short indexed read on a thread of the server.
    pub fn quick_reader(&self) -> Result<Pooled> {
        self.quick.get().map_err(Error::from)
    }

    /// Writes in a transaction: kept when `f` goes well, undone when it fails. Returns when it is durable.
    pub fn write<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        self.write_then(|c| f(c).map(|done| (done, Then::Keep)))
    }

    /// The same, and `f` says whether it is kept.
    pub fn write_then<T>(&self, f: impl FnOnce(&mut Conn) -> Result<(T, Then)>) -> Result<T> {
        let pool = match &self.writer {
            Writer::Group(group) => return group.write(f),
            Writer::Pool(pool) => pool,
        };
        let mut c = self.waited_writer(pool)?;
        c.begin_write()?;
        match f(&mut c) {
            Ok((done, Then::Keep)) => c.commit().map(|()| done).map_err(Error::from),
            Ok((done, Then::Undo)) => {
                c.rollback();
                Ok(done)
            }
            Err(e) => {
                c.rollback();
                Err(e)
            }
        }
    }

    /// On the connection that writes, in no transaction: for what cannot be done inside one.
    pub fn alone<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        match &self.writer {
            Writer::Group(group) => group.alone(f),
            Writer::Pool(pool) => f(&mut *self.waited_writer(pool)?),
        }
    }

    fn waited_writer(&self, pool: &Pool) -> Result<Pooled> {
        let [writers, _] = &*self.waiting;
        waited(pool, writers)
    }

    /// From here on statements are kept, with their values, until [`Self::heard`] is asked.
    pub fn listen(&self) {
        self.heard.listening.store(true, Ordering::Relaxed);
    }
    pub fn heard(&self) -> Vec<String> {
        self.heard.listening.store(false, Ordering::Relaxed);
        std::mem::take(&mut *self.heard.texts())
    }

    /// Statements sent since the start, transaction control not counted twice per database.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}
