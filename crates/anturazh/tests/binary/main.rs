//! The real binary, used as its users would.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may fail loudly"
)]

mod allowance;
mod browser;
mod command_line;
mod connections;
mod crash;
mod drill;
mod errands;
mod first_start;
mod health;
mod http;
mod installation;
mod mail_server;
mod markers;
mod people_crash;
mod people_import;
mod scrub;
mod search;
mod stranger;
mod transit;
