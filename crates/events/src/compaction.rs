//! Few, large segments out of many small ones.
//!
//! Flushes and imports leave deltas. Deltas of about the same size are gathered into one while all of them are few
//! events beside the bases they touch, and go into those bases when they are a good part of them, or old. So each
//! event is written a few times in all, however large the site. A base covers a year; one that would hold too many
//! events is split into months, and a month into days. Each event is in the base that covers its own time, so a visit
//! across midnight may be in two bases: views join it.

use crate::{
    Archive, Error, Part, Period, Rank, Segment,
    catalog::Commit,
    flush::unwritten,
    lock::{COMPACTION, Lock, WRITING},
    part::{ALWAYS, merge},
};
use std::{collections::BTreeMap, ops::Range, sync::Arc};
use vocabulary::{Moment, SiteId, moment::DAY_MS};

/// Deltas go into the bases when there is one event in them for so many in the bases they touch. So each event of a site
/// that grows is written into a base three times in all: with four for one it would be five times.
const SHARE: i64 = 2;
/// Or when the oldest event in them was sealed so long ago, in milliseconds: a base is smaller than its deltas.
const OLD_MS: i64 = DAY_MS;

/// What to do next for a site.
#[derive(Debug, PartialEq, Eq)]
enum Work {
    /// Make one delta of these.
    Gather(Vec<Segment>),
    /// Put these deltas into the bases.
    Absorb(Vec<Segment>),
}

/// When what is due.
#[derive(Clone, Copy)]
struct Rules {
    now: Moment,
    deltas_at_most: usize,
    /// No more events of deltas than that are held in memory at a time.
    events_at_a_time: i64,
    /// Deltas are absorbed however few they are.
    fully: bool,
}

/// What is due for a site with these segments.
fn due(segments: &[Segment], rules: Rules) -> Option<Work> {
    let mut deltas: Vec<&Segment> = segments.iter().filter(|s| s.rank == Rank::Delta).collect();
    let events: i64 = deltas.iter().map(|s| s.events).sum();
    let touched: i64 = segments
        .iter()
        .filter(|s| s.rank == Rank::Base)
        .filter(|base| deltas.iter().any(|d| overlap(&d.range, &base.range)))
        .map(|base| base.events)
        .sum();
    let many = deltas.len() >= rules.deltas_at_most.max(2);
    let old = deltas.iter().any(|d| rules.now.0 - d.created.0 >= OLD_MS);
    if deltas.is_empty() || !(many || old || rules.fully) {
        return None;
    }
    if rules.fully || old || events * SHARE >= touched {
        // Oldest first, no more at a time than fits into memory beside a base.
        let mut taken = 0;
        let first = deltas.into_iter().take_while(|delta| {
            taken += delta.events;
            taken <= rules.events_at_a_time || taken == delta.events
        });
        return Some(Work::Absorb(first.cloned().collect()));
    }
    // Smallest first: each further one only if it is no larger than all before it.
    deltas.sort_by_key(|delta| delta.events);
    let (mut count, mut gathered) = (0, 0);
    for delta in &deltas {
        if count >= 2 && delta.events > gathered {
            break;
        }
        gathered += delta.events;
        count += 1;
    }
    Some(Work::Gather(deltas.into_iter().take(count).cloned().collect()))
}

fn overlap(a: &Range<i64>, b: &Range<i64>) -> bool {
    a.start < b.end && b.start < a.end
}

/// How many events each UTC day has.
type Days = BTreeMap<i64, i64>;

fn count(days: &mut Days, part: &Part, range: &Range<i64>) {
    for time in &part.event_time {
        if range.contains(&time.0) {
            *days.entry(time.utc_day()).or_default() += 1;
        }
    }
}

/// How many events a year and a month may have without being split.
#[derive(Clone, Copy)]
struct Limits {
    year: i64,
    month: i64,
}

/// The periods into which a period with these events is split: itself if they are few enough.
fn split(period: Period, days: &Days, limits: Limits) -> Vec<Period> {
    let events: i64 = days.values().sum();
    if events == 0 {
        return Vec::new();
    }
    let mut finer: BTreeMap<Period, Days> = BTreeMap::new();
    let limit = match period {
        Period::Year(_) => limits.year,
        _ => limits.month,
    };
    if events > limit {
        for (day, events) in days {
            if let Some(period) = period.finer(*day) {
                finer.entry(period).or_default().insert(*day, *events);
            }
        }
    }
    if finer.is_empty() {
        return vec![period];
    }
    finer
        .into_iter()
        .flat_map(|(period, days)| split(period, &days, limits))
        .collect()
}

/// The period for a day that no base covers: a year, or, where that year (or month) is split already, a finer one.
fn uncovered(bases: &[Segment], day: i64) -> Period {
    let mut period = Period::year_of(day);
    while bases.iter().any(|base| overlap(&base.range, &period.range())) {
        match period.finer(day) {
            Some(finer) => period = finer,
            None => break,
        }
    }
    period
}

/// A period to write anew: with the base that it has, if any, and the days on which deltas bring events.
struct Target {
    period: Period,
    base: Option<Segment>,
    days: Days,
}

fn targets(bases: &[Segment], days: &Days) -> Vec<Target> {
    let mut targets: BTreeMap<i64, Target> = BTreeMap::new();
    for (&day, &events) in days {
        let base = bases.iter().find(|base| base.range.contains(&(day * DAY_MS)));
        let period = match base {
            Some(base) => {
                let last = Moment(base.range.end - 1).utc_day();
                Period::of_days(Moment(base.range.start).utc_day(), last).unwrap_or(Period::Day(day))
            }
            None => uncovered(bases, day),
        };
        let target = targets.entry(period.range().start).or_insert_with(|| Target {
            period,
            base: base.cloned(),
            days: Days::new(),
        });
        target.days.insert(day, events);
    }
    targets.into_values().collect()
}

impl Archive {
    /// Merges what is due on every site; returns how many commits were made. Does nothing if another process compacts
    /// or imports just now.
    pub async fn compact(&self, now: Moment) -> Result<usize, Error> {
        let Some(_alone) = Lock::take(&self.0.options.dir, COMPACTION)? else {
            return Ok(0);
        };
        self.refresh().await?;
        let sites: Vec<SiteId> = self.state().sites.keys().copied().collect();
        let mut commits = 0;
        for site in sites {
            commits += self.compact_while_due(site, false, now).await?;
        }
        Ok(commits)
    }

    /// Puts all deltas of one site into its bases.
    pub async fn compact_fully(&self, site: SiteId, now: Moment) -> Result<usize, Error> {
        let Some(_alone) = Lock::take(&self.0.options.dir, COMPACTION)? else {
            return Ok(0);
        };
        self.refresh().await?;
        self.compact_while_due(site, true, now).await
    }

    async fn compact_while_due(&self, site: SiteId, fully: bool, now: Moment) -> Result<usize, Error> {
        let mut commits = 0;
        loop {
            let options = &self.0.options;
            let segments = self.segments(site);
            let rules = Rules {
                now,
                deltas_at_most: options.deltas,
                events_at_a_time: options.base_events,
                fully,
            };
            let Some(work) = due(&segments, rules) else {
                return Ok(commits);
            };
            let _writing = Lock::share(&options.dir, WRITING).await?;
            let (old, new) = match work {
                Work::Gather(deltas) => self.gather(site, deltas, now).await?,
                Work::Absorb(deltas) => self.absorb(site, &segments, deltas, now).await?,
            };
            let commit = Commit {
                add: new.iter().map(|(segment, _)| segment.clone()).collect(),
                remove: old.iter().map(|s| (site, s.id)).collect(),
                flushed: None,
            };
            match self.commit(commit).await {
                Ok(()) => {}
                Err(error) => {
                    // Unless the database cannot even say so, nothing was changed: the new files are of no use.
                    if matches!(error, Error::Outdated) {
                        let new: Vec<Segment> = new.into_iter().map(|(segment, _)| segment).collect();
                        self.remove_files(&new).await;
                        self.refresh().await?;
                    }
                    return Err(error);
                }
            }
            commits += 1;
            self.keep(new);
            self.remove_files(&old).await;
        }
    }

    /// Leaves new parts in memory, for the next view, if they are small beside the cache.
    fn keep(&self, new: Vec<(Segment, Arc<Part>)>) {
        let bytes: usize = new.iter().map(|(_, part)| part.bytes()).sum();
        if bytes <= self.0.options.cache_bytes / 2 {
            for (segment, part) in new {
                self.cache(&segment, part);
            }
        }
    }

    async fn gather(
        &self,
        site: SiteId,
        deltas: Vec<Segment>,
        now: Moment,
    ) -> Result<(Vec<Segment>, Vec<(Segment, Arc<Part>)>), Error> {
        let parts = self.parts(deltas.clone()).await?;
        let merged = blocking(move || {
            let sources: Vec<&Part> = parts.iter().map(|(_, part)| part.as_ref()).collect();
            Arc::new(merge(&sources, &ALWAYS))
        })
        .await?;
        let oldest = deltas.iter().map(|delta| delta.created).min();
        let new = self
            .write_deltas(vec![(site, merged.clone())], oldest.unwrap_or(now))
            .await?;
        Ok((deltas, new.into_iter().map(|s| (s, merged.clone())).collect()))
    }

    async fn absorb(
        &self,
        site: SiteId,
        segments: &[Segment],
        deltas: Vec<Segment>,
        now: Moment,
    ) -> Result<(Vec<Segment>, Vec<(Segment, Arc<Part>)>), Error> {
        let bases: Vec<Segment> = segments
            .iter()
            .filter(|s| s.rank == Rank::Base)
            .cloned()
            .collect();
        let parts = self.parts(deltas.clone()).await?;
        let parts: Arc<Vec<Arc<Part>>> = Arc::new(parts.into_iter().map(|(_, part)| part).collect());
        let mut days = Days::new();
        parts.iter().for_each(|part| count(&mut days, part, &ALWAYS));
        let limits = Limits {
            year: self.0.options.year_events,
            month: self.0.options.base_events,
        };
        let (mut old, mut new) = (deltas, Vec::new());
        for target in targets(&bases, &days) {
            let mut sources = parts.as_ref().clone();
            let mut days = target.days;
            if let Some(base) = target.base {
                let part = self.part(&base).await?;
                count(&mut days, &part, &base.range);
                sources.push(part);
                old.push(base);
            }
            for period in split(target.period, &days, limits) {
                let sources = sources.clone();
                let range = period.range();
                let merged = blocking(move || {
                    let sources: Vec<&Part> = sources.iter().map(AsRef::as_ref).collect();
                    Arc::new(merge(&sources, &range))
                })
                .await?;
                let id = self.0.catalog.reserve(1).await?;
                let segment = unwritten(id, site, Rank::Base, period.range(), now);
                let segment = self.write(merged.clone(), segment).await?;
                new.push((segment, merged));
            }
        }
        Ok((old, new))
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::storage("a compaction", e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(id: i64, rank: Rank, period: Period, events: i64) -> Segment {
        Segment {
            events,
            ..unwritten(id, SiteId(1), rank, period.range(), Moment(0))
        }
    }

    #[test]
    fn deltas_wait_are_gathered_or_absorbed_by_their_number_and_size() {
        let day = Period::Day(20_500);
        let with = |base: i64, deltas: usize, events: i64| {
            let mut segments = vec![segment(0, Rank::Base, Period::Year(2026), base)];
            segments.extend((0..deltas).map(|id| segment(id as i64 + 1, Rank::Delta, day, events)));
            segments
        };
        let ids = |work: Option<Work>| match work {
            None => ("wait", 0),
            Some(Work::Gather(deltas)) => ("gather", deltas.len()),
            Some(Work::Absorb(deltas)) => ("absorb", deltas.len()),
        };
        let unlike = |sizes: [i64; 8]| {
            let mut segments = with(1_000_000, 8, 0);
            let deltas = segments.iter_mut().skip(1).zip(sizes);
            deltas.for_each(|(segment, events)| segment.events = events);
            segments
        };
        for (segments, fully, age_ms, want) in [
            (with(1_000, 0, 0), true, OLD_MS, ("wait", 0)),
            (with(1_000, 7, 10), false, OLD_MS - 1, ("wait", 0)),
            (with(1_000, 7, 10), true, 0, ("absorb", 7)),
            (with(1_000, 7, 10), false, OLD_MS, ("absorb", 7)),
            (with(1_000, 8, 10), false, 0, ("gather", 8)),
            (with(1_000, 8, 100), false, 0, ("absorb", 8)),
            (with(1_000_000, 2, 600_000), false, 0, ("wait", 0)),
            (with(1_000_000, 8, 600_000), false, 0, ("absorb", 1)),
            (with(1_000_000, 8, 5_000_000), false, 0, ("absorb", 1)),
            (unlike([10; 8]), false, 0, ("gather", 8)),
            (
                unlike([900, 10, 800, 10, 10, 10, 10, 10]),
                false,
                0,
                ("gather", 6),
            ),
            (
                unlike([900, 10, 800, 20, 700, 40, 500, 600]),
                false,
                0,
                ("gather", 2),
            ),
            (unlike([90, 91, 92, 93, 94, 95, 96, 1]), false, 0, ("gather", 8)),
        ] {
            let rules = Rules {
                now: Moment(age_ms),
                deltas_at_most: 8,
                events_at_a_time: 1_000_000,
                fully,
            };
            assert_eq!(ids(due(&segments, rules)), want, "{}", segments.len());
        }
    }

    #[test]
    fn a_period_is_split_only_as_far_as_needed() {
        let days: Days = [(20_454, 50), (20_484, 50), (20_485, 10)].into();
        for (limit, want) in [
            (110, vec![Period::Year(2026)]),
            (100, vec![Period::Month(2026, 1), Period::Month(2026, 2)]),
            (
                60,
                vec![Period::Day(20_454), Period::Day(20_484), Period::Month(2026, 2)],
            ),
            (
                1,
                vec![Period::Day(20_454), Period::Day(20_484), Period::Day(20_485)],
            ),
        ] {
            let want_ranges: Vec<_> = want.iter().map(|p| p.range()).collect();
            let (year, month) = (limit, limit);
            let got = split(Period::Year(2026), &days, Limits { year, month });
            let got_ranges: Vec<_> = got.iter().map(|p| p.range()).collect();
            assert_eq!(got_ranges, want_ranges, "{limit}");
        }
    }

    #[test]
    fn new_periods_never_overlap_bases() {
        let bases = [
            segment(1, Rank::Base, Period::Month(2026, 1), 1),
            segment(2, Rank::Base, Period::Day(20_485), 1),
        ];
        for (day, want) in [
            (20_400, Period::Year(2025)),
            (20_454, Period::Month(2026, 1)),
            (20_486, Period::Day(20_486)),
            (20_600, Period::month_of(20_600)),
        ] {
            let targets = targets(&bases, &Days::from([(day, 1)]));
            assert_eq!(targets[0].period, want, "{day}");
        }
    }
}
