//! Staff, the same cases on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test says so by panicking"
)]

mod provider;
mod provider_stand;
mod register;
mod roles;
mod second_factor;
mod stand;
