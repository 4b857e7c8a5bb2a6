//! The beginning of a file, and its name.

use crate::position::Position;

/// The version of header and frames that this program writes and reads.
pub(crate) const VERSION: u32 = 1;
/// A header takes one page, so that writing frames never touches it again.
pub(crate) const HEADER_BYTES: u64 = 4096;

const MAGIC: [u8; 8] = *b"ANTJRNL\n";
const USED_BYTES: usize = 44;

/// The beginning of a file. All numbers are little-endian.
///
/// | bytes | what |
/// |---|---|
/// | 0..8 | magic `ANTJRNL` and a line feed |
/// | 8..12 | format version, 1 |
/// | 12..16 | zero |
/// | 16..24 | position of the first record, also the name of the file in twenty digits with `.journal` after it |
/// | 24..32 | salt of the checksums of all frames in this file |
/// | 32..40 | size of the file in bytes |
/// | 40..44 | CRC-32C of bytes 0..40 |
/// | 44..4096 | zero |
///
/// Frames follow from byte 4096 without gaps, then zeros to the end of the file.
/// The header is on disk before the file gets its name, and names are on disk before the first frame is written:
/// a file that has its name and no valid header is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Position of the first record. Everything before it was on disk when this file was made.
    pub(crate) first: Position,
    /// Mixed into the checksums of the frames of this file.
    pub(crate) salt: u64,
    /// The size of the file. One that is shorter has lost its end.
    pub(crate) file_bytes: u64,
}

/// What the beginning of a file turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Beginning {
    Header(Header),
    OtherVersion(u32),
    Damaged,
}

impl Header {
    /// The bytes of the header, without the zeros after them.
    pub(crate) fn encode(self) -> [u8; USED_BYTES] {
        let mut bytes = [0; USED_BYTES];
        bytes[0..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first.0.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.salt.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.file_bytes.to_le_bytes());
        let sum = crc32c::crc32c(&bytes[..40]);
        bytes[40..44].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// Reads the beginning of the file that is named after `first`.
    pub(crate) fn decode(bytes: &[u8], first: Position) -> Beginning {
        let Some(bytes) = bytes.first_chunk::<USED_BYTES>() else {
            return Beginning::Damaged;
        };
        if bytes[0..8] != MAGIC || number4(bytes, 40) != crc32c::crc32c(&bytes[..40]) {
            return Beginning::Damaged;
        }
        if number4(bytes, 8) != VERSION {
            return Beginning::OtherVersion(number4(bytes, 8));
        }
        let header = Self {
            first: Position(number8(bytes, 16)),
            salt: number8(bytes, 24),
            file_bytes: number8(bytes, 32),
        };
        if header.first == first {
            Beginning::Header(header)
        } else {
            Beginning::Damaged
        }
    }
}

/// The name of the file whose first record is `first`.
pub(crate) fn file_name(first: Position) -> String {
    format!("{:020}.journal", first.0)
}

/// The first position in a file called `name`, if that is the name of a journal file.
pub(crate) fn first_of(name: &str) -> Option<Position> {
    let digits = name.strip_suffix(".journal")?;
    if digits.len() != 20 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().map(Position)
}

/// The little-endian number of four bytes at `at`, which must be within `bytes`.
pub(crate) fn number4(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("the range has four bytes"))
}

/// The little-endian number of eight bytes at `at`, which must be within `bytes`.
pub(crate) fn number8(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("the range has eight bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_bit_is_noticed() {
        let header = Header {
            first: Position(77),
            salt: 0x0123_4567_89ab_cdef,
            file_bytes: 64 << 20,
        };
        let bytes = header.encode();
        assert_eq!(Header::decode(&bytes, Position(77)), Beginning::Header(header));
        assert_eq!(Header::decode(&bytes, Position(78)), Beginning::Damaged);
        assert_eq!(Header::decode(&bytes[..43], Position(77)), Beginning::Damaged);
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                Header::decode(&changed, Position(77)),
                Beginning::Damaged,
                "bit {bit}"
            );
        }
    }

    #[test]
    fn another_version_says_so() {
        let mut bytes = Header {
            first: Position(1),
            salt: 0,
            file_bytes: 0,
        }
        .encode();
        bytes[8] = 2;
        let sum = crc32c::crc32c(&bytes[..40]);
        bytes[40..].copy_from_slice(&sum.to_le_bytes());
        assert_eq!(Header::decode(&bytes, Position(1)), Beginning::OtherVersion(2));
    }

    #[test]
    fn names_and_positions() {
        assert_eq!(file_name(Position(42)), "00000000000000000042.journal");
        for (name, first) in [
            ("00000000000000000042.journal", Some(Position(42))),
            ("18446744073709551615.journal", Some(Position(u64::MAX))),
            ("18446744073709551616.journal", None),
            ("0000000000000000042.journal", None),
            ("+0000000000000000042.journal", None),
            ("00000000000000000042.journal.old", None),
            ("next.prepared", None),
            ("lock", None),
        ] {
            assert_eq!(first_of(name), first, "{name}");
        }
    }
}
