//! What people give: new values, corrections, letters; and taking single values away.

use crate::random::Random;
use crate::reading::class_of;
use crate::retention::record_destruction;
use crate::rows::{self, FieldRow, GivingRow};
use crate::sealing::{PersonCipher, Place};
use crate::shape;
use crate::{Destroyed, Error, Provenance, Refusal, Sealed, ValueId, Vault};
use policy::FieldClass;
use sqldb::Write;
use sqlx::Row;
use vocabulary::{Moment, PersonId};

/// The most bytes of a letter or other sealed content.
pub const MOST_CONTENT_BYTES: usize = 1 << 20;

/// How often a change begins anew when others change the same person.
pub(crate) const ATTEMPTS: usize = 5;

/// Values that were given together, in one form or message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// Where they come from.
    pub provenance: Provenance,
    /// At most one of each class, and no [`FieldClass::Message`]: letters are sealed by [`Vault::seal_for`].
    pub values: Vec<(FieldClass, Sealed)>,
}

/// A person to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPerson {
    /// For whom we hold the person; 0 is the agency itself.
    pub client: u32,
    /// What the person gave: everything is voluntary, so there may be no values.
    pub given: Given,
}

impl Given {
    /// The values in the form in which they are kept.
    pub(crate) fn checked(
        &self,
        budget_ranges: &[String],
        now: Moment,
    ) -> Result<Vec<(FieldClass, &str)>, Refusal> {
        if !self.values.is_empty() {
            self.provenance.check(now)?;
        }
        let mut checked: Vec<(FieldClass, &str)> = Vec::with_capacity(self.values.len());
        for (class, text) in &self.values {
            if *class == FieldClass::Message {
                return Err(Refusal::Class(*class));
            }
            if checked.iter().any(|(other, _)| other == class) {
                return Err(Refusal::Twice(*class));
            }
            checked.push((*class, shape::checked(*class, text.reveal(), budget_ranges)?));
        }
        Ok(checked)
    }

    /// Whether a letter can be taken as given together with these values.
    pub(crate) fn checked_letter(&self, letter: &[u8], now: Moment) -> Result<(), Refusal> {
        self.provenance.check(now)?;
        if letter.len() > MOST_CONTENT_BYTES {
            Err(Refusal::ContentTooLarge)
        } else {
            Ok(())
        }
    }
}

impl Vault {
    /// Adds values to a person, and corrects those of classes that the person has already: the old value is gone from the
    /// live databases. Refused for the latter while a hold is on the person. Gives the values' numbers, in order.
    pub async fn record(&self, person: PersonId, given: &Given, now: Moment) -> Result<Vec<ValueId>, Error> {
        let values: Vec<(FieldClass, &[u8])> = given
            .checked(&self.settings.budget_ranges, now)?
            .into_iter()
            .map(|(class, text)| (class, text.as_bytes()))
            .collect();
        let (ids, has_replaced) = self.store(person, &given.provenance, &values).await?;
        if has_replaced {
            self.scrub_if_free().await?;
        }
        Ok(ids)
    }

    /// Seals content for a person, as a [`FieldClass::Message`]: a letter, an enquiry. A person may have many.
    pub async fn seal_for(
        &self,
        person: PersonId,
        content: &[u8],
        provenance: &Provenance,
        now: Moment,
    ) -> Result<ValueId, Error> {
        provenance.check(now)?;
        if content.len() > MOST_CONTENT_BYTES {
            return Err(Refusal::ContentTooLarge.into());
        }
        let (ids, _) = self
            .store(person, provenance, &[(FieldClass::Message, content)])
            .await?;
        Ok(*ids.first().expect("one value was stored"))
    }

    /// Takes a value away and records it ([`Vault::destructions`]). Refused while a hold is on the person.
    pub async fn delete_value(&self, person: PersonId, value: ValueId, now: Moment) -> Result<(), Error> {
        let (mut write, number) = self.change(person).await?;
        refuse_if_held(&mut write, number).await?;
        let row = sqlx::query("DELETE FROM fields WHERE person = $1 AND id = $2 RETURNING class")
            .bind(number)
            .bind(value.0)
            .fetch_optional(&mut **write)
            .await?
            .ok_or(Error::NotFound("value"))?;
        let record = Destroyed {
            person,
            is_whole: false,
            classes: vec![class_of(row.try_get(0)?)?],
            destroyed: now,
        };
        record_destruction(&mut write, &record).await?;
        delete_spent_givings(&mut write, number).await?;
        write.commit().await?;
        self.scrub_if_free().await
    }

    /// Seals and stores values; says whether any replaced another.
    async fn store(
        &self,
        person: PersonId,
        provenance: &Provenance,
        values: &[(FieldClass, &[u8])],
    ) -> Result<(Vec<ValueId>, bool), Error> {
        let mut random = Random::new();
        let mut numbers = self.numbers.take(&self.fields, values.len() + 1).await?;
        let mut next = || {
            numbers
                .next()
                .expect("there are numbers for the giving and every value")
        };
        let giving = next();
        let ids: Vec<ValueId> = values.iter().map(|_| ValueId(next())).collect();
        let mut lacking = Error::Busy;
        for _ in 0..ATTEMPTS {
            let row = self.person_row(person).await?;
            let Some(key) = self.person_key(person, row.key_version).await? else {
                lacking = self.without_key(person).await;
                continue;
            };
            let client_key = self.newest_client_key(row.client).await?;
            let cipher = PersonCipher::new(&key);
            let mut fields = Vec::with_capacity(values.len());
            for ((class, content), id) in values.iter().zip(&ids) {
                let text = std::str::from_utf8(content).unwrap_or_default();
                let place = Place {
                    client: row.client,
                    person,
                    class: *class,
                    value: id.0,
                    key_version: row.key_version,
                };
                fields.push(FieldRow {
                    id: id.0,
                    person: row.number,
                    class: *class,
                    giving,
                    blind: client_key.index.blind(*class, text),
                    sealed: cipher.seal(&place, content, &mut random)?,
                });
            }
            let (mut write, number) = self.change(person).await?;
            if current_key_version(&mut write, number).await? != row.key_version {
                continue;
            }
            let mut replaced = 0;
            for (class, _) in values.iter().filter(|(class, _)| *class != FieldClass::Message) {
                replaced += sqlx::query("DELETE FROM fields WHERE person = $1 AND class = $2")
                    .bind(number)
                    .bind(*class as i64)
                    .execute(&mut **write)
                    .await?
                    .rows_affected();
            }
            if replaced > 0 {
                refuse_if_held(&mut write, number).await?;
            }
            if !values.is_empty() {
                let provenance = provenance.clone();
                rows::insert_givings(
                    self.fields.engine(),
                    &mut write,
                    &[GivingRow {
                        id: giving,
                        person: number,
                        provenance,
                    }],
                )
                .await?;
                rows::insert_fields(self.fields.engine(), &mut write, &fields).await?;
            }
            delete_spent_givings(&mut write, number).await?;
            write.commit().await?;
            return Ok((ids, replaced > 0));
        }
        Err(lacking)
    }

    /// Scrubs, but leaves it to a later call where a reader is in the way.
    pub(crate) async fn scrub_if_free(&self) -> Result<(), Error> {
        match self.fields.scrub().await {
            Err(sqldb::Error::Busy(_)) => Ok(()),
            other => Ok(other?),
        }
    }
}

pub(crate) async fn current_key_version(write: &mut Write, number: i64) -> Result<u32, Error> {
    let row = sqlx::query("SELECT key_version FROM persons WHERE number = $1")
        .bind(number)
        .fetch_one(&mut **write)
        .await?;
    Ok(row.try_get::<i64, _>(0)? as u32)
}

/// Refuses to destroy anything of a person on hold.
pub(crate) async fn refuse_if_held(write: &mut Write, number: i64) -> Result<(), Error> {
    let held = sqlx::query("SELECT 1 FROM holds WHERE person = $1 AND released_ms IS NULL")
        .bind(number)
        .fetch_optional(&mut **write)
        .await?;
    match held {
        Some(_) => Err(Refusal::OnHold.into()),
        None => Ok(()),
    }
}

/// Deletes the givings of a person of which no value is left.
pub(crate) async fn delete_spent_givings(write: &mut Write, number: i64) -> Result<(), Error> {
    sqlx::query(
        "DELETE FROM givings WHERE person = $1 AND id NOT IN (SELECT giving FROM fields WHERE person = $1)",
    )
    .bind(number)
    .execute(&mut **write)
    .await?;
    Ok(())
}
