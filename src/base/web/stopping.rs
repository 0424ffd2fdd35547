//! The way out: not ready at once, a while longer at work so that a balancer notices, then no new connections, what is under way is
//! finished, nothing stays leased, and the database is left in one file. A second signal cuts it short.

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::task::JoinHandle;

use crate::base::db::dialect;
use crate::base::error::Result;
use crate::base::outbox;
use crate::base::world::World;

/// How long a mail that is being sent, and a piece of work in the background, have to come to their ends.
const LAST_WORK: Duration = Duration::from_secs(5);

/// What a process is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// SIGTERM: something in charge of the process stops it.
    Terminate,
    /// Ctrl-C: a person stops it, and no balancer has to notice.
    Interrupt,
}

pub async fn on_signal(world: Arc<World>, server: ServerHandle) {
    let mut signals = Signals::new();
    let told = signals.next().await;
    world.draining.begin();
    tracing::info!("stopping: finishing what is under way; a second signal stops at once");
    actix_web::rt::spawn(async move {
        signals.next().await;
        tracing::warn!("stopped at once");
        std::process::exit(1);
    });
    if told == Told::Terminate {
        tokio::time::sleep(world.settings.shutdown_delay).await;
    }
    server.stop(true).await;
}

/// The last things, when no request is left.
pub async fn finish(world: Arc<World>, work: [JoinHandle<()>; 2]) {
    let all = async {
        for part in work {
            if let Err(e) = part.await {
                tracing::error!("work in the background stopped: {e}");
            }
        }
    };
    let ended = tokio::time::timeout(LAST_WORK, all).await.is_ok();
    let left = tokio::task::spawn_blocking(move || tidy(&world)).await;
    match left {
        Ok(Ok(())) => tracing::info!("stopped"),
        Ok(Err(e)) => tracing::warn!("stopped, and the database could not be tidied: {e}"),
        Err(e) => tracing::error!("stopped, and tidying up failed: {e}"),
    }
    if !ended {
        // A mail server that hangs keeps its thread, and the thread would keep the process.
        std::process::exit(0);
    }
}

fn tidy(world: &World) -> Result<()> {
    outbox::let_go(world)?;
    world.seen.write_down(world)?;
    world.db.alone(|c| Ok(dialect::checkpoint(c)?))
}

#[cfg(unix)]
struct Signals(Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>);

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self(signal(SignalKind::terminate()).and_then(|term| Ok((term, signal(SignalKind::interrupt())?))).ok())
    }

    async fn next(&mut self) -> Told {
        match &mut self.0 {
            Some((term, int)) => tokio::select! { _ = term.recv() => Told::Terminate, _ = int.recv() => Told::Interrupt },
            None => interrupted().await,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Self
    }
    async fn next(&mut self) -> Told {
        interrupted().await
    }
}

async fn interrupted() -> Told {
    if let Err(e) = tokio::signal::ctrl_c().await {
        tracing::error!("signals cannot be heard: {e}");
        std::future::pending::<()>().await;
    }
    Told::Interrupt
}
