//! Proof that a form came from a page that was served to the same browser.

use crate::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The text for the hidden field of forms: HMAC-SHA-256 of a fixed text under the cookie's secret, in base64 for URLs.
/// It tells nothing about the secret and dies with it.
pub fn csrf_token(cookie: &Secret) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(cookie.bytes()).expect("HMAC takes keys of any length");
    mac.update(b"anturazh csrf 1");
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Whether a form's field fits the cookie, in constant time.
pub fn csrf_matches(cookie: &Secret, field: &str) -> bool {
    csrf_token(cookie).as_bytes().ct_eq(field.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_its_own_cookie_only() {
        let (mine, other) = (Secret::draw().unwrap(), Secret::draw().unwrap());
        let field = csrf_token(&mine);
        assert_eq!(field, csrf_token(&mine));
        assert!(csrf_matches(&mine, &field) && !csrf_matches(&other, &field));
        assert!(!field.contains(&mine.text()));
        for wrong in ["", &field[1..], &format!("{field}A"), &mine.text()] {
            assert!(!csrf_matches(&mine, wrong));
        }
    }
}
