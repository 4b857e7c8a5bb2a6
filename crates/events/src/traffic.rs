//! Seeded events for tests, and a form in which two pictures of the same events are equal.

use crate::{Part, view::Mask};
use vocabulary::{Column, Event, EventKind, Moment, Sale, SiteId, VisitorKey, event::Texts};

/// 2026-01-31T20:00Z: tests run across the end of a month.
pub(crate) const START_MS: i64 = 1_769_889_600_000;

/// A sequence of numbers from a seed (`SplitMix64`; Steele, Lea, Flood 2014).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

/// Few visitors within 400 minutes, so that visits meet, tie and repeat.
pub(crate) fn dense(seed: u64, count: usize) -> Vec<Event> {
    let mut dice = Dice(seed);
    (0..count).map(|_| event(&mut dice, 6, 80, 5 * 60_000)).collect()
}

/// One event of `visitors` visitors at one of `steps` times, `step_ms` apart.
pub(crate) fn event(dice: &mut Dice, visitors: u64, steps: u64, step_ms: i64) -> Event {
    let kind = EventKind::ALL[dice.roll(5) as usize];
    let mut texts = Texts::default();
    let words = ["", "/", "/a", "ein längerer Text, der nicht ins Feld passt"];
    for column in [
        Column::Page,
        Column::Name,
        Column::Source,
        Column::Country,
        Column::Browser,
    ] {
        texts.set(column, words[dice.roll(4) as usize]);
    }
    let sale = matches!(kind, EventKind::Purchase | EventKind::Refund).then(|| Sale {
        revenue: dice.roll(3) as i64 * 100 - 100,
        ..Sale::default()
    });
    Event {
        site: SiteId(0),
        visitor: VisitorKey(dice.roll(visitors).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        time: Moment(START_MS + dice.roll(steps) as i64 * step_ms),
        kind,
        interactive: dice.roll(4) > 0,
        sale,
        texts,
    }
}

/// Every visit that is not masked: its events as kept, in an order that does not depend on how they are split.
pub(crate) fn visits<'a>(parts: impl IntoIterator<Item = (&'a Part, Option<&'a Mask>)>) -> Vec<Vec<Event>> {
    let mut visits = Vec::new();
    for (part, mask) in parts {
        for visitor in 0..part.visitors.len() {
            if mask.is_some_and(|mask| mask.is_marked(visitor)) {
                continue;
            }
            for visit in part.visits_of(visitor) {
                let mut events = Vec::new();
                part.push_events_of_visit(SiteId(0), part.visitors[visitor], visit, &mut events);
                visits.push(events);
            }
        }
    }
    visits.sort_by(|a, b| a[0].order(&b[0]).then(a.len().cmp(&b.len())));
    visits
}

/// The same of a view.
pub(crate) fn visits_of_view(view: &crate::View) -> Vec<Vec<Event>> {
    visits(
        view.parts
            .iter()
            .map(|(part, mask)| (part.as_ref(), mask.as_deref())),
    )
}
