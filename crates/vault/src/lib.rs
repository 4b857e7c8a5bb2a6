//! People: what they gave us, sealed field by field under a key of their own, with provenance, retention and holds.
//! Must never reach the anonymous side, decrypt without an admitted and recorded request, or show a value in errors or logs.
//! Start at [`Vault`].

pub mod adding;
pub mod age_file;
pub mod contract;
pub mod duty;
pub mod erasure;
pub mod error;
pub mod guard;
pub mod hold;
pub mod import;
pub mod migrations;
pub mod operator_key;
pub mod person;
pub mod provenance;
pub mod retention;
pub mod vault;

mod blind_index;
mod choice;
mod client_key;
mod known;
mod note;
mod number;
mod person_key;
mod random;
mod reading;
mod roll;
mod rotation;
mod rows;
mod sealing;
mod shape;
mod store;
mod tally;

pub use adding::Adding;
pub use age_file::AgeFile;
pub use contract::Agreed;
pub use credentials::Sealed;
pub use duty::{Duty, DutyId};
pub use erasure::{Erased, Tombstone};
pub use error::{Error, Refusal};
pub use guard::{Denied, FieldUse, Guard, Reader, Request};
pub use hold::{Hold, HoldId, NewHold};
pub use import::{Imported, Incoming};
pub use known::{Known, Seen};
pub use number::ValueId;
pub use operator_key::{KeyFault, OperatorKey};
pub use person::{Given, NewPerson};
pub use provenance::{Provenance, Wording};
pub use reading::{Kept, Value};
pub use retention::{Destroyed, Due, End};
pub use roll::Enrolled;
pub use shape::fits;
pub use vault::{Settings, Vault, has_people};
