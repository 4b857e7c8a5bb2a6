//! Making a backup.

use crate::{
    Backup, Class, Error, Listed, Maker, Part, Recipients, Store, folder,
    header::FORMAT,
    manifest::{FileCopy, Kind, Manifest, PartCopy, Piece},
    path, piece,
    pieces::Pieces,
    scratch::{self, Scratch},
    source,
    store::{UNFINISHED, manifest_in},
};
use sqldb::Database;
use sqlx::{AssertSqlSafe, Row};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use tokio::runtime::Handle;
use vocabulary::Moment;

/// A part that changed under the copying is copied again so many times.
const TRIES: usize = 8;

/// What is to be made.
#[derive(Clone, Debug)]
pub struct Order {
    /// What it is of. Parts with keys of people belong into [`Class::Keys`] and nowhere else.
    pub class: Class,
    /// What is to be copied, in the order that [`Part`] tells.
    pub parts: Vec<Part>,
    /// For whom it is sealed.
    pub recipients: Recipients,
    /// Who makes it.
    pub maker: Maker,
    /// A folder on the machine's own disk for plain copies of databases while they are being sealed; nothing else may
    /// be in it. Needs room for the largest database.
    pub scratch: PathBuf,
    /// The version of the program, to be shown.
    pub program: String,
    /// Now.
    pub now: Moment,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The backup.
    pub backup: Backup,
    /// How many files are in it.
    pub files: usize,
    /// Their sizes together, in bytes, without zeros at their ends.
    pub bytes: u64,
    /// How many bytes of them were not in the store before.
    pub new_bytes: u64,
}

impl Store {
    /// Makes a backup while the program runs. Afterwards it is in the store, whole and on disk; if this fails or the
    /// machine does, it is not there at all. One at a time ([`Error::Busy`]).
    ///
    /// While a database is being copied its write-ahead log cannot be emptied (`sqldb::Database::scrub` may say busy).
    /// Dropping the future does not stop the work.
    pub async fn create(&self, order: Order) -> Result<Made, Error> {
        Part::check_all(&order.parts)?;
        let (store, runtime) = (self.clone(), Handle::current());
        let work = tokio::task::spawn_blocking(move || make(&store, &order, runtime));
        match work.await {
            Ok(made) => made,
            Err(gone) => Err(Error::storage("work on", self.folder())(gone.into())),
        }
    }
}

fn make(store: &Store, order: &Order, runtime: Handle) -> Result<Made, Error> {
    let _store_lock = folder::lock(store.folder())?;
    let _scratch_lock = folder::lock(&order.scratch)?;
    scratch::clear(&order.scratch)?;
    store.tidy(order.class)?;
    let backup = Backup::new(order.class, Moment(order.now.0.max(0)), getrandom::u64()?);
    let class = store.class_folder(order.class);
    let unfinished = class.join(format!("{UNFINISHED}{}", backup.name));
    folder::make(&unfinished)?;
    let mut making = Making {
        order,
        runtime,
        folder: &unfinished,
        own: 0,
        pieces: Pieces::new(store, order),
    };
    let made = making.all(&backup).and_then(|(parts, new_bytes)| {
        let path = store.folder_of(&backup);
        fs::rename(&unfinished, &path).map_err(Error::storage("name", &path))?;
        folder::sync(&class)?;
        folder::sync(store.folder())?;
        let files: Vec<&FileCopy> = parts.iter().flat_map(|part| &part.files).collect();
        let own = files.iter().filter(|file| matches!(file.piece, Piece::Own(_)));
        Ok(Made {
            backup,
            files: files.len(),
            bytes: files.iter().map(|file| file.stored).sum(),
            new_bytes: new_bytes + own.map(|file| file.stored).sum::<u64>(),
        })
    });
    if made.is_err() && fs::remove_dir_all(&unfinished).is_err() {
        tracing::warn!(path = %unfinished.display(), "an unfinished backup stays until the next one");
    }
    made
}

/// A backup in the making.
struct Making<'a> {
    order: &'a Order,
    runtime: Handle,
    folder: &'a Path,
    /// The number of the next age file of its own.
    own: u32,
    pieces: Pieces<'a>,
}

impl Making<'_> {
    /// Copies all parts and writes the manifest; returns how many bytes of new pieces were stored too.
    fn all(&mut self, backup: &Backup) -> Result<(Vec<PartCopy>, u64), Error> {
        // What takes long comes first: it need not fit anything yet.
        for part in &self.order.parts {
            if let Part::Database {
                name,
                database,
                files: Some(files),
            } = part
            {
                self.pieces.store(files, &self.listed(name, database, files)?)?;
            }
        }
        let mut parts = Vec::new();
        for part in &self.order.parts {
            self.part(part, &mut parts)?;
        }
        let manifest = Manifest {
            format: FORMAT,
            name: backup.name.clone(),
            class: backup.class,
            made: backup.made,
            program: self.order.program.clone(),
            parts,
        };
        let path = manifest_in(self.folder);
        let mut file = piece::new_file(&path)?;
        file.write_all(&manifest.encode(&self.order.maker, &self.order.recipients))
            .and_then(|()| file.sync_all())
            .map_err(Error::storage("write", &path))?;
        folder::sync(self.folder)?;
        let new_bytes = self.pieces.settle()?;
        Ok((manifest.parts, new_bytes))
    }

    fn part(&mut self, part: &Part, copies: &mut Vec<PartCopy>) -> Result<(), Error> {
        let mut put = |name: &str, kind, files| {
            copies.push(PartCopy {
                name: name.to_owned(),
                kind,
                files,
            });
        };
        match part {
            Part::Database {
                name,
                database,
                files,
            } => {
                let (file, listed) =
                    self.again(name, |making| making.database(name, database, files.as_ref()))?;
                put(name, Kind::Database, vec![file]);
                if let Some(files) = files {
                    put(&files.name, Kind::Folder, listed);
                }
            }
            Part::Folder { name, path } => {
                put(name, Kind::Folder, self.again(name, |making| making.files(path))?);
            }
            Part::File { name, path } => {
                if path.exists() {
                    let file = self.again(name, |making| making.file(path, String::new()))?;
                    put(name, Kind::File, vec![file]);
                }
            }
        }
        Ok(())
    }

    /// Tries to copy a part until it does not change meanwhile (`None`).
    fn again<T>(
        &mut self,
        name: &str,
        mut copy: impl FnMut(&mut Self) -> Result<Option<T>, Error>,
    ) -> Result<T, Error> {
        let first = self.own;
        for _ in 0..TRIES {
            if let Some(copied) = copy(self)? {
                return Ok(copied);
            }
            for number in first..self.own {
                let path = self.own_path(number);
                fs::remove_file(&path).map_err(Error::storage("remove", &path))?;
            }
            self.own = first;
        }
        Err(Error::Restless(name.to_owned()))
    }

    /// A database, and the files that its copy lists.
    fn database(
        &mut self,
        name: &str,
        database: &Database,
        files: Option<&Listed>,
    ) -> Result<Option<(FileCopy, Vec<FileCopy>)>, Error> {
        let failed = |source| Error::Database {
            name: name.to_owned(),
            source,
        };
        let scratch = Scratch::new(&self.order.scratch)?;
        let place = scratch.path().display().to_string();
        let vacuum = sqlx::query("VACUUM INTO $1").bind(&place);
        self.runtime
            .block_on(vacuum.execute(database.pool()))
            .map_err(|e| failed(e.into()))?;
        let mut listed = Vec::new();
        if let Some(files) = files {
            let copy = self.runtime.block_on(Database::open(&place)).map_err(failed)?;
            let paths = self.listed(name, &copy, files);
            self.runtime.block_on(copy.close());
            let paths = paths?;
            self.pieces.store(files, &paths)?;
            match self.pieces.copies(files, &paths)? {
                Some(copies) => listed = copies,
                None => return Ok(None),
            }
        }
        let file = self.file(scratch.path(), String::new())?;
        scratch.remove()?;
        Ok(file.map(|file| (file, listed)))
    }

    /// The paths that a database lists.
    fn listed(&self, name: &str, database: &Database, files: &Listed) -> Result<Vec<String>, Error> {
        let failed = |source: sqlx::Error| Error::Database {
            name: name.to_owned(),
            source: source.into(),
        };
        let query = sqlx::query(AssertSqlSafe(files.query.clone()));
        let rows = self.runtime.block_on(query.fetch_all(database.pool()));
        rows.map_err(failed)?
            .into_iter()
            .map(|row| {
                let path: String = row.try_get(0).map_err(failed)?;
                if path::is_safe(&path) {
                    Ok(path)
                } else {
                    Err(Error::Part {
                        name: files.name.clone(),
                        why: "a path that the database lists leads out of it",
                    })
                }
            })
            .collect()
    }

    /// All files of a folder, as far as they are written. `None` if one is gone meanwhile.
    fn files(&mut self, folder: &Path) -> Result<Option<Vec<FileCopy>>, Error> {
        let paths = source::files(folder)?;
        paths
            .into_iter()
            .map(|path| self.file(&folder.join(&path), path))
            .collect()
    }

    /// One file, as far as it is written. `None` if it is gone, or shrinks.
    fn file(&mut self, at: &Path, path: String) -> Result<Option<FileCopy>, Error> {
        let Some(file) = source::open(at)? else {
            return Ok(None);
        };
        let measured = file.metadata().map(|found| found.len()).and_then(|bytes| {
            let stored = source::written_bytes(&file, bytes)?;
            Ok((bytes, stored))
        });
        let (bytes, stored) = match measured {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            measured => measured.map_err(Error::storage("read", at))?,
        };
        let number = self.own;
        self.own += 1;
        let (content, sealed) = piece::seal_file(
            &mut file.take(stored),
            at,
            &self.own_path(number),
            &self.order.recipients,
        )?;
        Ok((content.bytes == stored).then_some(FileCopy {
            path,
            bytes,
            stored,
            sha256: content.sha256,
            sealed,
            piece: Piece::Own(number),
        }))
    }

    fn own_path(&self, number: u32) -> PathBuf {
        self.folder.join(number.to_string())
    }
}
