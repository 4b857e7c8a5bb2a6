//! Forgetting a person: the part of an erasure that concerns this room.

use crate::people::row_person;
use crate::{Error, People};
use vocabulary::PersonId;

/// How many rows went, for the certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Forgotten {
    /// Events of consents, with their receipts.
    pub consent_events: u64,
    /// Letters; their texts are the vault's to erase.
    pub letters: u64,
    /// Cases.
    pub cases: u64,
    /// Accounts.
    pub accounts: u64,
    /// Sign-ins, links, claims and testimonials.
    pub others: u64,
}

impl People {
    /// Forgets everyone who is not in the vault any more: whom retention destroyed as a whole, and, after restoring a
    /// backup and replaying the tombstones, whoever was erased since. To be called after either, and once a day.
    pub async fn forget_gone(&self) -> Result<Vec<(PersonId, Forgotten)>, Error> {
        let rows = sqlx::query(
            "SELECT person FROM consent_events UNION SELECT person FROM cases UNION SELECT person FROM withdraw_links
             UNION SELECT person FROM consent_links UNION SELECT person FROM people_accounts UNION SELECT person FROM people_claims UNION SELECT person FROM testimonials",
        )
        .fetch_all(self.database.pool())
        .await?;
        let mut forgotten = Vec::new();
        for row in &rows {
            let person = row_person(row, "person")?;
            match self.vault.client_of(person).await {
                Ok(_) => {}
                Err(vault::Error::NotFound(_)) => forgotten.push((person, self.forget(person).await?)),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(forgotten)
    }

    /// Deletes everything of a person in this room. To be called with the vault's erasure, in either order; calling it
    /// again does no harm. Persons that an account claimed are persons of their own: see [`People::persons_of`].
    pub async fn forget(&self, person: PersonId) -> Result<Forgotten, Error> {
        let mut write = self.change().await?;
        let mut gone = [0; 12];
        for (rows, sql) in gone.iter_mut().zip([
            "DELETE FROM consent_events WHERE person = $1",
            "DELETE FROM letters WHERE case_id IN (SELECT id FROM cases WHERE person = $1)",
            "DELETE FROM cases WHERE person = $1",
            "DELETE FROM people_accounts WHERE person = $1",
            "DELETE FROM people_sign_ins WHERE person = $1",
            "DELETE FROM people_account_links WHERE person = $1",
            "DELETE FROM withdraw_links WHERE person = $1",
            "DELETE FROM consent_links WHERE person = $1",
            "DELETE FROM people_claims WHERE person = $1",
            "DELETE FROM people_claims WHERE account = $1",
            "DELETE FROM testimonial_links WHERE testimonial IN (SELECT id FROM testimonials WHERE person = $1)",
            "DELETE FROM testimonials WHERE person = $1",
        ]) {
            *rows = sqlx::query(sql)
                .bind(person.0.to_vec())
                .execute(&mut *write)
                .await?
                .rows_affected();
        }
        write.commit().await?;
        let [consent_events, letters, cases, accounts, others @ ..] = gone;
        Ok(Forgotten {
            consent_events,
            letters,
            cases,
            accounts,
            others: others.iter().sum(),
        })
    }
}
