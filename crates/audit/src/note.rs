//! Signed notes of C2SP (<https://c2sp.org/signed-note>).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// More than this is not read, in bytes.
const MOST_BYTES: usize = 64 << 10;
/// More signatures than this are not read.
const MOST_SIGNATURES: usize = 100;

/// A text with signatures:
///
/// ```text
/// text of one or more lines
///
/// — name base64(key id of 4 bytes, signature)
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// What is signed, the line feed at its end included.
    pub text: String,
    /// At least one. Nothing is said of whether they hold: see [`crate::Verifier::open`].
    pub signatures: Vec<Signature>,
}

/// A line of signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// The name of the key: no white space, no `+`.
    pub name: String,
    /// The first bytes of a hash of name and key.
    pub key_id: [u8; 4],
    /// The signature itself, at least one byte; 64 for Ed25519.
    pub bytes: Vec<u8>,
}

/// Why a note is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// It is not made as a signed note must be.
    #[error("it is no signed note: {0}")]
    NoNote(&'static str),
    /// The note is not made as a checkpoint must be.
    #[error("it is no checkpoint: {0}")]
    NoCheckpoint(&'static str),
    /// It is a checkpoint of another log.
    #[error("it is of another log")]
    OtherLog,
    /// None of its signatures is by the key.
    #[error("it is not signed by the key of this log")]
    OtherKey,
    /// It says that it is signed by the key, and is not.
    #[error("its signature is wrong")]
    BadSignature,
}

impl Note {
    /// Reads a note. Written again it is the same.
    pub fn parse(note: &str) -> Result<Self, NoteFault> {
        let fault = NoteFault::NoNote;
        if note.len() > MOST_BYTES {
            return Err(fault("it is longer than 64 KiB"));
        }
        if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(fault("it has control characters"));
        }
        let end = note
            .rfind("\n\n")
            .ok_or(fault("no empty line is before the signatures"))?
            + 1;
        let (text, lines) = (&note[..end], &note[end + 1..]);
        let lines = lines
            .strip_suffix('\n')
            .ok_or(fault("the last line has no end"))?;
        let signatures = lines
            .split('\n')
            .map(Signature::parse)
            .collect::<Option<Vec<_>>>();
        let signatures = signatures.ok_or(fault("a line of signature is not made as it must be"))?;
        if signatures.len() > MOST_SIGNATURES {
            return Err(fault("it has more than 100 signatures"));
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }
}

impl Signature {
    fn parse(line: &str) -> Option<Self> {
        let (name, coded) = line.strip_prefix("— ")?.split_once(' ')?;
        let decoded = STANDARD.decode(coded).ok()?;
        let (key_id, bytes) = decoded.split_first_chunk::<4>()?;
        (is_key_name(name) && !bytes.is_empty()).then(|| Self {
            name: name.to_owned(),
            key_id: *key_id,
            bytes: bytes.to_vec(),
        })
    }
}

/// Whether a key may have that name.
pub(crate) fn is_key_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|character| !character.is_whitespace() && !character.is_control() && character != '+')
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        for signature in &self.signatures {
            let bytes = [&signature.key_id, signature.bytes.as_slice()].concat();
            writeln!(out, "— {} {}", signature.name, STANDARD.encode(bytes))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "a\n\nb\n\n— x AAAAAAA=\n— y AAAAAAA=\n";

    #[test]
    fn notes_read_back() {
        let note = Note::parse(NOTE).unwrap();
        assert_eq!(note.text, "a\n\nb\n");
        assert_eq!(note.signatures.len(), 2);
        assert_eq!(note.signatures[1].name, "y");
        assert_eq!(note.to_string(), NOTE);
    }

    #[test]
    fn what_is_no_note_is_not_read() {
        let long = format!("{}{NOTE}", "a".repeat(MOST_BYTES));
        let many = format!("a\n\n{}", "— x AAAAAAA=\n".repeat(101));
        for note in [
            "",
            "\n\n",
            "a\n",
            "a\n\n",
            "a\n\n— x AAAAAAA=",
            "a\n— x AAAAAAA=\n",
            "a\n\n- x AAAAAAA=\n",
            "a\n\n— x  AAAAAAA=\n",
            "a\n\n— x AAAAAAA= \n",
            "a\n\n— x AAAAAAA\n",
            "a\n\n— x AAAAAAB=\n",
            "a\n\n— x AAAAAA==\n",
            "a\n\n— x+y AAAAAAA=\n",
            "a\n\n—  AAAAAAA=\n",
            "a\r\n\n— x AAAAAAA=\n",
            "a\n\n— x AAAAAAA=\n\n",
            &long,
            &many,
        ] {
            assert!(Note::parse(note).is_err(), "{:?}", &note[..note.len().min(40)]);
        }
    }
}
