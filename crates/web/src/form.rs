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
        html! {
            div.field {
                label for=(self.name) { (self.label) }
                @if let Some(hint) = self.hint { p.hint id=(hint_id) { (hint) } }
                @if let Some(wrong) = self.wrong { p.wrong id=(wrong_id) { (wrong) } }
                input type=(self.kind) id=(self.name) name=(self.name) value=(self.value) autocomplete=(self.autocomplete)
                    required aria-invalid=[self.wrong.is_some().then_some("true")]
                    aria-describedby=[(!described.is_empty()).then_some(&described)];
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
