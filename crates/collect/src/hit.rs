//! What arrives, once a protocol has read it: the same shape for all of them, borrowed from the request's bytes.

use crate::Address;
use policy::Consent;
use std::borrow::Cow;
use std::fmt;
use vocabulary::{Currency, DataType, EventKind, Moment};

/// Names of actions that are a data type of their own; every other name is [`DataType::Action`].
pub const NAMED_ACTIONS: &[(&str, DataType)] = &[
    ("outbound_link", DataType::OutboundLink),
    ("file_download", DataType::FileDownload),
    ("site_search", DataType::SiteSearch),
];

/// Name of the event that says a page is still read.
pub const ENGAGEMENT: &str = "engagement";

/// When a hit says it happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// So many milliseconds before it arrived; negative where the sender's clock was set back.
    Ago(i64),
    /// At that moment, by the word of a trusted sender.
    At(Moment),
}

/// Properties: names with their values, in the order sent.
pub type Properties<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// A hit. Empty texts stand for what was not sent.
#[derive(Clone)]
pub struct Hit<'a> {
    /// The site's domain as sent; where empty, the host of `url` stands for it.
    pub site: Cow<'a, str>,
    /// The name: `page_view`, or that of an action.
    pub name: Cow<'a, str>,
    /// What sort of thing it is.
    pub kind: EventKind,
    /// The page's URL as sent.
    pub url: Cow<'a, str>,
    /// The referring URL as sent.
    pub referrer: Cow<'a, str>,
    /// The page's title.
    pub title: Cow<'a, str>,
    /// Properties, in the order sent.
    pub properties: Properties<'a>,
    /// Amounts and goods; an action may have them too, and is kept as a purchase where the manifest allows that.
    pub sale: Option<SaleHit<'a>>,
    /// Value of the visitor's cookie.
    pub visitor: Cow<'a, str>,
    /// The visitor's word about being remembered.
    pub consent: Consent,
    /// Width of the screen in CSS pixels.
    pub screen_width: Option<u32>,
    /// Preferred language.
    pub language: Cow<'a, str>,
    /// The sender's id of this event, by which repeats are known.
    pub id: Cow<'a, str>,
    /// When it happened.
    pub when: When,
    /// Whether it shows that the visitor did something.
    pub interactive: bool,
    /// Whether what follows `#` is part of the page.
    pub fragment_is_page: bool,
    /// The visitor's address, by the word of a trusted sender.
    pub address: Option<Address>,
    /// The visitor's User-Agent, by the word of a trusted sender.
    pub user_agent: Option<Cow<'a, str>>,
    /// The provider's domain, where a log carries it.
    pub host_name: Cow<'a, str>,
}

/// The data type that something of this kind and name *is*.
pub fn what(kind: EventKind, name: &str) -> DataType {
    match kind {
        EventKind::PageView | EventKind::Engagement => DataType::PageView,
        EventKind::Purchase | EventKind::Refund => DataType::Purchase,
        EventKind::Action => NAMED_ACTIONS
            .iter()
            .find(|(named, _)| *named == name)
            .map_or(DataType::Action, |(_, what)| *what),
    }
}

impl Hit<'_> {
    /// The data type that the hit *is*, on which the manifest decides whether it is kept at all.
    pub fn what(&self) -> DataType {
        what(self.kind, &self.name)
    }
}

impl Default for Hit<'_> {
    fn default() -> Self {
        Self {
            site: Cow::default(),
            name: Cow::default(),
            kind: EventKind::PageView,
            url: Cow::default(),
            referrer: Cow::default(),
            title: Cow::default(),
            properties: Vec::new(),
            sale: None,
            visitor: Cow::default(),
            consent: Consent::Unset,
            screen_width: None,
            language: Cow::default(),
            id: Cow::default(),
            when: When::Ago(0),
            interactive: true,
            fragment_is_page: false,
            address: None,
            user_agent: None,
            host_name: Cow::default(),
        }
    }
}

impl fmt::Debug for Hit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hit")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Amounts of a purchase or refund in whole units of the currency, never negative, each checked to fit
/// [`Currency::to_minor`] of `currency` (or of a currency with cents where none was sent).
#[derive(Clone, Default)]
pub struct SaleHit<'a> {
    /// The shop's number of the order.
    pub order_id: Cow<'a, str>,
    /// The currency; the site's own where none was sent.
    pub currency: Option<Currency>,
    /// What the customer pays, or gets back, in all.
    pub revenue: f64,
    /// Tax within it.
    pub tax: f64,
    /// Shipping within it.
    pub shipping: f64,
    /// Discount already taken off.
    pub discount: f64,
    /// The goods.
    pub items: Vec<Item<'a>>,
}

/// One of the goods.
#[derive(Clone, Default)]
pub struct Item<'a> {
    /// Stock number.
    pub sku: Cow<'a, str>,
    /// Name.
    pub name: Cow<'a, str>,
    /// Category.
    pub category: Cow<'a, str>,
    /// Price of one, in whole units of the currency.
    pub price: Option<f64>,
    /// How many; 1 where nothing was sent.
    pub quantity: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hit_is_what_its_kind_and_name_say() {
        for (kind, name, what) in [
            (EventKind::PageView, "page_view", DataType::PageView),
            (EventKind::Engagement, "engagement", DataType::PageView),
            (EventKind::Action, "signup", DataType::Action),
            (EventKind::Action, "outbound_link", DataType::OutboundLink),
            (EventKind::Action, "file_download", DataType::FileDownload),
            (EventKind::Action, "site_search", DataType::SiteSearch),
            (EventKind::Purchase, "site_search", DataType::Purchase),
            (EventKind::Refund, "refund", DataType::Purchase),
        ] {
            let hit = Hit {
                kind,
                name: name.into(),
                ..Hit::default()
            };
            assert_eq!(hit.what(), what, "{kind:?} {name}");
        }
    }
}
