//! The list of live segments. What a commit has listed is the archive; other files are leftovers.

use crate::{Error, Rank, Segment};
use sqldb::{Database, Migration};
use sqlx::{Any, Row, Transaction};
use vocabulary::{Moment, SiteId};

/// `archive_state` holds whole numbers by name: `generation` (grows with each commit), `flushed` (the journal position
/// up to which events are in segments) and `next_segment` (the next number to give).
const MIGRATIONS: &[Migration] = &[Migration {
    name: "segments and state",
    sql: "CREATE TABLE segments (
              id BIGINT PRIMARY KEY,
              site BIGINT NOT NULL,
              rank TEXT NOT NULL,
              from_ms BIGINT NOT NULL,
              to_ms BIGINT NOT NULL,
              visitors BIGINT NOT NULL,
              visits BIGINT NOT NULL,
              events BIGINT NOT NULL,
              bytes BIGINT NOT NULL,
              path TEXT NOT NULL,
              format BIGINT NOT NULL,
              created_ms BIGINT NOT NULL,
              first_event_ms BIGINT
          );
          CREATE INDEX segments_site ON segments (site);
          CREATE TABLE archive_state (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
          INSERT INTO archive_state (name, value) VALUES ('generation', 1), ('flushed', 0), ('next_segment', 1)",
}];

/// What one transaction changes.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    /// Segments to list.
    pub(crate) add: Vec<Segment>,
    /// Segments to strike out. If one is no longer listed, nothing is changed.
    pub(crate) remove: Vec<(SiteId, i64)>,
    /// The journal position that is now in segments.
    pub(crate) flushed: Option<u64>,
}

/// The catalog as it was at one moment.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) generation: i64,
    pub(crate) flushed: u64,
    pub(crate) segments: Vec<Segment>,
}

/// The catalog's tables in a database.
#[derive(Clone, Debug)]
pub(crate) struct Catalog {
    database: Database,
}

impl Catalog {
    pub(crate) async fn open(database: Database) -> Result<Self, Error> {
        database.migrate("events", MIGRATIONS).await?;
        Ok(Self { database })
    }

    /// A number that is another one after each commit.
    pub(crate) async fn generation(&self) -> Result<i64, Error> {
        let row = sqlx::query("SELECT value FROM archive_state WHERE name = 'generation'")
            .fetch_one(self.database.pool())
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Everything, as of one moment.
    pub(crate) async fn list(&self) -> Result<Listing, Error> {
        let mut read = self.database.read().await?;
        let mut listing = Listing {
            generation: 0,
            flushed: 0,
            segments: Vec::new(),
        };
        for row in sqlx::query("SELECT name, value FROM archive_state")
            .fetch_all(&mut *read)
            .await?
        {
            let (name, value): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
            match name.as_str() {
                "generation" => listing.generation = value,
                "flushed" => listing.flushed = value as u64,
                _ => {}
            }
        }
        let rows = sqlx::query(
            "SELECT id, site, rank, from_ms, to_ms, visitors, visits, events, bytes, path, format, created_ms,
                 first_event_ms
             FROM segments ORDER BY id",
        )
        .fetch_all(&mut *read)
        .await?;
        for row in rows {
            let rank: String = row.try_get(2)?;
            let site: i64 = row.try_get(1)?;
            listing.segments.push(Segment {
                id: row.try_get(0)?,
                site: SiteId(site as u32),
                rank: if rank == Rank::Base.name() {
                    Rank::Base
                } else {
                    Rank::Delta
                },
                range: row.try_get(3)?..row.try_get(4)?,
                visitors: row.try_get(5)?,
                visits: row.try_get(6)?,
                events: row.try_get(7)?,
                bytes: row.try_get(8)?,
                path: row.try_get(9)?,
                format: row.try_get(10)?,
                created: Moment(row.try_get(11)?),
                first_event: row.try_get::<Option<i64>, _>(12)?.map(Moment),
            });
        }
        Ok(listing)
    }

    /// Gives `count` segment numbers that nobody else gets; returns the first.
    pub(crate) async fn reserve(&self, count: usize) -> Result<i64, Error> {
        let mut write = self.database.write().await?;
        let row = sqlx::query(
            "UPDATE archive_state SET value = value + $1 WHERE name = 'next_segment' RETURNING value",
        )
        .bind(count as i64)
        .fetch_one(&mut *write)
        .await?;
        let after: i64 = row.try_get(0)?;
        write.commit().await?;
        Ok(after - count as i64)
    }

    /// Makes a change, whole or not at all; returns the new generation. [`Error::Outdated`] if a segment to strike out
    /// is gone already.
    pub(crate) async fn commit(&self, commit: &Commit) -> Result<i64, Error> {
        let mut write = self.database.write().await?;
        // The first statement also makes PostgreSQL's writers take turns.
        let row = sqlx::query(
            "UPDATE archive_state SET value = value + 1 WHERE name = 'generation' RETURNING value",
        )
        .fetch_one(&mut *write)
        .await?;
        let generation: i64 = row.try_get(0)?;
        for (_, id) in &commit.remove {
            let done = sqlx::query("DELETE FROM segments WHERE id = $1")
                .bind(id)
                .execute(&mut *write)
                .await?;
            if done.rows_affected() != 1 {
                return Err(Error::Outdated);
            }
        }
        for segment in &commit.add {
            insert(&mut write, segment).await?;
        }
        if let Some(flushed) = commit.flushed {
            sqlx::query("UPDATE archive_state SET value = $1 WHERE name = 'flushed'")
                .bind(flushed as i64)
                .execute(&mut *write)
                .await?;
        }
        write.commit().await?;
        Ok(generation)
    }
}

async fn insert(write: &mut Transaction<'static, Any>, segment: &Segment) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO segments
             (id, site, rank, from_ms, to_ms, visitors, visits, events, bytes, path, format, created_ms,
              first_event_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(segment.id)
    .bind(i64::from(segment.site.0))
    .bind(segment.rank.name())
    .bind(segment.range.start)
    .bind(segment.range.end)
    .bind(segment.visitors)
    .bind(segment.visits)
    .bind(segment.events)
    .bind(segment.bytes)
    .bind(segment.path.clone())
    .bind(segment.format)
    .bind(segment.created.0)
    .bind(segment.first_event.map(|first| first.0))
    .execute(&mut **write)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqldb::trial::trials;

    fn segment(id: i64) -> Segment {
        Segment {
            id,
            site: SiteId(u32::MAX),
            rank: if id % 2 == 0 { Rank::Base } else { Rank::Delta },
            range: -5..i64::MAX,
            visitors: 1,
            visits: 2,
            events: 3,
            bytes: 4,
            path: format!("segments/site=a/period=2026/{id}"),
            format: 1,
            created: Moment(7),
            first_event: (id % 2 == 0).then_some(Moment(-3)),
        }
    }

    #[tokio::test]
    async fn commits_are_whole_or_not_at_all_on_both_engines() {
        for trial in trials().await.unwrap() {
            let catalog = Catalog::open(trial.open().await.unwrap()).await.unwrap();
            let other = Catalog::open(trial.open().await.unwrap()).await.unwrap();
            let first = catalog.reserve(3).await.unwrap();
            assert_eq!(other.reserve(1).await.unwrap(), first + 3);
            let generation = catalog.generation().await.unwrap();
            let add = Commit {
                add: vec![segment(1), segment(2)],
                remove: Vec::new(),
                flushed: Some(77),
            };
            assert_eq!(catalog.commit(&add).await.unwrap(), generation + 1);
            let swap = Commit {
                add: vec![segment(3)],
                remove: vec![(SiteId(1), 1)],
                flushed: None,
            };
            other.commit(&swap).await.unwrap();
            let again = Commit {
                add: vec![segment(4)],
                remove: vec![(SiteId(1), 2), (SiteId(1), 1)],
                flushed: Some(99),
            };
            assert!(matches!(catalog.commit(&again).await, Err(Error::Outdated)));
            let listing = other.list().await.unwrap();
            assert_eq!(listing.segments, [segment(2), segment(3)]);
            assert_eq!((listing.flushed, listing.generation), (77, generation + 2));
        }
    }
}
