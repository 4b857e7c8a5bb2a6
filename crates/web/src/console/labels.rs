//! The words of closed lists, and short forms of random numbers.

use super::desk::Desk;
use audit::Action;
use maud::{Markup, html};
use people::{CaseStatus, TestimonialStatus};
use policy::{FieldClass, Purpose};
use tasks::{Reviewed, TaskKind, TaskStatus};
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
}

impl Desk<'_> {
    /// The words of a member of a closed list.
    pub(super) fn label(&self, of: &impl Labelled) -> String {
        self.t(&of.key())
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
            .chain(keys(TestimonialStatus::ALL));
        for key in all {
            for language in Language::ALL {
                assert!(language.known(&key).is_some(), "{key}");
            }
        }
    }
}
