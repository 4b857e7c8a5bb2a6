//! The stretch of days a dashboard shows.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};

/// How a period was chosen; decides what the arrows beside it do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// One day.
    Day,
    /// That many days, up to and with the last.
    Days(u16),
    /// A calendar month, or as much of it as has passed.
    Month,
    /// A calendar year, or as much of it as has passed.
    Year,
    /// Everything there is.
    All,
    /// From one day to another.
    Custom,
}

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
    /// How it was chosen.
    pub kind: Kind,
    /// The first day.
    pub first: Date,
    /// The last day; never after today.
    pub last: Date,
}

fn back(date: Date, days: i64) -> Date {
    date.saturating_sub(days.days())
}

fn days_between(first: Date, last: Date) -> i64 {
    i64::from((last - first).get_days())
}

/// The number of days that a name such as `28d` says.
fn days_in(name: &str) -> Option<u16> {
    let days = name.strip_suffix('d')?.parse().ok()?;
    (1..=730).contains(&days).then_some(days)
}

impl Period {
    /// Lengths offered in days.
    pub const LENGTHS: [u16; 3] = [7, 28, 90];

    /// Reads a period from an address. `date` is any day of it, or its last day for a number of days; `begin` is the
    /// first day with events. What cannot be read becomes the last 28 days.
    pub fn read(
        name: &str,
        date: Option<Date>,
        from_to: Option<(Date, Date)>,
        today: Date,
        begin: Date,
    ) -> Self {
        let anchor = date.unwrap_or(today).min(today);
        let up_to_today = |kind, first, last: Date| Self {
            kind,
            first,
            last: last.min(today),
        };
        match name {
            "day" => up_to_today(Kind::Day, anchor, anchor),
            "yesterday" => up_to_today(Kind::Day, back(today, 1), back(today, 1)),
            "month" => up_to_today(Kind::Month, anchor.first_of_month(), anchor.last_of_month()),
            "year" => up_to_today(Kind::Year, anchor.first_of_year(), anchor.last_of_year()),
            "all" => up_to_today(Kind::All, begin.min(today), today),
            "custom" if let Some((from, to)) = from_to => {
                let (from, to) = if from <= to { (from, to) } else { (to, from) };
                up_to_today(Kind::Custom, from.min(today), to)
            }
            _ => {
                let days = days_in(name).unwrap_or(28);
                up_to_today(Kind::Days(days), back(anchor, i64::from(days) - 1), anchor)
            }
        }
    }

    /// Whether a name says what period is meant by itself, without days.
    pub fn knows(name: &str) -> bool {
        matches!(name, "day" | "yesterday" | "month" | "year" | "all") || days_in(name).is_some()
    }

    /// The name in addresses.
    pub fn name(self) -> String {
        match self.kind {
            Kind::Day => "day".into(),
            Kind::Days(days) => format!("{days}d"),
            Kind::Month => "month".into(),
            Kind::Year => "year".into(),
            Kind::All => "all".into(),
            Kind::Custom => "custom".into(),
        }
    }

    /// How many days it has.
    pub fn days(self) -> i64 {
        days_between(self.first, self.last) + 1
    }

    /// The period before (`-1`) or after (`1`), unless it lies in the future or there is nothing to step by.
    pub fn step(self, by: i64, today: Date) -> Option<Self> {
        let anchor = match self.kind {
            Kind::All => return None,
            Kind::Day => self.last.saturating_add(by.days()),
            Kind::Days(days) => self.last.saturating_add((by * i64::from(days)).days()),
            Kind::Month => self.first.saturating_add(by.months()),
            Kind::Year => self.first.saturating_add(by.years()),
            Kind::Custom => {
                let shift = (by * self.days()).days();
                let first = self.first.saturating_add(shift);
                return (first <= today).then(|| Self {
                    first,
                    last: self.last.saturating_add(shift).min(today),
                    ..self
                });
            }
        };
        if let Kind::Days(_) = self.kind {
            if by > 0 && self.last >= today {
                return None;
            }
        } else if anchor > today {
            return None;
        }
        Some(Self::read(&self.name(), Some(anchor), None, today, self.first))
    }

    /// The days before that it is compared with: as many, and of a month or year the same ones.
    pub fn previous(self) -> (Date, Date) {
        let whole = |first: Date, end: Date, end_of_previous: Date| {
            let last = first.saturating_add((self.days() - 1).days());
            (
                first,
                if self.last == end {
                    end_of_previous
                } else {
                    last.min(end_of_previous)
                },
            )
        };
        match self.kind {
            Kind::Month => {
                let first = self.first.saturating_sub(1.month());
                whole(first, self.first.last_of_month(), first.last_of_month())
            }
            Kind::Year => {
                let first = self.first.saturating_sub(1.year());
                whole(first, self.first.last_of_year(), first.last_of_year())
            }
            _ => (back(self.first, self.days()), back(self.last, self.days())),
        }
    }

    /// The same days a year before.
    pub fn year_before(self) -> (Date, Date) {
        (
            self.first.saturating_sub(1.year()),
            self.last.saturating_sub(1.year()),
        )
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
        let custom = Period::read(
            "custom",
            None,
            Some((date(2026, 5, 10), date(2026, 5, 1))),
            TODAY,
            TODAY,
        );
        assert_eq!(custom.step(-1, TODAY).unwrap().first, date(2026, 4, 21));
    }

    #[test]
    fn a_month_so_far_is_compared_with_as_much_of_the_one_before() {
        assert_eq!(
            read("month", None).previous(),
            (date(2026, 10, 1), date(2026, 10, 22))
        );
        assert_eq!(
            read("month", Some(date(2026, 3, 5))).previous(),
            (date(2026, 2, 1), date(2026, 2, 28))
        );
        assert_eq!(
            read("7d", None).previous(),
            (date(2026, 11, 9), date(2026, 11, 15))
        );
        assert_eq!(
            read("year", None).previous(),
            (date(2025, 1, 1), date(2025, 11, 22))
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
