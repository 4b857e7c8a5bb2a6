//! What is signed of a log.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};

use crate::hash::Hash;
use crate::note::{Note, NoteFault, Signature};
use crate::verifier::key_id;

/// The state of a log at some time, as C2SP has it (<https://c2sp.org/tlog-checkpoint>). As a note its text is three
/// lines: origin, size in decimal, root in base64; further lines, which others may write, are signed and not read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The name of the log, which is also that of its key.
    pub origin: String,
    /// How many entries there were.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The note with the one signature of `key`. The same checkpoint gives the same note.
    pub(crate) fn signed(&self, key: &SigningKey) -> Note {
        let text = format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root));
        let signature = Signature {
            name: self.origin.clone(),
            key_id: key_id(&self.origin, &key.verifying_key()),
            bytes: key.sign(text.as_bytes()).to_bytes().to_vec(),
        };
        Note {
            text,
            signatures: vec![signature],
        }
    }

    /// Reads the text of a note, whoever signed it.
    pub fn parse(text: &str) -> Result<Self, NoteFault> {
        let fault = NoteFault::NoCheckpoint;
        let body = text.strip_suffix('\n').ok_or(fault("the last line has no end"))?;
        if body.split('\n').any(str::is_empty) {
            return Err(fault("a line is empty"));
        }
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(fault("it has fewer than three lines"));
        };
        let size: u64 = size
            .parse()
            .ok()
            .filter(|number: &u64| number.to_string() == size)
            .ok_or(fault("the second line is no number"))?;
        let root = STANDARD
            .decode(root)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(fault("the third line is no hash"))?;
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_checkpoints() {
        let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let read = |text: &str| Checkpoint::parse(&text.replace("ROOT", root));
        let found = read("agency.example/audit\n12\nROOT\n").unwrap();
        assert_eq!((found.origin.as_str(), found.size), ("agency.example/audit", 12));
        assert_eq!(found.root, crate::hash::EMPTY);
        assert_eq!(read("agency.example/audit\n12\nROOT\nfurther line\n"), Ok(found));
        for wrong in [
            "",
            "\n",
            "o\n12\n",
            "o\n12\nROOT",
            "o\n\n12\nROOT\n",
            "o\n012\nROOT\n",
            "o\n+12\nROOT\n",
            "o\n-1\nROOT\n",
            "o\n18446744073709551616\nROOT\n",
            "o\n12\nROO\n",
            "o\n12\nAAAA\n",
            "o\n12\nROOT\n\n",
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
