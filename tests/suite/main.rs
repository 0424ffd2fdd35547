//! The test suite: laws that hold for everything in the map, and stories by people about each capability.
//!
//! Every test drives the whole application in process, on a database of its own, on SQLite and (when BAILIWICK_TEST_POSTGRES
//! names a server) on PostgreSQL. Nothing sleeps, nothing is shared, nothing depends on an order.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops with what it saw")]
#![expect(clippy::indexing_slicing, reason = "JSON answers are read by field name; a missing one fails the test")]
#![expect(clippy::disallowed_methods, reason = "the names of throw-away databases carry the real time")]

mod crash;
mod laws;
mod mail;
mod outage;
mod queries;
mod races;
mod running;
mod stories;
mod support;
