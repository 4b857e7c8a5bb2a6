//! What staff writes about a person, such as why a hold stands: sealed under the person's key, with whom it goes.

use crate::person::{ATTEMPTS, current_key_version};
use crate::random::Random;
use crate::sealing::{Note, NotePlace, PersonCipher};
use crate::store::Writing;
use crate::{Error, Sealed, Vault};
use sqldb::Write;
use sqlx::{AssertSqlSafe, Row};
use vocabulary::{Moment, PersonId};

impl Vault {
    /// Begins a change of a person with a text sealed for it: the transaction, the person's number, the sealed text.
    pub(crate) async fn change_with_note(
        &self,
        person: PersonId,
        note: Note,
        text: &str,
        now: Moment,
    ) -> Result<(Writing<'_>, i64, Vec<u8>), Error> {
        let mut random = Random::new();
        let mut lacking = Error::Busy;
        for _ in 0..ATTEMPTS {
            let row = self.person_row(person).await?;
            let Some(key) = self.person_key(person, row.key_version).await? else {
                lacking = self.without_key(person).await;
                continue;
            };
            let place = NotePlace {
                note,
                client: row.client,
                person,
                written: now,
                key_version: row.key_version,
            };
            let sealed = PersonCipher::new(&key).seal_note(&place, text, &mut random)?;
            let (mut write, number) = self.change(person).await?;
            if current_key_version(&mut write, number).await? == row.key_version {
                return Ok((write, number, sealed));
            }
        }
        Err(lacking)
    }

    pub(crate) async fn open_note(
        &self,
        person: PersonId,
        note: Note,
        written: Moment,
        sealed: &[u8],
    ) -> Result<Sealed, Error> {
        let row = self.person_row(person).await?;
        let Some(key) = self.person_key(person, row.key_version).await? else {
            return Err(self.without_key(person).await);
        };
        let place = NotePlace {
            note,
            client: row.client,
            person,
            written,
            key_version: row.key_version,
        };
        PersonCipher::new(&key).open_note(&place, sealed)
    }
}

/// Seals all that staff wrote of a person anew. `from` has the old version of the person's key.
pub(crate) async fn seal_notes_anew(
    write: &mut Write,
    number: i64,
    from: NotePlace,
    (old, new): (&PersonCipher, &PersonCipher),
    key_version: u32,
    random: &mut Random,
) -> Result<(), Error> {
    for (note, table, written, column) in [
        (Note::Hold, "holds", "placed_ms", "sealed_reason"),
        (Note::Law, "legal_duties", "said_ms", "sealed_law"),
    ] {
        let rows = sqlx::query(AssertSqlSafe(format!(
            "SELECT id, {written}, {column} FROM {table} WHERE person = $1 AND {column} IS NOT NULL"
        )))
        .bind(number)
        .fetch_all(&mut **write)
        .await?;
        for row in &rows {
            let place = NotePlace {
                note,
                written: Moment(row.try_get(1)?),
                ..from
            };
            let text = old.open_note(&place, &row.try_get::<Vec<u8>, _>(2)?)?;
            let place = NotePlace { key_version, ..place };
            sqlx::query(AssertSqlSafe(format!(
                "UPDATE {table} SET {column} = $1 WHERE id = $2"
            )))
            .bind(new.seal_note(&place, text.reveal(), random)?)
            .bind(row.try_get::<i64, _>(0)?)
            .execute(&mut **write)
            .await?;
        }
    }
    Ok(())
}
