//! The pseudonymous archive: live tail, segments, visits, compaction, export.
//! Must never reach the vault, read a clock, or answer questions itself: `reports` does, over a [`View`].
//! Start at [`part`] (nested tables in memory); visits are made in one place, [`part::Part::from_events`].

pub mod part;
pub mod view;

pub use part::{CodeColumn, Part};
pub use view::View;
