//! Time buckets of a range, by the clock of a time zone.

use crate::{
    Interval, Range,
    period::{moment_of, plus, timestamp},
};
use jiff::{ToSpan, civil::Date, civil::DateTime, civil::Time, tz::TimeZone};
use smol_str::{SmolStr, format_smolstr};
use vocabulary::{
    Moment,
    moment::{HOUR_MS, MINUTE_MS},
};

/// Buckets in order, without gaps. The first and last may reach beyond the range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// Start of each bucket, and at the end that of none.
    from: Vec<i64>,
    /// What the clock shows at each bucket's start, rounded down to the interval.
    clock: Vec<DateTime>,
    interval: Interval,
}

impl Buckets {
    /// The buckets that hold the moments of a range; none if it is empty.
    pub fn new(range: &Range, interval: Interval, time_zone: &TimeZone) -> Self {
        let mut buckets = Self {
            from: Vec::new(),
            clock: Vec::new(),
            interval,
        };
        if range.from >= range.to {
            return buckets;
        }
        match interval {
            Interval::Minute => buckets.fill_by_clock(range, MINUTE_MS, time_zone),
            Interval::Hour => buckets.fill_by_clock(range, HOUR_MS, time_zone),
            Interval::Day | Interval::Week | Interval::Month => buckets.fill_by_calendar(range, time_zone),
        }
        buckets
    }

    fn push(&mut self, from: i64, clock: DateTime) {
        if self.from.last() == Some(&from) {
            // A day that the clock leaves out begins where the next one does: the next one stays.
            self.clock.pop();
            self.from.pop();
        }
        if self.clock.last() != Some(&clock) {
            self.from.push(from);
            self.clock.push(clock);
        }
    }

    /// Hours and minutes, in stretches between changes of the clock.
    fn fill_by_clock(&mut self, range: &Range, width_ms: i64, time_zone: &TimeZone) {
        let mut at = range.from.0;
        while at < range.to.0 {
            let instant = timestamp(Moment(at));
            let offset_ms = i64::from(time_zone.to_offset(instant).seconds()) * 1000;
            let change = time_zone
                .following(instant)
                .next()
                .map_or(i64::MAX, |t| t.timestamp().as_millisecond());
            let end = change.min(range.to.0);
            while at < end {
                let clock_ms = at + offset_ms;
                let down = clock_ms.rem_euclid(width_ms);
                // Within a stretch a bucket begins where the clock is round, or where the stretch does.
                let from = if self.from.is_empty() { at - down } else { at };
                let shown = timestamp(Moment(clock_ms - down));
                self.push(from, jiff::tz::Offset::UTC.to_datetime(shown));
                at += width_ms - down;
            }
            at = at.min(change);
            if at < end {
                break;
            }
        }
        let width_end = at.max(range.to.0);
        self.from.push(width_end);
    }

    fn fill_by_calendar(&mut self, range: &Range, time_zone: &TimeZone) {
        let first = time_zone.to_datetime(timestamp(range.from)).date();
        let mut day = self.begin(first);
        loop {
            let from = moment_of(time_zone, day, Time::midnight()).0;
            if from >= range.to.0 && !self.from.is_empty() {
                self.from.push(from);
                return;
            }
            self.push(from, day.to_datetime(Time::midnight()));
            let next = match self.interval {
                Interval::Month => plus(day, 1.month()),
                Interval::Week => plus(day, 1.week()),
                _ => plus(day, 1.day()),
            };
            if next <= day {
                self.from.push(i64::MAX);
                return;
            }
            day = next;
        }
    }

    /// The first day of the bucket that a day is in.
    fn begin(&self, day: Date) -> Date {
        match self.interval {
            Interval::Month => day.first_of_month(),
            Interval::Week => plus(day, (-i64::from(day.weekday().to_monday_zero_offset())).days()),
            _ => day,
        }
    }

    /// How many buckets there are.
    pub fn len(&self) -> usize {
        self.clock.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.clock.is_empty()
    }

    /// The bucket that a moment is in. Moments outside are put into the first or last one.
    pub fn find(&self, moment: Moment) -> usize {
        let last = self.len().saturating_sub(1);
        let (Some(&begin), Some(&end)) = (self.from.first(), self.from.last()) else {
            return 0;
        };
        // Buckets are nearly equally wide: guess, then correct.
        let share = (moment.0.saturating_sub(begin)) as f64 / (end.saturating_sub(begin)) as f64;
        let mut place = ((share * self.len() as f64).max(0.0) as usize).min(last);
        while place > 0 && moment.0 < self.from[place] {
            place -= 1;
        }
        while place < last && moment.0 >= self.from[place + 1] {
            place += 1;
        }
        place
    }

    /// When a bucket begins and ends.
    pub fn span(&self, place: usize) -> (Moment, Moment) {
        (Moment(self.from[place]), Moment(self.from[place + 1]))
    }

    /// The label of a bucket.
    pub fn label(&self, place: usize) -> SmolStr {
        let clock = self.clock[place];
        let day = clock.date();
        match self.interval {
            Interval::Minute | Interval::Hour => {
                format_smolstr!("{day} {:02}:{:02}:00", clock.hour(), clock.minute())
            }
            _ => format_smolstr!("{day}"),
        }
    }

    /// The labels of all buckets.
    pub fn labels(&self) -> Vec<SmolStr> {
        (0..self.len()).map(|place| self.label(place)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(zone: &str, interval: Interval, from: &str, to: &str) -> Buckets {
        let zone = TimeZone::get(zone).unwrap();
        let at = |text: &str| Moment(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        let range = Range {
            from: at(from),
            to: at(to),
            name: "custom".into(),
        };
        let buckets = Buckets::new(&range, interval, &zone);
        for place in 0..buckets.len() {
            let (from, to) = buckets.span(place);
            assert!(from < to);
            assert_eq!(buckets.find(from), place);
            assert_eq!(buckets.find(to.plus_ms(-1)), place);
        }
        let (first, _) = buckets.span(0);
        let (_, last) = buckets.span(buckets.len() - 1);
        assert!(first <= range.from && last >= range.to, "{zone:?} {buckets:?}");
        buckets
    }

    #[test]
    fn labels_follow_the_clock() {
        use Interval::{Day, Hour, Month, Week};
        #[rustfmt::skip]
        let cases = [
            // Spring forward: 02:00 is left out; autumn: 02:00 is two hours long.
            ("Europe/Berlin", Hour, "2026-03-28T23:30:00Z", "2026-03-29T03:00:00Z", 4, "2026-03-29 00:00:00", "2026-03-29 04:00:00"),
            ("Europe/Berlin", Hour, "2026-10-24T22:00:00Z", "2026-10-25T03:00:00Z", 4, "2026-10-25 00:00:00", "2026-10-25 03:00:00"),
            ("Europe/Berlin", Day, "2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z", 3, "2026-03-28", "2026-03-30"),
            ("Asia/Kolkata", Hour, "2026-03-28T18:30:00Z", "2026-03-28T20:00:00Z", 2, "2026-03-29 00:00:00", "2026-03-29 01:00:00"),
            // A day that never was.
            ("Pacific/Apia", Day, "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", 2, "2011-12-29", "2011-12-31"),
            // The half-hour change of Lord Howe: 01:00 lasts 90 minutes.
            ("Australia/Lord_Howe", Hour, "2026-04-04T13:00:00Z", "2026-04-04T16:30:00Z", 3, "2026-04-05 00:00:00", "2026-04-05 02:00:00"),
            ("America/New_York", Week, "2026-03-01T05:00:00Z", "2026-03-16T04:00:00Z", 3, "2026-02-23", "2026-03-09"),
            ("UTC", Month, "2026-01-31T00:00:00Z", "2026-03-01T00:00:00.001Z", 3, "2026-01-01", "2026-03-01"),
        ];
        for (zone, interval, from, to, len, first, last) in cases {
            let labels = buckets(zone, interval, from, to).labels();
            assert_eq!(
                (
                    labels.len(),
                    labels[0].as_str(),
                    labels[labels.len() - 1].as_str()
                ),
                (len, first, last),
                "{zone} {interval:?} {labels:?}"
            );
        }
    }

    #[test]
    fn every_minute_of_a_year_is_found() {
        for zone in [
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Asia/Kolkata",
        ] {
            for interval in Interval::ALL {
                buckets(zone, interval, "2025-12-31T23:17:00Z", "2027-01-01T00:01:00Z");
            }
        }
    }
}
