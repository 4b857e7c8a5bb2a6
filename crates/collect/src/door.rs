//! The door: what a request goes through, from its bytes to an answer that may be believed.
//!
//! Architecture invariant: a 2xx is only ever given after the journal has said that every event it speaks of is durable.

use crate::allowance::Allowance;
use crate::counters::{Counters, Tally};
use crate::enrich::Enricher;
use crate::hit::Hit;
use crate::problem::Problem;
use crate::protocol::{Answer, Input, Outcome, Protocol};
use crate::recent_ids::{Claim, RecentIds};
use crate::record::Record;
use crate::sender::Sender;
use crate::site::SiteTable;
use crate::steps::{self, Fate, Ids, Surroundings};
use crate::{Address, Peer, Proxies};
use arc_swap::ArcSwap;
use flate2::read::MultiGzDecoder;
use http::{HeaderMap, header};
use journal::Journal;
use std::borrow::Cow;
use std::io::Read as _;
use std::sync::Arc;
use vocabulary::{Event, Moment, Reason, SiteId};

/// A body is at most this long, packed and unpacked.
pub const MOST_BODY_BYTES: usize = 1 << 20;

/// What a door is made of.
pub struct DoorOptions {
    /// Where events become durable. Its `on_durable` must call [`RecentIds::settle`] of the same `recent_ids`.
    pub journal: Arc<Journal<Record>>,
    /// The memory of recent ids.
    pub recent_ids: Arc<RecentIds>,
    /// What enriches.
    pub enricher: Arc<Enricher>,
    /// The proxies that may speak for a client.
    pub proxies: Proxies,
    /// How old an event of a sender with a token may be, in milliseconds: [`steps::OLDEST_TRUSTED_MS`] unless
    /// configured otherwise.
    pub oldest_ms: i64,
    /// How much an address may send without a token.
    pub allowance: Allowance,
}

/// A request, borrowed from whoever serves it.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The other end of the connection.
    pub peer: Peer,
    /// Headers.
    pub headers: &'a HeaderMap,
    /// Query string without `?`; empty if there is none.
    pub query: &'a str,
    /// Body as received.
    pub body: &'a [u8],
}

/// The door. One serves the whole process.
pub struct Door {
    options: DoorOptions,
    sites: ArcSwap<SiteTable>,
    counters: Counters,
}

/// A request judged, before anything is written.
struct Judged {
    record: Record,
    undecided: Vec<Undecided>,
    tallies: Tallies,
}

/// An event whose id is just being written by another request.
struct Undecided {
    event: Event,
    stripped: bool,
    ids: Ids,
}

#[derive(Default)]
struct Tallies(Vec<Tally>);

impl Tallies {
    fn of(&mut self, site: Option<SiteId>) -> &mut Tally {
        let place = self.0.iter().rposition(|t| t.site == site).unwrap_or_else(|| {
            self.0.push(Tally::empty(site));
            self.0.len() - 1
        });
        &mut self.0[place]
    }

    fn accept(&mut self, site: SiteId, stripped: bool) {
        let tally = self.of(Some(site));
        tally.accepted += 1;
        tally.stripped += u64::from(stripped);
    }

    fn outcome(&self) -> Outcome {
        let mut dropped = Tally::empty(None);
        for tally in &self.0 {
            for (sum, n) in dropped.dropped.iter_mut().zip(tally.dropped) {
                *sum += n;
            }
        }
        Outcome {
            accepted: self.0.iter().map(|t| t.accepted).sum(),
            dropped,
        }
    }
}

impl Door {
    /// A door for these sites.
    pub fn new(options: DoorOptions, sites: SiteTable) -> Self {
        Self {
            options,
            sites: ArcSwap::from_pointee(sites),
            counters: Counters::default(),
        }
    }

    /// Serves these sites from now on. Requests under way end with the table they began with.
    pub fn set_sites(&self, sites: SiteTable) {
        self.sites.store(Arc::new(sites));
    }

    /// The sites served now.
    pub fn sites(&self) -> Arc<SiteTable> {
        self.sites.load_full()
    }

    /// What was accepted, stripped and dropped.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The memory of recent ids, for [`RecentIds::persist`].
    pub fn recent_ids(&self) -> &RecentIds {
        &self.options.recent_ids
    }

    /// The client's address: the peer's, or what a trusted proxy says of it.
    pub fn client(&self, peer: Peer, headers: &HeaderMap) -> Address {
        self.options.proxies.client(peer, headers)
    }

    /// Takes a request in and answers once what it sent is durable, or cannot be. `now` is the moment of arrival.
    ///
    /// If the returned future is dropped, what was already on its way to the journal is kept all the same.
    pub async fn receive(&self, protocol: &Protocol, request: Request<'_>, now: Moment) -> Answer {
        let judged = match self.judge(protocol, request, now) {
            Ok(judged) => judged,
            Err(answer) => {
                if matches!(answer.status, 400 | 413) {
                    let mut tally = Tally::empty(None);
                    tally.drop_for(Reason::Malformed);
                    self.counters.add(&tally);
                }
                return answer;
            }
        };
        match self.store_all(judged, now).await {
            Ok(tallies) => {
                for tally in &tallies.0 {
                    self.counters.add(tally);
                }
                (protocol.answer)(&tallies.outcome())
            }
            Err(answer) => answer,
        }
    }

    fn judge(&self, protocol: &Protocol, request: Request<'_>, now: Moment) -> Result<Judged, Answer> {
        let body = unpacked(request).map_err(|problem| (protocol.refuse)(&problem))?;
        let sites = self.sites.load();
        let sender = Sender::browser(request.peer, request.headers, &self.options.proxies);
        let input = Input {
            headers: request.headers,
            query: request.query,
            body: &body,
            sites: &sites,
            client: sender.address.unwrap_or_else(|| request.peer.address()),
        };
        let reading = (protocol.decode)(&input)?;
        let sender = if let Some(site) = reading.token {
            refuse_other_sites(&reading.hits, site, &sites).map_err(|problem| (protocol.refuse)(&problem))?;
            Sender::server()
        } else {
            let taken = self.options.allowance.take(input.client, reading.hits.len(), now);
            taken.map_err(|wait_s| {
                let many = Problem::request(
                    "too_many",
                    "too much comes from this address; wait as long as `Retry-After` says, or send with a token",
                );
                (protocol.refuse)(&many.with_status(429)).with("retry-after", wait_s.to_string())
            })?;
            sender
        };
        let around = Surroundings {
            sites: &sites,
            enricher: &self.options.enricher,
            recent_ids: Some(&self.options.recent_ids),
            now,
            oldest_ms: self.options.oldest_ms,
        };
        let mut judged = Judged {
            record: Record::default(),
            undecided: Vec::new(),
            tallies: Tallies::default(),
        };
        judged.record.events.reserve_exact(reading.hits.len());
        for hit in &reading.hits {
            let passed = steps::pass(hit, &sender, around);
            match passed.fate {
                Fate::Dropped(reason) => judged.tallies.of(passed.site).drop_for(reason),
                Fate::Kept {
                    event,
                    stripped,
                    ids,
                    undecided: true,
                } => judged.undecided.push(Undecided { event, stripped, ids }),
                Fate::Kept {
                    event, stripped, ids, ..
                } => {
                    judged.tallies.accept(event.site, stripped);
                    judged.record.events.push(event);
                    judged.record.ids.extend(ids.iter().flatten());
                }
            }
        }
        Ok(judged)
    }

    /// What is decided goes first, so that no request waits for another while holding claims itself.
    async fn store_all(&self, judged: Judged, now: Moment) -> Result<Tallies, Answer> {
        let mut tallies = judged.tallies;
        if !judged.record.events.is_empty() {
            self.store(judged.record).await?;
        }
        for waiting in judged.undecided {
            self.store_undecided(waiting, &mut tallies, now).await?;
        }
        Ok(tallies)
    }

    async fn store_undecided(
        &self,
        waiting: Undecided,
        tallies: &mut Tallies,
        now: Moment,
    ) -> Result<(), Answer> {
        let recent = &self.options.recent_ids;
        loop {
            match steps::claim(recent, &waiting.ids, now) {
                Claim::Known => {
                    tallies.of(Some(waiting.event.site)).drop_for(Reason::Duplicate);
                    return Ok(());
                }
                Claim::Fresh => {
                    tallies.accept(waiting.event.site, waiting.stripped);
                    let ids = waiting.ids.iter().flatten().copied().collect();
                    let events = vec![waiting.event];
                    return self.store(Record { events, ids }).await;
                }
                Claim::Writing => {
                    for id in waiting.ids.iter().flatten() {
                        recent.decided(*id).await;
                    }
                }
                Claim::Abandoned => {
                    self.options
                        .journal
                        .barrier()
                        .await
                        .map_err(|e| unavailable(&e))?;
                    for id in waiting.ids.iter().flatten() {
                        recent.free_abandoned(*id);
                    }
                }
            }
        }
    }

    async fn store(&self, record: Record) -> Result<(), Answer> {
        let mut claims = Claims {
            recent: &self.options.recent_ids,
            ids: record.ids.clone(),
        };
        let stored = self.options.journal.append(record.encode(), record).await;
        let ids = std::mem::take(&mut claims.ids);
        match stored {
            Ok(_) => Ok(()),
            Err(error) => {
                self.options.recent_ids.give_back(&ids);
                Err(unavailable(&error))
            }
        }
    }
}

/// The claims of an append under way; abandoned if nobody waits for it to the end.
struct Claims<'d> {
    recent: &'d RecentIds,
    ids: Vec<u64>,
}

impl Drop for Claims<'_> {
    fn drop(&mut self) {
        if !self.ids.is_empty() {
            self.recent.abandon(&self.ids);
        }
    }
}

fn unavailable(error: &journal::Error) -> Answer {
    match error {
        journal::Error::Busy { .. } => {
            Answer::unavailable("busy", "too much waits for the disk; send again", 1)
        }
        journal::Error::Full => {
            Answer::unavailable("disk_full", "the server's disk is full; send again later", 10)
        }
        journal::Error::TooLarge { .. } => Answer::problem(
            &Problem::request(
                "too_large",
                "the events are too large together; send fewer in a request",
            )
            .with_status(413),
        ),
        _ => Answer::unavailable(
            "stopped",
            "the server takes no events until its operator has looked",
            30,
        ),
    }
}

/// A token speaks for one site only.
fn refuse_other_sites(hits: &[Hit<'_>], token: SiteId, sites: &SiteTable) -> Result<(), Problem> {
    let other = hits.iter().position(|hit| {
        let site = if hit.site.is_empty() {
            sites.find(&crate::Page::parse(&hit.url).host)
        } else {
            sites.find(&hit.site)
        };
        site.is_some_and(|site| site.rules.id != token)
    });
    match other {
        None => Ok(()),
        Some(place) => {
            let problem =
                Problem::field("site", "is not the site for which this token may send").with_status(403);
            Err(if hits.len() == 1 {
                problem
            } else {
                problem.in_event(place)
            })
        }
    }
}

/// The body, unpacked if it begins as gzip does, whatever the headers say.
fn unpacked(request: Request<'_>) -> Result<Cow<'_, [u8]>, Problem> {
    let too_large = || {
        Problem::request(
            "too_large",
            "a body has at most 1 MB (1,048,576 bytes), packed and unpacked",
        )
        .with_status(413)
    };
    if request.body.len() > MOST_BODY_BYTES {
        return Err(too_large());
    }
    if !request.body.starts_with(&[0x1f, 0x8b]) {
        let encoding = request
            .headers
            .get(header::CONTENT_ENCODING)
            .map(|v| v.as_bytes().trim_ascii());
        return match encoding {
            None | Some(b"" | b"identity" | b"gzip" | b"x-gzip") => Ok(Cow::Borrowed(request.body)),
            Some(_) => Err(Problem::request(
                "bad_encoding",
                "the body must be plain or packed with gzip",
            )),
        };
    }
    let mut plain = Vec::with_capacity((request.body.len() * 4).min(MOST_BODY_BYTES));
    let mut decoder = MultiGzDecoder::new(request.body).take(MOST_BODY_BYTES as u64 + 1);
    decoder
        .read_to_end(&mut plain)
        .map_err(|_| Problem::request("bad_gzip", "the body begins as gzip does and cannot be unpacked"))?;
    if plain.len() > MOST_BODY_BYTES {
        return Err(too_large());
    }
    Ok(Cow::Owned(plain))
}

#[cfg(test)]
mod tests;
