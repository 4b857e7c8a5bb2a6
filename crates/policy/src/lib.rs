//! The promises as data, and pure decisions: what a site's collection manifest and a visitor's consent let in.
//! Must never do IO or reach the vault; every answer is a function of its arguments.
//! Start at [`decide`].

pub mod consent;
pub mod decision;
pub mod field;
pub mod manifest;
pub mod purpose;
pub mod retention;
pub mod working_days;

pub use consent::{Consent, Tier};
pub use decision::{Decision, decide, strip};
pub use field::FieldClass;
pub use manifest::Manifest;
pub use purpose::{LegalBasis, Purpose};
pub use working_days::Country;
