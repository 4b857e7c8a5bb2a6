//! One way to open SQLite (a file) or PostgreSQL (a server) and to migrate it, so that every room's SQL runs on both.
//! Must never know what a table means, read a clock, or let a stored value into an error or a log.
//! Start at [`Database::open`], then [`Database::migrate`].

mod address;
pub mod database;
pub mod engine;
pub mod error;
pub mod migration;
mod readers;
#[cfg(feature = "test-postgres")]
pub mod trial;

pub use address::environment;
pub use database::{Database, Read, Write};
pub use engine::Engine;
pub use error::{Error, Fault};
pub use migration::Migration;
