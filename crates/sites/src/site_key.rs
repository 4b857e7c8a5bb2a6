//! The secret under which a site's visitors are made pseudonymous.

use std::fmt;

/// 32 random bytes, a site's own. Without them its visitor keys lead nowhere.
#[derive(Clone)]
pub struct SiteKey([u8; 32]);

impl SiteKey {
    /// A fresh key.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// A stored key, if it has 32 bytes.
    pub(crate) fn stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The key, to compute an HMAC with.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}
