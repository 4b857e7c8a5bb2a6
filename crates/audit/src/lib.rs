//! The tamper-evident audit log: who read, changed, disclosed or decided what, when and for which task.
//! Must never hold a personal value in clear, lose an entry it acknowledged, or forget one.
//! Start at [`Log`]; what an entry is in bytes is specified in `entry.rs`, what is checked in `verification.rs`.

mod action;
mod book;
mod checkpoint;
mod checkpoints;
mod entry;
mod error;
mod fault;
mod frontier;
mod frozen;
mod hash;
mod log;
mod mirror;
mod note;
mod proof;
mod verification;
mod verifier;
mod word;

pub use action::Action;
pub use book::{About, Numbered};
pub use checkpoint::Checkpoint;
pub use entry::{Actor, BadEntry, Entry, Subject};
pub use error::Error;
pub use fault::Fault;
pub use frontier::Frontier;
pub use hash::{Hash, leaf, node};
pub use log::Log;
pub use note::{Note, NoteFault, Signature};
pub use proof::{consistency_holds, inclusion_holds};
pub use verification::{Report, verify};
pub use verifier::Verifier;
pub use word::Word;
