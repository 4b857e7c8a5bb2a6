//! The fields of a testimonial: its words, the lines under them, its language, and where its author is asked.

use super::desk::Desk;
use crate::form::Field;
use crate::language::Language;
use crate::public::field::can_be_email;
use crate::reader::{Fields, value};
use credentials::Sealed;
use maud::{Markup, html};
use people::Said;
use people::said::{MOST_LINE, MOST_WORDS};

/// The lines under the words, in their order.
const LINES: [&str; 3] = ["name", "position", "company"];

/// What was filled in.
pub(super) struct Draft<'a> {
    pub(super) fields: &'a Fields,
}

impl Draft<'_> {
    /// The words; browsers end lines with CR LF.
    fn text(&self) -> String {
        value(self.fields, "text").replace("\r\n", "\n").trim().to_owned()
    }

    fn line(&self, name: &str) -> &str {
        value(self.fields, name).trim()
    }

    /// What will stand there. A line that was left empty is not shown.
    pub(super) fn said(&self) -> Said {
        let line = |name: &str| {
            let line = self.line(name);
            (!line.is_empty()).then(|| Sealed::new(line.to_owned()))
        };
        Said {
            text: Sealed::new(self.text()),
            name: line("name"),
            position: line("position"),
            company: line("company"),
        }
    }

    /// Where the author is asked.
    pub(super) fn email(&self) -> Sealed {
        Sealed::new(self.line("email").to_owned())
    }

    /// The language of the words.
    pub(super) fn language(&self) -> Option<people::Language> {
        people::Language::parse(value(self.fields, "language"))
    }

    /// What is wrong with words and lines: the field, and what people read.
    pub(super) fn problems(&self, desk: &Desk<'_>) -> Vec<(&'static str, String)> {
        let long = |most: usize| {
            desk.asking
                .language
                .text_with("problem-long", &[("max", most.into())])
        };
        let text = self.text();
        let mut problems = Vec::new();
        if text.is_empty() {
            problems.push(("text", desk.t("console-testimonial-text-empty")));
        } else if text.chars().count() > MOST_WORDS {
            problems.push(("text", long(MOST_WORDS)));
        } else if text.chars().any(|c| c.is_control() && c != '\n') {
            problems.push(("text", desk.t("console-testimonial-unprintable")));
        }
        for name in LINES {
            if self.line(name).chars().count() > MOST_LINE {
                problems.push((name, long(MOST_LINE)));
            } else if self.line(name).chars().any(char::is_control) {
                problems.push((name, desk.t("console-testimonial-unprintable")));
            }
        }
        problems
    }

    /// What is wrong with the author's address.
    pub(super) fn email_problem(&self, desk: &Desk<'_>) -> Option<(&'static str, String)> {
        (!can_be_email(self.line("email"))).then(|| ("email", desk.t("email-wrong")))
    }

    /// Words and lines.
    pub(super) fn said_fields(&self, desk: &Desk<'_>, problems: &[(&str, String)]) -> Markup {
        let text = self.text();
        html! {
            (Field::new("text", &desk.t("console-testimonial-text")).hint(&desk.t("console-testimonial-text-hint"))
                .rows(6).most(MOST_WORDS).value(&text).wrong(wrong(problems, "text")).markup())
            @for name in LINES {
                (Field::new(name, &desk.t(&format!("console-testimonial-{name}")))
                    .hint(&desk.t("console-testimonial-line-hint")).voluntary(&desk.t("voluntary"))
                    .most(MOST_LINE).value(self.line(name)).wrong(wrong(problems, name)).markup())
            }
        }
    }

    /// Where the author is asked.
    pub(super) fn email_field(&self, desk: &Desk<'_>, problems: &[(&str, String)]) -> Markup {
        html! {
            (Field::new("email", &desk.t("console-testimonial-email")).kind("email").most(254)
                .hint(&desk.t("console-testimonial-email-hint")).value(self.line("email"))
                .wrong(wrong(problems, "email")).markup())
        }
    }

    /// The language of the words.
    pub(super) fn language_field(&self, desk: &Desk<'_>) -> Markup {
        let chosen = self
            .language()
            .map_or(desk.asking.language.tag(), people::Language::name);
        html! {
            div.field {
                label for="language" { (desk.t("console-testimonial-language")) }
                select id="language" name="language" {
                    @for language in Language::ALL {
                        option value=(language.tag()) lang=(language.tag()) selected[chosen == language.tag()] { (language.name()) }
                    }
                }
            }
        }
    }
}

fn wrong<'a>(problems: &'a [(&str, String)], field: &str) -> Option<&'a str> {
    problems
        .iter()
        .find(|(at, _)| *at == field)
        .map(|(_, words)| words.as_str())
}
