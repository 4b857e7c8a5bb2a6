//! What the author answers, by the link in their letter. Looking at a link does nothing, since programs look at links
//! before people do; only a button answers.

use crate::testimonial_draft::SOURCE;
use crate::{
    Answer, Choice, Error, Method, People, Recorded, Refusal, Said, ServedId, Testimonial, TestimonialId,
    TestimonialStatus,
};
use credentials::{Sealed, Secret};
use policy::{FieldClass, Purpose};
use sqlx::Row;
use vault::{Given, Kept, Provenance, Reader, ValueId};
use vocabulary::{Moment, PersonId};

/// The consent document by which testimonials are published.
pub const CONSENT: &str = "testimonial";

vocabulary::closed_list! {
    /// What a link in a letter to an author does.
    LinkUse {
        /// Agrees or declines, once.
        Answer = "answer",
        /// Takes the published testimonial back.
        Withdraw = "withdraw",
    }
}

/// Where a link leads.
#[derive(Clone, Debug)]
pub struct AuthorLink {
    /// What it does.
    pub does: LinkUse,
    /// Which testimonial, as it stands now.
    pub testimonial: Testimonial,
    /// What stands, or will stand, there.
    pub said: Said,
}

/// A testimonial that was agreed to just now.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// As it stands now.
    pub testimonial: Testimonial,
    /// The consent, with its receipt.
    pub recorded: Recorded,
    /// Where the author is told of the publication.
    pub to: Sealed,
    /// What the link in that letter ends in: it takes the testimonial back.
    pub secret: Secret,
}

/// What a declined or withdrawn testimonial leaves.
#[derive(Clone, Debug)]
pub struct TakenBack {
    /// As it stands now.
    pub testimonial: Testimonial,
    /// Whether a consent ended with it.
    pub ends_consent: bool,
}

impl People {
    /// Where a link leads, if it works. Changes nothing.
    pub async fn author_link(&self, secret: &Secret, now: Moment) -> Result<AuthorLink, Error> {
        let (does, testimonial) = self.read_author_link(secret, now).await?;
        let said = self
            .open_testimonial(&Reader::Person, &testimonial, Purpose::RightsRequest, now)
            .await?;
        Ok(AuthorLink {
            does,
            testimonial,
            said,
        })
    }

    /// The author agrees to words and lines with that digest, on a form that showed [`CONSENT`]. Recorded are time,
    /// wording and form, and as evidence the digest; then it is published.
    pub async fn agree_to_testimonial(
        &self,
        secret: &Secret,
        sha256: &[u8; 32],
        served: ServedId,
        now: Moment,
    ) -> Result<Agreed, Error> {
        let asked = self.asked_about(secret, sha256, now).await?;
        let (person, id) = (asked.person, asked.id);
        let said = self
            .open_testimonial(&Reader::Person, &asked, Purpose::RightsRequest, now)
            .await?;
        let to = self
            .author_address(&Reader::Person, &asked, Purpose::RightsRequest, now)
            .await?;
        let shown = self.served(served).await?;
        let (_, version) = shown
            .wordings
            .iter()
            .find(|(wording, _)| wording == CONSENT)
            .ok_or(Refusal::NotShown)?;
        let wording = self.wording_version(CONSENT, *version, shown.language).await?;
        let choice = Choice {
            served,
            shown: now,
            wording: CONSENT,
            answer: Answer::Give,
            method: Method::Link,
            evidence_sha256: Some(*sha256),
        };
        let recorded = self.choose(person, &choice, now).await?;
        let provenance = Provenance {
            purposes: vec![Purpose::Testimonial],
            basis: wording.basis,
            wording: wording.reference(),
            source: SOURCE.to_owned(),
            language: shown.language.name().to_owned(),
            given: now,
        };
        let (bytes, _) = said.bytes()?;
        let value = self.vault.seal_for(person, &bytes, &provenance, now).await?;
        let address = self.keep_address(person, &to, provenance, now).await?;
        let fresh = Secret::draw()?;
        let mut write = self.change().await?;
        let agreed = sqlx::query(
            "UPDATE testimonials SET status = 'agreed', agreed_ms = $1, said_value = $2, address_value = $3
             WHERE id = $4 AND version = $5 AND status = 'asked'",
        )
        .bind(now.0)
        .bind(value.0)
        .bind(address.0)
        .bind(i64::from(id.0))
        .bind(i64::from(asked.version))
        .execute(&mut *write)
        .await?;
        if agreed.rows_affected() == 0 {
            // Changed, or answered elsewhere, since it was looked at.
            drop(write);
            self.destroy_value(person, value, now).await?;
            self.destroy_value(person, address, now).await?;
            if !self.has_agreed(person).await? {
                self.give_up_consent(person, now).await?;
            }
            return Err(Refusal::Link.into());
        }
        // Whoever presses once more finds the way back.
        sqlx::query("UPDATE testimonial_links SET does = $1, expires_ms = NULL WHERE testimonial = $2")
            .bind(LinkUse::Withdraw.name())
            .bind(i64::from(id.0))
            .execute(&mut *write)
            .await?;
        sqlx::query("INSERT INTO testimonial_links (sha256, testimonial, does) VALUES ($1, $2, $3)")
            .bind(fresh.digest())
            .bind(i64::from(id.0))
            .bind(LinkUse::Withdraw.name())
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        for draft in [asked.said, asked.address].into_iter().flatten() {
            self.destroy_value(person, draft, now).await?;
        }
        Ok(Agreed {
            testimonial: self.testimonial(id).await?,
            recorded,
            to,
            secret: fresh,
        })
    }

    /// Keeps the author's address as long as what they agreed to: where they are asked anew, and, where they are known
    /// by it for the sake of the testimonial alone, what they are found by.
    async fn keep_address(
        &self,
        person: PersonId,
        to: &Sealed,
        consent: Provenance,
        now: Moment,
    ) -> Result<ValueId, Error> {
        let provenance = Provenance {
            purposes: vec![Purpose::AskAuthor, Purpose::Testimonial],
            ..consent
        };
        let kept = self.vault.values(person).await?;
        let is_ours = |kept: &Kept| kept.class == FieldClass::Email && kept.provenance.source == SOURCE;
        if kept.iter().any(is_ours) {
            let given = Given {
                provenance: provenance.clone(),
                values: vec![(FieldClass::Email, to.clone())],
            };
            self.vault.record(person, &given, now).await?;
        }
        Ok(self
            .vault
            .seal_for(person, to.reveal().as_bytes(), &provenance, now)
            .await?)
    }

    /// The author declines. Their consent to other testimonials stays as it is.
    pub async fn decline_testimonial(
        &self,
        secret: &Secret,
        sha256: &[u8; 32],
        served: ServedId,
        now: Moment,
    ) -> Result<TakenBack, Error> {
        let asked = self.asked_about(secret, sha256, now).await?;
        let state = self.consent_state(asked.person, Purpose::Testimonial).await?;
        if !state.allows_use() {
            let choice = Choice {
                served,
                shown: now,
                wording: CONSENT,
                answer: Answer::Refuse,
                method: Method::Link,
                evidence_sha256: Some(*sha256),
            };
            self.choose(asked.person, &choice, now).await?;
        }
        self.end_testimonial(&asked, TestimonialStatus::Declined, now)
            .await?;
        Ok(TakenBack {
            testimonial: self.testimonial(asked.id).await?,
            ends_consent: false,
        })
    }

    /// The author takes a published testimonial back, by the link in the letter that told of it.
    pub async fn withdraw_testimonial_by_link(
        &self,
        secret: &Secret,
        now: Moment,
    ) -> Result<TakenBack, Error> {
        let (does, testimonial) = self.read_author_link(secret, now).await?;
        if does != LinkUse::Withdraw {
            return Err(Refusal::Link.into());
        }
        self.take_back(&testimonial, Method::Link, now).await
    }

    /// We take a testimonial back, published or not.
    pub async fn withdraw_testimonial(&self, id: TestimonialId, now: Moment) -> Result<TakenBack, Error> {
        let testimonial = self.testimonial(id).await?;
        if testimonial.status.is_over() {
            return Err(Refusal::Ended.into());
        }
        self.take_back(&testimonial, Method::Operator, now).await
    }

    async fn take_back(
        &self,
        testimonial: &Testimonial,
        method: Method,
        now: Moment,
    ) -> Result<TakenBack, Error> {
        let person = testimonial.person;
        self.end_testimonial(testimonial, TestimonialStatus::Withdrawn, now)
            .await?;
        let ends_consent =
            testimonial.status == TestimonialStatus::Agreed && !self.has_agreed(person).await?;
        if ends_consent {
            match method {
                Method::Operator => self.give_up_consent(person, now).await?,
                _ => {
                    self.withdraw(person, Purpose::Testimonial, method, now).await?;
                }
            }
        }
        Ok(TakenBack {
            testimonial: self.testimonial(testimonial.id).await?,
            ends_consent,
        })
    }

    /// The testimonial that a link asks about, if its words are still those with that digest.
    async fn asked_about(
        &self,
        secret: &Secret,
        sha256: &[u8; 32],
        now: Moment,
    ) -> Result<Testimonial, Error> {
        let (does, testimonial) = self.read_author_link(secret, now).await?;
        let is_asked = does == LinkUse::Answer && testimonial.status == TestimonialStatus::Asked;
        if !is_asked || testimonial.sha256 != *sha256 {
            return Err(Refusal::Link.into());
        }
        Ok(testimonial)
    }

    async fn read_author_link(&self, secret: &Secret, now: Moment) -> Result<(LinkUse, Testimonial), Error> {
        let row = sqlx::query(
            "SELECT testimonial, does FROM testimonial_links
             WHERE sha256 = $1 AND (expires_ms IS NULL OR expires_ms > $2)",
        )
        .bind(secret.digest())
        .bind(now.0)
        .fetch_optional(self.database.pool())
        .await?
        .ok_or(Refusal::Link)?;
        let does = LinkUse::parse(&row.try_get::<String, _>("does")?).ok_or(Error::Corrupt("a link"))?;
        let id = TestimonialId(row.try_get::<i64, _>("testimonial")? as u32);
        let testimonial = self.testimonial(id).await?;
        if testimonial.status.is_over() {
            return Err(Refusal::Link.into());
        }
        Ok((does, testimonial))
    }
}
