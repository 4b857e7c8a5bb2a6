//! Accounts of people: letters with links, signing in, and what the signed-in person sees and does.

mod acts;
mod export;
mod overview;
mod traces;

use super::{InBoth, RoleOf, failed, spoken, versions, words};
use audit::{Action, Actor, Entry, Subject};
use credentials::{Sealed, Secret};
use futures::future::BoxFuture;
use office::{Error, Office, Refused};
use people::{AccountLetter, Followed, LinkKind, NewServed, Refusal, ServedId, SignedIn};
use policy::FieldClass;
use std::sync::Arc;
use vocabulary::{Moment, PersonId, moment::HOUR_MS};
use web::language::Language;
use web::public::account::{Act, Entered, LinkRequest, LinkUse, Outcome, Overview, Stay};
use web::public::enquiry::NotTaken;
use web::public::{AccountDoor, Wording};

/// How long a sign-in lasts that lives in the forms of a page.
const PAGE_MS: i64 = HOUR_MS;

/// The accounts of an office; cheap to clone.
#[derive(Clone)]
pub(super) struct Accounts {
    office: Office,
    /// None while no accounts are opened.
    terms: Option<Arc<InBoth>>,
    role_of: RoleOf,
}

impl Accounts {
    pub(super) fn new(office: Office, terms: Option<InBoth>, role_of: RoleOf) -> Self {
        Self {
            office,
            terms: terms.map(Arc::new),
            role_of,
        }
    }

    /// Writes and posts the letter that was asked for.
    async fn write_letter(&self, request: &LinkRequest, served: Option<ServedId>) -> Result<(), Error> {
        let (email, language) = (request.email.reveal(), spoken(request.language));
        let people = &self.office.people;
        let letter = match people
            .ask_link(email, language, served, &request.network, request.at)
            .await
        {
            Ok(letter) => letter,
            Err(people::Error::Refused(Refusal::TooManyAttempts { .. })) => {
                self.office.refused(Refused::TooMany, None);
                return Ok(());
            }
            // No address after all, or no account and none is opened: whoever asked is told nothing,
            // whatever the reason.
            Err(people::Error::Refused(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        self.post(&letter, &request.site, request.at).await
    }

    async fn post(&self, letter: &AccountLetter, site: &str, now: Moment) -> Result<(), Error> {
        let address = format!("{site}/account/link?token=");
        let words = words::link(letter.language, letter.kind, &address);
        self.office.post_link(letter, &words, now).await
    }

    /// Says at an address that somebody wanted for their account why it stays where it is.
    async fn tell_taken(
        &self,
        to: &Sealed,
        person: Option<PersonId>,
        language: people::Language,
        now: Moment,
    ) -> Result<(), Error> {
        let (subject, text) = words::address_taken(language);
        self.office
            .post_to_person(to, person, subject, text.to_owned(), "new_address_link", now)
            .await
    }

    /// What a link does, if it works.
    async fn look(&self, link: &Secret, now: Moment) -> Result<Option<LinkUse>, Error> {
        match self.office.people.link(link, now).await {
            Ok(LinkKind::SignIn | LinkKind::NewAccount) => Ok(Some(LinkUse::SignIn)),
            Ok(LinkKind::NewAddress) => Ok(Some(LinkUse::Move)),
            Err(people::Error::Refused(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The cookie that a link gives, or none if it does not work.
    async fn follow(
        &self,
        link: &Secret,
        stay: Stay,
        network: &str,
        now: Moment,
    ) -> Result<Option<Secret>, Error> {
        let is_remembered = stay == Stay::Remembered;
        match self.office.people.follow_link(link, is_remembered, now).await {
            Ok(Followed::SignedIn {
                cookie,
                signed_in,
                is_new,
            }) => {
                self.limit(&cookie, stay, now).await?;
                self.office.people.trust_network(&signed_in, network, now);
                self.entered(&signed_in, is_new, now).await?;
                Ok(Some(cookie))
            }
            Ok(Followed::NewAddress {
                cookie,
                signed_in,
                former,
            }) => {
                self.limit(&cookie, stay, now).await?;
                let person = signed_in.person;
                self.office.people.trust_network(&signed_in, network, now);
                self.note(person, person, Action::Correct, &[FieldClass::Email], now)
                    .await?;
                self.tell_former(person, former, now).await?;
                // Nothing is claimed: whoever reads letters here asked for no link to what is theirs.
                self.note_sign_in(person, "link", now).await?;
                Ok(Some(cookie))
            }
            Err(people::Error::Refused(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What lives in the forms of a page does not live long.
    async fn limit(&self, cookie: &Secret, stay: Stay, now: Moment) -> Result<(), Error> {
        if stay == Stay::Page {
            let ends = now.plus_ms(PAGE_MS);
            self.office.people.shorten_sign_in(cookie, ends).await?;
        }
        Ok(())
    }

    /// Records a sign-in by link, and takes the enquiries that were sent under the confirmed address into the account.
    async fn entered(&self, who: &SignedIn, is_new: bool, now: Moment) -> Result<(), Error> {
        if is_new {
            self.note(who.person, who.person, Action::Receive, &[FieldClass::Email], now)
                .await?;
            self.note(who.person, who.person, Action::AccountCreated, &[], now)
                .await?;
        }
        self.note_sign_in(who.person, "link", now).await?;
        let people = &self.office.people;
        for claimable in people.claimable(who, now).await? {
            // Another sign-in may have been first.
            if let Err(error) = people.claim(who, claimable.case, now).await {
                tracing::warn!(%error, "failed to take an enquiry into an account");
            }
        }
        people.claim_testimonials(who, now).await?;
        Ok(())
    }

    async fn tell_former(&self, person: PersonId, former: Option<Sealed>, now: Moment) -> Result<(), Error> {
        let Some(former) = former else { return Ok(()) };
        let language = self.office.people.account(person).await?.language;
        let (subject, text) = words::address_changed(language);
        self.office
            .post_to_person(
                &former,
                Some(person),
                subject,
                text.to_owned(),
                "address_changed",
                now,
            )
            .await
    }

    async fn enter(
        &self,
        email: &Sealed,
        password: &Sealed,
        stay: Stay,
        network: &str,
        now: Moment,
    ) -> Result<Entered, Error> {
        let people = &self.office.people;
        let is_remembered = stay == Stay::Remembered;
        let entered = people
            .sign_in(email.reveal(), password.reveal(), is_remembered, network, now)
            .await;
        match entered {
            Ok((cookie, who)) => {
                self.limit(&cookie, stay, now).await?;
                self.note_sign_in(who.person, "password", now).await?;
                Ok(Entered::In(cookie))
            }
            Err(people::Error::Refused(Refusal::WrongCredentials)) => {
                self.note_refused(people.holder(email.reveal()).await?, now)
                    .await?;
                Ok(Entered::Wrong)
            }
            Err(people::Error::Refused(Refusal::TooManyAttempts { wait_ms })) => {
                self.office.refused(Refused::TooMany, None);
                Ok(Entered::Wait { wait_ms })
            }
            Err(people::Error::Refused(Refusal::TooManyGuesses { wait_ms })) => {
                self.office.refused(Refused::TooMany, None);
                Ok(Entered::TakeLink { wait_ms })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Records that somebody signed in, and by what.
    async fn note_sign_in(&self, person: PersonId, by: &'static str, now: Moment) -> Result<(), Error> {
        let entry = Entry {
            subject: Subject {
                person: Some(person),
                ..Subject::default()
            },
            purpose: Some(by.into()),
            ..Entry::new(now, Actor::Person(person), Action::SignIn)
        };
        self.office.record(entry).await
    }

    /// Records that signing in was refused, with the person whose account was tried. Nobody knows who did it. Addresses
    /// of nobody, of which there is no end, are counted.
    async fn note_refused(&self, tried: Option<PersonId>, now: Moment) -> Result<(), Error> {
        if tried.is_none() {
            self.office.refused(Refused::UnknownLogin, None);
            return Ok(());
        }
        let entry = Entry {
            subject: Subject {
                person: tried,
                ..Subject::default()
            },
            purpose: Some("password".into()),
            ..Entry::new(now, Actor::System, Action::SignInFailed)
        };
        self.office.record(entry).await
    }

    async fn signed_in(&self, cookie: &Secret, now: Moment) -> Result<Option<SignedIn>, Error> {
        Ok(self.office.people.signed_in(cookie, now).await?)
    }

    /// Records what `actor` did to their own data, kept under `person`.
    async fn note(
        &self,
        actor: PersonId,
        person: PersonId,
        action: Action,
        classes: &[FieldClass],
        now: Moment,
    ) -> Result<(), Error> {
        let entry = Entry {
            subject: Subject {
                person: Some(person),
                ..Subject::default()
            },
            classes: classes.iter().map(|class| *class as u8).collect(),
            count: classes.len() as u32,
            ..Entry::new(now, Actor::Person(actor), action)
        };
        self.office.record(entry).await
    }
}

impl AccountDoor for Accounts {
    fn terms(&self, language: Language) -> Option<Wording> {
        self.terms.as_ref().map(|terms| terms.get(language))
    }

    fn send_link(&self, request: LinkRequest) -> BoxFuture<'_, Result<(), NotTaken>> {
        Box::pin(async move {
            let served = NewServed {
                form: "account",
                language: spoken(request.language),
                wordings: &versions(&request.shown),
                form_sha256: request.form_sha256,
            };
            let served = match request.shown {
                Some(_) => Some(self.office.people.serve(&served, request.at).await),
                None => None,
            };
            let served = served
                .transpose()
                .map_err(failed("record a form that was shown"))?;
            // The answer must not tell, by its time either, whether the address is known.
            let accounts = self.clone();
            tokio::spawn(async move {
                let written = accounts.write_letter(&request, served).await;
                written.map_err(failed("send a letter with a link"))
            });
            Ok(())
        })
    }

    fn look_at_link(&self, link: Secret, now: Moment) -> BoxFuture<'_, Result<Option<LinkUse>, NotTaken>> {
        Box::pin(async move {
            let looked = self.look(&link, now).await;
            looked.map_err(failed("look at a link"))
        })
    }

    fn open_link(
        &self,
        link: Secret,
        stay: Stay,
        network: String,
        now: Moment,
    ) -> BoxFuture<'_, Result<Option<Secret>, NotTaken>> {
        Box::pin(async move {
            let followed = self.follow(&link, stay, &network, now).await;
            followed.map_err(failed("follow a link"))
        })
    }

    fn sign_in(
        &self,
        email: Sealed,
        password: Sealed,
        stay: Stay,
        network: String,
        now: Moment,
    ) -> BoxFuture<'_, Result<Entered, NotTaken>> {
        Box::pin(async move {
            let entered = self.enter(&email, &password, stay, &network, now).await;
            entered.map_err(failed("sign a person in"))
        })
    }

    fn overview(&self, cookie: Secret, now: Moment) -> BoxFuture<'_, Result<Option<Overview>, NotTaken>> {
        Box::pin(async move {
            let overview = self.overview_of(&cookie, now).await;
            overview.map_err(failed("show a person what is held"))
        })
    }

    fn act(&self, cookie: Secret, act: Act, now: Moment) -> BoxFuture<'_, Result<Outcome, NotTaken>> {
        Box::pin(async move {
            let outcome = self.act_for(&cookie, act, now).await;
            outcome.map_err(failed("do what a person asked for in their account"))
        })
    }

    fn receipt(
        &self,
        cookie: Secret,
        id: String,
        now: Moment,
    ) -> BoxFuture<'_, Result<Option<String>, NotTaken>> {
        Box::pin(async move {
            let receipt = self.receipt_of(&cookie, &id, now).await;
            receipt.map_err(failed("give a person their receipt"))
        })
    }

    fn export(&self, cookie: Secret, now: Moment) -> BoxFuture<'_, Result<Option<String>, NotTaken>> {
        Box::pin(async move {
            let export = self.export_of(&cookie, now).await;
            export.map_err(failed("give a person what is held"))
        })
    }
}

#[cfg(test)]
mod tests;
