//! For whom backups are sealed.

use crate::{Error, digest::Digest};
use age::x25519;
use sha2::{Digest as _, Sha256};

/// For whom backups are sealed: each of them can open them, and nobody else, the machine that makes them included.
#[derive(Clone, Debug)]
pub struct Recipients(Vec<x25519::Recipient>);

impl Recipients {
    /// From texts like `age1…`, at least one.
    pub fn parse<T: AsRef<str>>(texts: &[T]) -> Result<Self, Error> {
        let recipient = |text: &T| {
            let text = text.as_ref().trim();
            text.parse().map_err(|_| Error::Recipient(text.to_owned()))
        };
        let recipients: Vec<x25519::Recipient> = texts.iter().map(recipient).collect::<Result<_, _>>()?;
        if recipients.is_empty() {
            return Err(Error::NoRecipient);
        }
        Ok(Self(recipients))
    }

    /// Seals one file.
    pub(crate) fn encryptor(&self) -> age::Encryptor {
        age::Encryptor::with_recipients(self.0.iter().map(|r| r as &dyn age::Recipient))
            .expect("X25519 recipients go together, and there is at least one")
    }

    /// The same for the same recipients in any order: what was sealed for some cannot be opened by others.
    pub(crate) fn digest(&self) -> Digest {
        let mut texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        texts.sort();
        Digest(Sha256::digest(texts.join("\n")).into())
    }
}
