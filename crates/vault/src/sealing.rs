//! AES-256-GCM-SIV (RFC 8452): the one place where something is encrypted or decrypted.
//!
//! What is stored is `nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes)`. The associated data binds it to its place, so
//! that nothing opens anywhere else:
//!
//! | what | associated data, integers big-endian |
//! |---|---|
//! | a value | `"anturazh value"` ‖ schema version (1 byte) ‖ client (4) ‖ person (16) ‖ class (1) ‖ value id (8) ‖ version of the person's key (4) |
//! | what staff wrote of a person | `"anturazh hold"` (why a hold stands) or `"anturazh law"` (which law demands a value) ‖ schema version (1) ‖ client (4) ‖ person (16) ‖ when it was written, ms (8) ‖ version of the person's key (4) |
//! | a person's key | `"anturazh person"` ‖ schema version (1) ‖ client (4) ‖ person (16) ‖ its version (4) ‖ version of the client's key (4) |
//! | a client's index secret | `"anturazh index"` ‖ schema version (1) ‖ client (4) ‖ version of the client's key (4) |

use crate::{Error, random::Random, tally::Counted};
use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use credentials::Sealed;
use policy::FieldClass;
use vocabulary::{Moment, PersonId};
use zeroize::Zeroizing;

/// The version of the table above.
const SCHEMA: u8 = 1;
const NONCE_BYTES: usize = 12;

/// A key, wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// Where a value belongs.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) client: u32,
    pub(crate) person: PersonId,
    pub(crate) class: FieldClass,
    pub(crate) value: i64,
    pub(crate) key_version: u32,
}

impl Place {
    fn bytes(&self) -> Vec<u8> {
        joined(&[
            b"anturazh value",
            &[SCHEMA],
            &self.client.to_be_bytes(),
            &self.person.0,
            &[self.class as u8],
            &self.value.to_be_bytes(),
            &self.key_version.to_be_bytes(),
        ])
    }
}

/// What staff writes of a person.
#[derive(Clone, Copy)]
pub(crate) enum Note {
    /// Why a hold stands.
    Hold,
    /// Which law demands that a value is kept.
    Law,
}

/// Where something stands that staff wrote of a person.
#[derive(Clone, Copy)]
pub(crate) struct NotePlace {
    pub(crate) note: Note,
    pub(crate) client: u32,
    pub(crate) person: PersonId,
    pub(crate) written: Moment,
    pub(crate) key_version: u32,
}

impl NotePlace {
    fn bytes(&self) -> Vec<u8> {
        let name: &[u8] = match self.note {
            Note::Hold => b"anturazh hold",
            Note::Law => b"anturazh law",
        };
        joined(&[
            name,
            &[SCHEMA],
            &self.client.to_be_bytes(),
            &self.person.0,
            &self.written.0.to_be_bytes(),
            &self.key_version.to_be_bytes(),
        ])
    }
}

/// What a wrapped key is.
#[derive(Clone, Copy)]
pub(crate) enum KeyPlace {
    Person {
        client: u32,
        person: PersonId,
        version: u32,
        client_version: u32,
    },
    Index {
        client: u32,
        client_version: u32,
    },
}

impl KeyPlace {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Person {
                client,
                person,
                version,
                client_version,
            } => joined(&[
                b"anturazh person",
                &[SCHEMA],
                &client.to_be_bytes(),
                &person.0,
                &version.to_be_bytes(),
                &client_version.to_be_bytes(),
            ]),
            Self::Index {
                client,
                client_version,
            } => joined(&[
                b"anturazh index",
                &[SCHEMA],
                &client.to_be_bytes(),
                &client_version.to_be_bytes(),
            ]),
        }
    }
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A person's key, set up once for several values.
pub(crate) struct PersonCipher(Aes256GcmSiv);

impl PersonCipher {
    pub(crate) fn new(key: &Key) -> Self {
        Self(Aes256GcmSiv::new((&**key).into()))
    }

    /// Seals a value.
    pub(crate) fn seal(&self, place: &Place, content: &[u8], random: &mut Random) -> Result<Vec<u8>, Error> {
        seal(&self.0, &place.bytes(), content, random)
    }

    /// Opens a value, one of those that were counted.
    pub(crate) fn open(
        &self,
        place: &Place,
        sealed: &[u8],
        counted: &mut Counted,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        counted.take_one();
        open(&self.0, &place.bytes(), sealed).ok_or(Error::Corrupt("value"))
    }

    /// Seals what staff wrote of the person.
    pub(crate) fn seal_note(
        &self,
        place: &NotePlace,
        text: &str,
        random: &mut Random,
    ) -> Result<Vec<u8>, Error> {
        seal(&self.0, &place.bytes(), text.as_bytes(), random)
    }

    /// Opens what staff wrote of the person. It is no value that the person gave, so it is not counted.
    pub(crate) fn open_note(&self, place: &NotePlace, sealed: &[u8]) -> Result<Sealed, Error> {
        open(&self.0, &place.bytes(), sealed)
            .and_then(|bytes| String::from_utf8(bytes.to_vec()).ok())
            .map(Sealed::new)
            .ok_or(Error::Corrupt("note"))
    }
}

/// Wraps a key with another.
pub(crate) fn wrap(by: &Key, place: KeyPlace, key: &Key, random: &mut Random) -> Result<Vec<u8>, Error> {
    seal(&Aes256GcmSiv::new((&**by).into()), &place.bytes(), &**key, random)
}

/// Unwraps a key.
pub(crate) fn unwrap(by: &Key, place: KeyPlace, wrapped: &[u8]) -> Result<Key, Error> {
    let bytes =
        open(&Aes256GcmSiv::new((&**by).into()), &place.bytes(), wrapped).ok_or(Error::Corrupt("key"))?;
    let mut key = Key::default();
    if bytes.len() != key.len() {
        return Err(Error::Corrupt("key"));
    }
    key.copy_from_slice(&bytes);
    Ok(key)
}

fn seal(cipher: &Aes256GcmSiv, aad: &[u8], content: &[u8], random: &mut Random) -> Result<Vec<u8>, Error> {
    let nonce: [u8; NONCE_BYTES] = random.draw()?;
    let ciphertext = cipher
        .encrypt(&Nonce::from(nonce), Payload { msg: content, aad })
        .expect("contents are far below the 64 GiB that AES-GCM-SIV takes");
    let mut sealed = Vec::with_capacity(NONCE_BYTES + ciphertext.len());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

fn open(cipher: &Aes256GcmSiv, aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    cipher
        .decrypt(&Nonce::from(*nonce), Payload { msg: ciphertext, aad })
        .ok()
        .map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_in_its_own_place_only() {
        let mut random = Random::new();
        let key = Key::new(random.draw().unwrap());
        let cipher = PersonCipher::new(&key);
        let place = Place {
            client: 3,
            person: PersonId([5; 16]),
            class: FieldClass::Email,
            value: 77,
            key_version: 1,
        };
        let sealed = cipher.seal(&place, b"anna@example.org", &mut random).unwrap();
        assert_eq!(sealed.len(), 12 + 16 + 16);
        assert_ne!(
            sealed,
            cipher.seal(&place, b"anna@example.org", &mut random).unwrap()
        );
        let opened = |place: &Place, sealed: &[u8]| {
            cipher
                .open(place, sealed, &mut Counted::for_test(1))
                .ok()
                .map(|b| b.to_vec())
        };
        assert_eq!(opened(&place, &sealed).unwrap(), b"anna@example.org");
        for other in [
            Place { client: 4, ..place },
            Place {
                person: PersonId([6; 16]),
                ..place
            },
            Place {
                class: FieldClass::Phone,
                ..place
            },
            Place { value: 78, ..place },
            Place {
                key_version: 2,
                ..place
            },
        ] {
            assert_eq!(opened(&other, &sealed), None);
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(opened(&place, &changed), None);
            assert_eq!(opened(&place, &sealed[..at]), None);
        }
        let other_key = PersonCipher::new(&Key::new(random.draw().unwrap()));
        assert!(
            other_key
                .open(&place, &sealed, &mut Counted::for_test(1))
                .is_err()
        );
    }

    #[test]
    fn a_key_unwraps_in_its_own_place_only() {
        let mut random = Random::new();
        let by = Key::new(random.draw().unwrap());
        let key = Key::new(random.draw().unwrap());
        let person = PersonId([9; 16]);
        let place = KeyPlace::Person {
            client: 1,
            person,
            version: 1,
            client_version: 1,
        };
        let wrapped = wrap(&by, place, &key, &mut random).unwrap();
        assert_eq!(*unwrap(&by, place, &wrapped).unwrap(), *key);
        for other in [
            KeyPlace::Person {
                client: 2,
                person,
                version: 1,
                client_version: 1,
            },
            KeyPlace::Person {
                client: 1,
                person: PersonId([8; 16]),
                version: 1,
                client_version: 1,
            },
            KeyPlace::Person {
                client: 1,
                person,
                version: 2,
                client_version: 1,
            },
            KeyPlace::Person {
                client: 1,
                person,
                version: 1,
                client_version: 2,
            },
            KeyPlace::Index {
                client: 1,
                client_version: 1,
            },
        ] {
            assert!(unwrap(&by, other, &wrapped).is_err());
        }
    }

    #[test]
    #[should_panic(expected = "was counted")]
    fn nothing_opens_uncounted() {
        let mut random = Random::new();
        let cipher = PersonCipher::new(&Key::new(random.draw().unwrap()));
        let place = Place {
            client: 0,
            person: PersonId([1; 16]),
            class: FieldClass::Name,
            value: 1,
            key_version: 1,
        };
        let sealed = cipher.seal(&place, b"x", &mut random).unwrap();
        let _ = cipher.open(&place, &sealed, &mut Counted::for_test(0));
    }
}
