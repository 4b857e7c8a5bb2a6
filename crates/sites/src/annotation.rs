//! What people note on a day of a site's chart: a release, a campaign, an outage.

use crate::site::no_site;
use crate::{Error, Problem, Sites, name};
use jiff::civil::Date;
use sqlx::{Row, any::AnyRow};
use vocabulary::{Moment, SiteId};

/// How many characters an annotation may have.
const TEXT_MAX: usize = 120;
/// How many annotations a site may have.
const MOST: i64 = 1_000;

/// A note on a day. It is shown to everybody who may read the site, so it names no person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Annotation {
    /// Its number.
    pub id: u32,
    /// The day, by the site's own clock.
    pub day: Date,
    /// What happened.
    pub text: String,
    /// Who noted it: an account's number or a role.
    pub made_by: String,
}

impl Sites {
    /// Notes something on a day of a site.
    pub async fn annotate(
        &self,
        site: SiteId,
        day: Date,
        text: &str,
        by: &str,
        now: Moment,
    ) -> Result<Annotation, Error> {
        let text = name::checked("annotation", text, TEXT_MAX)?;
        if !(1970..=2199).contains(&day.year()) {
            return Err(Error::Refused {
                field: "day",
                problem: Problem::Day(day.to_string()),
            });
        }
        if self.snapshot().by_id(site).is_none() {
            self.refresh().await?;
            self.snapshot().by_id(site).ok_or_else(|| no_site(site))?;
        }
        let mut write = self.change().await?;
        let count: i64 = sqlx::query("SELECT COUNT(*) FROM site_annotations WHERE site = $1")
            .bind(i64::from(site.0))
            .fetch_one(&mut *write)
            .await?
            .try_get(0)?;
        if count >= MOST {
            return Err(Error::Refused {
                field: "annotation",
                problem: Problem::TooMany { max: MOST as usize },
            });
        }
        let row = sqlx::query(
            "INSERT INTO site_annotations (site, day, text, made_by, created_ms) VALUES ($1, $2, $3, $4, $5)
             RETURNING id, day, text, made_by",
        )
        .bind(i64::from(site.0))
        .bind(day.to_string())
        .bind(text)
        .bind(by)
        .bind(now.0)
        .fetch_one(&mut *write)
        .await?;
        let made = annotation_of(&row)?;
        self.done(write).await?;
        Ok(made)
    }

    /// Removes an annotation of a site.
    pub async fn remove_annotation(&self, site: SiteId, id: u32) -> Result<(), Error> {
        let mut write = self.change().await?;
        let gone = sqlx::query("DELETE FROM site_annotations WHERE site = $1 AND id = $2")
            .bind(i64::from(site.0))
            .bind(i64::from(id))
            .execute(&mut *write)
            .await?;
        if gone.rows_affected() == 0 {
            return Err(Error::NotFound {
                what: "annotation",
                name: id.to_string(),
                near: Vec::new(),
            });
        }
        self.done(write).await
    }

    /// What is noted on a site's days, oldest day first.
    pub async fn annotations(&self, site: SiteId) -> Result<Vec<Annotation>, Error> {
        let rows = sqlx::query(
            "SELECT id, day, text, made_by FROM site_annotations WHERE site = $1 ORDER BY day, id",
        )
        .bind(i64::from(site.0))
        .fetch_all(self.database.pool())
        .await?;
        rows.iter().map(annotation_of).collect()
    }
}

fn annotation_of(row: &AnyRow) -> Result<Annotation, Error> {
    let (id, day): (i64, String) = (row.try_get("id")?, row.try_get("day")?);
    Ok(Annotation {
        id: id as u32,
        day: day.parse().map_err(|_| Error::Corrupt {
            what: "annotation",
            of: id.to_string(),
        })?,
        text: row.try_get("text")?,
        made_by: row.try_get("made_by")?,
    })
}
