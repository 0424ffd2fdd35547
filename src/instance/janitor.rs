//! Throws away, once an hour, what has run out: sessions, links, counters, kept answers.

use std::sync::Arc;
use std::time::Duration;

use super::store;
use crate::base::world::World;

pub async fn work(world: Arc<World>) {
    let hour = Duration::from_secs(3600);
    // Ends with the process, in the middle of an hour.
    while tokio::time::timeout(hour, world.draining.begun()).await.is_err() {
        let hands = world.clone();
        let swept = tokio::task::spawn_blocking(move || hands.db.write(|c| store::sweep(c, hands.now()))).await;
        match swept {
            Ok(Ok(())) => {}
            Ok(Err(e)) => tracing::warn!("sweeping: {e}"),
            Err(e) => tracing::error!("sweeping stopped: {e}"),
        }
    }
}
