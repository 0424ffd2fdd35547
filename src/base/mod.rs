//! Plumbing. Knows no capability: the request path (`ops`, `tx`), the doors to the outside (`world`), the two databases (`db`)
//! and the web (`web`).

pub mod audit;
pub mod config;
pub mod db;
pub mod draining;
pub mod error;
pub mod form;
pub mod hasher;
pub mod ids;
pub mod keys;
pub mod letter;
pub mod metrics;
pub mod ops;
pub mod order;
pub mod outbox;
pub mod paging;
pub mod preferences;
pub mod private;
pub mod seen;
pub mod storage;
pub mod text;
pub mod times;
pub mod tx;
pub mod undo;
pub mod web;
pub mod world;
