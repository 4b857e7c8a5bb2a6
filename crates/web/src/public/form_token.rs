//! The hidden token of a form that anyone may send: signed and dated, so that no cookie is needed.
//!
//! Text: base64 for URLs, without padding, of 88 bytes: time shown (milliseconds since 1970, 8 bytes, big-endian),
//! 16 random bytes that occur once, SHA-256 of the form as it was shown (32 bytes), HMAC-SHA-256 over the form's name,
//! a zero byte and the 56 bytes before (32 bytes).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use credentials::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use vocabulary::Moment;

/// What a form's token says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FormToken {
    /// When the form was first shown.
    pub(crate) shown: Moment,
    /// Never the same twice.
    pub(crate) once: [u8; 16],
    /// SHA-256 of the form as it was shown.
    pub(crate) form_sha256: [u8; 32],
}

const BODY: usize = 56;

impl FormToken {
    /// The text of the hidden field.
    pub(crate) fn seal(&self, key: &Secret, form: &str) -> String {
        let mut bytes = self.shown.0.to_be_bytes().to_vec();
        bytes.extend(self.once);
        bytes.extend(self.form_sha256);
        let signature = mac(key, form, &bytes).finalize().into_bytes();
        bytes.extend(signature);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a hidden field; `None` if it was not made with this key for this form.
    pub(crate) fn open(text: &str, key: &Secret, form: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, signature) = bytes.split_at_checked(BODY)?;
        mac(key, form, body).verify_slice(signature).ok()?;
        Some(Self {
            shown: Moment(i64::from_be_bytes(body[..8].try_into().ok()?)),
            once: body[8..24].try_into().ok()?,
            form_sha256: body[24..].try_into().ok()?,
        })
    }
}

fn mac(key: &Secret, form: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).expect("HMAC takes keys of any length");
    mac.update(form.as_bytes());
    mac.update(&[0]);
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_with_its_key_and_form_and_not_when_changed() {
        let (key, other) = (Secret::draw().unwrap(), Secret::draw().unwrap());
        let token = FormToken {
            shown: Moment(1_795_356_720_000),
            once: [7; 16],
            form_sha256: [9; 32],
        };
        let text = token.seal(&key, "enquiry");
        assert_eq!(FormToken::open(&text, &key, "enquiry"), Some(token));
        assert_eq!(FormToken::open(&text, &other, "enquiry"), None);
        assert_eq!(FormToken::open(&text, &key, "rights"), None);
        for place in 0..text.len() - 1 {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(FormToken::open(&changed, &key, "enquiry"), None, "{place}");
        }
        for short in ["", "A", &text[..40]] {
            assert_eq!(FormToken::open(short, &key, "enquiry"), None);
        }
    }
}
