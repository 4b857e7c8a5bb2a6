//! Stored values in a reader's words.

use crate::language::Language;
use crate::place;
use vocabulary::Channel;

/// How an absent value is told in answers.
pub const NONE: &str = "(none)";

/// Whether a value stands for none.
pub fn is_none(value: &str) -> bool {
    value.is_empty() || value == NONE
}

/// A value of a dimension in words; a stored value without words is shown as it is.
pub fn label(language: Language, dimension: &str, value: &str) -> String {
    if is_none(value) {
        return language.text(match dimension {
            "visit:source" | "visit:channel" | "visit:referrer" => "value-direct",
            _ => "value-unknown",
        });
    }
    let key = |family: &str| format!("{family}-{}", value.to_lowercase().replace([' ', '_'], "-"));
    let words = match dimension {
        "visit:country" => place::country(language, value).map(str::to_owned),
        "visit:language" => place::spoken(language, value),
        "visit:channel" => language.known(&key("channel")),
        "visit:device" => language.known(&key("device")),
        "event:name" | "event:goal" => language.known(&key("action")),
        "visit:screen" => Some(format!("{} px", value.replace('-', "–"))),
        _ => None,
    };
    words.unwrap_or_else(|| value.to_owned())
}

/// The stored value that a reader means: as it is shown to them in either language, or as it is stored.
pub fn value_of(dimension: &str, words: &str) -> String {
    let wanted = words.to_lowercase();
    let stored: Vec<String> = match dimension {
        "visit:country" => place::countries().map(str::to_owned).collect(),
        "visit:language" => place::languages().map(str::to_owned).collect(),
        "visit:channel" => Channel::ALL.iter().map(|c| c.name().to_owned()).collect(),
        "visit:device" => ["desktop", "mobile", "tablet", "tv", "console", "other"]
            .map(str::to_owned)
            .into(),
        _ => Vec::new(),
    };
    let is_meant = |value: &&String| {
        value.to_lowercase() == wanted
            || Language::ALL
                .iter()
                .any(|language| label(*language, dimension, value).to_lowercase() == wanted)
    };
    stored
        .iter()
        .find(is_meant)
        .map_or_else(|| words.to_owned(), Clone::clone)
}

/// The name of a dimension, singular.
pub fn dimension(language: Language, dimension: &str) -> String {
    if let Some(property) = dimension.strip_prefix("event:props:") {
        return language.text_with("dimension-property", &[("name", property.into())]);
    }
    let key = format!("dimension-{}", dimension.replace([':', '_'], "-"));
    language.known(&key).unwrap_or_else(|| dimension.to_owned())
}

/// Dimensions that a reader may filter by, in the order they are offered.
pub const FILTERABLE: &[&str] = &[
    "visit:source",
    "visit:channel",
    "visit:referrer",
    "visit:search_terms",
    "visit:utm_source",
    "visit:utm_medium",
    "visit:utm_campaign",
    "visit:utm_term",
    "visit:utm_content",
    "event:page",
    "visit:entry_page",
    "visit:exit_page",
    "event:hostname",
    "event:name",
    "event:goal",
    "event:product",
    "visit:country",
    "visit:region",
    "visit:city",
    "visit:language",
    "visit:device",
    "visit:browser",
    "visit:browser_version",
    "visit:os",
    "visit:os_version",
    "visit:screen",
];

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Ru};

    #[test]
    fn values_are_told_in_words() {
        for (language, dimension, value, want) in [
            (Ru, "visit:country", "DE", "Германия"),
            (En, "visit:country", "Q9", "Q9"),
            (Ru, "visit:channel", "Organic Search", "Поиск"),
            (En, "visit:channel", "AI Assistants", "AI assistants"),
            (Ru, "visit:device", "mobile", "Телефон"),
            (En, "visit:source", "", "Direct or unknown"),
            (En, "visit:city", NONE, "Not known"),
            (Ru, "event:name", "outbound_link", "Внешняя ссылка"),
            (En, "event:name", "signup", "signup"),
            (En, "visit:screen", "1440-1919", "1440–1919 px"),
        ] {
            assert_eq!(label(language, dimension, value), want);
        }
        for (dimension, words, want) in [
            ("visit:country", "germany", "DE"),
            ("visit:country", "Германия", "DE"),
            ("visit:country", "de", "DE"),
            ("visit:language", "Русский", "ru"),
            ("visit:language", "en-GB", "en-GB"),
            ("visit:channel", "поиск", "Organic Search"),
            ("visit:device", "Phone", "mobile"),
            ("visit:source", "Germany", "Germany"),
        ] {
            assert_eq!(value_of(dimension, words), want);
        }
        for name in FILTERABLE {
            for language in Language::ALL {
                assert_ne!(super::dimension(language, name), *name, "no words for {name}");
            }
        }
    }
}
