//! What changes on the main page while the program runs.

use super::agency::Words;

/// A notice that visitors should see before all else, such as a coming change of the policy.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What it says.
    pub text: Words,
    /// A path of this site that says more.
    pub path: Option<String>,
}

/// The notice of the moment.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// Shown above the main page.
    pub notice: Option<Notice>,
}
