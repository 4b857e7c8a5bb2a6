use super::*;

fn at(zone: &TimeZone, text: &str) -> Moment {
    let civil: jiff::civil::DateTime = text.parse().unwrap();
    moment_of(zone, civil.date(), civil.time())
}

fn shown(zone: &TimeZone, range: &Range) -> String {
    let text = |m| zone.to_datetime(timestamp(m)).strftime("%F %H:%M").to_string();
    format!("{} .. {}", text(range.from), text(range.to))
}

fn days(text: &str) -> (Date, Date) {
    let (first, last) = text.split_once("..").unwrap();
    (first.parse().unwrap(), last.parse().unwrap())
}

#[test]
fn presets_steps_and_comparisons() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let calendar = Calendar {
        time_zone: &zone,
        now: at(&zone, "2026-03-30T14:30:00"),
        first_event: Some(at(&zone, "2025-11-05T08:00:00")),
    };
    let today = calendar.today();
    // period, date, days .. of the range, of the previous period, of the year before, step back
    #[rustfmt::skip]
    let cases = [
        ("day", None, "2026-03-30 00:00 .. 2026-03-31 00:00", "2026-03-29 00:00 .. 2026-03-29 14:30", "2025-03-30 00:00 .. 2025-03-30 14:30", "2026-03-29"),
        ("day", Some("2026-03-29"), "2026-03-29 00:00 .. 2026-03-30 00:00", "2026-03-28 00:00 .. 2026-03-29 00:00", "2025-03-29 00:00 .. 2025-03-30 00:00", "2026-03-28"),
        ("yesterday", None, "2026-03-29 00:00 .. 2026-03-30 00:00", "2026-03-28 00:00 .. 2026-03-29 00:00", "2025-03-29 00:00 .. 2025-03-30 00:00", "2026-03-28"),
        ("7d", None, "2026-03-24 00:00 .. 2026-03-31 00:00", "2026-03-17 00:00 .. 2026-03-23 14:30", "2025-03-24 00:00 .. 2025-03-30 14:30", "2026-03-17"),
        ("month", None, "2026-03-01 00:00 .. 2026-03-31 00:00", "2026-02-01 00:00 .. 2026-02-28 14:30", "2025-03-01 00:00 .. 2025-03-30 14:30", "2026-02-01"),
        ("month", Some("2026-02-14"), "2026-02-01 00:00 .. 2026-03-01 00:00", "2026-01-01 00:00 .. 2026-02-01 00:00", "2025-02-01 00:00 .. 2025-03-01 00:00", "2026-01-01"),
        ("6mo", None, "2025-10-01 00:00 .. 2026-03-31 00:00", "2025-04-01 00:00 .. 2025-09-30 14:30", "2024-10-01 00:00 .. 2025-03-30 14:30", "2025-04-01"),
        ("year", None, "2026-01-01 00:00 .. 2026-03-31 00:00", "2025-01-01 00:00 .. 2025-03-30 14:30", "2025-01-01 00:00 .. 2025-03-30 14:30", "2025-01-01"),
    ];
    for (name, date, range, previous, year, back) in cases {
        let period = Period::parse(name, date.map(|d| d.parse().unwrap()), None, today).unwrap();
        assert_eq!(shown(&zone, &period.range(&calendar)), range, "{name}");
        let compared = |mode| shown(&zone, &period.comparison(mode, false, &calendar).unwrap());
        assert_eq!(compared(Comparison::PreviousPeriod), previous, "{name}");
        assert_eq!(compared(Comparison::YearOverYear), year, "{name}");
        let earlier = period.back(&calendar).unwrap();
        assert_eq!(
            earlier.dates(&calendar).unwrap().0,
            back.parse().unwrap(),
            "{name}"
        );
        let there_again = earlier.forward(&calendar).unwrap();
        assert_eq!(there_again.range(&calendar), period.range(&calendar), "{name}");
        let read = Period::parse(
            &period.name(),
            period
                .parameters(today)
                .get(1)
                .map(|(_, date)| date.parse().unwrap()),
            None,
            today,
        );
        assert_eq!(read.unwrap(), period, "{name}");
    }
    let all = Period::All;
    assert_eq!(
        shown(&zone, &all.range(&calendar)),
        "2025-11-05 00:00 .. 2026-03-31 00:00"
    );
    assert_eq!(all.back(&calendar), None);
    assert_eq!(all.interval(&calendar), Interval::Week);
    assert_eq!(Period::Day(today).forward(&calendar), None);
    assert_eq!(
        shown(&zone, &Period::Realtime.range(&calendar)),
        "2026-03-30 14:01 .. 2026-03-30 14:30"
    );
}

#[test]
fn days_of_the_week_are_matched() {
    let zone = TimeZone::UTC;
    let calendar = Calendar {
        time_zone: &zone,
        now: at(&zone, "2026-06-01T00:00:00"),
        first_event: None,
    };
    let (first, last) = days("2026-03-04..2026-03-10");
    let period = Period::custom(first, last).unwrap();
    for (comparison, want) in [
        (Comparison::YearOverYear, "2025-03-05 00:00 .. 2025-03-12 00:00"),
        (Comparison::PreviousPeriod, "2026-02-25 00:00 .. 2026-03-04 00:00"),
    ] {
        let range = period.comparison(comparison, true, &calendar).unwrap();
        assert_eq!(shown(&zone, &range), want);
    }
}

#[test]
fn bad_periods_are_refused() {
    let today = "2026-03-30".parse().unwrap();
    for name in ["", "weeks", "0d", "-3d", "+7d ", "9999999d", "mo", "d", "custom"] {
        assert!(Period::parse(name, None, None, today).is_err(), "{name}");
    }
    for text in [
        "2026-03-02..2026-03-01",
        "1969-12-31..1970-01-02",
        "2026-01-01..2200-01-01",
    ] {
        let (first, last) = days(text);
        assert!(Period::custom(first, last).is_err(), "{text}");
    }
}
