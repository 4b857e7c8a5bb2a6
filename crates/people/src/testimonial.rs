//! Testimonials: what somebody said of us, to be published after they agreed to exactly that (promise P12).
//!
//! The words and the author's address are sealed in the vault under the person's key; here are numbers, times and
//! digests alone. Until the author agrees, both are kept to ask them ([`Purpose::AskAuthor`]) and for nothing else. What
//! they agreed to is sealed anew, given for publication by that consent. What was declined, taken back or never answered
//! is destroyed; its row says when.

use crate::people::{row_digest, row_person};
use crate::{Error, Language, People, Said};
use policy::Purpose;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Row, any::AnyRow};
use vault::{Reader, ValueId};
use vocabulary::{Moment, PersonId, TaskId, moment::DAY_MS};

/// How long an author may take to answer: a draft that was neither changed nor asked about for so long is destroyed.
pub const ANSWER_MS: i64 = 30 * DAY_MS;

/// How long an agreed one stands at most: as long as the consent says, and as the vault keeps what rests on consent.
pub const PUBLISHED_MS: i64 = 3 * 365 * DAY_MS;

/// A testimonial's number, from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TestimonialId(pub u32);

vocabulary::closed_list! {
    /// Where a testimonial stands. Only an agreed one is published.
    TestimonialStatus {
        /// Written down; its author was not asked yet, or not about these words.
        Draft = "draft",
        /// Its author was asked.
        Asked = "asked",
        /// Its author agreed to exactly these words: it is published while the consent stands.
        Agreed = "agreed",
        /// Its author did not agree.
        Declined = "declined",
        /// Its author, or we, took it back.
        Withdrawn = "withdrawn",
        /// Nobody answered in time, or the consent ran out.
        Lapsed = "lapsed",
    }
}

impl TestimonialStatus {
    /// Whether it is over; then its words are destroyed, and it stays so.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Declined | Self::Withdrawn | Self::Lapsed)
    }
}

/// A testimonial without its words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Testimonial {
    /// Its number.
    pub id: TestimonialId,
    /// Whose words they are.
    pub person: PersonId,
    /// The language of the words.
    pub language: Language,
    /// Where it stands.
    pub status: TestimonialStatus,
    /// From 1; every change of the words is another version.
    pub version: u32,
    /// SHA-256 of words and lines; see [`Said`].
    #[serde(serialize_with = "crate::people::as_hex")]
    pub sha256: [u8; 32],
    /// The task by which staff reads it before it is published.
    pub task: Option<TaskId>,
    /// The account that wrote it down.
    pub written_by: u32,
    /// When it was written down.
    pub created: Moment,
    /// When its words last changed.
    pub changed: Moment,
    /// When the author was last asked about these words.
    pub asked: Option<Moment>,
    /// When the author agreed to these words.
    pub agreed: Option<Moment>,
    /// When it was over.
    pub ended: Option<Moment>,
    /// Where the words are in the vault.
    #[serde(skip)]
    pub(crate) said: Option<ValueId>,
    /// Where the author's address is in the vault.
    #[serde(skip)]
    pub(crate) address: Option<ValueId>,
}

impl Testimonial {
    /// Until when the author may answer; `None` once they did.
    pub fn answer_until(&self) -> Option<Moment> {
        let last = self.asked.unwrap_or(self.changed).max(self.changed);
        (!self.status.is_over() && self.agreed.is_none()).then(|| last.plus_ms(ANSWER_MS))
    }
}

/// Which testimonials to list.
#[derive(Clone, Copy, Debug)]
pub struct TestimonialFilter {
    /// Of this status; all where none is given.
    pub status: Option<TestimonialStatus>,
    /// Only older ones than this, for the next page.
    pub before: Option<TestimonialId>,
    /// At most so many.
    pub most: u32,
}

pub(crate) const COLUMNS: &str = "id, person, language, status, version, sha256, task, written_by, created_ms, \
    changed_ms, asked_ms, agreed_ms, ended_ms, said_value, address_value FROM testimonials";

impl People {
    /// The testimonial of that number.
    pub async fn testimonial(&self, id: TestimonialId) -> Result<Testimonial, Error> {
        let row = sqlx::query(AssertSqlSafe(format!("SELECT {COLUMNS} WHERE id = $1")))
            .bind(i64::from(id.0))
            .fetch_optional(self.database.pool())
            .await?
            .ok_or(Error::NotFound("testimonial"))?;
        testimonial_of(&row)
    }

    /// Testimonials, newest first.
    pub async fn testimonials(&self, filter: TestimonialFilter) -> Result<Vec<Testimonial>, Error> {
        let sql =
            format!("SELECT {COLUMNS} WHERE id < $1 AND ($2 = '' OR status = $2) ORDER BY id DESC LIMIT $3");
        sqlx::query(AssertSqlSafe(sql))
            .bind(filter.before.map_or(i64::MAX, |id| i64::from(id.0)))
            .bind(filter.status.map_or("", TestimonialStatus::name))
            .bind(i64::from(filter.most))
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(testimonial_of)
            .collect()
    }

    /// The testimonials of a person, oldest first.
    pub async fn testimonials_of(&self, person: PersonId) -> Result<Vec<Testimonial>, Error> {
        let sql = format!("SELECT {COLUMNS} WHERE person = $1 ORDER BY id");
        sqlx::query(AssertSqlSafe(sql))
            .bind(person.0.to_vec())
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(testimonial_of)
            .collect()
    }

    /// What is published now, the newest first: agreed to, by a consent that stands.
    pub async fn published_testimonials(&self) -> Result<Vec<Testimonial>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} WHERE status = 'agreed' AND (
                 SELECT state FROM consent_events AS e
                 WHERE e.person = testimonials.person AND e.purpose = 'testimonial' ORDER BY e.id DESC LIMIT 1
             ) IN ('given', 'renewed') ORDER BY agreed_ms DESC, id DESC"
        );
        sqlx::query(AssertSqlSafe(sql))
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(testimonial_of)
            .collect()
    }

    /// The words of a testimonial, if they are not destroyed. The vault's guard decides. They are the very ones that the
    /// register's digest is of.
    pub async fn open_testimonial(
        &self,
        reader: &Reader,
        testimonial: &Testimonial,
        purpose: Purpose,
        now: Moment,
    ) -> Result<Said, Error> {
        let value = testimonial.said.ok_or(Error::NotFound("testimonial"))?;
        let opened = self
            .vault
            .open_for(reader, testimonial.person, purpose, &[value], now)
            .await?;
        let (_, bytes) = opened.first().ok_or(Error::NotFound("testimonial"))?;
        Said::read(bytes, &testimonial.sha256)
    }

    /// Says by which task a testimonial is read from now on.
    pub async fn set_testimonial_task(&self, id: TestimonialId, task: TaskId) -> Result<(), Error> {
        sqlx::query("UPDATE testimonials SET task = $1 WHERE id = $2")
            .bind(task.0.to_vec())
            .bind(i64::from(id.0))
            .execute(self.database.pool())
            .await?;
        Ok(())
    }
}

pub(crate) fn testimonial_of(row: &AnyRow) -> Result<Testimonial, Error> {
    let corrupt = || Error::Corrupt("a testimonial");
    let number = |column| row.try_get::<i64, _>(column).map(|n| n as u32);
    let moment = |column| row.try_get::<Option<i64>, _>(column).map(|ms| ms.map(Moment));
    let value = |column| row.try_get::<Option<i64>, _>(column).map(|id| id.map(ValueId));
    let task = match row.try_get::<Option<Vec<u8>>, _>("task")? {
        None => None,
        Some(bytes) => Some(TaskId(bytes.try_into().map_err(|_| corrupt())?)),
    };
    Ok(Testimonial {
        id: TestimonialId(number("id")?),
        person: row_person(row, "person")?,
        language: Language::parse(&row.try_get::<String, _>("language")?).ok_or_else(corrupt)?,
        status: TestimonialStatus::parse(&row.try_get::<String, _>("status")?).ok_or_else(corrupt)?,
        version: number("version")?,
        sha256: row_digest(row, "sha256")?.ok_or_else(corrupt)?,
        task,
        written_by: number("written_by")?,
        created: Moment(row.try_get("created_ms")?),
        changed: Moment(row.try_get("changed_ms")?),
        asked: moment("asked_ms")?,
        agreed: moment("agreed_ms")?,
        ended: moment("ended_ms")?,
        said: value("said_value")?,
        address: value("address_value")?,
    })
}
