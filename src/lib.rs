//! Bailiwick: an admin console for organizations, rendered on the server.
//!
//! There is one request path, and everything goes along it:
//!
//! ```text
//!  page   POST /o/acme/projects                 API  POST /api/v1/orgs/acme/projects
//!    projects/pages.rs: form + path                base/web/api.rs: JSON + path
//!                 \                                   /
//!                  ──────  CreateProject { ... }  ────
//!                            base/ops.rs  run()
//!      lock the scope · standing · decide · the command · invariants · event · mail · commit
//!                 /                                   \
//!    303 + flash, or a fragment                   JSON record
//! ```
//!
//! A change is a [`base::ops::Command`], a look a [`base::ops::Query`]; each says once, in its `ACTION`, what it is called and what
//! it needs. Start at [`sections`], the map.

#![forbid(unsafe_code)]

pub mod access;
pub mod account;
pub mod audit;
pub mod base;
pub mod demo;
pub mod find;
pub mod imports;
pub mod insights;
pub mod instance;
pub mod invitations;
pub mod members;
pub mod orgs;
pub mod projects;
pub mod roles;
pub mod sections;
pub mod security;
pub mod why;
