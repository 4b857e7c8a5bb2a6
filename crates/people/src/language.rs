//! The languages in which people are addressed.

use serde::{Deserialize, Serialize};

/// A language.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// Russian.
    Ru,
}

impl Language {
    /// Every language.
    pub const ALL: &[Self] = &[Self::En, Self::Ru];

    /// The BCP 47 tag.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }

    /// The language of that tag, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|l| l.name() == name)
    }

    /// The language in which to answer a text: Russian where most of its letters are Cyrillic, else English, which people
    /// of other languages sooner read. `otherwise` where there are no letters.
    #[must_use]
    pub fn of_text(text: &str, otherwise: Self) -> Self {
        let (mut cyrillic, mut others) = (0, 0);
        for sign in text.chars().filter(|sign| sign.is_alphabetic()) {
            match sign {
                '\u{400}'..='\u{52f}' => cyrillic += 1,
                _ => others += 1,
            }
        }
        match (cyrillic, others) {
            (0, 0) => otherwise,
            _ if cyrillic >= others => Self::Ru,
            _ => Self::En,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_answered_in_the_nearer_of_two_languages() {
        for (text, want) in [
            ("Добрый день", Language::Ru),
            ("Как считает Anturazh заказы?", Language::Ru),
            ("Guten Tag, wir führen einen Laden", Language::En),
            ("Hello, we run a shop, Иван", Language::En),
            ("", Language::Ru),
            ("12 345", Language::Ru),
        ] {
            assert_eq!(Language::of_text(text, Language::Ru), want, "{text}");
        }
    }
}
