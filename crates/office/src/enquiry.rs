//! Enquiries become cases, and cases become tasks of somebody.

use crate::{Error, Office};
use audit::{About, Action, Actor, Entry, Subject};
use credentials::Sealed;
use people::{CaseId, Language, NewEnquiry, NewServed};
use policy::{FieldClass, Purpose};
use tasks::{NewTask, TaskKind};
use vocabulary::{ClientId, Moment, PersonId, TaskId};

/// A form as it was sent.
#[derive(Debug)]
pub struct EnquiryForm<'a> {
    /// Its name: `enquiry`, `privacy`.
    pub form: &'a str,
    /// Random bytes that it carried: sent once more with the same contents, it is the same case.
    pub once: [u8; 16],
    /// The language it was shown in.
    pub language: Language,
    /// Id and version of each wording that stood on it.
    pub wordings: &'a [(&'a str, u32)],
    /// SHA-256 of the form as shown, without what differs from visitor to visitor.
    pub form_sha256: [u8; 32],
    /// The values that were given.
    pub fields: Vec<(FieldClass, Sealed)>,
    /// The message.
    pub message: Sealed,
    /// The consent documents whose box was ticked.
    pub ticked: &'a [&'a str],
    /// Whether the browser sent Global Privacy Control.
    pub has_gpc: bool,
}

/// What came of a form.
#[derive(Clone, Copy, Debug)]
pub struct Intake {
    /// Its case.
    pub case: CaseId,
    /// Its person.
    pub person: PersonId,
    /// Its task, if somebody could be given it.
    pub task: Option<TaskId>,
    /// How many values were taken in, the message included.
    pub values: u32,
    /// How many consents were given.
    pub consents: u32,
}

/// More entries than the intake of one enquiry has.
const AT_MOST: usize = 100;

/// What staff needs to answer.
const CLASSES: &[FieldClass] = FieldClass::ALL;

impl Office {
    /// Takes a form in: a new person, the sealed values, the case, the choices, and a task for one of `assignees`.
    /// Without any, or if it cannot be opened now, the case waits for [`Office::open_missing_tasks`]: whoever wrote need
    /// not write again.
    pub async fn take_enquiry(
        &self,
        form: EnquiryForm<'_>,
        assignees: &[u32],
        now: Moment,
    ) -> Result<Intake, Error> {
        let served = NewServed {
            form: form.form,
            language: form.language,
            wordings: form.wordings,
            form_sha256: form.form_sha256,
        };
        let served = self.people.serve(&served, now).await?;
        let values = form.fields.len() as u32 + 1;
        let email = form.fields.iter().find(|(class, _)| *class == FieldClass::Email);
        let email = email.map(|(_, text)| text.clone());
        let enquiry = NewEnquiry {
            client: 0,
            once: form.once,
            served,
            shown: now,
            fields: form.fields,
            message: form.message,
            ticked: form.ticked,
            has_gpc: form.has_gpc,
        };
        let taken = self.people.take_enquiry(&enquiry, now).await?;
        let task = match self.people.case(taken.case).await?.task {
            Some(task) => Some(task),
            None => match self.open_task_of(taken.case, assignees, now).await {
                Ok(task) => Some(task),
                Err(Error::Nobody) => None,
                Err(error) => {
                    tracing::error!(
                        case = taken.case.0,
                        "failed to open a task, so the case waits: {error}"
                    );
                    None
                }
            },
        };
        let intake = Intake {
            case: taken.case,
            person: taken.person,
            task,
            values,
            consents: taken.given.len() as u32,
        };
        let recorded = if taken.is_repeated {
            self.audit.about(About::Person(taken.person), None, AT_MOST)?
        } else {
            Vec::new()
        };
        let actions: Vec<Action> = recorded.iter().map(|one| one.entry.action).collect();
        self.record_intake(&intake, &actions, now).await?;
        self.ask_to_confirm(&taken, email.as_ref(), served, now).await;
        Ok(intake)
    }

    /// Opens the task of a case and gives it to the first of `assignees`.
    pub async fn open_task_of(&self, case: CaseId, assignees: &[u32], now: Moment) -> Result<TaskId, Error> {
        let case = self.people.case(case).await?;
        let assignee = *assignees.first().ok_or(Error::Nobody)?;
        let reason = format!("case {}", case.id.0);
        let change = self
            .tasks
            .open_task(
                NewTask {
                    client: case.client,
                    purpose: Purpose::AnswerEnquiry,
                    kind: TaskKind::Enquiry,
                    persons: &[case.person],
                    classes: CLASSES,
                    assignees: &[assignee],
                    end: None,
                    reason: &reason,
                },
                SYSTEM,
                now,
            )
            .await?;
        self.people.set_case_task(case.id, change.task).await?;
        self.people.assign_case(case.id, Some(assignee), now).await?;
        self.record(Entry {
            subject: Subject {
                person: Some(case.person),
                task: Some(change.task),
                account: Some(assignee),
                client: Some(ClientId(case.client)),
                site: None,
            },
            purpose: Some(Purpose::AnswerEnquiry.name().into()),
            ..Entry::new(now, Actor::System, Action::TaskOpened)
        })
        .await?;
        Ok(change.task)
    }

    /// Opens the tasks of cases that have none yet. Returns how many.
    pub async fn open_missing_tasks(&self, assignees: &[u32], now: Moment) -> Result<usize, Error> {
        if assignees.is_empty() {
            return Ok(0);
        }
        let cases = self.people.cases_without_task().await?;
        for case in &cases {
            self.open_task_of(case.id, assignees, now).await?;
        }
        Ok(cases.len())
    }
}

/// The number by which tasks name the program itself as the one who made them.
pub const SYSTEM: u32 = 0;
