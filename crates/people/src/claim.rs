//! Enquiries that were made before there was an account, or without signing in. A form never attaches to an existing
//! person; the holder of a confirmed address may claim what was written under that address, by a sign-in link that they
//! asked for there. Moving an account to an address claims nothing.

use crate::people::row_person;
use crate::{CaseId, Error, People, SignedIn};
use policy::{FieldClass, Purpose};
use sqlx::Row;
use vault::Reader;
use vocabulary::{Moment, PersonId};

/// An enquiry that was made under the account's address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claimable {
    /// Its number.
    pub case: CaseId,
    /// When it was made.
    pub opened: Moment,
    /// Through which form, or `letter`.
    pub source: String,
}

impl People {
    /// The enquiries under the account's address that belong to no account yet, oldest first.
    pub async fn claimable(&self, who: &SignedIn, now: Moment) -> Result<Vec<Claimable>, Error> {
        Ok(self
            .unclaimed(who, now)
            .await?
            .into_iter()
            .map(|(_, claimable)| claimable)
            .collect())
    }

    /// Takes an enquiry into the account.
    pub async fn claim(&self, who: &SignedIn, case: CaseId, now: Moment) -> Result<(), Error> {
        let unclaimed = self.unclaimed(who, now).await?;
        let (person, _) = unclaimed
            .iter()
            .find(|(_, claimable)| claimable.case == case)
            .ok_or(Error::NotFound("enquiry"))?;
        sqlx::query("INSERT INTO people_claims (person, account) VALUES ($1, $2)")
            .bind(person.0.to_vec())
            .bind(who.person.0.to_vec())
            .execute(self.database.pool())
            .await?;
        Ok(())
    }

    /// The persons behind an account: its own first, then those that it claimed. Of a person without an account, that
    /// person alone.
    pub async fn persons_of(&self, person: PersonId) -> Result<Vec<PersonId>, Error> {
        let mut persons = vec![person];
        let rows = sqlx::query("SELECT person FROM people_claims WHERE account = $1 ORDER BY person")
            .bind(person.0.to_vec())
            .fetch_all(self.database.pool())
            .await?;
        for row in &rows {
            persons.push(row_person(row, "person")?);
        }
        Ok(persons)
    }

    /// The account that took a person's data in, if one did.
    pub async fn account_that_claimed(&self, person: PersonId) -> Result<Option<PersonId>, Error> {
        let row = sqlx::query("SELECT account FROM people_claims WHERE person = $1")
            .bind(person.0.to_vec())
            .fetch_optional(self.database.pool())
            .await?;
        row.map(|row| row_person(&row, "account")).transpose()
    }

    async fn unclaimed(&self, who: &SignedIn, now: Moment) -> Result<Vec<(PersonId, Claimable)>, Error> {
        let account = self.account(who.person).await?;
        if self.email_value(who.person).await? != Some(account.email_value) {
            return Ok(Vec::new());
        }
        let email = self
            .vault
            .read(
                &Reader::Person,
                who.person,
                Purpose::RightsRequest,
                &[FieldClass::Email],
                now,
            )
            .await?;
        let Some(email) = email.first() else {
            return Ok(Vec::new());
        };
        let mut unclaimed = Vec::new();
        for person in self.vault.find(0, FieldClass::Email, email.text.reveal()).await? {
            let rows = sqlx::query(
                "SELECT id, opened_ms, source FROM cases WHERE person = $1
                 AND NOT EXISTS (SELECT 1 FROM people_claims WHERE people_claims.person = cases.person)
                 AND NOT EXISTS (SELECT 1 FROM people_accounts WHERE people_accounts.person = cases.person)",
            )
            .bind(person.0.to_vec())
            .fetch_all(self.database.pool())
            .await?;
            for row in &rows {
                let claimable = Claimable {
                    case: CaseId(row.try_get::<i64, _>("id")? as u32),
                    opened: Moment(row.try_get("opened_ms")?),
                    source: row.try_get("source")?,
                };
                unclaimed.push((person, claimable));
            }
        }
        unclaimed.sort_by_key(|(_, claimable)| claimable.case);
        Ok(unclaimed)
    }
}
