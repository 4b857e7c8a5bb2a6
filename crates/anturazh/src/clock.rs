//! The one place where the clock is read.

use vocabulary::Moment;

/// Now.
#[expect(clippy::disallowed_methods, reason = "the clock enters the program here")]
pub(crate) fn now() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Moment(since.map_or(0, |d| d.as_millis() as i64))
}

/// Today, in UTC.
pub(crate) fn today() -> jiff::civil::Date {
    jiff::Timestamp::from_millisecond(now().0)
        .unwrap_or_default()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}
