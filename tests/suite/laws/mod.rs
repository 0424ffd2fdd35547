//! What holds for everything in the map, whoever adds to it.

mod audited;
mod forms;
mod fragments;
mod kit;
mod looks;
mod matrix;
mod openapi;
mod parity;
mod replay;
mod schema;
pub mod strangers;
mod style;
