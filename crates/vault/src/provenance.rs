//! Where a value comes from, and what it was given for.

use crate::{Error, Refusal};
use policy::{LegalBasis, Purpose};
use serde::{Deserialize, Serialize};
use sqlx::{Row, any::AnyRow};
use vocabulary::Moment;

/// The text that was shown when something was given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Wording {
    /// Which document.
    pub id: String,
    /// Which of its versions.
    pub version: u32,
    /// The SHA-256 of its bytes as shown.
    pub sha256: [u8; 32],
}

/// Where values come from. Kept in clear beside them, so nothing in it may be personal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Provenance {
    /// What they may be used for: at least one, none that only the law gives ([`Purpose::is_by_law`]), and one that
    /// needs consent only on that basis.
    pub purposes: Vec<Purpose>,
    /// By what right.
    pub basis: LegalBasis,
    /// The text shown.
    pub wording: Wording,
    /// The form's name or the letter's number: 1 to 100 characters.
    pub source: String,
    /// The language of the form, as BCP 47 tag.
    pub language: String,
    /// When they were given; not in the future.
    pub given: Moment,
}

impl Provenance {
    pub(crate) fn check(&self, now: Moment) -> Result<(), Refusal> {
        let fits = |purpose: &Purpose| {
            !purpose.is_by_law() && (!purpose.needs_consent() || self.basis == LegalBasis::Consent)
        };
        if self.purposes.is_empty() || !self.purposes.iter().all(fits) {
            return Err(Refusal::Purposes);
        }
        let is_said = |text: &str, most: usize| !text.is_empty() && text.chars().count() <= most;
        if self.given <= now
            && is_said(&self.wording.id, 100)
            && is_said(&self.source, 100)
            && is_said(&self.language, 35)
        {
            Ok(())
        } else {
            Err(Refusal::Provenance)
        }
    }

    /// The names of the purposes, as stored.
    pub(crate) fn purposes_text(&self) -> String {
        let names: Vec<&str> = self.purposes.iter().map(|p| p.name()).collect();
        names.join(",")
    }

    /// From a row with the columns of `givings`.
    pub(crate) fn of(row: &AnyRow) -> Result<Self, Error> {
        const WRONG: Error = Error::Corrupt("provenance");
        let purposes: String = row.try_get("purposes")?;
        let sha256: Vec<u8> = row.try_get("wording_sha256")?;
        Ok(Self {
            purposes: purposes
                .split(',')
                .map(|name| Purpose::parse(name).ok_or(WRONG))
                .collect::<Result<_, _>>()?,
            basis: LegalBasis::parse(&row.try_get::<String, _>("basis")?).ok_or(WRONG)?,
            wording: Wording {
                id: row.try_get("wording")?,
                version: row.try_get::<i64, _>("wording_version")? as u32,
                sha256: sha256.try_into().map_err(|_| WRONG)?,
            },
            source: row.try_get("source")?,
            language: row.try_get("language")?,
            given: Moment(row.try_get("given_ms")?),
        })
    }
}
