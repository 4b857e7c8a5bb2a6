//! The files of a journal as they are at one moment, to be read while somebody else may write them.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use journal::{Storage, StoredFile};

/// So much is read at once, in bytes.
const PIECE_BYTES: usize = 1 << 20;

/// A folder of a journal that is only read: changes are accepted and not made. It takes no lock, so the journal may be
/// in use. What appears in the folder later is not seen.
///
/// Only the last file can change. It is read into memory from its end to its beginning: if some frame is seen, so are
/// all written before it, because they are read later. What a writer was about to write looks like the torn tail of a
/// crash.
pub(crate) struct Frozen {
    folder: PathBuf,
    names: Vec<String>,
    last: OnceLock<Arc<Vec<u8>>>,
}

pub(crate) enum FrozenFile {
    Full(File),
    Last(Arc<Vec<u8>>),
}

impl Frozen {
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            names.extend(entry?.file_name().into_string());
        }
        names.retain(|name| name.ends_with(".journal"));
        names.sort_unstable();
        Ok(Self {
            folder: folder.to_owned(),
            names,
            last: OnceLock::new(),
        })
    }

    /// Whether there is no file.
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// Reads `bytes` bytes from the end to the beginning, with `read` for a piece from an offset on.
fn read_backwards(
    bytes: usize,
    piece_bytes: usize,
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let mut found = vec![0; bytes];
    let mut end = bytes;
    while end > 0 {
        let start = end.saturating_sub(piece_bytes);
        read(&mut found[start..end], start as u64)?;
        end = start;
    }
    Ok(found)
}

impl Storage for Frozen {
    type File = FrozenFile;

    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.names.clone())
    }

    fn create(&self, _: &str, _: u64) -> io::Result<FrozenFile> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn open(&self, name: &str) -> io::Result<FrozenFile> {
        let open = || File::open(self.folder.join(name));
        if self.names.last().is_some_and(|last| last == name) {
            if let Some(bytes) = self.last.get() {
                return Ok(FrozenFile::Last(bytes.clone()));
            }
            let file = open()?;
            let bytes = file.metadata()?.len() as usize;
            let read = |into: &mut [u8], from| file.read_exact_at(into, from);
            let bytes = Arc::new(read_backwards(bytes, PIECE_BYTES, read)?);
            let bytes = self.last.get_or_init(|| bytes).clone();
            return Ok(FrozenFile::Last(bytes));
        }
        Ok(FrozenFile::Full(open()?))
    }

    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn remove(&self, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_names(&self) -> io::Result<()> {
        Ok(())
    }
}

impl StoredFile for FrozenFile {
    fn bytes(&self) -> io::Result<u64> {
        match self {
            Self::Full(file) => StoredFile::bytes(file),
            Self::Last(bytes) => Ok(bytes.len() as u64),
        }
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Full(file) => StoredFile::read_at(file, offset, into),
            Self::Last(bytes) => {
                let from = (offset as usize).min(bytes.len());
                let length = into.len().min(bytes.len() - from);
                into[..length].copy_from_slice(&bytes[from..from + length]);
                Ok(length)
            }
        }
    }

    /// Not done: the journal repeats its last frame, proves it and clears torn tails when it is opened, none of which
    /// changes what it replays.
    fn write_at(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_of_a_file_being_written_has_no_holes() {
        for piece in 1..12 {
            for written_each_time in 1..12 {
                let (mut file, mut written) = (vec![0; 40], 0);
                let found = read_backwards(40, piece, |into, from| {
                    let from = from as usize;
                    into.copy_from_slice(&file[from..from + into.len()]);
                    written = (written + written_each_time).min(file.len());
                    file[..written].fill(1);
                    Ok(())
                })
                .unwrap();
                assert!(
                    found.is_sorted_by(|a, b| a >= b),
                    "{piece} {written_each_time}: {found:?}"
                );
            }
        }
    }
}
