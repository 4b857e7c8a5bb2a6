//! Enquiries become cases, and cases become tasks of somebody.

use crate::{Error, Office};
use audit::{About, Action, Actor, Entry, Subject};
use credentials::Sealed;
use people::{Case, CaseId, Language, NewEnquiry, NewServed, Unrecorded};
use policy::{FieldClass, Purpose};
use tasks::{NewTask, Task, TaskKind};
use vocabulary::{ClientId, Moment, PersonId, TaskId, moment::MINUTE_MS};

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
}

/// More entries than the intake of one enquiry has.
const AT_MOST: usize = 100;

/// An intake that did not end within that time was cut off.
const LEFT_BEHIND_MS: i64 = MINUTE_MS;

/// What staff needs to answer.
const CLASSES: &[FieldClass] = FieldClass::ALL;

impl Office {
    /// Takes a form in: a new person, the sealed values, the case and the choices, all at once; then a task for one of
    /// `assignees`, and the record. Without anybody, or if it is cut off after the first, the case waits for
    /// [`Office::finish_intakes`]: whoever wrote need not write again.
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
        if let Err(error) = self.record_now(taken.case, task, taken.is_repeated, now).await {
            tracing::error!(
                case = taken.case.0,
                "failed to record what came in, which is done later: {error}"
            );
        }
        self.ask_to_confirm(&taken, email.as_ref(), served, now).await;
        Ok(Intake {
            case: taken.case,
            person: taken.person,
            task,
        })
    }

    async fn record_now(
        &self,
        case: CaseId,
        task: Option<TaskId>,
        is_begun: bool,
        now: Moment,
    ) -> Result<(), Error> {
        match self.people.unrecorded_of(case).await? {
            Some(unrecorded) => self.record_intake(&unrecorded, task, is_begun, now).await,
            None => Ok(()),
        }
    }

    /// Opens the task of a case and gives it to the first of `assignees`. If a task of the case was opened before and
    /// the rest was cut off, it goes on with that.
    pub async fn open_task_of(&self, case: CaseId, assignees: &[u32], now: Moment) -> Result<TaskId, Error> {
        let case = self.people.case(case).await?;
        let assignee = *assignees.first().ok_or(Error::Nobody)?;
        let (task, assignee, is_recorded) = match self.task_left_behind(&case).await? {
            Some((task, assignee)) => (task, assignee, self.is_opening_recorded(&case, task)?),
            None => (self.open_new_task(&case, assignee, now).await?, assignee, false),
        };
        if !is_recorded {
            self.record(Entry {
                subject: Subject {
                    person: Some(case.person),
                    task: Some(task),
                    account: Some(assignee),
                    client: Some(ClientId(case.client)),
                    site: None,
                },
                purpose: Some(Purpose::AnswerEnquiry.name().into()),
                ..Entry::new(now, Actor::System, Action::TaskOpened)
            })
            .await?;
        }
        self.people.give_case(case.id, task, assignee, now).await?;
        Ok(task)
    }

    fn is_opening_recorded(&self, case: &Case, task: TaskId) -> Result<bool, Error> {
        let about = self.audit.about(About::Person(case.person), None, AT_MOST)?;
        Ok(about
            .iter()
            .any(|one| one.entry.action == Action::TaskOpened && one.entry.subject.task == Some(task)))
    }

    async fn open_new_task(&self, case: &Case, assignee: u32, now: Moment) -> Result<TaskId, Error> {
        let reason = format!("case {}", case.id.0);
        let new = NewTask {
            client: case.client,
            purpose: Purpose::AnswerEnquiry,
            kind: TaskKind::Enquiry,
            persons: &[case.person],
            classes: CLASSES,
            assignees: &[assignee],
            end: None,
            reason: &reason,
        };
        Ok(self.tasks.open_task(new, SYSTEM, now).await?.task)
    }

    /// A task that was opened for a case which does not know of it, and whom it was given to.
    async fn task_left_behind(&self, case: &Case) -> Result<Option<(TaskId, u32)>, Error> {
        let tasks = self.tasks.tasks_of_person(case.person).await?;
        let cases = self.people.cases_of(case.person).await?;
        let is_left = |task: &Task| {
            task.made_by == SYSTEM
                && task.kind == TaskKind::Enquiry
                && !task.status.is_over()
                && cases.iter().all(|case| case.task != Some(task.id))
        };
        Ok(tasks.into_iter().find(is_left).and_then(|task| {
            let assignee = task.grants.iter().find(|grant| grant.ended.is_none())?.account;
            Some((task.id, assignee))
        }))
    }

    /// Ends what was cut off after an enquiry or a letter was stored: opens the tasks of cases that have none, and
    /// records what the audit log does not have. To be called at start and every minute. Returns how many tasks.
    pub async fn finish_intakes(&self, assignees: &[u32], now: Moment) -> Result<usize, Error> {
        let before = now.plus_ms(-LEFT_BEHIND_MS);
        let cases = if assignees.is_empty() {
            Vec::new()
        } else {
            self.people.cases_without_task(before).await?
        };
        for case in &cases {
            self.open_task_of(case.id, assignees, now).await?;
        }
        for unrecorded in self.people.unrecorded(before).await? {
            let task = self.people.case(unrecorded.case).await?.task;
            self.record_intake(&unrecorded, task, true, now).await?;
        }
        Ok(cases.len())
    }

    /// Records what came in with a case. Where it may have been begun before, only what is not there yet.
    pub(crate) async fn record_intake(
        &self,
        intake: &Unrecorded,
        task: Option<TaskId>,
        is_begun: bool,
        now: Moment,
    ) -> Result<(), Error> {
        let recorded = if is_begun {
            self.audit.about(About::Person(intake.person), None, AT_MOST)?
        } else {
            Vec::new()
        };
        let count = |action| recorded.iter().filter(|one| one.entry.action == action).count();
        let by = || Actor::Person(intake.person);
        if count(Action::Receive) == 0 {
            self.record(Entry {
                subject: Subject {
                    person: Some(intake.person),
                    task,
                    ..Subject::default()
                },
                count: intake.values,
                ..Entry::new(now, by(), Action::Receive)
            })
            .await?;
        }
        for _ in count(Action::ConsentGiven)..intake.consents as usize {
            self.record_of(by(), Action::ConsentGiven, intake.person, 1, now)
                .await?;
        }
        Ok(self.people.recorded(intake.case).await?)
    }
}

/// The number by which tasks name the program itself as the one who made them.
pub const SYSTEM: u32 = 0;
