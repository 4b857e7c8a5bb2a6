//! What an import has done.

use super::{Flaw, Format};
use crate::Tally;
use vocabulary::{Moment, Reason};

/// How many unreadable lines are named at most; all are counted.
pub const MOST_NAMED: usize = 1_000;

/// What became of the lines of a file. Every line is either kept, dropped or unreadable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// The format, given or found out; none for an empty file.
    pub format: Option<Format>,
    /// Lines, blank ones left out.
    pub lines: u64,
    /// Lines kept, kept with something stripped, and dropped by reason.
    pub tally: Tally,
    /// Lines that could not be read.
    pub unreadable_count: u64,
    /// The first of them, with line numbers from 1.
    pub unreadable: Vec<Unreadable>,
    /// Time of the earliest and the latest line kept.
    pub span: Option<(Moment, Moment)>,
}

/// A line that could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unreadable {
    /// Its number in the file, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub flaw: Flaw,
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            format: None,
            lines: 0,
            tally: Tally::empty(None),
            unreadable_count: 0,
            unreadable: Vec::new(),
            span: None,
        }
    }
}

impl Summary {
    pub(super) fn keep(&mut self, time: Moment, stripped: bool) {
        self.lines += 1;
        self.tally.accepted += 1;
        self.tally.stripped += u64::from(stripped);
        self.reach(time, time);
    }

    pub(super) fn drop_for(&mut self, reason: Reason) {
        self.lines += 1;
        self.tally.drop_for(reason);
    }

    pub(super) fn miss(&mut self, line: u64, flaw: Flaw) {
        self.lines += 1;
        self.unreadable_count += 1;
        if self.unreadable.len() < MOST_NAMED {
            self.unreadable.push(Unreadable { line, flaw });
        }
    }

    fn reach(&mut self, from: Moment, to: Moment) {
        let (first, last) = self.span.unwrap_or((from, to));
        self.span = Some((first.min(from), last.max(to)));
    }

    /// Adds what became of further lines, or of another file.
    pub fn add(&mut self, other: &Self) {
        self.format = self.format.or(other.format);
        self.lines += other.lines;
        self.tally.accepted += other.tally.accepted;
        self.tally.stripped += other.tally.stripped;
        for (mine, theirs) in self.tally.dropped.iter_mut().zip(other.tally.dropped) {
            *mine += theirs;
        }
        self.unreadable_count += other.unreadable_count;
        let room = MOST_NAMED - self.unreadable.len();
        self.unreadable.extend(other.unreadable.iter().take(room));
        if let Some((from, to)) = other.span {
            self.reach(from, to);
        }
    }
}
