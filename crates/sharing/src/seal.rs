//! Sealing what waits in the database, with AES-256-GCM-SIV (RFC 8452).

use crate::Error;
use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The key of outbox and arrivals.
#[derive(Clone)]
pub(crate) struct Seal {
    cipher: Aes256GcmSiv,
    key: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[sealed]")
    }
}

const NONCE_BYTES: usize = 12;
/// The first byte of what is sealed.
const VERSION: u8 = 1;

impl Seal {
    pub(crate) fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self {
            cipher: Aes256GcmSiv::new(&(*key).into()),
            key,
        }
    }

    /// Seals `plain` for one place: [`VERSION`], 12 random bytes, ciphertext and tag.
    pub(crate) fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut sealed = vec![VERSION; 1 + NONCE_BYTES];
        getrandom::fill(&mut sealed[1..])?;
        let nonce = Nonce::try_from(&sealed[1..]).expect("12 bytes");
        let payload = Payload {
            msg: plain,
            aad: place.as_bytes(),
        };
        let ciphertext = self
            .cipher
            .encrypt(&nonce, payload)
            .map_err(|_| Error::Corrupt("mail"))?;
        sealed.extend(ciphertext);
        Ok(sealed)
    }

    /// Opens what was sealed for that place.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let corrupt = || Error::Corrupt("mail");
        let (&version, rest) = sealed.split_first().ok_or_else(corrupt)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_BYTES).ok_or_else(corrupt)?;
        if version != VERSION {
            return Err(corrupt());
        }
        let payload = Payload {
            msg: ciphertext,
            aad: place.as_bytes(),
        };
        let nonce = Nonce::try_from(nonce).map_err(|_| corrupt())?;
        self.cipher
            .decrypt(&nonce, payload)
            .map(Zeroizing::new)
            .map_err(|_| corrupt())
    }

    /// A digest that says nothing to whoever lacks the key.
    pub(crate) fn digest(&self, bytes: &[u8]) -> [u8; 32] {
        // The key has a fixed length and goes in on both sides, so that nothing can be appended (HMAC's idea).
        let inner = Sha256::new()
            .chain_update(*self.key)
            .chain_update(bytes)
            .finalize();
        Sha256::new()
            .chain_update(*self.key)
            .chain_update(inner)
            .finalize()
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_with_its_key_at_its_place_and_nowhere_else() {
        let seal = Seal::new(Zeroizing::new([7; 32]));
        let sealed = seal.seal("mail 1", b"Anna").unwrap();
        assert_eq!(seal.open("mail 1", &sealed).unwrap().as_slice(), b"Anna");
        assert_ne!(sealed, seal.seal("mail 1", b"Anna").unwrap(), "fresh nonces");
        assert!(seal.open("mail 2", &sealed).is_err());
        assert!(
            Seal::new(Zeroizing::new([8; 32]))
                .open("mail 1", &sealed)
                .is_err()
        );
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(seal.open("mail 1", &changed).is_err(), "byte {place}");
            assert!(seal.open("mail 1", &sealed[..place]).is_err(), "cut at {place}");
        }
    }
}
