//! What somebody needs to check the signatures of a log.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::checkpoint::Checkpoint;
use crate::note::{Note, NoteFault, is_key_name};

/// The number of Ed25519 among the kinds of signature of C2SP.
const ED25519: u8 = 1;

/// The name of a log and its public key. As text, to be given to a witness: `name+key id+base64(1, public key)`, the key
/// id in eight hexadecimal digits, as C2SP has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: VerifyingKey,
}

impl Verifier {
    /// The verifier of a log; `None` if the name is empty or has white space or a `+`.
    pub(crate) fn new(name: &str, key: VerifyingKey) -> Option<Self> {
        is_key_name(name).then(|| Self {
            name: name.to_owned(),
            key,
        })
    }

    /// Reads the text of a verifier.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (id, coded) = rest.split_once('+')?;
        let decoded = STANDARD.decode(coded).ok()?;
        let [ED25519, key @ ..] = decoded.as_slice() else {
            return None;
        };
        let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        let verifier = Self::new(name, key)?;
        (id == verifier.id()).then_some(verifier)
    }

    /// The name of the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads a note that this log's key signed, among others perhaps.
    pub fn open(&self, note: &str) -> Result<Checkpoint, NoteFault> {
        let note = self.check(note)?;
        let checkpoint = Checkpoint::parse(&note.text)?;
        if checkpoint.origin != self.name {
            return Err(NoteFault::OtherLog);
        }
        Ok(checkpoint)
    }

    fn check(&self, note: &str) -> Result<Note, NoteFault> {
        let note = Note::parse(note)?;
        let id = key_id(&self.name, &self.key);
        let mut mine = note
            .signatures
            .iter()
            .filter(|signature| signature.name == self.name && signature.key_id == id)
            .peekable();
        if mine.peek().is_none() {
            return Err(NoteFault::OtherKey);
        }
        let holds = mine.all(|signature| {
            Signature::from_slice(&signature.bytes)
                .is_ok_and(|bytes| self.key.verify_strict(note.text.as_bytes(), &bytes).is_ok())
        });
        if holds {
            Ok(note)
        } else {
            Err(NoteFault::BadSignature)
        }
    }

    fn id(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(key_id(&self.name, &self.key)))
    }
}

/// The first bytes of the SHA-256 of the name, a line feed, and the key with its kind.
pub(crate) fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', ED25519])
        .chain_update(key.as_bytes())
        .finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

impl fmt::Display for Verifier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        write!(out, "{}+{}+{}", self.name, self.id(), STANDARD.encode(key))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;

    /// From the documentation of Go's `golang.org/x/mod/sumdb/note`.
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_note_that_another_program_signed() {
        let verifier = Verifier::parse(KEY).unwrap();
        assert_eq!(verifier.to_string(), KEY);
        assert!(verifier.check(NOTE).is_ok());
        assert_eq!(
            verifier.check(&NOTE.replace("then", "than")),
            Err(NoteFault::BadSignature)
        );
        assert_eq!(
            verifier.check(&NOTE.replace(" x08", " x18")),
            Err(NoteFault::OtherKey)
        );
        assert!(matches!(verifier.open(NOTE), Err(NoteFault::NoCheckpoint(_))));
    }

    #[test]
    fn other_verifiers_are_not_read() {
        for wrong in [
            "",
            "PeterNeumann",
            "PeterNeumann+c74f20a3",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        ] {
            assert_eq!(Verifier::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn whose_checkpoint_it_is() {
        let key = |byte| SigningKey::from_bytes(&[byte; 32]);
        let verifier = |name, byte| Verifier::new(name, key(byte).verifying_key()).unwrap();
        let checkpoint = Checkpoint {
            origin: "agency.example/audit".into(),
            size: 3,
            root: [7; 32],
        };
        let note = checkpoint.signed(&key(1)).to_string();
        assert_eq!(
            verifier("agency.example/audit", 1).open(&note),
            Ok(checkpoint.clone())
        );
        assert_eq!(
            verifier("agency.example/audit", 2).open(&note),
            Err(NoteFault::OtherKey)
        );
        assert_eq!(
            verifier("other.example/audit", 1).open(&note),
            Err(NoteFault::OtherKey)
        );
        let forged = note.replacen("\n3\n", "\n2\n", 1);
        assert_eq!(
            verifier("agency.example/audit", 1).open(&forged),
            Err(NoteFault::BadSignature)
        );

        let mut witnessed = Note::parse(&note).unwrap();
        let other = checkpoint.signed(&key(2)).signatures.remove(0);
        witnessed.signatures.insert(0, other);
        assert_eq!(
            verifier("agency.example/audit", 1).open(&witnessed.to_string()),
            Ok(checkpoint)
        );

        let mut borrowed = Checkpoint {
            origin: "other.example/audit".into(),
            size: 3,
            root: [7; 32],
        }
        .signed(&key(1));
        let mine = Checkpoint {
            origin: "agency.example/audit".into(),
            size: 0,
            root: [0; 32],
        };
        borrowed.signatures[0].name.clone_from(&mine.origin);
        borrowed.signatures[0].key_id = mine.signed(&key(1)).signatures[0].key_id;
        assert_eq!(
            verifier("agency.example/audit", 1).open(&borrowed.to_string()),
            Err(NoteFault::OtherLog)
        );
    }
}
