//! The web: middleware in their order (`server`), who calls (`ctx`), how answers look (`answers`), the two adapters (`page`, `api`).

pub mod address;
pub mod again;
pub mod answers;
pub mod api;
pub mod assets;
pub mod compress;
pub mod confirm;
pub mod conflict;
pub mod connections;
pub mod ctx;
pub mod docs;
pub mod export;
pub mod frame;
pub mod guard;
pub mod headers;
pub mod health;
pub mod late;
pub mod openapi;
pub mod page;
pub mod resources;
pub mod routes;
pub mod server;
pub mod session;
pub mod stopping;
pub mod stream;
pub mod upload;
