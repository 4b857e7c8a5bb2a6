//! The language of a page: by the address, else by the cookie a person chose it with, else by the browser.

use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, COOKIE};

/// Name of the cookie that remembers a chosen language. Set on choice only.
pub const COOKIE_NAME: &str = "lang";

/// A language that pages are written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
}

impl Language {
    /// Every language, in the order they are offered.
    pub const ALL: [Self; 2] = [Self::En, Self::Ru];

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }

    /// The language's own name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ru => "Русский",
        }
    }

    /// The other language.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::En => Self::Ru,
            Self::Ru => Self::En,
        }
    }

    /// The language of a tag such as `ru`, `ru-RU` or `en_GB`.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL
            .into_iter()
            .find(|l| primary.eq_ignore_ascii_case(l.tag()))
    }

    /// The language a request asks for; `asked` is the value of `?lang=`.
    pub fn of(headers: &HeaderMap, asked: Option<&str>) -> Self {
        asked
            .and_then(Self::parse)
            .or_else(|| cookie(headers, COOKIE_NAME).and_then(Self::parse))
            .or_else(|| accepted(headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?))
            .unwrap_or_default()
    }
}

/// The value of a cookie of that name in a request.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The language of ours with the greatest weight in an `Accept-Language` header.
fn accepted(header: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for choice in header.split(',') {
        let (tag, weight) = match choice.split_once(';') {
            None => (choice, 1.0),
            Some((tag, rest)) => (
                tag,
                rest.trim()
                    .strip_prefix("q=")
                    .and_then(|q| q.parse().ok())
                    .unwrap_or(0.0),
            ),
        };
        if let Some(language) = Language::parse(tag)
            && weight > best.map_or(0.0, |(w, _)| w)
        {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_then_cookie_then_browser() {
        let cases: [(Option<&str>, &str, &str, Language); 8] = [
            (None, "", "", Language::En),
            (None, "", "ru-RU,ru;q=0.9,en;q=0.8", Language::Ru),
            (None, "", "de,en;q=0.5,ru;q=0.7", Language::Ru),
            (None, "", "ru;q=0,en;q=0.1", Language::En),
            (None, "a=b; lang=ru", "en", Language::Ru),
            (Some("en"), "lang=ru", "ru", Language::En),
            (Some("xx"), "lang=ru", "en", Language::Ru),
            (None, "lang=xx", "fr", Language::En),
        ];
        for (asked, cookie, accept, want) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookie.parse().unwrap());
            headers.insert(ACCEPT_LANGUAGE, accept.parse().unwrap());
            assert_eq!(
                Language::of(&headers, asked),
                want,
                "{asked:?} {cookie:?} {accept:?}"
            );
        }
    }
}
