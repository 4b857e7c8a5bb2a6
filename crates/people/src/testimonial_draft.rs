//! Writing a testimonial down, changing it, and asking its author.

use crate::account_link::fold_email;
use crate::testimonial::ANSWER_MS;
use crate::{Error, Language, LinkUse, People, Refusal, Said, Testimonial, TestimonialId, TestimonialStatus};
use credentials::{Sealed, Secret};
use policy::{FieldClass, Purpose};
use sqlx::Row;
use vault::{Given, NewPerson, Provenance, Reader, ValueId};
use vocabulary::{Moment, PersonId};

/// What values that come with a testimonial name as their source.
pub(crate) const SOURCE: &str = "testimonial";

/// A testimonial to be written down.
#[derive(Clone, Debug)]
pub struct NewTestimonial {
    /// The language of the words.
    pub language: Language,
    /// What will stand there.
    pub said: Said,
    /// Where its author is asked.
    pub email: Sealed,
    /// The account that writes it down.
    pub written_by: u32,
}

/// The author is to be asked by a letter.
#[derive(Clone, Debug)]
pub struct AuthorAsked {
    /// What about, as it stands now.
    pub testimonial: Testimonial,
    /// To whom.
    pub to: Sealed,
    /// What will stand there.
    pub said: Said,
    /// What the link ends in; given to nobody else.
    pub secret: Secret,
    /// Until when the link works.
    pub until: Moment,
}

impl People {
    /// Writes a testimonial down. Its author is the holder of the account with that address, else the first person who
    /// gave it, else a new person. Opens nothing.
    pub async fn draft_testimonial(&self, new: &NewTestimonial, now: Moment) -> Result<Testimonial, Error> {
        let (bytes, sha256) = new.said.bytes()?;
        let email = fold_email(new.email.reveal()).ok_or(Refusal::Email)?;
        let provenance = self.asking_provenance(new.language, now).await?;
        let person = self.author(&email, &provenance, now).await?;
        let said = self.vault.seal_for(person, &bytes, &provenance, now).await?;
        let address = self
            .vault
            .seal_for(person, email.reveal().as_bytes(), &provenance, now)
            .await?;
        let row = sqlx::query(
            "INSERT INTO testimonials
             (person, language, status, version, sha256, written_by, created_ms, changed_ms, said_value, address_value)
             VALUES ($1, $2, 'draft', 1, $3, $4, $5, $5, $6, $7) RETURNING id",
        )
        .bind(person.0.to_vec())
        .bind(new.language.name())
        .bind(sha256.to_vec())
        .bind(i64::from(new.written_by))
        .bind(now.0)
        .bind(said.0)
        .bind(address.0)
        .fetch_one(self.database.pool())
        .await?;
        self.testimonial(TestimonialId(row.try_get::<i64, _>(0)? as u32))
            .await
    }

    async fn author(&self, email: &Sealed, provenance: &Provenance, now: Moment) -> Result<PersonId, Error> {
        if let Some(account) = self.account_of_email(email).await? {
            return Ok(account.person);
        }
        let known = self.vault.find(0, FieldClass::Email, email.reveal()).await?;
        if let Some(person) = known.first() {
            return Ok(*person);
        }
        let given = Given {
            provenance: provenance.clone(),
            values: vec![(FieldClass::Email, email.clone())],
        };
        Ok(self
            .vault
            .add_person(&NewPerson { client: 0, given }, now)
            .await?)
    }

    /// Changes the words or lines of a testimonial. Whatever was agreed to before holds no longer: it is a draft, links
    /// of letters about it are dead, and a consent that nothing else rests on is given up. The same words change
    /// nothing. Says whether it was published until now.
    pub async fn change_testimonial(
        &self,
        id: TestimonialId,
        said: &Said,
        now: Moment,
    ) -> Result<bool, Error> {
        let (bytes, sha256) = said.bytes()?;
        let before = self.testimonial(id).await?;
        if before.status.is_over() {
            return Err(Refusal::Ended.into());
        }
        if before.sha256 == sha256 {
            return Ok(false);
        }
        let provenance = self.asking_provenance(before.language, now).await?;
        let value = self
            .vault
            .seal_for(before.person, &bytes, &provenance, now)
            .await?;
        let mut write = self.change().await?;
        let changed = sqlx::query(
            "UPDATE testimonials SET status = 'draft', version = version + 1, sha256 = $1, said_value = $2,
                 changed_ms = $3, asked_ms = NULL, agreed_ms = NULL
             WHERE id = $4 AND version = $5 AND ended_ms IS NULL",
        )
        .bind(sha256.to_vec())
        .bind(value.0)
        .bind(now.0)
        .bind(i64::from(id.0))
        .bind(i64::from(before.version))
        .execute(&mut *write)
        .await?;
        if changed.rows_affected() == 0 {
            drop(write);
            self.destroy_value(before.person, value, now).await?;
            return Err(Refusal::Ended.into());
        }
        sqlx::query("DELETE FROM testimonial_links WHERE testimonial = $1")
            .bind(i64::from(id.0))
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        if let Some(old) = before.said {
            self.destroy_value(before.person, old, now).await?;
        }
        let was_published = before.status == TestimonialStatus::Agreed;
        if was_published && !self.has_agreed(before.person).await? {
            self.give_up_consent(before.person, now).await?;
        }
        Ok(was_published)
    }

    /// Draws the link for a letter to the author of a draft, or of one that was asked about before: only the newest
    /// link works. The reader needs words and address, so the vault's guard decides. Refused
    /// until the operator has said who asks: what the author answers is a consent.
    pub async fn ask_author(
        &self,
        reader: &Reader,
        id: TestimonialId,
        now: Moment,
    ) -> Result<AuthorAsked, Error> {
        if !self.controller.may_ask_consent() {
            return Err(Refusal::Unnamed.into());
        }
        let before = self.testimonial(id).await?;
        if !matches!(before.status, TestimonialStatus::Draft | TestimonialStatus::Asked) {
            return Err(Refusal::Ended.into());
        }
        let said = self
            .open_testimonial(reader, &before, Purpose::AskAuthor, now)
            .await?;
        let to = self
            .author_address(reader, &before, Purpose::AskAuthor, now)
            .await?;
        let (secret, until) = (Secret::draw()?, now.plus_ms(ANSWER_MS));
        let mut write = self.change().await?;
        let asked = sqlx::query(
            "UPDATE testimonials SET status = 'asked', asked_ms = $1
             WHERE id = $2 AND version = $3 AND status IN ('draft', 'asked')",
        )
        .bind(now.0)
        .bind(i64::from(id.0))
        .bind(i64::from(before.version))
        .execute(&mut *write)
        .await?;
        if asked.rows_affected() == 0 {
            return Err(Refusal::Ended.into());
        }
        sqlx::query("DELETE FROM testimonial_links WHERE testimonial = $1")
            .bind(i64::from(id.0))
            .execute(&mut *write)
            .await?;
        sqlx::query(
            "INSERT INTO testimonial_links (sha256, testimonial, does, expires_ms) VALUES ($1, $2, $3, $4)",
        )
        .bind(secret.digest())
        .bind(i64::from(id.0))
        .bind(LinkUse::Answer.name())
        .bind(until.0)
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(AuthorAsked {
            testimonial: self.testimonial(id).await?,
            to,
            said,
            secret,
            until,
        })
    }

    /// The address of a testimonial's author.
    pub(crate) async fn author_address(
        &self,
        reader: &Reader,
        testimonial: &Testimonial,
        purpose: Purpose,
        now: Moment,
    ) -> Result<Sealed, Error> {
        let value = testimonial.address.ok_or(Error::NotFound("testimonial"))?;
        let opened = self
            .vault
            .open_for(reader, testimonial.person, purpose, &[value], now)
            .await?;
        let (_, bytes) = opened.first().ok_or(Error::NotFound("testimonial"))?;
        let text = std::str::from_utf8(bytes).map_err(|_| Error::Corrupt("a testimonial"))?;
        Ok(Sealed::new(text.to_owned()))
    }

    /// What words and address may be used for until the author agrees.
    async fn asking_provenance(&self, language: Language, now: Moment) -> Result<Provenance, Error> {
        let wording = self.wording("testimonial-draft", language).await?;
        Ok(Provenance {
            purposes: vec![Purpose::AskAuthor],
            basis: wording.basis,
            wording: wording.reference(),
            source: SOURCE.to_owned(),
            language: language.name().to_owned(),
            given: now,
        })
    }

    /// Destroys a value. Under a hold it stays, as unreachable as if it were gone, until retention takes it.
    pub(crate) async fn destroy_value(
        &self,
        person: PersonId,
        value: ValueId,
        now: Moment,
    ) -> Result<(), Error> {
        match self.vault.delete_value(person, value, now).await {
            Ok(()) | Err(vault::Error::NotFound(_) | vault::Error::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
