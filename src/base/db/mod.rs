//! One connection type over SQLite and PostgreSQL, chosen by the URL when the process starts, and its pools.
//! Everything that differs between the two stands in `dialect.rs`; nothing outside `base/db` names a database.

pub mod connection;
pub mod copies;
pub mod dialect;
pub mod dump;
mod group;
pub mod limits;
pub mod migrate;
pub mod pool;
pub mod schema;
pub mod sessions;
pub mod statement;
pub mod time;
mod tls;
pub mod work;

pub use connection::{Both, Conn, cols};
pub use pool::{Database, Then};
pub use statement::{named, typed};
pub use time::Ts;
