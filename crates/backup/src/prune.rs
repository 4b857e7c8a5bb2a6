//! The life of backups.

use crate::{Class, Error, Store, folder, header::Header, store::UNFINISHED, store::names};
use std::collections::BTreeSet;
use std::fs;
use vocabulary::{Moment, moment::DAY_MS};

/// How long backups are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keep {
    /// Data, and tombstones with it, in milliseconds. The newest of both stays however old it is.
    pub data_ms: i64,
    /// Keys, in milliseconds: the horizon after which an erasure holds in every copy. No backup of keys gets older,
    /// the newest included.
    pub keys_ms: i64,
    /// How long until the next pruning, in milliseconds: what would get too old before that goes now.
    pub every_ms: i64,
}

impl Default for Keep {
    /// Data for 90 days, keys for 30, pruned each day.
    fn default() -> Self {
        Self {
            data_ms: 90 * DAY_MS,
            keys_ms: 30 * DAY_MS,
            every_ms: DAY_MS,
        }
    }
}

/// What was removed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Pruned {
    /// How many backups.
    pub backups: usize,
    /// How many pieces that no backup names any more.
    pub pieces: usize,
}

impl Store {
    /// Removes the backups that are too old, and the pieces that no other names. Needs no identity. Blocks on the disk.
    ///
    /// If the manifest of a backup that stays cannot be read, pieces of its class stay too, and the error says which:
    /// what is too old is gone all the same.
    pub fn prune(&self, now: Moment, keep: Keep) -> Result<Pruned, Error> {
        let _lock = folder::lock(self.folder())?;
        let mut pruned = Pruned::default();
        for class in Class::ALL {
            self.tidy(class)?;
            pruned.backups += self.prune_backups(class, now, keep)?;
        }
        let mut outcome = Ok(());
        for class in Class::ALL {
            match self.prune_pieces(class) {
                Ok(pieces) => pruned.pieces += pieces,
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        outcome.map(|()| pruned)
    }

    fn prune_backups(&self, class: Class, now: Moment, keep: Keep) -> Result<usize, Error> {
        let (life_ms, newest_stays) = match class {
            Class::Keys => (keep.keys_ms, false),
            Class::Data | Class::Tombstones => (keep.data_ms, true),
        };
        let mut backups = self.backups(class)?;
        if newest_stays {
            backups.pop();
        }
        let next = now.plus_ms(keep.every_ms);
        backups.retain(|backup| backup.made.plus_ms(life_ms) <= next);
        let folder = self.class_folder(class);
        for backup in &backups {
            let unfinished = folder.join(format!("{UNFINISHED}{}", backup.name));
            fs::rename(self.folder_of(backup), &unfinished)
                .and_then(|()| fs::remove_dir_all(&unfinished))
                .map_err(Error::storage("remove", &unfinished))?;
        }
        if !backups.is_empty() {
            folder::sync(&folder)?;
        }
        Ok(backups.len())
    }

    fn prune_pieces(&self, class: Class) -> Result<usize, Error> {
        let mut named = BTreeSet::new();
        for backup in self.backups(class)? {
            let (path, bytes) = self.manifest(&backup)?;
            named.extend(
                Header::read(&bytes, &path)?
                    .0
                    .pieces
                    .iter()
                    .map(ToString::to_string),
            );
        }
        let mut removed = 0;
        let pieces = self.pieces_folder(class);
        for shelf in names(&pieces)? {
            let shelf = pieces.join(shelf);
            for name in names(&shelf)?.iter().filter(|name| !named.contains(*name)) {
                let path = shelf.join(name);
                fs::remove_file(&path).map_err(Error::storage("remove", &path))?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}
