//! Letters out and in: what staff writes to a person goes through the ledger into the outbox, and what comes finds its
//! case.

use crate::{Error, Office};
use audit::{Action, Actor};
use credentials::Sealed;
use people::{Arrival, CaseId, LinkKind, Outgoing, Received, Undelivered};
use policy::{FieldClass, Purpose};
use sharing::{Answerable, Disclosure, Letter, Mail, MailKind, NotDelivered, Recipient, Thread};
use std::collections::BTreeSet;
use vault::Reader;
use vocabulary::{Moment, PersonId, moment::MINUTE_MS};

/// A letter of ours that was not handed over within that time is handed over by the job.
const LEFT_BEHIND_MS: i64 = MINUTE_MS;
/// How many mails that did not arrive are looked at in one pass.
const MOST_TOLD: u32 = 200;

impl Office {
    /// Hands a letter of ours to the outbox; under it stands how the person takes back what they agreed to. Handing it over twice sends it once: the message id is the same.
    pub async fn hand_over(&self, letter: &Outgoing, now: Moment) -> Result<(), Error> {
        let language = self.people.case(letter.case).await?.language;
        let footer = self.ways_to_withdraw(letter.person, language, now).await?;
        let mail = Mail {
            to: letter.to.clone(),
            name: None,
            subject: letter.subject.clone(),
            text: Sealed::new(format!("{}{footer}", letter.text.reveal())),
            thread: letter.in_reply_to.as_ref().map(|answers| Thread {
                answers: answers.reveal().to_owned(),
                earlier: letter
                    .references
                    .iter()
                    .map(|id| id.reveal().to_owned())
                    .collect(),
            }),
            kind: MailKind::Written,
            answerable: Some(Answerable {
                message_id: letter.message_id.clone(),
                tag: letter.reply_token.clone(),
            }),
        };
        let what = Disclosure {
            recipient: Recipient::Person,
            person: Some(letter.person),
            fields: BTreeSet::from([FieldClass::Email, FieldClass::Message]),
            purpose: Some(Purpose::AnswerEnquiry),
            service: "enquiry_answer".into(),
        };
        self.sharing.outbox.post(&mail, &what, now).await?;
        self.people.letter_handed(letter.letter, now).await?;
        self.record_of(Actor::Job("mail".into()), Action::Disclose, letter.person, 1, now)
            .await
    }

    /// Hands over letters of ours that were written and not handed over: the process ended in between.
    pub async fn hand_over_left_behind(&self, now: Moment) -> Result<(), Error> {
        for letter in self
            .people
            .letters_not_handed(now.plus_ms(-LEFT_BEHIND_MS))
            .await?
        {
            let outgoing = self.people.outgoing(&Reader::Job("mail"), letter.id, now).await?;
            self.hand_over(&outgoing, now).await?;
        }
        Ok(())
    }

    /// Tells the cases whose letters did not arrive. To be called after each pass of the outbox.
    pub async fn note_all_undelivered(&self, now: Moment) -> Result<(), Error> {
        for (message_id, why) in self.sharing.outbox.not_delivered(MOST_TOLD).await? {
            self.note_undelivered(&message_id, why, now).await?;
        }
        Ok(())
    }

    async fn note_undelivered(
        &self,
        message_id: &str,
        why: NotDelivered,
        now: Moment,
    ) -> Result<Option<CaseId>, Error> {
        let why = match why {
            NotDelivered::Refused => Undelivered::Refused,
            NotDelivered::GivenUp => Undelivered::GivenUp,
            NotDelivered::CameBack => Undelivered::CameBack,
        };
        let case = self.people.letter_undelivered(message_id, why, now).await?;
        self.sharing.outbox.told_not_delivered(message_id).await?;
        Ok(case)
    }

    /// Posts a letter that the program writes to a person's own address, such as a sign-in link.
    pub async fn post_to_person(
        &self,
        to: &Sealed,
        person: Option<PersonId>,
        subject: &str,
        text: String,
        service: &str,
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
        let what = Disclosure {
            recipient: Recipient::Person,
            person,
            fields: BTreeSet::from([FieldClass::Email]),
            purpose: Some(Purpose::Account),
            service: service.into(),
        };
        self.sharing.outbox.post(&mail, &what, now).await?;
        Ok(())
    }

    /// Posts a note to somebody of staff. It names numbers, never anybody.
    pub async fn post_to_staff(
        &self,
        to: &str,
        subject: &str,
        text: String,
        now: Moment,
    ) -> Result<(), Error> {
        let mail = Mail {
            to: Sealed::new(to.to_owned()),
            name: None,
            subject: Sealed::new(subject.to_owned()),
            text: Sealed::new(text),
            thread: None,
            kind: MailKind::Automatic,
            answerable: None,
        };
        let what = Disclosure {
            recipient: Recipient::Staff,
            person: None,
            fields: BTreeSet::new(),
            purpose: None,
            service: "note_to_staff".into(),
        };
        self.sharing.outbox.post(&mail, &what, now).await?;
        Ok(())
    }

    /// Files a letter that came: with its case, or as a new one. A report that a mail of ours came back is written into
    /// the ledger and into the thread of that mail instead. `assignees` may be given the task of a new case.
    pub async fn take_letter(&self, letter: &Letter, assignees: &[u32], now: Moment) -> Result<Filed, Error> {
        if let Some(id) = &letter.came_back
            && self.sharing.outbox.came_back(id, now).await?
        {
            let case = self.note_undelivered(id, NotDelivered::CameBack, now).await?;
            return Ok(Filed::CameBack(case));
        }
        let Some(from) = &letter.from else {
            return Ok(Filed::Dismissed(Dismissal::NoSender));
        };
        let sealed = |text: &String| Sealed::new(text.clone());
        let arrival = Arrival {
            message_id: letter.message_id.as_ref().map(sealed),
            answers: letter
                .references
                .iter()
                .chain(&letter.in_reply_to)
                .map(sealed)
                .collect(),
            from: from.address.clone(),
            to: letter.to.iter().map(|to| to.address.clone()).collect(),
            subject: letter.subject.clone(),
            text: letter.text.clone(),
            received: now,
            is_automatic: letter.is_automatic,
        };
        let mut received = self.people.receive_letter(&arrival, now).await?;
        if received == Received::Unmatched {
            received = match self
                .people
                .take_letter(&arrival, 0, language_of(letter), now)
                .await
            {
                // An address of the sender's own network, such as `root@localhost`: nobody could be answered.
                Err(people::Error::Refused(people::Refusal::Email)) => {
                    return Ok(Filed::Dismissed(Dismissal::NoSender));
                }
                received => received?,
            };
        }
        let (case, task) = match received {
            Received::Filed { case, task, .. } => (case, task),
            Received::Repeated { .. } => return Ok(Filed::Dismissed(Dismissal::Repeated)),
            Received::Unmatched => return Ok(Filed::Dismissed(Dismissal::Automatic)),
        };
        if let Some(unrecorded) = self.people.unrecorded_of(case).await? {
            self.record_intake(&unrecorded, task, false, now).await?;
        } else {
            let person = self.people.case(case).await?.person;
            self.record_of(Actor::Person(person), Action::Receive, person, 1, now)
                .await?;
        }
        if task.is_none() {
            match self.open_task_of(case, assignees, now).await {
                Ok(_) | Err(Error::Nobody) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Filed::Case(case))
    }

    /// Hands over a letter with a link. `address` is where the link leads, without
    /// its secret.
    pub async fn post_link(
        &self,
        letter: &people::AccountLetter,
        words: &LinkWords<'_>,
        now: Moment,
    ) -> Result<(), Error> {
        let text = format!(
            "{}\n\n{}{}\n\n{}\n",
            words.before,
            words.address,
            letter.secret.text(),
            words.after
        );
        let service = match letter.kind {
            LinkKind::SignIn | LinkKind::NewAccount => "sign_in_link",
            LinkKind::NewAddress => "new_address_link",
        };
        self.post_to_person(&letter.to, letter.person, words.subject, text, service, now)
            .await
    }
}

/// The language in which a letter is answered, by its own words and not those that it quotes.
fn language_of(letter: &Letter) -> people::Language {
    let own: Vec<&str> = letter
        .text
        .reveal()
        .lines()
        .filter(|line| !line.starts_with('>'))
        .collect();
    let by_subject = people::Language::of_text(letter.subject.reveal(), people::Language::Ru);
    people::Language::of_text(&own.join(" "), by_subject)
}

/// What became of a letter that came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Filed {
    /// It is in that case.
    Case(people::CaseId),
    /// It said that a mail of ours came back: of that case, if it was a letter of one.
    CameBack(Option<people::CaseId>),
    /// It is not kept.
    Dismissed(Dismissal),
}

/// Why a letter that came is not kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dismissal {
    /// Nobody wrote it who could be answered.
    NoSender,
    /// It came before.
    Repeated,
    /// A program or a list sent it, and it answers nothing of ours.
    Automatic,
}

impl Dismissal {
    /// The name in answers of commands.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoSender => "no_sender",
            Self::Repeated => "repeated",
            Self::Automatic => "automatic",
        }
    }
}

/// The words of a letter with a link.
#[derive(Clone, Copy, Debug)]
pub struct LinkWords<'a> {
    /// The subject.
    pub subject: &'a str,
    /// What stands before the link.
    pub before: &'a str,
    /// Where the link leads, to be followed by the secret.
    pub address: &'a str,
    /// What stands behind it.
    pub after: &'a str,
}
