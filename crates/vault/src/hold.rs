//! Holds: while one stands, nothing of the person is destroyed, and nothing used but for a legal duty.

use crate::random::Random;
use crate::reading::id_of;
use crate::sealing::{Note, NotePlace, PersonCipher};
use crate::{Error, Refusal, Sealed, Vault};
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Row, any::AnyRow};
use vocabulary::{Moment, PersonId};

/// A hold's number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HoldId(pub i64);

/// A hold to be placed.
#[derive(Clone, Copy, Debug)]
pub struct NewHold<'a> {
    /// The account of staff who answers for it.
    pub owner: u32,
    /// Why, in 1 to 500 characters; sealed under the key of the person, with whom it goes.
    pub reason: &'a str,
    /// When it is to be looked at again; after now.
    pub review: Moment,
}

/// A hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Hold {
    /// Its number.
    pub id: HoldId,
    /// On whom.
    pub person: PersonId,
    /// The account of staff who answers for it.
    pub owner: u32,
    /// When it is to be looked at again.
    pub review: Moment,
    /// Since when it stands.
    pub placed: Moment,
    /// Who released it and when, if so.
    pub released: Option<(u32, Moment)>,
}

impl Vault {
    /// Places a hold. A person may have several.
    pub async fn place_hold(&self, person: PersonId, new: NewHold<'_>, now: Moment) -> Result<HoldId, Error> {
        let reason = new.reason.trim();
        if reason.is_empty() || reason.chars().count() > 500 || new.review <= now {
            return Err(Refusal::Hold.into());
        }
        let (mut write, number, sealed) = self.change_with_note(person, Note::Hold, reason, now).await?;
        let inserted = sqlx::query(
            "INSERT INTO holds (person, owner, reason, sealed_reason, review_ms, placed_ms)
             VALUES ($1, $2, '', $3, $4, $5) RETURNING id",
        )
        .bind(number)
        .bind(i64::from(new.owner))
        .bind(sealed)
        .bind(new.review.0)
        .bind(now.0)
        .fetch_one(&mut **write)
        .await?;
        let id = HoldId(inserted.try_get(0)?);
        write.commit().await?;
        Ok(id)
    }

    /// Why a hold was placed.
    pub async fn hold_reason(&self, hold: &Hold) -> Result<Sealed, Error> {
        let row = sqlx::query("SELECT sealed_reason FROM holds WHERE id = $1")
            .bind(hold.id.0)
            .fetch_optional(self.fields.pool())
            .await?
            .ok_or(Error::NotFound("hold"))?;
        let sealed: Option<Vec<u8>> = row.try_get(0)?;
        let sealed = sealed.ok_or(Error::Corrupt("hold"))?;
        self.open_note(hold.person, Note::Hold, hold.placed, &sealed)
            .await
    }

    /// Seals the reasons that earlier versions kept in clear. To be called at start, once the operator's key is checked.
    pub async fn seal_hold_reasons(&self) -> Result<(), Error> {
        let mut random = Random::new();
        let mut was_any = false;
        let clear = "SELECT holds.id AS id, holds.reason AS reason, persons.id AS person, placed_ms
             FROM holds JOIN persons ON persons.number = holds.person WHERE reason <> ''";
        for hold in sqlx::query(clear).fetch_all(self.fields.pool()).await? {
            was_any = true;
            let person = id_of(hold.try_get("person")?)?;
            let row = self.person_row(person).await?;
            let Some(key) = self.person_key(person, row.key_version).await? else {
                continue;
            };
            let place = NotePlace {
                note: Note::Hold,
                client: row.client,
                person,
                written: Moment(hold.try_get("placed_ms")?),
                key_version: row.key_version,
            };
            let reason: String = hold.try_get("reason")?;
            let sealed = PersonCipher::new(&key).seal_note(&place, &reason, &mut random)?;
            let _turn = self.fields.turn().await;
            sqlx::query("UPDATE holds SET reason = '', sealed_reason = $1 WHERE id = $2")
                .bind(sealed)
                .bind(hold.try_get::<i64, _>("id")?)
                .execute(self.fields.pool())
                .await?;
        }
        if was_any {
            self.scrub_if_free().await
        } else {
            Ok(())
        }
    }

    /// Moves the day of review.
    pub async fn review_hold(&self, hold: HoldId, review: Moment, now: Moment) -> Result<(), Error> {
        if review <= now {
            return Err(Refusal::Hold.into());
        }
        let _turn = self.fields.turn().await;
        let sql = "UPDATE holds SET review_ms = $1, told_ms = NULL WHERE id = $2 AND released_ms IS NULL";
        let changed = sqlx::query(sql)
            .bind(review.0)
            .bind(hold.0)
            .execute(self.fields.pool())
            .await?;
        found(changed.rows_affected())
    }

    /// Releases a hold.
    pub async fn release_hold(&self, hold: HoldId, by: u32, now: Moment) -> Result<(), Error> {
        let _turn = self.fields.turn().await;
        let changed = sqlx::query(
            "UPDATE holds SET released_by = $1, released_ms = $2 WHERE id = $3 AND released_ms IS NULL",
        )
        .bind(i64::from(by))
        .bind(now.0)
        .bind(hold.0)
        .execute(self.fields.pool())
        .await?;
        found(changed.rows_affected())
    }

    /// Every hold on a person, released ones included, by number.
    pub async fn holds_on(&self, person: PersonId) -> Result<Vec<Hold>, Error> {
        let number = self.person_row(person).await?.number;
        self.holds("holds.person = $1", number).await
    }

    /// The standing holds whose review is at or before then, by number. Give a far future for all.
    pub async fn holds_to_review(&self, until: Moment) -> Result<Vec<Hold>, Error> {
        self.holds("released_ms IS NULL AND review_ms <= $1", until.0)
            .await
    }

    /// One hold.
    pub async fn hold(&self, hold: HoldId) -> Result<Hold, Error> {
        let found = self.holds("holds.id = $1", hold.0).await?;
        found.into_iter().next().ok_or(Error::NotFound("hold"))
    }

    /// The standing holds whose review is due by then, and of whose review nobody was told yet, by number.
    pub async fn holds_to_tell(&self, until: Moment) -> Result<Vec<Hold>, Error> {
        self.holds(
            "released_ms IS NULL AND told_ms IS NULL AND review_ms <= $1",
            until.0,
        )
        .await
    }

    /// Notes that somebody was told that the review of a hold is due.
    pub async fn note_hold_told(&self, hold: HoldId, now: Moment) -> Result<(), Error> {
        let _turn = self.fields.turn().await;
        let changed = sqlx::query("UPDATE holds SET told_ms = $1 WHERE id = $2")
            .bind(now.0)
            .bind(hold.0)
            .execute(self.fields.pool())
            .await?;
        found(changed.rows_affected())
    }

    /// Whether a hold stands on a person.
    pub async fn is_held(&self, person: PersonId) -> Result<bool, Error> {
        let holds = self.holds_on(person).await?;
        Ok(holds.iter().any(|hold| hold.released.is_none()))
    }

    async fn holds(&self, condition: &'static str, value: i64) -> Result<Vec<Hold>, Error> {
        let sql = format!(
            "SELECT holds.id AS id, persons.id AS person, owner, review_ms, placed_ms, released_by, released_ms
             FROM holds JOIN persons ON persons.number = holds.person WHERE {condition} ORDER BY holds.id"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(value)
            .fetch_all(self.fields.pool())
            .await?;
        rows.iter().map(hold_of).collect()
    }
}

fn found(rows: u64) -> Result<(), Error> {
    if rows == 0 {
        Err(Error::NotFound("hold"))
    } else {
        Ok(())
    }
}

fn hold_of(row: &AnyRow) -> Result<Hold, Error> {
    let by: Option<i64> = row.try_get("released_by")?;
    let at: Option<i64> = row.try_get("released_ms")?;
    Ok(Hold {
        id: HoldId(row.try_get("id")?),
        person: id_of(row.try_get("person")?)?,
        owner: row.try_get::<i64, _>("owner")? as u32,
        review: Moment(row.try_get("review_ms")?),
        placed: Moment(row.try_get("placed_ms")?),
        released: by.zip(at).map(|(by, at)| (by as u32, Moment(at))),
    })
}
