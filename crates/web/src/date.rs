//! Dates and times as each language writes them.

use crate::language::Language;
use jiff::civil::{Date, DateTime};

const MONTHS: [[&str; 12]; 2] = [
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
];
const SHORT_MONTHS: [[&str; 12]; 2] = [
    [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ],
    [
        "янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
    ],
];
const STANDING_MONTHS: [&str; 12] = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
];
const WEEKDAYS: [[&str; 7]; 2] = [
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    ["пн", "вт", "ср", "чт", "пт", "сб", "вс"],
];

/// `22 Nov`, `22 ноя`.
pub fn day(language: Language, date: Date) -> String {
    format!(
        "{}\u{a0}{}",
        date.day(),
        SHORT_MONTHS[language as usize][date.month() as usize - 1]
    )
}

/// `22 Nov 2026`.
pub fn day_and_year(language: Language, date: Date) -> String {
    format!("{} {}", day(language, date), date.year())
}

/// `Sun, 22 November 2026`.
pub fn full(language: Language, date: Date) -> String {
    let weekday = WEEKDAYS[language as usize][date.weekday().to_monday_zero_offset() as usize];
    format!("{weekday}, {}", long(language, date))
}

/// `22 November 2026`, `22 ноября 2026`.
pub fn long(language: Language, date: Date) -> String {
    format!(
        "{}\u{a0}{} {}",
        date.day(),
        MONTHS[language as usize][date.month() as usize - 1],
        date.year()
    )
}

/// `November 2026`, `ноябрь 2026`.
pub fn month(language: Language, date: Date) -> String {
    let name = match language {
        Language::En => MONTHS[0][date.month() as usize - 1],
        Language::Ru => STANDING_MONTHS[date.month() as usize - 1],
    };
    format!("{name} {}", date.year())
}

/// `Nov`, `ноя`.
pub fn short_month(language: Language, date: Date) -> &'static str {
    if language == Language::Ru && date.month() == 5 {
        "май"
    } else {
        SHORT_MONTHS[language as usize][date.month() as usize - 1]
    }
}

/// `Nov 2026`, `ноя 2026`.
pub fn short_month_and_year(language: Language, date: Date) -> String {
    format!("{} {}", short_month(language, date), date.year())
}

/// Two dates, both inside: `1–22 Nov 2026`, `28 Oct – 22 Nov 2026`, or one date if they are the same.
pub fn range(language: Language, from: Date, to: Date) -> String {
    if from == to {
        return day_and_year(language, from);
    }
    let last = day_and_year(language, to);
    if (from.year(), from.month()) == (to.year(), to.month()) {
        format!("{}–{last}", from.day())
    } else if from.year() == to.year() {
        format!("{} – {last}", day(language, from))
    } else {
        format!("{} – {last}", day_and_year(language, from))
    }
}

/// `22 Nov 2026, 14:05`.
pub fn time(language: Language, at: DateTime) -> String {
    format!(
        "{}, {:02}:{:02}",
        day_and_year(language, at.date()),
        at.hour(),
        at.minute()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Ru};
    use jiff::civil::date;

    #[test]
    fn dates_follow_the_language() {
        let (a, b) = (date(2026, 10, 28), date(2026, 11, 22));
        for (got, want) in [
            (day(Ru, b), "22\u{a0}ноя"),
            (full(Ru, b), "вс, 22\u{a0}ноября 2026"),
            (full(En, b), "Sun, 22\u{a0}November 2026"),
            (month(Ru, b), "ноябрь 2026"),
            (range(En, a, b), "28\u{a0}Oct – 22\u{a0}Nov 2026"),
            (range(En, date(2026, 11, 1), b), "1–22\u{a0}Nov 2026"),
            (
                range(Ru, date(2025, 12, 31), b),
                "31\u{a0}дек 2025 – 22\u{a0}ноя 2026",
            ),
            (range(Ru, b, b), "22\u{a0}ноя 2026"),
            (time(En, b.at(9, 5, 0, 0)), "22\u{a0}Nov 2026, 09:05"),
        ] {
            assert_eq!(got, want);
        }
    }
}
