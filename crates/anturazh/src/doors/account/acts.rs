//! What people do in their account.

use super::{Accounts, overview::consent_id};
use crate::doors::spoken;
use audit::{Action, Actor};
use credentials::{Sealed, Secret};
use office::Error;
use people::{Answer, Choice, Method, NewAddress, NewServed, Refusal, SignedIn};
use policy::retention::Rules;
use policy::{FieldClass, Purpose};
use std::cmp::Reverse;
use vault::{Reader, Value};
use vocabulary::{Moment, PersonId};
use web::public::account::{Act, Change, Left, Outcome, Proof};

impl Accounts {
    pub(super) async fn act_for(&self, cookie: &Secret, act: Act, now: Moment) -> Result<Outcome, Error> {
        let Some(who) = self.signed_in(cookie, now).await? else {
            return Ok(Outcome::SignedOut);
        };
        let error = match self.carry_out(&who, act, now).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        let on_hold = vault::Refusal::OnHold;
        Ok(match &error {
            Error::People(people::Error::NotFound(_)) => Outcome::NoSuch,
            Error::People(people::Error::Vault(vault::Error::Refused(why)))
            | Error::Vault(vault::Error::Refused(why))
                if *why == on_hold =>
            {
                Outcome::OnHold
            }
            Error::People(people::Error::Refused(refusal)) => match refusal {
                Refusal::Password(fault) => Outcome::Password(*fault),
                // What changes how one signs in needs a link that was followed within the hour, or the password.
                Refusal::SignInAgain => Outcome::SignInAgain,
                Refusal::WrongCredentials => Outcome::WrongPassword,
                Refusal::Email => Outcome::Address,
                Refusal::AddressByLetter => Outcome::NoSuch,
                Refusal::NotShown => Outcome::TextChanged,
                Refusal::TooManyAttempts { wait_ms } => Outcome::Wait { wait_ms: *wait_ms },
                _ => return Err(error),
            },
            _ => return Err(error),
        })
    }

    async fn carry_out(&self, who: &SignedIn, act: Act, now: Moment) -> Result<Outcome, Error> {
        match act {
            Act::AskDelete => Ok(Outcome::Left(self.left(who.person, now).await?)),
            Act::Delete(proof) => {
                let left = self.left(who.person, now).await?;
                self.delete(who, &proof, now).await?;
                Ok(Outcome::Left(left))
            }
            Act::ChangeEmail { .. } if self.office.vault.is_held(who.person).await? => Ok(Outcome::OnHold),
            act => self.settle_or_correct(who, act, now).await,
        }
    }

    async fn settle_or_correct(&self, who: &SignedIn, act: Act, now: Moment) -> Result<Outcome, Error> {
        match act {
            Act::Correct { changes, language } => {
                let who = SignedIn {
                    language: spoken(language),
                    ..*who
                };
                self.correct(&who, &changes, now).await
            }
            act => self.settle(who, act, now).await.map(|()| Outcome::Done),
        }
    }

    async fn settle(&self, who: &SignedIn, act: Act, now: Moment) -> Result<(), Error> {
        let people = &self.office.people;
        match act {
            // Done above.
            Act::Correct { .. } | Act::AskDelete | Act::Delete(_) => Ok(()),
            Act::Choose {
                wording,
                language,
                form_sha256,
                gives,
            } => {
                let form = NewServed {
                    form: "account",
                    language: spoken(language),
                    wordings: &[(wording.id.as_str(), wording.version)],
                    form_sha256,
                };
                self.choose(who, &form, gives, now).await
            }
            Act::SetLanguage(language) => Ok(people.set_language(who.person, spoken(language)).await?),
            Act::Withdraw(id) => self.withdraw(who, &id, now).await,
            Act::EndSession(id) => self.end_sign_in(who, id, now).await,
            Act::SignOut => self.end_sign_in(who, who.sign_in, now).await,
            Act::SetPassword { password, proof } => {
                let old = proof.password.as_ref().map(Sealed::reveal);
                people
                    .set_password(who, old, password.reveal(), &proof.network, now)
                    .await?;
                self.note(who.person, who.person, Action::PasswordChange, &[], now)
                    .await
            }
            Act::ChangeEmail {
                email, site, proof, ..
            } => {
                let password = proof.password.as_ref().map(Sealed::reveal);
                let asked = people
                    .ask_new_address(who, password, email.reveal(), &proof.network, now)
                    .await?;
                match asked {
                    NewAddress::Letter(letter) => self.post(&letter, &site, now).await,
                    NewAddress::Taken { person, to, language } => {
                        self.tell_taken(&to, person, language, now).await
                    }
                }
            }
        }
    }

    /// What stays of a person and of those whom their account claimed when the account is gone.
    async fn left(&self, person: PersonId, now: Moment) -> Result<Left, Error> {
        let vault = &self.office.vault;
        let after_ms = Rules::default().after_contract_ms;
        let mut left = Left::default();
        for person in self.office.people.persons_of(person).await? {
            let duties = match vault.duties(person).await {
                Ok(duties) => duties,
                // Claimed, and destroyed since.
                Err(vault::Error::NotFound(_)) => continue,
                Err(error) => return Err(error.into()),
            };
            let contract = vault.contract(person).await?;
            left.by_hold |= vault.is_held(person).await?;
            left.by_law |= duties.iter().any(|duty| duty.until > now);
            left.by_contract |= contract
                .is_some_and(|contract| contract.until.is_none_or(|until| until.plus_ms(after_ms) > now));
        }
        Ok(left)
    }

    /// Records the answer to a consent document, and gives its use or shuts it at once: the address is a confirmed one.
    async fn choose(
        &self,
        who: &SignedIn,
        form: &NewServed<'_>,
        gives: bool,
        now: Moment,
    ) -> Result<(), Error> {
        let people = &self.office.people;
        let (wording, _) = form.wordings[0];
        let choice = Choice {
            served: people.serve(form, now).await?,
            shown: now,
            wording,
            answer: if gives { Answer::Give } else { Answer::Refuse },
            method: Method::Account,
            evidence_sha256: None,
        };
        let recorded = people.choose(who.person, &choice, now).await?;
        let mut action = Action::ConsentGiven;
        if !gives {
            action = Action::ConsentRefused;
            for person in people.persons_of(who.person).await? {
                if person == who.person {
                    continue;
                }
                match people
                    .withdraw(person, recorded.purpose, Method::Account, now)
                    .await
                {
                    // Never asked.
                    Ok(_) | Err(people::Error::Refused(Refusal::State)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        self.note(who.person, who.person, action, &[], now).await
    }

    /// Sets and removes values of the person and of those that the account claimed. The page shows the newest value of
    /// each class: where that is what is wanted, nothing changes; where it is not any more what the page showed, nothing
    /// at all is saved.
    async fn correct(&self, who: &SignedIn, changes: &[Change], now: Moment) -> Result<Outcome, Error> {
        let classes: Vec<FieldClass> = changes.iter().map(|change| change.class).collect();
        if classes.contains(&FieldClass::Email) {
            return Err(people::Error::from(Refusal::AddressByLetter).into());
        }
        let held = self.values(who, &classes, now).await?;
        let newest = |class: FieldClass| {
            held.iter()
                .filter(|(_, value)| value.class == class)
                .min_by_key(|(_, value)| Reverse(value.provenance.given))
                .map_or("", |(_, value)| value.text.reveal())
        };
        let meanwhile: Vec<FieldClass> = changes
            .iter()
            .filter(|change| {
                let wanted = change.text.as_ref().map_or("", |text| text.reveal().trim());
                let shown = change.shown.as_ref().map(Sealed::reveal);
                shown.is_some_and(|shown| shown.trim() != newest(change.class).trim())
                    && wanted != newest(change.class)
            })
            .map(|change| change.class)
            .collect();
        if !meanwhile.is_empty() {
            return Ok(Outcome::Meanwhile(meanwhile));
        }
        // All or nothing: what a hold keeps as it is stops the whole form before anything is changed.
        for (person, value) in &held {
            let change = changes.iter().find(|change| change.class == value.class);
            let wanted = change.and_then(|change| change.text.as_ref());
            let is_other = wanted.map_or("", |text| text.reveal().trim()) != newest(value.class);
            if is_other && self.office.vault.is_held(*person).await? {
                return Ok(Outcome::OnHold);
            }
        }
        for Change { class, text, .. } in changes {
            let of_class: Vec<&(PersonId, Value)> =
                held.iter().filter(|(_, value)| value.class == *class).collect();
            let wanted = text.as_ref().map_or("", |text| text.reveal().trim());
            if newest(*class) == wanted {
                continue;
            }
            let mut persons: Vec<PersonId> = of_class.iter().map(|(person, _)| *person).collect();
            if persons.is_empty() {
                persons.push(who.person);
            }
            let action = if let Some(text) = text {
                for person in &persons {
                    let holder = SignedIn {
                        person: *person,
                        ..*who
                    };
                    let values = [(*class, text.clone())];
                    self.office.people.change_values(&holder, &values, now).await?;
                }
                Action::Correct
            } else {
                for (person, value) in &of_class {
                    self.office.vault.delete_value(*person, value.id, now).await?;
                }
                Action::Erase
            };
            for person in persons {
                self.note(who.person, person, action, &[*class], now).await?;
            }
        }
        Ok(Outcome::Done)
    }

    /// The values of these classes, of the person and of those that the account claimed.
    async fn values(
        &self,
        who: &SignedIn,
        classes: &[FieldClass],
        now: Moment,
    ) -> Result<Vec<(PersonId, Value)>, Error> {
        let mut held = Vec::new();
        for person in self.office.people.persons_of(who.person).await? {
            let read = self
                .office
                .vault
                .read(&Reader::Person, person, Purpose::RightsRequest, classes, now)
                .await;
            match read {
                Ok(values) => held.extend(values.into_iter().map(|value| (person, value))),
                // Claimed, and destroyed since.
                Err(vault::Error::NotFound(_)) if person != who.person => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(held)
    }

    /// Takes back the consent of that id: that of every person behind the account to its purpose.
    async fn withdraw(&self, who: &SignedIn, id: &str, now: Moment) -> Result<(), Error> {
        let mut is_found = false;
        for person in self.office.people.persons_of(who.person).await? {
            for consent in self.office.people.consents(person).await? {
                if consent_id(who.person, consent.purpose) == id {
                    self.withdraw_one(who, person, &consent, now).await?;
                    is_found = true;
                }
            }
        }
        if is_found {
            Ok(())
        } else {
            Err(people::Error::NotFound("consent").into())
        }
    }

    async fn withdraw_one(
        &self,
        who: &SignedIn,
        person: PersonId,
        consent: &people::Consent,
        now: Moment,
    ) -> Result<(), Error> {
        if !consent.state.allows_use() {
            return Ok(());
        }
        self.office
            .people
            .withdraw(person, consent.purpose, Method::Account, now)
            .await?;
        self.note(who.person, person, Action::ConsentWithdrawn, &[], now)
            .await
    }

    /// Ends a sign-in; one that is ended already stays so.
    async fn end_sign_in(&self, who: &SignedIn, id: u32, now: Moment) -> Result<(), Error> {
        match self.office.people.end_sign_in(who.person, id).await {
            Ok(()) => self.note(who.person, who.person, Action::SignOut, &[], now).await,
            Err(people::Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends every consent, then deletes the account. Where nothing but the account keeps the person's values, they go at
    /// once with their key; else each goes when its own time is over. Enquiries that the account claimed stay.
    async fn delete(&self, who: &SignedIn, proof: &Proof, now: Moment) -> Result<(), Error> {
        let (office, people) = (&self.office, &self.office.people);
        let password = proof.password.as_ref().map(Sealed::reveal);
        people.confirm(who, password, &proof.network, now).await?;
        for person in people.persons_of(who.person).await? {
            for consent in people.consents(person).await? {
                self.withdraw_one(who, person, &consent, now).await?;
            }
        }
        people.delete_account(who, password, &proof.network, now).await?;
        self.note(who.person, who.person, Action::AccountDisabled, &[], now)
            .await?;
        if self.is_kept_by_account_alone(who.person, now).await? {
            let actor = Actor::Person(who.person);
            office
                .erase(who.person, "the account was deleted", actor, now)
                .await?;
        }
        Ok(())
    }

    /// Whether nothing else keeps what a person gave, as of the end of the account: no other purpose, law or hold.
    async fn is_kept_by_account_alone(&self, person: PersonId, now: Moment) -> Result<bool, Error> {
        let vault = &self.office.vault;
        let values = vault.values(person).await?;
        let latest = now.plus_ms(Rules::default().after_contract_ms);
        let ends = vault.ends(person).await?;
        Ok(values
            .iter()
            .all(|kept| kept.provenance.purposes == [Purpose::Account])
            && ends.iter().all(|end| end.keep.is_over(latest)))
    }
}
