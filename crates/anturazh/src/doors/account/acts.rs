//! What people do in their account.

use super::{Accounts, overview::consent_id};
use audit::{Action, Actor};
use credentials::{Sealed, Secret};
use office::Error;
use people::{Method, NewAddress, Refusal, SignedIn, account::FRESH_MS};
use policy::retention::Rules;
use policy::{FieldClass, Purpose};
use std::cmp::Reverse;
use vault::{Reader, Value};
use vocabulary::{Moment, PersonId};
use web::public::account::{Act, Outcome};

impl Accounts {
    pub(super) async fn act_for(&self, cookie: &Secret, act: Act, now: Moment) -> Result<Outcome, Error> {
        let Some(who) = self.signed_in(cookie, now).await? else {
            return Ok(Outcome::SignedOut);
        };
        let error = match self.carry_out(&who, act, now).await {
            Ok(()) => return Ok(Outcome::Done),
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
                // What changes how one signs in needs a link that was followed within the hour.
                Refusal::SignInAgain => Outcome::SignInAgain,
                Refusal::Email => Outcome::Address,
                Refusal::TooManyAttempts { wait_ms } => Outcome::Wait { wait_ms: *wait_ms },
                _ => return Err(error),
            },
            _ => return Err(error),
        })
    }

    async fn carry_out(&self, who: &SignedIn, act: Act, now: Moment) -> Result<(), Error> {
        let people = &self.office.people;
        match act {
            Act::Correct(changes) => self.correct(who, &changes, now).await,
            Act::Withdraw(id) => self.withdraw(who, &id, now).await,
            Act::EndSession(id) => self.end_sign_in(who, id, now).await,
            Act::SignOut => self.end_sign_in(who, who.sign_in, now).await,
            Act::SetPassword(password) => {
                people.set_password(who, None, password.reveal(), "", now).await?;
                self.note(who.person, who.person, Action::PasswordChange, &[], now)
                    .await
            }
            Act::ChangeEmail { email, site, .. } => {
                match people.ask_new_address(who, None, email.reveal(), "", now).await? {
                    NewAddress::Letter(letter) => self.post(&letter, &site, now).await,
                    NewAddress::Taken { to, language } => self.tell_taken(&to, language, now).await,
                }
            }
            Act::Delete => self.delete(who, now).await,
        }
    }

    /// Sets and removes values of the person and of those that the account claimed. The page shows the newest value of
    /// each class: where that is what is wanted, nothing changes.
    async fn correct(
        &self,
        who: &SignedIn,
        changes: &[(FieldClass, Option<Sealed>)],
        now: Moment,
    ) -> Result<(), Error> {
        let classes: Vec<FieldClass> = changes.iter().map(|(class, _)| *class).collect();
        if classes.contains(&FieldClass::Email) {
            return Err(people::Error::from(Refusal::AddressByLetter).into());
        }
        let held = self.values(who, &classes, now).await?;
        for (class, text) in changes {
            let of_class: Vec<&(PersonId, Value)> =
                held.iter().filter(|(_, value)| value.class == *class).collect();
            let shown = of_class
                .iter()
                .min_by_key(|(_, value)| Reverse(value.provenance.given));
            let wanted = text.as_ref().map(|text| text.reveal().trim());
            if shown.map(|(_, value)| value.text.reveal()) == wanted {
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
        Ok(())
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
    async fn delete(&self, who: &SignedIn, now: Moment) -> Result<(), Error> {
        let (office, people) = (&self.office, &self.office.people);
        if !who.is_by_link || now.0 - who.since.0 >= FRESH_MS {
            return Err(people::Error::from(Refusal::SignInAgain).into());
        }
        for person in people.persons_of(who.person).await? {
            for consent in people.consents(person).await? {
                self.withdraw_one(who, person, &consent, now).await?;
            }
        }
        people.delete_account(who, None, "", now).await?;
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
            && ends.iter().all(|(_, _, end)| end.is_over(latest)))
    }
}
