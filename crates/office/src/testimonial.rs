//! Testimonials: staff writes them down and asks, the author answers by a link, and what was agreed to stands on our
//! site while the consent does (promise P12).

use crate::enquiry::SYSTEM;
use crate::{Error, Office, testimonial_letter};
use audit::{Action, Actor, Entry, Subject};
use credentials::{Sealed, Secret};
use people::{
    AuthorLink, Language, NewServed, NewTestimonial, Said, ServedId, Testimonial, TestimonialId,
    TestimonialStatus,
};
use policy::{FieldClass, Purpose};
use sharing::{Disclosure, Door, Mail, MailKind, Outcome, Recipient};
use std::collections::BTreeSet;
use tasks::{NewTask, TaskKind, TaskStatus};
use vault::Reader;
use vocabulary::{Moment, TaskId};

/// The page on which an author answers, as it was shown.
#[derive(Clone, Copy, Debug)]
pub struct AuthorForm<'a> {
    /// Its language.
    pub language: Language,
    /// Id and version of each wording on it.
    pub wordings: &'a [(&'a str, u32)],
    /// SHA-256 of the form, words and lines included, without the link's secret.
    pub form_sha256: [u8; 32],
    /// SHA-256 of the words and lines that it showed.
    pub said_sha256: [u8; 32],
}

impl Office {
    /// Writes a testimonial down. Whoever did may read it again, by a task for that alone, to change it and to ask.
    pub async fn draft_testimonial(&self, new: &NewTestimonial, now: Moment) -> Result<TestimonialId, Error> {
        let drafted = self.people.draft_testimonial(new, now).await?;
        let by = Actor::Staff(new.written_by);
        self.note(&drafted, by, Action::Receive, &classes(&new.said), now)
            .await?;
        self.open_draft_task(&drafted, new.written_by, now).await?;
        Ok(drafted.id)
    }

    /// Changes words or lines; see [`people::People::change_testimonial`].
    pub async fn change_testimonial(
        &self,
        id: TestimonialId,
        said: &Said,
        account: u32,
        now: Moment,
    ) -> Result<(), Error> {
        let was_published = self.people.change_testimonial(id, said, now).await?;
        let changed = self.people.testimonial(id).await?;
        let by = Actor::Staff(account);
        self.note(&changed, by.clone(), Action::Change, &classes(said), now)
            .await?;
        if was_published {
            self.note(&changed, by, Action::ConsentWithdrawn, &[], now)
                .await?;
            self.open_draft_task(&changed, account, now).await?;
        }
        Ok(())
    }

    /// Asks the author by a letter with exactly what will stand there and a link to answer. `site` is the address of our
    /// site without closing slash. The reader is staff with the testimonial's task.
    pub async fn ask_author(
        &self,
        reader: &Reader,
        id: TestimonialId,
        account: u32,
        site: &str,
        now: Moment,
    ) -> Result<(), Error> {
        let asked = self.people.ask_author(reader, id, now).await?;
        let language = asked.testimonial.language;
        let link = link_to(site, language, &asked.secret);
        let letter = testimonial_letter::asking(language, &asked.said, site, &link);
        self.post_to_author(&asked.testimonial, &asked.to, letter, &asked.said, now)
            .await?;
        let classes = classes(&asked.said);
        self.note(
            &asked.testimonial,
            Actor::Staff(account),
            Action::MessageSent,
            &classes,
            now,
        )
        .await
    }

    /// The author agrees: the ledger says that it goes to everybody, the consent is recorded with its evidence, it is
    /// published, and a letter tells so with a link that takes it back.
    pub async fn agree_to_testimonial(
        &self,
        secret: &Secret,
        form: &AuthorForm<'_>,
        site: &str,
        now: Moment,
    ) -> Result<(), Error> {
        let AuthorLink {
            testimonial, said, ..
        } = self.people.author_link(secret, now).await?;
        let served = self.serve(form, now).await?;
        let what = Disclosure {
            recipient: Recipient::Public,
            person: Some(testimonial.person),
            fields: classes(&said).into_iter().collect(),
            purpose: Some(Purpose::Testimonial),
            service: "testimonial".into(),
        };
        let leave = self
            .sharing
            .ledger
            .open(Door::Release, &what, testimonial.sha256, now)
            .await?;
        let agreed = self
            .people
            .agree_to_testimonial(secret, &form.said_sha256, served, now)
            .await;
        let agreed = match agreed {
            Ok(agreed) => agreed,
            Err(error) => {
                leave.done(Outcome::Failed, now).await?;
                return Err(error.into());
            }
        };
        leave.done(Outcome::Sent, now).await?;
        let author = Actor::Person(testimonial.person);
        let shown = classes(&said);
        self.note(
            &agreed.testimonial,
            author.clone(),
            Action::ConsentGiven,
            &[],
            now,
        )
        .await?;
        self.note(&agreed.testimonial, author, Action::Disclose, &shown, now)
            .await?;
        self.close_draft_task(&agreed.testimonial, now).await?;
        let language = agreed.testimonial.language;
        let link = link_to(site, language, &agreed.secret);
        let letter = testimonial_letter::published(language, &said, site, &link);
        self.post_to_author(&agreed.testimonial, &agreed.to, letter, &said, now)
            .await
    }

    /// The author declines: nothing is published, and the words are destroyed.
    pub async fn decline_testimonial(
        &self,
        secret: &Secret,
        form: &AuthorForm<'_>,
        now: Moment,
    ) -> Result<(), Error> {
        let served = self.serve(form, now).await?;
        let declined = self
            .people
            .decline_testimonial(secret, &form.said_sha256, served, now)
            .await?;
        let author = Actor::Person(declined.testimonial.person);
        self.note(&declined.testimonial, author, Action::ConsentRefused, &[], now)
            .await?;
        self.close_draft_task(&declined.testimonial, now).await
    }

    /// The author takes it back, by the link in the letter that told of the publication.
    pub async fn withdraw_testimonial_by_link(&self, secret: &Secret, now: Moment) -> Result<(), Error> {
        let back = self.people.withdraw_testimonial_by_link(secret, now).await?;
        let author = Actor::Person(back.testimonial.person);
        self.note(&back.testimonial, author, Action::ConsentWithdrawn, &[], now)
            .await
    }

    /// Staff takes it back, published or not.
    pub async fn withdraw_testimonial(
        &self,
        id: TestimonialId,
        account: u32,
        now: Moment,
    ) -> Result<(), Error> {
        let back = self.people.withdraw_testimonial(id, now).await?;
        let action = if back.testimonial.agreed.is_some() {
            Action::ConsentWithdrawn
        } else {
            Action::Destroy
        };
        self.note(&back.testimonial, Actor::Staff(account), action, &[], now)
            .await?;
        self.close_draft_task(&back.testimonial, now).await
    }

    /// Destroys the drafts that nobody agreed to in time.
    pub(crate) async fn lapse_testimonials(&self, now: Moment) -> Result<(), Error> {
        for lapsed in self.people.lapse_testimonials(now).await? {
            let job = Actor::Job("retention".into());
            self.note(&lapsed, job, Action::Destroy, &[FieldClass::Message], now)
                .await?;
            self.close_draft_task(&lapsed, now).await?;
        }
        Ok(())
    }

    async fn serve(&self, form: &AuthorForm<'_>, now: Moment) -> Result<ServedId, Error> {
        let served = NewServed {
            form: "testimonial",
            language: form.language,
            wordings: form.wordings,
            form_sha256: form.form_sha256,
        };
        Ok(self.people.serve(&served, now).await?)
    }

    /// A task that opens the words and the address that were written down, and nothing else of the person: nothing else
    /// is given for that purpose.
    async fn open_draft_task(&self, of: &Testimonial, account: u32, now: Moment) -> Result<TaskId, Error> {
        let reason = format!("testimonial {}", of.id.0);
        let change = self
            .tasks
            .open_task(
                NewTask {
                    client: 0,
                    purpose: Purpose::AskAuthor,
                    kind: TaskKind::Support,
                    persons: &[of.person],
                    classes: &[FieldClass::Message],
                    assignees: &[account],
                    end: None,
                    reason: &reason,
                },
                SYSTEM,
                now,
            )
            .await?;
        self.people.set_testimonial_task(of.id, change.task).await?;
        let mut opened = of.clone();
        opened.task = Some(change.task);
        self.note(
            &opened,
            Actor::System,
            Action::TaskOpened,
            &[FieldClass::Message],
            now,
        )
        .await?;
        Ok(change.task)
    }

    /// Ends the task of a testimonial that is no draft any more.
    async fn close_draft_task(&self, of: &Testimonial, now: Moment) -> Result<(), Error> {
        let Some(task) = of.task else { return Ok(()) };
        match self.tasks.set_status(task, TaskStatus::Done, SYSTEM, now).await {
            Ok(_) => self.note(of, Actor::System, Action::TaskClosed, &[], now).await,
            Err(tasks::Error::Refused(_) | tasks::Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn post_to_author(
        &self,
        of: &Testimonial,
        to: &Sealed,
        (subject, text): testimonial_letter::Letter,
        said: &Said,
        now: Moment,
    ) -> Result<(), Error> {
        let mail = Mail {
            to: to.clone(),
            name: None,
            subject: Sealed::new(subject.to_owned()),
            text: Sealed::new(text),
            thread: None,
            kind: MailKind::Automatic,
            answerable: None,
        };
        let (purpose, service) = match of.status {
            TestimonialStatus::Agreed => (Purpose::Testimonial, "testimonial_published"),
            _ => (Purpose::AskAuthor, "testimonial_asked"),
        };
        let mut fields: BTreeSet<FieldClass> = classes(said).into_iter().collect();
        fields.insert(FieldClass::Email);
        let what = Disclosure {
            recipient: Recipient::Person,
            person: Some(of.person),
            fields,
            purpose: Some(purpose),
            service: service.into(),
        };
        self.sharing.outbox.post(&mail, &what, now).await?;
        Ok(())
    }

    async fn note(
        &self,
        of: &Testimonial,
        actor: Actor,
        action: Action,
        classes: &[FieldClass],
        now: Moment,
    ) -> Result<(), Error> {
        let purpose = match of.agreed {
            Some(_) => Purpose::Testimonial,
            None => Purpose::AskAuthor,
        };
        self.record(Entry {
            subject: Subject {
                person: Some(of.person),
                task: of.task,
                ..Subject::default()
            },
            classes: classes.iter().map(|class| *class as u8).collect(),
            purpose: Some(purpose.name().into()),
            count: classes.len() as u32,
            ..Entry::new(now, actor, action)
        })
        .await
    }
}

/// The classes of personal data in words and lines, by number.
fn classes(said: &Said) -> Vec<FieldClass> {
    let mut classes = Vec::new();
    for (class, is_there) in [
        (FieldClass::Name, said.name.is_some()),
        (FieldClass::Position, said.position.is_some()),
        (FieldClass::Company, said.company.is_some()),
        (FieldClass::Message, true),
    ] {
        if is_there {
            classes.push(class);
        }
    }
    classes
}

/// Where a link in a letter leads.
fn link_to(site: &str, language: Language, secret: &Secret) -> String {
    format!(
        "{site}/testimonials/answer?lang={}&token={}",
        language.name(),
        secret.text()
    )
}
