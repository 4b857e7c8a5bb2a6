//! The ledger of what left: a row is written, and on disk, before anything leaves.

use crate::{Error, Refusal};
use policy::{FieldClass, Purpose};
use sqldb::{Database, Write};
use sqlx::{Row, any::AnyRow};
use std::collections::BTreeSet;
use vocabulary::{Moment, PersonId};

vocabulary::closed_list! {
    /// The ways out. There is no other.
    Door {
        /// A mail.
        Mail = "mail",
        /// A request over HTTP.
        Http = "http",
        /// A file that somebody takes away.
        Export = "export",
        /// Aggregates for partners or for all, and what is published on our own site.
        Release = "release",
    }
}

vocabulary::closed_list! {
    /// What became of it.
    Outcome {
        /// It waits, is on its way, or was interrupted.
        Open = "open",
        /// The other side took it.
        Sent = "sent",
        /// It did not arrive.
        Failed = "failed",
        /// The other side sent it back.
        Bounced = "bounced",
    }
}

/// Who gets it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Recipient {
    /// The person themself.
    Person,
    /// Our own staff.
    Staff,
    /// A processor or contractor: the name of the firm. Gets no field but name and e-mail (promise P9).
    Partner(String),
    /// A service that our installation runs on, such as sign-in or keys: the name of the service.
    Infrastructure(String),
    /// Everybody.
    Public,
}

impl Recipient {
    /// The class in the ledger and in exports.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Staff => "staff",
            Self::Partner(_) => "partner",
            Self::Infrastructure(_) => "infrastructure",
            Self::Public => "public",
        }
    }

    fn firm(&self) -> Option<&str> {
        match self {
            Self::Partner(name) | Self::Infrastructure(name) => Some(name),
            Self::Person | Self::Staff | Self::Public => None,
        }
    }

    fn parse(name: &str, firm: Option<String>) -> Option<Self> {
        Some(match (name, firm) {
            ("person", None) => Self::Person,
            ("staff", None) => Self::Staff,
            ("public", None) => Self::Public,
            ("partner", Some(firm)) => Self::Partner(firm),
            ("infrastructure", Some(firm)) => Self::Infrastructure(firm),
            _ => return None,
        })
    }
}

/// What is to leave, for whom and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disclosure {
    /// Who gets it.
    pub recipient: Recipient,
    /// Whose data it is, if it is one person's.
    pub person: Option<PersonId>,
    /// The classes of that person's data in it.
    pub fields: BTreeSet<FieldClass>,
    /// What for; must be there where there are fields.
    pub purpose: Option<Purpose>,
    /// The service it is for, in 1 to 100 characters without anything personal, such as `enquiry_answer`.
    pub service: String,
}

impl Disclosure {
    fn check(&self) -> Result<(), Refusal> {
        let named = |text: &str| (1..=100).contains(&text.trim().chars().count());
        if !named(&self.service) {
            return Err(Refusal::NoService);
        }
        if self.recipient.firm().is_some_and(|firm| !named(firm)) {
            return Err(Refusal::NoPartner);
        }
        if !self.fields.is_empty() && self.purpose.is_none() {
            return Err(Refusal::NoPurpose);
        }
        let for_partner = |field: &FieldClass| matches!(field, FieldClass::Name | FieldClass::Email);
        if matches!(self.recipient, Recipient::Partner(_)) && !self.fields.iter().all(for_partner) {
            return Err(Refusal::FieldsOfPartner);
        }
        Ok(())
    }
}

/// A row of the ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disclosed {
    /// Its number.
    pub id: i64,
    /// When it was decided.
    pub at: Moment,
    /// Which way.
    pub door: Door,
    /// What, for whom and why.
    pub what: Disclosure,
    /// SHA-256 of what left: the mail as sent; of a request its method, a space, its address, a line feed, its body;
    /// of a file its bytes.
    pub sha256: [u8; 32],
    /// When it first went through the door; `None` while it waits in the outbox.
    pub left: Option<Moment>,
    /// What became of it.
    pub outcome: Outcome,
    /// When that was known.
    pub done: Option<Moment>,
}

/// Counts of one door.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Totals {
    /// Which.
    pub door: Door,
    /// How often something went through it, as the door itself counted.
    pub passed: u64,
    /// Rows of the ledger that say so. Less or more than `passed`: the ledger was tampered with.
    pub rows: u64,
    /// Rows that still wait in the outbox.
    pub waiting: u64,
    /// Of `rows`, sent.
    pub sent: u64,
    /// Rows that failed, waiting ones that were given up included.
    pub failed: u64,
    /// Rows that bounced.
    pub bounced: u64,
}

/// The ledger; cheap to clone.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(crate) database: Database,
}

/// The right to use a door once: its row is on disk. Dropped without [`Leave::done`], the row stays `open`.
#[derive(Debug)]
#[must_use]
pub struct Leave {
    database: Database,
    id: i64,
}

impl Leave {
    /// The row.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Writes down what became of it.
    pub async fn done(self, outcome: Outcome, now: Moment) -> Result<(), Error> {
        sqlx::query("UPDATE disclosures SET outcome = $1, done_ms = $2 WHERE id = $3")
            .bind(outcome.name())
            .bind(now.0)
            .bind(self.id)
            .execute(self.database.pool())
            .await?;
        Ok(())
    }
}

macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT id, at_ms, door, recipient, partner, person, fields, purpose, service, sha256, left_ms, outcome, done_ms FROM disclosures ",
            $where
        )
    };
}

impl Ledger {
    /// Writes the row of something that leaves now, and counts it at its door. `sha256` as in [`Disclosed::sha256`].
    /// Mail and HTTP do this by themselves; it is for exports and releases, whose bytes others hand out.
    pub async fn open(
        &self,
        door: Door,
        what: &Disclosure,
        sha256: [u8; 32],
        now: Moment,
    ) -> Result<Leave, Error> {
        let mut write = self.database.write().await?;
        let id = insert(&mut write, door, what, sha256, now).await?;
        pass(&mut write, id, now).await?;
        write.commit().await?;
        Ok(self.leave(id))
    }

    /// Lets a row that waited through its door. It is counted the first time only.
    pub(crate) async fn let_out(&self, id: i64, now: Moment) -> Result<Leave, Error> {
        let mut write = self.database.write().await?;
        pass(&mut write, id, now).await?;
        write.commit().await?;
        Ok(self.leave(id))
    }

    fn leave(&self, id: i64) -> Leave {
        Leave {
            database: self.database.clone(),
            id,
        }
    }

    /// One row.
    pub async fn row(&self, id: i64) -> Result<Option<Disclosed>, Error> {
        sqlx::query(select!("WHERE id = $1"))
            .bind(id)
            .fetch_optional(self.database.pool())
            .await?
            .map(|row| disclosed(&row))
            .transpose()
    }

    /// What left of a person, oldest first.
    pub async fn of_person(&self, person: PersonId) -> Result<Vec<Disclosed>, Error> {
        sqlx::query(select!("WHERE person = $1 ORDER BY id"))
            .bind(person.0.to_vec())
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(disclosed)
            .collect()
    }

    /// What left for a partner, oldest first.
    pub async fn to_partner(&self, partner: &str) -> Result<Vec<Disclosed>, Error> {
        sqlx::query(select!(
            "WHERE recipient = 'partner' AND partner = $1 ORDER BY id"
        ))
        .bind(partner)
        .fetch_all(self.database.pool())
        .await?
        .iter()
        .map(disclosed)
        .collect()
    }

    /// Every partner that anything left for, with the union of the fields it was given.
    pub async fn partners(&self) -> Result<Vec<(String, BTreeSet<FieldClass>)>, Error> {
        let rows =
            sqlx::query("SELECT DISTINCT partner, fields FROM disclosures WHERE recipient = 'partner'")
                .fetch_all(self.database.pool())
                .await?;
        let mut partners = std::collections::BTreeMap::<String, BTreeSet<FieldClass>>::new();
        for row in rows {
            let fields = fields_of(&row.try_get::<String, _>("fields")?)?;
            partners
                .entry(row.try_get("partner")?)
                .or_default()
                .extend(fields);
        }
        Ok(partners.into_iter().collect())
    }

    /// Counts, door by door in the order of [`Door::ALL`].
    pub async fn totals(&self) -> Result<Vec<Totals>, Error> {
        let mut read = self.database.read().await?;
        let passed = sqlx::query("SELECT door, passed FROM doors")
            .fetch_all(&mut *read)
            .await?;
        let rows = sqlx::query(
            "SELECT door, outcome, COUNT(*) AS number, COUNT(left_ms) AS has_left
             FROM disclosures GROUP BY door, outcome",
        )
        .fetch_all(&mut *read)
        .await?;
        let mut totals: Vec<Totals> = Door::ALL
            .iter()
            .map(|&door| Totals {
                door,
                passed: 0,
                rows: 0,
                waiting: 0,
                sent: 0,
                failed: 0,
                bounced: 0,
            })
            .collect();
        for row in &passed {
            totals[place_of(row)?].passed = row.try_get::<i64, _>("passed")? as u64;
        }
        for row in &rows {
            let number = row.try_get::<i64, _>("number")? as u64;
            let has_left = row.try_get::<i64, _>("has_left")? as u64;
            let of_door = &mut totals[place_of(row)?];
            of_door.rows += has_left;
            match outcome_of(row)? {
                Outcome::Open => of_door.waiting += number - has_left,
                Outcome::Sent => of_door.sent += number,
                Outcome::Failed => of_door.failed += number,
                Outcome::Bounced => of_door.bounced += number,
            }
        }
        Ok(totals)
    }
}

/// Writes a row that has not left.
pub(crate) async fn insert(
    write: &mut Write,
    door: Door,
    what: &Disclosure,
    sha256: [u8; 32],
    now: Moment,
) -> Result<i64, Error> {
    what.check()?;
    let fields: Vec<&str> = what.fields.iter().map(|field| field.name()).collect();
    let row = sqlx::query(
        "INSERT INTO disclosures (at_ms, door, recipient, partner, person, fields, purpose, service, sha256, outcome)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open') RETURNING id",
    )
    .bind(now.0)
    .bind(door.name())
    .bind(what.recipient.name())
    .bind(what.recipient.firm())
    .bind(what.person.map(|person| person.0.to_vec()))
    .bind(fields.join(","))
    .bind(what.purpose.map(Purpose::name))
    .bind(what.service.trim())
    .bind(sha256.to_vec())
    .fetch_one(&mut **write)
    .await?;
    Ok(row.try_get(0)?)
}

async fn pass(write: &mut Write, id: i64, now: Moment) -> Result<(), Error> {
    let first = sqlx::query("UPDATE disclosures SET left_ms = $1 WHERE id = $2 AND left_ms IS NULL")
        .bind(now.0)
        .bind(id)
        .execute(&mut **write)
        .await?;
    if first.rows_affected() == 1 {
        sqlx::query(
            "INSERT INTO doors (door, passed) SELECT door, 1 FROM disclosures WHERE id = $1
             ON CONFLICT (door) DO UPDATE SET passed = doors.passed + 1",
        )
        .bind(id)
        .execute(&mut **write)
        .await?;
    }
    Ok(())
}

const CORRUPT: Error = Error::Corrupt("ledger");

fn place_of(row: &AnyRow) -> Result<usize, Error> {
    let name: String = row.try_get("door")?;
    Door::ALL
        .iter()
        .position(|door| door.name() == name)
        .ok_or(CORRUPT)
}

fn outcome_of(row: &AnyRow) -> Result<Outcome, Error> {
    Outcome::parse(&row.try_get::<String, _>("outcome")?).ok_or(CORRUPT)
}

fn fields_of(text: &str) -> Result<BTreeSet<FieldClass>, Error> {
    text.split(',')
        .filter(|name| !name.is_empty())
        .map(|name| FieldClass::parse(name).ok_or(CORRUPT))
        .collect()
}

fn disclosed(row: &AnyRow) -> Result<Disclosed, Error> {
    let person = row.try_get::<Option<Vec<u8>>, _>("person")?;
    let purpose = row.try_get::<Option<String>, _>("purpose")?;
    Ok(Disclosed {
        id: row.try_get("id")?,
        at: Moment(row.try_get("at_ms")?),
        door: Door::parse(&row.try_get::<String, _>("door")?).ok_or(CORRUPT)?,
        what: Disclosure {
            recipient: Recipient::parse(&row.try_get::<String, _>("recipient")?, row.try_get("partner")?)
                .ok_or(CORRUPT)?,
            person: person
                .map(|bytes| bytes.try_into().map(PersonId).map_err(|_| CORRUPT))
                .transpose()?,
            fields: fields_of(&row.try_get::<String, _>("fields")?)?,
            purpose: purpose
                .map(|name| Purpose::parse(&name).ok_or(CORRUPT))
                .transpose()?,
            service: row.try_get("service")?,
        },
        sha256: row
            .try_get::<Vec<u8>, _>("sha256")?
            .try_into()
            .map_err(|_| CORRUPT)?,
        left: row.try_get::<Option<i64>, _>("left_ms")?.map(Moment),
        outcome: outcome_of(row)?,
        done: row.try_get::<Option<i64>, _>("done_ms")?.map(Moment),
    })
}
