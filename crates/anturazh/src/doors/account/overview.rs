//! All that is held about a person, in the shape in which the page of their account shows it.

use super::{Accounts, traces};
use crate::doors::{AGREED_TO_WITH_AN_ENQUIRY, words};
use audit::{Actor, Entry};
use credentials::{Sealed, Secret};
use office::Error;
use people::account::FRESH_MS;
use people::{
    Case, Consent, ConsentEvent, ConsentShown, ConsentState, Direction, FieldShown, LetterShown, SignedIn,
    UseShown,
};
use policy::retention::Keep;
use policy::{FieldClass, Purpose};
use sharing::ledger::Disclosed;
use sharing::{Door, Recipient};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use vault::{Reader, ValueId};
use vocabulary::{Moment, PersonId, moment::MINUTE_MS};
use web::language::Language;
use web::public::account::{
    Choice, ChoiceState, HeldConsent, HeldField, HeldLetter, HeldSession, HeldUse, Offer, Overview, Passing,
    ProofNeeded, ReadBy, Reading,
};
use web::public::wording::Shown;

/// Roles of accounts of staff.
pub(super) type Roles = HashMap<u32, &'static str>;
/// When each letter ends, as far as that is known.
type LetterEnds = HashMap<(PersonId, ValueId), Keep>;

impl Accounts {
    pub(super) async fn overview_of(&self, cookie: &Secret, now: Moment) -> Result<Option<Overview>, Error> {
        let Some(who) = self.signed_in(cookie, now).await? else {
            return Ok(None);
        };
        let office = &self.office;
        let held = office.people.overview(&Reader::Person, who.person, now).await?;
        let mut letter_ends = LetterEnds::new();
        for person in &held.persons {
            match office.vault.ends(*person).await {
                Ok(ends) => letter_ends.extend(ends.into_iter().map(|end| ((*person, end.value), end.keep))),
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
        let has_password = held.account.is_some_and(|account| account.has_password);
        let offers = self.offers(&held, who.language, now).await?;
        let roles = self.roles(&readings).await;
        Ok(Some(Overview {
            email: own_email,
            has_password,
            proof: match has_password {
                _ if who.is_by_link && now.0 - who.since.0 < FRESH_MS => ProofNeeded::None,
                true => ProofNeeded::Password,
                false => ProofNeeded::Link,
            },
            language: Language::parse(who.language.name()),
            offers,
            fields: fields(held.fields),
            consents: consents(who.person, held.consents),
            letters: letters(held.letters, &letter_ends),
            readings: folded(
                readings
                    .iter()
                    .filter_map(|entry| reading(entry, &held.cases, &roles)),
            ),
            passings: disclosures.iter().filter_map(|row| passing(row, &who)).collect(),
            sessions: sessions(&held.sign_ins, &who),
        }))
    }
}

impl Accounts {
    /// The documents of uses that need a consent and have none that stands.
    async fn offers(
        &self,
        held: &people::Overview,
        language: people::Language,
        now: Moment,
    ) -> Result<Vec<Offer>, Error> {
        let people = &self.office.people;
        if !people.controller().may_ask_consent() {
            return Ok(Vec::new());
        }
        let mut asked = Vec::new();
        for person in &held.persons {
            asked.extend(people.unconfirmed(*person, now).await?);
        }
        let mut offers = Vec::new();
        for id in AGREED_TO_WITH_AN_ENQUIRY {
            let wording = people.wording(id, language).await?;
            let of_purpose = || {
                let consents = held.consents.iter().map(|shown| &shown.consent);
                consents.filter(|consent| consent.purpose == wording.purpose)
            };
            if of_purpose().any(|consent| consent.state.allows_use()) {
                continue;
            }
            offers.push(Offer {
                purpose: wording.purpose,
                is_asked: asked.contains(&wording.purpose),
                is_refused: of_purpose()
                    .any(|consent| consent.state.is_ended() || consent.state == ConsentState::Refused)
                    && of_purpose().all(|consent| !is_pending(consent.state)),
                wording: wording.into(),
            });
        }
        Ok(offers)
    }

    /// The roles of those of staff who read.
    pub(super) async fn roles(&self, readings: &[Entry]) -> Roles {
        let mut roles = Roles::new();
        for entry in readings {
            if let Actor::Staff(account) = entry.actor
                && !roles.contains_key(&account)
                && let Some(role) = (self.role_of)(account).await
            {
                roles.insert(account, role);
            }
        }
        roles
    }
}

fn fields(mut shown: Vec<FieldShown>) -> Vec<HeldField> {
    shown.sort_by_key(|field| Reverse(field.given));
    shown
        .into_iter()
        .map(|field| HeldField {
            until: field.kept.until,
            why: field.kept.why,
            laws: field.kept.laws,
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

/// The id of a consent on the page of an account: small letters, digits and dashes.
pub(super) fn consent_id(account: PersonId, purpose: Purpose) -> String {
    format!("{account}-{}", purpose.name().replace('_', "-"))
}

/// One consent for each purpose, of all persons behind the account.
fn consents(account: PersonId, shown: Vec<ConsentShown>) -> Vec<HeldConsent> {
    let mut by_purpose: BTreeMap<Purpose, Vec<Consent>> = BTreeMap::new();
    for ConsentShown { consent, .. } in shown {
        by_purpose.entry(consent.purpose).or_default().push(consent);
    }
    let mut held: Vec<HeldConsent> = by_purpose
        .into_iter()
        .filter_map(|(purpose, consents)| consent(account, purpose, &consents))
        .collect();
    held.sort_by_key(|consent| Reverse(consent.now.at));
    held
}

/// The consent to a purpose as the page shows it; none where the person said no to everything at once and was shown no
/// wording. What was given holds, though a later enquiry came without it.
fn consent(account: PersonId, purpose: Purpose, consents: &[Consent]) -> Option<HeldConsent> {
    let (effective, wording, last) = consents
        .iter()
        .filter_map(|consent| {
            let wording = consent
                .events
                .iter()
                .rev()
                .find_map(|event| event.wording.as_ref())?;
            Some((consent, wording, consent.events.last()?))
        })
        .max_by_key(|(consent, _, last)| (consent.state.allows_use(), !is_pending(consent.state), last.at))?;
    let mut history: Vec<Choice> = consents.iter().flat_map(steps).collect();
    history.sort_by_key(|choice| choice.at);
    Some(HeldConsent {
        id: consent_id(account, purpose),
        purpose,
        now: choice(last),
        wording: Shown {
            id: wording.id.clone(),
            version: wording.version,
            sha256: wording.sha256,
        },
        history,
        receipt: effective
            .events
            .iter()
            .rev()
            .find_map(|event| event.receipt.clone()),
    })
}

/// The steps of a consent, oldest first.
fn steps(consent: &Consent) -> impl Iterator<Item = Choice> {
    let events = consent.events.iter().enumerate();
    let last = consent.events.len() - 1;
    events
        .filter(move |(nth, event)| *nth == last || !is_pending(event.state))
        .map(|(_, event)| choice(event))
}

const fn choice(event: &ConsentEvent) -> Choice {
    Choice {
        state: state(event.state),
        at: event.at,
    }
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

fn letters(mut shown: Vec<LetterShown>, ends: &LetterEnds) -> Vec<HeldLetter> {
    shown.sort_by_key(|letter| Reverse(letter.at));
    shown
        .into_iter()
        .map(|letter| HeldLetter {
            at: letter.at,
            is_ours: letter.direction == Direction::Out,
            until: match ends.get(&(letter.person, letter.value)) {
                Some(Keep::Until(end)) => Some(*end),
                _ => None,
            },
            uses: uses(letter.uses),
            text: match letter.subject.reveal() {
                "" => letter.text,
                subject => Sealed::new(format!("{subject}\n\n{}", letter.text.reveal())),
            },
        })
        .collect()
}

fn reading(entry: &Entry, cases: &[Case], roles: &Roles) -> Option<Reading> {
    let task = entry.subject.task;
    let case = cases.iter().find(|case| task.is_some() && case.task == task);
    Some(Reading {
        at: entry.time,
        by: match entry.actor {
            Actor::Staff(_) => ReadBy::Staff,
            Actor::Person(_) => ReadBy::Person,
            Actor::Job(_) | Actor::System => ReadBy::Program,
        },
        purpose: Purpose::parse(entry.purpose.as_ref()?.as_str())?,
        role: match entry.actor {
            Actor::Staff(account) => roles.get(&account).copied(),
            _ => None,
        },
        task: task.map(|task| task.to_string()[..8].to_owned()),
        case: case.map(|case| case.id.0),
        classes: classes(entry),
        times: 1,
    })
}

/// Readings, newest first, with those counted that the page would show as equal lines.
fn folded(readings: impl Iterator<Item = Reading>) -> Vec<Reading> {
    let minute = |reading: &Reading| reading.at.0.div_euclid(MINUTE_MS);
    let mut folded: Vec<Reading> = Vec::new();
    for reading in readings {
        let equal = folded
            .iter_mut()
            .rev()
            .take_while(|before| minute(before) == minute(&reading))
            .find(|before| {
                (before.by, before.purpose, before.case) == (reading.by, reading.purpose, reading.case)
                    && (before.role, &before.task) == (reading.role, &reading.task)
                    && before.classes == reading.classes
            });
        match equal {
            Some(before) => before.times += 1,
            None => folded.push(reading),
        }
    }
    folded
}

pub(super) fn classes(entry: &Entry) -> Vec<FieldClass> {
    entry
        .classes
        .iter()
        .filter_map(|number| FieldClass::from_number(*number))
        .collect()
}

/// Something that somebody received, the person too.
fn passing(row: &Disclosed, who: &SignedIn) -> Option<Passing> {
    let to = match &row.what.recipient {
        Recipient::Person => words::yourself(who.language, row.door == Door::Export).to_owned(),
        Recipient::Staff => words::our_staff(who.language).to_owned(),
        Recipient::Partner(firm) | Recipient::Infrastructure(firm) => firm.clone(),
        Recipient::Public => words::everybody(who.language).to_owned(),
    };
    Some(Passing {
        at: row.left?,
        to,
        purpose: row.what.purpose,
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
