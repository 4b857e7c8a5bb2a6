//! The few file operations that a journal needs.

use std::io;

/// A folder of files, as far as a journal needs one. Two kinds exist: [`crate::Folder`] on a real disk, and the
/// simulated disk of the tests, which loses and tears what was not synced.
pub trait Storage: Send + Sync + 'static {
    /// An open file.
    type File: StoredFile;

    /// The names of all files.
    fn names(&self) -> io::Result<Vec<String>>;

    /// Makes `name`, or empties it, with `bytes` zeros that are allocated and on disk when this returns, so that
    /// writing among them needs neither space nor metadata. The name itself is durable only after
    /// [`Self::sync_names`]. After an error a part of the file may be left.
    fn create(&self, name: &str, bytes: u64) -> io::Result<Self::File>;

    /// Opens `name` to read and write.
    fn open(&self, name: &str) -> io::Result<Self::File>;

    /// Gives `from` the name `to`, replacing a file of that name, at once or not at all.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes `name`; an error of kind `NotFound` if it is not there.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes all creations, renames and removals so far durable.
    fn sync_names(&self) -> io::Result<()>;
}

/// An open file.
pub trait StoredFile: Send + 'static {
    /// The size in bytes.
    fn bytes(&self) -> io::Result<u64>;

    /// Fills `into` from `offset` on, as far as the file goes; returns how many bytes that were.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`. After an error any part of them may be written.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes everything written so far durable (`fdatasync`).
    fn sync(&self) -> io::Result<()>;
}
