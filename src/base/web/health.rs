//! `/live`: the process answers. `/ready`: it can serve: a change could be written, the schema is the program's, it is not on its
//! way out. Asked with a connection of its own, so that a crowd in the pools is not taken for a database that is away, and at most
//! once a second.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};

use crate::base::db::{Conn, dialect, migrate};
use crate::base::error::{Error, Result};
use crate::base::storage;
use crate::base::world::World;

const KEPT: Duration = Duration::from_secs(1);
/// Longer than this nobody waits for an answer about readiness: it is no.
const PATIENCE: Duration = Duration::from_millis(1500);
/// A disk with less room than this counts as full.
const LEAST_ROOM: u64 = 16 << 20;

#[derive(Default)]
pub struct Health {
    last: Mutex<Option<(Instant, bool)>>,
    /// `None` until the first question, and after a failed one.
    connection: Mutex<Option<Conn>>,
}

pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("live")
}

pub async fn ready(world: web::Data<World>) -> HttpResponse {
    let (status, word) = if !world.draining.has_begun() && is_able(world.into_inner()).await { (200, "ready") } else { (503, "not ready") };
    let status = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(word)
}

/// Whether it could serve, as found out within the last second.
async fn is_able(world: std::sync::Arc<World>) -> bool {
    let last = *world.health.last.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, able)) = last
        && at.elapsed() < KEPT
    {
        return able;
    }
    let asking = world.clone();
    let asked = tokio::time::timeout(PATIENCE, web::block(move || look(&asking))).await;
    let able = matches!(asked, Ok(Ok(Ok(()))));
    if let Ok(Ok(Err(e))) = asked {
        tracing::warn!("not ready: {e}");
    }
    *world.health.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), able));
    able
}

fn look(world: &World) -> Result<()> {
    // Somebody else is asking already, and waits longer than it should take.
    let Ok(mut kept) = world.health.connection.try_lock() else { return Err(Error::database_away()) };
    let mut c = match kept.take() {
        Some(c) => c,
        None => connect(world)?,
    };
    crate::instance::store::can_write(&mut c)?;
    if migrate::state(&mut c, &world.db.url)?.pending > 0 {
        return Err(Error::Unavailable("the database is older than this program: run `bailiwick migrate`".into()));
    }
    let room = world.db.url.folder().and_then(|folder| storage::room(&folder));
    if room.is_some_and(|room| room.free < LEAST_ROOM) {
        return Err(Error::Unavailable("the disk of the database is full".into()));
    }
    // Only a connection that did all this is kept for the next time.
    *kept = Some(c);
    Ok(())
}

fn connect(world: &World) -> Result<Conn> {
    let mut c = world.db.url.connect().map_err(|e| Error::Unavailable(format!("{}: {e}", world.db.url.display())))?;
    dialect::impatient(&mut c)?;
    Ok(c)
}
