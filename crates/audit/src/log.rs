//! The log as the rest of the program sees it.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use ed25519_dalek::SigningKey;
use journal::{Folder, Journal, Options, Position, State};

use crate::book::{About, Book, Numbered, Pages};
use crate::checkpoint::Checkpoint;
use crate::checkpoints::Checkpoints;
use crate::entry::Entry;
use crate::error::Error;
use crate::fault::Fault;
use crate::hash::Hash;
use crate::verifier::Verifier;

/// The size of the files of entries, in bytes: some hundred thousand entries each.
const FILE_BYTES: u64 = 8 << 20;

/// The parts of the folder of a log.
pub(crate) const JOURNAL: &str = "journal";
pub(crate) const CHECKPOINTS: &str = "checkpoints";
const DERIVED: &str = "derived";

/// The audit log, in a folder of its own that one process has open at a time:
///
/// | folder | what |
/// |---|---|
/// | `journal` | the entries, never released: this is the log |
/// | `checkpoints` | signed notes over the entries at some time: without them a change would not show |
/// | `derived` | made from the entries, for reading; whatever is missing or wrong is made again on opening |
///
/// Entries go in through [`append`](Self::append) and cannot be changed or taken out. Functions that are not `async`
/// read or write a little on the disk.
pub struct Log {
    journal: Journal<(Entry, Vec<u8>)>,
    book: Arc<Mutex<Book>>,
    checkpoints: Checkpoints,
    name: String,
    key: SigningKey,
    verifier: Verifier,
}

impl Log {
    /// Opens the log in `folder`, or begins one. `name` is what its checkpoints are signed as, the same for its whole
    /// life and unlike that of any other log, such as `agency.example/audit`; `key` is the 32 bytes of an Ed25519 key,
    /// the same for its whole life, too, and kept elsewhere.
    ///
    /// Reads all entries, and compares them with the newest checkpoint: [`Error::Faulty`] if they do not agree. Takes
    /// about a second for a million entries; blocks.
    pub fn open(folder: impl AsRef<Path>, name: &str, key: &[u8; 32]) -> Result<Self, Error> {
        let folder = folder.as_ref();
        let key = SigningKey::from_bytes(key);
        let verifier = Verifier::new(name, key.verifying_key()).ok_or(Error::Name)?;
        let storage = Folder::open(folder.join(JOURNAL))?;
        let book = Arc::new(Mutex::new(Book::open(&folder.join(DERIVED))?));
        let mut options = Options::with_salt(getrandom::u64()?);
        options.file_bytes = FILE_BYTES;
        let (replayed, durable) = (book.clone(), book.clone());
        let (journal, _) = Journal::open(
            storage,
            options,
            Position::START,
            |_, bytes| {
                let entry = Entry::decode(bytes)?;
                lock(&replayed).add(&entry, bytes);
                Ok(())
            },
            move |_, (entry, bytes): (Entry, Vec<u8>)| lock(&durable).add(&entry, &bytes),
        )
        .map_err(Error::of_opening)?;
        lock(&book)
            .caught_up()
            .map_err(Error::storage("write", &folder.join(DERIVED)))?;
        let log = Self {
            journal,
            book,
            checkpoints: Checkpoints::of(folder.join(CHECKPOINTS)),
            name: name.to_owned(),
            key,
            verifier,
        };
        log.compare_with_newest_checkpoint()?;
        Ok(log)
    }

    fn compare_with_newest_checkpoint(&self) -> Result<(), Error> {
        let Some(name) = self.checkpoints.names()?.pop() else {
            return Ok(());
        };
        let (_, newest) = self.checkpoints.read(&name, &self.verifier)?;
        let pages = self.pages()?;
        let fault = if newest.size > pages.size() {
            Fault::Cut {
                name,
                signed: newest.size,
                found: pages.size(),
            }
        } else if pages.prover().root(newest.size)? != newest.root {
            Fault::Root {
                name,
                after: 0,
                size: newest.size,
            }
        } else {
            return Ok(());
        };
        Err(Error::Faulty(fault))
    }

    /// Appends an entry; resolves when it is on disk, with its number. Entries that wait at the same time share one
    /// `fdatasync`. What is written down may happen only after that.
    ///
    /// [`Error::Refused`] if a job or purpose is no word; [`Error::Journal`] if the entry cannot be kept. The entry is on
    /// its way with the first poll; dropping the future later does not take it back.
    pub async fn append(&self, entry: Entry) -> Result<u64, Error> {
        let bytes = entry.encode().map_err(Error::Refused)?;
        let position = self.journal.append(bytes.clone(), (entry, bytes)).await?;
        Ok(position.0 - 1)
    }

    /// How many entries there are.
    pub fn size(&self) -> u64 {
        lock(&self.book).frontier().size()
    }

    /// How many values were opened in all: the sum of the counts of all entries with [`crate::Action::Read`].
    pub fn values_read(&self) -> u64 {
        lock(&self.book).values_read()
    }

    /// Entries before number `before` (all, if `None`), newest first, at most `most`.
    pub fn newest(&self, before: Option<u64>, most: usize) -> Result<Vec<Numbered>, Error> {
        let pages = self.pages()?;
        let to = before.unwrap_or(u64::MAX).min(pages.size());
        let mut found = pages.range(to.saturating_sub(most as u64), to)?;
        found.reverse();
        Ok(found)
    }

    /// Entries about `about` before number `before` (all, if `None`), newest first, at most `most`. Reads only entries
    /// about it; a page that goes on with the number the last one ended with reads only its own.
    pub fn about(&self, about: About, before: Option<u64>, most: usize) -> Result<Vec<Numbered>, Error> {
        let (pages, mut next) = {
            let mut book = lock(&self.book);
            (book.pages()?, book.last(about))
        };
        if let Some(before) = before.filter(|before| *before < pages.size())
            && let Ok((_, earlier)) = pages.link(before, about)
        {
            next = earlier;
        }
        let mut found = Vec::new();
        while let Some(number) = next.filter(|_| found.len() < most) {
            let (entry, earlier) = pages.link(number, about)?;
            if before.is_none_or(|before| number < before) {
                found.push(Numbered { number, entry });
            }
            next = earlier;
        }
        Ok(found)
    }

    /// Signs the state of the log and stores that; gives the note, to be handed to an outside witness. Checkpoints are
    /// what makes a later change show: take one every few minutes in which something was written.
    pub fn checkpoint(&self) -> Result<String, Error> {
        let (size, root) = {
            let book = lock(&self.book);
            (book.frontier().size(), book.frontier().root())
        };
        let checkpoint = Checkpoint {
            origin: self.name.clone(),
            size,
            root,
        };
        let note = checkpoint.signed(&self.key).to_string();
        self.checkpoints.write(size, &note)?;
        Ok(note)
    }

    /// The newest checkpoint that was stored, with its note.
    pub fn newest_checkpoint(&self) -> Result<Option<(Checkpoint, String)>, Error> {
        let Some(name) = self.checkpoints.names()?.pop() else {
            return Ok(None);
        };
        let (note, checkpoint) = self.checkpoints.read(&name, &self.verifier)?;
        Ok(Some((checkpoint, note)))
    }

    /// What somebody needs to check the checkpoints of this log.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The proof that entry `number` is among the first `size`, for [`crate::inclusion_holds`] and a checkpoint of that
    /// size; [`Error::NotYet`] unless `number < size <= self.size()`.
    pub fn inclusion_proof(&self, number: u64, size: u64) -> Result<Vec<Hash>, Error> {
        let pages = self.pages()?;
        if number >= size || size > pages.size() {
            return Err(Error::NotYet { size: pages.size() });
        }
        pages.prover().inclusion(number, size)
    }

    /// The proof that the first `size` entries begin with the first `old_size`, for [`crate::consistency_holds`] and two
    /// checkpoints; [`Error::NotYet`] unless `old_size <= size <= self.size()`.
    pub fn consistency_proof(&self, old_size: u64, size: u64) -> Result<Vec<Hash>, Error> {
        let pages = self.pages()?;
        if old_size > size || size > pages.size() {
            return Err(Error::NotYet { size: pages.size() });
        }
        pages.prover().consistency(old_size, size)
    }

    /// Whether entries are taken.
    pub fn state(&self) -> State {
        self.journal.state()
    }

    /// Takes nothing more and lets go of the folder when all that waits is on disk.
    pub async fn close(&self) -> Result<(), Error> {
        self.journal.close().await?;
        // What does not get into the files now is put there on opening.
        let _ = self.pages();
        Ok(())
    }

    fn pages(&self) -> Result<Pages, Error> {
        lock(&self.book).pages()
    }
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().expect("nothing panics while it holds the book")
}
