//! An e-mail address that waits for its confirmation: sealed under the secret of the link itself, which is in the
//! letter and nowhere else. Nobody who has the database, and no key of ours, opens it.
//!
//! Key: SHA-256 of `"anturazh link address 1"` ‖ the 32 bytes of the secret. The secret is uniform and serves one
//! row, so the nonce of AES-256-GCM-SIV is zero and not stored.

use crate::Error;
use aes_gcm_siv::aead::Aead;
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use credentials::{Sealed, Secret};
use sha2::{Digest, Sha256};

pub(crate) fn seal(secret: &Secret, email: &Sealed) -> Vec<u8> {
    cipher(secret)
        .encrypt(&Nonce::default(), email.reveal().as_bytes())
        .expect("an address is far below what AES-GCM-SIV takes")
}

pub(crate) fn open(secret: &Secret, sealed: &[u8]) -> Result<Sealed, Error> {
    let corrupt = || Error::Corrupt("a link");
    let bytes = cipher(secret)
        .decrypt(&Nonce::default(), sealed)
        .map_err(|_| corrupt())?;
    String::from_utf8(bytes).map(Sealed::new).map_err(|_| corrupt())
}

fn cipher(secret: &Secret) -> Aes256GcmSiv {
    let mut hasher = Sha256::new();
    hasher.update(b"anturazh link address 1");
    hasher.update(secret.bytes());
    Aes256GcmSiv::new(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_secret_opens_it() {
        let (mine, other) = (Secret::draw().unwrap(), Secret::draw().unwrap());
        let email = Sealed::new("anna@example.org".into());
        let sealed = seal(&mine, &email);
        assert_eq!(open(&mine, &sealed).unwrap(), email);
        assert!(open(&other, &sealed).is_err());
        assert!(!sealed.windows(4).any(|w| w == b"anna"));
    }
}
