//! What was opened in answer to this request, what is still masked, and why something was not opened.

use super::desk::Desk;
use super::labels::{Labelled, person_link};
use maud::{Markup, html};
use people::{Direction, Letter, OpenLetter};
use policy::FieldClass;
use vault::{Kept, Value};
use vocabulary::PersonId;

/// What stands where a value was not asked for.
const MASK: &str = "••••••";
/// The policies that keep what is on hold closed.
const HOLDS: &[&str] = &["held-values-serve-the-hold", "held-persons-serve-the-hold"];

/// Values and letters that the guard admitted.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) letters: Vec<OpenLetter>,
    pub(super) values: Vec<(PersonId, Vec<Value>)>,
}

impl Opened {
    /// How many values were opened, each letter one.
    fn count(&self) -> usize {
        self.letters.len() + self.values.iter().map(|(_, values)| values.len()).sum::<usize>()
    }

    /// That the reading was recorded, and how much it was.
    pub(super) fn recorded(&self, desk: &Desk<'_>) -> Markup {
        let count = self.count();
        let words = desk.asking.language.text_with(
            "console-recorded",
            &[("count", count.into()), ("time", desk.time(desk.now).into())],
        );
        html! { p.notice.done role="status" { (words) } }
    }
}

/// The values of a person, as they were opened.
pub(super) fn values(desk: &Desk<'_>, values: &[Value]) -> Markup {
    html! {
        dl.pairs { @for value in values {
            dt { (desk.label(&value.class)) }
            dd { (shown(desk, value)) }
        } }
    }
}

/// A range of spend has words of its own; every other value is its own words.
fn shown(desk: &Desk<'_>, value: &Value) -> String {
    let text = value.text.reveal();
    if value.class != FieldClass::BudgetRange {
        return text.to_owned();
    }
    let ranges = &desk.web.public.agency.budget_ranges;
    match ranges.iter().find(|range| range.id == text) {
        Some(range) => range.label.get(desk.asking.language).to_owned(),
        None => text.to_owned(),
    }
}

/// Which values there are, each behind a mask.
pub(super) fn masked(desk: &Desk<'_>, kept: &[Kept]) -> Markup {
    let values: Vec<&Kept> = kept
        .iter()
        .filter(|kept| kept.class != FieldClass::Message)
        .collect();
    html! {
        @if values.is_empty() { p.quiet { (desk.t("console-no-values")) } }
        dl.pairs { @for kept in values {
            dt { (desk.label(&kept.class)) }
            dd.masked { span aria-hidden="true" { (MASK) } span.only-heard { (desk.t("console-masked")) } }
        } }
    }
}

/// The thread of a case: letters with their texts, as far as they were opened.
pub(super) fn thread(desk: &Desk<'_>, letters: &[Letter], opened: Option<&Opened>) -> Markup {
    html! {
        ol.thread { @for letter in letters {
            @let open = opened.and_then(|o| o.letters.iter().find(|open| open.letter.id == letter.id));
            li.letter.ours[letter.direction == Direction::Out] {
                p.small.quiet {
                    b { (desk.t(if letter.direction == Direction::In { "console-letter-in" } else { "console-letter-out" })) }
                    " · " (desk.time(letter.at))
                    @if let Some(author) = letter.author { " · " (desk.name(author)) }
                    @if letter.is_automatic { " · " (desk.t("console-automatic")) }
                    @if letter.direction == Direction::Out && letter.handed.is_none() { " · " (desk.t("console-not-handed")) }
                    @if letter.direction == Direction::In && !letter.is_sender_known { " · " (desk.t("console-sender-unknown")) }
                }
                @if let Some(why) = &letter.undelivered { p.notice.error { (desk.t("console-undelivered")) " " (desk.label(why)) } }
                @match open {
                    Some(open) => {
                        @if !open.subject.reveal().is_empty() { h3 { (open.subject.reveal()) } }
                        @if letter.direction == Direction::In && !open.from.reveal().is_empty() { p.small.quiet { (open.from.reveal()) } }
                        div.letter-text { (open.text.reveal()) }
                    }
                    None => { p.masked { span aria-hidden="true" { (MASK) " " (MASK) } span.only-heard { (desk.t("console-masked")) } } }
                }
            }
        } }
    }
}

/// The persons of a task, by number, with what was opened of each.
pub(super) fn persons(desk: &Desk<'_>, persons: &[PersonId], opened: Option<&Opened>) -> Markup {
    html! {
        ul.lines { @for person in persons { li {
            span { (desk.t("console-person")) " " (person_link(*person)) }
            @if let Some((_, read)) = opened.and_then(|o| o.values.iter().find(|(of, _)| of == person)) {
                @if read.is_empty() { span.quiet { (desk.t("console-no-values")) } } @else { (values(desk, read)) }
            }
        } } }
        @if let Some(opened) = opened.filter(|o| !o.letters.is_empty()) {
            @let letters: Vec<Letter> = opened.letters.iter().map(|open| open.letter.clone()).collect();
            (thread(desk, &letters, Some(opened)))
        }
    }
}

/// That nothing was opened, what the policies of these ids say, and what can be done. Under a hold nothing can.
pub(super) fn denied(desk: &Desk<'_>, policies: &[String], advice: &str) -> Markup {
    let is_held = policies.iter().any(|id| HOLDS.contains(&id.as_str()));
    let advice = if is_held { "console-advice-hold" } else { advice };
    let mut says: Vec<String> = policies
        .iter()
        .filter_map(|id| desk.asking.language.known(&format!("policy-{id}")))
        .collect();
    if says.is_empty() {
        says.push(desk.t("policy-none"));
    }
    html! {
        div.notice.error role="alert" {
            h2 { (desk.t("console-denied")) }
            p { (desk.t(advice)) }
            p.small { (desk.t("console-denied-policy")) " " q { (says.join("; ")) } }
            p.small.quiet { (desk.t("console-denied-recorded")) }
        }
    }
}

/// Boxes for classes, those of `checked` ticked.
pub(super) fn class_boxes(desk: &Desk<'_>, checked: &[FieldClass]) -> Markup {
    html! {
        fieldset.switches #classes {
            legend { (desk.t("console-classes")) }
            @for class in FieldClass::ALL {
                label.switch {
                    input type="checkbox" name="class" value=(class.name()) checked[checked.contains(class)];
                    span { (desk.label(class)) }
                }
            }
        }
    }
}

/// A choice among the members of a closed list, by their names.
pub(super) fn choice<T: Labelled + PartialEq>(
    desk: &Desk<'_>,
    (name, label): (&str, &str),
    all: &[T],
    named: impl Fn(&T) -> &'static str,
    chosen: Option<&T>,
) -> Markup {
    html! {
        div.field {
            label for=(name) { (desk.t(label)) }
            select id=(name) name=(name) {
                @for each in all { option value=(named(each)) selected[chosen == Some(each)] { (desk.label(each)) } }
            }
        }
    }
}
