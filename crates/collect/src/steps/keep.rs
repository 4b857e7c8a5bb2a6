//! The steps that put together what is kept of a hit. What goes into a text column from outside is scrubbed first.

use super::Passage;
use crate::enrich::{language, screen_class};
use crate::hit::{Item, SaleHit};
use crate::{Address, scrub};
use policy::Tier;
use std::borrow::Cow;
use vocabulary::{Column, DataType, EventKind, Reason, Sale};

/// The longest texts kept, in bytes.
const LONGEST_PATH: usize = 1_024;
const LONGEST_TITLE: usize = 512;
const LONGEST_NAME: usize = 480;

impl Passage<'_> {
    fn keep(&mut self, column: Column, text: &str, longest: usize) {
        let text = text.trim();
        let cut = &text[..text.floor_char_boundary(longest)];
        if !cut.is_empty() {
            self.event.texts.set(column, cut);
        }
    }

    fn keep_scrubbed(&mut self, column: Column, text: &str, longest: usize) {
        if !text.is_empty() {
            // Cut after scrubbing: half an e-mail address would not be recognised.
            self.keep(column, &scrub::text(text), longest);
        }
    }
}

pub(super) fn page(passage: &mut Passage<'_>) {
    let hit = passage.hit;
    passage.keep_scrubbed(Column::Name, &hit.name, LONGEST_NAME);
    if !hit.url.is_empty() {
        let page = passage.page.clone();
        let mut path = page.readable_path();
        if hit.fragment_is_page && !page.fragment.is_empty() {
            path.to_mut().push('#');
            path.to_mut()
                .push_str(&crate::page::decode_readable(page.fragment));
        }
        passage.keep_scrubbed(Column::Page, &path, LONGEST_PATH);
        passage.keep(Column::Hostname, &page.host, 253);
    }
    passage.keep_scrubbed(Column::Title, &hit.title, LONGEST_TITLE);
    passage.keep(Column::HostName, &hit.host_name, 253);
}

pub(super) fn properties(passage: &mut Passage<'_>) {
    if passage.hit.properties.is_empty() {
        return;
    }
    let mut pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = passage
        .hit
        .properties
        .iter()
        .filter(|(name, value)| !name.trim().is_empty() && !value.trim().is_empty())
        .map(|(name, value)| {
            let is_url = value.contains("://") || name == "url";
            let value = if is_url {
                scrub::url(value)
            } else {
                scrub::text(value)
            };
            (scrub::text(name), value)
        })
        .collect();
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    // Of two with one name the later stands.
    pairs.reverse();
    pairs.dedup_by(|later, earlier| later.0 == earlier.0);
    pairs.reverse();
    if !pairs.is_empty() {
        passage.event.texts.set(Column::Properties, json_object(&pairs));
    }
}

fn json_object(pairs: &[(Cow<'_, str>, Cow<'_, str>)]) -> String {
    use serde::Serializer as _;
    let mut json = Vec::with_capacity(64 * pairs.len());
    serde_json::Serializer::new(&mut json)
        .collect_map(pairs.iter().map(|(name, value)| (name, value)))
        .expect("texts are always written as JSON");
    String::from_utf8(json).expect("JSON is written as UTF-8")
}

pub(super) fn sale(passage: &mut Passage<'_>) -> Result<(), Reason> {
    let Some(sale) = &passage.hit.sale else {
        return Ok(());
    };
    // An action that brought money is an order; the manifest may turn it back into the action that it also is.
    if passage.hit.kind == EventKind::Action {
        passage.event.kind = EventKind::Purchase;
    }
    let currency = sale.currency.unwrap_or(passage.site().rules.currency);
    let minor = |amount: f64| currency.to_minor(amount).ok_or(Reason::Malformed);
    let sign = if passage.hit.kind == EventKind::Refund {
        -1
    } else {
        1
    };
    passage.event.sale = Some(Sale {
        revenue: sign * minor(sale.revenue)?,
        tax: sign * minor(sale.tax)?,
        shipping: sign * minor(sale.shipping)?,
        discount: sign * minor(sale.discount)?,
    });
    passage.event.texts.set(Column::Currency, currency.as_str());
    passage.keep(Column::OrderId, &scrub::number(&sale.order_id), 100);
    if let Some(items) = items_json(sale) {
        passage.event.texts.set(Column::Items, items);
    }
    Ok(())
}

/// The goods as a JSON array of `{sku, name, category, price, quantity}`, absent ones left out.
fn items_json(sale: &SaleHit<'_>) -> Option<String> {
    #[derive(serde::Serialize)]
    struct Written<'w> {
        #[serde(skip_serializing_if = "str::is_empty")]
        sku: Cow<'w, str>,
        #[serde(skip_serializing_if = "str::is_empty")]
        name: Cow<'w, str>,
        #[serde(skip_serializing_if = "str::is_empty")]
        category: Cow<'w, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        price: Option<f64>,
        quantity: f64,
    }
    fn written<'w>(item: &'w Item<'_>) -> Written<'w> {
        Written {
            sku: scrub::number(&item.sku),
            name: scrub::text(&item.name),
            category: scrub::text(&item.category),
            price: item.price,
            quantity: item.quantity,
        }
    }
    let items: Vec<Written<'_>> = sale.items.iter().map(written).collect();
    (!items.is_empty())
        .then(|| serde_json::to_string(&items).expect("finite numbers and texts are always JSON"))
}

pub(super) fn visitor(passage: &mut Passage<'_>) {
    let keys = &passage.site().keys;
    let hit = passage.hit;
    let day = passage.event.time.utc_day();
    passage.event.visitor = if passage.tier == Tier::Cookie && !hit.visitor.is_empty() {
        keys.of_cookie(&hit.visitor)
    } else if passage.around.recent_ids.is_none() {
        let address = passage.address().map(Address::octets);
        let host = address.as_ref().map_or(hit.host_name.as_bytes(), |octets| octets);
        keys.of_log_line(day, host, passage.user_agent())
    } else {
        keys.of_browser(day, passage.address(), passage.user_agent())
    };
}

pub(super) fn origin(passage: &mut Passage<'_>) {
    let origin = std::mem::take(&mut passage.origin);
    passage.keep(Column::Channel, origin.channel.name(), 100);
    for (column, text) in [
        (Column::Source, &origin.source),
        (Column::Referrer, &origin.referrer),
        (Column::SearchTerms, &origin.search_terms),
        (Column::UtmSource, &origin.utm_source),
        (Column::UtmMedium, &origin.utm_medium),
        (Column::UtmCampaign, &origin.utm_campaign),
        (Column::UtmTerm, &origin.utm_term),
        (Column::UtmContent, &origin.utm_content),
        (Column::AdClickId, &origin.ad_click_id),
    ] {
        passage.keep_scrubbed(column, text, 500);
    }
}

pub(super) fn computer(passage: &mut Passage<'_>) {
    if let Some(client) = passage.client.take() {
        for (column, text) in [
            (Column::Device, &client.device),
            (Column::Browser, &client.browser),
            (Column::BrowserVersion, &client.browser_version),
            (Column::Os, &client.os),
            (Column::OsVersion, &client.os_version),
        ] {
            if !text.is_empty() {
                passage.event.texts.set(column, text);
            }
        }
    }
    if let Some(width) = passage.hit.screen_width {
        passage.event.texts.set(Column::Screen, screen_class(width));
    }
    let languages = [&*passage.hit.language, passage.sender.accept_language];
    if let Some(tag) = languages
        .into_iter()
        .filter(|text| !text.is_empty())
        .find_map(language)
    {
        passage.event.texts.set(Column::Language, tag);
    }
}

pub(super) fn place(passage: &mut Passage<'_>) {
    let Some(address) = passage.address() else {
        return;
    };
    let place = passage.around.enricher.place(address);
    for (column, text) in [
        (Column::Country, place.country),
        (Column::Region, place.region),
        (Column::City, place.city),
    ] {
        if !text.is_empty() {
            passage.event.texts.set(column, text);
        }
    }
    // A log's own word comes first. Asked only where it may be kept: most sites keep no providers.
    let manifest = passage.site().rules.manifest;
    if manifest.allows(DataType::HostName) && passage.event.text(Column::HostName).is_none() {
        let provider = passage.around.enricher.provider(address);
        passage.keep(Column::HostName, &provider, 253);
    }
    // What the manifest does not keep is never written into the event, not even until the next step.
    if let Some(kept) = address.kept(manifest.ip()) {
        passage.event.texts.set(Column::Ip, kept);
    }
}
