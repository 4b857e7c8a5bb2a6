//! Texts that say who somebody is.

use std::fmt;

/// A login or a name: shown on pages by [`Sealed::reveal`], never by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(String);

impl Sealed {
    /// Seals a text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for a page or a terminal of those who may see it; not for logs, errors or addresses.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}
