//! The link that confirms a consent which was ticked on a form that anybody can fill in with anybody's address.
//!
//! A tick there asks; the owner of the address, who reads the letter with the link, gives. Until then the use stays
//! shut and there is no receipt. The link is a random secret, of which a digest is stored; it works for 30 days, and
//! looking at it does nothing, since programs look at links before people do.

use crate::people::row_person;
use crate::{
    Answer, Choice, Error, Language, Method, People, Recorded, Refusal, ServedId, Wording, account_link,
};
use credentials::{Sealed, Secret};
use policy::Purpose;
use sqlx::{Row, any::AnyRow};
use vocabulary::{Moment, PersonId, moment::DAY_MS};

/// How long a consent may wait for its confirmation.
pub const CONFIRM_MS: i64 = 30 * DAY_MS;

/// What somebody ticked, to be confirmed by whoever reads letters at the address that was given.
#[derive(Clone, Copy, Debug)]
pub struct Ticked<'a> {
    /// Who was made of the form.
    pub person: PersonId,
    /// The address that was given.
    pub email: &'a Sealed,
    /// The form.
    pub served: ServedId,
    /// When it was shown.
    pub shown: Moment,
    /// The id of the consent document, one of those shown.
    pub wording: &'a str,
}

/// A letter to be sent, which asks for the confirmation.
#[derive(Debug)]
pub struct ConsentLetter {
    /// Of whom.
    pub person: PersonId,
    /// To whom.
    pub to: Sealed,
    /// What is to be confirmed.
    pub wording: Wording,
    /// The secret of its link, which is given to nobody else.
    pub secret: Secret,
}

/// Where a link leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Of whom.
    pub person: PersonId,
    /// What is to be confirmed: the very version that was ticked.
    pub wording: Wording,
}

/// A link as it is stored.
struct Link {
    person: PersonId,
    wording: String,
    version: u32,
    language: Language,
    served: ServedId,
    shown: Moment,
}

impl People {
    /// A letter that asks for the confirmation of what was ticked. None if it was asked for before, or if nobody could
    /// read the letter; refused if too many letters went to that mailbox lately.
    pub async fn ask_to_confirm(
        &self,
        ticked: &Ticked<'_>,
        now: Moment,
    ) -> Result<Option<ConsentLetter>, Error> {
        let Some(to) = account_link::fold_email(ticked.email.reveal()) else {
            return Ok(None);
        };
        let served = self.served(ticked.served).await?;
        let (id, version) = served
            .wordings
            .iter()
            .find(|(id, _)| id == ticked.wording)
            .ok_or(Refusal::NotShown)?;
        let wording = self.wording_version(id, *version, served.language).await?;
        let before = sqlx::query("SELECT 1 FROM consent_links WHERE person = $1 AND purpose = $2 LIMIT 1")
            .bind(ticked.person.0.to_vec())
            .bind(wording.purpose.name())
            .fetch_optional(self.database.pool())
            .await?;
        let state = self.consent_state(ticked.person, wording.purpose).await?;
        if before.is_some() || state.allows_use() || state.is_ended() {
            return Ok(None);
        }
        // From wherever they are asked for, not too many letters to one mailbox.
        self.attempt("letters", to.reveal(), now)?;
        let secret = Secret::draw()?;
        sqlx::query(
            "INSERT INTO consent_links
             (sha256, person, purpose, wording, wording_version, language, served, shown_ms, expires_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(secret.digest())
        .bind(ticked.person.0.to_vec())
        .bind(wording.purpose.name())
        .bind(&wording.id)
        .bind(i64::from(wording.version))
        .bind(wording.language.name())
        .bind(ticked.served.0.to_vec())
        .bind(ticked.shown.0)
        .bind(now.plus_ms(CONFIRM_MS).0)
        .execute(self.database.pool())
        .await?;
        Ok(Some(ConsentLetter {
            person: ticked.person,
            to,
            wording,
            secret,
        }))
    }

    /// What a link confirms, if it works. Looking changes nothing.
    pub async fn consent_link(&self, secret: &Secret, now: Moment) -> Result<Asked, Error> {
        let link = self.read_consent_link(secret, now).await?;
        let wording = self
            .wording_version(&link.wording, link.version, link.language)
            .await?;
        Ok(Asked {
            person: link.person,
            wording,
        })
    }

    /// Gives the consent that a link asks for, and uses the link up. Gives the person for the audit log.
    pub async fn confirm_consent(&self, secret: &Secret, now: Moment) -> Result<(PersonId, Recorded), Error> {
        let link = self.read_consent_link(secret, now).await?;
        let choice = Choice {
            served: link.served,
            shown: link.shown,
            wording: &link.wording,
            answer: Answer::Give,
            method: Method::Link,
            evidence_sha256: None,
        };
        Ok((link.person, self.choose(link.person, &choice, now).await?))
    }

    /// The purposes that wait for their confirmation.
    pub async fn unconfirmed(&self, person: PersonId, now: Moment) -> Result<Vec<Purpose>, Error> {
        sqlx::query("SELECT DISTINCT purpose FROM consent_links WHERE person = $1 AND expires_ms > $2")
            .bind(person.0.to_vec())
            .bind(now.0)
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(|row| Purpose::parse(&row.try_get::<String, _>(0)?).ok_or(Error::Corrupt("a link")))
            .collect()
    }

    /// Lets nothing be confirmed any more of what was asked before.
    pub(crate) async fn end_consent_links(&self, person: PersonId, purpose: Purpose) -> Result<(), Error> {
        sqlx::query("DELETE FROM consent_links WHERE person = $1 AND purpose = $2")
            .bind(person.0.to_vec())
            .bind(purpose.name())
            .execute(self.database.pool())
            .await?;
        Ok(())
    }

    async fn read_consent_link(&self, secret: &Secret, now: Moment) -> Result<Link, Error> {
        let row: AnyRow = sqlx::query(
            "SELECT person, wording, wording_version, language, served, shown_ms FROM consent_links
             WHERE sha256 = $1 AND expires_ms > $2",
        )
        .bind(secret.digest())
        .bind(now.0)
        .fetch_optional(self.database.pool())
        .await?
        .ok_or(Refusal::Link)?;
        let corrupt = || Error::Corrupt("a link");
        let served: Vec<u8> = row.try_get("served")?;
        Ok(Link {
            person: row_person(&row, "person")?,
            wording: row.try_get("wording")?,
            version: row.try_get::<i64, _>("wording_version")? as u32,
            language: Language::parse(&row.try_get::<String, _>("language")?).ok_or_else(corrupt)?,
            served: ServedId(served.try_into().map_err(|_| corrupt())?),
            shown: Moment(row.try_get("shown_ms")?),
        })
    }
}
