//! The agency as it presents itself: the section `[agency]` of the configuration.

use crate::language::Language;
use serde::Deserialize;

/// A text in both languages.
#[derive(Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// In English.
    pub en: String,
    /// In Russian.
    pub ru: String,
}

impl Words {
    /// Both at once.
    pub fn new(en: &str, ru: &str) -> Self {
        Self {
            en: en.into(),
            ru: ru.into(),
        }
    }

    /// In one language; where it was left empty, in the other.
    pub fn get(&self, language: Language) -> &str {
        let (first, second) = match language {
            Language::En => (&self.en, &self.ru),
            Language::Ru => (&self.ru, &self.en),
        };
        if first.is_empty() { second } else { first }
    }
}

/// Something that the agency does for its clients.
#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// What it is called.
    pub title: Words,
    /// What one gets, in a sentence or two.
    pub about: Words,
}

/// A range of advertising spend that people may choose. Never an amount.
#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub struct BudgetRange {
    /// What is stored: 1 to 40 small letters, digits, `_` or `-`.
    pub id: String,
    /// What people see.
    pub label: Words,
}

impl BudgetRange {
    /// What is wrong with its id, if anything: it is stored with people's values and must never be an amount.
    pub fn fault(&self) -> Option<&'static str> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
        if !(1..=40).contains(&self.id.len()) || !self.id.bytes().all(fits) {
            return Some("is not 1 to 40 small letters, digits, `_` or `-`");
        }
        let has_letter = self.id.bytes().any(|b| b.is_ascii_lowercase());
        (!has_letter)
            .then_some("is a number: give the range a name with a letter in it, such as `under-100k`")
    }
}

/// The colour of links and buttons. Each is designed for light and dark with enough contrast; see `accents.css`.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[serde(rename_all = "lowercase")]
pub enum Accent {
    /// That of the dashboards.
    #[default]
    Teal,
    /// A blue with some violet.
    Indigo,
    /// A dark green.
    Forest,
    /// A brown red.
    Brick,
    /// A reddish violet.
    Plum,
    /// No colour.
    Graphite,
}

impl Accent {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Teal,
        Self::Indigo,
        Self::Forest,
        Self::Brick,
        Self::Plum,
        Self::Graphite,
    ];

    /// The name in the configuration and in the style sheet.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Teal => "teal",
            Self::Indigo => "indigo",
            Self::Forest => "forest",
            Self::Brick => "brick",
            Self::Plum => "plum",
            Self::Graphite => "graphite",
        }
    }
}

/// The agency's own words and looks. Every setting has a default that can be shown.
#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct Agency {
    /// What it is called.
    pub name: Words,
    /// The first line of the main page.
    pub headline: Words,
    /// What it does, in two or three sentences.
    pub lead: Words,
    /// What it does for its clients, in order.
    pub services: Vec<Service>,
    /// Its postal address.
    pub address: Words,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Its telephone number, as people write it.
    pub phone: Option<String>,
    /// The colour of links and buttons.
    pub accent: Accent,
    /// The logo, as SVG text. Shown beside the name, as high as a line; served at `/logo.svg`.
    #[serde(skip)]
    pub logo: Option<String>,
    /// The ranges of advertising spend that people may choose from.
    pub budget_ranges: Vec<BudgetRange>,
}

impl Default for Agency {
    fn default() -> Self {
        let service = |title: Words, about: Words| Service { title, about };
        let range = |id: &str, en: &str, ru: &str| BudgetRange {
            id: id.into(),
            label: Words::new(en, ru),
        };
        Self {
            name: Words::new("Anturazh", "Антураж"),
            headline: Words::new(
                "Know what your site does for you\u{a0}– and nothing about anyone in particular",
                "Знайте, что делает для вас ваш сайт,\u{a0}– и ничего о ком\u{2011}то в отдельности",
            ),
            lead: Words::new(
                "We count visits, find out which advertising brings customers, and say it in figures one can check. \
                 Visitors stay unknown: names, addresses and e-mail have no place in our statistics.",
                "Мы считаем посещения, выясняем, какая реклама приводит покупателей, и говорим об этом цифрами, которые \
                 можно проверить. Посетители остаются неизвестными: именам, адресам и почте в нашей статистике нет места.",
            ),
            services: vec![
                service(
                    Words::new("Web statistics", "Веб-статистика"),
                    Words::new(
                        "Visits, sources, pages and purchases of your site on one page. You decide which data is collected, \
                         and can take all of it with you.",
                        "Посещения, источники, страницы и покупки вашего сайта на одной странице. Что собирать, решаете \
                         вы, и всё собранное можно забрать с собой.",
                    ),
                ),
                service(
                    Words::new("Advertising that is measured", "Реклама, которую измеряют"),
                    Words::new(
                        "Which campaign brought orders, which only clicks. We plan the next one by what the last one gave.",
                        "Какая кампания принесла заказы, а какая – только переходы. Следующую планируем по тому, что дала \
                         прошлая.",
                    ),
                ),
                service(
                    Words::new(
                        "Sites that are easier to use",
                        "Сайты, которыми удобно пользоваться",
                    ),
                    Words::new(
                        "We show where visitors turn back, and try out what keeps them, one change at a time.",
                        "Показываем, где посетители поворачивают назад, и проверяем, что помогает им остаться, – по одному \
                         изменению за раз.",
                    ),
                ),
                service(
                    Words::new("Reports people read", "Отчёты, которые читают"),
                    Words::new(
                        "A page a month, in plain words: what changed, why, and what we would do about it.",
                        "Страница в месяц простыми словами: что изменилось, почему и что мы бы с этим сделали.",
                    ),
                ),
            ],
            address: Words::default(),
            email: None,
            phone: None,
            accent: Accent::default(),
            logo: None,
            budget_ranges: vec![
                range("none", "No advertising yet", "Рекламы пока нет"),
                range("under-100k", "Under 100,000 ₽ a month", "До 100 тыс. ₽ в месяц"),
                range(
                    "100k-500k",
                    "100,000 to 500,000 ₽ a month",
                    "От 100 до 500 тыс. ₽ в месяц",
                ),
                range(
                    "500k-2m",
                    "500,000 to 2,000,000 ₽ a month",
                    "От 500 тыс. до 2 млн ₽ в месяц",
                ),
                range("over-2m", "Over 2,000,000 ₽ a month", "Больше 2 млн ₽ в месяц"),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_has_words_in_both_languages_and_ranges_that_can_be_stored() {
        let agency = Agency::default();
        let words = [&agency.name, &agency.headline, &agency.lead].into_iter();
        let words = words.chain(agency.services.iter().flat_map(|s| [&s.title, &s.about]));
        for words in words.chain(agency.budget_ranges.iter().map(|r| &r.label)) {
            assert!(!words.en.is_empty() && !words.ru.is_empty(), "{words:?}");
        }
        for range in &agency.budget_ranges {
            assert_eq!(range.fault(), None, "{range:?}");
        }
        for id in ["", "777", "1-2", "A B", "много", &"a".repeat(41)] {
            let label = Words::new("a", "б");
            let range = BudgetRange {
                id: id.to_owned(),
                label,
            };
            assert!(range.fault().is_some(), "{id}");
        }
    }

    #[test]
    fn a_language_left_empty_falls_back_to_the_other() {
        assert_eq!(Words::new("", "б").get(Language::En), "б");
        assert_eq!(Words::new("a", "б").get(Language::En), "a");
    }
}
