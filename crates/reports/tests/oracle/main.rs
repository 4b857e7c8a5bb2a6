//! Random traffic: the engine's answers equal those of a naive loop over the same events.

mod naive;
mod split;
mod traffic;

use jiff::tz::TimeZone;
use naive::Naive;
use reports::{
    Dimension, Filter, Interval, Metric, Operator, OrderKey, Question, Range, Site, answer, answer_all,
};
use smol_str::SmolStr;
use traffic::Traffic;
use vocabulary::{Currency, Moment};

/// Zones with the moment around which traffic is made: changes of the clock, half hours, a day that never was.
const PLACES: &[(&str, &str)] = &[
    ("Europe/Berlin", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00:00Z"),
    ("America/New_York", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Asia/Kolkata", "2026-12-31T18:30:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("UTC", "2026-02-28T23:59:59Z"),
];

struct Case {
    traffic: Traffic,
    naive: Naive,
    range: Range,
    other: Range,
}

fn case(seed: u64) -> Case {
    let (zone, around) = PLACES[seed as usize % PLACES.len()];
    let zone = TimeZone::get(zone).expect("the zone is known");
    let around: jiff::Timestamp = around.parse().expect("a timestamp");
    let mut traffic = Traffic::new(seed, Moment(around.as_millisecond()), zone.clone());
    let naive = Naive::new(&traffic.events, zone, traffic.goals.clone());
    let range = traffic.range();
    let other = traffic.range();
    Case {
        traffic,
        naive,
        range,
        other,
    }
}

fn dimensions() -> Vec<Dimension> {
    let mut all = Dimension::all();
    all.push(Dimension::Property("plan".into()));
    all.push(Dimension::Property("no such".into()));
    all
}

fn check(case: &Case, views: &[reports::View], question: &Question) {
    let site = case.site();
    let want = case.naive.answer(question);
    for (place, view) in views.iter().enumerate() {
        let got = answer(question, view, &site);
        assert_eq!(got.total_rows, want.len(), "{question:?}\nview {place}");
        let rows = got.rows.iter();
        let got: Vec<_> = rows
            .map(|r| (r.dimensions.clone(), r.metrics.clone(), r.comparison.clone()))
            .collect();
        let (from, to) = (
            question.offset.min(want.len()),
            (question.offset + question.limit).min(want.len()),
        );
        assert_eq!(got, want[from..to], "{question:?}\nview {place}");
    }
}

impl Case {
    fn site(&self) -> Site<'_> {
        Site {
            time_zone: &self.traffic.zone,
            currency: Currency::parse("EUR").expect("a currency"),
            goals: &self.traffic.goals,
        }
    }

    fn question(&self, dimensions: Vec<Dimension>, filter: Filter) -> Question {
        let mut question = Question::new(self.range.clone(), Metric::ALL);
        question.dimensions = dimensions;
        question.filter = filter;
        question
    }
}

/// Every dimension grouped by, and every dimension filtered by in every way; all metrics at once.
#[test]
fn every_metric_by_every_dimension_under_every_filter() {
    for seed in 0..16 {
        let mut case = case(seed);
        let views = split::views(&mut case.traffic);
        for (place, dimension) in dimensions().into_iter().enumerate() {
            for operator in Operator::ALL {
                // Group by the one, filter by another; the other way round for the next seed.
                let other = case.traffic.pick(&dimensions()).clone();
                let (by, of) = if seed % 2 == 0 {
                    (dimension.clone(), other)
                } else {
                    (other, dimension.clone())
                };
                let filter = case.traffic.leaf(&of, operator);
                let mut question = case.question(vec![by], filter);
                question.dense = place % 2 == 0;
                check(&case, &views, &question);
            }
        }
    }
}

#[test]
fn nested_filters_several_dimensions_pages_and_order() {
    for seed in 100..140 {
        let mut case = case(seed);
        let views = split::views(&mut case.traffic);
        for round in 0..12 {
            let mut asked = Vec::new();
            let all = dimensions();
            // Now and then so many that groups are found by hashing.
            let count = if round == 0 { 12 } else { case.traffic.below(4) };
            while asked.len() < count {
                let dimension = case.traffic.pick(&all).clone();
                if !asked.contains(&dimension) {
                    asked.push(dimension);
                }
            }
            let filter = case.traffic.filter(&all, 3);
            let mut question = case.question(asked, filter);
            if case.traffic.below(2) == 0 {
                question.offset = case.traffic.below(4);
                question.limit = 1 + case.traffic.below(5);
            }
            if case.traffic.below(2) == 0 {
                question.comparison = Some(case.other.clone());
            }
            for _ in 0..case.traffic.below(3) {
                let direction = *case
                    .traffic
                    .pick(&[reports::Direction::Ascending, reports::Direction::Descending]);
                let key = if question.dimensions.is_empty() || case.traffic.below(2) == 0 {
                    OrderKey::Metric(*case.traffic.pick(Metric::ALL))
                } else {
                    OrderKey::Dimension(case.traffic.pick(&question.dimensions).clone())
                };
                question.order.push((key, direction));
            }
            let count = 1 + case.traffic.below(Metric::ALL.len());
            let first = case.traffic.below(Metric::ALL.len());
            question.metrics = Metric::ALL
                .iter()
                .cycle()
                .skip(first)
                .take(count)
                .copied()
                .collect();
            check(&case, &views, &question);
        }
    }
}

#[test]
fn questions_answered_together_are_answered_as_one_by_one() {
    for seed in 200..216 {
        let mut case = case(seed);
        let views = split::views(&mut case.traffic);
        let filters = [Filter::All, case.traffic.filter(&dimensions(), 2)];
        let questions: Vec<Question> = dimensions()
            .into_iter()
            .enumerate()
            .map(|(place, dimension)| {
                let mut question = case.question(vec![dimension], filters[place % 2].clone());
                question.metrics = vec![Metric::ALL[place % Metric::ALL.len()]];
                question.comparison = (place % 3 == 0).then(|| case.other.clone());
                question
            })
            .collect();
        for view in &views {
            let together = answer_all(&questions, view, &case.site());
            for (question, got) in questions.iter().zip(together) {
                assert_eq!(got, answer(question, view, &case.site()), "{question:?}");
            }
        }
    }
}

#[test]
fn dense_series_have_every_label_of_the_clock() {
    for seed in 0..PLACES.len() as u64 {
        let mut case = case(seed);
        let views = split::views(&mut case.traffic);
        for interval in Interval::ALL {
            let mut question = case.question(vec![Dimension::Time(interval)], Filter::All);
            question.dense = true;
            let got = answer(&question, &views[0], &case.site());
            let labels: Vec<SmolStr> = got.rows.iter().map(|r| r.dimensions[0].clone()).collect();
            let want = case.naive.labels(&case.range, interval);
            let want: Vec<SmolStr> = want.iter().map(naive::shown).collect();
            assert_eq!(labels, want, "{interval:?}");
            assert_eq!(labels, got.meta.time_labels);
        }
    }
}

/// Enough events for two threads.
#[test]
fn two_threads_count_as_one() {
    let mut case = case(1);
    case.traffic.swell(52_000);
    case.naive = Naive::new(
        &case.traffic.events,
        case.traffic.zone.clone(),
        case.traffic.goals.clone(),
    );
    case.range = case.traffic.whole();
    let views = split::views(&mut case.traffic);
    let device = Dimension::parse("visit:device").expect("a dimension");
    let page = Dimension::parse("event:page").expect("a dimension");
    let filter = case.traffic.leaf(&device, Operator::IsNot);
    let many = vec![
        page.clone(),
        device.clone(),
        Dimension::EntryPage,
        Dimension::ExitPage,
        Dimension::Goal,
    ];
    let browsers = ["browser", "browser_version", "os"].map(|n| Dimension::parse(&format!("visit:{n}")));
    let many = many.into_iter().chain(browsers.into_iter().flatten()).collect();
    for (dimensions, filter) in [
        (vec![page], filter),
        (vec![Dimension::Time(Interval::Day), device], Filter::All),
        (many, Filter::All),
    ] {
        check(&case, &views[1..2], &case.question(dimensions, filter));
    }
}
