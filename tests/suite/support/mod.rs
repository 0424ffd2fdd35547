//! What stories are told with: an application, people, a clock, a mailbox, an authenticator, a mail server.

pub mod app;
pub mod chain;
pub mod clock;
pub mod databases;
pub mod mailbox;
pub mod people;
pub mod postgres;
pub mod program;
pub mod scene;
pub mod smtp;
pub mod totp;

pub use actix_web::http::Method;
pub use app::{Answer, App, each};
pub use people::Person;
pub use scene::Scene;
pub use serde_json::{Value, json};

pub const GET: Method = Method::GET;
pub const POST: Method = Method::POST;
pub const PUT: Method = Method::PUT;
pub const PATCH: Method = Method::PATCH;
pub const DELETE: Method = Method::DELETE;
