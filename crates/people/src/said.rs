//! What will stand there: the words of a testimonial and the lines under them, letter by letter.

use crate::{Error, Refusal};
use credentials::Sealed;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The most characters of the words.
pub const MOST_WORDS: usize = 2_000;
/// The most characters of a line under them.
pub const MOST_LINE: usize = 200;

/// The words of a testimonial and the lines under them, as they are shown. A line that is not there is not shown.
///
/// Sealed, and digested, is one JSON object in UTF-8 without spaces: `text`, `name`, `position`, `company`, in this
/// order, `null` for a line that is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// The words: 1 to 2,000 characters; lines may end.
    pub text: Sealed,
    /// The name: 1 to 200 characters.
    pub name: Option<Sealed>,
    /// The position: 1 to 200 characters.
    pub position: Option<Sealed>,
    /// The company: 1 to 200 characters.
    pub company: Option<Sealed>,
}

#[derive(Serialize, Deserialize)]
struct Content {
    text: String,
    name: Option<String>,
    position: Option<String>,
    company: Option<String>,
}

impl Said {
    /// The lines under the words, those that are there.
    pub fn lines(&self) -> Vec<&str> {
        [&self.name, &self.position, &self.company]
            .into_iter()
            .flatten()
            .map(Sealed::reveal)
            .collect()
    }

    /// What is sealed, and the SHA-256 of it; refused where something is empty, too long or has control characters.
    pub(crate) fn bytes(&self) -> Result<(Vec<u8>, [u8; 32]), Error> {
        let text = self.text.reveal();
        let is_line = |line: &str| {
            !line.trim().is_empty()
                && line.chars().count() <= MOST_LINE
                && !line.chars().any(char::is_control)
        };
        let is_text = !text.trim().is_empty()
            && text.chars().count() <= MOST_WORDS
            && !text.chars().any(|c| c.is_control() && c != '\n');
        if !is_text || !self.lines().into_iter().all(is_line) {
            return Err(Refusal::Text.into());
        }
        let line = |line: &Option<Sealed>| line.as_ref().map(|line| line.reveal().to_owned());
        let content = Content {
            text: text.to_owned(),
            name: line(&self.name),
            position: line(&self.position),
            company: line(&self.company),
        };
        let bytes = serde_json::to_vec(&content).map_err(|_| Error::Corrupt("a testimonial"))?;
        let sha256 = Sha256::digest(&bytes).into();
        Ok((bytes, sha256))
    }

    /// Reads what was sealed; an error if it is not what that digest is of.
    pub(crate) fn read(bytes: &[u8], sha256: &[u8; 32]) -> Result<Self, Error> {
        let corrupt = || Error::Corrupt("a testimonial");
        if Sha256::digest(bytes)[..] != sha256[..] {
            return Err(corrupt());
        }
        let content: Content = serde_json::from_slice(bytes).map_err(|_| corrupt())?;
        Ok(Self {
            text: Sealed::new(content.text),
            name: content.name.map(Sealed::new),
            position: content.position.map(Sealed::new),
            company: content.company.map(Sealed::new),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, name: Option<&str>) -> Said {
        Said {
            text: Sealed::new(text.into()),
            name: name.map(|name| Sealed::new(name.into())),
            position: None,
            company: Some(Sealed::new("Nord & Co".into())),
        }
    }

    #[test]
    fn every_letter_counts_and_what_was_sealed_reads_back() {
        let one = said("Good work.\nReally.", Some("Anna"));
        let (bytes, sha256) = one.bytes().unwrap();
        assert_eq!(
            std::str::from_utf8(&bytes).unwrap(),
            r#"{"text":"Good work.\nReally.","name":"Anna","position":null,"company":"Nord & Co"}"#
        );
        assert_eq!(Said::read(&bytes, &sha256).unwrap(), one);
        assert_eq!(one.lines(), ["Anna", "Nord & Co"]);
        for other in [
            said("Good work. Really.", Some("Anna")),
            said("Good work.\nReally.", None),
        ] {
            let (bytes, other) = other.bytes().unwrap();
            assert_ne!(other, sha256);
            assert!(
                Said::read(&bytes, &sha256).is_err(),
                "another text under that digest"
            );
        }
    }

    #[test]
    fn nothing_empty_too_long_or_unprintable_is_taken() {
        for (text, name) in [
            ("", None),
            (" \n", None),
            ("a\u{7}", None),
            ("a\r\nb", None),
            ("a", Some("")),
            ("a", Some(" ")),
            ("a", Some("b\nc")),
            ("a", Some(&*"n".repeat(MOST_LINE + 1))),
            (&*"t".repeat(MOST_WORDS + 1), None),
        ] {
            assert!(said(text, name).bytes().is_err(), "{text:?} {name:?}");
        }
        assert!(
            said(&"т".repeat(MOST_WORDS), Some(&"н".repeat(MOST_LINE)))
                .bytes()
                .is_ok()
        );
    }
}
