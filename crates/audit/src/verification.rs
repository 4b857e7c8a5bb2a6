//! Whether a log is what it was when its checkpoints were signed.

use std::path::Path;

use journal::{Journal, Options, Position};

use crate::action::Action;
use crate::checkpoint::Checkpoint;
use crate::checkpoints::Checkpoints;
use crate::entry::Entry;
use crate::error::Error;
use crate::fault::Fault;
use crate::frontier::Frontier;
use crate::frozen::Frozen;
use crate::hash::Hash;
use crate::log::{CHECKPOINTS, JOURNAL};
use crate::verifier::Verifier;

/// What was found.
#[derive(Debug)]
pub struct Report {
    /// How many entries could be read.
    pub entries: u64,
    /// The root of the Merkle tree over them.
    pub root: Hash,
    /// How many values were opened, by these entries.
    pub values_read: u64,
    /// How many stored checkpoints were compared and agree.
    pub checkpoints: u64,
    /// How many entries the largest checkpoint that agrees covers, the outside one included: a change of these would
    /// have shown.
    pub covered: u64,
    /// Bytes at the end that are no whole entries: of a writer that is at work, or was when the machine stopped.
    pub torn_bytes: u64,
    /// The first thing that is wrong.
    pub fault: Option<Fault>,
}

/// Checks the log in `folder` from its files alone, reading all of them afresh: every entry is read, every leaf and root
/// computed, every stored checkpoint's signature checked and its root compared with that of the first entries. If all
/// agree they are consistent with each other, too. `outside` is a note of this log that somebody else kept: without it,
/// whoever has the signing key could have written the whole log anew.
///
/// Changes nothing. The log may be in use; what is written meanwhile is not looked at. Blocks, about a second for each
/// million entries. Fails only if files could not be read at all.
pub fn verify(folder: impl AsRef<Path>, verifier: &Verifier, outside: Option<&str>) -> Result<Report, Error> {
    let folder = folder.as_ref();
    // First, because a log that is in use may get more of both meanwhile.
    let (signed, first_fault) = checkpoints(folder, verifier, outside)?;
    let mut reading = Reading {
        signed: signed.into_iter().peekable(),
        frontier: Frontier::default(),
        values_read: 0,
        checkpoints: 0,
        covered: 0,
        fault: first_fault,
    };
    reading.compare();
    let mut torn_bytes = 0;
    match read(&folder.join(JOURNAL), |bytes| {
        let entry = Entry::decode(bytes)?;
        reading.add(&entry, bytes);
        Ok(())
    }) {
        Ok(torn) => torn_bytes = torn,
        // The files cannot be trusted: more than what a checkpoint says of them.
        Err(Error::Faulty(fault)) => reading.fault = Some(fault),
        Err(error) => return Err(error),
    }
    let entries = reading.frontier.size();
    if reading.fault.is_none()
        && let Some((name, checkpoint)) = reading.signed.next()
    {
        reading.fault = Some(Fault::Cut {
            name,
            signed: checkpoint.size,
            found: entries,
        });
    }
    Ok(Report {
        entries,
        root: reading.frontier.root(),
        values_read: reading.values_read,
        checkpoints: reading.checkpoints,
        covered: reading.covered,
        torn_bytes,
        fault: reading.fault,
    })
}

const OUTSIDE: &str = "outside";

type Signed = Vec<(String, Checkpoint)>;

/// All genuine checkpoints by size, and the first that is not.
fn checkpoints(
    folder: &Path,
    verifier: &Verifier,
    outside: Option<&str>,
) -> Result<(Signed, Option<Fault>), Error> {
    let stored = Checkpoints::of(folder.join(CHECKPOINTS));
    let (mut signed, mut first_fault) = (Signed::new(), None);
    for name in stored.names()? {
        match stored.read(&name, verifier) {
            Ok((_, checkpoint)) => signed.push((name, checkpoint)),
            Err(Error::Faulty(fault)) => {
                first_fault.get_or_insert(fault);
            }
            Err(error) => return Err(error),
        }
    }
    match outside.map(|note| verifier.open(note)) {
        Some(Ok(checkpoint)) => signed.push((OUTSIDE.to_owned(), checkpoint)),
        Some(Err(why)) => {
            first_fault.get_or_insert(Fault::Checkpoint {
                name: OUTSIDE.to_owned(),
                why,
            });
        }
        None => {}
    }
    signed.sort_by_key(|(_, checkpoint)| checkpoint.size);
    Ok((signed, first_fault))
}

struct Reading {
    /// What was not reached yet.
    signed: std::iter::Peekable<std::vec::IntoIter<(String, Checkpoint)>>,
    frontier: Frontier,
    values_read: u64,
    checkpoints: u64,
    covered: u64,
    fault: Option<Fault>,
}

impl Reading {
    fn add(&mut self, entry: &Entry, bytes: &[u8]) {
        if entry.action == Action::Read {
            self.values_read += u64::from(entry.count);
        }
        self.frontier.push(crate::hash::leaf(bytes), |_| {});
        self.compare();
    }

    /// Compares the checkpoints of this size.
    fn compare(&mut self) {
        let size = self.frontier.size();
        while let Some((name, checkpoint)) = self.signed.next_if(|(_, checkpoint)| checkpoint.size == size) {
            if checkpoint.root == self.frontier.root() {
                self.covered = size;
                self.checkpoints += u64::from(name != OUTSIDE);
            } else {
                let after = self.covered;
                self.fault.get_or_insert(Fault::Root { name, after, size });
            }
        }
    }
}

type Read = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Gives every entry's bytes to `each`, in order; returns how many bytes at the end are no entries.
fn read(folder: &Path, mut each: impl FnMut(&[u8]) -> Read) -> Result<u64, Error> {
    let storage = Frozen::open(folder).map_err(Error::storage("list", folder))?;
    if storage.is_empty() {
        return Ok(0);
    }
    let (_, recovery) = Journal::open(
        storage,
        Options::with_salt(0),
        Position::START,
        |_, bytes| each(bytes),
        |_, ()| {},
    )
    .map_err(Error::of_opening)?;
    Ok(recovery.torn_bytes)
}
