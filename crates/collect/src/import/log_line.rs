//! A line of a web server's log, taken apart without being copied.

use std::borrow::Cow;
use std::fmt;
use vocabulary::Moment;

/// What a line says. Texts that the server wrote as `-` are empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct LogLine<'a> {
    /// When the request was answered.
    pub time: Moment,
    /// The client's address, or the host name that the server looked up for it.
    pub remote: &'a str,
    /// Method.
    pub method: Cow<'a, str>,
    /// Path and query string as requested; a whole URL where a proxy was asked.
    pub target: Cow<'a, str>,
    /// HTTP status of the answer.
    pub status: u16,
    /// Size of the answer in bytes, where logged.
    pub bytes: Option<u64>,
    /// Referring URL.
    pub referrer: Cow<'a, str>,
    /// User-Agent; none where the format has no such field, empty where the browser sent none.
    pub user_agent: Option<Cow<'a, str>>,
    /// `Accept-Language`, where logged.
    pub language: Cow<'a, str>,
    /// The site's host, where logged.
    pub host: &'a str,
}

impl fmt::Debug for LogLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogLine")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

macro_rules! flaws {
    ($($variant:ident $name:literal $about:literal)*) => {
        /// What keeps a line from being read.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Flaw { $(#[doc = $about] $variant,)* }

        impl Flaw {
            /// Every flaw.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// A name that stays, for scripts and translations.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        impl fmt::Display for Flaw {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $about,)* })
            }
        }
    };
}

flaws! {
    TooLong "too_long" "longer than 64 KB"
    NoRemote "no_remote" "does not start with an address or host name"
    BadTime "bad_time" "no time in square brackets such as [17/May/2015:10:05:03 +0000]"
    BadRequest "bad_request" "no request in quotes after the time"
    BadStatus "bad_status" "no three-digit status after the request"
    BadSize "bad_size" "no size or hyphen after the status"
    OpenQuote "open_quote" "a quote that is never closed; the line may be cut off"
    BadJson "bad_json" "not valid JSON"
    NoRequest "no_request" "JSON without the fields of a request that Caddy logs"
    NoTime "no_time" "an event without `timestamp`"
    BadEvent "bad_event" "JSON with a field that does not fit our event format"
}

/// The moment of a time such as `17/May/2015:10:05:03 +0000`.
pub(crate) fn clf_time(text: &str) -> Option<Moment> {
    let b = text.as_bytes();
    if b.len() != 26
        || b[2] != b'/'
        || b[6] != b'/'
        || b[11] != b':'
        || b[14] != b':'
        || b[17] != b':'
        || b[20] != b' '
    {
        return None;
    }
    let number = |range: std::ops::Range<usize>| {
        b[range].iter().try_fold(0i64, |sum, digit| {
            digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0'))
        })
    };
    let month = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    .iter()
    .position(|name| name.as_bytes() == &b[3..6])? as i64
        + 1;
    let (day, year) = (number(0..2)?, number(7..11)?);
    let (hour, minute, second) = (number(12..14)?, number(15..17)?, number(18..20)?);
    let sign = match b[21] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let offset = sign * (number(22..24)? * 3_600 + number(24..26)? * 60);
    if !(1..=31).contains(&day) || !(1970..=9999).contains(&year) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = civil_day(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    Some(Moment(seconds * 1_000))
}

/// Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn civil_day(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_agree_with_a_calendar_library() {
        for (text, iso) in [
            ("17/May/2015:10:05:03 +0000", "2015-05-17T10:05:03Z"),
            ("29/Feb/2024:23:59:59 +0300", "2024-02-29T23:59:59+03:00"),
            ("01/Jan/2000:00:00:00 -0930", "2000-01-01T00:00:00-09:30"),
            ("31/Dec/1999:12:00:00 +1400", "1999-12-31T12:00:00+14:00"),
            ("01/Mar/1970:00:00:01 +0000", "1970-03-01T00:00:01Z"),
        ] {
            let time = clf_time(text).unwrap();
            let want: jiff::Timestamp = iso.parse().unwrap();
            assert_eq!(time.0, want.as_millisecond(), "{text}");
        }
        for text in [
            "",
            "17/May/2015:10:05:03",
            "17/Mai/2015:10:05:03 +0000",
            "17/May/2015:25:05:03 +0000",
            "1x/May/2015:10:05:03 +0000",
            "00/May/2015:10:05:03 +0000",
            "17/May/2015:10:05:03 z0000",
        ] {
            assert_eq!(clf_time(text), None, "{text}");
        }
    }

    #[test]
    fn a_line_is_not_printed() {
        let line = LogLine {
            remote: "192.0.2.1",
            user_agent: Some("Mozilla".into()),
            ..LogLine::default()
        };
        let shown = format!("{line:?}");
        assert!(!shown.contains("192") && !shown.contains("Moz"), "{shown}");
    }
}
