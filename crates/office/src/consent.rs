//! Consents between us and the owner of an address: asked to be confirmed by a letter, told when they are given, and
//! taken back by the link in a letter or, as the person wishes, by somebody of staff.

use crate::{Error, Office, consent_letter};
use audit::{Action, Actor, Entry, Subject};
use credentials::{Sealed, Secret};
use people::{Language, Method, ServedId, Taken, Ticked, Wording};
use policy::{FieldClass, Purpose};
use sharing::{Disclosure, Mail, MailKind, Recipient};
use std::collections::BTreeSet;
use vault::Reader;
use vocabulary::{ClientId, Moment, PersonId, TaskId};

/// As whom the program reads the address that letters about consents go to.
const JOB: Reader = Reader::Job("consents");

/// Somebody of staff who carries out a person's wish.
#[derive(Clone, Copy, Debug)]
pub struct OnBehalf {
    /// The account.
    pub account: u32,
    /// The task it is done for.
    pub task: TaskId,
}

/// A consent as the page behind a link shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// What it is for.
    pub purpose: Purpose,
    /// The wording by which it was given.
    pub wording: Wording,
    /// Since when it stands as it does.
    pub since: Moment,
    /// Whether data are used by it.
    pub is_given: bool,
    /// The newest receipt, if there is one: a compact JWS.
    pub receipt: Option<String>,
}

impl Office {
    /// Asks the owner of the address to confirm what was ticked on a form. Whatever goes wrong, the form is taken: what
    /// nobody confirms is not given.
    pub(crate) async fn ask_to_confirm(
        &self,
        taken: &Taken,
        email: Option<&Sealed>,
        served: ServedId,
        now: Moment,
    ) {
        let Some(email) = email else { return };
        for wording in &taken.unconfirmed {
            let ticked = Ticked {
                person: taken.person,
                email,
                served,
                shown: now,
                wording,
            };
            if let Err(error) = self.ask_one(&ticked, now).await {
                tracing::error!("failed to ask for the confirmation of a consent: {error}");
            }
        }
    }

    async fn ask_one(&self, ticked: &Ticked<'_>, now: Moment) -> Result<(), Error> {
        let Some(letter) = self.people.ask_to_confirm(ticked, now).await? else {
            return Ok(());
        };
        let language = letter.wording.language;
        let link = format!(
            "{}/consents/confirm?token={}&lang={}",
            self.site(),
            letter.secret.text(),
            language.name()
        );
        let (subject, text) = consent_letter::asking(language, letter.wording.title(), &link);
        let mail = Post {
            to: &letter.to,
            person: letter.person,
            purpose: letter.wording.purpose,
            service: "consent_question",
            kind: MailKind::Automatic,
        };
        self.post_about_consent(mail, subject, text, now).await
    }

    /// Gives the consent that the link in such a letter asks for, and tells so by a letter with the link that takes it
    /// back.
    pub async fn confirm_consent(&self, secret: &Secret, now: Moment) -> Result<(), Error> {
        let asked = self.people.consent_link(secret, now).await?;
        let (person, recorded) = self.people.confirm_consent(secret, now).await?;
        let given = Actor::Person(person);
        self.note_consent(given, person, None, recorded.purpose, Action::ConsentGiven, now)
            .await?;
        if let Err(error) = self.tell_given(person, &asked.wording, now).await {
            tracing::error!("failed to tell that a consent is given: {error}");
        }
        Ok(())
    }

    async fn tell_given(&self, person: PersonId, wording: &Wording, now: Moment) -> Result<(), Error> {
        let Some(to) = self.address_of(person, now).await? else {
            return Ok(());
        };
        let link = self
            .withdraw_address(person, wording.purpose, wording.language, now)
            .await?;
        let (subject, text) = consent_letter::given(wording.language, wording.title(), &link);
        let mail = Post {
            to: &to,
            person,
            purpose: wording.purpose,
            service: "consent_given",
            kind: MailKind::list(&link),
        };
        self.post_about_consent(mail, subject, text, now).await
    }

    /// What stands under a letter to a person who has given consents: each with the link that takes it back. Empty
    /// where nothing stands.
    pub(crate) async fn ways_to_withdraw(
        &self,
        person: PersonId,
        language: Language,
        now: Moment,
    ) -> Result<String, Error> {
        let mut lines = Vec::new();
        for consent in self.people.consents(person).await? {
            let given = consent
                .events
                .iter()
                .rev()
                .find_map(|event| event.wording.as_ref());
            // What an author agreed to be published has links in letters of its own.
            let is_shown = consent.state.allows_use() && consent.purpose != Purpose::Testimonial;
            let Some(shown) = given.filter(|_| is_shown) else {
                continue;
            };
            let wording = self
                .people
                .wording_version(&shown.id, shown.version, language)
                .await?;
            let link = self
                .withdraw_address(person, consent.purpose, language, now)
                .await?;
            lines.push((wording.title().to_owned(), link));
        }
        Ok(consent_letter::footer(language, &lines))
    }

    /// The address of a fresh link that withdraws one consent.
    async fn withdraw_address(
        &self,
        person: PersonId,
        purpose: Purpose,
        language: Language,
        now: Moment,
    ) -> Result<String, Error> {
        let secret = self.people.draw_withdraw_link(person, purpose, now).await?;
        Ok(format!(
            "{}/consents/withdraw?token={}&lang={}",
            self.site(),
            secret.text(),
            language.name()
        ))
    }

    /// Where the consent stands that a link withdraws. Looking changes nothing.
    pub async fn standing(&self, secret: &Secret) -> Result<Standing, Error> {
        let (person, purpose) = self.people.withdraw_link_of(secret).await?;
        let consents = self.people.consents(person).await?;
        let consent = consents
            .into_iter()
            .find(|consent| consent.purpose == purpose)
            .ok_or(people::Refusal::Link)
            .map_err(people::Error::from)?;
        let last = consent.events.last();
        let shown = consent
            .events
            .iter()
            .rev()
            .find_map(|event| event.wording.as_ref());
        let (Some(last), Some(shown)) = (last, shown) else {
            return Err(people::Error::from(people::Refusal::Link).into());
        };
        let receipt = consent
            .events
            .iter()
            .rev()
            .find_map(|event| event.receipt.as_deref());
        Ok(Standing {
            purpose,
            wording: self
                .people
                .wording_version(&shown.id, shown.version, shown.language)
                .await?,
            since: last.at,
            is_given: consent.state.allows_use(),
            receipt: match receipt {
                Some(id) => Some(self.people.receipt(person, id).await?),
                None => None,
            },
        })
    }

    /// Withdraws what a link is for, for everything that was given under the same address; again and again if it is
    /// pressed again.
    pub async fn withdraw_by_link(&self, secret: &Secret, now: Moment) -> Result<(), Error> {
        let (person, purpose) = self.people.withdraw_link_of(secret).await?;
        self.withdraw_everywhere(person, purpose, None, now).await?;
        Ok(())
    }

    /// Withdraws a consent as its person wishes, who wrote or called. Returns how many ended: as many as were given
    /// under the person's address.
    pub async fn withdraw_at_wish(
        &self,
        person: PersonId,
        purpose: Purpose,
        by: OnBehalf,
        now: Moment,
    ) -> Result<usize, Error> {
        self.withdraw_everywhere(person, purpose, Some(by), now).await
    }

    async fn withdraw_everywhere(
        &self,
        person: PersonId,
        purpose: Purpose,
        by: Option<OnBehalf>,
        now: Moment,
    ) -> Result<usize, Error> {
        let method = match by {
            Some(_) => Method::Staff,
            None => Method::Link,
        };
        let mut ended = 0;
        for one in self.all_at_address(person, now).await? {
            let stood = self.people.consent_state(one, purpose).await?.allows_use();
            match self.people.withdraw(one, purpose, method, now).await {
                Ok(_) | Err(people::Error::Refused(people::Refusal::State)) => {}
                Err(error) => return Err(error.into()),
            }
            if stood {
                let actor = by.map_or(Actor::Person(one), |by| Actor::Staff(by.account));
                let task = by.map(|by| by.task);
                self.note_consent(actor, one, task, purpose, Action::ConsentWithdrawn, now)
                    .await?;
                ended += 1;
            }
        }
        Ok(ended)
    }

    /// The person, whom their account claimed, and whoever else was made of a form with the same address.
    async fn all_at_address(&self, person: PersonId, now: Moment) -> Result<Vec<PersonId>, Error> {
        let mut persons = self.people.persons_of(person).await?;
        if let Some(email) = self.address_of(person, now).await? {
            let client = self.vault.client_of(person).await?;
            let known = self.vault.find(client, FieldClass::Email, email.reveal()).await?;
            persons.extend(known);
        }
        let mut seen = BTreeSet::new();
        persons.retain(|one| seen.insert(*one));
        Ok(persons)
    }

    /// The address of a person, for the program alone; none where there is none or nobody any more.
    async fn address_of(&self, person: PersonId, now: Moment) -> Result<Option<Sealed>, Error> {
        let classes = [FieldClass::Email];
        let read = self
            .vault
            .read(&JOB, person, Purpose::RightsRequest, &classes, now)
            .await;
        match read {
            Ok(mut values) => Ok(values.pop().map(|value| value.text)),
            Err(vault::Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The address of our site, without closing slash.
    fn site(&self) -> &str {
        self.people.controller().url.trim_end_matches('/')
    }

    async fn post_about_consent(
        &self,
        post: Post<'_>,
        subject: String,
        text: String,
        now: Moment,
    ) -> Result<(), Error> {
        let mail = Mail {
            to: post.to.clone(),
            name: None,
            subject: Sealed::new(subject),
            text: Sealed::new(text),
            thread: None,
            kind: post.kind,
            answerable: None,
        };
        let what = Disclosure {
            recipient: Recipient::Person,
            person: Some(post.person),
            fields: BTreeSet::from([FieldClass::Email]),
            purpose: Some(post.purpose),
            service: post.service.into(),
        };
        self.sharing.outbox.post(&mail, &what, now).await?;
        Ok(())
    }

    async fn note_consent(
        &self,
        actor: Actor,
        person: PersonId,
        task: Option<TaskId>,
        purpose: Purpose,
        action: Action,
        now: Moment,
    ) -> Result<(), Error> {
        let client = match self.vault.client_of(person).await {
            Ok(client) => Some(ClientId(client)),
            Err(vault::Error::NotFound(_)) => None,
            Err(error) => return Err(error.into()),
        };
        self.record(Entry {
            subject: Subject {
                person: Some(person),
                task,
                client,
                ..Subject::default()
            },
            purpose: Some(purpose.name().into()),
            count: 1,
            ..Entry::new(now, actor, action)
        })
        .await
    }
}

/// A letter about a consent, but for its words.
struct Post<'a> {
    to: &'a Sealed,
    person: PersonId,
    purpose: Purpose,
    service: &'static str,
    kind: MailKind,
}
