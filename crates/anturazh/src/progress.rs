//! How far long work has come: a bar on a terminal, plain lines elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// The progress of one piece of work.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    name: &'static str,
    total: u64,
    told: u64,
}

impl Progress {
    /// Work of `total` units (bytes, days), which may be 0 if nobody knows.
    pub(crate) fn new(name: &'static str, total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{prefix} {wide_bar} {percent:>3}% {msg} {eta}")
                .expect("the template is well-formed");
            ProgressBar::new(total).with_style(style).with_prefix(name)
        });
        Self {
            bar,
            name,
            total,
            told: 0,
        }
    }

    /// `done` units are behind us; `note` says more.
    pub(crate) fn at(&mut self, done: u64, note: &str) {
        if let Some(bar) = &self.bar {
            bar.set_position(done.min(self.total));
            bar.set_message(note.to_owned());
        } else {
            let tenth = tenths(done, self.total);
            if tenth > self.told {
                self.told = tenth;
                self.tell(&format!("{}: {}% {note}", self.name, tenth * 10));
            }
        }
    }

    /// All is done.
    pub(crate) fn done(self, note: &str) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.tell(&format!("{}: {note}", self.name));
    }

    #[expect(
        clippy::print_stderr,
        reason = "progress goes to standard error, away from data"
    )]
    #[expect(clippy::unused_self, reason = "it is this progress that is told")]
    fn tell(&self, text: &str) {
        eprintln!("{text}");
    }
}

/// How many tenths are done: ten where more was done than was thought.
fn tenths(done: u64, total: u64) -> u64 {
    (done.min(total) * 10).checked_div(total).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_all_is_done() {
        for (done, total, want) in [(0, 3, 0), (1, 3, 3), (3, 3, 10), (5, 3, 10), (7, 0, 0)] {
            assert_eq!(tenths(done, total), want, "{done} of {total}");
        }
    }
}
