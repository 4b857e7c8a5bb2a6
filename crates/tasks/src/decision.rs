//! The answer to a question.

/// Whether it may be done, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// Whether it may be done.
    pub allowed: bool,
    /// The ids of the policies that decided, sorted: those that permit, or those that forbid. None if nothing permits.
    pub policies: Vec<String>,
    /// What those policies say, in English and without a personal value.
    pub reason: String,
}

impl Decision {
    /// A denial that no policy made.
    pub(crate) fn denied(reason: &str) -> Self {
        Self {
            allowed: false,
            policies: Vec::new(),
            reason: reason.to_owned(),
        }
    }
}
