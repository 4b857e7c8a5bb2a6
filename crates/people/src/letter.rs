//! Letters: the thread of a case, in and out, each sealed in the vault as a whole.

use crate::people::digest;
use crate::{Case, CaseId, CaseStatus, Error, People, Undelivered};
use credentials::Sealed;
use policy::Purpose;
use serde::{Deserialize, Serialize};
use sqldb::Write;
use sqlx::{Row, any::AnyRow};
use vault::{Provenance, Reader, ValueId};
use vocabulary::{Moment, PersonId};

/// A letter's number, from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LetterId(pub u32);

vocabulary::closed_list! {
    /// Which way a letter went.
    Direction {
        /// To us.
        In = "in",
        /// From us.
        Out = "out",
    }
}

/// A letter without its text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Letter {
    /// Its number.
    pub id: LetterId,
    /// The case.
    pub case: CaseId,
    /// Which way it went.
    pub direction: Direction,
    /// When it came, or was written.
    pub at: Moment,
    /// Whether a program wrote it.
    pub is_automatic: bool,
    /// Whether it came from the person's own address, as far as the sender's line tells.
    pub is_sender_known: bool,
    /// The account that wrote it.
    pub author: Option<u32>,
    /// When it was handed over to be sent.
    pub handed: Option<Moment>,
    /// Why it did not arrive, if that is known.
    pub undelivered: Option<Undelivered>,
    /// Where it is in the vault.
    #[serde(skip)]
    pub value: ValueId,
}

/// A letter with its text, for the page of those who may read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenLetter {
    /// Its number, way and times.
    pub letter: Letter,
    /// The sender's address; nothing for a form that gave none.
    pub from: Sealed,
    /// The address it went to.
    pub to: Sealed,
    /// The subject.
    pub subject: Sealed,
    /// The text.
    pub text: Sealed,
}

/// What is sealed of a letter.
#[derive(Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    /// Without angle brackets; none for a form.
    pub(crate) message_id: Option<String>,
    /// What it answers, oldest first.
    pub(crate) references: Vec<String>,
}

impl Content {
    /// What is sealed: JSON.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self).map_err(|_| Error::Corrupt("a letter"))
    }
}

/// What is stored of a letter beside its case and its sealed text.
pub(crate) struct NewLetter {
    pub(crate) direction: Direction,
    pub(crate) digest: Vec<u8>,
    pub(crate) is_automatic: bool,
    pub(crate) is_sender_known: bool,
    pub(crate) author: Option<u32>,
    pub(crate) at: Moment,
}

pub(crate) const COLUMNS: &str =
    "id, case_id, direction, value_id, is_automatic, is_sender_known, author, at_ms, handed_ms, undelivered
    FROM letters";

impl People {
    /// The letters of a case without their texts, oldest first.
    pub async fn letters(&self, case: CaseId) -> Result<Vec<Letter>, Error> {
        let sql = format!("SELECT {COLUMNS} WHERE case_id = $1 ORDER BY id");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(i64::from(case.0))
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(letter_of)
            .collect()
    }

    /// The letters of a case with their texts, oldest first, or only those asked for. The vault's guard decides.
    pub async fn open_letters(
        &self,
        reader: &Reader,
        case: CaseId,
        only: Option<&[LetterId]>,
        purpose: Purpose,
        now: Moment,
    ) -> Result<Vec<OpenLetter>, Error> {
        let person = self.case(case).await?.person;
        let mut letters = self.letters(case).await?;
        if let Some(only) = only {
            letters.retain(|letter| only.contains(&letter.id));
        }
        Ok(self
            .contents(reader, person, purpose, letters, now)
            .await?
            .into_iter()
            .map(|(letter, content)| OpenLetter {
                letter,
                from: Sealed::new(content.from),
                to: Sealed::new(content.to),
                subject: Sealed::new(content.subject),
                text: Sealed::new(content.text),
            })
            .collect())
    }

    pub(crate) async fn contents(
        &self,
        reader: &Reader,
        person: PersonId,
        purpose: Purpose,
        letters: Vec<Letter>,
        now: Moment,
    ) -> Result<Vec<(Letter, Content)>, Error> {
        if letters.is_empty() {
            return Ok(Vec::new());
        }
        let values: Vec<ValueId> = letters.iter().map(|letter| letter.value).collect();
        let opened = self.vault.open_for(reader, person, purpose, &values, now).await?;
        letters
            .into_iter()
            .map(|letter| {
                let corrupt = || Error::Corrupt("a letter");
                let (_, bytes) = opened
                    .iter()
                    .find(|(id, _)| *id == letter.value)
                    .ok_or_else(corrupt)?;
                let content = serde_json::from_slice(bytes).map_err(|_| corrupt())?;
                Ok((letter, content))
            })
            .collect()
    }

    /// Seals a letter and adds it to its case's thread; nothing if it is there already.
    pub(crate) async fn store_letter(
        &self,
        case: &Case,
        content: &Content,
        provenance: &Provenance,
        new: &NewLetter,
        now: Moment,
    ) -> Result<Option<LetterId>, Error> {
        let value = self
            .vault
            .seal_for(case.person, &content.bytes()?, provenance, now)
            .await?;
        let mut write = self.change().await?;
        let Some(letter) = add_letter(&mut write, case.id, value, new).await? else {
            drop(write);
            self.vault.delete_value(case.person, value, now).await?;
            return Ok(None);
        };
        let current = sqlx::query("SELECT status FROM cases WHERE id = $1")
            .bind(i64::from(case.id.0))
            .fetch_one(&mut *write)
            .await?;
        let before = CaseStatus::parse(&current.try_get::<String, _>(0)?).ok_or(Error::Corrupt("a case"))?;
        let after = before.after_letter(new.direction, new.is_automatic);
        sqlx::query(
            "UPDATE cases SET status = $1, changed_ms = $2,
                 closed_ms = CASE WHEN $1 = 'closed' THEN closed_ms ELSE NULL END
             WHERE id = $3",
        )
        .bind(after.name())
        .bind(now.0)
        .bind(i64::from(case.id.0))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(Some(letter))
    }

    /// What a letter may be used for: what the enquiry was given for, by the same right and wording.
    pub(crate) async fn letter_provenance(&self, case: &Case, now: Moment) -> Result<Provenance, Error> {
        let kept = self.vault.values(case.person).await?;
        let first = kept
            .into_iter()
            .map(|kept| kept.provenance)
            .find(|provenance| provenance.purposes.contains(&Purpose::AnswerEnquiry));
        let given = match first {
            Some(provenance) => provenance,
            // Everything was destroyed since, and they write again.
            None => self.enquiry_provenance(case.language, now).await?,
        };
        Ok(Provenance {
            source: "letter".to_owned(),
            given: now,
            ..given
        })
    }
}

/// Adds a letter to its case's thread; nothing if it is there already.
pub(crate) async fn add_letter(
    write: &mut Write,
    case: CaseId,
    value: ValueId,
    new: &NewLetter,
) -> Result<Option<LetterId>, Error> {
    let row = sqlx::query(
        "INSERT INTO letters
         (case_id, direction, value_id, message_sha256, is_automatic, is_sender_known, author, at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (message_sha256) DO NOTHING RETURNING id",
    )
    .bind(i64::from(case.0))
    .bind(new.direction.name())
    .bind(value.0)
    .bind(new.digest.clone())
    .bind(i64::from(new.is_automatic))
    .bind(i64::from(new.is_sender_known))
    .bind(new.author.map(i64::from))
    .bind(new.at.0)
    .fetch_optional(&mut **write)
    .await?;
    Ok(match row {
        Some(row) => Some(LetterId(row.try_get::<i64, _>(0)? as u32)),
        None => None,
    })
}

pub(crate) fn message_digest(id: &str) -> Vec<u8> {
    digest(format!("message {}", id.trim().trim_matches(['<', '>'])).as_bytes())
}

pub(crate) fn letter_of(row: &AnyRow) -> Result<Letter, Error> {
    let number = |column| row.try_get::<i64, _>(column).map(|n| n as u32);
    Ok(Letter {
        id: LetterId(number("id")?),
        case: CaseId(number("case_id")?),
        direction: Direction::parse(&row.try_get::<String, _>("direction")?)
            .ok_or(Error::Corrupt("a letter"))?,
        at: Moment(row.try_get("at_ms")?),
        is_automatic: number("is_automatic")? == 1,
        is_sender_known: number("is_sender_known")? == 1,
        author: row.try_get::<Option<i64>, _>("author")?.map(|n| n as u32),
        handed: row.try_get::<Option<i64>, _>("handed_ms")?.map(Moment),
        undelivered: undelivered_of(row)?,
        value: ValueId(row.try_get("value_id")?),
    })
}

/// The column `undelivered` of a letter.
pub(crate) fn undelivered_of(row: &AnyRow) -> Result<Option<Undelivered>, Error> {
    row.try_get::<Option<String>, _>("undelivered")?
        .map(|name| Undelivered::parse(&name).ok_or(Error::Corrupt("a letter")))
        .transpose()
}
