//! Putting backups back, and checking that they could be.

use crate::{
    Backup, Damage, Error, Identity, MakerId, Store, crew, folder,
    manifest::{FileCopy, Manifest, Piece},
    path,
    piece::{self, BLOCK_BYTES, Content},
    store::names,
};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The folder in a target in which everything is gathered until all of it is checked. As long as it is there the
/// restore is not complete, and the target is not to be used.
pub const RESTORING: &str = ".restoring";

/// What is in a backup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contents {
    /// The backup.
    pub backup: Backup,
    /// The version of the program that made it.
    pub program: String,
    /// The installation that made it.
    pub maker: MakerId,
    /// Its parts, in the order in which they were copied.
    pub parts: Vec<PartContents>,
}

/// A backup in a list.
#[derive(Debug)]
pub struct Entry {
    /// The backup.
    pub backup: Backup,
    /// What is in it, or why that cannot be read.
    pub contents: Result<Contents, Error>,
}

/// One part in a backup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartContents {
    /// Where a restore puts it.
    pub name: String,
    /// How many files.
    pub files: usize,
    /// Their sizes together, in bytes, without zeros at their ends.
    pub bytes: u64,
}

/// Backups that were opened and checked, in a folder of their own inside the target. Dropped before it is placed, it
/// leaves the target as empty as it was.
#[derive(Debug)]
pub struct Staged {
    target: PathBuf,
    /// Whether the target was made for this.
    is_new: bool,
    contents: Vec<Contents>,
    is_placed: bool,
}

impl Staged {
    /// Where everything lies until it is placed, each thing under the name it will have in the target.
    pub fn folder(&self) -> PathBuf {
        self.target.join(RESTORING)
    }

    /// What was opened.
    pub fn contents(&self) -> &[Contents] {
        &self.contents
    }

    /// Puts everything in its place. Blocks on the disk.
    pub fn place(mut self) -> Result<Vec<Contents>, Error> {
        let staging = self.folder();
        for name in names(&staging)? {
            let place = self.target.join(&name);
            fs::rename(staging.join(&name), &place).map_err(Error::storage("name", &place))?;
        }
        folder::sync(&self.target)?;
        fs::remove_dir(&staging).map_err(Error::storage("remove", &staging))?;
        folder::sync(&self.target)?;
        self.is_placed = true;
        Ok(std::mem::take(&mut self.contents))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // What is half in place stays, with the folder that says so.
        let is_untouched = names(&self.target).is_ok_and(|all| all.iter().all(|name| name == RESTORING));
        if self.is_placed || !is_untouched {
            return;
        }
        if let Err(error) = remove_all(&self.folder()) {
            tracing::warn!(%error, "what was not restored could not be removed");
        } else if self.is_new {
            // Only if it is empty.
            let _ = fs::remove_dir(&self.target);
        }
    }
}

impl Store {
    /// What is in a backup, by its manifest alone: cheap. Blocks on the disk.
    pub fn contents(&self, identity: &Identity, backup: &Backup) -> Result<Contents, Error> {
        self.read(identity, backup).map(|(contents, _)| contents)
    }

    /// Every backup of every class, oldest first in its class. Blocks on the disk.
    pub fn list(&self, identity: &Identity) -> Result<Vec<Entry>, Error> {
        let mut listed = Vec::new();
        for class in crate::Class::ALL {
            for backup in self.backups(class)? {
                let contents = self.contents(identity, &backup);
                listed.push(Entry { backup, contents });
            }
        }
        Ok(listed)
    }

    /// Everything that [`Store::restore`] does but the writing: opens every piece and compares it with the manifest.
    /// Blocks on the disk.
    pub fn verify(&self, identity: &Identity, backup: &Backup) -> Result<Contents, Error> {
        let (contents, manifest) = self.read(identity, backup)?;
        let files: Vec<&FileCopy> = manifest.parts.iter().flat_map(|part| &part.files).collect();
        crew::each(&files, |file| {
            self.extract(identity, backup, file, &mut io::sink())
        })?;
        Ok(contents)
    }

    /// Restores backups into one folder that does not exist or is empty: the newest of each class, as a rule. (With
    /// data of last week and keys of today, who was erased since stays unreadable. Whoever was erased after the newest
    /// keys were copied is known from the tombstones, which the caller replays before anything else.)
    ///
    /// Nothing is put in its place before everything was opened and checked; if anything is wrong the folder is left as
    /// empty as it was. Files are readable by their owner alone. Blocks on the disk.
    pub fn restore(
        &self,
        identity: &Identity,
        backups: &[Backup],
        target: &Path,
    ) -> Result<Vec<Contents>, Error> {
        self.stage(identity, backups, target)?.place()
    }

    /// Does everything that [`Store::restore`] does but the last: what was opened and checked can be looked at and
    /// changed before it is put in its place.
    pub fn stage(&self, identity: &Identity, backups: &[Backup], target: &Path) -> Result<Staged, Error> {
        let is_new = !target.exists();
        folder::make(target)?;
        if names(target)?.iter().any(|name| name != RESTORING) {
            return Err(Error::NotEmpty {
                path: target.to_owned(),
            });
        }
        let mut staged = Staged {
            target: target.to_owned(),
            is_new,
            contents: Vec::new(),
            is_placed: false,
        };
        // Left by a restore that was interrupted before it put anything in place.
        let staging = staged.folder();
        remove_all(&staging).map_err(Error::storage("remove", &staging))?;
        staged.contents = self.gather(identity, backups, &staging)?;
        Ok(staged)
    }

    /// Opens and checks everything, into a folder of its own.
    fn gather(
        &self,
        identity: &Identity,
        backups: &[Backup],
        staging: &Path,
    ) -> Result<Vec<Contents>, Error> {
        let mut all = Vec::new();
        for backup in backups {
            all.push((backup, self.read(identity, backup)?));
        }
        let parts = all.iter().flat_map(|(_, (_, manifest))| &manifest.parts);
        let mut taken: Vec<&str> = Vec::new();
        for part in parts {
            if taken.iter().any(|other| path::overlap(other, &part.name)) {
                return Err(Error::Twice(part.name.clone()));
            }
            taken.push(&part.name);
        }
        folder::make(staging)?;
        let mut folders = BTreeSet::from([staging.to_owned()]);
        let mut files = Vec::new();
        for (backup, (_, manifest)) in &all {
            for part in &manifest.parts {
                for file in &part.files {
                    let place = staging.join(part.place(file));
                    for above in place.ancestors().skip(1).take_while(|above| *above != staging) {
                        folders.insert(above.to_owned());
                    }
                    files.push((*backup, file, place));
                }
            }
        }
        folders.iter().try_for_each(|inner| folder::make(inner))?;
        crew::each(&files, |(backup, file, place)| {
            self.restore_file(identity, backup, file, place)
        })?;
        folders.iter().try_for_each(|made| folder::sync(made))?;
        Ok(all.into_iter().map(|(_, (contents, _))| contents).collect())
    }

    fn restore_file(
        &self,
        identity: &Identity,
        backup: &Backup,
        file: &FileCopy,
        place: &Path,
    ) -> Result<(), Error> {
        let made = piece::new_file(place)?;
        let mut writer = BufWriter::with_capacity(BLOCK_BYTES, &made);
        self.extract(identity, backup, file, &mut writer)?;
        writer
            .flush()
            .and_then(|()| made.set_len(file.bytes))
            .and_then(|()| made.sync_all())
            .map_err(Error::storage("write", place))
    }

    /// Reads the manifest of a backup.
    fn read(&self, identity: &Identity, backup: &Backup) -> Result<(Contents, Manifest), Error> {
        let (path, bytes) = self.manifest(backup)?;
        let (maker, manifest) = Manifest::decode(&bytes, identity, &path)?;
        if (&manifest.name, manifest.class, manifest.made) != (&backup.name, backup.class, backup.made) {
            return Err(Error::corrupt(&path, Damage::Swapped));
        }
        let contents = Contents {
            backup: backup.clone(),
            program: manifest.program.clone(),
            maker,
            parts: manifest
                .parts
                .iter()
                .map(|part| PartContents {
                    name: part.name.clone(),
                    files: part.files.len(),
                    bytes: part.files.iter().map(|file| file.stored).sum(),
                })
                .collect(),
        };
        Ok((contents, manifest))
    }

    /// Opens one file of a backup and checks it while it is written.
    fn extract(
        &self,
        identity: &Identity,
        backup: &Backup,
        file: &FileCopy,
        to: &mut dyn Write,
    ) -> Result<(), Error> {
        let path: PathBuf = match file.piece {
            Piece::Own(number) => self.folder_of(backup).join(number.to_string()),
            Piece::Shared(name) => self.piece(backup.class, name),
        };
        let corrupt = |damage| Err(Error::corrupt(&path, damage));
        let failed = || Error::storage("read", &path);
        let sealed = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return corrupt(Damage::Missing),
            opened => opened.map_err(failed())?,
        };
        let bytes = sealed.metadata().map_err(failed())?.len();
        if bytes < file.sealed {
            return corrupt(Damage::Truncated);
        }
        let reader = BufReader::with_capacity(BLOCK_BYTES, sealed);
        let content = match piece::open(reader, identity, to, &path) {
            // The manifest did open with this identity.
            Err(Error::OtherRecipient { .. }) => return corrupt(Damage::Changed),
            opened => opened?,
        };
        let expected = Content {
            bytes: file.stored,
            sha256: file.sha256,
        };
        if content != expected || bytes != file.sealed {
            return corrupt(Damage::Swapped);
        }
        Ok(())
    }
}

fn remove_all(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
