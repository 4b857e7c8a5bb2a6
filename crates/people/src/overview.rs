//! Everything held about a person as one value, for their account's page and for their export.

use crate::people::hex;
use crate::{
    Account, Act, Case, Consent, Direction, Error, Language, LetterId, People, Said, SignIn, Testimonial,
    WordingShown,
};
use credentials::Sealed;
use policy::retention::{Keep, Why};
use policy::{FieldClass, LegalBasis, Purpose};
use serde::{Serialize, Serializer};
use vault::{Kept, Reader, ValueId};
use vocabulary::{Moment, PersonId};

/// Everything held about a person, and about the persons that their account claimed.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Overview {
    /// As of when.
    pub made: Moment,
    /// The person first, then those that the account claimed.
    pub persons: Vec<PersonId>,
    /// Every value, with where it comes from.
    pub fields: Vec<FieldShown>,
    /// The consents with their histories.
    pub consents: Vec<ConsentShown>,
    /// The receipts: compact JWS.
    pub receipts: Vec<ReceiptShown>,
    /// The enquiries.
    pub cases: Vec<Case>,
    /// The letters, both ways; for the person without those that came from somebody else's address.
    pub letters: Vec<LetterShown>,
    /// What they said of us: published, or still to be agreed to; of what is over, that it was.
    pub testimonials: Vec<TestimonialShown>,
    /// The account, if there is one.
    pub account: Option<Account>,
    /// Where the account is signed in.
    pub sign_ins: Vec<SignIn>,
    /// Who received data of the person: added by the binary, from the ledger of what left.
    pub disclosures: Vec<serde_json::Value>,
    /// Who read data of the person, when and for what task: added by the binary, from the audit log.
    pub readings: Vec<serde_json::Value>,
}

/// A value with where it comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FieldShown {
    /// Whose.
    pub person: PersonId,
    /// What it is.
    pub class: FieldClass,
    /// The value.
    #[serde(serialize_with = "revealed")]
    pub value: Sealed,
    /// What it may be used for now, each purpose by a right of its own.
    pub uses: Vec<UseShown>,
    /// What it was given for.
    pub purposes: Vec<Purpose>,
    /// By what right it was given.
    pub basis: LegalBasis,
    /// The wording it was given under.
    pub wording: String,
    /// Which version of it.
    pub wording_version: u32,
    /// SHA-256 of the wording.
    pub wording_sha256: String,
    /// The form or letter it came through.
    pub source: String,
    /// The language of that form.
    pub language: String,
    /// When it was given.
    pub given: Moment,
    /// How long it is kept, and why.
    pub kept: KeptShown,
}

/// How long a value is kept, as of what is known now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct KeptShown {
    /// Until when, where that is known: a contract that runs and a hold have no end yet.
    pub until: Option<Moment>,
    /// What carries it so long.
    pub why: Option<Why>,
    /// The laws that demand it, as they were named, whatever carries it longest.
    #[serde(serialize_with = "all_revealed")]
    pub laws: Vec<Sealed>,
}

/// What a value may be used for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct UseShown {
    /// The purpose.
    pub purpose: Purpose,
    /// By what right.
    pub basis: LegalBasis,
    /// The wording that says so; none for what a law gives.
    pub wording: Option<WordingShown>,
}

/// A consent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ConsentShown {
    /// Whose.
    pub person: PersonId,
    /// Purpose, state and history.
    #[serde(flatten)]
    pub consent: Consent,
}

/// A receipt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ReceiptShown {
    /// Whose.
    pub person: PersonId,
    /// Its number.
    pub id: String,
    /// The compact JWS.
    pub receipt: String,
}

/// A letter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct LetterShown {
    /// Which case.
    pub case: crate::CaseId,
    /// Which way it went.
    pub direction: Direction,
    /// When.
    pub at: Moment,
    /// The sender's address.
    #[serde(serialize_with = "revealed")]
    pub from: Sealed,
    /// The address it went to.
    #[serde(serialize_with = "revealed")]
    pub to: Sealed,
    /// The subject.
    #[serde(serialize_with = "revealed")]
    pub subject: Sealed,
    /// The text.
    #[serde(serialize_with = "revealed")]
    pub text: Sealed,
    /// Whose.
    pub person: PersonId,
    /// The value of the vault that holds it.
    #[serde(skip)]
    pub value: ValueId,
    /// What it may be used for now, each purpose by a right of its own.
    pub uses: Vec<UseShown>,
}

/// A testimonial.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TestimonialShown {
    /// Number, status, digest and times.
    #[serde(flatten)]
    pub testimonial: Testimonial,
    /// The words, unless they are destroyed.
    #[serde(serialize_with = "maybe_revealed")]
    pub text: Option<Sealed>,
    /// The lines under them: name, position, company, as far as they are there.
    #[serde(serialize_with = "all_revealed")]
    pub lines: Vec<Sealed>,
}

#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
fn maybe_revealed<S: Serializer>(text: &Option<Sealed>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_ref().map(Sealed::reveal).serialize(serializer)
}

fn all_revealed<S: Serializer>(texts: &[Sealed], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(texts.iter().map(Sealed::reveal))
}

fn revealed<S: Serializer>(text: &Sealed, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text.reveal())
}

impl People {
    /// Everything about a person, for the reader: the person, or staff who carry out a request. The vault's guard
    /// decides, once for the values of each person and once for the letters of each case.
    pub async fn overview(&self, reader: &Reader, person: PersonId, now: Moment) -> Result<Overview, Error> {
        let persons = self.persons_of(person).await?;
        let account = match self.account(person).await {
            Ok(account) => Some(account),
            Err(Error::NotFound(_)) => None,
            Err(error) => return Err(error),
        };
        let mut overview = Overview {
            made: now,
            fields: Vec::new(),
            consents: Vec::new(),
            receipts: Vec::new(),
            cases: Vec::new(),
            letters: Vec::new(),
            testimonials: Vec::new(),
            sign_ins: self.sign_ins(person, now).await?,
            account,
            persons,
            disclosures: Vec::new(),
            readings: Vec::new(),
        };
        for one in overview.persons.clone() {
            match self.add_person(&mut overview, reader, one, now).await {
                // One that was claimed, and destroyed since.
                Err(Error::Vault(vault::Error::NotFound(_))) if one != person => {}
                other => other?,
            }
        }
        Ok(overview)
    }

    async fn add_person(
        &self,
        overview: &mut Overview,
        reader: &Reader,
        person: PersonId,
        now: Moment,
    ) -> Result<(), Error> {
        let purpose = Purpose::RightsRequest;
        let kept = self.vault.values(person).await?;
        let consents = self.consents(person).await?;
        let ends = self.vault.ends(person).await?;
        let duties = self.vault.duties(person).await?;
        let kept_of = |value: ValueId, class: FieldClass| {
            let end = ends.iter().find(|end| end.value == value);
            let laws = duties
                .iter()
                .filter(|duty| duty.classes.contains(&class) && duty.until > now);
            KeptShown {
                until: end.and_then(|end| match end.keep {
                    Keep::Until(until) => Some(until),
                    Keep::WhileContractRuns | Keep::WhileHeld => None,
                }),
                why: end.map(|end| end.why),
                laws: laws.map(|duty| duty.law.clone()).collect(),
            }
        };
        let values = self
            .vault
            .read(reader, person, purpose, FieldClass::ALL, now)
            .await?;
        overview.fields.extend(values.into_iter().map(|value| {
            let kept = kept.iter().find(|kept| kept.id == value.id);
            FieldShown {
                person,
                class: value.class,
                value: value.text,
                uses: kept.map(|kept| uses(kept, &consents)).unwrap_or_default(),
                purposes: value.provenance.purposes,
                basis: value.provenance.basis,
                wording: value.provenance.wording.id,
                wording_version: value.provenance.wording.version,
                wording_sha256: hex(&value.provenance.wording.sha256),
                source: value.provenance.source,
                language: value.provenance.language,
                given: value.provenance.given,
                kept: kept_of(value.id, value.class),
            }
        }));
        for consent in consents.clone() {
            for id in consent.events.iter().filter_map(|event| event.receipt.as_ref()) {
                overview.receipts.push(ReceiptShown {
                    person,
                    id: id.clone(),
                    receipt: self.receipt(person, id).await?,
                });
            }
            overview.consents.push(ConsentShown { person, consent });
        }
        for testimonial in self.testimonials_of(person).await? {
            let said = if testimonial.status.is_over() {
                None
            } else {
                Some(self.open_testimonial(reader, &testimonial, purpose, now).await?)
            };
            let lines = said.iter().flat_map(Said::lines);
            overview.testimonials.push(TestimonialShown {
                lines: lines.map(|line| Sealed::new(line.to_owned())).collect(),
                text: said.map(|said| said.text),
                testimonial,
            });
        }
        for case in self.cases_of(person).await? {
            let mut theirs = self.letters(case.id).await?;
            // Whoever wrote into the case from elsewhere did not write to the person, and may not even know of them.
            theirs.retain(|letter| *reader != Reader::Person || letter.is_sender_known);
            let theirs: Vec<LetterId> = theirs.iter().map(|letter| letter.id).collect();
            for open in self
                .open_letters(reader, case.id, Some(&theirs), purpose, now)
                .await?
            {
                let kept = kept.iter().find(|kept| kept.id == open.letter.value);
                overview.letters.push(LetterShown {
                    person,
                    value: open.letter.value,
                    uses: kept.map(|kept| uses(kept, &consents)).unwrap_or_default(),
                    case: case.id,
                    direction: open.letter.direction,
                    at: open.letter.at,
                    from: open.from,
                    to: open.to,
                    subject: open.subject,
                    text: open.text,
                });
            }
            overview.cases.push(case);
        }
        Ok(())
    }
}

/// What a value may be used for: as it was given, by a consent since, or by law.
fn uses(kept: &Kept, consents: &[Consent]) -> Vec<UseShown> {
    let given = &kept.provenance;
    let shown = |purpose: &Purpose| {
        let consent = consents.iter().find(|consent| consent.purpose == *purpose);
        let agreed = consent
            .filter(|consent| consent.state.allows_use())
            .and_then(|consent| consent.events.iter().rfind(|event| event.act == Act::Give));
        let (basis, wording) = match agreed {
            Some(event) => (LegalBasis::Consent, event.wording.clone()),
            None if given.purposes.contains(purpose) => (given.basis, Some(wording_of(kept))),
            None => (LegalBasis::LegalObligation, None),
        };
        UseShown {
            purpose: *purpose,
            basis,
            wording,
        }
    };
    kept.uses.iter().map(shown).collect()
}

fn wording_of(kept: &Kept) -> WordingShown {
    let given = &kept.provenance;
    WordingShown {
        id: given.wording.id.clone(),
        version: given.wording.version,
        language: Language::parse(&given.language).unwrap_or(Language::En),
        sha256: given.wording.sha256,
    }
}
