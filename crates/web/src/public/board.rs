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

/// What somebody said of the agency, published with their agreement (promise P12).
#[derive(Clone, Debug)]
pub struct Testimonial {
    /// The words, in the language they were given in.
    pub text: String,
    /// Who is named, exactly as agreed; `None` for none.
    pub author: Option<String>,
}

/// The notice and the testimonials of the moment.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// Shown above the main page.
    pub notice: Option<Notice>,
    /// Shown on the main page, in order. Without any, their place is not shown.
    pub testimonials: Vec<Testimonial>,
}
