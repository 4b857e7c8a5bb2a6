//! The file being written, and the change to the next one. Knows no threads: the writer drives it, and so does the
//! simulation.

use std::io;
use std::sync::Arc;

use crate::counts::Tally;
use crate::error::{Failure, is_full};
use crate::frame::{self, Frame};
use crate::header::{self, Header, file_name};
use crate::options::Options;
use crate::position::Position;
use crate::shelf::{FullFile, Shelf};
use crate::storage::{Storage, StoredFile};

/// The name of the file filled ahead of need. Whatever has it at opening is deleted.
pub(crate) const PREPARED: &str = "next.prepared";

/// A file filled with zeros that has not got its place yet.
pub(crate) struct Prepared<F> {
    pub(crate) file: F,
    pub(crate) bytes: u64,
}

impl<F: StoredFile> Prepared<F> {
    /// Fills a file; there is only one at a time, one made before is overwritten.
    pub(crate) fn make<S: Storage<File = F>>(storage: &S, bytes: u64) -> io::Result<Self> {
        match storage.create(PREPARED, bytes) {
            Ok(file) => Ok(Self { file, bytes }),
            Err(error) => {
                // What was allocated of it is better used by somebody else.
                let _ = storage.remove(PREPARED);
                Err(error)
            }
        }
    }
}

/// The file being written.
pub(crate) struct Active<F> {
    pub(crate) file: F,
    pub(crate) header: Header,
    /// Where the next frame goes.
    pub(crate) end: u64,
    /// The size of the file.
    pub(crate) bytes: u64,
    /// The last frame is a mark.
    pub(crate) marked: bool,
    /// This many bytes from `end` on may hold parts of a frame that found no space. They must be zero, and on disk as
    /// such, before anything else is written: the frame was refused and may not come back.
    pub(crate) spoilt_bytes: u64,
}

/// The file being written, and the change to the next one.
pub(crate) struct Log<S: Storage> {
    pub(crate) storage: Arc<S>,
    pub(crate) options: Options,
    /// `None` only if there was no space for the very first file.
    pub(crate) active: Option<Active<S::File>>,
    /// The position of the first record of the frame in the making.
    pub(crate) next: Position,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) frame: Frame,
}

impl<S: Storage> Log<S> {
    /// Whether a record of `record_bytes` can be added to the frame in the making. There is always room left for a
    /// mark after the frame.
    pub(crate) fn takes(&self, record_bytes: usize) -> bool {
        self.active.as_ref().is_some_and(|active| {
            active.spoilt_bytes == 0
                && self
                    .frame
                    .bytes_with(record_bytes)
                    .is_some_and(|bytes| active.end + bytes + frame::MARK_BYTES <= active.bytes)
        })
    }

    /// Adds a record that the log [takes](Self::takes).
    pub(crate) fn push(&mut self, record: &[u8]) {
        self.frame.push(record);
    }

    /// Whether more than half of the file is used, so that it is time to prepare the next.
    pub(crate) fn half_full(&self) -> bool {
        self.active
            .as_ref()
            .is_some_and(|active| active.end > active.bytes / 2)
    }

    /// Makes the log take a record of `record_bytes`, with the frame in the making empty: tidies up after a frame that
    /// found no space, goes on to a new file that `prepare` makes with at least the bytes it is asked for.
    pub(crate) fn make_room(
        &mut self,
        record_bytes: usize,
        prepare: impl FnOnce(u64) -> io::Result<Prepared<S::File>>,
    ) -> Result<(), Failure> {
        debug_assert!(
            self.frame.is_empty(),
            "a frame belongs to the file it was begun for"
        );
        self.tidy()?;
        if self.takes(record_bytes) {
            return Ok(());
        }
        let bytes = self.options.file_bytes_for(frame::lone_frame_bytes(record_bytes));
        self.begin(bytes, prepare)
    }

    /// Goes on to a new file, unless the one in use holds no record. The frame in the making is empty.
    pub(crate) fn turn(
        &mut self,
        prepare: impl FnOnce(u64) -> io::Result<Prepared<S::File>>,
    ) -> Result<(), Failure> {
        self.tidy()?;
        let holds_records = self
            .active
            .as_ref()
            .is_some_and(|active| active.header.first != self.next);
        if holds_records {
            self.begin(self.options.file_bytes_for(0), prepare)?;
        }
        Ok(())
    }

    /// Goes on to a new file of at least `bytes`.
    fn begin(
        &mut self,
        bytes: u64,
        prepare: impl FnOnce(u64) -> io::Result<Prepared<S::File>>,
    ) -> Result<(), Failure> {
        let prepared = prepare(bytes).map_err(Failure::of("preparing a file"))?;
        let header = Header {
            first: self.next,
            salt: self.options.salt,
            file_bytes: prepared.bytes,
        };
        let name = file_name(header.first);
        // Until it has its name nothing depends on this file: if space is missing, it is simply made again.
        prepared
            .file
            .write_at(0, &header.encode())
            .and_then(|()| prepared.file.sync())
            .and_then(|()| self.storage.rename(PREPARED, &name))
            .map_err(Failure::of("starting a file"))?;
        self.storage
            .sync_names()
            .map_err(|error| Failure::broken("syncing the folder", &error))?;
        self.tally.file_made(prepared.bytes);
        let started = Active {
            file: prepared.file,
            header,
            end: header::HEADER_BYTES,
            bytes: prepared.bytes,
            marked: true,
            spoilt_bytes: 0,
        };
        if let Some(full) = self.active.replace(started) {
            if full.header.first == header.first {
                // It held no record; the new one took its name and with that its place.
                self.tally.file_gone(full.bytes);
            } else {
                let last = Position(header.first.0 - 1);
                self.shelf.put(FullFile {
                    first: full.header.first,
                    last,
                    bytes: full.bytes,
                });
            }
        }
        Ok(())
    }

    /// Overwrites with zeros what a frame that found no space may have left.
    fn tidy(&mut self) -> Result<(), Failure> {
        let Some(active) = self.active.as_mut().filter(|active| active.spoilt_bytes > 0) else {
            return Ok(());
        };
        erase(&active.file, active.end, active.spoilt_bytes)
            .map_err(Failure::of("clearing a refused group"))?;
        active
            .file
            .sync()
            .map_err(|error| Failure::broken("fdatasync", &error))?;
        active.spoilt_bytes = 0;
        Ok(())
    }

    /// Writes the frame in the making and makes it durable. The frame is empty afterwards in any case.
    pub(crate) fn commit(&mut self) -> Result<(), Failure> {
        let records = self.frame.records();
        let active = self
            .active
            .as_mut()
            .expect("records are only pushed when there is a file");
        let bytes = self.frame.seal(self.next, active.header.salt);
        let length = bytes.len();
        let written = active.file.write_at(active.end, bytes);
        self.frame.clear();
        if let Err(error) = written {
            active.spoilt_bytes = length as u64;
            let failure = Failure::of("a write")(error);
            if matches!(failure, Failure::Full) {
                self.tidy()?;
            }
            return Err(failure);
        }
        // After an error nobody knows which pages are on disk, and asking again would get a false yes.
        active
            .file
            .sync()
            .map_err(|error| Failure::broken("fdatasync", &error))?;
        active.end += length as u64;
        active.marked = false;
        self.next = self.next.plus(u64::from(records));
        self.tally.group(records, length, Position(self.next.0 - 1));
        Ok(())
    }

    /// Whether the last frame is still without the proof that a mark gives.
    pub(crate) fn wants_mark(&self) -> bool {
        self.active.as_ref().is_some_and(|active| !active.marked)
    }

    /// Writes a mark, which proves to a later reader that the last frame had been on disk. Does nothing if there is
    /// one, or if the disk is full.
    pub(crate) fn mark(&mut self) -> Result<(), Failure> {
        debug_assert!(
            self.frame.is_empty(),
            "a mark would take the place of the frame in the making"
        );
        let Some(active) = self.active.as_mut().filter(|active| {
            !active.marked && active.spoilt_bytes == 0 && active.end + frame::MARK_BYTES <= active.bytes
        }) else {
            return Ok(());
        };
        let mark = frame::mark(self.next, active.header.salt, active.end);
        match active.file.write_at(active.end, &mark) {
            Ok(()) => {}
            Err(error) if is_full(&error) => {
                active.spoilt_bytes = mark.len() as u64;
                return Ok(());
            }
            Err(error) => return Err(Failure::broken("a write", &error)),
        }
        active
            .file
            .sync()
            .map_err(|error| Failure::broken("fdatasync", &error))?;
        active.end += mark.len() as u64;
        active.marked = true;
        Ok(())
    }
}

/// Writes zeros over `length` bytes from `offset` on.
pub(crate) fn erase<F: StoredFile>(file: &F, offset: u64, length: u64) -> io::Result<()> {
    const PIECE_BYTES: u64 = 1 << 20;
    let zeros = vec![0; PIECE_BYTES.min(length) as usize];
    let mut done = 0;
    while done < length {
        let piece = PIECE_BYTES.min(length - done);
        file.write_at(offset + done, &zeros[..piece as usize])?;
        done += piece;
    }
    Ok(())
}
