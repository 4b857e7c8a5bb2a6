//! Which days are working days in a country: weekends, holidays and the days that a government moves.
//! Days are counted as whole days since 1970-01-01, in the country's own time zone.

use serde::{Deserialize, Serialize};

/// The version of this data. To be stored with a deadline that was computed from it.
pub const VERSION: &str = "2026-11-22";

/// Whose calendar counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Country {
    /// Russia: Labour Code, articles 111 and 112, and the government's yearly decree on moved days. A year whose
    /// decree is not known here goes by article 112 alone.
    Russia,
    /// Germany: the nine holidays of all states, none of a single one.
    Germany,
    /// Saturdays and Sundays alone. A deadline so counted is never later than a calendar with holidays would have it,
    /// unless a Saturday was worked.
    Elsewhere,
}

impl Country {
    /// Every one.
    pub const ALL: &[Self] = &[Self::Russia, Self::Germany, Self::Elsewhere];

    /// The name in settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Russia => "russia",
            Self::Germany => "germany",
            Self::Elsewhere => "elsewhere",
        }
    }

    /// The country of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|country| country.name() == name)
    }

    /// Whether `day` is a working day.
    pub fn is_working_day(self, day: i64) -> bool {
        let is_weekend = weekday(day) >= SATURDAY;
        match self {
            Self::Elsewhere => !is_weekend,
            Self::Germany => !is_weekend && !is_german_holiday(day),
            Self::Russia => {
                let (year, month, date) = civil(day);
                match DECREES.iter().find(|decree| decree.year == year) {
                    Some(decree) if decree.working.contains(&(month, date)) => true,
                    Some(decree) => {
                        !is_weekend && !is_russian_holiday(day) && !decree.off.contains(&(month, date))
                    }
                    None => !is_weekend && !is_russian_holiday(day) && !is_moved_by_article_112(day),
                }
            }
        }
    }

    /// The `count`th working day after `day`, which itself does not count. `day` itself if `count` is 0.
    pub fn after_working_days(self, day: i64, count: u32) -> i64 {
        let mut reached = day;
        for _ in 0..count {
            reached += 1;
            while !self.is_working_day(reached) {
                reached += 1;
            }
        }
        reached
    }

    /// Whether all that is to be known of the calendar of that day's year is in this data.
    pub fn is_final(self, day: i64) -> bool {
        let year = civil(day).0;
        self != Self::Russia || DECREES.iter().any(|decree| decree.year == year)
    }
}

/// A Russian year as decreed: month and date of weekdays off that are no holidays, and of Saturdays that are worked.
struct Decree {
    year: i64,
    off: &'static [(i64, i64)],
    working: &'static [(i64, i64)],
}

const DECREES: &[Decree] = &[
    // Decree of the Government of 4 October 2024, No. 1335: 4 January to 2 May, 23 February to 8 May, 8 March to
    // 13 June, 1 November to 3 November, 5 January to 31 December.
    Decree {
        year: 2025,
        off: &[(5, 2), (5, 8), (6, 13), (11, 3), (12, 31)],
        working: &[(11, 1)],
    },
    // Decree of the Government of 24 September 2025, No. 1466: 3 January to 9 January, 4 January to 31 December. By
    // article 112: 8 March to 9 March, 9 May to 11 May.
    Decree {
        year: 2026,
        off: &[(1, 9), (3, 9), (5, 11), (12, 31)],
        working: &[],
    },
    // 2027: add the decree here. Drafts spoke of 5 November off and Saturday 13 November worked.
];

const MONDAY: i64 = 0;
const SATURDAY: i64 = 5;

/// 0 for Monday to 6 for Sunday.
fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// Labour Code, article 112.
fn is_russian_holiday(day: i64) -> bool {
    matches!(
        civil(day),
        (_, 1, 1..=8) | (_, 2, 23) | (_, 3, 8) | (_, 5, 1 | 9) | (_, 6, 12) | (_, 11, 4)
    )
}

/// The Monday after a holiday on Saturday or Sunday. January's are moved by decree alone.
fn is_moved_by_article_112(day: i64) -> bool {
    weekday(day) == MONDAY
        && [day - 1, day - 2]
            .iter()
            .any(|d| civil(*d).1 != 1 && is_russian_holiday(*d))
}

fn is_german_holiday(day: i64) -> bool {
    let (year, month, date) = civil(day);
    // Good Friday, Easter Monday, Ascension, Whit Monday.
    matches!((month, date), (1 | 5, 1) | (10, 3) | (12, 25 | 26))
        || matches!(day - easter(year), -2 | 1 | 39 | 50)
}

/// Easter Sunday. Source: J. Meeus, Astronomical Algorithms, chapter 8.
fn easter(year: i64) -> i64 {
    let (golden, century, of_century) = (year % 19, year / 100, year % 100);
    let epact = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let sum = epact + to_sunday - 7 * ((golden + 11 * epact + 22 * to_sunday) / 451) + 114;
    day_of(year, sum / 31, sum % 31 + 1)
}

/// The day of a date of the Gregorian calendar. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
pub fn day_of(year: i64, month: i64, date: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + date - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and date of a day. Source: as of [`day_of`].
fn civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    let year = year_of_era + shifted.div_euclid(146_097) * 400;
    (if month <= 2 { year + 1 } else { year }, month, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        assert_eq!((day_of(1970, 1, 1), day_of(2026, 11, 22)), (0, 20_779));
        assert_eq!(weekday(day_of(2026, 11, 22)), 6, "a Sunday");
        for day in -200_000..200_000 {
            let (year, month, date) = civil(day);
            assert_eq!(day_of(year, month, date), day);
        }
    }

    /// Working days of a 40-hour week, as the production calendars of these years count them.
    #[test]
    fn russian_months_have_as_many_working_days_as_published() {
        for (year, months) in [
            (2025, [17, 20, 21, 22, 18, 19, 23, 21, 22, 23, 19, 22]),
            (2026, [15, 19, 21, 22, 19, 21, 23, 21, 22, 22, 20, 22]),
        ] {
            for (month, want) in (1..).zip(months) {
                let first = day_of(year, month, 1);
                let next = if month == 12 {
                    day_of(year + 1, 1, 1)
                } else {
                    day_of(year, month + 1, 1)
                };
                let working = (first..next)
                    .filter(|day| Country::Russia.is_working_day(*day))
                    .count();
                assert_eq!(working, want, "{year}-{month}");
            }
            assert_eq!(months.iter().sum::<usize>(), 247);
        }
    }

    #[test]
    fn single_days() {
        for (country, (year, month, date), want) in [
            (Country::Russia, (2025, 11, 1), true),
            (Country::Russia, (2025, 11, 3), false),
            (Country::Russia, (2025, 3, 10), true),
            (Country::Russia, (2027, 5, 3), false),
            (Country::Russia, (2027, 5, 10), false),
            (Country::Russia, (2027, 6, 14), false),
            (Country::Russia, (2027, 1, 11), true),
            (Country::Germany, (2026, 4, 3), false),
            (Country::Germany, (2026, 4, 6), false),
            (Country::Germany, (2026, 5, 14), false),
            (Country::Germany, (2026, 5, 25), false),
            (Country::Germany, (2026, 10, 2), true),
            (Country::Germany, (2026, 1, 6), true),
            (Country::Elsewhere, (2026, 1, 1), true),
            (Country::Elsewhere, (2026, 1, 3), false),
        ] {
            let day = day_of(year, month, date);
            assert_eq!(
                country.is_working_day(day),
                want,
                "{} {year}-{month}-{date}",
                country.name()
            );
        }
    }

    #[test]
    fn counting_starts_after_the_day_and_skips_what_is_off() {
        for (country, from, count, want) in [
            (Country::Russia, (2026, 1, 5), 0, (2026, 1, 5)),
            (Country::Russia, (2025, 12, 30), 2, (2026, 1, 13)),
            (Country::Russia, (2025, 10, 31), 2, (2025, 11, 5)),
            (Country::Germany, (2026, 12, 24), 2, (2026, 12, 29)),
            (Country::Elsewhere, (2026, 11, 20), 2, (2026, 11, 24)),
        ] {
            let day = |(year, month, date)| day_of(year, month, date);
            assert_eq!(
                country.after_working_days(day(from), count),
                day(want),
                "{from:?} + {count}"
            );
        }
    }

    #[test]
    fn no_calendar_is_earlier_than_that_of_weekends_but_for_worked_saturdays() {
        let worked = day_of(2025, 11, 1);
        for day in day_of(2025, 1, 1)..day_of(2030, 1, 1) {
            for country in Country::ALL {
                let is_working = country.is_working_day(day);
                assert!(!is_working || day == worked || Country::Elsewhere.is_working_day(day));
            }
        }
    }

    #[test]
    fn a_year_without_its_decree_says_so() {
        assert!(Country::Russia.is_final(day_of(2026, 12, 31)));
        assert!(!Country::Russia.is_final(day_of(2027, 1, 1)));
        assert!(Country::Germany.is_final(day_of(2031, 1, 1)));
    }
}
