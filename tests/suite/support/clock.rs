//! The clock of a world, which only tests turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bailiwick::base::world::{Clock, World};

/// 2 March 2026, 09:00 UTC.
const START: i64 = 1_772_442_000_000_000;

pub fn fixed() -> Clock {
    Clock::Fixed(Arc::new(AtomicI64::new(START)))
}

pub fn forward(world: &World, micros: i64) {
    if let Clock::Fixed(at) = &world.clock {
        at.fetch_add(micros, Ordering::SeqCst);
    }
}
