//! Why somebody does something, in their own words.

use crate::{Error, Refusal};
use std::fmt;

/// A free text that may name people: kept in this room's tables alone, and sealed; shown on pages by [`Reason::reveal`],
/// never by `Debug`. Empty once it was erased.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Reason(String);

/// The most characters a reason has.
pub const MOST_CHARACTERS: usize = 2_000;

impl Reason {
    /// Trims and checks a text: `least` to [`MOST_CHARACTERS`] characters.
    pub(crate) fn checked(text: &str, least: usize) -> Result<Self, Error> {
        let text = text.trim();
        if (least..=MOST_CHARACTERS).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Refusal::Reason {
                least,
                most: MOST_CHARACTERS,
            }
            .into())
        }
    }

    /// A text as stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text, for a page of those who may see it; not for logs, errors or the audit log.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}
