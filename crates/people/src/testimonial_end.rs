//! Ends of testimonials: what is over loses its words, its address and its links at once.

use crate::testimonial::{ANSWER_MS, COLUMNS, PUBLISHED_MS, testimonial_of};
use crate::testimonial_draft::SOURCE;
use crate::{Error, People, SignedIn, Testimonial, TestimonialStatus};
use policy::{FieldClass, Purpose};
use sqlx::{AssertSqlSafe, Row};
use vault::Reader;
use vocabulary::{Moment, PersonId};

impl People {
    /// Ends a testimonial, and destroys its words and the address. Where nothing of the person's is left for which they
    /// were asked, what they are known by for that goes too.
    pub(crate) async fn end_testimonial(
        &self,
        testimonial: &Testimonial,
        status: TestimonialStatus,
        now: Moment,
    ) -> Result<(), Error> {
        let person = testimonial.person;
        let mut write = self.change().await?;
        sqlx::query(
            "UPDATE testimonials SET status = $1, ended_ms = $2, said_value = NULL, address_value = NULL
             WHERE id = $3 AND ended_ms IS NULL",
        )
        .bind(status.name())
        .bind(now.0)
        .bind(i64::from(testimonial.id.0))
        .execute(&mut *write)
        .await?;
        sqlx::query("DELETE FROM testimonial_links WHERE testimonial = $1")
            .bind(i64::from(testimonial.id.0))
            .execute(&mut *write)
            .await?;
        let left = sqlx::query("SELECT COUNT(*) FROM testimonials WHERE person = $1 AND ended_ms IS NULL")
            .bind(person.0.to_vec())
            .fetch_one(&mut *write)
            .await?;
        let is_last = left.try_get::<i64, _>(0)? == 0;
        write.commit().await?;
        for value in [testimonial.said, testimonial.address].into_iter().flatten() {
            self.destroy_value(person, value, now).await?;
        }
        if is_last {
            for kept in self.vault.values(person).await? {
                if kept.provenance.source == SOURCE {
                    self.destroy_value(person, kept.id, now).await?;
                }
            }
        }
        Ok(())
    }

    /// Ends what rested on the person's consent to publication, when that has ended.
    pub(crate) async fn end_agreed(
        &self,
        person: PersonId,
        status: TestimonialStatus,
        now: Moment,
    ) -> Result<(), Error> {
        for testimonial in self.testimonials_of(person).await? {
            if testimonial.status == TestimonialStatus::Agreed {
                self.end_testimonial(&testimonial, status, now).await?;
            }
        }
        Ok(())
    }

    /// Destroys what nobody agreed to within 30 days after it was written down, changed or asked about, what was agreed to
    /// three years ago, and what was left when a consent had ended and the process did too. To be called hourly or so. Gives what went.
    pub async fn lapse_testimonials(&self, now: Moment) -> Result<Vec<Testimonial>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} WHERE status IN ('draft', 'asked') AND changed_ms <= $1
             AND (asked_ms IS NULL OR asked_ms <= $1) ORDER BY id"
        );
        let mut over = sqlx::query(AssertSqlSafe(sql))
            .bind(now.plus_ms(-ANSWER_MS).0)
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(testimonial_of)
            .collect::<Result<Vec<_>, _>>()?;
        let sql = format!(
            "SELECT {COLUMNS} WHERE status = 'agreed' AND (
                 SELECT state FROM consent_events AS e
                 WHERE e.person = testimonials.person AND e.purpose = 'testimonial' ORDER BY e.id DESC LIMIT 1
             ) NOT IN ('given', 'renewed') OR status = 'agreed' AND agreed_ms <= $1 ORDER BY id"
        );
        let agreed = sqlx::query(AssertSqlSafe(sql))
            .bind(now.plus_ms(-PUBLISHED_MS).0)
            .fetch_all(self.database.pool())
            .await?;
        for row in &agreed {
            over.push(testimonial_of(row)?);
        }
        for testimonial in &over {
            self.end_testimonial(testimonial, TestimonialStatus::Lapsed, now)
                .await?;
            let was_published = testimonial.status == TestimonialStatus::Agreed;
            if was_published && !self.has_agreed(testimonial.person).await? {
                self.give_up_consent(testimonial.person, now).await?;
            }
        }
        Ok(over)
    }

    /// Takes the persons who were made for a testimonial under the account's confirmed address into the account, unless
    /// they belong to one.
    pub async fn claim_testimonials(&self, who: &SignedIn, now: Moment) -> Result<(), Error> {
        let account = self.account(who.person).await?;
        if self.email_value(who.person).await? != Some(account.email_value) {
            return Ok(());
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
            return Ok(());
        };
        for person in self.vault.find(0, FieldClass::Email, email.text.reveal()).await? {
            if person == who.person || self.testimonials_of(person).await?.is_empty() {
                continue;
            }
            sqlx::query(
                "INSERT INTO people_claims (person, account)
                 SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM people_accounts WHERE person = $1)
                 ON CONFLICT (person) DO NOTHING",
            )
            .bind(person.0.to_vec())
            .bind(who.person.0.to_vec())
            .execute(self.database.pool())
            .await?;
        }
        Ok(())
    }

    /// Whether anything of the person's is published, as far as the register says.
    pub(crate) async fn has_agreed(&self, person: PersonId) -> Result<bool, Error> {
        let of = self.testimonials_of(person).await?;
        Ok(of.iter().any(|one| one.status == TestimonialStatus::Agreed))
    }

    /// Gives the consent to publication up on our side, if it stands.
    pub(crate) async fn give_up_consent(&self, person: PersonId, now: Moment) -> Result<(), Error> {
        let state = self.consent_state(person, Purpose::Testimonial).await?;
        if state.allows_use() {
            self.revoke(person, Purpose::Testimonial, now).await?;
        }
        Ok(())
    }
}
