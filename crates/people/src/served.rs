//! What was shown: a form with its wordings. Shown first, chosen later, and each choice points to what was shown.
//!
//! A notice that is served a thousand times alike is one row: it has no column that could tell one visitor from another.

use crate::people::{hex, row_digest};
use crate::{Error, Language, People};
use sha2::{Digest, Sha256};
use sqlx::Row;
use std::fmt;
use vocabulary::{Moment, moment::HOUR_MS};

/// How stale the time of the last serving may get before it is written.
const LAST_STEP_MS: i64 = HOUR_MS;

/// The number of a served notice: the first 16 bytes of the SHA-256 of what it consists of. Forms carry it in a
/// hidden field; it tells nothing about who fills them in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServedId(pub [u8; 16]);

impl ServedId {
    /// Reads 32 hexadecimal digits in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        // The same shape as a person's number.
        vocabulary::PersonId::parse(text).map(|id| Self(id.0))
    }
}

/// 32 hexadecimal digits in lower case.
impl fmt::Display for ServedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for ServedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServedId({self})")
    }
}

/// A form that is about to be shown.
#[derive(Clone, Copy, Debug)]
pub struct NewServed<'a> {
    /// Its name, such as `enquiry`: what values that come through it name as their source.
    pub form: &'a str,
    /// The language of its texts.
    pub language: Language,
    /// Id and version of each wording on it.
    pub wordings: &'a [(&'a str, u32)],
    /// SHA-256 of the form as rendered, without what differs from visitor to visitor (tokens, times, what was typed).
    pub form_sha256: [u8; 32],
}

/// A form that was shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Served {
    /// Its number.
    pub id: ServedId,
    /// Its name.
    pub form: String,
    /// The language of its texts.
    pub language: Language,
    /// Id and version of each wording on it.
    pub wordings: Vec<(String, u32)>,
    /// SHA-256 of the form as rendered.
    pub form_sha256: [u8; 32],
    /// When it was first shown.
    pub first: Moment,
    /// When it was last shown, to the hour.
    pub last: Moment,
}

impl People {
    /// Records that a form is shown now and gives the number to put into it.
    pub async fn serve(&self, new: &NewServed<'_>, now: Moment) -> Result<ServedId, Error> {
        let wordings = serde_json::json!(new.wordings).to_string();
        let whole = serde_json::json!([new.form, new.language, wordings, hex(&new.form_sha256)]).to_string();
        let mut id = [0; 16];
        id.copy_from_slice(&Sha256::digest(whole.as_bytes())[..16]);
        let known = sqlx::query("SELECT last_ms FROM served WHERE id = $1")
            .bind(id.to_vec())
            .fetch_optional(self.database.pool())
            .await?;
        if let Some(row) = &known
            && now.0 - row.try_get::<i64, _>(0)? < LAST_STEP_MS
        {
            return Ok(ServedId(id));
        }
        if known.is_none() {
            for (wording, version) in new.wordings {
                self.wording_version(wording, *version, new.language).await?;
            }
        }
        sqlx::query(
            "INSERT INTO served (id, form, language, wordings, form_sha256, first_ms, last_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $6)
             ON CONFLICT (id) DO UPDATE SET last_ms = excluded.last_ms",
        )
        .bind(id.to_vec())
        .bind(new.form)
        .bind(new.language.name())
        .bind(wordings)
        .bind(new.form_sha256.to_vec())
        .bind(now.0)
        .execute(self.database.pool())
        .await?;
        Ok(ServedId(id))
    }

    /// What was shown under that number.
    pub async fn served(&self, id: ServedId) -> Result<Served, Error> {
        let row = sqlx::query(
            "SELECT form, language, wordings, form_sha256, first_ms, last_ms FROM served WHERE id = $1",
        )
        .bind(id.0.to_vec())
        .fetch_optional(self.database.pool())
        .await?
        .ok_or(Error::NotFound("served notice"))?;
        let corrupt = || Error::Corrupt("a served notice");
        let text = |column| row.try_get::<String, _>(column);
        Ok(Served {
            id,
            form: text("form")?,
            language: Language::parse(&text("language")?).ok_or_else(corrupt)?,
            wordings: serde_json::from_str(&text("wordings")?).map_err(|_| corrupt())?,
            form_sha256: row_digest(&row, "form_sha256")?.ok_or_else(corrupt)?,
            first: Moment(row.try_get("first_ms")?),
            last: Moment(row.try_get("last_ms")?),
        })
    }
}
