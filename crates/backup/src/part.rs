//! What is to be copied.

use crate::{Error, path};
use sqldb::{Database, Engine};
use std::path::PathBuf;

/// One thing to copy. Its `name` is where a restore puts it: a relative path such as `staff/staff.sqlite`.
///
/// Parts are copied in the order given, and that order is what makes them fit each other after a restore:
///
/// 1. A log from which things go *into* a database and are then let go (the journal of events) comes **before** that
///    database. What is let go meanwhile is in the database's copy. Were it the other way round, events that went from
///    the log into the database between the two copies would be in neither.
/// 2. A database comes with the files that it lists ([`Listed`]): they are copied before and after it, until every file
///    that the copy lists was found.
/// 3. A log that must know at least what the databases show (the audit log) comes **after** them.
#[derive(Clone, Debug)]
pub enum Part {
    /// An SQLite database, copied as of one moment while others read and write (`VACUUM INTO`, which leaves out what was
    /// deleted). PostgreSQL is refused ([`Error::Server`]): a dump that can be restored needs the server's own tool, of
    /// the server's version, and its copies and their lives are in its operator's hands already.
    Database {
        /// Where a restore puts it.
        name: String,
        /// The program's own open database. (A second opening by the same process would, on closing its file, drop the
        /// locks of the first: POSIX locks belong to the process.)
        database: Database,
        /// The files that it lists.
        files: Option<Listed>,
    },
    /// A folder of files that only grow at their end or are replaced whole, such as a log's; with its folders.
    /// Zeros at the end of a file that was filled in advance are not stored, and are there again after a restore.
    ///
    /// Each file is copied up to the last byte that was written when its turn came. For a log that writes a frame only
    /// after the one before is on disk, the copy is a whole log with at most its last frame torn.
    Folder {
        /// Where a restore puts it.
        name: String,
        /// The folder; nothing is copied if there is none.
        path: PathBuf,
    },
    /// A file that is replaced whole or never.
    File {
        /// Where a restore puts it.
        name: String,
        /// The file; nothing is copied if there is none.
        path: PathBuf,
    },
}

/// Files that never change once a database lists them. Each is stored once, however many backups name it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Where a restore puts the folder.
    pub name: String,
    /// The folder.
    pub path: PathBuf,
    /// One row for each file: its path in the folder, with `/`. Run on the database and on its copy.
    pub query: String,
}

impl Part {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Database { name, .. } | Self::Folder { name, .. } | Self::File { name, .. } => name,
        }
    }

    /// Refuses what could not be restored.
    pub(crate) fn check_all(parts: &[Self]) -> Result<(), Error> {
        let mut names: Vec<&str> = Vec::new();
        for part in parts {
            names.push(part.name());
            if let Self::Database {
                name,
                database,
                files,
            } = part
            {
                if database.engine() == Engine::Postgres {
                    return Err(Error::Server(name.clone()));
                }
                names.extend(files.as_ref().map(|files| files.name.as_str()));
            }
        }
        let wrong = |name: &str, why| {
            Err(Error::Part {
                name: name.to_owned(),
                why,
            })
        };
        for (place, name) in names.iter().enumerate() {
            if !path::is_safe(name) {
                return wrong(name, "its name is no relative path");
            }
            if names[..place].iter().any(|other| path::overlap(name, other)) {
                return wrong(name, "another part has its place");
            }
        }
        Ok(())
    }
}
