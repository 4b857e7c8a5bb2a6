//! The people's side wired together: vault, people, tasks, audit log and mail, with the guard between them.
//! Must never open a value without a decision and a durable entry in the log, or reach the anonymous side.
//! Start at [`Office`]; who may read is decided in [`guard`].

pub mod consent;
mod consent_letter;
pub mod enquiry;
pub mod error;
pub mod gone;
pub mod guard;
pub mod keeping;
pub mod mail;
pub mod office;
pub mod operator_key;
pub mod published;
pub mod refusals;
pub mod retention;
pub mod testimonial;
mod testimonial_letter;
#[cfg(feature = "trial")]
pub mod trial;

pub use consent::{OnBehalf, Standing};
pub use enquiry::{EnquiryForm, Intake};
pub use error::Error;
pub use gone::Gone;
pub use guard::Guardian;
pub use office::{Office, Options};
pub use operator_key::KeyPlace;
pub use published::Published;
pub use refusals::Refused;
pub use testimonial::AuthorForm;
