//! Which installation made a backup.

use crate::{Damage, Error, Recipients, digest::Digest};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::str::FromStr;
use zeroize::Zeroizing;

/// What is signed comes after this, so that no other signature of the key can be passed off as a manifest's.
const SIGNED: &[u8] = b"anturazh backup manifest\n";
/// Bytes of [`Maker::sign`] before what is signed.
const STAMP_BYTES: usize = 32 + 64;

/// The secret by which an installation signs its backups and names the pieces in them.
///
/// Encryption alone does not say who made a backup: anybody can encrypt to a recipient.
#[derive(Clone)]
pub struct Maker(SigningKey);

/// An installation, by the public half of its key: 64 hexadecimal digits, to be noted beside the identity file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MakerId(Digest);

impl Maker {
    /// Reads the 32 bytes in the file at `path`; draws them and makes the file (mode 0600) where there is none.
    /// Refuses a file that others may read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut seed = Zeroizing::new([0; 32]);
        let mut options = std::fs::OpenOptions::new();
        match options.write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                getrandom::fill(seed.as_mut())?;
                file.write_all(seed.as_ref())
                    .and_then(|()| file.sync_all())
                    .map_err(Error::storage("write", path))?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let failed = || Error::storage("read", path);
                let mut file = std::fs::File::open(path).map_err(failed())?;
                if file.metadata().map_err(failed())?.mode() & 0o077 != 0 {
                    return Err(Error::Exposed {
                        path: path.to_owned(),
                    });
                }
                file.read_exact(seed.as_mut()).map_err(failed())?;
            }
            Err(error) => return Err(Error::storage("make", path)(error)),
        }
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// Who this is.
    pub fn id(&self) -> MakerId {
        MakerId(Digest(self.0.verifying_key().to_bytes()))
    }

    /// Public key (32 bytes), Ed25519 signature (64 bytes), and `text`.
    pub(crate) fn sign(&self, text: &[u8]) -> Vec<u8> {
        let signature = self.0.sign(&[SIGNED, text].concat());
        [&self.id().0.0[..], &signature.to_bytes(), text].concat()
    }

    /// Names the piece with this content: the same each time, and telling nothing to whoever lacks the secret.
    pub(crate) fn piece_name(&self, recipients: &Recipients, content: Digest) -> Digest {
        let seed = Zeroizing::new(self.0.to_bytes());
        let mut mac = Hmac::<Sha256>::new_from_slice(seed.as_ref()).expect("HMAC takes a key of any length");
        mac.update(b"anturazh backup piece\n");
        mac.update(&recipients.digest().0);
        mac.update(&content.0);
        Digest(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Maker({})", self.id())
    }
}

impl MakerId {
    /// Undoes [`Maker::sign`]: who signed, and the text.
    pub(crate) fn signed(bytes: &[u8]) -> Result<(Self, &[u8]), Damage> {
        let Some((stamp, text)) = bytes.split_first_chunk::<STAMP_BYTES>() else {
            return Err(Damage::Nonsense);
        };
        let (key, signature) = stamp.split_at(32);
        let key: [u8; 32] = key.try_into().map_err(|_| Damage::Nonsense)?;
        let signature = Signature::from_slice(signature).map_err(|_| Damage::Changed)?;
        VerifyingKey::from_bytes(&key)
            .and_then(|verifying| verifying.verify_strict(&[SIGNED, text].concat(), &signature))
            .map_err(|_| Damage::Changed)?;
        Ok((Self(Digest(key)), text))
    }
}

impl fmt::Display for MakerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for MakerId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.parse().map(Self).map_err(|_| Error::Maker(text.to_owned()))
    }
}
