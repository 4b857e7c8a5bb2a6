//! A person who brings a letter, and rows of another room that belong to them: all in one transaction, or nothing.

use crate::choice::{names_of, write_choice};
use crate::erasure::delete_keys;
use crate::store::Writing;
use crate::{Error, NewPerson, ValueId, Vault};
use policy::{FieldClass, Purpose};
use sqldb::Write;
use sqlx::Row;
use vocabulary::{Moment, PersonId};

/// A person who is written and not committed: dropped, nobody was here. Until it ends, nothing else of the vault may be
/// called that writes.
pub struct Adding<'a> {
    vault: &'a Vault,
    writing: Writing<'a>,
    person: PersonId,
    letter: ValueId,
}

impl Vault {
    /// Writes a person with the values and the letter they bring, given together. Whoever has rows of their own in this
    /// database adds them by [`Adding::write`]; [`Adding::commit`] makes all of it true at once.
    pub async fn begin_person(
        &self,
        new: NewPerson,
        letter: Vec<u8>,
        now: Moment,
    ) -> Result<Adding<'_>, Error> {
        let (person, letter, writing) = self.begin_one(new, Some(letter), now).await?;
        Ok(Adding {
            vault: self,
            writing,
            person,
            letter: letter.expect("a letter was given"),
        })
    }
}

impl Adding<'_> {
    /// The person's number.
    pub fn person(&self) -> PersonId {
        self.person
    }

    /// The number of the letter.
    pub fn letter(&self) -> ValueId {
        self.letter
    }

    /// The transaction, for rows of another room. Run a statement with `&mut *write`.
    pub fn write(&mut self) -> &mut Write {
        &mut self.writing
    }

    /// As [`Vault::allow_use`].
    pub async fn allow_use(
        &mut self,
        purpose: Purpose,
        classes: &[FieldClass],
        now: Moment,
    ) -> Result<(), Error> {
        let row = sqlx::query("SELECT number FROM persons WHERE id = $1")
            .bind(self.person.0.to_vec())
            .fetch_one(&mut **self.writing)
            .await?;
        let number = row.try_get(0)?;
        write_choice(&mut self.writing, number, purpose, Some(names_of(classes)), now).await
    }

    /// All of it is there.
    pub async fn commit(self) -> Result<(), Error> {
        self.writing.commit().await
    }

    /// Nothing of it is there, the person's key included.
    pub async fn give_up(self) -> Result<(), Error> {
        drop(self.writing);
        let mut keys = self.vault.keys.write().await?;
        delete_keys(&mut keys, self.person).await?;
        keys.commit().await
    }
}
