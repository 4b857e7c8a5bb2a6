//! The link in each letter that rests on consent: one press withdraws it, without signing in.
//!
//! The link names person and purpose to us alone: it is a random secret, of which a digest is stored. It works as long
//! as the person is there. Looking at it does nothing, since programs look at links before people do; only the button,
//! or the mail program's one-click request (RFC 8058), withdraws.

use crate::people::row_person;
use crate::{Error, Method, People, Recorded, Refusal};
use credentials::Secret;
use policy::Purpose;
use sqlx::Row;
use vocabulary::{Moment, PersonId};

impl People {
    /// A fresh link for one letter.
    pub async fn draw_withdraw_link(
        &self,
        person: PersonId,
        purpose: Purpose,
        now: Moment,
    ) -> Result<Secret, Error> {
        let secret = Secret::draw()?;
        sqlx::query(
            "INSERT INTO withdraw_links (sha256, person, purpose, created_ms) VALUES ($1, $2, $3, $4)",
        )
        .bind(secret.digest())
        .bind(person.0.to_vec())
        .bind(purpose.name())
        .bind(now.0)
        .execute(self.database.pool())
        .await?;
        Ok(secret)
    }

    /// What a link withdraws. Looking changes nothing.
    pub async fn withdraw_link(&self, secret: &Secret) -> Result<Purpose, Error> {
        Ok(self.withdraw_link_of(secret).await?.1)
    }

    /// Withdraws what a link is for; again and again if it is pressed again. Gives the person for the audit log.
    pub async fn withdraw_by_link(
        &self,
        secret: &Secret,
        now: Moment,
    ) -> Result<(PersonId, Recorded), Error> {
        let (person, purpose) = self.withdraw_link_of(secret).await?;
        Ok((person, self.withdraw(person, purpose, Method::Link, now).await?))
    }

    /// Whose link it is, and what it withdraws.
    pub async fn withdraw_link_of(&self, secret: &Secret) -> Result<(PersonId, Purpose), Error> {
        let row = sqlx::query("SELECT person, purpose FROM withdraw_links WHERE sha256 = $1")
            .bind(secret.digest())
            .fetch_optional(self.database.pool())
            .await?
            .ok_or(Refusal::Link)?;
        let purpose =
            Purpose::parse(&row.try_get::<String, _>("purpose")?).ok_or(Error::Corrupt("a link"))?;
        Ok((row_person(&row, "person")?, purpose))
    }
}
