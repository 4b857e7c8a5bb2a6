//! Who decides, before anything is decrypted.

use crate::{Error, tally::Admitted};
use futures::future::BoxFuture;
use policy::{FieldClass, Purpose};
use vocabulary::{Moment, PersonId, TaskId};

/// Who wants to read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reader {
    /// Staff, for a piece of work.
    Staff {
        /// The account.
        account: u32,
        /// The piece of work.
        task: TaskId,
        /// Whether the rule of the open task is broken for an emergency.
        break_glass: bool,
        /// Whether the second factor was given at this sign-in.
        second_factor: bool,
    },
    /// The person themself.
    Person,
    /// A job of the program, by name: `retention`, `mail`, `key_rotation`.
    Job(&'static str),
}

/// One value that is asked for, with what it may be used for now (provenance, consents and choices considered).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldUse {
    /// What it is.
    pub class: FieldClass,
    /// What it may be used for now.
    pub uses: Vec<Purpose>,
}

/// What is to be decrypted.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who wants to read.
    pub reader: &'a Reader,
    /// Whose values.
    pub person: PersonId,
    /// For whom we hold them; 0 is the agency itself.
    pub client: u32,
    /// What for.
    pub purpose: Purpose,
    /// Every value that will be decrypted, one entry each.
    pub fields: &'a [FieldUse],
    /// Whether a hold is on the person.
    pub on_hold: bool,
    /// When.
    pub now: Moment,
}

/// Decides and records, before anything is decrypted. Implemented by the binary.
///
/// `Ok` means that the request may be answered and that its entry in the audit log, with the number of its fields, is
/// on disk. The vault then counts as many openings ([`crate::Vault::opened`]).
pub trait Guard: Send + Sync {
    /// Admits the request as a whole, or not.
    fn admit<'a>(&'a self, request: &'a Request<'a>) -> BoxFuture<'a, Result<(), Denied>>;
}

/// Why a reading was not admitted.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("read the person: {reason}")]
pub struct Denied {
    /// A few words without any personal value.
    pub reason: String,
    /// The ids of the policies that say so, to be put into the reader's language. None if nothing permits it.
    pub policies: Vec<String>,
}

/// The only way to a token that lets something be counted, and so opened.
pub(crate) async fn admit(guard: &dyn Guard, request: &Request<'_>) -> Result<Admitted, Error> {
    guard.admit(request).await?;
    Ok(Admitted::of(request))
}
