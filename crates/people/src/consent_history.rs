//! What happened to the consents of a person, event by event. Nothing here is ever changed, only added to.

use crate::consent::Method;
use crate::people::{as_hex, row_digest};
use crate::{Act, ConsentState, Error, Language, People, ServedId};
use policy::Purpose;
use serde::Serialize;
use sqldb::Write;
use sqlx::{Row, any::AnyRow};
use vocabulary::{Moment, PersonId};

/// One event in the history of a consent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ConsentEvent {
    /// What happened.
    pub act: Act,
    /// Where the consent stood after it.
    pub state: ConsentState,
    /// When.
    pub at: Moment,
    /// By what means.
    pub method: Method,
    /// The wording that was shown; none where the person said no to everything at once (GPC).
    pub wording: Option<WordingShown>,
    /// The served notice that the choice answers.
    #[serde(serialize_with = "served_text")]
    pub served: Option<ServedId>,
    /// SHA-256 of the form as rendered.
    #[serde(serialize_with = "maybe_hex")]
    pub form_sha256: Option<[u8; 32]>,
    /// SHA-256 of the evidence, such as the letter with its headers.
    #[serde(serialize_with = "maybe_hex")]
    pub evidence_sha256: Option<[u8; 32]>,
    /// When the consent ends by itself, if it does.
    pub ends: Option<Moment>,
    /// The receipt of this event.
    pub receipt: Option<String>,
}

/// Which wording a person was shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct WordingShown {
    /// Its name.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// The language.
    pub language: Language,
    /// SHA-256 of its bytes.
    #[serde(serialize_with = "as_hex")]
    pub sha256: [u8; 32],
}

#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
fn served_text<S: serde::Serializer>(served: &Option<ServedId>, serializer: S) -> Result<S::Ok, S::Error> {
    served.map(|id| id.to_string()).serialize(serializer)
}

#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
fn maybe_hex<S: serde::Serializer>(bytes: &Option<[u8; 32]>, serializer: S) -> Result<S::Ok, S::Error> {
    bytes
        .map(|bytes| crate::people::hex(&bytes))
        .serialize(serializer)
}

/// A person's consent to one purpose.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Consent {
    /// The purpose.
    pub purpose: Purpose,
    /// Where it stands.
    pub state: ConsentState,
    /// What happened, oldest first.
    pub events: Vec<ConsentEvent>,
}

/// What came of a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    /// The purpose.
    pub purpose: Purpose,
    /// Where the consent stands now.
    pub state: ConsentState,
    /// The receipt, where the change gives one.
    pub receipt: Option<String>,
}

const COLUMNS: &str = "person, purpose, act, state, wording, wording_version, language, wording_sha256, \
    served, form_sha256, method, evidence_sha256, at_ms, ends_ms, receipt_id FROM consent_events";

impl People {
    /// The consents of a person, by purpose, with their histories.
    pub async fn consents(&self, person: PersonId) -> Result<Vec<Consent>, Error> {
        let sql = format!("SELECT {COLUMNS} WHERE person = $1 ORDER BY id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(person.0.to_vec())
            .fetch_all(self.database.pool())
            .await?;
        let mut consents: Vec<Consent> = Vec::new();
        for row in &rows {
            let (purpose, event) = event_of(row)?;
            let place = consents.iter().position(|c| c.purpose == purpose);
            let place = place.unwrap_or_else(|| {
                consents.push(Consent {
                    purpose,
                    state: ConsentState::Unknown,
                    events: Vec::new(),
                });
                consents.len() - 1
            });
            let consent = &mut consents[place];
            consent.state = event.state;
            consent.events.push(event);
        }
        consents.sort_by_key(|c| c.purpose);
        Ok(consents)
    }

    /// Where the consent of a person to a purpose stands.
    pub async fn consent_state(&self, person: PersonId, purpose: Purpose) -> Result<ConsentState, Error> {
        let row = sqlx::query(
            "SELECT state FROM consent_events WHERE person = $1 AND purpose = $2 ORDER BY id DESC LIMIT 1",
        )
        .bind(person.0.to_vec())
        .bind(purpose.name())
        .fetch_optional(self.database.pool())
        .await?;
        match row {
            None => Ok(ConsentState::Unknown),
            Some(row) => {
                ConsentState::parse(&row.try_get::<String, _>(0)?).ok_or(Error::Corrupt("a consent"))
            }
        }
    }

    /// The history of one consent, oldest first.
    pub(crate) async fn history(
        &self,
        person: PersonId,
        purpose: Purpose,
    ) -> Result<Vec<ConsentEvent>, Error> {
        let mut read = self.database.read().await?;
        history(&mut read, person, purpose).await
    }

    /// A receipt of this person: a compact JWS, see [`crate::verify`].
    pub async fn receipt(&self, person: PersonId, receipt: &str) -> Result<String, Error> {
        let row = sqlx::query(
            "SELECT receipt FROM consent_events WHERE person = $1 AND receipt_id = $2 AND receipt IS NOT NULL",
        )
        .bind(person.0.to_vec())
        .bind(receipt)
        .fetch_optional(self.database.pool())
        .await?
        .ok_or(Error::NotFound("receipt"))?;
        Ok(row.try_get(0)?)
    }
}

/// The history of one consent, oldest first, within a change.
pub(crate) async fn history(
    write: &mut Write,
    person: PersonId,
    purpose: Purpose,
) -> Result<Vec<ConsentEvent>, Error> {
    let sql = format!("SELECT {COLUMNS} WHERE person = $1 AND purpose = $2 ORDER BY id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(person.0.to_vec())
        .bind(purpose.name())
        .fetch_all(&mut **write)
        .await?;
    rows.iter().map(|row| Ok(event_of(row)?.1)).collect()
}

/// Adds an event, and its receipt if it has one.
pub(crate) async fn add(
    write: &mut Write,
    person: PersonId,
    purpose: Purpose,
    event: &ConsentEvent,
    receipt: Option<&str>,
) -> Result<(), Error> {
    let wording = event.wording.as_ref();
    sqlx::query(
        "INSERT INTO consent_events
         (person, purpose, act, state, wording, wording_version, language, wording_sha256, served, form_sha256,
          method, evidence_sha256, at_ms, ends_ms, receipt_id, receipt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(person.0.to_vec())
    .bind(purpose.name())
    .bind(event.act.name())
    .bind(event.state.name())
    .bind(wording.map(|w| w.id.clone()))
    .bind(wording.map(|w| i64::from(w.version)))
    .bind(wording.map(|w| w.language.name()))
    .bind(wording.map(|w| w.sha256.to_vec()))
    .bind(event.served.map(|id| id.0.to_vec()))
    .bind(event.form_sha256.map(|d| d.to_vec()))
    .bind(event.method.name())
    .bind(event.evidence_sha256.map(|d| d.to_vec()))
    .bind(event.at.0)
    .bind(event.ends.map(|m| m.0))
    .bind(event.receipt.clone())
    .bind(receipt)
    .execute(&mut **write)
    .await?;
    Ok(())
}

fn event_of(row: &AnyRow) -> Result<(Purpose, ConsentEvent), Error> {
    let corrupt = || Error::Corrupt("a consent");
    let text = |column| row.try_get::<String, _>(column);
    let wording = match row.try_get::<Option<String>, _>("wording")? {
        None => None,
        Some(id) => Some(WordingShown {
            id,
            version: row.try_get::<i64, _>("wording_version")? as u32,
            language: Language::parse(&text("language")?).ok_or_else(corrupt)?,
            sha256: row_digest(row, "wording_sha256")?.ok_or_else(corrupt)?,
        }),
    };
    let served = match row.try_get::<Option<Vec<u8>>, _>("served")? {
        None => None,
        Some(bytes) => Some(ServedId(bytes.try_into().map_err(|_| corrupt())?)),
    };
    let event = ConsentEvent {
        act: Act::parse(&text("act")?).ok_or_else(corrupt)?,
        state: ConsentState::parse(&text("state")?).ok_or_else(corrupt)?,
        at: Moment(row.try_get("at_ms")?),
        method: Method::parse(&text("method")?).ok_or_else(corrupt)?,
        wording,
        served,
        form_sha256: row_digest(row, "form_sha256")?,
        evidence_sha256: row_digest(row, "evidence_sha256")?,
        ends: row.try_get::<Option<i64>, _>("ends_ms")?.map(Moment),
        receipt: row.try_get("receipt_id")?,
    };
    Ok((Purpose::parse(&text("purpose")?).ok_or_else(corrupt)?, event))
}
