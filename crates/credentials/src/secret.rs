//! Random texts that open something to whoever bears them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::fmt;

/// 32 random bytes: the token of a sign-in (in a cookie), of a set-up link, or of a visitor of the sign-in form.
/// Only its SHA-256 is ever stored, which suffices for 256 random bits.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A fresh one.
    pub fn draw() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads [`Secret::text`]; `None` if it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 43 {
            return None;
        }
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// 43 characters that are safe in cookies and addresses. To be given to its bearer and nobody else.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored of it.
    pub fn digest(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }

    /// The bytes, as key of a MAC.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A key that is kept in a file.
impl From<[u8; 32]> for Secret {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_read_back_and_nothing_else_does() {
        let secret = Secret::draw().unwrap();
        let text = secret.text();
        assert_eq!(Secret::parse(&text).unwrap().bytes(), secret.bytes());
        assert_ne!(Secret::draw().unwrap().bytes(), secret.bytes());
        assert_eq!(format!("{secret:?}"), "[sealed]");
        for wrong in [
            "",
            &text[1..],
            &format!("{text}A"),
            &"ä".repeat(22),
            &"+".repeat(43),
        ] {
            assert!(Secret::parse(wrong).is_none(), "{wrong}");
        }
    }
}
