//! A sliding view of a file, to read it in large pieces.

use std::io;

use crate::storage::StoredFile;

const READ_BYTES: usize = 256 << 10;

/// A sliding view of a file, to read it in large pieces.
pub(crate) struct Window<'a, F> {
    file: &'a F,
    /// Where in the file the bytes below are from.
    start: u64,
    bytes: Vec<u8>,
    /// How many of them are.
    filled: usize,
}

impl<'a, F: StoredFile> Window<'a, F> {
    pub(crate) fn new(file: &'a F) -> Self {
        Self {
            file,
            start: 0,
            bytes: Vec::new(),
            filled: 0,
        }
    }

    /// The `length` bytes from `offset` on, or fewer if the file ends before.
    pub(crate) fn get(&mut self, offset: u64, length: usize) -> io::Result<&[u8]> {
        let end = offset + length as u64;
        if offset < self.start || end > self.start + self.filled as u64 {
            if self.bytes.len() < length.max(READ_BYTES) {
                self.bytes = vec![0; length.max(READ_BYTES)];
            }
            self.start = offset;
            self.filled = 0;
            self.filled = self.file.read_at(offset, &mut self.bytes)?;
        }
        let from = (offset - self.start) as usize;
        Ok(&self.bytes[from..self.filled.min(from + length)])
    }
}
