//! Enquiries: what somebody who is not signed in writes to us through a form.
//!
//! A form never attaches to a person whom we know, and never tells that we know one: every enquiry makes a person. Who
//! proves to own the address may claim it afterwards ([`crate::claim`]).
//!
//! What an enquiry leads to cannot be stored at once, since the vault has keys in a database of their own. So each step
//! can be done again: the same form, sent once more after something failed, goes on with the case that it made.

use crate::letter::{Content, Direction, NewLetter};
use crate::people::digest;
use crate::{
    Act, Answer, Case, CaseId, Choice, Error, Method, People, Recorded, Refusal, Served, ServedId, Wording,
};
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
        let is_ticked = |wording: &Wording| new.ticked.contains(&wording.id.as_str());
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
            .filter(|wording| !wording.is_consent() || is_ticked(wording))
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
        let (case, is_repeated) = self.case_of_enquiry(new, &served, &provenance, now).await?;
        let person = case.person;
        let content = Content {
            from,
            to: self.mail_from.to_string(),
            subject: String::new(),
            text: new.message.reveal().to_owned(),
            message_id: None,
            references: Vec::new(),
        };
        let letter = NewLetter {
            direction: Direction::In,
            content: &content,
            provenance: &provenance,
            digest: digest(format!("case {}", case.id.0).as_bytes()),
            is_automatic: false,
            is_sender_known: true,
            author: None,
            at: now,
        };
        if case.letters_in == 0 {
            self.store_letter(&case, &letter, now).await?;
        }
        let mut consents = Vec::new();
        for wording in wordings.iter().filter(|wording| wording.is_consent()) {
            let answer = if is_ticked(wording) && !must_confirm(wording) {
                Answer::Give
            } else {
                Answer::Nothing
            };
            let choice = Choice {
                served: new.served,
                shown: new.shown,
                wording: &wording.id,
                answer,
                method: Method::Form,
                evidence_sha256: None,
            };
            let before = if is_repeated {
                self.chosen_before(person, wording, &choice).await?
            } else {
                None
            };
            let recorded = match before {
                Some(recorded) => {
                    if answer == Answer::Give {
                        self.open_use(person, wording, now).await?;
                    }
                    recorded
                }
                None => self.choose(person, &choice, now).await?,
            };
            if answer == Answer::Give {
                consents.push(recorded);
            }
        }
        let unconfirmed: Vec<&Wording> = wordings
            .iter()
            .filter(|wording| is_ticked(wording) && must_confirm(wording))
            .collect();
        if new.has_gpc {
            let ticked: Vec<Purpose> = unconfirmed.iter().map(|wording| wording.purpose).collect();
            self.honour_gpc_but(person, &ticked, now).await?;
        }
        Ok(Taken {
            unconfirmed: unconfirmed.iter().map(|wording| wording.id.clone()).collect(),
            case: case.id,
            person,
            given: consents,
            is_repeated,
        })
    }

    /// The case of this sending, with a new person if it is not there yet, and whether it was.
    async fn case_of_enquiry(
        &self,
        new: &NewEnquiry<'_>,
        served: &Served,
        provenance: &Provenance,
        now: Moment,
    ) -> Result<(Case, bool), Error> {
        let sending = new.sending();
        if let Some(case) = self.case_of_sending(&sending).await? {
            return Ok((self.case(case).await?, true));
        }
        let given = Given {
            provenance: provenance.clone(),
            values: new.fields.clone(),
        };
        let person = NewPerson {
            client: new.client,
            given,
        };
        let person = self.vault.add_person(&person, now).await?;
        let (form, language) = (&served.form, served.language);
        let opened = self
            .open_case(new.client, person, form, language, Some(&sending), now)
            .await?;
        if let Some(case) = opened {
            return Ok((self.case(case).await?, false));
        }
        // The other of two at once was first.
        self.vault
            .erase(person, "the enquiry was there already", now)
            .await?;
        let first = self.case_of_sending(&sending).await?;
        Ok((self.case(first.ok_or(Error::NotFound("case"))?).await?, true))
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

    /// What came of a choice, if it was recorded before.
    async fn chosen_before(
        &self,
        person: PersonId,
        wording: &Wording,
        choice: &Choice<'_>,
    ) -> Result<Option<Recorded>, Error> {
        let act = match choice.answer {
            Answer::Give => Act::Give,
            _ => Act::Ask,
        };
        let history = self.history(person, wording.purpose).await?;
        let before = history
            .into_iter()
            .find(|event| event.act == act && event.served == Some(choice.served));
        Ok(before.map(|event| Recorded {
            purpose: wording.purpose,
            state: event.state,
            receipt: event.receipt,
        }))
    }
}

/// Whether a tick is not enough: anybody can write anybody's address beside it. What only lets us answer the enquiry
/// itself needs no more.
fn must_confirm(wording: &Wording) -> bool {
    wording.is_consent() && wording.purpose.needs_consent()
}
