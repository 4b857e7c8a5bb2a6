//! What people may tell about themselves: what it is called, and what can be wrong with it.

use super::agency::Agency;
use crate::language::Language;
use policy::FieldClass;

/// The key of what a field is called.
pub(crate) fn label_key(class: FieldClass) -> String {
    format!("field-{}", class.name().replace('_', "-"))
}

/// What is wrong with a text that was filled in. Nothing is wrong with none.
pub(crate) fn problem(agency: &Agency, language: Language, class: FieldClass, text: &str) -> Option<String> {
    let most = class.most_characters();
    if text.is_empty() {
        return None;
    }
    if text.chars().count() > most {
        return Some(language.text_with("problem-long", &[("max", most.into())]));
    }
    let ranges: Vec<String> = agency
        .budget_ranges
        .iter()
        .map(|range| range.id.clone())
        .collect();
    if vault::fits(class, text, &ranges) && (class != FieldClass::Email || can_be_email(text)) {
        return None;
    }
    let has_lines = matches!(class, FieldClass::Address | FieldClass::Message);
    if text.chars().any(is_invisible) {
        return Some(language.text(if has_lines {
            "problem-control"
        } else {
            "problem-signs"
        }));
    }
    Some(language.text(match class {
        FieldClass::Email => "email-wrong",
        FieldClass::Phone => "phone-wrong",
        FieldClass::BudgetRange => "budget-wrong",
        _ => "problem-signs",
    }))
}

/// Whether a sign shows nothing: control signs, and those of no width that come along when something is copied.
fn is_invisible(sign: char) -> bool {
    sign.is_control() || matches!(sign, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Whether a text can be an e-mail address that letters go to. Whether it exists only a letter can tell.
pub(crate) fn can_be_email(text: &str) -> bool {
    vault::fits(FieldClass::Email, text, &[]) && people::can_be_address(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_noticed_and_what_is_unusual_passes() {
        let agency = Agency::default();
        for (class, text, want) in [
            (FieldClass::Email, "olga@agency.example", None),
            (FieldClass::Email, "o.p+news@почта.рф", None),
            (FieldClass::Email, "a\u{ff20}b@x.example", Some("email-wrong")),
            (FieldClass::Email, "olga@agency", Some("email-wrong")),
            (FieldClass::Email, "olga@@agency.example", Some("email-wrong")),
            (FieldClass::Email, "a@b.example, c@d.example", Some("email-wrong")),
            (FieldClass::Phone, "+7 (495) 123-45-67", None),
            (FieldClass::Phone, "123-45-67 доб. 12", Some("phone-wrong")),
            (FieldClass::Phone, "12 34", Some("phone-wrong")),
            (FieldClass::Phone, "call me", Some("phone-wrong")),
            (FieldClass::Name, "Olga\u{7}", Some("problem-signs")),
            (
                FieldClass::Email,
                "olga\u{200b} @agency.example",
                Some("problem-signs"),
            ),
            (
                FieldClass::Phone,
                "\u{feff}+7 495 123-45-67",
                Some("problem-signs"),
            ),
            (FieldClass::Message, "a\u{7}\nb", Some("problem-control")),
            (FieldClass::Address, "1 Road\nTown", None),
            (FieldClass::BudgetRange, "12345", Some("budget-wrong")),
            (FieldClass::BudgetRange, "", None),
        ] {
            let said = problem(&agency, Language::En, class, text);
            assert_eq!(said, want.map(|key| Language::En.text(key)), "{text:?}");
        }
    }
}
