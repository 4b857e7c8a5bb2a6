//! A door that keeps its events in memory, and what must hold of every answer.

use std::sync::{Arc, Mutex};

use collect::enrich::{EnrichOptions, Enricher};
use collect::{
    Answer, Door, DoorOptions, Peer, Protocol, Proxies, RecentIds, Record, Request, Salts, SendToken,
    SiteRules, SiteTable, steps,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use journal::{Journal, Options, Position};
use policy::Manifest;
use vocabulary::{Column, Currency, DataType, Domain, Moment, SiteId};

/// The moment of every request.
pub const NOW: Moment = Moment(1_795_343_400_000);
/// The headers that a parser reads; an input gives values for them.
const HEADERS: [&str; 8] = [
    "user-agent",
    "accept-language",
    "referer",
    "x-forwarded-for",
    "forwarded",
    "content-encoding",
    "sec-ch-ua",
    "x-debug-request",
];
/// A token that may send for `shop.example`; this is its text.
const TOKEN: &str = "token";
const TOKEN_SHA256: [u8; 32] = [
    0x3c, 0x46, 0x9e, 0x9d, 0x6c, 0x58, 0x75, 0xd3, 0x7a, 0x43, 0xf3, 0x53, 0xd4, 0xf8, 0x8e, 0x61, 0xfc,
    0xf8, 0x12, 0xc6, 0x6e, 0xee, 0x34, 0x57, 0x46, 0x5a, 0x40, 0xb0, 0xda, 0x41, 0x53, 0xe0,
];

/// A door with two sites: `shop.example` with the manifest as it comes, `strict.example` where little is allowed.
pub struct Trial {
    door: Door,
    journal: Arc<Journal<Record>>,
    stored: Arc<Mutex<Vec<Record>>>,
    runtime: tokio::runtime::Runtime,
    manifests: [Manifest; 2],
}

impl Trial {
    /// Opens one.
    pub fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let recent_ids = Arc::new(RecentIds::open(folder.path().join("ids"), 1_000, NOW).unwrap());
        let stored = Arc::new(Mutex::new(Vec::new()));
        let (settling, storing) = (recent_ids.clone(), stored.clone());
        let mut options = Options::with_salt(7);
        options.file_bytes = 1 << 20;
        let (journal, _) = Journal::open(
            crate::memory::Memory::default(),
            options,
            Position::START,
            |_, _| Ok(()),
            move |position, record: Record| {
                settling.settle(position.0, &record.ids);
                storing.lock().unwrap().push(record);
            },
        )
        .unwrap();
        let journal = Arc::new(journal);
        let strict = Manifest::default()
            .deny(DataType::Campaign)
            .deny(DataType::Title)
            .deny(DataType::Purchase)
            .deny(DataType::Properties)
            .deny(DataType::Referrer);
        let manifests = [Manifest::default(), strict];
        let rules = |number: u32, domain: &str| SiteRules {
            id: SiteId(number),
            domain: Domain::parse(domain).unwrap(),
            manifest: manifests[number as usize - 1],
            key: [1; 32],
            currency: Currency::parse("EUR").unwrap(),
            own_hosts: Vec::new(),
            only_own_hosts: false,
            excluded: Vec::new(),
        };
        let token = SendToken {
            sha256: TOKEN_SHA256,
            site: SiteId(1),
        };
        let salts = Salts::new((NOW.utc_day(), [7; 32]), []);
        let sites = SiteTable::new(
            [rules(1, "shop.example"), rules(2, "strict.example")],
            [token],
            &salts,
        );
        let options = DoorOptions {
            journal: journal.clone(),
            recent_ids,
            enricher: Arc::new(Enricher::new(&EnrichOptions::default()).unwrap()),
            proxies: Proxies::default(),
            oldest_ms: steps::OLDEST_TRUSTED_MS,
            allowance: collect::Allowance::per_second(0),
        };
        Self {
            door: Door::new(options, sites),
            journal,
            stored,
            runtime,
            manifests,
        }
    }

    /// Sends an input through the door: its first line gives headers, separated by tabs, the rest is the body, or the
    /// query of a protocol that is asked by `GET`. Panics if what must hold of every answer does not.
    pub fn send(&self, protocol: &Protocol, input: &[u8]) {
        let end = input.iter().position(|byte| *byte == b'\n');
        let (first, rest) = end.map_or((&[][..], input), |end| (&input[..end], &input[end + 1..]));
        let mut headers = HeaderMap::new();
        for (name, value) in HEADERS.iter().zip(first.split(|byte| *byte == b'\t')) {
            if let (Ok(value), false) = (HeaderValue::from_bytes(value), value.is_empty()) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        if first.starts_with(b"t") {
            let value = HeaderValue::from_str(&format!("Bearer {TOKEN}")).unwrap();
            headers.insert("authorization", value);
        }
        let text = if protocol.method == "GET" {
            std::str::from_utf8(rest).ok()
        } else {
            Some("")
        };
        let Some(query) = text else { return };
        let request = Request {
            peer: Peer::LOCAL,
            headers: &headers,
            query,
            body: if protocol.method == "GET" { &[] } else { rest },
        };
        let answer = self.runtime.block_on(self.door.receive(protocol, request, NOW));
        let stored = std::mem::take(&mut *self.stored.lock().unwrap());
        self.journal.release(self.journal.last_durable());
        self.holds(protocol, &answer, &stored);
    }

    fn holds(&self, protocol: &Protocol, answer: &Answer, stored: &[Record]) {
        let events: usize = stored.iter().map(|record| record.events.len()).sum();
        match answer.status {
            200 | 202 => {}
            400 | 401 | 403 | 413 => assert_eq!(events, 0, "what was refused is not stored"),
            other => panic!("status {other}"),
        }
        if answer.content_type.ends_with("json") {
            let body: serde_json::Value =
                serde_json::from_slice(&answer.body).expect("JSON is answered as JSON");
            if protocol.name == "native" && answer.status == 202 {
                assert_eq!(body["accepted"], events, "as many are stored as are said to be");
            }
        }
        for record in stored {
            assert_eq!(Record::decode(&record.encode()).as_ref().ok(), Some(record));
            for event in &record.events {
                let manifest = &self.manifests[event.site.0 as usize - 1];
                for column in Column::ALL {
                    let Some(text) = event.text(*column) else { continue };
                    assert!(manifest.allows(column.data_type()), "{} is denied", column.name());
                    assert!(!text.is_empty() && !text.contains('\0'), "{}", column.name());
                }
                assert!(event.sale.is_none() || manifest.allows(DataType::Purchase));
                assert!(event.time <= NOW);
            }
        }
    }
}
