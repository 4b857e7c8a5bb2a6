//! The key under which secrets of second factors lie in the database.

use crate::{AccountId, Error};
use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use std::fmt;
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// The first byte of what is sealed.
const VERSION: u8 = 1;
/// The bytes of the random number that follows it.
const NONCE_BYTES: usize = 12;

/// 32 random bytes that are kept apart from the database. Without them nobody with a second factor can sign in but by a
/// recovery code.
///
/// What is sealed: version (1 byte, `1`), nonce (12), AES-256-GCM-SIV ciphertext with tag (RFC 8452). Its associated data
/// are `anturazh second factor 1` and the account's number (4 bytes, big-endian): what was sealed for one account does
/// not open for another.
#[derive(Clone, ZeroizeOnDrop)]
pub struct StaffKey([u8; 32]);

impl StaffKey {
    /// The key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn seal(&self, account: AccountId, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        let payload = Payload {
            msg: plain,
            aad: &bound_to(account),
        };
        let ciphertext = self
            .cipher()
            .encrypt(&Nonce::from(nonce), payload)
            .expect("a few bytes are within the cipher's bounds");
        Ok([&[VERSION], &nonce[..], &ciphertext].concat())
    }

    pub(crate) fn open(&self, account: AccountId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let (Some(&VERSION), Some((nonce, ciphertext))) = (
            sealed.first(),
            sealed.get(1..).and_then(<[u8]>::split_first_chunk::<NONCE_BYTES>),
        ) else {
            return Err(Error::Corrupt);
        };
        let payload = Payload {
            msg: ciphertext,
            aad: &bound_to(account),
        };
        let plain = self.cipher().decrypt(&Nonce::from(*nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| Error::Key)
    }

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new(&self.0.into())
    }
}

impl fmt::Debug for StaffKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

fn bound_to(account: AccountId) -> Vec<u8> {
    [&b"anturazh second factor 1"[..], &account.0.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_for_its_account_only() {
        let (key, other) = (StaffKey::new([7; 32]), StaffKey::new([8; 32]));
        let sealed = key.seal(AccountId(1), b"a secret").unwrap();
        assert_ne!(sealed, key.seal(AccountId(1), b"a secret").unwrap());
        assert!(!sealed.windows(8).any(|w| w == b"a secret"));
        assert_eq!(*key.open(AccountId(1), &sealed).unwrap(), b"a secret");
        assert!(matches!(other.open(AccountId(1), &sealed), Err(Error::Key)));
        assert!(matches!(key.open(AccountId(2), &sealed), Err(Error::Key)));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(AccountId(1), &changed).is_err(), "byte {at}");
            assert!(key.open(AccountId(1), &sealed[..at]).is_err(), "cut at {at}");
        }
        assert_eq!(format!("{key:?}"), "[sealed]");
    }
}
