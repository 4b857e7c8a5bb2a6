//! The same events as views of several shapes.

use crate::{naive::visits, traffic::Traffic};
use events::{Part, view::Mask};
use reports::View;
use std::sync::Arc;
use vocabulary::Event;

/// All in one part; visits dealt out to many parts; and the same with visitors set aside, whose stale rows must not
/// count.
pub(crate) fn views(traffic: &mut Traffic) -> Vec<View> {
    let visits: Vec<Vec<Event>> = visits(&traffic.events);
    let count = 2 + traffic.below(5);
    let mut dealt: Vec<Vec<Event>> = vec![Vec::new(); count];
    let mut kept: Vec<Vec<Event>> = vec![Vec::new(); count];
    let mut aside: Vec<Event> = Vec::new();
    let mut stale = Vec::new();
    for visit in &visits {
        let place = traffic.below(count);
        dealt[place].extend_from_slice(visit);
        // All visits of every fifth visitor are taken from the sealed parts; some of their events stay behind.
        let visitor = visit[0].visitor;
        kept[place].extend_from_slice(&visit[..visit.len().div_ceil(2)]);
        if visitor.0 % 5 == 0 {
            stale.push(visitor);
            aside.extend_from_slice(visit);
        } else {
            kept[place].extend_from_slice(&visit[visit.len().div_ceil(2)..]);
        }
    }
    let whole = part(visits.iter().flatten().cloned().collect());
    let mut masked: Vec<(Arc<Part>, Option<Arc<Mask>>)> = kept
        .into_iter()
        .map(|events| {
            let part = part(events);
            let mut mask = Mask::new(part.visitors.len());
            for (row, visitor) in part.visitors.iter().enumerate() {
                if stale.contains(visitor) {
                    mask.mark(row);
                }
            }
            (part, Some(Arc::new(mask)))
        })
        .collect();
    masked.push((part(aside), None));
    [
        vec![(whole, None)],
        dealt.into_iter().map(|events| (part(events), None)).collect(),
        masked,
        Vec::new(),
    ]
    .into_iter()
    .take(3)
    .map(|parts| View {
        parts,
        ..View::default()
    })
    .collect()
}

fn part(mut events: Vec<Event>) -> Arc<Part> {
    events.sort_by(Event::order);
    Arc::new(Part::from_events(&events))
}
