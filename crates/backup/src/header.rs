//! The beginning of a manifest, which can be read without an identity.

use crate::{Class, Damage, Error, digest::Digest};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use vocabulary::Moment;

/// The version of header, manifest and pieces that this program writes and reads.
pub(crate) const FORMAT: u32 = 1;

const MAGIC: &[u8; 16] = b"ANTURAZH BACKUP\n";
const FIXED_BYTES: usize = 76;
const NAME_BYTES: usize = 32;
const SUM_BYTES: usize = 32;

/// The beginning of a manifest. It is not sealed, so that what is too old, or named by no manifest any more, can be
/// removed by a machine that cannot open backups. All numbers are little-endian.
///
/// | bytes | what |
/// |---|---|
/// | 0..16 | magic `ANTURAZH BACKUP` and a line feed |
/// | 16..20 | format version, 1 |
/// | 20..24 | class: 1 data, 2 keys, 3 tombstones |
/// | 24..32 | when it was made, in milliseconds since 1970 |
/// | 32..40 | size of the sealed manifest in bytes |
/// | 40..72 | SHA-256 of the sealed manifest |
/// | 72..76 | number of shared pieces |
/// | 76.. | their names, 32 bytes each, in order |
/// | last 32 | SHA-256 of all before it |
///
/// The sealed manifest follows, to the end of the file. The checksums are for damage alone: class, time and pieces are
/// in the sealed and signed manifest too, and compared with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    pub(crate) class: Class,
    pub(crate) made: Moment,
    pub(crate) pieces: Vec<Digest>,
}

impl Header {
    /// The bytes of a whole manifest file.
    pub(crate) fn before(&self, sealed: &[u8]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend(self.class.number().to_le_bytes());
        bytes.extend(self.made.0.to_le_bytes());
        bytes.extend((sealed.len() as u64).to_le_bytes());
        bytes.extend(Sha256::digest(sealed));
        bytes.extend((self.pieces.len() as u32).to_le_bytes());
        bytes.extend(self.pieces.iter().flat_map(|name| name.0));
        bytes.extend(<[u8; SUM_BYTES]>::from(Sha256::digest(&bytes)));
        bytes.extend(sealed);
        bytes
    }

    /// Reads a whole manifest file: the header, and the sealed manifest behind it. `path` is for errors.
    pub(crate) fn read<'a>(bytes: &'a [u8], path: &Path) -> Result<(Self, &'a [u8]), Error> {
        let corrupt = |damage| Error::corrupt(path, damage);
        if bytes.len() < MAGIC.len() && !bytes.is_empty() && MAGIC.starts_with(bytes) {
            return Err(corrupt(Damage::Truncated));
        }
        if !bytes.starts_with(MAGIC) {
            return Err(Error::Foreign {
                path: path.to_owned(),
            });
        }
        let (fixed, names) = bytes
            .split_at_checked(FIXED_BYTES)
            .ok_or_else(|| corrupt(Damage::Truncated))?;
        let number = |at: usize| u32::from_le_bytes(fixed[at..at + 4].try_into().expect("four bytes"));
        let long = |at: usize| u64::from_le_bytes(fixed[at..at + 8].try_into().expect("eight bytes"));
        let format = number(16);
        if format > FORMAT {
            return Err(Error::Newer {
                path: path.to_owned(),
                format,
            });
        }
        let names_bytes = number(72) as usize * NAME_BYTES;
        let (names, rest) = names
            .split_at_checked(names_bytes)
            .ok_or_else(|| corrupt(Damage::Truncated))?;
        let (sum, sealed) = rest
            .split_at_checked(SUM_BYTES)
            .ok_or_else(|| corrupt(Damage::Truncated))?;
        if *sum != Sha256::digest(&bytes[..FIXED_BYTES + names_bytes])[..] {
            return Err(corrupt(Damage::Changed));
        }
        if (sealed.len() as u64) < long(32) {
            return Err(corrupt(Damage::Truncated));
        }
        if fixed[40..72] != Sha256::digest(sealed)[..] {
            return Err(corrupt(Damage::Changed));
        }
        let class = Class::ALL.into_iter().find(|class| class.number() == number(20));
        let names = names.as_chunks::<NAME_BYTES>().0.iter();
        let header = Self {
            class: class.ok_or_else(|| corrupt(Damage::Nonsense))?,
            made: Moment(long(24) as i64),
            pieces: names.map(|name| Digest(*name)).collect(),
        };
        Ok((header, sealed))
    }
}
