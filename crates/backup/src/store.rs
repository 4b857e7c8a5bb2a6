//! Where backups lie.

use crate::{Class, Damage, Error, digest::Digest};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use vocabulary::Moment;

/// Begins the names of what is not whole yet.
pub(crate) const UNFINISHED: &str = ".unfinished-";
/// The file in a backup's folder that says what is in it.
const MANIFEST: &str = "manifest";
const PIECES: &str = "pieces";

/// A folder with backups, on another disk or machine as a rule. Names in it say when a backup was made and of which
/// class; everything else is sealed.
///
/// ```text
/// lock
/// data/ · keys/ · tombstones/
///     001790000000000-0123456789abcdef/   one backup: milliseconds since 1970 when it was begun, and a random number
///         manifest                        what is in it; see `manifest.rs`
///         0 · 1 · …                       age files with what is its own: databases, logs
///     pieces/01/0123…ef                   age files that any backup of the class may name, each with one file that
///                                         never changes; the name is a keyed hash of its content
///     .unfinished-…                       being made or removed, or left by a crash
/// ```
///
/// A backup is there when its folder has its name, which it gets last, by one rename, after everything in it and every
/// piece it names is on disk.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// A backup in a store, as its name tells.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Backup {
    /// What it is of.
    pub class: Class,
    /// When its making began.
    pub made: Moment,
    /// The name of its folder.
    pub name: String,
}

impl Backup {
    pub(crate) fn new(class: Class, made: Moment, number: u64) -> Self {
        let name = format!("{:015}-{number:016x}", made.0);
        Self { class, made, name }
    }

    fn named(class: Class, name: &str) -> Option<Self> {
        let (time, number) = name.split_once('-')?;
        let made = Moment(time.parse().ok()?);
        let backup = Self::new(class, made, u64::from_str_radix(number, 16).ok()?);
        (backup.name == name).then_some(backup)
    }
}

impl Store {
    /// The store in this folder, which [`Store::create`] makes.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All backups of a class, oldest first. Needs no identity; looks at names alone.
    pub fn backups(&self, class: Class) -> Result<Vec<Backup>, Error> {
        let names = names(&self.class_folder(class))?;
        let mut backups: Vec<Backup> = names
            .iter()
            .filter_map(|name| Backup::named(class, name))
            .collect();
        backups.sort();
        Ok(backups)
    }

    /// The newest backup of a class.
    pub fn newest(&self, class: Class) -> Result<Backup, Error> {
        self.backups(class)?.pop().ok_or_else(|| Error::NotFound {
            what: format!("a backup of {}", class.name()),
            folder: self.folder.clone(),
        })
    }

    /// The backup with this name.
    pub fn named(&self, name: &str) -> Result<Backup, Error> {
        for class in Class::ALL {
            if let Some(found) = self
                .backups(class)?
                .into_iter()
                .find(|backup| backup.name == name)
            {
                return Ok(found);
            }
        }
        Err(Error::NotFound {
            what: format!("the backup `{name}`"),
            folder: self.folder.clone(),
        })
    }

    pub(crate) fn class_folder(&self, class: Class) -> PathBuf {
        self.folder.join(class.name())
    }

    pub(crate) fn pieces_folder(&self, class: Class) -> PathBuf {
        self.class_folder(class).join(PIECES)
    }

    pub(crate) fn piece(&self, class: Class, name: Digest) -> PathBuf {
        let name = name.to_string();
        self.pieces_folder(class).join(&name[..2]).join(name)
    }

    pub(crate) fn folder_of(&self, backup: &Backup) -> PathBuf {
        self.class_folder(backup.class).join(&backup.name)
    }

    /// Reads the manifest file of a backup; its path is for errors.
    pub(crate) fn manifest(&self, backup: &Backup) -> Result<(PathBuf, Vec<u8>), Error> {
        let path = manifest_in(&self.folder_of(backup));
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Error::corrupt(&path, Damage::Missing))
            }
            read => read
                .map_err(Error::storage("read", &path))
                .map(|bytes| (path, bytes)),
        }
    }

    /// Removes what a crash left unfinished. For whoever has the store's lock.
    pub(crate) fn tidy(&self, class: Class) -> Result<(), Error> {
        for folder in [self.class_folder(class), self.pieces_folder(class)] {
            for name in names(&folder)?.iter().filter(|name| name.starts_with(UNFINISHED)) {
                let path = folder.join(name);
                let removed = if path.is_dir() {
                    fs::remove_dir_all(&path)
                } else {
                    fs::remove_file(&path)
                };
                removed.map_err(Error::storage("remove", &path))?;
            }
        }
        Ok(())
    }
}

pub(crate) fn manifest_in(folder: &Path) -> PathBuf {
    folder.join(MANIFEST)
}

/// The names in a folder; none if there is no such folder.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Error::storage("list", folder))?,
    };
    entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()
        .map_err(Error::storage("list", folder))
}
