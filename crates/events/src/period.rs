//! The stretches of time that segments cover, all in UTC.

use jiff::civil::{Date, date};
use std::{fmt, ops::Range};
use vocabulary::{Moment, moment::DAY_MS};

/// What a base segment covers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Period {
    /// A calendar year.
    Year(i16),
    /// A month of a year.
    Month(i16, i8),
    /// One day, counted from 1970-01-01.
    Day(i64),
}

/// The day of that number since 1970-01-01; numbers beyond the calendar stop at its ends.
fn date_of(utc_day: i64) -> Date {
    // Years -9999 and 9999 are the calendar's ends.
    let utc_day = utc_day.clamp(-4_371_587, 2_932_895);
    let span = jiff::Span::new().days(utc_day);
    date(1970, 1, 1)
        .checked_add(span)
        .expect("within the calendar by the clamp")
}

fn day_of(date: Date) -> i64 {
    let timestamp = jiff::tz::Offset::UTC.to_timestamp(date.at(0, 0, 0, 0));
    Moment(timestamp.map_or(0, jiff::Timestamp::as_millisecond)).utc_day()
}

impl Period {
    /// The year that holds a day.
    pub fn year_of(utc_day: i64) -> Self {
        Self::Year(date_of(utc_day).year())
    }

    /// The month that holds a day.
    pub fn month_of(utc_day: i64) -> Self {
        let date = date_of(utc_day);
        Self::Month(date.year(), date.month())
    }

    /// The range it covers: milliseconds since 1970, half-open.
    pub fn range(self) -> Range<i64> {
        let (first, after) = match self {
            Self::Year(year) => (date(year, 1, 1), next_year(year)),
            Self::Month(year, 12) => (date(year, 12, 1), next_year(year)),
            Self::Month(year, month) => (date(year, month, 1), date(year, month + 1, 1)),
            Self::Day(day) => return day * DAY_MS..(day + 1) * DAY_MS,
        };
        day_of(first) * DAY_MS..day_of(after) * DAY_MS
    }

    /// The period of the next finer kind that holds a day; `None` for a day, which is not split.
    pub fn finer(self, utc_day: i64) -> Option<Self> {
        match self {
            Self::Year(_) => Some(Self::month_of(utc_day)),
            Self::Month(..) => Some(Self::Day(utc_day)),
            Self::Day(_) => None,
        }
    }

    /// The smallest period that holds both days, if one does.
    pub fn of_days(first: i64, last: i64) -> Option<Self> {
        if first == last {
            return Some(Self::Day(first));
        }
        [Self::month_of, Self::year_of]
            .into_iter()
            .find(|of| of(first) == of(last))
            .map(|of| of(first))
    }
}

/// The folder name for a range of time (milliseconds, half-open): the smallest period that holds it, or `all`.
pub(crate) fn name_of_range(range: &Range<i64>) -> String {
    Period::of_days(Moment(range.start).utc_day(), Moment(range.end - 1).utc_day())
        .map_or_else(|| "all".to_owned(), |period| period.to_string())
}

fn next_year(year: i16) -> Date {
    date((year + 1).min(9999), 1, 1)
}

/// `2026`, `2026-03` or `2026-03-05`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Year(year) => write!(f, "{year:04}"),
            Self::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Self::Day(day) => write!(f, "{}", date_of(day)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_hold_their_days_and_no_others() {
        for (first, last, name) in [
            (20_454, 20_454, "2026-01-01"),
            (20_454, 20_484, "2026-01"),
            (20_484, 20_485, "2026"),
            (20_453, 20_453, "2025-12-31"),
            (-1, -1, "1969-12-31"),
        ] {
            let period = Period::of_days(first, last).unwrap();
            assert_eq!(period.to_string(), name);
            let range = period.range();
            assert!(
                range.contains(&(first * DAY_MS)) && range.contains(&((last + 1) * DAY_MS - 1)),
                "{name}"
            );
        }
        assert_eq!(Period::of_days(20_453, 20_454), None);
        assert_eq!(
            Period::Month(2025, 12).range().end,
            Period::Year(2026).range().start
        );
        assert_eq!(
            Period::Year(2026).range().end,
            Period::Month(2027, 1).range().start
        );
        assert_eq!(
            Period::Year(2024).range().end - Period::Year(2024).range().start,
            366 * DAY_MS
        );
    }
}
