//! The stretches of time that people pick: presets and dates in a site's time zone.

use crate::{BadQuestion, Interval, Range};
use jiff::{Span, Timestamp, ToSpan, civil::Date, civil::Time, tz::TimeZone};
use smol_str::{SmolStr, format_smolstr};
use vocabulary::{Moment, moment::MINUTE_MS};

/// How far back `realtime` reaches, in minutes.
pub const REALTIME_MINUTES: i64 = 30;

/// Presets as `date_range` and the dashboard's `period` take them; `Nd` and `Nmo` work with any number.
pub const PRESETS: &[&str] = &[
    "realtime",
    "day",
    "yesterday",
    "7d",
    "28d",
    "30d",
    "90d",
    "91d",
    "month",
    "6mo",
    "12mo",
    "year",
    "all",
    "custom",
];

/// A stretch of days, or the last minutes. Every one that reaches today includes today, and none goes beyond it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Period {
    /// The last 30 minutes.
    Realtime,
    /// One day.
    Day(Date),
    /// So many days up to and with `last`.
    Days {
        /// The last day.
        last: Date,
        /// How many, at least 1.
        count: i32,
    },
    /// The calendar month that this day is in, as far as today.
    Month(Date),
    /// So many calendar months up to and with that of `last`, as far as today.
    Months {
        /// A day in the last month.
        last: Date,
        /// How many, at least 1.
        count: i32,
    },
    /// The calendar year that this day is in, as far as today.
    Year(Date),
    /// From the site's first event to today.
    All,
    /// These days, both included.
    Custom {
        /// The first day.
        first: Date,
        /// The last day.
        last: Date,
    },
}

/// What a period is compared with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Comparison {
    /// The stretch before it: the month before for a month, as many days before for others.
    PreviousPeriod,
    /// The same dates a year before.
    YearOverYear,
    /// These days, both included.
    Custom {
        /// The first day.
        first: Date,
        /// The last day.
        last: Date,
    },
}

impl Comparison {
    /// The name in questions and addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PreviousPeriod => "previous_period",
            Self::YearOverYear => "year_over_year",
            Self::Custom { .. } => "custom",
        }
    }
}

/// What periods are resolved against.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    /// The site's time zone.
    pub time_zone: &'a TimeZone,
    /// The present.
    pub now: Moment,
    /// The site's first event, if it has one; see [`crate::first_event`].
    pub first_event: Option<Moment>,
}

impl Calendar<'_> {
    /// The day that a moment is in.
    pub fn day(&self, moment: Moment) -> Date {
        self.time_zone.to_datetime(timestamp(moment)).date()
    }

    /// The present day.
    pub fn today(&self) -> Date {
        self.day(self.now)
    }

    /// The first moment of a day.
    pub fn start(&self, day: Date) -> Moment {
        moment_of(self.time_zone, day, Time::midnight())
    }

    /// The same time of day on the same date a year before.
    pub(crate) fn a_year_before(&self, moment: Moment) -> Moment {
        let clock = self.time_zone.to_datetime(timestamp(moment));
        moment_of(self.time_zone, plus(clock.date(), -1.year()), clock.time())
    }

    /// From the start of `first` to the end of `last`.
    pub fn days(&self, first: Date, last: Date, name: impl Into<SmolStr>) -> Range {
        Range {
            from: self.start(first),
            to: self.start(plus(last.max(first), 1.day())),
            name: name.into(),
        }
    }
}

/// The last `minutes` whole minutes and the one that runs, so that `minutes` buckets are shown.
pub fn last_minutes(now: Moment, minutes: i64) -> Range {
    let running = now.0 - now.0.rem_euclid(MINUTE_MS);
    Range {
        from: Moment(running - (minutes - 1) * MINUTE_MS),
        to: now.plus_ms(1),
        name: "realtime".into(),
    }
}

pub(crate) fn timestamp(moment: Moment) -> Timestamp {
    Timestamp::from_millisecond(moment.0).unwrap_or(if moment.0 < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

pub(crate) fn moment_of(time_zone: &TimeZone, day: Date, time: Time) -> Moment {
    let timestamp = time_zone
        .to_ambiguous_timestamp(day.to_datetime(time))
        .compatible()
        .unwrap_or(if day.year() < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        });
    Moment(timestamp.as_millisecond())
}

/// A date moved, stopping at the ends of the calendar.
pub(crate) fn plus(day: Date, span: Span) -> Date {
    day.saturating_add(span)
}

impl Period {
    /// Reads a preset: `day` (or `today`), `yesterday`, `7d`, `28d`, any `Nd` and `Nmo`, `month`, `year`, `all`,
    /// `realtime`. With `date`, the period that ends on that day or holds it, for stepping through the past.
    /// `custom` takes its days from `days`.
    pub fn parse(
        name: &str,
        date: Option<Date>,
        days: Option<(Date, Date)>,
        today: Date,
    ) -> Result<Self, BadQuestion> {
        let day = date.unwrap_or(today).min(today);
        let count = |text: &str, most: i32| {
            text.parse()
                .ok()
                .filter(|n: &i32| (1..=most).contains(n) && text.len() < 6)
        };
        let read = match name {
            "realtime" => Some(Self::Realtime),
            "day" | "today" => Some(Self::Day(day)),
            "yesterday" => Some(Self::Day(plus(day, -1.day()))),
            "month" => Some(Self::Month(day)),
            "year" => Some(Self::Year(day)),
            "all" => Some(Self::All),
            "custom" => {
                let (first, last) = days.ok_or_else(|| {
                    BadQuestion::new(
                        "date_range",
                        "`custom` without days",
                        "give the first and the last day",
                    )
                })?;
                return Self::custom(first, last);
            }
            _ => match (name.strip_suffix("mo"), name.strip_suffix('d')) {
                (Some(n), _) => count(n, 1200).map(|count| Self::Months { last: day, count }),
                (_, Some(n)) => count(n, 36_600).map(|count| Self::Days { last: day, count }),
                _ => None,
            },
        };
        read.ok_or_else(|| BadQuestion::unknown("date_range", name, PRESETS))
    }

    /// The days from `first` to `last`; fails if they are not in order or outside the years 1970 to 2199.
    pub fn custom(first: Date, last: Date) -> Result<Self, BadQuestion> {
        if first > last {
            let problem = "the first day comes after the last";
            return Err(BadQuestion::new("date_range", problem, "swap the two dates"));
        }
        if first.year() < 1970 || last.year() > 2199 {
            let problem = "a day outside the calendar served here";
            return Err(BadQuestion::new(
                "date_range",
                problem,
                "use days from 1970 to 2199",
            ));
        }
        Ok(Self::Custom { first, last })
    }

    /// The name by which [`Period::parse`] reads it.
    pub fn name(&self) -> SmolStr {
        match self {
            Self::Realtime => "realtime".into(),
            Self::Day(_) => "day".into(),
            Self::Days { count, .. } => format_smolstr!("{count}d"),
            Self::Month(_) => "month".into(),
            Self::Months { count, .. } => format_smolstr!("{count}mo"),
            Self::Year(_) => "year".into(),
            Self::All => "all".into(),
            Self::Custom { .. } => "custom".into(),
        }
    }

    /// The parameters of a dashboard's address that name it: `period`, and `date` or `from` and `to` if needed.
    pub fn parameters(&self, today: Date) -> Vec<(&'static str, String)> {
        let mut parameters = vec![("period", self.name().to_string())];
        match *self {
            Self::Day(day)
            | Self::Month(day)
            | Self::Year(day)
            | Self::Days { last: day, .. }
            | Self::Months { last: day, .. } => {
                if day != today {
                    parameters.push(("date", day.to_string()));
                }
            }
            Self::Custom { first, last } => {
                parameters.push(("from", first.to_string()));
                parameters.push(("to", last.to_string()));
            }
            Self::Realtime | Self::All => {}
        }
        parameters
    }

    /// Its first and last day. `None` for `realtime`, which has no days.
    pub fn dates(&self, calendar: &Calendar) -> Option<(Date, Date)> {
        let today = calendar.today();
        let (first, last) = match *self {
            Self::Realtime => return None,
            Self::Day(day) => (day, day),
            Self::Days { last, count } => (plus(last, (1 - count).days()), last),
            Self::Month(day) => (day.first_of_month(), day.last_of_month()),
            Self::Months { last, count } => (
                plus(last.first_of_month(), (1 - count).months()),
                last.last_of_month(),
            ),
            Self::Year(day) => (day.first_of_year(), day.last_of_year()),
            Self::All => (calendar.first_event.map_or(today, |m| calendar.day(m)), today),
            Self::Custom { first, last } => return Some((first, last)),
        };
        let last = last.min(today);
        Some((first.min(last), last))
    }

    /// The moments it covers.
    pub fn range(&self, calendar: &Calendar) -> Range {
        match self.dates(calendar) {
            Some((first, last)) => calendar.days(first, last, self.name()),
            None => last_minutes(calendar.now, REALTIME_MINUTES),
        }
    }

    /// The period before it; `None` where there is none (`all`, `realtime`).
    pub fn back(&self, calendar: &Calendar) -> Option<Self> {
        self.step(-1, calendar)
    }

    /// The period after it; `None` if it would begin after today.
    pub fn forward(&self, calendar: &Calendar) -> Option<Self> {
        let today = calendar.today();
        // A number of days keeps its length: it ends today at the latest.
        if let Self::Days { last, count } = *self {
            return (last < today).then(|| Self::Days {
                last: plus(last, count.days()).min(today),
                count,
            });
        }
        let next = self.step(1, calendar)?;
        let (first, _) = next.unclipped()?;
        (first <= today).then_some(next)
    }

    fn step(&self, by: i32, calendar: &Calendar) -> Option<Self> {
        let today = calendar.today();
        Some(match *self {
            Self::Realtime | Self::All => return None,
            Self::Day(day) => Self::Day(plus(day, by.days())),
            Self::Days { last, count } => Self::Days {
                last: plus(last, (by * count).days()),
                count,
            },
            Self::Month(day) => Self::Month(within(plus(day.first_of_month(), by.months()), today)),
            Self::Months { last, count } => Self::Months {
                last: within(plus(last.first_of_month(), (by * count).months()), today),
                count,
            },
            Self::Year(day) => {
                let year = plus(day.first_of_year(), by.years());
                Self::Year(if year.year() == today.year() { today } else { year })
            }
            Self::Custom { first, last } => {
                let days = by * days_of(first, last);
                Self::Custom {
                    first: plus(first, days.days()),
                    last: plus(last, days.days()),
                }
            }
        })
    }

    /// First and last day without regard to today.
    fn unclipped(&self) -> Option<(Date, Date)> {
        let far = TimeZone::UTC;
        let calendar = Calendar {
            time_zone: &far,
            now: Moment(i64::MAX),
            first_event: None,
        };
        self.dates(&calendar)
    }

    /// The days that its own are compared with, `None` where there are none.
    pub fn compared(&self, comparison: Comparison, (first, last): (Date, Date)) -> Option<(Date, Date)> {
        Some(match comparison {
            Comparison::Custom { first, last } => (first, last),
            Comparison::YearOverYear => (plus(first, -1.year()), plus(last, -1.year())),
            Comparison::PreviousPeriod => match *self {
                Self::All | Self::Realtime => return None,
                Self::Month(_) => months_before(first, last, 1),
                Self::Months { count, .. } => months_before(first, last, count),
                Self::Year(_) => months_before(first, last, 12),
                _ => {
                    let days = -days_of(first, last);
                    (plus(first, days.days()), plus(last, days.days()))
                }
            },
        })
    }

    /// What it is compared with. Like is compared with like: if the period still runs, the comparison ends at the
    /// same day and time of day; give a calendar whose `now` is the period's end to have it whole. With
    /// `match_weekday` it is moved by at most three days so that both begin on the same day of the week.
    pub fn comparison(
        &self,
        comparison: Comparison,
        match_weekday: bool,
        calendar: &Calendar,
    ) -> Option<Range> {
        let Some((first, last)) = self.dates(calendar) else {
            let range = last_minutes(calendar.now, REALTIME_MINUTES);
            let back = range.to.0 - range.from.0;
            return matches!(comparison, Comparison::PreviousPeriod).then(|| Range {
                from: range.from.plus_ms(-back),
                to: range.from,
                name: comparison.name().into(),
            });
        };
        let (mut other_first, mut other_last) = self.compared(comparison, (first, last))?;
        if match_weekday {
            let off = i32::from(other_first.weekday().since(first.weekday()));
            let off = if off > 3 { off - 7 } else { off };
            other_first = plus(other_first, (-off).days());
            other_last = plus(other_last, (-off).days());
        }
        let mut other = calendar.days(other_first, other_last, comparison.name());
        let whole = matches!(comparison, Comparison::Custom { .. });
        if !whole && last == calendar.today() && calendar.now < self.range(calendar).to {
            let time = calendar
                .time_zone
                .to_datetime(timestamp(calendar.now.plus_ms(1)))
                .time();
            other.to = moment_of(calendar.time_zone, other_last, time)
                .min(other.to)
                .max(other.from);
        }
        Some(other)
    }

    /// The time bucket that suits it best in a chart.
    pub fn interval(&self, calendar: &Calendar) -> Interval {
        match self {
            Self::Realtime => Interval::Minute,
            Self::Year(_) | Self::Months { .. } => Interval::Month,
            _ => match self.length_days(calendar) {
                ..=2 => Interval::Hour,
                3..=100 => Interval::Day,
                101..=370 => Interval::Week,
                _ => Interval::Month,
            },
        }
    }

    /// The time buckets that can be chosen for its chart, the narrowest first.
    pub fn intervals(&self, calendar: &Calendar) -> Vec<Interval> {
        let days = self.length_days(calendar);
        let fits = |interval: &Interval| match interval {
            Interval::Minute => days == 0,
            Interval::Hour => (1..=31).contains(&days),
            Interval::Day => (2..=1100).contains(&days),
            Interval::Week => days > 7,
            Interval::Month => days > 31,
        };
        Interval::ALL.into_iter().filter(fits).collect()
    }

    fn length_days(&self, calendar: &Calendar) -> i32 {
        self.dates(calendar)
            .map_or(0, |(first, last)| days_of(first, last))
    }
}

/// How many days there are from `first` to `last`, both counted.
fn days_of(first: Date, last: Date) -> i32 {
    (last - first).get_days() + 1
}

/// The month that begins on `first`, pointed at by today if today is in it.
fn within(first: Date, today: Date) -> Date {
    if first == today.first_of_month() {
        today
    } else {
        first
    }
}

/// Calendar months moved back; a last day that ends its month goes to the end of the earlier one.
fn months_before(first: Date, last: Date, months: i32) -> (Date, Date) {
    let moved = plus(last, (-months).months());
    let moved = if last == last.last_of_month() {
        moved.last_of_month()
    } else {
        moved
    };
    (plus(first, (-months).months()), moved)
}

#[cfg(test)]
mod tests;
