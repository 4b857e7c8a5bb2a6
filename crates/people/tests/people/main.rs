//! The room of people over a real vault, the same cases on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test says so by panicking"
)]

mod accounts;
mod bytes;
mod consents;
mod enquiries;
mod house;
mod overview;
mod testimonials;
mod wordings;
