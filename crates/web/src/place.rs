//! Names of countries and languages (CLDR), from the tables that `assets/map/world.mjs` makes.

use crate::language::Language;
use std::collections::HashMap;
use std::sync::LazyLock;

type Names = HashMap<&'static str, [&'static str; 2]>;

static COUNTRIES: LazyLock<Names> = LazyLock::new(|| read(include_str!("../locales/countries.tsv")));
static LANGUAGES: LazyLock<Names> = LazyLock::new(|| read(include_str!("../locales/languages.tsv")));

fn read(table: &'static str) -> Names {
    table
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('\t');
            Some((cells.next()?, [cells.next()?, cells.next()?]))
        })
        .collect()
}

/// The name of a country of that ISO 3166-1 alpha-2 code.
pub fn country(language: Language, code: &str) -> Option<&'static str> {
    COUNTRIES.get(code).map(|names| names[language as usize])
}

/// The name of a language tag: `Russian`, `English (United Kingdom)`.
pub fn spoken(language: Language, tag: &str) -> Option<String> {
    let (primary, region) = tag.split_once('-').unwrap_or((tag, ""));
    let name = LANGUAGES.get(primary.to_ascii_lowercase().as_str())?[language as usize];
    Some(match country(language, &region.to_ascii_uppercase()) {
        Some(country) => format!("{name} ({country})"),
        None => name.to_owned(),
    })
}

/// The codes of all countries.
pub fn countries() -> impl Iterator<Item = &'static str> {
    COUNTRIES.keys().copied()
}

/// The tags of all languages, without regions.
pub fn languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES.keys().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_names_in_both_languages() {
        assert_eq!(country(Language::Ru, "DE"), Some("Германия"));
        assert_eq!(country(Language::En, "DE"), Some("Germany"));
        assert_eq!(country(Language::En, "ZZ"), None);
        assert_eq!(
            spoken(Language::En, "en-GB").as_deref(),
            Some("English (United Kingdom)")
        );
        assert_eq!(spoken(Language::Ru, "ru").as_deref(), Some("Русский"));
        assert!(COUNTRIES.len() > 240 && LANGUAGES.len() > 100);
    }
}
