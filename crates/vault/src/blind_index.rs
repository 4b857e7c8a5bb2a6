//! Exact search without opening anything: a keyed fingerprint beside the sealed value.
//!
//! `blind = first 16 bytes of HMAC-SHA-256(HKDF-SHA-256(secret of the client's indexes, info = "idx" ‖ class), normal form)`.
//! Two spellings of one contact have one normal form. The secret is the client's own and wrapped by the client's key, so
//! that a new client key needs no value opened; without it a fingerprint can neither be made nor tried.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use policy::FieldClass;
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A fingerprint of a value.
pub(crate) type Blind = [u8; 16];

/// The classes that can be searched.
const SEARCHED: [FieldClass; 3] = [FieldClass::Email, FieldClass::Phone, FieldClass::Name];

/// A client's keys, one for each of the searched classes.
pub(crate) struct BlindIndex {
    classes: [Zeroizing<[u8; 32]>; 3],
    rows: Zeroizing<[u8; 32]>,
}

impl BlindIndex {
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, secret);
        let derived = |info: &[u8]| {
            let mut key = Zeroizing::new([0; 32]);
            hkdf.expand(info, key.as_mut())
                .expect("32 bytes are a length that HKDF-SHA-256 gives");
            key
        };
        Self {
            classes: SEARCHED.map(|class| derived(&[b'i', b'd', b'x', class as u8])),
            rows: derived(b"row"),
        }
    }

    /// The fingerprint; `None` for a class that cannot be searched, or a text without a normal form.
    pub(crate) fn blind(&self, class: FieldClass, text: &str) -> Option<Blind> {
        let place = SEARCHED.iter().position(|searched| *searched == class)?;
        let normal = Zeroizing::new(normal_form(class, text)?);
        Some(fingerprint(&self.classes[place], &normal))
    }

    /// The fingerprint of what names a row of a file that is imported, exactly as it stands there.
    pub(crate) fn blind_row(&self, id: &str) -> Blind {
        fingerprint(&self.rows, id)
    }
}

fn fingerprint(key: &[u8; 32], text: &str) -> Blind {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    let full = mac.finalize().into_bytes();
    *full.first_chunk().expect("SHA-256 has 32 bytes")
}

fn normal_form(class: FieldClass, text: &str) -> Option<String> {
    let text: String = text.trim().nfkc().collect();
    match class {
        FieldClass::Email => {
            let (local, domain) = text.rsplit_once('@')?;
            Some(format!(
                "{}@{}",
                local.to_lowercase(),
                idna::domain_to_ascii(domain).ok()?
            ))
        }
        FieldClass::Phone => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            Some(match digits.as_bytes() {
                _ if text.starts_with('+') => digits,
                [b'0', b'0', ..] => digits[2..].to_owned(),
                // Russia's trunk prefix, where a number has 10 digits after it.
                [b'8', ..] if digits.len() == 11 => format!("7{}", &digits[1..]),
                _ => digits,
            })
        }
        FieldClass::Name => {
            let lower = text.to_lowercase().replace('ё', "е");
            let mut words: Vec<&str> = lower
                .split(|c: char| c.is_whitespace() || matches!(c, '.' | ','))
                .filter(|word| !word.is_empty())
                .collect();
            words.sort_unstable();
            Some(words.join(" "))
        }
        _ => None,
    }
    .filter(|normal| !normal.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_contact_have_one_normal_form() {
        use FieldClass::{Company, Email, Name, Phone};
        for (class, text, want) in [
            (Email, " Anna.K@Example.ORG ", Some("anna.k@example.org")),
            (Email, "ａｎｎａ@example.org", Some("anna@example.org")),
            (Email, "анна@Пример.РФ", Some("анна@xn--e1afmkfd.xn--p1ai")),
            (
                Email,
                "анна@xn--e1afmkfd.xn--p1ai",
                Some("анна@xn--e1afmkfd.xn--p1ai"),
            ),
            (Email, "anna", None),
            (Phone, "+7 (495) 123-45-67", Some("74951234567")),
            (Phone, "8 495 123 45 67", Some("74951234567")),
            (Phone, "007 495 1234567", Some("74951234567")),
            (Phone, "+8 495 123 45 67", Some("84951234567")),
            (Phone, "-", None),
            (Name, "Анна  Фёдорова", Some("анна федорова")),
            (Name, "ФЕДОРОВА, Анна", Some("анна федорова")),
            (Name, ".", None),
            (Company, "Acme", None),
        ] {
            assert_eq!(normal_form(class, text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn fingerprints_differ_by_secret_and_class() {
        let index = BlindIndex::new(&[1; 32]);
        let one = index.blind(FieldClass::Phone, "12345").unwrap();
        assert_eq!(index.blind(FieldClass::Phone, "1-23-45"), Some(one));
        assert_ne!(index.blind(FieldClass::Name, "12345"), Some(one));
        assert_ne!(
            BlindIndex::new(&[2; 32]).blind(FieldClass::Phone, "12345"),
            Some(one)
        );
        assert_eq!(index.blind(FieldClass::Company, "12345"), None);
    }
}
