//! A word of the program.

use std::borrow::Cow;
use std::fmt;

/// How many characters a word may have.
const MOST: usize = 40;

/// The name of a job or of a purpose: 1 to 40 of `a` to `z` and `_`. It is made from texts of the program itself, never
/// from input, and has no room for an address or a number, so it can say nothing about a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(Cow<'static, str>);

impl Word {
    /// The word as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a word that was stored.
    pub(crate) fn read(text: &str) -> Option<Self> {
        is_word(text).then(|| Self(Cow::Owned(text.to_owned())))
    }

    /// Whether it is made as a word must be.
    pub(crate) fn is_valid(&self) -> bool {
        is_word(&self.0)
    }
}

fn is_word(text: &str) -> bool {
    (1..=MOST).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'))
}

/// Whether the text is a word shows when the entry is appended.
impl From<&'static str> for Word {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, out)
    }
}
