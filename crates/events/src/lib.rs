//! The pseudonymous archive: live tail, segments, visits, compaction, export.
//! Must never reach the vault, read a clock, or answer questions itself: `reports` does, over a [`View`].
//! Start at [`part`] (nested tables in memory); visits are made in one place, [`part::Part::from_events`].

pub mod archive;
mod cache;
mod catalog;
pub mod compaction;
pub mod error;
pub mod export;
mod flush;
pub mod import;
mod intake;
#[cfg(test)]
mod life;
mod lock;
mod overlay;
pub mod part;
pub mod period;
pub mod scrub;
pub mod segment;
mod shelf;
mod survey;
mod tail;
#[cfg(test)]
mod traffic;
pub mod view;

pub use archive::{Archive, Figures, Options, folder_of_domain};
pub use error::Error;
pub use export::{Export, Format, Table};
pub use import::{Counted, Import};
pub use part::{CodeColumn, Part};
pub use period::Period;
pub use scrub::{Scrub, Scrubbed};
pub use segment::{Rank, Segment};
pub use view::View;
