//! Taking from a site's segments what is no longer allowed there.
//!
//! What may stay is for the caller's rule to say; here segments are read, and written anew without the rest, so that
//! visits and totals are those of the events that are left.

use crate::{
    Archive, Error, Part, Segment,
    catalog::Commit,
    flush::unwritten,
    lock::{COMPACTION, Lock, WRITING},
    part::{ALWAYS, PartBuilder, merge},
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{collections::BTreeMap, sync::Arc};
use vocabulary::{Column, DataType, DataTypes, Event, SiteId, VisitorKey, event::Texts};

/// What is left of an event, or the data type for which it goes altogether.
pub type Rule = Arc<dyn Fn(Event) -> Result<Event, DataType> + Send + Sync>;
/// The key that a visitor has on one UTC day, for visitors who must not be known from one day to the next.
pub type KeyOfDay = Arc<dyn Fn(VisitorKey, i64) -> VisitorKey + Send + Sync>;

/// What to take.
#[derive(Clone)]
pub struct Scrub {
    /// Decides on each event.
    pub rule: Rule,
    /// Given if visitors must not be known for longer than a day: those who are get another key for each. Whoever came on
    /// one day alone keeps theirs: it links nothing, and the same log imported again still finds what is there.
    pub key_of_day: Option<KeyOfDay>,
    /// Whether to count only, and change nothing.
    pub dry: bool,
}

/// What was taken, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scrubbed {
    /// Events looked at.
    pub events: u64,
    /// Segments written anew, or that would be.
    pub segments: u64,
    /// Events that went, by the data type they were.
    pub gone: BTreeMap<DataType, u64>,
    /// Events that lost a text, or had it cut down, by column.
    pub texts: BTreeMap<Column, u64>,
    /// Events that lost their amounts.
    pub amounts: u64,
    /// Events that lost anything of a data type, but not themselves.
    pub types: BTreeMap<DataType, u64>,
    /// Visitors known for longer than a day who are now one for each day.
    pub visitors: u64,
}

impl Scrubbed {
    /// Whether there was nothing to take.
    pub fn is_nothing(&self) -> bool {
        self.segments == 0
    }

    /// Counts what an event lost; whether it lost anything.
    fn note(&mut self, before: &Texts, amounts: bool, left: &Event) -> bool {
        let mut lost = DataTypes::NONE;
        for (column, text) in before.iter() {
            if left.text(column) != Some(text) {
                *self.texts.entry(column).or_default() += 1;
                lost = lost.with(column.data_type());
            }
        }
        if amounts && left.sale.is_none() {
            self.amounts += 1;
            lost = lost.with(DataType::Purchase);
        }
        for what in lost.iter() {
            *self.types.entry(what).or_default() += 1;
        }
        !lost.is_empty()
    }

    fn add(&mut self, other: Self) {
        self.events += other.events;
        self.amounts += other.amounts;
        for (what, number) in other.gone {
            *self.gone.entry(what).or_default() += number;
        }
        for (column, number) in other.texts {
            *self.texts.entry(column).or_default() += number;
        }
        for (what, number) in other.types {
            *self.types.entry(what).or_default() += number;
        }
    }
}

struct Worker {
    scrub: Scrub,
    /// Visitors known on more than one day.
    known: Arc<FxHashSet<VisitorKey>>,
}

impl Archive {
    /// Takes from the segments of a site what the rule does not leave, and counts it. Events still in the tail are not
    /// looked at: flush before, with the door going by the new rule already.
    ///
    /// Each segment is a commit by itself, so what broke off is simply done again. [`Error::Busy`] while an import or
    /// a compaction has the segments. `progress` is told how many segments of how many are done.
    pub async fn scrub(
        &self,
        site: SiteId,
        scrub: Scrub,
        mut progress: impl FnMut(u64, u64) + Send,
    ) -> Result<Scrubbed, Error> {
        let _alone = Lock::take(&self.0.options.dir, COMPACTION)?
            .ok_or_else(|| Error::Busy("what an import or a compaction reads".into()))?;
        self.refresh().await?;
        let segments = self.segments(site);
        let known = match scrub.key_of_day {
            Some(_) => self.known_on_several_days(&segments).await?,
            None => FxHashSet::default(),
        };
        let mut all = Scrubbed {
            visitors: known.len() as u64,
            ..Scrubbed::default()
        };
        let known = Arc::new(known);
        let total = segments.len() as u64;
        for (done, segment) in segments.into_iter().enumerate() {
            progress(done as u64, total);
            let part = self.read(&segment).await?;
            let worker = Worker {
                scrub: scrub.clone(),
                known: known.clone(),
            };
            let rewriting = tokio::task::spawn_blocking(move || worker.rewritten(site, &part));
            let (counts, rewritten) = rewriting.await.map_err(|e| Error::storage("a scrub", e))?;
            all.add(counts);
            if let Some(part) = rewritten {
                all.segments += 1;
                if !scrub.dry {
                    self.replace(segment, part).await?;
                }
            }
        }
        progress(total, total);
        Ok(all)
    }

    async fn known_on_several_days(&self, segments: &[Segment]) -> Result<FxHashSet<VisitorKey>, Error> {
        let (mut days, mut known) = (FxHashMap::<VisitorKey, i64>::default(), FxHashSet::default());
        for segment in segments {
            let part = self.read(segment).await?;
            for (row, visitor) in part.visitors.iter().enumerate() {
                let visits = part.visits_of(row);
                let events = part.events_of(visits.start).start..part.events_of(visits.end - 1).end;
                for time in &part.event_time[events] {
                    let day = time.utc_day();
                    if *days.entry(*visitor).or_insert(day) != day {
                        known.insert(*visitor);
                    }
                }
            }
        }
        Ok(known)
    }

    /// Puts a part in the place of a segment; none if it holds no event.
    async fn replace(&self, old: Segment, part: Part) -> Result<(), Error> {
        let _writing = Lock::share(&self.0.options.dir, WRITING).await?;
        let mut add = Vec::new();
        if part.events() > 0 {
            let id = self.0.catalog.reserve(1).await?;
            let segment = unwritten(id, old.site, old.rank, old.range.clone(), old.created);
            add.push(self.write(Arc::new(part), segment).await?);
        }
        let commit = Commit {
            add,
            remove: vec![(old.site, old.id)],
            flushed: None,
        };
        self.commit(commit).await?;
        self.remove_files(&[old]).await;
        Ok(())
    }
}

impl Worker {
    /// What was taken of a part's events, and the part without it; `None` if nothing was.
    fn rewritten(&self, site: SiteId, part: &Part) -> (Scrubbed, Option<Part>) {
        let mut counts = Scrubbed::default();
        let mut changed = false;
        let mut builder = PartBuilder::with_room(part.visitors.len(), part.visits(), part.events());
        // Another key, another place: these are put into order by themselves.
        let mut elsewhere = Vec::new();
        for row in 0..part.visitors.len() {
            let mut left = Vec::new();
            for event in part.events_of_visitor(site, row) {
                counts.events += 1;
                let (before, amounts) = (event.texts.clone(), event.sale.is_some());
                match (self.scrub.rule)(event) {
                    Ok(event) => {
                        changed |= counts.note(&before, amounts, &event);
                        left.push(event);
                    }
                    Err(what) => {
                        changed = true;
                        *counts.gone.entry(what).or_default() += 1;
                    }
                }
            }
            match &self.scrub.key_of_day {
                Some(key_of_day) if self.known.contains(&part.visitors[row]) => {
                    changed = true;
                    elsewhere.extend(left.into_iter().map(|event| Event {
                        visitor: key_of_day(event.visitor, event.time.utc_day()),
                        ..event
                    }));
                }
                _ => {
                    // Texts decide the order of events of one moment.
                    left.sort_by(Event::order);
                    for event in &left {
                        builder.push(event);
                    }
                }
            }
        }
        if !changed {
            return (counts, None);
        }
        let rest = builder.finish();
        let part = if elsewhere.is_empty() {
            rest
        } else {
            merge(&[&rest, &Part::of(elsewhere)], &ALWAYS)
        };
        (counts, Some(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, traffic};
    use sqldb::Database;
    use vocabulary::{EventKind, Level, Moment};

    const NOW: Moment = Moment(traffic::START_MS);
    const SITE: SiteId = SiteId(0);

    async fn archive(folder: &tempfile::TempDir) -> Archive {
        let catalog = folder.path().join("catalog.sqlite").display().to_string();
        let catalog = Database::open(&catalog).await.unwrap();
        let options = Options {
            year_events: 300,
            ..Options::new(folder.path(), catalog)
        };
        Archive::open(options).await.unwrap()
    }

    /// Events of 40 visitors over two days, some of them in bases and some in deltas.
    async fn fill(archive: &Archive) {
        let mut dice = traffic::Dice(4);
        for position in 1..=6 {
            let events = (0..150).map(|place| {
                let mut event = traffic::event(&mut dice, 40, 200, 11 * 60_000);
                if place % 30 == 0 {
                    // Somebody who comes once.
                    event.visitor = VisitorKey(position * 1_000 + place);
                }
                // One value for all that a visitor does: whichever event a visit begins with.
                for column in Column::of(Level::Visit) {
                    event.texts.clear(column);
                }
                event
                    .texts
                    .set(Column::Source, format!("source {}", event.visitor.0 % 7));
                event
            });
            archive.accept(position, events.collect());
            archive.flush(NOW).await.unwrap();
            if position == 3 {
                archive.compact_fully(SITE, NOW).await.unwrap();
            }
        }
    }

    async fn events(archive: &Archive) -> Vec<Event> {
        let view = archive.view(SITE).await.unwrap();
        traffic::visits_of_view(&view).into_iter().flatten().collect()
    }

    fn visits(events: Vec<Event>) -> Vec<Vec<Event>> {
        traffic::visits([(&Part::of(events), None)])
    }

    #[tokio::test]
    async fn totals_after_it_equal_totals_from_the_events_left() {
        let folder = tempfile::tempdir().unwrap();
        let archive = archive(&folder).await;
        fill(&archive).await;
        let rule = |mut event: Event| {
            if event.kind == EventKind::Action {
                return Err(DataType::Action);
            }
            event.texts.clear(Column::Source);
            event.texts.clear(Column::Title);
            event.sale = None;
            Ok(event)
        };
        let before = events(&archive).await;
        let actions = before.iter().filter(|e| e.kind == EventKind::Action).count() as u64;
        let want: Vec<Event> = before.into_iter().filter_map(|event| rule(event).ok()).collect();
        let mut scrub = Scrub {
            rule: Arc::new(rule),
            key_of_day: None,
            dry: true,
        };
        let would = archive.scrub(SITE, scrub.clone(), |_, _| {}).await.unwrap();
        scrub.dry = false;
        let mut seen = Vec::new();
        let did = archive
            .scrub(SITE, scrub, |done, total| seen.push((done, total)))
            .await
            .unwrap();
        assert_eq!(would, did);
        assert_eq!((did.events, did.gone[&DataType::Action]), (900, actions));
        assert!(did.amounts > 0 && did.texts[&Column::Source] > 0 && !did.texts.contains_key(&Column::Page));
        assert_eq!(seen.last().map(|(done, total)| done == total), Some(true));
        let view = archive.view(SITE).await.unwrap();
        assert_eq!(traffic::visits_of_view(&view), visits(want));
        // What the old files were is gone from the disk, and so are the texts from the new ones.
        let left = archive.survey().await.unwrap();
        assert_eq!(left, 0);
    }

    #[tokio::test]
    async fn who_was_known_for_days_is_one_visitor_a_day_and_others_keep_their_key() {
        let folder = tempfile::tempdir().unwrap();
        let archive = archive(&folder).await;
        fill(&archive).await;
        let before = events(&archive).await;
        let key_of_day = |key: VisitorKey, day: i64| VisitorKey(key.0 ^ (day as u64) << 40);
        let days_of = |key: VisitorKey| {
            let days = before
                .iter()
                .filter(|e| e.visitor == key)
                .map(|e| e.time.utc_day());
            days.collect::<FxHashSet<_>>().len()
        };
        let want: Vec<Event> = before
            .iter()
            .cloned()
            .map(|event| match days_of(event.visitor) {
                1 => event,
                _ => Event {
                    visitor: key_of_day(event.visitor, event.time.utc_day()),
                    ..event
                },
            })
            .collect();
        assert!(before.iter().any(|e| days_of(e.visitor) == 1));
        let scrub = Scrub {
            rule: Arc::new(Ok),
            key_of_day: Some(Arc::new(key_of_day)),
            dry: false,
        };
        let did = archive.scrub(SITE, scrub.clone(), |_, _| {}).await.unwrap();
        assert!(did.visitors > 10 && did.gone.is_empty() && did.texts.is_empty());
        let view = archive.view(SITE).await.unwrap();
        assert_eq!(traffic::visits_of_view(&view), visits(want));
        let again = archive.scrub(SITE, scrub, |_, _| {}).await.unwrap();
        assert_eq!((again.visitors, again.segments), (0, 0));
    }

    #[tokio::test]
    async fn it_waits_for_imports_and_a_site_of_nothing_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let archive = archive(&folder).await;
        fill(&archive).await;
        let scrub = Scrub {
            rule: Arc::new(|_| Err(DataType::PageView)),
            key_of_day: None,
            dry: false,
        };
        let import = archive.import(SITE, NOW).await.unwrap();
        let busy = archive.scrub(SITE, scrub.clone(), |_, _| {}).await;
        assert!(matches!(busy, Err(Error::Busy(_))));
        drop(import);
        let did = archive.scrub(SITE, scrub.clone(), |_, _| {}).await.unwrap();
        assert_eq!(did.gone[&DataType::PageView], did.events);
        assert!(archive.segments(SITE).is_empty() && archive.first_event(SITE).is_none());
        assert!(archive.scrub(SITE, scrub, |_, _| {}).await.unwrap().is_nothing());
    }
}
