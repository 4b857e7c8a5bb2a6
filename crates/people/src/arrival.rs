//! Letters that come: which case they belong to, or that they make one.
//!
//! A letter finds its case by the case's own address token, else by the letters that it answers. Whoever guesses neither
//! reaches no case; whoever knows one, because the letter was passed on, is marked as not the person.

use crate::case::{NewCase, open_case};
use crate::letter::{Content, NewLetter, add_letter, message_digest};
use crate::people::digest;
use crate::{CaseId, Direction, Error, Language, LetterId, People, Refusal, account_link};
use credentials::Sealed;
use policy::{FieldClass, Purpose};
use sqlx::Row;
use vault::{Given, NewPerson, Provenance};
use vocabulary::{Moment, TaskId};

/// The most message ids that are kept of what a letter answers, the newest.
const MOST_REFERENCES: usize = 50;

/// A letter that came.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its Message-ID, without angle brackets.
    pub message_id: Option<Sealed>,
    /// The ids of In-Reply-To and References, in their order, without angle brackets.
    pub answers: Vec<Sealed>,
    /// The sender's address.
    pub from: Sealed,
    /// The addresses it went to.
    pub to: Vec<Sealed>,
    /// The subject.
    pub subject: Sealed,
    /// The text.
    pub text: Sealed,
    /// When it was received.
    pub received: Moment,
    /// Whether a program wrote it (RFC 3834).
    pub is_automatic: bool,
}

/// What became of a letter that came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Received {
    /// It is in the thread of a case.
    Filed {
        /// The case.
        case: CaseId,
        /// The letter.
        letter: LetterId,
        /// The case's task.
        task: Option<TaskId>,
    },
    /// It came before.
    Repeated {
        /// The case.
        case: CaseId,
    },
    /// It belongs to no case; see [`People::take_letter`].
    Unmatched,
}

impl People {
    /// Files a letter that came with its case.
    pub async fn receive_letter(&self, arrival: &Arrival, now: Moment) -> Result<Received, Error> {
        let digest = arrival.digest();
        if let Some(case) = self.case_of_message(&digest).await? {
            return Ok(Received::Repeated { case });
        }
        let Some(id) = self.matched(arrival).await? else {
            return Ok(Received::Unmatched);
        };
        let case = self.case(id).await?;
        let is_sender_known = self
            .vault
            .find(case.client, FieldClass::Email, arrival.from.reveal())
            .await?
            .contains(&case.person);
        let provenance = self.letter_provenance(&case, now).await?;
        let new = NewLetter {
            direction: Direction::In,
            digest,
            is_automatic: arrival.is_automatic,
            is_sender_known,
            author: None,
            at: arrival.received,
        };
        let stored = self
            .store_letter(&case, &arrival.content(), &provenance, &new, now)
            .await?;
        Ok(match stored {
            Some(letter) => Received::Filed {
                case: id,
                letter,
                task: case.task,
            },
            None => Received::Repeated { case: id },
        })
    }

    /// Makes a case of a letter that belongs to none, with a new person who gave the sender's address. The wording in
    /// force for enquiries counts as the one it came under; the first answer should carry it. Automatic letters make no
    /// case.
    pub async fn take_letter(
        &self,
        arrival: &Arrival,
        client: u32,
        language: Language,
        now: Moment,
    ) -> Result<Received, Error> {
        if arrival.is_automatic {
            return Ok(Received::Unmatched);
        }
        let digest = arrival.digest();
        if let Some(case) = self.case_of_message(&digest).await? {
            return Ok(Received::Repeated { case });
        }
        let from = account_link::fold_email(arrival.from.reveal()).ok_or(Refusal::Email)?;
        let provenance = self.enquiry_provenance(language, now).await?;
        let given = Given {
            provenance: provenance.clone(),
            values: vec![(FieldClass::Email, from)],
        };
        let content = arrival.content().bytes()?;
        let mut adding = self
            .vault
            .begin_person(NewPerson { client, given }, content, now)
            .await?;
        let new = NewCase {
            client,
            person: adding.person(),
            source: "letter",
            language,
            sending: None,
            values: 1,
        };
        let value = adding.letter();
        let write = adding.write();
        People::take_turn(write).await?;
        let case = open_case(write, &new, now)
            .await?
            .ok_or(Error::Corrupt("a case"))?;
        let letter = NewLetter {
            direction: Direction::In,
            digest: digest.clone(),
            is_automatic: false,
            is_sender_known: true,
            author: None,
            at: arrival.received,
        };
        let Some(letter) = add_letter(write, case, value, &letter).await? else {
            // The other of two at once was first.
            adding.give_up().await?;
            let case = self.case_of_message(&digest).await?;
            let case = case.ok_or(Error::NotFound("case"))?;
            return Ok(Received::Repeated { case });
        };
        adding.commit().await?;
        Ok(Received::Filed {
            case,
            letter,
            task: None,
        })
    }

    /// What comes by letter without any form: under the wording in force.
    pub(crate) async fn enquiry_provenance(
        &self,
        language: Language,
        now: Moment,
    ) -> Result<Provenance, Error> {
        let wording = self.wording("enquiry", language).await?;
        Ok(Provenance {
            purposes: vec![Purpose::AnswerEnquiry],
            basis: wording.basis,
            wording: wording.reference(),
            source: "letter".to_owned(),
            language: language.name().to_owned(),
            given: now,
        })
    }

    async fn matched(&self, arrival: &Arrival) -> Result<Option<CaseId>, Error> {
        for to in &arrival.to {
            // `anything+TOKEN@domain`
            let Some((local, _)) = to.reveal().rsplit_once('@') else {
                continue;
            };
            let Some((_, token)) = local.rsplit_once('+') else {
                continue;
            };
            let row = sqlx::query("SELECT id FROM cases WHERE token = $1")
                .bind(token.to_ascii_lowercase())
                .fetch_optional(self.database.pool())
                .await?;
            if let Some(row) = row {
                return Ok(Some(CaseId(row.try_get::<i64, _>(0)? as u32)));
            }
        }
        for answered in arrival.answers.iter().rev().take(MOST_REFERENCES) {
            if let Some(case) = self.case_of_message(&message_digest(answered.reveal())).await? {
                return Ok(Some(case));
            }
        }
        Ok(None)
    }

    async fn case_of_message(&self, digest: &[u8]) -> Result<Option<CaseId>, Error> {
        let row = sqlx::query("SELECT case_id FROM letters WHERE message_sha256 = $1")
            .bind(digest.to_vec())
            .fetch_optional(self.database.pool())
            .await?;
        Ok(match row {
            Some(row) => Some(CaseId(row.try_get::<i64, _>(0)? as u32)),
            None => None,
        })
    }
}

impl Arrival {
    fn content(&self) -> Content {
        let mut references: Vec<String> = Vec::new();
        for answered in self.answers.iter().rev() {
            if references.len() < MOST_REFERENCES && !references.iter().any(|r| r == answered.reveal()) {
                references.push(answered.reveal().to_owned());
            }
        }
        references.reverse();
        let to: Vec<&str> = self.to.iter().map(Sealed::reveal).collect();
        Content {
            from: self.from.reveal().to_owned(),
            to: to.join(", "),
            subject: self.subject.reveal().to_owned(),
            text: self.text.reveal().to_owned(),
            message_id: self.message_id.as_ref().map(|id| id.reveal().to_owned()),
            references,
        }
    }

    /// What tells this letter from every other: its id, or all of it where it has none.
    fn digest(&self) -> Vec<u8> {
        if let Some(id) = &self.message_id {
            return message_digest(id.reveal());
        }
        let whole = [
            self.from.reveal(),
            self.subject.reveal(),
            self.text.reveal(),
            &self.received.0.to_string(),
        ];
        digest(whole.join("\0").as_bytes())
    }
}
