//! Folders on disk, and one backup at a time in them.

use crate::Error;
use std::fs::{self, File, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes the folder where it is missing, readable by its owner alone.
pub(crate) fn make(path: &Path) -> Result<(), Error> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(Error::storage("make the folder", path))
}

/// Takes the lock of the folder (`flock` on the file `lock` in it), held until the value is dropped.
pub(crate) fn lock(folder: &Path) -> Result<File, Error> {
    make(folder)?;
    let path = folder.join("lock");
    let file = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(Error::storage("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(Error::storage("lock", &path)(source)),
    }
}

/// Makes names in a folder certain to be on disk.
pub(crate) fn sync(path: &Path) -> Result<(), Error> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(Error::storage("sync", path))
}
