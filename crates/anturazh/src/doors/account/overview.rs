//! All that is held about a person, in the shape in which the page of their account shows it.

use super::{Accounts, traces};
use crate::doors::words;
use audit::{Actor, Entry};
use credentials::{Sealed, Secret};
use office::Error;
use people::{
    ConsentEvent, ConsentShown, ConsentState, Direction, FieldShown, LetterShown, SignedIn, UseShown,
};
use policy::retention::Keep;
use policy::{FieldClass, Purpose};
use sharing::Recipient;
use sharing::ledger::Disclosed;
use std::cmp::Reverse;
use std::collections::HashMap;
use vault::Reader;
use vocabulary::{Moment, PersonId};
use web::public::account::{
    Choice, ChoiceState, HeldConsent, HeldField, HeldLetter, HeldSession, HeldUse, Overview, Passing, Reading,
};
use web::public::wording::Shown;

/// When each value ends, as far as that is known. A person has one value of a class, letters aside.
type Ends = HashMap<(PersonId, FieldClass), Keep>;

impl Accounts {
    pub(super) async fn overview_of(&self, cookie: &Secret, now: Moment) -> Result<Option<Overview>, Error> {
        let Some(who) = self.signed_in(cookie, now).await? else {
            return Ok(None);
        };
        let office = &self.office;
        let held = office.people.overview(&Reader::Person, who.person, now).await?;
        let mut ends = Ends::new();
        for person in &held.persons {
            match office.vault.ends(*person).await {
                Ok(values) => ends.extend(values.into_iter().map(|(_, class, end)| ((*person, class), end))),
                // Claimed, and destroyed since.
                Err(vault::Error::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let readings = traces::readings(office, &held.persons)?;
        let disclosures = traces::disclosures(office, &held.persons).await?;
        let own_email = held
            .fields
            .iter()
            .find(|field| field.person == who.person && field.class == FieldClass::Email)
            .map(|field| field.value.clone());
        Ok(Some(Overview {
            email: own_email,
            has_password: held.account.is_some_and(|account| account.has_password),
            fields: fields(held.fields, &ends),
            consents: consents(held.consents),
            letters: letters(held.letters),
            readings: readings.iter().filter_map(reading).collect(),
            passings: disclosures.iter().filter_map(|row| passing(row, &who)).collect(),
            sessions: sessions(&held.sign_ins, &who),
        }))
    }
}

fn fields(mut shown: Vec<FieldShown>, ends: &Ends) -> Vec<HeldField> {
    shown.sort_by_key(|field| Reverse(field.given));
    shown
        .into_iter()
        .map(|field| HeldField {
            until: match ends.get(&(field.person, field.class)) {
                Some(Keep::Until(end)) => Some(*end),
                _ => None,
            },
            uses: uses(field.uses),
            class: field.class,
            value: field.value,
            since: field.given,
        })
        .collect()
}

/// What a value may be used for, without what the law gives for every value; nothing but that, if nothing else is left.
fn uses(mut shown: Vec<UseShown>) -> Vec<HeldUse> {
    if shown.iter().any(|one| !one.purpose.is_by_law()) {
        shown.retain(|one| !one.purpose.is_by_law());
    }
    shown
        .into_iter()
        .map(|one| HeldUse {
            purpose: one.purpose,
            basis: one.basis,
            wording: one.wording.map(|wording| Shown {
                id: wording.id,
                version: wording.version,
                sha256: wording.sha256,
            }),
        })
        .collect()
}

/// The id of a consent on the page: small letters, digits and dashes.
pub(super) fn consent_id(person: PersonId, purpose: Purpose) -> String {
    format!("{person}-{}", purpose.name().replace('_', "-"))
}

fn consents(shown: Vec<ConsentShown>) -> Vec<HeldConsent> {
    let mut held: Vec<HeldConsent> = shown.into_iter().filter_map(consent).collect();
    held.sort_by_key(|consent| Reverse(consent.history.last().map(|choice| choice.at)));
    held
}

/// A consent as the page shows it; none where the person said no to everything at once and was shown no wording.
fn consent(ConsentShown { person, consent }: ConsentShown) -> Option<HeldConsent> {
    let wording = consent
        .events
        .iter()
        .rev()
        .find_map(|event| event.wording.as_ref())?;
    let last = consent.events.len() - 1;
    let is_step = |(nth, event): &(usize, &ConsentEvent)| *nth == last || !is_pending(event.state);
    Some(HeldConsent {
        id: consent_id(person, consent.purpose),
        purpose: consent.purpose,
        wording: Shown {
            id: wording.id.clone(),
            version: wording.version,
            sha256: wording.sha256,
        },
        history: consent
            .events
            .iter()
            .enumerate()
            .filter(is_step)
            .map(|(_, event)| Choice {
                state: state(event.state),
                at: event.at,
            })
            .collect(),
        receipt: consent
            .events
            .iter()
            .rev()
            .find_map(|event| event.receipt.clone()),
    })
}

/// Asked, and the answer is still to come: of interest only as long as nothing follows.
const fn is_pending(state: ConsentState) -> bool {
    matches!(
        state,
        ConsentState::Unknown | ConsentState::Requested | ConsentState::Deferred
    )
}

const fn state(state: ConsentState) -> ChoiceState {
    match state {
        ConsentState::Given | ConsentState::Renewed => ChoiceState::Given,
        ConsentState::Withdrawn => ChoiceState::Withdrawn,
        ConsentState::Revoked | ConsentState::Invalidated => ChoiceState::Revoked,
        ConsentState::Expired => ChoiceState::Expired,
        // Silence is no.
        ConsentState::Refused | ConsentState::Unknown | ConsentState::Requested | ConsentState::Deferred => {
            ChoiceState::Refused
        }
    }
}

fn letters(mut shown: Vec<LetterShown>) -> Vec<HeldLetter> {
    shown.sort_by_key(|letter| Reverse(letter.at));
    shown
        .into_iter()
        .map(|letter| HeldLetter {
            at: letter.at,
            is_ours: letter.direction == Direction::Out,
            text: match letter.subject.reveal() {
                "" => letter.text,
                subject => Sealed::new(format!("{subject}\n\n{}", letter.text.reveal())),
            },
        })
        .collect()
}

/// A reading by staff.
fn reading(entry: &Entry) -> Option<Reading> {
    let Actor::Staff(_) = entry.actor else { return None };
    Some(Reading {
        at: entry.time,
        purpose: Purpose::parse(entry.purpose.as_ref()?.as_str())?,
        classes: classes(entry),
    })
}

pub(super) fn classes(entry: &Entry) -> Vec<FieldClass> {
    entry
        .classes
        .iter()
        .filter_map(|number| FieldClass::from_number(*number))
        .collect()
}

/// Something that somebody else received.
fn passing(row: &Disclosed, who: &SignedIn) -> Option<Passing> {
    let to = match &row.what.recipient {
        Recipient::Person | Recipient::Staff => return None,
        Recipient::Partner(firm) | Recipient::Infrastructure(firm) => firm.clone(),
        Recipient::Public => words::everybody(who.language).to_owned(),
    };
    Some(Passing {
        at: row.left?,
        to,
        purpose: row.what.purpose?,
        classes: row.what.fields.iter().copied().collect(),
    })
}

fn sessions(sign_ins: &[people::SignIn], who: &SignedIn) -> Vec<HeldSession> {
    sign_ins
        .iter()
        .rev()
        .map(|sign_in| HeldSession {
            id: sign_in.id,
            since: sign_in.created,
            used: sign_in.seen,
            is_remembered: sign_in.is_remembered,
            is_this: sign_in.id == who.sign_in,
        })
        .collect()
}
