//! Replies to a case: written here, sent by the room that sends. What is sent is threaded, so that the person's
//! mail program shows it below their own letter, and the answer finds the case again.

use crate::letter::{COLUMNS, Content, NewLetter, letter_of, message_digest};
use crate::people::hex;
use crate::{CaseId, Direction, Error, Letter, LetterId, People, Refusal};
use credentials::Sealed;
use policy::{FieldClass, Purpose};
use sqlx::{AssertSqlSafe, Row};
use vault::Reader;
use vocabulary::{Moment, PersonId};

/// The most characters of a reply.
pub const MOST_TEXT: usize = 100_000;
/// The most characters of a subject.
pub const MOST_SUBJECT: usize = 200;

/// A letter to be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// Its number, to be given to [`People::letter_handed`].
    pub letter: LetterId,
    /// The case.
    pub case: CaseId,
    /// Whose it is.
    pub person: PersonId,
    /// To whom: the address that the person gave, never merely the sender of a letter.
    pub to: Sealed,
    /// The subject.
    pub subject: Sealed,
    /// The text.
    pub text: Sealed,
    /// Our Message-ID, without angle brackets. Random, says nothing.
    pub message_id: String,
    /// What it answers: for In-Reply-To.
    pub in_reply_to: Option<Sealed>,
    /// The thread, oldest first: for References (RFC 5322, section 3.6.4).
    pub references: Vec<Sealed>,
    /// To be put behind a `+` into the local part of the Reply-To address. Whoever knows it can add a letter to this
    /// case, and nothing else.
    pub reply_token: String,
}

impl People {
    /// Writes a reply into the thread of a case and gives the letter to be sent. The reader needs the person's address
    /// and the letter that is answered, so the vault's guard decides.
    pub async fn reply(
        &self,
        reader: &Reader,
        case: CaseId,
        subject: &Sealed,
        text: &Sealed,
        now: Moment,
    ) -> Result<Outgoing, Error> {
        let fits = |text: &str, most| !text.trim().is_empty() && text.chars().count() <= most;
        if !fits(text.reveal(), MOST_TEXT)
            || !fits(subject.reveal(), MOST_SUBJECT)
            || subject.reveal().chars().any(char::is_control)
        {
            return Err(Refusal::Text.into());
        }
        let case = self.case(case).await?;
        let to = self
            .vault
            .read(
                reader,
                case.person,
                Purpose::AnswerEnquiry,
                &[FieldClass::Email],
                now,
            )
            .await?
            .pop()
            .ok_or(Refusal::NoAddress)?
            .text;
        let mut references = Vec::new();
        let answered = self.letters(case.id).await?.into_iter().rfind(|letter| {
            letter.direction == Direction::In && !letter.is_automatic && letter.is_sender_known
        });
        let answered = self
            .contents(
                reader,
                case.person,
                Purpose::AnswerEnquiry,
                answered.into_iter().collect(),
                now,
            )
            .await?;
        if let Some((_, content)) = answered.into_iter().next() {
            references = content.references;
            references.extend(content.message_id);
        }
        let content = Content {
            from: self.mail_from.to_string(),
            to: to.reveal().to_owned(),
            subject: subject.reveal().to_owned(),
            text: text.reveal().to_owned(),
            message_id: Some(self.draw_message_id()?),
            references,
        };
        let provenance = self.letter_provenance(&case, now).await?;
        let new = NewLetter {
            direction: Direction::Out,
            digest: message_digest(content.message_id.as_deref().unwrap_or_default()),
            is_automatic: false,
            is_sender_known: true,
            author: match reader {
                Reader::Staff { account, .. } => Some(*account),
                Reader::Person | Reader::Job(_) => None,
            },
            at: now,
        };
        let letter = self
            .store_letter(&case, &content, &provenance, &new, now)
            .await?
            .ok_or(Error::Corrupt("a letter"))?;
        self.outgoing_of(letter, case.id, case.person, content).await
    }

    /// A letter of ours once more, to be sent when it was not handed over; see [`People::letters_not_handed`].
    pub async fn outgoing(&self, reader: &Reader, letter: LetterId, now: Moment) -> Result<Outgoing, Error> {
        let row = sqlx::query(AssertSqlSafe(format!(
            "SELECT {COLUMNS} WHERE id = $1 AND direction = 'out'"
        )))
        .bind(i64::from(letter.0))
        .fetch_optional(self.database.pool())
        .await?
        .ok_or(Error::NotFound("letter"))?;
        let stored = letter_of(&row)?;
        let (case, id) = (self.case(stored.case).await?, stored.id);
        let (_, content) = self
            .contents(reader, case.person, Purpose::AnswerEnquiry, vec![stored], now)
            .await?
            .pop()
            .ok_or(Error::NotFound("letter"))?;
        self.outgoing_of(id, case.id, case.person, content).await
    }

    /// Records that a letter was handed over to be sent.
    pub async fn letter_handed(&self, letter: LetterId, now: Moment) -> Result<(), Error> {
        let changed = sqlx::query("UPDATE letters SET handed_ms = $1 WHERE id = $2 AND direction = 'out'")
            .bind(now.0)
            .bind(i64::from(letter.0))
            .execute(self.database.pool())
            .await?;
        if changed.rows_affected() == 0 {
            return Err(Error::NotFound("letter"));
        }
        Ok(())
    }

    /// The letters of ours from before then that were not handed over: the process ended in between.
    pub async fn letters_not_handed(&self, before: Moment) -> Result<Vec<Letter>, Error> {
        sqlx::query(AssertSqlSafe(format!(
            "SELECT {COLUMNS} WHERE direction = 'out' AND handed_ms IS NULL AND at_ms < $1 ORDER BY id"
        )))
        .bind(before.0)
        .fetch_all(self.database.pool())
        .await?
        .iter()
        .map(letter_of)
        .collect()
    }

    async fn outgoing_of(
        &self,
        letter: LetterId,
        case: CaseId,
        person: PersonId,
        content: Content,
    ) -> Result<Outgoing, Error> {
        let row = sqlx::query("SELECT token FROM cases WHERE id = $1")
            .bind(i64::from(case.0))
            .fetch_one(self.database.pool())
            .await?;
        Ok(Outgoing {
            letter,
            case,
            person,
            to: Sealed::new(content.to),
            subject: Sealed::new(content.subject),
            text: Sealed::new(content.text),
            message_id: content.message_id.ok_or(Error::Corrupt("a letter"))?,
            in_reply_to: content.references.last().cloned().map(Sealed::new),
            references: content.references.into_iter().map(Sealed::new).collect(),
            reply_token: row.try_get(0)?,
        })
    }

    fn draw_message_id(&self) -> Result<String, Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        let domain = self
            .mail_from
            .rsplit_once('@')
            .map_or("localhost", |(_, domain)| domain);
        Ok(format!("{}@{domain}", hex(&bytes)))
    }
}
