//! The real binary, used as its users would.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may fail loudly"
)]

mod command_line;
mod crash;
mod drill;
mod errands;
mod http;
mod installation;
