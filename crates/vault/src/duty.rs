//! Legal duties: until when a law wants which values of a person kept, whatever else ends.

use crate::choice::{classes_of, names_of};
use crate::sealing::Note;
use crate::{Error, Refusal, Sealed, Vault};
use policy::FieldClass;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use vocabulary::{Moment, PersonId};

/// The number of a legal duty.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DutyId(pub i64);

/// A legal duty to keep values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Duty {
    /// Its number.
    pub id: DutyId,
    /// Which values, given before or later.
    pub classes: Vec<FieldClass>,
    /// Until when.
    pub until: Moment,
    /// Which law demands it.
    pub law: Sealed,
    /// When that was said.
    pub said: Moment,
}

impl Vault {
    /// Says until when a law wants a person's values of these classes kept. `law`, in 1 to 200 characters, is sealed under
    /// the person's key and shown to them. A person may have several.
    pub async fn add_duty(
        &self,
        person: PersonId,
        classes: &[FieldClass],
        until: Moment,
        law: &str,
        now: Moment,
    ) -> Result<DutyId, Error> {
        let law = law.trim();
        if law.is_empty() || law.chars().count() > 200 || classes.is_empty() || until <= now {
            return Err(Refusal::Duty.into());
        }
        let (mut write, number, sealed) = self.change_with_note(person, Note::Law, law, now).await?;
        let row = sqlx::query(
            "INSERT INTO legal_duties (person, classes, until_ms, said_ms, sealed_law) VALUES ($1, $2, $3, $4, $5)
             RETURNING id",
        )
        .bind(number)
        .bind(names_of(classes))
        .bind(until.0)
        .bind(now.0)
        .bind(sealed)
        .fetch_one(&mut **write)
        .await?;
        let id = DutyId(row.try_get(0)?);
        write.commit().await?;
        Ok(id)
    }

    /// Takes back a legal duty of a person that was said by mistake, or ended early.
    pub async fn end_duty(&self, person: PersonId, duty: DutyId) -> Result<(), Error> {
        let (mut write, number) = self.change(person).await?;
        let gone = sqlx::query("DELETE FROM legal_duties WHERE id = $1 AND person = $2")
            .bind(duty.0)
            .bind(number)
            .execute(&mut **write)
            .await?;
        if gone.rows_affected() == 0 {
            return Err(Error::NotFound("legal duty"));
        }
        write.commit().await
    }

    /// The legal duties of a person, by number, those that are over included.
    pub async fn duties(&self, person: PersonId) -> Result<Vec<Duty>, Error> {
        let number = self.person_row(person).await?.number;
        let rows = sqlx::query(
            "SELECT id, classes, until_ms, said_ms, sealed_law FROM legal_duties WHERE person = $1 ORDER BY id",
        )
        .bind(number)
        .fetch_all(self.fields.pool())
        .await?;
        let mut duties = Vec::with_capacity(rows.len());
        for row in &rows {
            let said = Moment(row.try_get("said_ms")?);
            let sealed: Vec<u8> = row.try_get("sealed_law")?;
            duties.push(Duty {
                id: DutyId(row.try_get("id")?),
                classes: classes_of(&row.try_get::<String, _>("classes")?).ok_or(Error::Corrupt("duty"))?,
                until: Moment(row.try_get("until_ms")?),
                law: self.open_note(person, Note::Law, said, &sealed).await?,
                said,
            });
        }
        Ok(duties)
    }
}
