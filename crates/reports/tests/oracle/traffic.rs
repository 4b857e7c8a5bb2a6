//! Events, filters and ranges out of a seed.

use jiff::tz::TimeZone;
use reports::{Dimension, Filter, Operator, Range};
use smol_str::{SmolStr, format_smolstr};
use vocabulary::{
    Column, Event, EventKind, Goal, GoalRule, Moment, Sale, SiteId, VisitorKey,
    event::Texts,
    moment::{DAY_MS, MINUTE_MS},
};

/// A seeded source of traffic (`SplitMix64`).
pub(crate) struct Traffic {
    state: u64,
    around: Moment,
    pub(crate) zone: TimeZone,
    pub(crate) events: Vec<Event>,
    pub(crate) goals: Vec<Goal>,
}

const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "b.c",
    "Ж",
    "/",
    "/shop",
    "/shop/1",
    "page_view",
    "Order",
    "long text beyond what fits inline",
];

impl Traffic {
    pub(crate) fn new(seed: u64, around: Moment, zone: TimeZone) -> Self {
        let goal = |name: &str, rule| Goal {
            name: name.into(),
            rule,
        };
        let mut traffic = Self {
            state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678,
            around,
            zone,
            events: Vec::new(),
            goals: vec![
                goal("Shop", GoalRule::Page("/shop**".into())),
                goal("Item", GoalRule::Page("/shop/*".into())),
                goal("Order", GoalRule::Action("Order".into())),
                goal("A", GoalRule::Action("a".into())),
                goal("Shop", GoalRule::Action("A".into())),
            ],
        };
        let count = 20 + traffic.below(120);
        let visitors = 1 + traffic.below(12) as u64;
        traffic.make(count, visitors);
        traffic
    }

    /// Makes so many events more.
    pub(crate) fn swell(&mut self, count: usize) {
        self.make(count, count as u64 / 10);
    }

    fn make(&mut self, count: usize, visitors: u64) {
        for _ in 0..count {
            let visitor =
                VisitorKey((self.below(visitors as usize) as u64).wrapping_mul(0xD134_2543_DE82_EF95));
            // Often within minutes of one of a few moments, so that visits are long, tie and touch.
            let hours = self.below(5) as i64 * 11;
            let minutes = hours * 60 + self.below(100) as i64;
            let time = self
                .around
                .plus_ms((minutes - 24 * 60) * MINUTE_MS + self.below(3) as i64 * 499);
            let event = self.event(visitor, time);
            self.events.push(event);
        }
    }

    fn event(&mut self, visitor: VisitorKey, time: Moment) -> Event {
        let kind = *self.pick(&[
            EventKind::PageView,
            EventKind::PageView,
            EventKind::PageView,
            EventKind::Action,
            EventKind::Purchase,
            EventKind::Refund,
            EventKind::Engagement,
        ]);
        let mut texts = Texts::default();
        for &column in Column::ALL {
            let text = *self.pick(TEXTS);
            texts.set(column, text);
        }
        let properties = *self.pick(&[
            "",
            "{\"plan\":\"pro\"}",
            "{\"a\":\"1\",\"plan\":\"\"}",
            "{\"a\":\"1\"}",
        ]);
        texts.set(Column::Properties, properties);
        let items = *self.pick(&[
            "",
            "",
            r#"[{"name":"Ring"}]"#,
            r#"[{"name":"Ring"},{"sku":"7","name":"Chain"},{"name":"Ring"}]"#,
            r#"[{"sku":"8","name":""},{"price":3}]"#,
        ]);
        texts.set(Column::Items, items);
        let currency = *self.pick(&["EUR", "EUR", "USD", ""]);
        texts.set(Column::Currency, currency);
        let trade = matches!(kind, EventKind::Purchase | EventKind::Refund) && self.below(5) > 0;
        // A third of the refunds name no amount.
        let sign = if kind == EventKind::Refund {
            -i64::from(self.below(3) > 0)
        } else {
            1
        };
        Event {
            site: SiteId(1),
            visitor,
            time,
            kind,
            interactive: self.below(3) > 0,
            sale: trade.then(|| Sale {
                revenue: self.below(10_000) as i64 * sign,
                ..Sale::default()
            }),
            texts,
        }
    }

    /// A number from 0 to `end`, not included.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % end.max(1) as u64) as usize
    }

    pub(crate) fn pick<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.below(list.len())]
    }

    /// A range of hours or days that mostly has events in it; its ends may cut visits, and often are an event's time.
    pub(crate) fn range(&mut self) -> Range {
        let from = self.around.plus_ms((self.below(4000) as i64 - 2000) * MINUTE_MS);
        let length = (self.below(3500) as i64) * MINUTE_MS + self.below(60_000) as i64;
        let mut ends = [from, from.plus_ms(length)];
        for end in &mut ends {
            if self.below(2) == 0 {
                let place = self.below(self.events.len());
                *end = self.events[place].time;
            }
        }
        ends.sort();
        Range {
            from: ends[0],
            to: ends[1],
            name: "custom".into(),
        }
    }

    /// A range that holds everything.
    pub(crate) fn whole(&self) -> Range {
        Range {
            from: self.around.plus_ms(-9 * DAY_MS),
            to: self.around.plus_ms(9 * DAY_MS),
            name: "custom".into(),
        }
    }

    pub(crate) fn leaf(&mut self, dimension: &Dimension, operator: Operator) -> Filter {
        let mut values: Vec<SmolStr> = Vec::new();
        for _ in 0..=self.below(3) {
            let value = match (dimension, operator) {
                (_, Operator::Matches | Operator::MatchesNot) => (*self.pick(&[
                    "^/",
                    "^$",
                    "[A-Z]",
                    "shop/[0-9]",
                    "r",
                    "2026-0[1-9]",
                    "0:00$",
                    "(",
                ]))
                .into(),
                (Dimension::Time(_), _) => {
                    let range = self.range();
                    let zoned = jiff::Timestamp::from_millisecond(range.from.0)
                        .expect("a timestamp")
                        .to_zoned(self.zone.clone());
                    let format = *self.pick(&["%F", "%F %H:00:00", "%Y-%m-01", "%d"]);
                    format_smolstr!("{}", zoned.strftime(format))
                }
                (Dimension::Goal, _) => (*self.pick(&["Shop", "Item", "order", "Order", "", "o"])).into(),
                (Dimension::Product, _) => (*self.pick(&["Ring", "chain", "8", "", "r"])).into(),
                (Dimension::Property(_), _) => (*self.pick(&["pro", "PRO", "", "p"])).into(),
                _ => (*self.pick(TEXTS)).into(),
            };
            values.push(value);
        }
        Filter::Leaf {
            dimension: dimension.clone(),
            operator,
            values,
            case_sensitive: self.below(3) > 0,
        }
    }

    /// A tree of conditions.
    pub(crate) fn filter(&mut self, dimensions: &[Dimension], depth: usize) -> Filter {
        let some = |traffic: &mut Self| {
            (0..=traffic.below(2))
                .map(|_| traffic.filter(dimensions, depth - 1))
                .collect()
        };
        match self.below(if depth == 0 { 2 } else { 6 }) {
            0 if self.below(4) == 0 => Filter::All,
            2 | 3 => Filter::And(some(self)),
            4 => Filter::Or(some(self)),
            5 => Filter::Not(Box::new(self.filter(dimensions, depth - 1))),
            _ => {
                let dimension = self.pick(dimensions).clone();
                let operator = *self.pick(&Operator::ALL);
                self.leaf(&dimension, operator)
            }
        }
    }
}
