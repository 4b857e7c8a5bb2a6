//! Bytes that survive a crash, in order: append with group commit, replay, release.
//! Must never know what the bytes mean, read a clock, acknowledge before `fdatasync` returned, or repeat a failed one.
//! Start at [`Journal`]; the bytes on disk are specified in `header.rs` and `frame.rs`, what a crash may leave in `recovery.rs`.

mod counts;
mod error;
mod folder;
mod frame;
mod header;
mod journal;
mod keeper;
mod log;
mod options;
mod pace;
mod position;
mod queue;
mod recovery;
mod shelf;
mod storage;
mod teller;
mod window;
mod writer;

#[cfg(test)]
mod faulty_disk;
#[cfg(test)]
mod random;
#[cfg(test)]
mod simulation;

pub use counts::{Counts, State};
pub use error::Error;
pub use folder::Folder;
pub use frame::MAX_RECORD_BYTES;
pub use journal::Journal;
pub use options::Options;
pub use position::Position;
pub use recovery::Recovery;
pub use storage::{Storage, StoredFile};
