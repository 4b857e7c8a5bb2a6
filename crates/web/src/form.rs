//! Fields of forms: label above, hint before the mistake, what is wrong beside the field and at the top.

use crate::language::Language;
use maud::{Markup, html};

/// A field of one line.
pub(crate) struct Field<'a> {
    name: &'a str,
    label: &'a str,
    kind: &'a str,
    value: &'a str,
    hint: Option<&'a str>,
    autocomplete: &'a str,
    wrong: Option<&'a str>,
    voluntary: Option<&'a str>,
    rows: Option<u8>,
    most_characters: Option<usize>,
}

impl<'a> Field<'a> {
    /// A field of text.
    pub(crate) fn new(name: &'a str, label: &'a str) -> Self {
        Self {
            name,
            label,
            kind: "text",
            value: "",
            hint: None,
            autocomplete: "off",
            wrong: None,
            voluntary: None,
            rows: None,
            most_characters: None,
        }
    }

    /// Another kind of input.
    pub(crate) fn kind(self, kind: &'a str) -> Self {
        Self { kind, ..self }
    }

    /// What was filled in.
    pub(crate) fn value(self, value: &'a str) -> Self {
        Self { value, ..self }
    }

    /// What to know before filling it in.
    pub(crate) fn hint(self, hint: &'a str) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }

    /// What browsers may put in.
    pub(crate) fn autocomplete(self, autocomplete: &'a str) -> Self {
        Self { autocomplete, ..self }
    }

    /// What is wrong with it.
    pub(crate) fn wrong(self, wrong: Option<&'a str>) -> Self {
        Self { wrong, ..self }
    }

    /// It may be left empty; `word` says so beside the label.
    pub(crate) fn voluntary(self, word: &'a str) -> Self {
        Self {
            voluntary: Some(word),
            ..self
        }
    }

    /// So many lines instead of one.
    pub(crate) fn rows(self, rows: u8) -> Self {
        Self {
            rows: Some(rows),
            ..self
        }
    }

    /// The most characters that it takes.
    pub(crate) fn most(self, characters: usize) -> Self {
        Self {
            most_characters: Some(characters),
            ..self
        }
    }

    /// The part of the form.
    pub(crate) fn markup(self) -> Markup {
        let hint_id = format!("{}-hint", self.name);
        let wrong_id = format!("{}-wrong", self.name);
        let described: Vec<&str> = [
            self.hint.is_some().then_some(hint_id.as_str()),
            self.wrong.is_some().then_some(wrong_id.as_str()),
        ]
        .into_iter()
        .flatten()
        .collect();
        let described = described.join(" ");
        let described = (!described.is_empty()).then_some(&described);
        let is_wrong = self.wrong.is_some().then_some("true");
        let must = self.voluntary.is_none();
        html! {
            div.field {
                label for=(self.name) { (self.label) @if let Some(word) = self.voluntary { " " span.voluntary { (word) } } }
                @if let Some(hint) = self.hint { p.hint id=(hint_id) { (hint) } }
                @if let Some(wrong) = self.wrong { p.wrong id=(wrong_id) { (wrong) } }
                @if let Some(rows) = self.rows {
                    textarea id=(self.name) name=(self.name) rows=(rows) autocomplete=(self.autocomplete) maxlength=[self.most_characters]
                        required[must] aria-invalid=[is_wrong] aria-describedby=[described] { "\n" (self.value) }
                } @else {
                    input type=(self.kind) id=(self.name) name=(self.name) value=(self.value) autocomplete=(self.autocomplete)
                        maxlength=[self.most_characters] required[must] aria-invalid=[is_wrong] aria-describedby=[described];
                }
            }
        }
    }
}

/// What is wrong, at the top, each with a link to its field.
pub(crate) fn summary(language: Language, problems: &[(&str, &str)]) -> Markup {
    html! {
        @if !problems.is_empty() {
            div.notice.error role="alert" {
                h2 { (language.text("form-problem")) }
                ul { @for (field, problem) in problems { li { a href={ "#" (field) } { (problem) } } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voluntary_field_may_be_empty_and_a_long_one_keeps_its_first_line() {
        let markup = Field::new("a", "A")
            .voluntary("may be empty")
            .rows(4)
            .value("\n</textarea>");
        let markup = markup.markup().into_string();
        assert!(
            !markup.contains("required") && markup.contains("may be empty"),
            "{markup}"
        );
        assert!(markup.contains(">\n\n&lt;/textarea&gt;</textarea>"), "{markup}");
    }

    #[test]
    fn a_field_names_its_hint_and_its_fault_and_escapes() {
        let markup = Field::new("a", "A")
            .value("\"<b>")
            .hint("h")
            .wrong(Some("w"))
            .markup()
            .into_string();
        assert!(
            markup.contains(r#"aria-describedby="a-hint a-wrong""#),
            "{markup}"
        );
        assert!(markup.contains("&quot;&lt;b&gt;") && markup.contains(r#"aria-invalid="true""#));
    }
}
