//! What a manifest leaves of events that were kept under another one: the same as if it had been in force then.

use crate::enrich::Enricher;
use crate::hit::what;
use crate::page::Page;
use crate::{Address, enrich::click_id};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use policy::{Consent, Decision, Manifest, decide, strip};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use vocabulary::{Column, DataType, Event, EventKind, VisitorKey};

/// A manifest, applied to the past.
pub struct Past<'a, S> {
    /// The manifest.
    pub manifest: Manifest,
    /// What finds sources.
    pub enricher: &'a Enricher,
    /// Hosts that belong to the site.
    pub own_hosts: &'a [S],
}

/// Campaign tags, with the columns that keep them.
const TAGS: [(&str, Column); 5] = [
    ("utm_source", Column::UtmSource),
    ("utm_medium", Column::UtmMedium),
    ("utm_campaign", Column::UtmCampaign),
    ("utm_term", Column::UtmTerm),
    ("utm_content", Column::UtmContent),
];

impl<S: AsRef<str>> Past<'_, S> {
    /// What is left of an event; if the manifest denies what it is, the data type that it is.
    ///
    /// An order that came as an action with an amount cannot be told from one that was named by its shop: it goes when
    /// both purchases and that action are denied, and is an action again when purchases alone are.
    pub fn leave(&self, mut event: Event) -> Result<Event, DataType> {
        let name = event.text(Column::Name).unwrap_or_default();
        let mut is = what(event.kind, name);
        if event.kind == EventKind::Purchase && name != "purchase" && !self.manifest.allows(is) {
            is = what(EventKind::Action, name);
        }
        if matches!(
            decide(is, &self.manifest, Consent::Unset, false),
            Decision::Drop(_)
        ) {
            return Err(is);
        }
        self.find_source_anew(&mut event);
        let address = event.text(Column::Ip).and_then(Address::parse);
        if let Some(kept) = address.and_then(|address| address.kept(self.manifest.ip())) {
            event.texts.set(Column::Ip, kept);
        }
        strip(&mut event, &self.manifest);
        Ok(event)
    }

    /// Source and channel follow from campaign tags and click ids, too: without these they are found anew.
    fn find_source_anew(&self, event: &mut Event) {
        let allows = |what| self.manifest.allows(what);
        let click = event.text(Column::AdClickId).and_then(click_id::of_parameter);
        let follows = !allows(DataType::Campaign) || !allows(DataType::AdClickId) && click.is_some();
        if !follows || !allows(DataType::Referrer) {
            return;
        }
        let mut url = String::from("https://-/?");
        let mut add = |name: &str, value: &str| {
            let _ = write!(url, "{name}={}&", utf8_percent_encode(value, NON_ALPHANUMERIC));
        };
        if allows(DataType::Campaign) {
            for (tag, column) in TAGS {
                add(tag, event.text(column).unwrap_or_default());
            }
            // A tag that no column keeps, such as `ref`, comes before the click id, too.
            let source = event.text(Column::Source).unwrap_or_default();
            if click.is_none_or(|click| click.source != source) {
                add("ref", source);
            }
        }
        if let Some(click) = click.filter(|_| allows(DataType::AdClickId)) {
            add(click.name, "1");
        }
        let referrer = event
            .text(Column::Referrer)
            .map(|place| format!("https://{place}"));
        let origin = self
            .enricher
            .origin(&Page::parse(&url), referrer.as_deref(), self.own_hosts);
        event.texts.set(Column::Channel, origin.channel.name());
        if origin.source.is_empty() {
            event.texts.clear(Column::Source);
        } else {
            event.texts.set(Column::Source, &origin.source);
        }
    }
}

/// The keys of visitors who must not be known for longer than a day: `SHA-256(secret ‖ key ‖ UTC day)`. Nobody can make
/// them again once the secret is forgotten.
pub fn key_of_day(secret: &[u8; 32], key: VisitorKey, utc_day: i64) -> VisitorKey {
    let digest = Sha256::new()
        .chain_update(secret)
        .chain_update(key.0.to_be_bytes())
        .chain_update(utc_day.to_be_bytes())
        .finalize();
    VisitorKey(u64::from_be_bytes(
        *digest.first_chunk().expect("SHA-256 gives 32 bytes"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::EnrichOptions;
    use crate::hit::{Hit, Item, SaleHit, When};
    use crate::sender::Sender;
    use crate::site::{SiteRules, SiteTable};
    use crate::steps::{self, Fate, Surroundings};
    use crate::visitor::Salts;
    use vocabulary::{Currency, DataTypes, Domain, IpKeeping, Moment, SiteId};

    const NOW: Moment = Moment(1_795_343_400_000);
    const OWN: [&str; 1] = ["shop.example"];

    fn table(manifest: Manifest) -> SiteTable {
        let rules = SiteRules {
            id: SiteId(1),
            domain: Domain::parse("shop.example").unwrap(),
            manifest,
            key: [1; 32],
            currency: Currency::parse("RUB").unwrap(),
            own_hosts: Vec::new(),
            only_own_hosts: false,
            excluded: Vec::new(),
        };
        SiteTable::new([rules], [], &Salts::new((NOW.utc_day(), [7; 32]), []))
    }

    fn hits() -> Vec<Hit<'static>> {
        let page = |query: &str, referrer: &'static str| {
            Hit {
            site: "shop.example".into(),
            name: "page_view".into(),
            url: format!("https://shop.example/a/b?{query}").into(),
            referrer: referrer.into(),
            title: "Tea".into(),
            screen_width: Some(1600),
            language: "ru-RU".into(),
            host_name: "provider.example".into(),
            address: Address::parse("203.0.113.77"),
            user_agent: Some("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36".into()),
            properties: vec![("plan".into(), "pro".into())],
            when: When::At(NOW),
            ..Hit::default()
        }
        };
        let action = |name: &'static str| Hit {
            name: name.into(),
            kind: EventKind::Action,
            ..page("", "")
        };
        let sale = || SaleHit {
            order_id: "A-17".into(),
            revenue: 12.5,
            items: vec![Item {
                sku: "T-1".into(),
                quantity: 1.0,
                ..Item::default()
            }],
            ..SaleHit::default()
        };
        let mut hits: Vec<Hit<'static>> = [
            ("", ""),
            ("", "https://news.example/a"),
            ("", "https://www.google.com/"),
            ("", "https://yandex.ru/search/?text=tea"),
            (
                "utm_source=news&utm_medium=email&utm_campaign=May+%26+June",
                "https://mail.example/",
            ),
            (
                "utm_source=google&utm_medium=cpc&gclid=1",
                "https://www.google.com/",
            ),
            ("yclid=1", ""),
            ("ysclid=1", "https://yandex.ru/"),
            ("ref=partner.example", "https://news.example/a"),
            ("utm_term=x&fbclid=1", "https://l.facebook.com/"),
        ]
        .map(|(query, referrer)| page(query, referrer))
        .into();
        hits.extend(["signup", "outbound_link", "file_download", "site_search"].map(action));
        for (kind, name) in [(EventKind::Purchase, "purchase"), (EventKind::Refund, "refund")] {
            hits.push(Hit {
                kind,
                sale: Some(sale()),
                ..action(name)
            });
        }
        // An action that brought money.
        hits.push(Hit {
            sale: Some(sale()),
            ..action("lead")
        });
        hits
    }

    /// The event kept of a hit under a manifest.
    fn kept(enricher: &Enricher, hit: &Hit<'_>, manifest: Manifest) -> Option<Event> {
        let around = Surroundings {
            sites: &table(manifest),
            enricher,
            recent_ids: None,
            now: NOW,
            oldest_ms: i64::MAX,
        };
        match steps::pass(hit, &Sender::server(), around).fate {
            Fate::Kept { event, .. } => Some(event),
            Fate::Dropped(_) => None,
        }
    }

    #[test]
    fn what_is_left_is_what_would_have_been_kept() {
        let enricher = Enricher::new(&EnrichOptions::default()).unwrap();
        let all = Manifest::new(DataTypes::all(), IpKeeping::Full);
        let mut manifests: Vec<Manifest> = DataType::ALL.iter().map(|what| all.deny(*what)).collect();
        manifests.push(all.keep_ip(IpKeeping::Truncated));
        manifests.push(all.deny(DataType::Campaign).deny(DataType::AdClickId));
        manifests.push(Manifest::new(
            [DataType::PageView, DataType::Referrer].into_iter().collect(),
            IpKeeping::None,
        ));
        let mut lost = 0;
        for manifest in manifests {
            let past = Past {
                manifest,
                enricher: &enricher,
                own_hosts: &OWN,
            };
            for hit in hits() {
                let before = kept(&enricher, &hit, all).unwrap();
                let left = past.leave(before.clone());
                let (name, query) = (&hit.name, &hit.url);
                // Orders named as actions are told in `leave`.
                if hit.name == "lead"
                    && !manifest.allows(DataType::Action)
                    && manifest.allows(DataType::Purchase)
                {
                    assert_eq!(left.unwrap(), before);
                    continue;
                }
                assert_eq!(
                    left.clone().ok(),
                    kept(&enricher, &hit, manifest),
                    "{name} {query} {manifest:?}"
                );
                lost += usize::from(left != Ok(before));
            }
        }
        assert!(lost > 100, "{lost}");
    }

    #[test]
    fn keys_of_days_lead_nowhere_and_stay_the_same_within_a_day() {
        let key = |secret: u8, day| key_of_day(&[secret; 32], VisitorKey(7), day);
        assert_eq!(key(1, 20_000), key(1, 20_000));
        assert_ne!(key(1, 20_000), key(1, 20_001));
        assert_ne!(key(1, 20_000), key(2, 20_000));
    }
}
