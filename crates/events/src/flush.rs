//! From the tail into delta segments.

use crate::{
    Archive, Error, Part, Rank, Segment,
    archive::lock,
    catalog::Commit,
    lock::{Lock, WRITING},
    part::{ALWAYS, merge},
    segment::FORMAT,
};
use futures::{StreamExt, TryStreamExt};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use vocabulary::{Moment, SiteId};

/// Segments written at a time: waiting for the disk is most of the work when many sites have few events each.
const AT_A_TIME: usize = 8;

impl Archive {
    /// Whether it is time for [`Archive::flush`]: many events wait, or some have waited for long. Also puts accepted
    /// events into order, so it is worth calling each second.
    pub fn flush_due(&self, now: Moment) -> bool {
        let waiting = self.state().tail.events();
        let mut last = lock(&self.0.last_flush);
        let last = *last.get_or_insert(now);
        waiting >= self.0.options.flush_events
            || waiting > 0 && now.0 - last.0 >= self.0.options.flush_after_ms
    }

    /// Seals everything accepted so far: writes it as delta segments, lists them and the journal position in one
    /// commit. Returns that position: the journal may let go of what is before it.
    ///
    /// If it fails, nothing is lost and nothing doubled: the events stay in the tail for the next flush, and after a
    /// crash the journal brings them again unless the commit had been made.
    pub async fn flush(&self, now: Moment) -> Result<u64, Error> {
        let _turn = self.0.flushing.lock().await;
        // The last commit may have been made although it was reported as failed.
        self.refresh().await?;
        let archive = self.clone();
        let sealed = tokio::task::spawn_blocking(move || {
            let mut state = archive.state();
            state.tail.seal();
            let (position, sealing) = (state.tail.position(), state.tail.sealing());
            drop(state);
            let parts = sealing.into_iter().map(|(site, parts)| (site, one(parts)));
            (position, parts.collect::<Vec<_>>())
        });
        let (position, parts) = sealed.await.map_err(|e| Error::storage("the tail", e))?;
        if parts.is_empty() {
            *lock(&self.0.last_flush) = Some(now);
            return Ok(position.max(self.flushed_position()));
        }
        let _writing = Lock::share(&self.0.options.dir, WRITING).await?;
        let add = self.write_deltas(parts.clone(), now).await?;
        let parts: FxHashMap<SiteId, Arc<Part>> = parts.into_iter().collect();
        for segment in &add {
            if let Some(part) = parts.get(&segment.site) {
                self.cache(segment, part.clone());
            }
        }
        self.commit(Commit {
            add,
            remove: Vec::new(),
            flushed: Some(position),
        })
        .await?;
        *lock(&self.0.last_flush) = Some(now);
        Ok(position)
    }

    /// Writes one delta for each part, not yet listed.
    pub(crate) async fn write_deltas(
        &self,
        parts: Vec<(SiteId, Arc<Part>)>,
        now: Moment,
    ) -> Result<Vec<Segment>, Error> {
        let first = self.0.catalog.reserve(parts.len()).await?;
        let writes = parts.into_iter().zip(first..).filter_map(|((site, part), id)| {
            let segment = unwritten(id, site, Rank::Delta, part.span()?, now);
            Some(self.write(part, segment))
        });
        futures::stream::iter(writes)
            .buffer_unordered(AT_A_TIME)
            .try_collect()
            .await
    }
}

/// A segment of which nothing is known but what it is to be.
pub(crate) fn unwritten(
    id: i64,
    site: SiteId,
    rank: Rank,
    range: std::ops::Range<i64>,
    now: Moment,
) -> Segment {
    Segment {
        id,
        site,
        rank,
        range,
        visitors: 0,
        visits: 0,
        events: 0,
        bytes: 0,
        path: String::new(),
        format: FORMAT,
        created: now,
        first_event: None,
    }
}

fn one(mut parts: Vec<Arc<Part>>) -> Arc<Part> {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    let sources: Vec<&Part> = parts.iter().map(AsRef::as_ref).collect();
    Arc::new(merge(&sources, &ALWAYS))
}
