//! The words of closed lists, and short forms of random numbers.

use super::desk::Desk;
use audit::Action;
use maud::{Markup, html};
use people::{CaseStatus, TestimonialStatus, Undelivered};
use policy::retention::Why;
use policy::{FieldClass, Purpose};
use tasks::{Reason, Reviewed, TaskKind, TaskStatus};
use vocabulary::{PersonId, TaskId};

/// A member of a closed list with words of its own.
pub(super) trait Labelled {
    /// The key of its words.
    fn key(&self) -> String;
}

macro_rules! labelled {
    ($($type:ident: $prefix:literal,)*) => { $(
        impl Labelled for $type {
            fn key(&self) -> String {
                format!("{}-{}", $prefix, self.name().replace('_', "-"))
            }
        }
    )* };
}

labelled! {
    Action: "action",
    CaseStatus: "case",
    FieldClass: "class",
    Purpose: "work",
    Reviewed: "reviewed",
    TaskKind: "kind",
    TaskStatus: "task",
    TestimonialStatus: "testimonial",
    Undelivered: "undelivered",
    Why: "why",
}

impl Desk<'_> {
    /// The words of a member of a closed list.
    pub(super) fn label(&self, of: &impl Labelled) -> String {
        self.t(&of.key())
    }

    /// Why a task was opened: what the program wrote itself, such as `case 2`, in the language of the page.
    pub(super) fn reason(&self, reason: &Reason) -> String {
        let text = reason.reveal();
        for (word, key) in [
            ("case ", "console-case-number"),
            ("testimonial ", "console-testimonial-number"),
        ] {
            if let Some(Ok(number)) = text.strip_prefix(word).map(str::parse::<u32>) {
                return self.asking.language.text_with(key, &[("number", number.into())]);
            }
        }
        text.to_owned()
    }

    /// The words of several classes.
    pub(super) fn classes<'c>(&self, classes: impl IntoIterator<Item = &'c FieldClass>) -> String {
        let words: Vec<String> = classes.into_iter().map(|class| self.label(class)).collect();
        if words.is_empty() {
            return self.t("console-nothing-read");
        }
        words.join(", ")
    }
}

/// The beginning of a person's number; all of it to whoever asks.
pub(super) fn person_number(person: PersonId) -> Markup {
    let text = person.to_string();
    html! { code title=(text) { (&text[..8]) "…" } }
}

/// The page of a person.
pub(super) fn person_path(person: PersonId) -> String {
    format!("/console/persons/{person}")
}

/// The beginning of a person's number, which leads to their page.
pub(super) fn person_link(person: PersonId) -> Markup {
    html! { a href=(person_path(person)) { (person_number(person)) } }
}

/// The beginning of a task's number.
pub(super) fn task_number(task: TaskId) -> Markup {
    let text = task.to_string();
    html! { code { (&text[..8]) } }
}

/// The page of a task.
pub(super) fn task_path(task: TaskId) -> String {
    format!("/console/tasks/{task}")
}

/// The page of an emergency opening.
pub(super) fn emergency_path(id: TaskId) -> String {
    format!("/console/emergencies/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    /// Policies that permit: they are never why something was denied.
    const PERMITS: &[&str] = &[
        "partner-reads-for-its-service",
        "staff-breaks-the-glass",
        "staff-exports-on-request",
        "staff-lists-persons-of-the-task",
        "staff-reads-what-the-task-names",
        "staff-searches-for-who-asked",
    ];

    fn keys<T: Labelled>(all: &[T]) -> impl Iterator<Item = String> {
        all.iter().map(Labelled::key)
    }

    #[test]
    fn every_member_has_words_in_both_languages() {
        let all = keys(Action::ALL)
            .chain(keys(CaseStatus::ALL))
            .chain(keys(FieldClass::ALL))
            .chain(keys(Purpose::ALL))
            .chain(keys(Reviewed::ALL))
            .chain(keys(TaskKind::ALL))
            .chain(keys(TaskStatus::ALL))
            .chain(keys(TestimonialStatus::ALL))
            .chain(keys(Undelivered::ALL))
            .chain(keys(Why::ALL));
        let policies = tasks::Policies::shipped().promises().into_iter();
        let of_denials = policies
            .map(|(id, _)| id)
            .filter(|id| !PERMITS.contains(&id.as_str()))
            .chain(["none", "undecided", "unrecorded"].map(str::to_owned))
            .map(|id| format!("policy-{id}"));
        for key in all.chain(of_denials) {
            for language in Language::ALL {
                assert!(language.known(&key).is_some(), "{key}");
            }
        }
    }
}
