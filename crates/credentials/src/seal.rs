//! Sealing what lies in a database, with AES-256-GCM-SIV (RFC 8452).

use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A key to seal texts with, each for its place. Wiped when dropped.
#[derive(Clone)]
pub struct Seal {
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
    /// Seals with that key, which serves nothing else.
    pub fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self {
            cipher: Aes256GcmSiv::new(&(*key).into()),
            key,
        }
    }

    /// Seals `plain` for one place: [`VERSION`], 12 random bytes, ciphertext and tag.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, getrandom::Error> {
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
            .expect("contents are far below the 64 GiB that AES-GCM-SIV takes");
        sealed.extend(ciphertext);
        Ok(sealed)
    }

    /// Opens what was sealed for that place; nothing if it was not, or was changed since.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (&version, rest) = sealed.split_first()?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_BYTES)?;
        if version != VERSION {
            return None;
        }
        let payload = Payload {
            msg: ciphertext,
            aad: place.as_bytes(),
        };
        let nonce = Nonce::try_from(nonce).ok()?;
        self.cipher.decrypt(&nonce, payload).map(Zeroizing::new).ok()
    }

    /// A digest that says nothing to whoever lacks the key.
    pub fn digest(&self, bytes: &[u8]) -> [u8; 32] {
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
        assert!(seal.open("mail 2", &sealed).is_none());
        assert!(
            Seal::new(Zeroizing::new([8; 32]))
                .open("mail 1", &sealed)
                .is_none()
        );
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(seal.open("mail 1", &changed).is_none(), "byte {place}");
            assert!(seal.open("mail 1", &sealed[..place]).is_none(), "cut at {place}");
        }
    }
}
