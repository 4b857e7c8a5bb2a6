//! How the agency runs its tasks.

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};
use policy::Country;
use vocabulary::{Moment, moment::DAY_MS};

/// How many working days a review may take.
pub const REVIEW_WORKING_DAYS: u32 = 2;

/// Settings of tasks.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How long a grant may last, in milliseconds; 30 days unless configured otherwise.
    pub longest_ms: i64,
    /// Whose working days count.
    pub country: Country,
    /// Where a day begins and ends.
    pub time_zone: TimeZone,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            longest_ms: 30 * DAY_MS,
            country: Country::Elsewhere,
            time_zone: TimeZone::UTC,
        }
    }
}

impl Rules {
    /// When a review of what happened at `now` is due: the end of the second working day after it. For a time outside
    /// the calendar's years (-9999 to 9999), two days.
    pub fn review_due(&self, now: Moment) -> Moment {
        self.end_of_working_day(now, REVIEW_WORKING_DAYS)
            .unwrap_or_else(|_| now.plus_ms(i64::from(REVIEW_WORKING_DAYS) * DAY_MS))
    }

    fn end_of_working_day(&self, now: Moment, count: u32) -> Result<Moment, jiff::Error> {
        let local = Timestamp::from_millisecond(now.0)?
            .to_zoned(self.time_zone.clone())
            .date();
        let epoch = civil::date(1970, 1, 1);
        let today = i64::from(local.since(epoch)?.get_days());
        let due = self.country.after_working_days(today, count);
        let end = epoch
            .checked_add((due + 1).days())?
            .to_zoned(self.time_zone.clone())?;
        Ok(Moment(end.timestamp().as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reviews_are_due_at_the_end_of_the_second_working_day_where_the_agency_is() {
        let moscow = Rules {
            country: Country::Russia,
            time_zone: TimeZone::get("Europe/Moscow").unwrap(),
            ..Rules::default()
        };
        for (rules, now, want) in [
            // 30 December, 23:30 in Moscow; the 31st to the 11th are off.
            (&moscow, "2025-12-30T20:30:00Z", "2026-01-13T21:00:00Z"),
            // Already the next day there.
            (&moscow, "2026-06-01T21:30:00Z", "2026-06-04T21:00:00Z"),
            (&Rules::default(), "2026-06-05T12:00:00Z", "2026-06-10T00:00:00Z"),
        ] {
            let moment = |text: &str| Moment(text.parse::<Timestamp>().unwrap().as_millisecond());
            assert_eq!(rules.review_due(moment(now)), moment(want), "{now}");
        }
        assert_eq!(moscow.review_due(Moment(i64::MAX)), Moment(i64::MAX));
    }
}
