//! Copies that can be restored: made while the program runs, sealed to the operator's age recipients, put back whole.
//! Must never know what a room keeps, leave a plain copy behind, or put anything in place before all of it was checked.
//! Start at [`Store::create`]; what lies in a store is specified in `store.rs`, the bytes of a manifest in `manifest.rs`.

mod class;
mod create;
mod crew;
mod digest;
mod error;
mod folder;
mod header;
mod identity;

mod maker;
mod manifest;
mod part;
mod path;
mod piece;
mod pieces;
mod prune;
mod recipients;
mod restore;
mod scratch;
mod source;
mod store;

pub use class::Class;
pub use create::{Made, Order};
pub use error::{Damage, Error};
pub use identity::Identity;
pub use maker::{Maker, MakerId};
pub use part::{Listed, Part};
pub use prune::{Keep, Pruned};
pub use recipients::Recipients;
pub use restore::{Contents, Entry, PartContents, RESTORING, Staged};
pub use scratch::sweep;
pub use store::{Backup, Store};
