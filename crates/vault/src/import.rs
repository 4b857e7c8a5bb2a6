//! Many people at once, as from another system; and one person, which is the same with one.

use crate::blind_index::Blind;
use crate::client_key::ClientKey;
use crate::person_key::PersonKeyRow;
use crate::random::Random;
use crate::rows::{self, FieldRow, GivingRow, NewPersonRow};
use crate::sealing::Place;
use crate::store::Writing;
use crate::{Agreed, Error, NewPerson, Refusal, Sealed, ValueId, Vault};
use policy::FieldClass;
use sqldb::{Engine, Write};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::sync::Arc;
use vocabulary::{Moment, PersonId};

/// How many people are written in one transaction.
const BATCH: usize = 4_000;

/// Memory for pages of an SQLite file while many rows are written: indexes of random bytes are touched everywhere.
const PAGE_CACHE: &str = "PRAGMA cache_size = -65536";

/// What became of an import.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Imported {
    /// The people made, each with its place in what was given, from 0.
    pub people: Vec<(usize, PersonId)>,
    /// Which were left out, and why.
    pub refused: Vec<(usize, Refusal)>,
}

/// People whose values are sealed, ready to be written.
#[derive(Default)]
struct Batch {
    people: Vec<(usize, PersonId)>,
    refused: Vec<(usize, Refusal)>,
    keys: Vec<PersonKeyRow>,
    persons: Vec<NewPersonRow>,
    contracts: Vec<(i64, Agreed)>,
    rows: Vec<(u32, Blind, i64)>,
    givings: Vec<GivingRow>,
    fields: Vec<FieldRow>,
}

type ClientKeys = HashMap<u32, Arc<ClientKey>>;

/// Somebody from another system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Incoming {
    /// Who, and what they gave.
    pub new: NewPerson,
    /// The contract with them, ending after it begins.
    pub contract: Option<Agreed>,
    /// What names them where they come from, so that they are known again.
    pub row: Option<Sealed>,
}

impl From<NewPerson> for Incoming {
    fn from(new: NewPerson) -> Self {
        Self {
            new,
            contract: None,
            row: None,
        }
    }
}

/// Somebody to be sealed.
pub(crate) struct Newcomer {
    /// The place in what was given, from 0.
    pub(crate) place: usize,
    pub(crate) new: NewPerson,
    pub(crate) contract: Option<Agreed>,
    pub(crate) row: Option<Sealed>,
    /// A letter that they bring, of the same giving.
    pub(crate) letter: Option<Vec<u8>>,
}

impl Vault {
    /// Adds people, some thousand in a transaction; those whose values are refused are left out and named. When it fails
    /// half-way, whole batches are there or not. One batch is sealed while the one before is written.
    pub async fn import(
        &self,
        people: impl IntoIterator<Item = impl Into<Incoming>>,
        now: Moment,
    ) -> Result<Imported, Error> {
        let mut people = people.into_iter().map(Into::into).enumerate();
        let mut imported = Imported::default();
        let mut sealed = Batch::default();
        loop {
            let batch = people.by_ref().take(BATCH);
            let batch: Vec<Newcomer> = batch
                .map(|(place, incoming)| Newcomer {
                    place,
                    new: incoming.new,
                    contract: incoming.contract,
                    row: incoming.row,
                    letter: None,
                })
                .collect();
            let is_last = batch.is_empty();
            let (next, ()) = futures::future::try_join(self.sealed(batch, now), self.write(&sealed)).await?;
            imported.people.append(&mut sealed.people);
            imported.refused.append(&mut sealed.refused);
            if is_last {
                return Ok(imported);
            }
            sealed = next;
        }
    }

    /// Adds a person. There may be no values at all: everything is voluntary.
    pub async fn add_person(&self, new: &NewPerson, now: Moment) -> Result<PersonId, Error> {
        let (person, _, writing) = self.begin_one(new.clone(), None, now).await?;
        writing.commit().await?;
        Ok(person)
    }

    /// Writes one person, with the letter they bring, and does not commit: person, number of the letter, transaction.
    /// Their key is committed, and opens nothing until the rest is.
    pub(crate) async fn begin_one(
        &self,
        new: NewPerson,
        letter: Option<Vec<u8>>,
        now: Moment,
    ) -> Result<(PersonId, Option<ValueId>, Writing<'_>), Error> {
        let newcomer = Newcomer {
            place: 0,
            new,
            contract: None,
            row: None,
            letter,
        };
        let batch = self.sealed(vec![newcomer], now).await?;
        if let Some((_, refusal)) = batch.refused.first() {
            return Err((*refusal).into());
        }
        let writing = self.begin(&batch).await?;
        let (_, person) = batch.people.first().expect("one was given and none refused");
        let letter = batch
            .fields
            .iter()
            .find(|field| field.class == FieldClass::Message)
            .map(|field| ValueId(field.id));
        Ok((*person, letter, writing))
    }

    async fn sealed(&self, people: Vec<Newcomer>, now: Moment) -> Result<Batch, Error> {
        let mut client_keys = ClientKeys::new();
        for Newcomer { new, .. } in &people {
            if let Entry::Vacant(place) = client_keys.entry(new.client) {
                place.insert(self.newest_client_key(new.client).await?);
            }
        }
        let values: usize = people
            .iter()
            .map(|newcomer| newcomer.new.given.values.len() + usize::from(newcomer.letter.is_some()))
            .sum();
        let numbers = self.numbers.take(&self.fields, people.len() * 2 + values).await?;
        let vault = self.clone();
        tokio::task::spawn_blocking(move || vault.seal_batch(people, &client_keys, numbers, now))
            .await
            .expect("sealing does not panic")
    }

    fn seal_batch(
        &self,
        people: Vec<Newcomer>,
        client_keys: &ClientKeys,
        mut numbers: Range<i64>,
        now: Moment,
    ) -> Result<Batch, Error> {
        let mut next = || {
            numbers
                .next()
                .expect("there are numbers for every person and value")
        };
        let mut random = Random::new();
        let mut batch = Batch::default();
        for Newcomer {
            place,
            new,
            contract,
            row,
            letter,
        } in people
        {
            let checked = match &letter {
                Some(letter) => new.given.checked_letter(letter, now),
                None => Ok(()),
            };
            let values = checked.and_then(|()| new.given.checked(&self.settings.budget_ranges, now));
            let values = match values {
                Ok(values) => values,
                Err(refusal) => {
                    batch.refused.push((place, refusal));
                    continue;
                }
            };
            let client_key = &client_keys[&new.client];
            let person = PersonId(random.draw()?);
            let (key_row, cipher) = PersonKeyRow::draw(person, 1, client_key, &mut random)?;
            let (number, giving) = (next(), next());
            let values = values.into_iter().map(|(class, text)| (class, text.as_bytes()));
            let letter = letter.as_deref().map(|letter| (FieldClass::Message, letter));
            let mut has_any = false;
            for (class, content) in values.chain(letter) {
                has_any = true;
                let text = std::str::from_utf8(content).unwrap_or_default();
                let id = next();
                let place = Place {
                    client: new.client,
                    person,
                    class,
                    value: id,
                    key_version: 1,
                };
                batch.fields.push(FieldRow {
                    id,
                    person: number,
                    class,
                    giving,
                    blind: client_key.index.blind(class, text),
                    sealed: cipher.seal(&place, content, &mut random)?,
                });
            }
            if has_any {
                let provenance = new.given.provenance;
                batch.givings.push(GivingRow {
                    id: giving,
                    person: number,
                    provenance,
                });
            }
            batch
                .contracts
                .extend(contract.map(|contract| (number, contract)));
            let blind = row.map(|row| client_key.index.blind_row(row.reveal()));
            batch.rows.extend(blind.map(|blind| (new.client, blind, number)));
            batch.keys.push(key_row);
            batch.persons.push(NewPersonRow {
                number,
                id: person,
                client: new.client,
                created: now,
            });
            batch.people.push((place, person));
        }
        Ok(batch)
    }

    async fn write(&self, batch: &Batch) -> Result<(), Error> {
        if batch.persons.is_empty() {
            Ok(())
        } else {
            self.begin(batch).await?.commit().await
        }
    }

    /// Keys first: a crash between the two databases leaves keys that open nothing, never values without a key.
    async fn begin(&self, batch: &Batch) -> Result<Writing<'_>, Error> {
        let mut keys = self.keys.write().await?;
        self.widen_cache(&mut keys, batch).await?;
        rows::insert_keys(self.keys.engine(), &mut keys, &batch.keys).await?;
        keys.commit().await?;
        let mut fields = self.fields.write().await?;
        self.widen_cache(&mut fields, batch).await?;
        rows::insert_persons(self.fields.engine(), &mut fields, &batch.persons).await?;
        rows::insert_givings(self.fields.engine(), &mut fields, &batch.givings).await?;
        rows::insert_fields(self.fields.engine(), &mut fields, &batch.fields).await?;
        rows::insert_contracts(self.fields.engine(), &mut fields, &batch.contracts).await?;
        rows::insert_import_rows(self.fields.engine(), &mut fields, &batch.rows).await?;
        Ok(fields)
    }

    async fn widen_cache(&self, write: &mut Write, batch: &Batch) -> Result<(), Error> {
        if self.fields.engine() == Engine::Sqlite && batch.persons.len() > BATCH / 4 {
            sqlx::query(PAGE_CACHE).execute(&mut **write).await?;
        }
        Ok(())
    }
}
