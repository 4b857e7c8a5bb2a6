//! The stretch of days a dashboard shows.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use reports::Comparison;
use reports::period::Calendar;
use vocabulary::Moment;

pub use reports::Period as Chosen;

/// What one point of the chart stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Interval {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week from Monday.
    Week,
    /// A calendar month.
    Month,
}

impl Interval {
    /// Every interval.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The name in addresses, and after `time:` in questions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The first moment of the interval that `at` lies in.
    pub fn start(self, at: DateTime) -> DateTime {
        let date = at.date();
        let midnight = |date: Date| date.to_datetime(Time::midnight());
        match self {
            Self::Hour => date.at(at.hour(), 0, 0, 0),
            Self::Day => midnight(date),
            Self::Week => midnight(back(date, date.weekday().to_monday_zero_offset().into())),
            Self::Month => midnight(date.first_of_month()),
        }
    }

    /// The first moment of the next interval; `start` is the first of one.
    pub fn next(self, start: DateTime) -> DateTime {
        let span = match self {
            Self::Hour => 1.hour(),
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
        };
        start.saturating_add(span)
    }
}

/// Days, all inside, with how they were chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// How they were chosen; decides what the arrows beside it do.
    pub chosen: Chosen,
    /// The first day.
    pub first: Date,
    /// The last day; never after today.
    pub last: Date,
}

/// The period that a dashboard shows unless another is chosen, in days.
pub const USUAL_DAYS: i32 = 28;
/// The most days and months that may be chosen by their number.
const MOST_DAYS: i32 = 730;
const MOST_MONTHS: i32 = 120;

fn back(date: Date, days: i64) -> Date {
    date.saturating_sub(days.days())
}

/// Days are those of the site's own clock already, so that any time zone does.
static NO_ZONE: TimeZone = TimeZone::UTC;

fn calendar(today: Date, begin: Date) -> Calendar<'static> {
    let midnight = |date: Date| {
        let at = NO_ZONE.to_ambiguous_timestamp(date.to_datetime(Time::midnight()));
        Moment(at.compatible().map_or(0, jiff::Timestamp::as_millisecond))
    };
    Calendar {
        time_zone: &NO_ZONE,
        now: midnight(today),
        first_event: Some(midnight(begin)),
    }
}

impl Period {
    /// Reads a period from an address. `date` is any day of it, or its last day for a number of days; `begin` is the
    /// first day with events. What cannot be read becomes the last 28 days.
    pub fn read(
        name: &str,
        date: Option<Date>,
        from_to: Option<(Date, Date)>,
        today: Date,
        begin: Date,
    ) -> Self {
        let in_order = from_to.map(|(from, to)| (from.min(to).min(today), from.max(to).min(today)));
        let read = Self::known(name, date, in_order, today);
        let usual = Chosen::Days {
            last: date.unwrap_or(today).min(today),
            count: USUAL_DAYS,
        };
        Self::of(read.unwrap_or(usual), today, begin)
    }

    fn of(chosen: Chosen, today: Date, begin: Date) -> Self {
        let (first, last) = chosen
            .dates(&calendar(today, begin.min(today)))
            .unwrap_or((today, today));
        Self { chosen, first, last }
    }

    fn known(name: &str, date: Option<Date>, days: Option<(Date, Date)>, today: Date) -> Option<Chosen> {
        let chosen = Chosen::parse(name, date, days, today).ok()?;
        let fits = match chosen {
            Chosen::Realtime => false,
            Chosen::Days { count, .. } => count <= MOST_DAYS,
            Chosen::Months { count, .. } => count <= MOST_MONTHS,
            _ => true,
        };
        fits.then_some(chosen)
    }

    /// Whether a name says what period is meant by itself, without days.
    pub fn knows(name: &str) -> bool {
        let some_day = Date::default();
        Self::known(name, None, None, some_day).is_some()
    }

    /// The name in addresses.
    pub fn name(self) -> String {
        self.chosen.name().to_string()
    }

    /// The pairs of an address that stand for it; none for the usual one.
    pub fn pairs(self, today: Date) -> Vec<(&'static str, String)> {
        let mut pairs = self.chosen.parameters(today);
        if matches!(
            self.chosen,
            Chosen::Days {
                count: USUAL_DAYS,
                ..
            }
        ) {
            pairs.retain(|(key, _)| *key != "period");
        }
        pairs
    }

    /// How many days it has.
    pub fn days(self) -> i64 {
        i64::from((self.last - self.first).get_days()) + 1
    }

    /// The period before (`-1`) or after (`1`), unless it lies in the future or there is nothing to step by.
    pub fn step(self, by: i64, today: Date) -> Option<Self> {
        let calendar = calendar(today, self.first);
        let next = if by < 0 {
            self.chosen.back(&calendar)
        } else {
            self.chosen.forward(&calendar)
        };
        next.map(|chosen| Self::of(chosen, today, self.first))
    }

    /// The days that it is compared with: as many before, and of a month or year the same ones; or those a year before.
    pub fn compared(self, comparison: Comparison) -> Option<(Date, Date)> {
        match self.chosen {
            Chosen::All => None,
            chosen => chosen.compared(comparison, (self.first, self.last)),
        }
    }

    /// The interval that suits its length.
    pub fn interval(self) -> Interval {
        match self.days() {
            ..=2 => Interval::Hour,
            3..=120 => Interval::Day,
            121..=800 => Interval::Week,
            _ => Interval::Month,
        }
    }

    /// The intervals that may be chosen for its length.
    pub fn intervals(self) -> impl Iterator<Item = Interval> {
        let days = self.days();
        Interval::ALL.into_iter().filter(move |i| match i {
            Interval::Hour => days <= 8,
            Interval::Day => (3..=400).contains(&days),
            Interval::Week => (15..=2000).contains(&days),
            Interval::Month => days > 62,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 22);

    fn read(name: &str, on: Option<Date>) -> Period {
        Period::read(name, on, None, TODAY, date(2025, 3, 3))
    }

    #[test]
    fn periods_end_today_at_the_latest() {
        for (name, on, first, last) in [
            ("day", None, TODAY, TODAY),
            ("28d", None, date(2026, 10, 26), TODAY),
            ("nonsense", None, date(2026, 10, 26), TODAY),
            ("99999d", None, date(2026, 10, 26), TODAY),
            ("month", None, date(2026, 11, 1), TODAY),
            (
                "month",
                Some(date(2026, 2, 9)),
                date(2026, 2, 1),
                date(2026, 2, 28),
            ),
            ("year", None, date(2026, 1, 1), TODAY),
            ("all", None, date(2025, 3, 3), TODAY),
            ("day", Some(date(2030, 1, 1)), TODAY, TODAY),
        ] {
            let got = read(name, on);
            assert_eq!((got.first, got.last), (first, last), "{name}");
        }
    }

    #[test]
    fn arrows_step_by_what_was_chosen_and_stop_at_today() {
        let month = read("month", None).step(-1, TODAY).unwrap();
        assert_eq!((month.first, month.last), (date(2026, 10, 1), date(2026, 10, 31)));
        let again = month.step(1, TODAY).unwrap();
        assert_eq!(again, read("month", None));
        assert_eq!(again.step(1, TODAY), None);
        assert_eq!(read("28d", None).step(1, TODAY), None);
        assert_eq!(read("all", None).step(-1, TODAY), None);
        let week = read("7d", None).step(-1, TODAY).unwrap();
        assert_eq!((week.first, week.last), (date(2026, 11, 9), date(2026, 11, 15)));
        let late = read("7d", Some(date(2026, 11, 19))).step(1, TODAY).unwrap();
        assert_eq!(
            (late.first, late.last),
            (date(2026, 11, 16), TODAY),
            "it keeps its length"
        );
        let custom = Period::read(
            "custom",
            None,
            Some((date(2026, 5, 10), date(2026, 5, 1))),
            TODAY,
            TODAY,
        );
        assert_eq!(custom.step(-1, TODAY).unwrap().first, date(2026, 4, 21));
        let early = Period::read("custom", None, Some((date(1, 1, 1), TODAY)), TODAY, TODAY);
        assert_eq!(
            early.first,
            date(2026, 10, 26),
            "outside the calendar served here"
        );
    }

    #[test]
    fn a_month_so_far_is_compared_with_as_much_of_the_one_before() {
        let previous = |period: Period| period.compared(Comparison::PreviousPeriod).unwrap();
        assert_eq!(
            previous(read("month", None)),
            (date(2026, 10, 1), date(2026, 10, 22))
        );
        assert_eq!(
            previous(read("month", Some(date(2026, 3, 5)))),
            (date(2026, 2, 1), date(2026, 2, 28))
        );
        assert_eq!(
            previous(read("7d", None)),
            (date(2026, 11, 9), date(2026, 11, 15))
        );
        assert_eq!(
            previous(read("year", None)),
            (date(2025, 1, 1), date(2025, 11, 22))
        );
        assert_eq!(read("all", None).compared(Comparison::YearOverYear), None);
        assert_eq!(
            read("day", None).compared(Comparison::YearOverYear),
            Some((date(2025, 11, 22), date(2025, 11, 22)))
        );
    }

    #[test]
    fn intervals_start_where_they_should() {
        let at = date(2026, 11, 22).at(14, 5, 3, 0);
        for (interval, start) in [
            (Interval::Hour, date(2026, 11, 22).at(14, 0, 0, 0)),
            (Interval::Day, date(2026, 11, 22).at(0, 0, 0, 0)),
            (Interval::Week, date(2026, 11, 16).at(0, 0, 0, 0)),
            (Interval::Month, date(2026, 11, 1).at(0, 0, 0, 0)),
        ] {
            assert_eq!(interval.start(at), start);
            assert!(interval.next(start) > at);
        }
        for name in ["day", "7d", "28d", "90d", "year", "all"] {
            let period = read(name, None);
            assert!(period.intervals().any(|i| i == period.interval()), "{name}");
        }
    }
}
