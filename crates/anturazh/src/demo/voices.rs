//! What clients of the demo's agency said of it. They are invented.

use people::Language::{self, En, Ru};

/// A testimonial, written down by staff.
pub(super) struct Voice {
    /// How long ago it was written down, in hours; its author is asked at once.
    pub(super) hours_ago: i64,
    pub(super) language: Language,
    pub(super) words: &'static str,
    pub(super) name: &'static str,
    pub(super) position: &'static str,
    pub(super) company: &'static str,
    pub(super) email: &'static str,
    /// Whether the author agreed the next day. If not, the link in the letter still waits for an answer.
    pub(super) agrees: bool,
}

/// Oldest first.
pub(super) const VOICES: &[Voice] = &[
    Voice {
        hours_ago: 310,
        language: Ru,
        words: "Впервые видим, какая реклама продаёт, а какая только шумит. И спокойно показываем политику нашим \
                покупателям.",
        name: "Ольга Ветрова",
        position: "руководитель отдела маркетинга",
        company: "Северный чай",
        email: "o.vetrova@severchai.example",
        agrees: true,
    },
    Voice {
        hours_ago: 40,
        language: En,
        words: "One sentence about our checkout was worth more than a year of reports.",
        name: "Jonas Weber",
        position: "Owner",
        company: "Weber Werkzeug",
        email: "jonas@weber-werkzeug.example",
        agrees: false,
    },
];
