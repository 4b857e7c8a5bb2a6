//! What is in a backup.

use crate::{
    Class, Damage, Error, Identity, Maker, MakerId, Recipients,
    digest::Digest,
    header::{FORMAT, Header},
    path, piece,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;
use vocabulary::Moment;

/// What is in a backup. The file `manifest` is a [`Header`] and behind it an age file with: the maker's public key (32
/// bytes), its Ed25519 signature (64 bytes) of `anturazh backup manifest`, a line feed and the JSON, and the JSON itself,
/// which is this value.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Manifest {
    /// The format version, 1.
    pub(crate) format: u32,
    /// The name of the backup.
    pub(crate) name: String,
    /// What it is of.
    pub(crate) class: Class,
    /// When its making began.
    pub(crate) made: Moment,
    /// The version of the program that made it.
    pub(crate) program: String,
    /// What was copied.
    pub(crate) parts: Vec<PartCopy>,
}

/// One part as it was copied.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct PartCopy {
    /// Where it belongs.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: Kind,
    /// Its files.
    pub(crate) files: Vec<FileCopy>,
}

/// What a part is.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// One file, with the part's name.
    File,
    /// One SQLite database, with the part's name.
    Database,
    /// Files in a folder with the part's name.
    Folder,
}

/// One file as it was copied.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct FileCopy {
    /// Where it belongs, in a folder; empty for a file of its own.
    pub(crate) path: String,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// How many of them are stored: the others, at its end, are zeros.
    pub(crate) stored: u64,
    /// SHA-256 of what is stored.
    pub(crate) sha256: Digest,
    /// The size of the age file that holds it, in bytes.
    pub(crate) sealed: u64,
    /// Which age file that is.
    pub(crate) piece: Piece,
}

/// An age file.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Piece {
    /// In the backup's own folder, under this number.
    Own(u32),
    /// Among the pieces of the class, which other backups may name too.
    Shared(Digest),
}

impl Manifest {
    /// The names of shared pieces, in order.
    fn pieces(&self) -> Vec<Digest> {
        let files = self.parts.iter().flat_map(|part| &part.files);
        let names: BTreeSet<Digest> = files
            .filter_map(|file| match file.piece {
                Piece::Shared(name) => Some(name),
                Piece::Own(_) => None,
            })
            .collect();
        names.into_iter().collect()
    }

    /// The bytes of the file `manifest`.
    pub(crate) fn encode(&self, maker: &Maker, recipients: &Recipients) -> Vec<u8> {
        let json = serde_json::to_vec(self).expect("texts and numbers can be written as JSON");
        let mut sealed = Vec::new();
        piece::seal(&mut maker.sign(&json).as_slice(), &mut sealed, recipients)
            .expect("memory takes what is written");
        let header = Header {
            class: self.class,
            made: self.made,
            pieces: self.pieces(),
        };
        header.before(&sealed)
    }

    /// Opens the file `manifest`: of whom it is, and what it says. `path` is for errors.
    pub(crate) fn decode(bytes: &[u8], identity: &Identity, path: &Path) -> Result<(MakerId, Self), Error> {
        let (header, sealed) = Header::read(bytes, path)?;
        let mut opened = Vec::new();
        piece::open(sealed, identity, &mut opened, path)?;
        let corrupt = |damage| Error::corrupt(path, damage);
        let (maker, json) = MakerId::signed(&opened).map_err(corrupt)?;
        if !identity.trusts(&maker) {
            return Err(Error::OtherMaker {
                path: path.to_owned(),
                found: maker,
            });
        }
        let manifest: Self = serde_json::from_slice(json).map_err(|_| corrupt(Damage::Nonsense))?;
        let told = Header {
            class: manifest.class,
            made: manifest.made,
            pieces: manifest.pieces(),
        };
        if told != header || manifest.format != FORMAT {
            return Err(corrupt(Damage::Swapped));
        }
        if !manifest.is_sound() {
            return Err(corrupt(Damage::Nonsense));
        }
        Ok((maker, manifest))
    }

    /// Whether everything in it has a place of its own below the folder it is restored into.
    fn is_sound(&self) -> bool {
        let mut places = BTreeSet::new();
        self.parts.iter().all(|part| {
            let single = part.kind != Kind::Folder;
            path::is_safe(&part.name)
                && (!single || part.files.len() == 1)
                && part.files.iter().all(|file| {
                    file.path.is_empty() == single
                        && (single || path::is_safe(&file.path))
                        && file.stored <= file.bytes
                        && places.insert(part.place(file))
                })
        })
    }
}

impl PartCopy {
    /// Where a file belongs, from the folder that is restored into.
    pub(crate) fn place(&self, file: &FileCopy) -> String {
        if file.path.is_empty() {
            self.name.clone()
        } else {
            format!("{}/{}", self.name, file.path)
        }
    }
}
