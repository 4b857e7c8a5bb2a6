//! Enquiries: what somebody who is not signed in writes to us through a form.
//!
//! A form never attaches to a person whom we know, and never tells that we know one: every enquiry makes a person. Who
//! proves to own the address may claim it afterwards ([`crate::claim`]).

use crate::letter::{Content, Direction, NewLetter};
use crate::people::digest;
use crate::{Answer, CaseId, Choice, Error, Method, People, Recorded, Refusal, ServedId, Wording};
use credentials::Sealed;
use policy::{FieldClass, Purpose};
use vault::{Given, NewPerson, Provenance};
use vocabulary::{Moment, PersonId};

/// An enquiry as it was filled in.
#[derive(Clone, Debug)]
pub struct NewEnquiry<'a> {
    /// For whom it is; 0 is the agency itself.
    pub client: u32,
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
}

impl People {
    /// Takes an enquiry: a new person, their values, the case with its first letter, and the choices made. The right by
    /// which the values are used is that of the consent document for enquiries if it was ticked, else that of the notice.
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
        let given = Given {
            provenance: provenance.clone(),
            values: new.fields.clone(),
        };
        let person = self
            .vault
            .add_person(
                &NewPerson {
                    client: new.client,
                    given,
                },
                now,
            )
            .await?;
        let case = self
            .open_case(new.client, person, &served.form, served.language, now)
            .await?;
        let content = Content {
            from,
            to: self.controller.email.clone(),
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
        self.store_letter(&case, &letter, now).await?;
        let mut consents = Vec::new();
        for wording in wordings.iter().filter(|wording| wording.is_consent()) {
            let answer = if is_ticked(wording) {
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
            let recorded = self.choose(person, &choice, now).await?;
            if answer == Answer::Give {
                consents.push(recorded);
            }
        }
        if new.has_gpc {
            self.honour_gpc(person, now).await?;
        }
        Ok(Taken {
            case: case.id,
            person,
            given: consents,
        })
    }
}
