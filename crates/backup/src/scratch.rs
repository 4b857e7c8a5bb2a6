//! Plain copies of databases, for as long as they are being sealed.

use crate::{Error, folder};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Ends the names of plain copies; SQLite adds an ending for the logs that it may keep beside them.
const COPY: &str = ".plain-copy";

/// A place for one plain copy; dropping the value overwrites and removes what is there.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// In this folder, which is made where it is missing.
    pub(crate) fn new(folder: &Path) -> Result<Self, Error> {
        folder::make(folder)?;
        Ok(Self(folder.join(format!("{:016x}{COPY}", getrandom::u64()?))))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Removes the copy now, and says if that fails.
    pub(crate) fn remove(self) -> Result<(), Error> {
        wipe(&self.0).map_err(Error::storage("remove", &self.0))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = wipe(&self.0) {
            tracing::error!(path = %self.0.display(), %error, "a plain copy of a database could not be removed");
        }
    }
}

/// Removes the plain copies that a killed backup left in its scratch folder. To be called when the program starts: a
/// copy of the keys must not outlive them. Every backup does it too.
pub fn sweep(scratch: &Path) -> Result<(), Error> {
    if !scratch.exists() {
        return Ok(());
    }
    let _lock = folder::lock(scratch)?;
    clear(scratch)
}

/// The same, by whoever has the folder's lock.
pub(crate) fn clear(scratch: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(scratch).map_err(Error::storage("list", scratch))? {
        let entry = entry.map_err(Error::storage("list", scratch))?;
        if entry.file_name().to_string_lossy().contains(COPY) {
            let path = entry.path();
            wipe(&path).map_err(Error::storage("remove", &path))?;
        }
    }
    Ok(())
}

/// Overwrites a file with zeros and removes it; nothing if there is none.
fn wipe(path: &Path) -> io::Result<()> {
    let mut file = match File::options().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    let mut left = file.metadata()?.len();
    let zeros = vec![0; 1 << 20];
    while left > 0 {
        let now = left.min(zeros.len() as u64);
        file.write_all(&zeros[..now as usize])?;
        left -= now;
    }
    file.sync_data()?;
    fs::remove_file(path)
}
