//! Locks between processes on one archive folder. The system lets go of them when a process ends, however it ends.

use crate::Error;
use std::{
    fs::{File, TryLockError},
    path::Path,
};

/// A held lock; dropping it lets go.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Held, shared, by whoever has written files that are not committed yet; alone, by who removes leftovers.
pub(crate) const WRITING: &str = "writing.lock";
/// Held alone by a compaction, shared by imports, which count on segments staying what they are.
pub(crate) const COMPACTION: &str = "compaction.lock";

impl Lock {
    fn open(folder: &Path, name: &str) -> Result<File, Error> {
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(name))
            .map_err(|e| Error::storage(name, e))
    }

    /// Waits until nobody holds it alone.
    pub(crate) async fn share(folder: &Path, name: &'static str) -> Result<Self, Error> {
        let file = Self::open(folder, name)?;
        let locked = tokio::task::spawn_blocking(move || file.lock_shared().map(|()| file)).await;
        let file = locked
            .map_err(|e| Error::storage(name, e))?
            .map_err(|e| Error::storage(name, e))?;
        Ok(Self { _file: file })
    }

    /// Takes it alone; `None` if anyone holds it.
    pub(crate) fn take(folder: &Path, name: &str) -> Result<Option<Self>, Error> {
        let file = Self::open(folder, name)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(Error::storage(name, e)),
        }
    }
}
