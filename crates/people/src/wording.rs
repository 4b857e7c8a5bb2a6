//! Wordings: every text under which data or consent is given, versioned, with the SHA-256 of its exact bytes.

use crate::people::{digest, row_digest};
use crate::shipped::SHIPPED;
use crate::{Error, Language, People, Refusal};
use policy::{FieldClass, LegalBasis, Purpose};
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqldb::Write;
use sqlx::{Row, any::AnyRow};
use vocabulary::Moment;

/// The most bytes of a text.
const MOST_BYTES: usize = 100_000;

/// A wording. What was once added never changes; another text is another version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Wording {
    /// Its name, such as `newsletter`.
    pub id: String,
    /// From 1. The versions of a wording in both languages go together.
    pub version: u32,
    /// The language.
    pub language: Language,
    /// The one purpose that it speaks of.
    pub purpose: Purpose,
    /// The right by which the data are used.
    pub basis: LegalBasis,
    /// The classes of data that it names.
    pub classes: Vec<FieldClass>,
    /// How long a consent by it lasts, in milliseconds, if not until it is withdrawn.
    pub valid_ms: Option<i64>,
    /// The text, in Markdown (headings, paragraphs, bold).
    pub text: String,
    /// SHA-256 of the text's bytes.
    #[serde(serialize_with = "crate::people::as_hex")]
    pub sha256: [u8; 32],
    /// Since when it is in force.
    pub created: Moment,
}

impl Wording {
    /// Its heading.
    pub fn title(&self) -> &str {
        let first = self.text.lines().next().unwrap_or_default();
        first.trim_start_matches('#').trim()
    }

    /// Whether it is a consent document, separate from everything else: by it one gives consent and nothing else.
    pub fn is_consent(&self) -> bool {
        self.basis == LegalBasis::Consent
    }

    /// As a value's provenance names it.
    pub fn reference(&self) -> vault::Wording {
        vault::Wording {
            id: self.id.clone(),
            version: self.version,
            sha256: self.sha256,
        }
    }
}

/// A wording to be added by the operator, in every language.
#[derive(Clone, Debug)]
pub struct NewWording<'a> {
    /// 1 to 40 lower-case letters, digits and hyphens. An id that exists gets a new version.
    pub id: &'a str,
    /// The one purpose.
    pub purpose: Purpose,
    /// The right by which the data are used. A purpose that needs consent takes [`LegalBasis::Consent`] alone.
    pub basis: LegalBasis,
    /// The classes of data that it names.
    pub classes: &'a [FieldClass],
    /// How long a consent by it lasts, in milliseconds.
    pub valid_ms: Option<i64>,
    /// The text in English.
    pub english: &'a str,
    /// The text in Russian.
    pub russian: &'a str,
}

const COLUMNS: &str =
    "id, version, language, purpose, basis, classes, valid_ms, text, sha256, created_ms FROM wordings";

impl People {
    /// The wording in force of that id.
    pub async fn wording(&self, id: &str, language: Language) -> Result<Wording, Error> {
        let sql = format!("SELECT {COLUMNS} WHERE id = $1 AND language = $2 ORDER BY version DESC LIMIT 1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(id)
            .bind(language.name())
            .fetch_optional(self.database.pool())
            .await?
            .ok_or(Error::NotFound("wording"))?;
        wording_of(&row)
    }

    /// One version of a wording, in force or not.
    pub async fn wording_version(
        &self,
        id: &str,
        version: u32,
        language: Language,
    ) -> Result<Wording, Error> {
        let sql = format!("SELECT {COLUMNS} WHERE id = $1 AND language = $2 AND version = $3");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(id)
            .bind(language.name())
            .bind(i64::from(version))
            .fetch_optional(self.database.pool())
            .await?
            .ok_or(Error::NotFound("wording"))?;
        wording_of(&row)
    }

    /// Every version of every wording in every language, by id, version, language.
    pub async fn wordings(&self) -> Result<Vec<Wording>, Error> {
        let sql = format!("SELECT {COLUMNS}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_all(self.database.pool())
            .await?;
        let mut wordings = rows.iter().map(wording_of).collect::<Result<Vec<_>, _>>()?;
        wordings.sort_by(|a, b| (&a.id, a.version, a.language).cmp(&(&b.id, b.version, b.language)));
        Ok(wordings)
    }

    /// Adds an operator's own wording, or a new version of one; it is in force from now on. Returns the version, or
    /// the one in force if nothing differs.
    pub async fn add_wording(&self, new: &NewWording<'_>, now: Moment) -> Result<u32, Error> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if new.id.is_empty() || new.id.len() > 40 || !new.id.chars().all(fits) {
            return Err(Refusal::Wording("give 1 to 40 lower-case letters, digits and hyphens as id").into());
        }
        if new.purpose.needs_consent() && new.basis != LegalBasis::Consent {
            return Err(Refusal::Wording("this purpose needs consent").into());
        }
        if [new.english, new.russian]
            .iter()
            .any(|text| text.trim().is_empty() || text.len() > MOST_BYTES)
        {
            return Err(Refusal::Wording("a text is empty or too long").into());
        }
        let mut write = self.change().await?;
        let version = add(&mut write, new, false, now).await?;
        write.commit().await?;
        Ok(version)
    }

    /// Registers the wordings that come with the program, in the agency's name; consent documents only while it can be
    /// said who asks. An id of which the operator added another version is left alone.
    pub(crate) async fn register_shipped(&self, now: Moment) -> Result<(), Error> {
        let mut write = self.change().await?;
        for shipped in SHIPPED {
            let is_operators = sqlx::query("SELECT 1 FROM wordings WHERE id = $1 AND is_shipped = 0 LIMIT 1")
                .bind(shipped.id)
                .fetch_optional(&mut *write)
                .await?
                .is_some();
            if is_operators {
                continue;
            }
            let text = |language| shipped.text(language, &self.controller);
            let (Some(english), Some(russian)) = (text(Language::En), text(Language::Ru)) else {
                continue;
            };
            let new = NewWording {
                id: shipped.id,
                purpose: shipped.purpose,
                basis: shipped.basis,
                classes: shipped.classes,
                valid_ms: shipped.valid_ms,
                english: &english,
                russian: &russian,
            };
            add(&mut write, &new, true, now).await?;
        }
        write.commit().await?;
        Ok(())
    }
}

async fn add(write: &mut Write, new: &NewWording<'_>, is_shipped: bool, now: Moment) -> Result<u32, Error> {
    let sql = format!("SELECT {COLUMNS} WHERE id = $1 ORDER BY version DESC LIMIT 2");
    let newest = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(new.id)
        .fetch_all(&mut **write)
        .await?
        .iter()
        .map(wording_of)
        .collect::<Result<Vec<_>, _>>()?;
    let text = |language| match language {
        Language::En => new.english,
        Language::Ru => new.russian,
    };
    let is_same = |old: &Wording| {
        old.text == text(old.language)
            && (old.purpose, old.basis, old.valid_ms) == (new.purpose, new.basis, new.valid_ms)
            && old.classes == new.classes
    };
    let version = newest.first().map_or(0, |old| old.version);
    if !newest.is_empty() && newest.iter().all(is_same) {
        return Ok(version);
    }
    let classes: Vec<&str> = new.classes.iter().map(|class| class.name()).collect();
    for &language in Language::ALL {
        sqlx::query(
            "INSERT INTO wordings
             (id, version, language, purpose, basis, classes, valid_ms, is_shipped, text, sha256, created_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(new.id)
        .bind(i64::from(version) + 1)
        .bind(language.name())
        .bind(new.purpose.name())
        .bind(new.basis.name())
        .bind(classes.join(","))
        .bind(new.valid_ms)
        .bind(i64::from(is_shipped))
        .bind(text(language))
        .bind(digest(text(language).as_bytes()))
        .bind(now.0)
        .execute(&mut **write)
        .await?;
    }
    Ok(version + 1)
}

fn wording_of(row: &AnyRow) -> Result<Wording, Error> {
    let corrupt = || Error::Corrupt("a wording");
    let text = |column| row.try_get::<String, _>(column);
    let wording = Wording {
        id: text("id")?,
        version: row.try_get::<i64, _>("version")? as u32,
        language: Language::parse(&text("language")?).ok_or_else(corrupt)?,
        purpose: Purpose::parse(&text("purpose")?).ok_or_else(corrupt)?,
        basis: LegalBasis::parse(&text("basis")?).ok_or_else(corrupt)?,
        classes: text("classes")?
            .split(',')
            .filter(|name| !name.is_empty())
            .map(|name| FieldClass::parse(name).ok_or_else(corrupt))
            .collect::<Result<_, _>>()?,
        valid_ms: row.try_get("valid_ms")?,
        text: text("text")?,
        sha256: row_digest(row, "sha256")?.ok_or_else(corrupt)?,
        created: Moment(row.try_get("created_ms")?),
    };
    // A consent refers to these bytes: they must be the ones that were shown.
    if Sha256::digest(wording.text.as_bytes())[..] != wording.sha256 {
        return Err(corrupt());
    }
    Ok(wording)
}
