//! Bodies of the query API, read and set against a calendar.
#![no_main]

use std::sync::LazyLock;

use fuzz::door::NOW;
use jiff::tz::TimeZone;
use reports::json::Request;
use reports::period::Calendar;
use vocabulary::{Goal, GoalRule, Moment};

static ZONE: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/Moscow").unwrap());

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Ok(request) = Request::read(input) else { return };
    let goals = [Goal {
        name: "Order".into(),
        rule: GoalRule::Page("/thanks**".into()),
    }];
    for first_event in [None, Some(Moment(0)), Some(NOW)] {
        let calendar = Calendar {
            time_zone: &ZONE,
            now: NOW,
            first_event,
        };
        if let Ok(question) = request.question(&calendar, &goals) {
            assert!(question.range.from <= question.range.to);
            assert_eq!(request.question(&calendar, &goals).ok().as_ref(), Some(&question));
        }
    }
});
