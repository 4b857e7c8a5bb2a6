//! Files that are imported, plain or packed: every line is kept, dropped or unreadable, and the same on one thread and
//! on two.
#![no_main]

use std::sync::LazyLock;

use collect::enrich::{EnrichOptions, Enricher};
use collect::import::{Import, Summary};
use collect::{Salts, SiteRules, SiteTable};
use fuzz::door::NOW;
use policy::Manifest;
use vocabulary::{Currency, Domain, Event, SiteId};

static ENRICHER: LazyLock<Enricher> = LazyLock::new(|| Enricher::new(&EnrichOptions::default()).unwrap());

static SITES: LazyLock<SiteTable> = LazyLock::new(|| {
    let rules = SiteRules {
        id: SiteId(1),
        domain: Domain::parse("shop.example").unwrap(),
        manifest: Manifest::default(),
        key: [1; 32],
        currency: Currency::parse("EUR").unwrap(),
        own_hosts: Vec::new(),
        only_own_hosts: false,
        excluded: Vec::new(),
    };
    SiteTable::new([rules], [], &Salts::new((NOW.utc_day(), [7; 32]), []))
});

fn import(input: &[u8], threads: usize) -> Option<(Summary, Vec<Event>)> {
    let mut events = Vec::new();
    let import = Import {
        enricher: &ENRICHER,
        sites: &SITES,
        site: "shop.example",
        format: None,
        now: NOW,
        threads,
    };
    let summary = import.run(input, |batch| {
        events.extend(batch);
        Ok::<_, std::convert::Infallible>(())
    });
    summary.ok().map(|summary| (summary, events))
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let one = import(input, 1);
    if let Some((summary, events)) = &one {
        let dropped: u64 = summary.tally.dropped.iter().sum();
        assert_eq!(
            summary.lines,
            summary.tally.accepted + dropped + summary.unreadable_count
        );
        assert_eq!(summary.tally.accepted, events.len() as u64);
        assert_eq!(import(input, 2), one);
    }
});
