//! Times a dashboard of twelve panels over seeded traffic: `dashboard_time [EVENTS] [PARTS]`, by default two million
//! events in twelve monthly parts. Prints the median of several rounds for a year, a filtered year and a month.

use events::Part;
use jiff::tz::TimeZone;
use reports::{Dimension, Filter, Interval, Metric, Operator, Question, Range, Site, View, answer_all};
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;
use std::time::Instant;
use vocabulary::{
    Column, Currency, Event, EventKind, Moment, Sale, SiteId, VisitorKey,
    event::Texts,
    moment::{DAY_MS, MINUTE_MS, SECOND_MS},
};

const START: Moment = Moment(1_767_225_600_000);
const ROUNDS: usize = 7;

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Small numbers far more often than large ones.
    fn skewed(&mut self, end: u64) -> u64 {
        let share = self.below(1 << 20) as f64 / f64::from(1 << 20);
        (share.powi(4) * end as f64) as u64
    }
}

/// Columns with how many different texts each has, and how many in a hundred visits have none.
const COLUMNS: &[(Column, u64, u64)] = &[
    (Column::Source, 60, 30),
    (Column::Channel, 8, 0),
    (Column::UtmCampaign, 40, 85),
    (Column::Country, 80, 1),
    (Column::City, 4000, 10),
    (Column::Device, 4, 0),
    (Column::Browser, 12, 0),
    (Column::Os, 8, 0),
    (Column::Language, 30, 1),
];

fn month(number: u64, events: usize, visitors: u64) -> Part {
    let mut dice = Dice(number);
    let text = |column: Column, n: u64| format_smolstr!("{} {n}", column.name());
    let texts: Vec<Vec<SmolStr>> = COLUMNS
        .iter()
        .map(|(c, count, _)| (0..*count).map(|n| text(*c, n)).collect())
        .collect();
    let paths: Vec<SmolStr> = (0..20_000)
        .map(|n| format_smolstr!("/section-{}/page-{n}", n % 37))
        .collect();
    let mut made = Vec::with_capacity(events);
    while made.len() < events {
        // Keys spread evenly, as those of a hash do.
        let visitor = VisitorKey(Dice(dice.below(visitors)).next());
        let day = (number * 30 + dice.below(30)) as i64;
        let mut time = START.plus_ms(day * DAY_MS + dice.below(1200) as i64 * MINUTE_MS);
        let mut shared = Texts::default();
        for ((column, count, absent), texts) in COLUMNS.iter().zip(&texts) {
            if dice.below(100) >= *absent {
                shared.set(*column, texts[dice.skewed(*count) as usize].clone());
            }
        }
        for _ in 0..=dice.skewed(18) {
            let mut texts = shared.clone();
            texts.set(Column::Page, paths[dice.skewed(20_000) as usize].clone());
            let kind = match dice.below(100) {
                0..=1 => EventKind::Purchase,
                2..=9 => EventKind::Action,
                _ => EventKind::PageView,
            };
            texts.set(
                Column::Name,
                if kind == EventKind::PageView {
                    "page_view"
                } else {
                    "act"
                },
            );
            if kind == EventKind::Purchase {
                texts.set(Column::Currency, "EUR");
            }
            made.push(Event {
                site: SiteId(1),
                visitor,
                time,
                kind,
                interactive: true,
                sale: (kind == EventKind::Purchase).then(|| Sale {
                    revenue: dice.below(20_000) as i64,
                    ..Sale::default()
                }),
                texts,
            });
            time = time.plus_ms(dice.below(240) as i64 * SECOND_MS);
        }
    }
    made.sort_by(Event::order);
    Part::from_events(&made)
}

fn dashboard(range: &Range, filter: &Filter) -> Vec<Question> {
    let ask = |metrics: &[Metric]| {
        let mut question = Question::new(range.clone(), metrics);
        question.filter = filter.clone();
        question
    };
    let mut all = vec![
        ask(&[
            Metric::Visitors,
            Metric::Visits,
            Metric::Pageviews,
            Metric::Orders,
            Metric::TotalRevenue,
        ]),
        ask(&[Metric::BounceRate, Metric::VisitDuration]),
        ask(&[Metric::Visitors, Metric::Visits]).by(Dimension::Time(Interval::Day)),
    ];
    for name in [
        "event:page",
        "visit:source",
        "visit:utm_campaign",
        "visit:country",
        "visit:city",
        "visit:browser",
        "visit:os",
        "visit:device",
        "visit:language",
    ] {
        let mut top = ask(&[Metric::Visitors]).by(Dimension::parse(name).expect("a dimension"));
        top.limit = 10;
        all.push(top);
    }
    all
}

#[expect(clippy::print_stdout, reason = "figures are what the example is for")]
#[expect(clippy::disallowed_methods, reason = "measuring is what the example is for")]
fn main() {
    let mut arguments = std::env::args().skip(1).map(|a| a.parse().expect("numbers"));
    let events: usize = arguments.next().unwrap_or(2_000_000);
    let months = arguments.next().unwrap_or(12);
    let visitors = (events as u64 / 7).max(1);
    let view = View {
        parts: (0..months as u64)
            .map(|m| (Arc::new(month(m, events / months, visitors)), None))
            .collect(),
        ..View::default()
    };
    let count = |of: fn(&Part) -> usize| view.parts.iter().map(|(p, _)| of(p)).sum::<usize>();
    println!(
        "{} events, {} visits, {} parts",
        count(Part::events),
        count(Part::visits),
        view.parts.len()
    );
    let zone = TimeZone::get("Europe/Berlin").expect("the zone is known");
    let site = Site {
        time_zone: &zone,
        currency: Currency::parse("EUR").expect("a currency"),
        goals: &[],
    };
    let leaf = |name: &str, value: &str| {
        Filter::leaf(
            Dimension::parse(name).expect("a dimension"),
            Operator::Is,
            [value],
        )
    };
    let filtered = leaf("visit:country", "country 2").and(leaf("visit:device", "device 1"));
    let days = |from: i64, to: i64| Range {
        from: START.plus_ms(from * DAY_MS),
        to: START.plus_ms(to * DAY_MS),
        name: "custom".into(),
    };
    for (name, range, filter) in [
        ("12 months", days(-1, 366), Filter::All),
        ("12 months, filtered", days(-1, 366), filtered.clone()),
        ("30 days", days(150, 180), Filter::All),
        ("30 days, filtered", days(150, 180), filtered),
    ] {
        let questions = dashboard(&range, &filter);
        let mut times: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let start = Instant::now();
                let answers = answer_all(&questions, &view, &site);
                assert_eq!(answers.len(), questions.len());
                start.elapsed().as_secs_f64() * 1000.0
            })
            .collect();
        times.sort_by(f64::total_cmp);
        println!("{name:22} {:8.1} ms (fastest {:.1})", times[ROUNDS / 2], times[0]);
        if std::env::args().len() > 3 {
            for question in &questions {
                let start = Instant::now();
                let answers = answer_all(std::slice::from_ref(question), &view, &site);
                let took = start.elapsed().as_secs_f64() * 1000.0;
                println!(
                    "    {took:8.1} ms, {} rows, {:?}",
                    answers[0].total_rows, question.dimensions
                );
            }
        }
    }
}
