//! Opening: what a crash may have left, and what it cannot have.
//!
//! At any moment at most one frame is written and not yet synced, and it is the last one. A crash may leave any subset
//! of the sectors of that frame; nobody was told that its records are durable. Everything before it was synced and must
//! be there. So, reading frames from the start of the last file:
//!
//! * A frame is whole: go on behind it.
//! * No whole frame: this is where the log ends, or damage. Look at everything from here to the end of the file, at
//!   each multiple of eight. A valid header of a later position proves that the records up to that position had been
//!   synced; a valid header of a frame with records, of the position due but not at the place due, proves that it came
//!   after something that had been synced: **damage**, and opening refuses. A hole in the middle is found this way, too.
//!   Otherwise only the unsynced frame can have been here: a **torn tail**. It is overwritten with zeros, so that no part
//!   of it can come to light again, and counted.
//! * The same in a file that has a successor is always damage: the header of the successor proves it. So is a file that
//!   is shorter than its header says, because it had its size before it had its name.
//!
//! A frame found later proves the ones before it, but nothing proves the last one; if that is damaged after it was
//! acknowledged, it looks torn. To leave that open for as short as can be, the writer appends a *mark*, a frame without
//! records, when it has had nothing to do for a second, on closing, and on opening.
//!
//! The bytes of a payload cannot be taken for a header, because the checksum of a header includes the salt of the file,
//! which nobody outside knows. Remains of earlier frames do not exist: files are made of zeros, torn tails and refused
//! groups are erased and synced before anything else is written.
//!
//! Records of the last frame may be in the page cache only, even after a failed `fdatasync` whose pages the kernel has
//! marked as clean. Before anything is replayed the last frame with records and the marks behind it are therefore
//! written again, and synced.
//!
//! This holds on storage that writes a sector of 512 bytes whole or not at all and keeps what `fdatasync` acknowledged.

use std::sync::Arc;

use crate::counts::Tally;
use crate::error::{Error, Failure};
use crate::frame::{self, ALIGNMENT, Frame, FrameHeader};
use crate::header::{self, Beginning, Header, file_name, first_of, number8};
use crate::log::{Active, Log, PREPARED, Prepared, erase};
use crate::options::Options;
use crate::position::Position;
use crate::shelf::{FullFile, Shelf};
use crate::storage::{Storage, StoredFile};
use crate::window::Window;

/// What opening found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Records given to `on_replay`.
    pub replayed: u64,
    /// Bytes of a group that a crash interrupted, now erased. None of its records had been acknowledged.
    pub torn_bytes: u64,
    /// Records in that group, as far as its header still told.
    pub torn_records: u64,
    /// The last record there is; the next one appended follows it.
    pub last: Position,
}

/// What the caller's closure may answer during replay.
pub(crate) type Replayed = Result<(), Box<dyn std::error::Error + Send + Sync>>;

impl<S: Storage> Log<S> {
    /// Settles what the last process left, then replays every record after `replay_after`.
    pub(crate) fn open(
        storage: Arc<S>,
        options: Options,
        replay_after: Position,
        mut on_replay: impl FnMut(Position, &[u8]) -> Replayed,
    ) -> Result<(Self, Recovery), Error> {
        let mut firsts = files(&*storage)?;
        // Everything in a file is known to be released if its successor begins no later than the first record wanted.
        while firsts.len() > 1 && firsts[1] <= replay_after.next() {
            remove(&*storage, &file_name(firsts.remove(0)))?;
        }
        storage
            .sync_names()
            .map_err(Error::storage("sync", "the folder"))?;
        if let Some(first) = firsts.first().filter(|first| **first > replay_after.next()) {
            return Err(Error::Missing {
                from: replay_after.next(),
                to: Position(first.0 - 1),
            });
        }

        let mut log = Self {
            storage,
            options,
            active: None,
            next: replay_after.next(),
            shelf: Arc::new(Shelf::default()),
            tally: Arc::new(Tally::default()),
            frame: Frame::new(),
        };
        let mut recovery = Recovery::default();
        if let Some(last) = firsts.last() {
            let settled = settle(&*log.storage, *last)?;
            recovery.torn_bytes = settled.torn_bytes;
            recovery.torn_records = settled.torn_records;
            if settled.next > replay_after {
                log.tally.file_made(settled.active.bytes);
                log.next = settled.next;
                log.active = Some(settled.active);
                for (nth, first) in firsts.iter().enumerate() {
                    let until = firsts.get(nth + 1).copied().unwrap_or(log.next);
                    let file = Replay {
                        first: *first,
                        until,
                        after: replay_after,
                    };
                    let (replayed, bytes) = file.run(&*log.storage, &mut on_replay)?;
                    recovery.replayed += replayed;
                    if nth + 1 < firsts.len() {
                        log.tally.file_made(bytes);
                        log.shelf.put(FullFile {
                            first: *first,
                            last: Position(until.0 - 1),
                            bytes,
                        });
                    }
                }
            } else {
                // Everything here was released, and positions up to `replay_after` are in use elsewhere.
                tracing::warn!(
                    journal_ends_at = settled.next.0 - 1,
                    released_up_to = replay_after.0,
                    "the journal ends before what was released from it; it starts anew behind that"
                );
                drop(settled);
                for first in &firsts {
                    remove(&*log.storage, &file_name(*first))?;
                }
            }
        }
        recovery.last = Position(log.next.0 - 1);
        log.tally.durable(recovery.last);
        if recovery.torn_bytes > 0 {
            tracing::warn!(
                bytes = recovery.torn_bytes,
                records = recovery.torn_records,
                after = recovery.last.0,
                "a group that a crash interrupted was cut from the journal"
            );
        }
        if log.active.is_none() {
            let storage = log.storage.clone();
            match log.make_room(0, |bytes| Prepared::make(&*storage, bytes)) {
                Ok(()) | Err(Failure::Full) => {}
                Err(Failure::Broken(why)) => {
                    let source = std::io::Error::other(&*why);
                    return Err(Error::Storage {
                        action: "make",
                        name: file_name(log.next),
                        source,
                    });
                }
            }
        }
        Ok((log, recovery))
    }
}

/// The first positions of all journal files in order. Deletes what was being prepared.
fn files<S: Storage>(storage: &S) -> Result<Vec<Position>, Error> {
    let names = storage.names().map_err(Error::storage("list", "the folder"))?;
    if names.iter().any(|name| name == PREPARED) {
        remove(storage, PREPARED)?;
    }
    let mut firsts: Vec<Position> = names.iter().filter_map(|name| first_of(name)).collect();
    firsts.sort_unstable();
    Ok(firsts)
}

fn remove<S: Storage>(storage: &S, name: &str) -> Result<(), Error> {
    storage.remove(name).map_err(Error::storage("delete", name))
}

fn open_file<S: Storage>(storage: &S, first: Position) -> Result<(S::File, Header), Error> {
    let name = file_name(first);
    let failed = |action| Error::storage(action, &name);
    let file = storage.open(&name).map_err(failed("open"))?;
    let mut window = Window::new(&file);
    let bytes = window
        .get(0, header::HEADER_BYTES as usize)
        .map_err(failed("read"))?;
    match Header::decode(bytes, first) {
        Beginning::Header(header) => {
            let bytes = file.bytes().map_err(failed("measure"))?;
            if bytes < header.file_bytes {
                return Err(Error::Corrupt {
                    file: name,
                    offset: bytes,
                });
            }
            Ok((file, header))
        }
        Beginning::OtherVersion(version) => Err(Error::Version { file: name, version }),
        Beginning::Damaged => Err(Error::Corrupt {
            file: name,
            offset: 0,
        }),
    }
}

/// The header of the frame at `offset`, if that is whole and its first record is `expected`.
fn whole_frame<F: StoredFile>(
    window: &mut Window<'_, F>,
    offset: u64,
    expected: Position,
    salt: u64,
) -> std::io::Result<Option<FrameHeader>> {
    let found = FrameHeader::decode(window.get(offset, frame::HEADER_BYTES as usize)?, salt);
    let Some(header) = found.filter(|header| header.first == expected) else {
        return Ok(None);
    };
    let body = window.get(offset + frame::HEADER_BYTES, header.body_bytes as usize)?;
    Ok(header.fits(body).then_some(header))
}

struct Settled<F> {
    active: Active<F>,
    next: Position,
    torn_bytes: u64,
    torn_records: u64,
}

/// Finds the end of the last file, erases a torn tail and makes the last frame certain to be on disk.
fn settle<S: Storage>(storage: &S, first: Position) -> Result<Settled<S::File>, Error> {
    let name = file_name(first);
    let failed = |action| Error::storage(action, &name);
    let (file, header) = open_file(storage, first)?;
    let mut window = Window::new(&file);
    let mut next = first;
    let mut end = header::HEADER_BYTES;
    let mut last_records = end;
    let mut marked = true;
    while let Some(found) = whole_frame(&mut window, end, next, header.salt).map_err(failed("read"))? {
        marked = found.ends_mark(end);
        if found.records > 0 {
            last_records = end;
        }
        end += found.frame_bytes();
        next = found.after();
    }
    let tail = Tail::look(&mut window, end, header.file_bytes, next, header.salt).map_err(failed("read"))?;
    let Tail::Torn {
        bytes: torn_bytes,
        records: torn_records,
    } = tail
    else {
        return Err(Error::Corrupt {
            file: name,
            offset: end,
        });
    };
    erase(&file, end, torn_bytes).map_err(failed("clear the end of"))?;
    let frames = window
        .get(last_records, (end - last_records) as usize)
        .map_err(failed("read"))?;
    file.write_at(last_records, frames).map_err(failed("write"))?;
    file.sync().map_err(failed("sync"))?;
    if !marked && end + frame::MARK_BYTES <= header.file_bytes {
        let mark = frame::mark(next, header.salt, end);
        file.write_at(end, &mark).map_err(failed("write"))?;
        file.sync().map_err(failed("sync"))?;
        end += mark.len() as u64;
        marked = true;
    }
    let active = Active {
        bytes: header.file_bytes,
        file,
        header,
        end,
        marked,
        spoilt_bytes: 0,
    };
    Ok(Settled {
        active,
        next,
        torn_bytes,
        torn_records,
    })
}

/// What is behind the last whole frame of the last file.
enum Tail {
    /// Remains of one unsynced frame, up to the last byte that is not zero; nothing at all if `bytes` is 0.
    Torn { bytes: u64, records: u64 },
    /// A frame that was written after the one missing at the beginning of the tail.
    Damaged,
}

impl Tail {
    fn look<F: StoredFile>(
        window: &mut Window<'_, F>,
        start: u64,
        file_bytes: u64,
        expected: Position,
        salt: u64,
    ) -> std::io::Result<Self> {
        const PIECE_BYTES: usize = 64 << 10;
        let mut torn_bytes = 0;
        let mut torn_records = 0;
        let mut offset = start;
        while offset < file_bytes {
            let ahead = window.get(offset, PIECE_BYTES + frame::HEADER_BYTES as usize)?;
            let piece = &ahead[..ahead.len().min(PIECE_BYTES)];
            if piece.is_empty() {
                break;
            }
            if let Some(last) = piece.iter().rposition(|byte| *byte != 0) {
                torn_bytes = offset - start + last as u64 + 1;
                for at in (0..piece.len()).step_by(ALIGNMENT) {
                    let candidate = &ahead[at..];
                    // Cheap, and false nearly everywhere; the checksum is for the rest.
                    if candidate.len() < frame::HEADER_BYTES as usize || number8(candidate, 8) < expected.0 {
                        continue;
                    }
                    let Some(found) = FrameHeader::decode(candidate, salt) else {
                        continue;
                    };
                    let due_here = offset + at as u64 == start;
                    if found.first > expected || (found.records > 0 && !due_here) {
                        return Ok(Self::Damaged);
                    }
                    if due_here {
                        torn_records = u64::from(found.records);
                    }
                }
            }
            offset += piece.len() as u64;
        }
        Ok(Self::Torn {
            bytes: torn_bytes,
            records: torn_records,
        })
    }
}

/// The reading of one file, in which the records `first..until` must be.
struct Replay {
    first: Position,
    until: Position,
    after: Position,
}

impl Replay {
    /// Gives every record later than `after` to `on_replay`; returns how many those were and the size of the file.
    fn run<S: Storage>(
        &self,
        storage: &S,
        on_replay: &mut impl FnMut(Position, &[u8]) -> Replayed,
    ) -> Result<(u64, u64), Error> {
        let name = file_name(self.first);
        let failed = |action| Error::storage(action, &name);
        let (file, header) = open_file(storage, self.first)?;
        let mut window = Window::new(&file);
        let mut next = self.first;
        let mut offset = header::HEADER_BYTES;
        let mut replayed = 0;
        while next < self.until {
            let damaged = || Error::Corrupt {
                file: name.clone(),
                offset,
            };
            let found = whole_frame(&mut window, offset, next, header.salt)
                .map_err(failed("read"))?
                .filter(|found| found.after() <= self.until)
                .ok_or_else(damaged)?;
            if found.records > 0 && Position(found.after().0 - 1) > self.after {
                let body = window
                    .get(offset + frame::HEADER_BYTES, found.body_bytes as usize)
                    .map_err(failed("read"))?;
                let mut position = found.first;
                for record in frame::records(body) {
                    let record = record.ok_or_else(damaged)?;
                    if position > self.after {
                        on_replay(position, record).map_err(|source| Error::Replay { position, source })?;
                        replayed += 1;
                    }
                    position = position.next();
                }
                if position != found.after() {
                    return Err(damaged());
                }
            }
            next = found.after();
            offset += found.frame_bytes();
        }
        Ok((replayed, header.file_bytes))
    }
}
