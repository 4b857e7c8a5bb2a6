//! Erasing a person: from the vault, from consents and cases, from waiting mail and from the texts of tasks.

use crate::enquiry::SYSTEM;
use crate::{Error, Office};
use audit::{Action, Actor, Entry, Subject};
use people::Forgotten;
use tasks::TaskStatus;
use vocabulary::{ClientId, Moment, PersonId};

/// What went.
#[derive(Clone, Copy, Debug)]
pub struct Gone {
    /// Rows of consents, letters, cases and accounts.
    pub rows: Forgotten,
    /// Mails that waited.
    pub mails: u64,
    /// Reasons and findings of tasks that named the person.
    pub texts: u64,
    /// Whether the bytes are gone from the files as well; if not, a reader was in the way, and the nightly job ends it.
    pub bytes_gone: bool,
}

impl Office {
    /// Erases a person and everything they claimed as theirs. Refused while a hold stands. The keys go first: whatever
    /// else fails, nothing can be read any more, and calling it again ends the rest.
    pub async fn erase(
        &self,
        person: PersonId,
        reason: &str,
        actor: Actor,
        now: Moment,
    ) -> Result<Gone, Error> {
        let mut gone = Gone {
            rows: Forgotten::default(),
            mails: 0,
            texts: 0,
            bytes_gone: true,
        };
        let mut persons = self.people.persons_of(person).await?;
        if !persons.contains(&person) {
            persons.push(person);
        }
        for one in persons {
            match self.vault.erase(one, reason, now).await {
                Ok(erased) => gone.bytes_gone &= erased.bytes_gone,
                // Erased before, and the rest was cut short.
                Err(vault::Error::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
            let rows = self.people.forget(one).await?;
            gone.rows.consent_events += rows.consent_events;
            gone.rows.letters += rows.letters;
            gone.rows.cases += rows.cases;
            gone.rows.accounts += rows.accounts;
            gone.rows.others += rows.others;
            gone.mails += self.sharing.outbox.forget(one, now).await?;
            gone.texts += self.tasks.erase_texts_about(one).await?;
            self.close_tasks_of_gone(one, now).await?;
            self.record_of(actor.clone(), Action::Erase, one, 0, now).await?;
        }
        Ok(gone)
    }

    /// Ends erasures that were cut off, and those that a restored backup brought back by half: whoever is not in the vault
    /// any more is forgotten by the rooms over it too. To be called at start and every hour.
    pub async fn forget_gone(&self, now: Moment) -> Result<(), Error> {
        for (person, _) in self.people.forget_gone().await? {
            self.sharing.outbox.forget(person, now).await?;
        }
        for person in self.tasks.persons_with_texts().await? {
            match self.vault.client_of(person).await {
                Ok(_) => {}
                Err(vault::Error::NotFound(_)) => {
                    self.tasks.erase_texts_about(person).await?;
                    self.close_tasks_of_gone(person, now).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Whether there is, or was, such a person: in the vault, erased from it, or still named by what an erasure that was
    /// cut off left.
    pub async fn is_known(&self, person: PersonId) -> Result<bool, Error> {
        Ok(match self.vault.client_of(person).await {
            Ok(_) => true,
            Err(vault::Error::NotFound(_)) => {
                self.vault.was_erased(person).await?
                    || !self.people.cases_of(person).await?.is_empty()
                    || !self.tasks.tasks_of_person(person).await?.is_empty()
            }
            Err(error) => return Err(error.into()),
        })
    }

    /// Closes the tasks that name somebody who is gone and nobody who is left: nothing can be opened by them any more.
    pub(crate) async fn close_tasks_of_gone(&self, person: PersonId, now: Moment) -> Result<(), Error> {
        for task in self.tasks.tasks_of_person(person).await? {
            if task.status.is_over() || self.is_anybody_left(&task.persons).await? {
                continue;
            }
            let closed = self
                .tasks
                .set_status(task.id, TaskStatus::Cancelled, SYSTEM, now)
                .await?;
            self.record(Entry {
                subject: Subject {
                    person: Some(person),
                    task: Some(closed.task),
                    client: Some(ClientId(closed.client)),
                    ..Subject::default()
                },
                purpose: Some(closed.purpose.name().into()),
                ..Entry::new(now, Actor::System, Action::TaskClosed)
            })
            .await?;
        }
        Ok(())
    }

    async fn is_anybody_left(&self, persons: &[PersonId]) -> Result<bool, Error> {
        for person in persons {
            match self.vault.client_of(*person).await {
                Ok(_) => return Ok(true),
                Err(vault::Error::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }
}
