//! The wordings that come with the program. Their texts stand in `wordings/LANGUAGE/ID.md`; `{operator}`, `{address}`
//! and `{email}` stand for the agency's own, `{who}` for as many of them as are set. What stands between `[` and `]`
//! is left out where there is no mail.

use crate::{Controller, Language};
use policy::{FieldClass, LegalBasis, Purpose};
use vocabulary::moment::DAY_MS;

/// A wording that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name.
    pub id: &'static str,
    /// The one purpose that it speaks of.
    pub purpose: Purpose,
    /// The right it names. With [`LegalBasis::Consent`] it is a consent document, separate from everything else.
    pub basis: LegalBasis,
    /// The classes of data that it names.
    pub classes: &'static [FieldClass],
    /// How long a consent by it lasts, in milliseconds, if not until it is withdrawn.
    pub valid_ms: Option<i64>,
    english: &'static str,
    russian: &'static str,
}

// Both are in the texts, and not longer than what the vault's retention rules keep.
const YEAR_MS: i64 = 365 * DAY_MS;

macro_rules! texts {
    ($id:literal) => {
        (
            include_str!(concat!("../wordings/en/", $id, ".md")),
            include_str!(concat!("../wordings/ru/", $id, ".md")),
        )
    };
}

macro_rules! shipped {
    ($($id:literal: $purpose:ident, $basis:ident, $classes:expr, $valid_ms:expr;)*) => {
        /// Every wording that comes with the program.
        pub const SHIPPED: &[Shipped] = &[$(Shipped {
            id: $id,
            purpose: Purpose::$purpose,
            basis: LegalBasis::$basis,
            classes: $classes,
            valid_ms: $valid_ms,
            english: texts!($id).0,
            russian: texts!($id).1,
        },)*];
    };
}

shipped! {
    "enquiry": AnswerEnquiry, Contract, FieldClass::ALL, None;
    "enquiry-consent": AnswerEnquiry, Consent, FieldClass::ALL, Some(YEAR_MS);
    "account": Account, Contract, FieldClass::ALL, None;
    "newsletter": Newsletter, Consent, &[FieldClass::Name, FieldClass::Email], Some(3 * YEAR_MS);
    "testimonial": Testimonial, Consent, &[
        FieldClass::Name,
        FieldClass::Position,
        FieldClass::Company,
        FieldClass::Email,
        FieldClass::Message,
    ], Some(3 * YEAR_MS);
    "testimonial-draft": AskAuthor, LegitimateInterest, &[
        FieldClass::Name,
        FieldClass::Position,
        FieldClass::Company,
        FieldClass::Email,
        FieldClass::Message,
    ], None;
    "customer-support": CustomerSupport, Contract, &[
        FieldClass::Name,
        FieldClass::Company,
        FieldClass::Position,
        FieldClass::Email,
        FieldClass::Phone,
        FieldClass::Address,
        FieldClass::Message,
    ], None;
}

impl Shipped {
    /// The text in the agency's name; none for a consent document while it cannot say who asks.
    pub fn text(&self, language: Language, controller: &Controller) -> Option<String> {
        if self.basis == LegalBasis::Consent && !controller.may_ask_consent() {
            return None;
        }
        let template = match language {
            Language::En => self.english,
            Language::Ru => self.russian,
        };
        Some(
            with_options(template, controller.has_mail())
                .replace("{who}", &who(language, controller))
                .replace("{operator}", controller.name.trim())
                .replace("{address}", controller.address.trim())
                .replace("{email}", controller.email.trim()),
        )
    }
}

/// A template with what stands between brackets, or without it.
fn with_options(template: &str, is_kept: bool) -> String {
    template
        .split('[')
        .enumerate()
        .map(|(place, part)| match part.split_once(']') {
            Some((_, rest)) if place > 0 && !is_kept => rest.to_owned(),
            _ => part.replacen(']', "", 1),
        })
        .collect()
}

/// Name, address and mail, as far as they are set.
fn who(language: Language, controller: &Controller) -> String {
    let missing = controller.missing();
    let parts: Vec<&str> = [
        ("name", &controller.name),
        ("address", &controller.address),
        ("email", &controller.email),
    ]
    .into_iter()
    .filter(|(line, _)| !missing.contains(line))
    .map(|(_, text)| text.trim())
    .collect();
    match (parts.is_empty(), language) {
        (false, _) => parts.join(", "),
        (true, Language::En) => "whoever runs this site; they have not said here yet who they are".to_owned(),
        (true, Language::Ru) => "тот, кто ведёт этот сайт; кто это, здесь ещё не указано".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_cyrillic(c: char) -> bool {
        matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')
    }

    #[test]
    fn every_wording_names_the_agency_once_in_each_language_and_leaves_nothing_open() {
        let controller = crate::receipt::tests::controller();
        for shipped in SHIPPED {
            let sections = |text: &str| text.matches("\n**").count();
            assert_eq!(
                sections(shipped.english),
                sections(shipped.russian),
                "{}",
                shipped.id
            );
            for &language in Language::ALL {
                let text = shipped.text(language, &controller).unwrap();
                let place = format!("{} {}", shipped.id, language.name());
                for said in [&controller.name, &controller.address, &controller.email] {
                    assert!(text.contains(said.as_str()), "{place}");
                }
                assert!(!text.contains(['{', '}', '[', ']', '\r', '\t']), "{place}");
                assert!(text.starts_with("# ") && text.ends_with(".\n"), "{place}");
                assert_eq!(
                    text.chars().filter(|c| is_cyrillic(*c)).count() > 300,
                    language == Language::Ru,
                    "{place}"
                );
            }
        }
    }

    #[test]
    fn who_is_not_named_asks_for_no_consent_and_says_so_in_whole_sentences() {
        let whole = crate::receipt::tests::controller();
        for (name, address, email, said) in [
            ("Agency", "", "a@agency.example", "Agency, a@agency.example."),
            ("Agency", "1 Road", "a@localhost", "Agency, 1 Road."),
            ("", "", "", "."),
        ] {
            let controller = Controller {
                name: name.into(),
                address: address.into(),
                email: email.into(),
                ..whole.clone()
            };
            for (shipped, &language) in SHIPPED
                .iter()
                .flat_map(|s| Language::ALL.iter().map(move |l| (s, l)))
            {
                let text = shipped.text(language, &controller);
                assert_eq!(
                    text.is_none(),
                    shipped.basis == LegalBasis::Consent,
                    "{}",
                    shipped.id
                );
                let Some(text) = text else { continue };
                assert!(text.contains(said) && !text.contains("localhost"), "{text}");
                for broken in [", ,", " ,", " .", "  ", "**.", " на или", " to or"] {
                    assert!(!text.contains(broken), "{broken}: {text}");
                }
                assert!(!text.contains(['{', '}', '[', ']']), "{text}");
            }
        }
    }

    #[test]
    fn a_purpose_that_needs_consent_has_a_consent_document_and_nothing_else() {
        for shipped in SHIPPED {
            let is_consent = shipped.basis == LegalBasis::Consent;
            assert!(is_consent || !shipped.purpose.needs_consent(), "{}", shipped.id);
            for text in [shipped.english, shipped.russian] {
                let separate = text.contains("separate from every other document")
                    || text.contains("отдельно от всех других документов");
                assert_eq!(separate, is_consent, "{}", shipped.id);
            }
        }
    }
}
