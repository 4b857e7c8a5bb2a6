//! How many hits of a day were accepted, stripped or dropped, and why.

use crate::{Error, Sites};
use sqlx::Row;
use std::ops::RangeInclusive;
use vocabulary::{Reason, SiteId};

/// What became of a hit. A hit that was stripped was also accepted and counts as both.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// Stored.
    Accepted,
    /// Stored without something that the manifest denies.
    Stripped,
    /// Refused.
    Dropped(Reason),
}

impl Outcome {
    /// `accepted`, `stripped` or `dropped`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Stripped => "stripped",
            Self::Dropped(_) => "dropped",
        }
    }

    /// Name of the reason; empty unless dropped.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Accepted | Self::Stripped => "",
            Self::Dropped(reason) => reason.name(),
        }
    }

    fn parse(name: &str, reason: &str) -> Option<Self> {
        match name {
            "accepted" => Some(Self::Accepted),
            "stripped" => Some(Self::Stripped),
            "dropped" => Reason::parse(reason).map(Self::Dropped),
            _ => None,
        }
    }
}

/// A number of hits with the same outcome.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Count {
    /// The site; 0 for sites that are not served here.
    pub site: SiteId,
    /// UTC day of arrival, days since 1970-01-01.
    pub day: i64,
    /// What became of them.
    pub outcome: Outcome,
    /// How many.
    pub number: u64,
}

/// The site under which hits to unknown sites are counted.
pub const UNKNOWN_SITE: SiteId = SiteId(0);

impl Sites {
    /// Adds to the counts, all or none.
    pub async fn add_counts(&self, counts: &[Count]) -> Result<(), Error> {
        // In one order, so that two nodes never wait for each other.
        let mut sorted = counts.to_vec();
        sorted.sort_unstable();
        sorted.retain(|count| count.number > 0);
        if sorted.is_empty() {
            return Ok(());
        }
        let mut write = self.database.write().await?;
        for count in sorted {
            sqlx::query(
                "INSERT INTO site_counts (site, day, outcome, reason, number) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (site, day, outcome, reason)
                 DO UPDATE SET number = site_counts.number + excluded.number",
            )
            .bind(i64::from(count.site.0))
            .bind(count.day)
            .bind(count.outcome.name())
            .bind(count.outcome.reason())
            .bind(count.number as i64)
            .execute(&mut *write)
            .await?;
        }
        Ok(write.commit().await.map_err(sqldb::Error::from)?)
    }

    /// The counts of a site over UTC days, summed by outcome: accepted, stripped, then by reason.
    pub async fn counts(
        &self,
        site: SiteId,
        days: RangeInclusive<i64>,
    ) -> Result<Vec<(Outcome, u64)>, Error> {
        let rows = sqlx::query(
            "SELECT outcome, reason, CAST(SUM(number) AS BIGINT) AS number FROM site_counts
             WHERE site = $1 AND day BETWEEN $2 AND $3 GROUP BY outcome, reason",
        )
        .bind(i64::from(site.0))
        .bind(*days.start())
        .bind(*days.end())
        .fetch_all(self.database.pool())
        .await?;
        let mut sums = Vec::new();
        for row in rows {
            let (name, reason): (String, String) = (row.try_get("outcome")?, row.try_get("reason")?);
            let outcome = Outcome::parse(&name, &reason).ok_or_else(|| Error::Corrupt {
                what: "counts",
                of: format!("site {}", site.0),
            })?;
            sums.push((outcome, row.try_get::<i64, _>("number")? as u64));
        }
        sums.sort_unstable();
        Ok(sums)
    }
}
