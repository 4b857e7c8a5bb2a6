//! What is kept of a hit.

use crate::{Column, Moment, SiteId, VisitorKey};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

pub use crate::texts::Texts;

/// Name of the event that is a page view.
pub const PAGE_VIEW: &str = "page_view";

/// What sort of thing happened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[repr(u8)]
pub enum EventKind {
    /// A page was viewed.
    PageView = 0,
    /// A named action, among them clicks on outbound links, downloads and site searches.
    Action = 1,
    /// An order. Counts as an action too.
    Purchase = 2,
    /// Money given back; its revenue is negative.
    Refund = 3,
    /// A sign that the page is still read. Prolongs the visit; no metric counts it.
    Engagement = 4,
}

impl EventKind {
    /// Every kind; a kind's place is its number in journal and segments.
    pub const ALL: [Self; 5] = [
        Self::PageView,
        Self::Action,
        Self::Purchase,
        Self::Refund,
        Self::Engagement,
    ];

    /// The kind of that number, if there is one.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Whether metrics count the event at all.
    pub fn counts(self) -> bool {
        self != Self::Engagement
    }
}

/// Amounts of an order or refund, in minor units of the event's [`Column::Currency`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Sale {
    /// What the customer pays in all; negative for a refund.
    pub revenue: i64,
    /// Tax within it.
    pub tax: i64,
    /// Shipping within it.
    pub shipping: i64,
    /// Discount already taken off.
    pub discount: i64,
}

/// One thing that happened on a site: what is left of a hit once the manifest, the visitor's consent and scrubbing
/// have taken their part.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// The site it happened on.
    pub site: SiteId,
    /// The browser it happened in.
    pub visitor: VisitorKey,
    /// When it happened.
    pub time: Moment,
    /// What sort of thing it is.
    pub kind: EventKind,
    /// Whether it shows that the visitor did something; an action with `false` leaves a bounce a bounce.
    pub interactive: bool,
    /// Amounts, of purchases and refunds.
    pub sale: Option<Sale>,
    /// The texts, by column.
    pub texts: Texts,
}

impl Event {
    /// The text of a column.
    pub fn text(&self, column: Column) -> Option<&str> {
        self.texts.get(column)
    }

    /// The strict order in which a visitor's events are read: by time, then by their own content, then by that of
    /// the visit. Two events that compare equal have the same content.
    ///
    /// Content that belongs to the event comes before content that belongs to the visit, so that a visit can be
    /// joined with late events although only its first event's visit columns were kept.
    pub fn order(&self, other: &Self) -> Ordering {
        self.visitor
            .cmp(&other.visitor)
            .then(self.time.cmp(&other.time))
            .then(self.kind.cmp(&other.kind))
            .then_with(|| self.texts.compare(&other.texts, crate::Level::Event))
            .then(self.interactive.cmp(&other.interactive))
            .then(self.sale.cmp(&other.sale))
            .then_with(|| self.texts.compare(&other.texts, crate::Level::Visit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(texts: Vec<(usize, String)>, time: i64, sale: Option<i64>) -> Event {
        let mut event = Event {
            site: SiteId(7),
            visitor: VisitorKey(u64::MAX),
            time: Moment(time),
            kind: EventKind::PageView,
            interactive: true,
            sale: sale.map(|revenue| Sale {
                revenue,
                ..Sale::default()
            }),
            texts: Texts::default(),
        };
        for (place, text) in texts {
            event.texts.set(Column::ALL[place % Column::COUNT], text);
        }
        event
    }

    proptest! {
        #[test]
        fn round_trips_and_order_agrees_with_equality(
            a in proptest::collection::vec((0..64usize, ".{0,40}"), 0..8), b in proptest::collection::vec((0..64usize, ".{0,3}"), 0..3),
            time: i64, sale: Option<i64>,
        ) {
            let (a, b) = (event(a, time, sale), event(b, time, sale));
            let bytes = postcard::to_stdvec(&a).unwrap();
            prop_assert_eq!(&postcard::from_bytes::<Event>(&bytes).unwrap(), &a);
            prop_assert_eq!(a.order(&b).is_eq(), a == b);
            prop_assert_eq!(a.order(&b), b.order(&a).reverse());
        }
    }
}
