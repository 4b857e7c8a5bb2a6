//! What a journal tells about itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::position::Position;

/// Whether a journal takes records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It does.
    Healthy,
    /// The disk is full. It looks for space twice a second and goes on by itself.
    Full,
    /// A write or `fdatasync` failed, for the reason given; it takes nothing more until it is opened anew.
    Poisoned(Arc<str>),
    /// It was closed.
    Closed,
}

/// Figures since opening, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Groups made durable, each with one write and one `fdatasync`.
    pub groups: u64,
    /// Records made durable.
    pub records: u64,
    /// What those groups took on disk, in bytes.
    pub written_bytes: u64,
    /// The size of all files with records, the space still free in the last one included.
    pub disk_bytes: u64,
    /// The last record that is on disk.
    pub last_durable: Position,
}

/// [`Counts`] as the threads keep them.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    groups: AtomicU64,
    records: AtomicU64,
    written_bytes: AtomicU64,
    disk_bytes: AtomicU64,
    last_durable: AtomicU64,
}

impl Tally {
    pub(crate) fn group(&self, records: u32, bytes: usize, last: Position) {
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.records.fetch_add(u64::from(records), Ordering::Relaxed);
        self.written_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.durable(last);
    }

    pub(crate) fn durable(&self, last: Position) {
        self.last_durable.store(last.0, Ordering::Release);
    }

    pub(crate) fn last_durable(&self) -> Position {
        Position(self.last_durable.load(Ordering::Acquire))
    }

    pub(crate) fn file_made(&self, bytes: u64) {
        self.disk_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn file_gone(&self, bytes: u64) {
        self.disk_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts {
            groups: self.groups.load(Ordering::Relaxed),
            records: self.records.load(Ordering::Relaxed),
            written_bytes: self.written_bytes.load(Ordering::Relaxed),
            disk_bytes: self.disk_bytes.load(Ordering::Relaxed),
            last_durable: self.last_durable(),
        }
    }
}
