//! What opens backups.

use crate::{Error, MakerId};
use age::secrecy::ExposeSecret;
use age::x25519;
use std::fmt;
use std::path::Path;
use zeroize::Zeroizing;

/// What opens backups: the operator's age identities, and which maker to trust. It has no place on the machine that
/// makes the backups.
pub struct Identity {
    keys: Vec<x25519::Identity>,
    maker: Option<MakerId>,
}

impl Identity {
    /// Reads an age identity file: lines `AGE-SECRET-KEY-1…`, empty ones, and comments after `#`.
    ///
    /// With a `maker`, only backups of that installation are opened. Without one, whoever knows the recipients (which
    /// are no secret) and can write into the store could have made them: look at [`crate::Contents::maker`].
    pub fn read(path: &Path, maker: Option<MakerId>) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::storage("read the identity file", path))?;
        let text = Zeroizing::new(text);
        let lines = text.lines().map(str::trim);
        let keys: Result<Vec<x25519::Identity>, _> = lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::parse)
            .collect();
        let wrong = |why| Error::Identity {
            path: path.to_owned(),
            why,
        };
        let keys = keys.map_err(|_| wrong("a line is no `AGE-SECRET-KEY-1…`"))?;
        if keys.is_empty() {
            return Err(wrong("it has no `AGE-SECRET-KEY-1…`"));
        }
        Ok(Self { keys, maker })
    }

    /// Makes a new one: the text of an identity file, and the recipient that belongs to it.
    pub fn generate() -> (Zeroizing<String>, String) {
        let key = x25519::Identity::generate();
        let recipient = key.to_public().to_string();
        let text = format!("# public key: {recipient}\n{}\n", key.to_string().expose_secret());
        (Zeroizing::new(text), recipient)
    }

    /// The keys, to try one after the other.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.keys.iter().map(|key| key as &dyn age::Identity)
    }

    /// Whether to trust what this maker signed.
    pub(crate) fn trusts(&self, maker: &MakerId) -> bool {
        self.maker.as_ref().is_none_or(|trusted| trusted == maker)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}
