//! What people may tell about themselves: what it is called, and what can be wrong with it.

use super::agency::Agency;
use super::contact::{can_be_email, can_be_phone};
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
    let key = match class {
        FieldClass::Email if !can_be_email(text) => "email-wrong",
        FieldClass::Phone if !can_be_phone(text) => "phone-wrong",
        FieldClass::BudgetRange if !agency.budget_ranges.iter().any(|r| r.id == text) => "budget-wrong",
        _ => return None,
    };
    Some(language.text(key))
}
