//! The preferred language.

use smol_str::SmolStr;

/// The first tag of an `Accept-Language` header or of `navigator.language`, as `ru` or `en-GB`: language, and
/// country where one is named. Scripts, variants and extensions tell visitors apart more than they tell about them
/// and are left out. `None` if it is no language tag.
pub fn language(tag_or_accept_language: &str) -> Option<SmolStr> {
    let first = tag_or_accept_language.split([',', ';']).next()?.trim();
    let mut parts = first.split(['-', '_']);
    let language = parts.next()?;
    let letters = |text: &str| text.bytes().all(|b| b.is_ascii_alphabetic());
    if !(2..=3).contains(&language.len()) || !letters(language) || first.len() > 35 {
        return None;
    }
    let country = parts
        .find(|part| part.len() != 4)
        .filter(|part| part.len() == 2 && letters(part));
    let mut text = language.to_ascii_lowercase();
    if let Some(country) = country {
        text.push('-');
        text.push_str(&country.to_ascii_uppercase());
    }
    Some(text.into())
}

#[cfg(test)]
mod tests {
    use super::language;

    #[test]
    fn tags_are_normalised_and_nonsense_is_none() {
        for (text, want) in [
            ("ru", Some("ru")),
            ("ru-RU,ru;q=0.9,en;q=0.8", Some("ru-RU")),
            ("EN-gb", Some("en-GB")),
            ("en_us", Some("en-US")),
            ("zh-Hans-CN", Some("zh-CN")),
            ("sr-Latn", Some("sr")),
            ("de-DE-u-co-phonebk", Some("de-DE")),
            ("es-419", Some("es")),
            ("fil", Some("fil")),
            (" da , en-gb;q=0.8", Some("da")),
            ("*", None),
            ("", None),
            ("c", None),
            ("русский", None),
            ("english", None),
            ("../../etc", None),
        ] {
            assert_eq!(language(text).as_deref(), want, "{text}");
        }
    }
}
