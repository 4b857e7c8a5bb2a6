//! Codes on paper, each good once, for whoever lost the phone.

use crate::Sealed;
use sha2::{Digest, Sha256};
use std::fmt;

/// How many are made at a time.
pub const RECOVERY_CODES: usize = 10;

/// Digits and letters that no two of look alike (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code: 140 random bits, so many that its SHA-256 may be stored without more ado.
const LENGTH: usize = 28;
/// Characters of codes that were made until November 2026: 80 random bits.
const EARLIER_LENGTH: usize = 16;

/// A recovery code: 28 characters, or 16 of an earlier one.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Vec<u8>);

impl RecoveryCode {
    /// A fresh one.
    pub fn draw() -> Result<Self, getrandom::Error> {
        let mut code = vec![0; LENGTH];
        getrandom::fill(&mut code)?;
        for character in &mut code {
            *character = ALPHABET[usize::from(*character % 32)];
        }
        Ok(Self(code))
    }

    /// Reads [`RecoveryCode::text`] as people type it: in either case, with or without hyphens and spaces, `O` for `0`
    /// and `I` or `L` for `1`. `None` if it cannot be one.
    pub fn parse(typed: &str) -> Option<Self> {
        let mut code = Vec::with_capacity(LENGTH);
        for c in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let c = match c.to_ascii_uppercase() {
                'O' => b'0',
                'I' | 'L' => b'1',
                other => u8::try_from(other).ok()?,
            };
            if !ALPHABET.contains(&c) || code.len() == LENGTH {
                return None;
            }
            code.push(c);
        }
        [LENGTH, EARLIER_LENGTH]
            .contains(&code.len())
            .then_some(Self(code))
    }

    /// The code in groups of four, to be shown once.
    pub fn text(&self) -> Sealed {
        let text = String::from_utf8_lossy(&self.0);
        let groups: Vec<&str> = (0..text.len()).step_by(4).map(|at| &text[at..at + 4]).collect();
        Sealed::new(groups.join("-"))
    }

    /// What is stored of it.
    pub fn digest(&self) -> Vec<u8> {
        Sha256::digest(&self.0).to_vec()
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_as_people_type_them_and_nothing_else_does() {
        let code = RecoveryCode::draw().unwrap();
        let text = code.text().reveal().to_owned();
        assert_eq!(text.len(), 34);
        for typed in [
            text.clone(),
            text.to_lowercase(),
            text.replace('-', " "),
            format!(" {} ", text.replace('-', "")),
            text.replace('0', "o").replace('1', "l"),
        ] {
            assert_eq!(RecoveryCode::parse(&typed), Some(code.clone()));
        }
        for wrong in [
            "",
            "123456",
            &"7".repeat(15),
            &"7".repeat(17),
            &text[1..],
            &format!("{text}0"),
            &"U".repeat(28),
            &"ж".repeat(28),
        ] {
            assert_eq!(RecoveryCode::parse(wrong), None, "{wrong}");
        }
        let earlier = RecoveryCode::parse("abcd-efgh-0123-4567").unwrap();
        assert_eq!(earlier.digest(), Sha256::digest(b"ABCDEFGH01234567").to_vec());
        assert_eq!(format!("{code:?}"), "[sealed]");
        assert_ne!(RecoveryCode::draw().unwrap(), code);
        assert_ne!(RecoveryCode::draw().unwrap().digest(), code.digest());
    }

    #[test]
    fn every_character_occurs() {
        let mut seen: Vec<u8> = (0..100).flat_map(|_| RecoveryCode::draw().unwrap().0).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, ALPHABET);
    }
}
