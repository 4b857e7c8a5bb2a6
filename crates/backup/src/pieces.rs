//! Files that never change, stored once.

use crate::{
    Error, Listed, Order, Store, crew,
    digest::Digest,
    folder,
    manifest::{FileCopy, Piece},
    piece::{self, Content},
    source,
    store::UNFINISHED,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Seek;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The pieces that one backup names.
pub(crate) struct Pieces<'a> {
    store: &'a Store,
    order: &'a Order,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Which piece has a file, by where that is.
    known: BTreeMap<PathBuf, (Content, Digest)>,
    /// Folders with new pieces.
    touched: BTreeSet<PathBuf>,
    /// How much of new pieces was stored.
    new_bytes: u64,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(store: &'a Store, order: &'a Order) -> Self {
        Self {
            store,
            order,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores those of the files that are not in the store already. Passes over those that are gone.
    pub(crate) fn store(&self, files: &Listed, paths: &[String]) -> Result<(), Error> {
        crew::each(paths, |path| {
            let at = files.path.join(path);
            if self.state().known.contains_key(&at) {
                return Ok(());
            }
            let Some(mut file) = source::open(&at)? else {
                return Ok(());
            };
            let content = piece::content(&mut file).map_err(Error::storage("read", &at))?;
            let name = self
                .order
                .maker
                .piece_name(&self.order.recipients, content.sha256);
            if !self.store.piece(self.order.class, name).exists() {
                file.rewind().map_err(Error::storage("read", &at))?;
                self.put(&mut file, &at, content, name)?;
            }
            self.state().known.insert(at, (content, name));
            Ok(())
        })
    }

    /// Stores a new piece.
    fn put(&self, from: &mut File, at: &Path, content: Content, name: Digest) -> Result<(), Error> {
        let pieces = self.store.pieces_folder(self.order.class);
        let place = self.store.piece(self.order.class, name);
        let folder = place.parent().unwrap_or(&pieces);
        folder::make(folder)?;
        // Another file of the same content may be stored at the same time.
        let unfinished = pieces.join(format!("{UNFINISHED}{:016x}", getrandom::u64()?));
        let (found, _) = piece::seal_file(from, at, &unfinished, &self.order.recipients)?;
        if found != content {
            return Err(Error::Part {
                name: at.display().to_string(),
                why: "it changed, although a database lists it",
            });
        }
        fs::rename(&unfinished, &place).map_err(Error::storage("name", &place))?;
        let mut state = self.state();
        state.touched.extend([folder.to_owned(), pieces]);
        state.new_bytes += content.bytes;
        Ok(())
    }

    /// The files, all of them stored; `None` if one was gone.
    pub(crate) fn copies(&self, files: &Listed, paths: &[String]) -> Result<Option<Vec<FileCopy>>, Error> {
        let state = self.state();
        let copy = |path: &String| {
            let Some((content, name)) = state.known.get(&files.path.join(path)) else {
                return Ok(None);
            };
            let place = self.store.piece(self.order.class, *name);
            let sealed = fs::metadata(&place).map_err(Error::storage("look at", &place))?;
            Ok(Some(FileCopy {
                path: path.clone(),
                bytes: content.bytes,
                stored: content.bytes,
                sha256: content.sha256,
                sealed: sealed.len(),
                piece: Piece::Shared(*name),
            }))
        };
        paths.iter().map(copy).collect()
    }

    /// Makes the names of new pieces certain to be on disk; returns how much was stored that was not there, in bytes.
    pub(crate) fn settle(&self) -> Result<u64, Error> {
        let state = self.state();
        state
            .touched
            .iter()
            .try_for_each(|touched| folder::sync(touched))?;
        Ok(state.new_bytes)
    }
}
