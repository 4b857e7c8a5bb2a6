//! Logs of web servers and files of events, read into the same events that the door makes.
//! What is kept is decided by [`crate::steps`]; here lines become hits.

pub mod block;
pub mod caddy;
pub mod combined;
pub mod format;
pub mod log_line;
pub mod page_rule;
pub mod provider;
pub mod summary;
#[cfg(test)]
mod tests;

pub use format::Format;
pub use log_line::{Flaw, LogLine};
pub use summary::{Summary, Unreadable};

use crate::enrich::Enricher;
use crate::hit::{Hit, When};
use crate::protocol::native;
use crate::sender::Sender;
use crate::steps::{CLOCK_ERROR_MS, Fate, OLDEST_TRUSTED_MS, Surroundings, pass};
use crate::{Address, SiteTable};
use block::{Block, Blocks};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use vocabulary::event::PAGE_VIEW;
use vocabulary::{Event, Moment, Reason, SiteId};

/// The longest line that is read, in bytes.
pub const LONGEST_LINE: usize = 64 * 1_024;

/// An import of files into one site.
#[derive(Clone, Copy)]
pub struct Import<'a> {
    /// What enriches.
    pub enricher: &'a Enricher,
    /// The sites served.
    pub sites: &'a SiteTable,
    /// The domain of the site that the lines belong to.
    pub site: &'a str,
    /// The format; found out from the first lines where absent.
    pub format: Option<Format>,
    /// The moment of the import; lines from later than that are dropped as `in_future`.
    pub now: Moment,
    /// On how many threads lines are read, beside one that unpacks.
    pub threads: usize,
}

/// Why an import ends before its file does. Events handed over by then stay with whoever took them.
#[derive(Debug, thiserror::Error)]
pub enum Stop<E> {
    /// The file cannot be read on, or its compressed data are damaged or cut off.
    #[error("read on after line {}", read.lines)]
    Input {
        /// What was read by then.
        read: Box<Summary>,
        /// What the system or the unpacking said.
        source: std::io::Error,
    },
    /// None of the first lines is of a known format: name the format.
    #[error("recognise the format: none of the first lines is combined, common, caddy or ndjson")]
    UnknownFormat,
    /// The site is not served here.
    #[error("find the site")]
    UnknownSite,
    /// Whoever takes the events refused.
    #[error("keep the events read")]
    Taker(E),
}

/// What became of a line.
enum Line {
    Kept { event: Event, stripped: bool },
    Dropped(Reason),
    Unreadable(Flaw),
    Blank,
}

/// What a thread has made of a block.
struct Outcome {
    number: u64,
    events: Vec<Event>,
    summary: Summary,
}

impl Import<'_> {
    /// Reads `input`, plain or gzip by its first bytes, and hands over its events in batches of at most some
    /// thousand, in the order of the lines. The same input gives the same batches.
    pub fn run<E>(
        &self,
        input: impl Read + Send,
        mut take: impl FnMut(Vec<Event>) -> Result<(), E>,
    ) -> Result<Summary, Stop<E>> {
        let own = self.sites.find(self.site).ok_or(Stop::UnknownSite)?.rules.id;
        let stopped = |source| Stop::Input {
            read: Box::default(),
            source,
        };
        let mut blocks = Blocks::new(input).map_err(stopped)?;
        let Some(first) = blocks.next().transpose().map_err(stopped)? else {
            return Ok(Summary::default());
        };
        let format = match self.format {
            Some(format) => format,
            None => Format::detect(first.lines()).ok_or(Stop::UnknownFormat)?,
        };
        let threads = self.threads.max(1);
        let (block_out, block_in) = sync_channel::<Block>(threads * 2);
        let (read_out, read_in) = sync_channel::<Outcome>(threads * 2);
        let block_in = Arc::new(Mutex::new(block_in));
        std::thread::scope(|scope| {
            let reader = scope.spawn(move || -> Result<(), std::io::Error> {
                for block in std::iter::once(Ok(first)).chain(blocks) {
                    if block_out.send(block?).is_err() {
                        break;
                    }
                }
                Ok(())
            });
            for _ in 0..threads {
                let (block_in, read_out) = (block_in.clone(), read_out.clone());
                scope.spawn(move || self.work(own, format, &block_in, &read_out));
            }
            // Only the threads hold these ends: when the taker refuses they end, and with them the reader, which would
            // otherwise wait for ever for room in a channel that nobody empties.
            drop((block_in, read_out));
            let mut summary = Summary {
                format: Some(format),
                ..Summary::default()
            };
            let mut early = BTreeMap::new();
            let mut next = 0;
            for read in read_in {
                early.insert(read.number, read);
                while let Some(read) = early.remove(&next) {
                    next += 1;
                    summary.add(&read.summary);
                    if !read.events.is_empty() {
                        take(read.events).map_err(Stop::Taker)?;
                    }
                }
            }
            match reader
                .join()
                .expect("the reading thread has no panics of its own")
            {
                Ok(()) => Ok(summary),
                Err(source) => Err(Stop::Input {
                    read: Box::new(summary),
                    source,
                }),
            }
        })
    }

    fn work(&self, own: SiteId, format: Format, blocks: &Mutex<Receiver<Block>>, out: &SyncSender<Outcome>) {
        let mut url = String::new();
        loop {
            let block = blocks.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(block) = block else { return };
            let mut read = Outcome {
                number: block.number,
                events: Vec::new(),
                summary: Summary::default(),
            };
            for (line, number) in block.lines().zip(block.first_line..) {
                match self.line(own, format, line, &mut url) {
                    Line::Blank => {}
                    Line::Kept { event, stripped } => {
                        read.summary.keep(event.time, stripped);
                        read.events.push(event);
                    }
                    Line::Dropped(reason) => read.summary.drop_for(reason),
                    Line::Unreadable(flaw) => read.summary.miss(number, flaw),
                }
            }
            if out.send(read).is_err() {
                return;
            }
        }
    }

    fn line(&self, own: SiteId, format: Format, line: &[u8], url: &mut String) -> Line {
        let line = line.trim_ascii();
        if line.is_empty() {
            return Line::Blank;
        }
        if line.len() > LONGEST_LINE {
            return Line::Unreadable(Flaw::TooLong);
        }
        // Old logs may hold bytes of any character set; what is no UTF-8 becomes U+FFFD.
        let text = String::from_utf8_lossy(line);
        let read = match format {
            Format::Ndjson => return self.event(own, &text),
            Format::Caddy => caddy::read(&text),
            Format::Combined | Format::Common => combined::read(&text),
        };
        match read {
            Ok(line) => self.view(&line, url),
            Err(flaw) => Line::Unreadable(flaw),
        }
    }

    /// A page view, if the line is one.
    fn view(&self, line: &LogLine<'_>, url: &mut String) -> Line {
        if !page_rule::is_page(line) {
            return Line::Dropped(Reason::NotAPage);
        }
        url.clear();
        if line.target.starts_with('/') {
            let host = if line.host.is_empty() {
                self.site
            } else {
                line.host
            };
            // The site may be a part of a host, such as `shop.example/blog`; targets start at the host.
            let host = host.split('/').next().unwrap_or_default();
            url.push_str("https://");
            url.push_str(host);
        }
        url.push_str(&line.target);
        let address = Address::parse(line.remote);
        let provider = if address.is_none() {
            provider::domain(line.remote)
        } else {
            None
        };
        let hit = Hit {
            site: self.site.into(),
            name: PAGE_VIEW.into(),
            url: (&**url).into(),
            referrer: (&*line.referrer).into(),
            when: When::At(line.time),
            host_name: provider.as_deref().unwrap_or_default().into(),
            ..Hit::default()
        };
        let sender = Sender {
            address,
            user_agent: line.user_agent.as_deref().unwrap_or_default(),
            accept_language: &line.language,
            // Where none is logged its absence says nothing.
            is_server: line.user_agent.is_none(),
            ..Sender::default()
        };
        self.send(&hit, &sender, line.time)
    }

    /// An event of ours.
    fn event(&self, own: SiteId, line: &str) -> Line {
        let mut hit = match native::hit_of_line(line.as_bytes()) {
            Ok(hit) => hit,
            Err(_) if serde_json::from_str::<serde::de::IgnoredAny>(line).is_err() => {
                return Line::Unreadable(Flaw::BadJson);
            }
            Err(_) => return Line::Unreadable(Flaw::BadEvent),
        };
        let When::At(time) = hit.when else {
            return Line::Unreadable(Flaw::NoTime);
        };
        if hit.site.is_empty() {
            hit.site = self.site.into();
        } else if self.sites.find(&hit.site).map(|site| site.rules.id) != Some(own) {
            return Line::Dropped(Reason::UnknownSite);
        }
        self.send(&hit, &Sender::server(), time)
    }

    fn send(&self, hit: &Hit<'_>, sender: &Sender<'_>, time: Moment) -> Line {
        if time > self.now.plus_ms(CLOCK_ERROR_MS) {
            return Line::Dropped(Reason::InFuture);
        }
        let around = Surroundings {
            sites: self.sites,
            enricher: self.enricher,
            recent_ids: None,
            now: self.now,
            oldest_ms: OLDEST_TRUSTED_MS,
        };
        match pass(hit, sender, around).fate {
            Fate::Kept { event, stripped, .. } => Line::Kept { event, stripped },
            Fate::Dropped(reason) => Line::Dropped(reason),
        }
    }
}
