//! Refunds that name no amount: they give back their whole order.

use crate::{View, engine::scene::Masked};
use events::Part;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use vocabulary::{Column, EventKind};

/// Revenue, in minor units, by number and currency of the order.
pub(crate) type Orders = FxHashMap<[SmolStr; 2], i64>;

/// Number and currency of the order that an event speaks of.
pub(crate) fn number(part: &Part, event: usize) -> Option<[SmolStr; 2]> {
    let currency = part.column(Column::Currency).text(event);
    let order = part.column(Column::OrderId).text(event)?;
    Some([order.clone(), currency.cloned().unwrap_or_default()])
}

/// The orders of some parts; of several purchases with one number, the dearest.
pub(crate) fn orders(parts: &[Masked]) -> Orders {
    let mut orders = FxHashMap::default();
    for masked in parts {
        let part = masked.part;
        for event in shown(masked).filter(|e| part.event_kind[*e] == EventKind::Purchase) {
            if let (Some(order), Some(sale)) = (number(part, event), part.sale_of(event)) {
                let paid: &mut i64 = orders.entry(order).or_default();
                *paid = sale.revenue.max(*paid);
            }
        }
    }
    orders
}

/// Whether a refund without an amount names an order that the view does not have. If the view is not the whole
/// archive's, such questions are to be put to the whole.
pub fn lacks_orders(view: &View) -> bool {
    let parts = Masked::of(view);
    let is_open = |part: &Part, event: usize| {
        part.event_kind[event] == EventKind::Refund
            && part.sale_of(event).is_some_and(|sale| sale.revenue == 0)
    };
    let open: Vec<[SmolStr; 2]> = parts
        .iter()
        .flat_map(|masked| {
            let part = masked.part;
            shown(masked)
                .filter(|event| is_open(part, *event))
                .filter_map(|event| number(part, event))
        })
        .collect();
    if open.is_empty() {
        return false;
    }
    let orders = orders(&parts);
    open.iter().any(|order| !orders.contains_key(order))
}

/// The event rows of a part whose visitors are not passed over.
fn shown<'v>(masked: &'v Masked<'v>) -> impl Iterator<Item = usize> + 'v {
    let part = masked.part;
    (0..part.visitors.len())
        .filter(|row| !masked.mask.is_some_and(|m| m.is_marked(*row)))
        .flat_map(|row| part.visits_of(row))
        .flat_map(|visit| part.events_of(visit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use vocabulary::{Event, Moment, Sale, SiteId, VisitorKey, event::Texts};

    fn event(kind: EventKind, order: &str, revenue: i64) -> Event {
        let mut texts = Texts::default();
        texts.set(Column::OrderId, order);
        Event {
            site: SiteId(1),
            visitor: VisitorKey(1),
            time: Moment(0),
            kind,
            interactive: true,
            sale: Some(Sale {
                revenue,
                ..Sale::default()
            }),
            texts,
        }
    }

    #[test]
    fn only_a_refund_without_amount_needs_its_order() {
        use EventKind::{Purchase, Refund};
        for (mut events, lacks) in [
            (vec![], false),
            (vec![event(Refund, "A", 0)], true),
            (vec![event(Refund, "A", 0), event(Purchase, "B", 900)], true),
            (vec![event(Refund, "A", 0), event(Purchase, "A", 900)], false),
            (vec![event(Refund, "A", -500)], false),
            (vec![event(Refund, "", 0)], false),
        ] {
            events.sort_by(Event::order);
            let parts = vec![(Arc::new(Part::from_events(&events)), None)];
            let view = View { parts, generation: 1 };
            assert_eq!(lacks_orders(&view), lacks, "{events:?}");
        }
    }
}
