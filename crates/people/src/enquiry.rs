//! Enquiries: what somebody who is not signed in writes to us through a form.
//!
//! A form never attaches to a person whom we know, and never tells that we know one: every enquiry makes a person. Who
//! proves to own the address may claim it afterwards ([`crate::claim`]).
//!
//! What an enquiry leads to is stored at once: the person, the sealed values, the case with its letter and the choices
//! are one transaction of the vault's database, so that a crash leaves all of it or nothing. (The person's key is in a
//! database of its own and goes first; without the rest it opens nothing.) That the audit log has it and that somebody
//! has the task comes after: a case tells by [`People::unrecorded`] that it is not there yet. The same form, sent once
//! more after something failed, is the case that it made.

use crate::case::{NewCase, open_case};
use crate::consent::classes_opened;
use crate::letter::{Content, Direction, NewLetter, add_letter};
use crate::people::digest;
use crate::{Act, Answer, CaseId, Choice, Error, Method, People, Recorded, Refusal, ServedId, Wording};
use credentials::Sealed;
use policy::{FieldClass, Purpose};
use sha2::{Digest, Sha256};
use sqlx::Row;
use vault::{Given, NewPerson, Provenance};
use vocabulary::{Moment, PersonId};

/// An enquiry as it was filled in.
#[derive(Clone, Debug)]
pub struct NewEnquiry<'a> {
    /// For whom it is; 0 is the agency itself.
    pub client: u32,
    /// Random bytes that the form carried. With the same contents they are the same enquiry, sent once more.
    pub once: [u8; 16],
    /// The form that was shown, with its wordings: at least one for enquiries, and any number of consent documents.
    pub served: ServedId,
    /// When it was shown.
    pub shown: Moment,
    /// The values that were given; none is needed. Empty ones are to be left out.
    pub fields: Vec<(FieldClass, Sealed)>,
    /// What it is about: 1 to 20,000 characters.
    pub message: Sealed,
    /// The ids of the consent documents whose box was ticked.
    pub ticked: &'a [&'a str],
    /// Whether the browser sent Global Privacy Control. What was ticked counts all the same.
    pub has_gpc: bool,
}

/// An enquiry that was taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// Its case.
    pub case: CaseId,
    /// Its person, for the task.
    pub person: PersonId,
    /// The consents that were given, with their receipts.
    pub given: Vec<Recorded>,
    /// The ids of the consent documents that were ticked and count only when the owner of the address has confirmed
    /// them: see [`People::ask_to_confirm`].
    pub unconfirmed: Vec<String>,
    /// Whether it went on with a case that was there already.
    pub is_repeated: bool,
}

impl NewEnquiry<'_> {
    fn is_ticked(&self, wording: &Wording) -> bool {
        self.ticked.contains(&wording.id.as_str())
    }

    /// The ids of what was ticked and is still to be confirmed, and the purposes.
    fn unconfirmed(&self, consents: &[&Wording]) -> (Vec<String>, Vec<Purpose>) {
        let ticked = consents
            .iter()
            .filter(|wording| self.is_ticked(wording) && must_confirm(wording));
        ticked
            .map(|wording| (wording.id.clone(), wording.purpose))
            .unzip()
    }

    /// What it answers to a consent document.
    fn choice<'a>(&self, wording: &'a Wording) -> Choice<'a> {
        Choice {
            served: self.served,
            shown: self.shown,
            wording: &wording.id,
            answer: if self.is_ticked(wording) && !must_confirm(wording) {
                Answer::Give
            } else {
                Answer::Nothing
            },
            method: Method::Form,
            evidence_sha256: None,
        }
    }

    /// What tells this sending from every other.
    fn sending(&self) -> Vec<u8> {
        let mut hash = Sha256::new_with_prefix(self.once);
        let mut part = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        part(self.message.reveal());
        for (class, text) in &self.fields {
            part(class.name());
            part(text.reveal());
        }
        self.ticked.iter().for_each(|id| part(id));
        hash.finalize().to_vec()
    }
}

impl People {
    /// Takes an enquiry: a new person, their values, the case with its first letter, and the choices made. The right by
    /// which the values are used is that of the consent document for enquiries if it was ticked, else that of the notice.
    /// After an error the same enquiry may be taken again, and is one case.
    pub async fn take_enquiry(&self, new: &NewEnquiry<'_>, now: Moment) -> Result<Taken, Error> {
        let characters = new.message.reveal().chars().count();
        if new.message.reveal().trim().is_empty() || characters > FieldClass::Message.most_characters() {
            return Err(Refusal::Text.into());
        }
        let served = self.served(new.served).await?;
        let mut wordings = Vec::with_capacity(served.wordings.len());
        for (id, version) in &served.wordings {
            wordings.push(self.wording_version(id, *version, served.language).await?);
        }
        if !new.ticked.iter().all(|id| {
            wordings
                .iter()
                .any(|wording| wording.id == *id && wording.is_consent())
        }) {
            return Err(Refusal::NotShown.into());
        }
        if !new.ticked.is_empty() && !self.controller.may_ask_consent() {
            return Err(Refusal::Unnamed.into());
        }
        let basis = wordings
            .iter()
            .filter(|wording| wording.purpose == Purpose::AnswerEnquiry)
            .filter(|wording| !wording.is_consent() || new.is_ticked(wording))
            .max_by_key(|wording| wording.is_consent())
            .ok_or(Refusal::NoBasis)?;
        let provenance = Provenance {
            purposes: vec![Purpose::AnswerEnquiry],
            basis: basis.basis,
            wording: basis.reference(),
            source: served.form.clone(),
            language: served.language.name().to_owned(),
            given: now,
        };
        let from = new
            .fields
            .iter()
            .find(|(class, _)| *class == FieldClass::Email)
            .map_or(String::new(), |(_, text)| text.reveal().to_owned());
        let consents: Vec<&Wording> = wordings.iter().filter(|wording| wording.is_consent()).collect();
        let sending = new.sending();
        if let Some(case) = self.case_of_sending(&sending).await? {
            return self.taken_before(case, new, &consents).await;
        }
        let content = Content {
            from,
            to: self.mail_from.to_string(),
            subject: String::new(),
            text: new.message.reveal().to_owned(),
            message_id: None,
            references: Vec::new(),
        };
        let given = Given {
            provenance,
            values: new.fields.clone(),
        };
        let person = NewPerson {
            client: new.client,
            given,
        };
        let mut adding = self.vault.begin_person(person, content.bytes()?, now).await?;
        let (person, value) = (adding.person(), adding.letter());
        let new_case = NewCase {
            client: new.client,
            person,
            source: &served.form,
            language: served.language,
            sending: Some(&sending),
            values: new.fields.len() as u32 + 1,
        };
        let write = adding.write();
        People::take_turn(write).await?;
        let Some(case) = open_case(write, &new_case, now).await? else {
            // The other of two at once was first.
            adding.give_up().await?;
            let first = self.case_of_sending(&sending).await?;
            return self
                .taken_before(first.ok_or(Error::NotFound("case"))?, new, &consents)
                .await;
        };
        let letter = NewLetter {
            direction: Direction::In,
            digest: digest(format!("case {}", case.0).as_bytes()),
            is_automatic: false,
            is_sender_known: true,
            author: None,
            at: now,
        };
        add_letter(write, case, value, &letter).await?;
        let mut recorded = Vec::new();
        for wording in &consents {
            let choice = new.choice(wording);
            let one = self
                .record_choice(adding.write(), person, wording, &served, &choice, now)
                .await?;
            if choice.answer == Answer::Give {
                adding
                    .allow_use(wording.purpose, classes_opened(wording), now)
                    .await?;
                recorded.push(one);
            }
        }
        let (unconfirmed, purposes) = new.unconfirmed(&consents);
        if new.has_gpc {
            People::record_gpc(adding.write(), person, &purposes, now).await?;
        }
        adding.commit().await?;
        Ok(Taken {
            case,
            person,
            given: recorded,
            unconfirmed,
            is_repeated: false,
        })
    }

    /// What came of an enquiry when it was sent before: all of it is there, or it would not be.
    async fn taken_before(
        &self,
        case: CaseId,
        new: &NewEnquiry<'_>,
        consents: &[&Wording],
    ) -> Result<Taken, Error> {
        let person = self.case(case).await?.person;
        let mut given = Vec::new();
        let counts = |wording: &&&Wording| new.is_ticked(wording) && !must_confirm(wording);
        for wording in consents.iter().filter(counts) {
            let history = self.history(person, wording.purpose).await?;
            let event = history
                .into_iter()
                .find(|event| event.act == Act::Give && event.served == Some(new.served))
                .ok_or(Error::Corrupt("an enquiry"))?;
            given.push(Recorded {
                purpose: wording.purpose,
                state: event.state,
                receipt: event.receipt,
            });
        }
        Ok(Taken {
            case,
            person,
            given,
            unconfirmed: new.unconfirmed(consents).0,
            is_repeated: true,
        })
    }

    async fn case_of_sending(&self, sending: &[u8]) -> Result<Option<CaseId>, Error> {
        let row = sqlx::query("SELECT id FROM cases WHERE sending = $1")
            .bind(sending.to_vec())
            .fetch_optional(self.database.pool())
            .await?;
        Ok(match row {
            Some(row) => Some(CaseId(row.try_get::<i64, _>(0)? as u32)),
            None => None,
        })
    }
}

/// Whether a tick is not enough: anybody can write anybody's address beside it. What only lets us answer the enquiry
/// itself needs no more.
fn must_confirm(wording: &Wording) -> bool {
    wording.is_consent() && wording.purpose.needs_consent()
}
