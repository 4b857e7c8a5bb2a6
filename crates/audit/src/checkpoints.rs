//! The folder of checkpoints.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::checkpoint::Checkpoint;
use crate::error::Error;
use crate::fault::Fault;
use crate::verifier::Verifier;

/// The folder of checkpoints: a note each, named by its size in twenty digits with `.note` after it.
pub(crate) struct Checkpoints {
    folder: PathBuf,
    /// Held by the one who writes.
    writing: Mutex<()>,
}

impl Checkpoints {
    /// The folder, which need not exist for reading.
    pub(crate) fn of(folder: PathBuf) -> Self {
        Self {
            folder,
            writing: Mutex::new(()),
        }
    }

    /// The names of all, smallest first.
    pub(crate) fn names(&self) -> Result<Vec<String>, Error> {
        if !self.folder.is_dir() {
            return Ok(Vec::new());
        }
        let failed = || Error::storage("list", &self.folder);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed())? {
            names.extend(entry.map_err(failed())?.file_name().into_string());
        }
        names.retain(|name| Path::new(name).extension().is_some_and(|end| end == "note"));
        names.sort_unstable();
        Ok(names)
    }

    /// The text of one and what it says, if it is genuine.
    pub(crate) fn read(&self, name: &str, verifier: &Verifier) -> Result<(String, Checkpoint), Error> {
        let path = self.folder.join(name);
        let bytes = fs::read(&path).map_err(Error::storage("read", &path))?;
        let note = String::from_utf8_lossy(&bytes).into_owned();
        match verifier.open(&note) {
            Ok(checkpoint) => Ok((note, checkpoint)),
            Err(why) => Err(Error::Faulty(Fault::Checkpoint {
                name: name.to_owned(),
                why,
            })),
        }
    }

    /// Stores a note; it is on disk when this returns.
    pub(crate) fn write(&self, size: u64, note: &str) -> Result<(), Error> {
        let _writing = self
            .writing
            .lock()
            .expect("nothing panics while it writes a checkpoint");
        let made = || Error::storage("make the folder", &self.folder);
        if !self.folder.is_dir() {
            fs::create_dir_all(&self.folder).map_err(made())?;
            let parent = self.folder.parent().unwrap_or(&self.folder);
            File::open(parent)
                .and_then(|folder| folder.sync_all())
                .map_err(made())?;
        }
        let path = self.folder.join(format!("{size:020}.note"));
        let draft = self.folder.join("draft");
        let write = || {
            let mut file = File::create(&draft)?;
            file.write_all(note.as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            File::open(&self.folder)?.sync_all()
        };
        write().map_err(Error::storage("write", &path))
    }
}
