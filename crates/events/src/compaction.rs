//! Few, large segments out of many small ones.
//!
//! Flushes and imports leave deltas. A site's deltas are gathered into one while they are few events beside its
//! bases, and go into the bases when they are many. A base covers a year; one that would hold too many events is split
//! into months, and a month into days. Each event is in the base that covers its own time, so a visit across midnight
//! may be in two bases: views join it.

use crate::{
    Archive, Error, Part, Period, Rank, Segment,
    archive::lock,
    catalog::Commit,
    flush::unwritten,
    lock::{COMPACTION, Lock, WRITING},
    part::{ALWAYS, merge},
};
use std::{collections::BTreeMap, ops::Range, sync::Arc};
use vocabulary::{Moment, SiteId, moment::DAY_MS};

/// Deltas go into the bases when they hold a tenth of the events of the bases they touch.
const SHARE: i64 = 10;
/// Or when they hold so many: many deltas cost each question a little.
const MANY_EVENTS: i64 = 500_000;

/// What to do next for a site.
#[derive(Debug, PartialEq, Eq)]
enum Work {
    /// Make one delta of these.
    Gather(Vec<Segment>),
    /// Put these deltas into the bases.
    Absorb(Vec<Segment>),
}

/// What is due for a site with these segments. With `fully`, deltas are absorbed however few they are.
fn due(segments: &[Segment], deltas_at_most: usize, base_events: i64, fully: bool) -> Option<Work> {
    let deltas: Vec<&Segment> = segments.iter().filter(|s| s.rank == Rank::Delta).collect();
    let events: i64 = deltas.iter().map(|s| s.events).sum();
    let touched: i64 = segments
        .iter()
        .filter(|s| s.rank == Rank::Base)
        .filter(|base| deltas.iter().any(|d| overlap(&d.range, &base.range)))
        .map(|base| base.events)
        .sum();
    let many = deltas.len() >= deltas_at_most.max(2);
    if deltas.is_empty() || !(many || fully || events >= MANY_EVENTS) {
        return None;
    }
    if fully || events >= MANY_EVENTS || events * SHARE >= touched {
        // Oldest first, no more at a time than fits into memory beside a base.
        let mut taken = 0;
        let first = deltas.into_iter().take_while(|delta| {
            taken += delta.events;
            taken <= base_events || taken == delta.events
        });
        return Some(Work::Absorb(first.cloned().collect()));
    }
    Some(Work::Gather(deltas.into_iter().cloned().collect()))
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

/// The periods into which a period with these events is split: itself if they are few enough.
fn split(period: Period, days: &Days, base_events: i64) -> Vec<Period> {
    let events: i64 = days.values().sum();
    if events == 0 {
        return Vec::new();
    }
    let mut finer: BTreeMap<Period, Days> = BTreeMap::new();
    if events > base_events {
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
        .flat_map(|(period, days)| split(period, &days, base_events))
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
            let Some(work) = due(&segments, options.deltas, options.base_events, fully) else {
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
                let left = lock(&self.0.cache).put(segment.id, part);
                lock(&self.0.shelf).forget(&left, segment.site);
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
        let new = self.write_deltas(vec![(site, merged.clone())], now).await?;
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
            for period in split(target.period, &days, self.0.options.base_events) {
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
        for (segments, fully, want) in [
            (with(1_000, 0, 0), true, ("wait", 0)),
            (with(1_000, 7, 10), false, ("wait", 0)),
            (with(1_000, 7, 10), true, ("absorb", 7)),
            (with(1_000, 8, 10), false, ("gather", 8)),
            (with(1_000, 8, 100), false, ("absorb", 8)),
            (with(1_000_000, 2, 600_000), false, ("absorb", 1)),
            (with(1_000_000, 2, 5_000_000), false, ("absorb", 1)),
        ] {
            assert_eq!(
                ids(due(&segments, 8, 1_000_000, fully)),
                want,
                "{}",
                segments.len()
            );
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
            let got = split(Period::Year(2026), &days, limit);
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
