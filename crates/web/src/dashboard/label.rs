//! Stored values in a reader's words.

use crate::language::Language;
use crate::place;

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
        for name in FILTERABLE {
            for language in Language::ALL {
                assert_ne!(super::dimension(language, name), *name, "no words for {name}");
            }
        }
    }
}
