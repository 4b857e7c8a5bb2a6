//! How a journal is laid out.

use crate::frame::MARK_BYTES;
use crate::header::HEADER_BYTES;

/// How a journal is laid out. Files written with other options stay readable.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The size of each file, allocated and filled with zeros before use so that `fdatasync` has no metadata to
    /// write. Rounded up to a multiple of 4,096 and to at least four of them; a record that fits no such file
    /// gets a larger one of its own.
    pub file_bytes: u64,
    /// How much may wait for the disk before [`crate::Error::Busy`]; as much again can be under way.
    pub queue_bytes: usize,
    /// A random number, new at each opening. It goes into the checksums of the files made from now on, so that
    /// nobody who can send bytes to be stored can make them look like a frame of the journal.
    pub salt: u64,
}

impl Options {
    /// Files of 64 MiB, 16 MiB may wait.
    pub fn with_salt(salt: u64) -> Self {
        Self {
            file_bytes: 64 << 20,
            queue_bytes: 16 << 20,
            salt,
        }
    }

    /// The size of a file that has room for a frame of `frame_bytes` and a mark after it.
    pub(crate) fn file_bytes_for(&self, frame_bytes: u64) -> u64 {
        let needed = HEADER_BYTES + frame_bytes + MARK_BYTES;
        self.file_bytes
            .max(4 * HEADER_BYTES)
            .max(needed)
            .next_multiple_of(HEADER_BYTES)
    }
}
