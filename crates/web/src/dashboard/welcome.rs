//! The word about a site's first hit, in the hour after it: when it came, and what was taken from what came.

use super::foot::type_key;
use crate::language::Language;
use crate::{date, figure};
use jiff::civil::DateTime;
use maud::{Markup, html};
use policy::Manifest;
use vocabulary::DataType;
use vocabulary::moment::HOUR_MS;

/// How long it is told, in milliseconds.
pub const LASTS_MS: i64 = HOUR_MS;

/// What is told.
pub struct Welcome {
    /// When the first hit came, by the site's clock.
    pub came: DateTime,
    /// Hits of today from which the manifest took something.
    pub stripped: u64,
    /// The manifest.
    pub manifest: Manifest,
}

impl Welcome {
    /// The part of the page.
    pub fn markup(&self, language: Language) -> Markup {
        let denied: Vec<String> = DataType::ALL
            .iter()
            .filter(|what| !self.manifest.allows(**what))
            .map(|what| language.text(&type_key(*what)).to_lowercase())
            .collect();
        let figure = figure::whole(language, self.stripped as f64);
        html! {
            p.notice.done role="status" {
                b { (language.text_with("welcome-came", &[("time", date::time(language, self.came).into())])) } " "
                @if self.stripped == 0 {
                    (language.text("welcome-whole"))
                } @else {
                    (language.text_with("welcome-stripped", &[
                        ("count", self.stripped.into()), ("figure", figure.into()), ("types", denied.join(", ").into()),
                    ]))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_when_it_came_and_what_was_taken() {
        let told = |language, stripped| {
            let welcome = Welcome {
                came: jiff::civil::date(2026, 11, 22).at(14, 5, 0, 0),
                stripped,
                manifest: Manifest::default().deny(DataType::Title),
            };
            welcome.markup(language).into_string()
        };
        let en = told(Language::En, 1);
        assert!(en.contains("14:05") && en.contains("title"), "{en}");
        assert!(told(Language::En, 0).contains("Nothing"));
        assert!(
            told(Language::Ru, 3).contains("заголовки"),
            "{}",
            told(Language::Ru, 3)
        );
    }
}
