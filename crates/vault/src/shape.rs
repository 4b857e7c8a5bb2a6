//! What a value may look like.

use crate::Refusal;
use policy::FieldClass;

/// Fewest and most digits of a telephone number (ITU-T E.164 has at most 15; 5 leaves room for short ones).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=15;

/// Whether a text may be a value of that class, as the vault takes it. A range of advertising spend must be one of
/// `budget_ranges`.
pub fn fits(class: FieldClass, text: &str, budget_ranges: &[String]) -> bool {
    checked(class, text, budget_ranges).is_ok()
}

/// The value without white space at its ends, if it may be one of its class. A range of advertising spend must be one of
/// `budget_ranges`.
pub(crate) fn checked<'a>(
    class: FieldClass,
    text: &'a str,
    budget_ranges: &[String],
) -> Result<&'a str, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::Empty(class));
    }
    if text.chars().count() > class.most_characters() {
        return Err(Refusal::TooLong(class));
    }
    let has_lines = matches!(class, FieldClass::Address | FieldClass::Message);
    let is_shown = |c: char| !c.is_control() || has_lines && matches!(c, '\n' | '\r' | '\t');
    let fits = text.chars().all(is_shown)
        && match class {
            FieldClass::Email => is_email(text),
            FieldClass::Phone => is_phone(text),
            FieldClass::BudgetRange => budget_ranges.iter().any(|range| range == text),
            _ => true,
        };
    if fits {
        Ok(text)
    } else {
        Err(Refusal::Shape(class))
    }
}

/// `local@domain` with a local part of 1 to 64 bytes without white space, and a domain of at least two labels that IDNA
/// takes. Whether letters arrive is found out by sending one.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let fits = |c: char| !c.is_whitespace() && !"@<>(),;:\\\"[]".contains(c);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    (1..=64).contains(&local.len())
        && local.chars().all(fits)
        && !dots
        && idna::domain_to_ascii_strict(domain)
            .is_ok_and(|d| d.contains('.') && d.len() <= 253 && !d.ends_with('.'))
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let rest = text.strip_prefix('+').unwrap_or(text);
    PHONE_DIGITS.contains(&digits)
        && rest
            .chars()
            .all(|c| c.is_ascii_digit() || " ()-./\u{a0}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_look_like_their_class() {
        use FieldClass::{Address, BudgetRange, Email, Name, Phone};
        let ranges = ["under-100k".to_owned()];
        let long = "x".repeat(201);
        for (class, text, want) in [
            (Name, " Анна Каренина ", Ok("Анна Каренина")),
            (Name, "", Err(Refusal::Empty(Name))),
            (Name, " \t", Err(Refusal::Empty(Name))),
            (Name, &long, Err(Refusal::TooLong(Name))),
            (Name, "a\nb", Err(Refusal::Shape(Name))),
            (Address, "ул. Ленина, 1\nМосква", Ok("ул. Ленина, 1\nМосква")),
            (Address, "a\0b", Err(Refusal::Shape(Address))),
            (Email, "anna@example.org", Ok("anna@example.org")),
            (Email, "анна@пример.рф", Ok("анна@пример.рф")),
            (Email, "a.b+c@sub.example.org", Ok("a.b+c@sub.example.org")),
            (Email, "anna", Err(Refusal::Shape(Email))),
            (Email, "@example.org", Err(Refusal::Shape(Email))),
            (Email, "anna@", Err(Refusal::Shape(Email))),
            (Email, "anna@localhost", Err(Refusal::Shape(Email))),
            (Email, "an na@example.org", Err(Refusal::Shape(Email))),
            (Email, "anna@exa mple.org", Err(Refusal::Shape(Email))),
            (Email, "a@b@example.org", Err(Refusal::Shape(Email))),
            (Email, "Anna <anna@example.org>", Err(Refusal::Shape(Email))),
            (Email, "a..b@example.org", Err(Refusal::Shape(Email))),
            (Email, "anna@example..org", Err(Refusal::Shape(Email))),
            (
                Email,
                "anna@example.org\r\nBcc: x@example.org",
                Err(Refusal::Shape(Email)),
            ),
            (Phone, "+7 (495) 123-45-67", Ok("+7 (495) 123-45-67")),
            (Phone, "8.495.1234567", Ok("8.495.1234567")),
            (Phone, "1234", Err(Refusal::Shape(Phone))),
            (Phone, "+1234567890123456", Err(Refusal::Shape(Phone))),
            (Phone, "call me", Err(Refusal::Shape(Phone))),
            (Phone, "12+34567", Err(Refusal::Shape(Phone))),
            (BudgetRange, "under-100k", Ok("under-100k")),
            (BudgetRange, "95000", Err(Refusal::Shape(BudgetRange))),
        ] {
            assert_eq!(checked(class, text, &ranges), want, "{text:?}");
        }
    }
}
