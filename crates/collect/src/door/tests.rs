use super::*;
use crate::enrich::EnrichOptions;
use crate::site::{SendToken, SiteRules};
use crate::visitor::Salts;
use crate::{PROTOCOLS, steps};
use journal::{Folder, Options, Position};
use policy::Manifest;
use sha2::{Digest, Sha256};
use std::io::Write as _;
use std::sync::Mutex;
use vocabulary::moment::{DAY_MS, HOUR_MS, MINUTE_MS};
use vocabulary::{Column, Currency, DataType, Domain, EventKind, IpKeeping, VisitorKey};

const NOW: Moment = Moment(1_795_343_400_000);
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const TOKEN: &str = "send-token-of-the-shop";

/// A door over a real journal in a folder of its own, and what came out of the journal.
struct Trial {
    door: Arc<Door>,
    kept: Arc<Mutex<Vec<Event>>>,
    folder: tempfile::TempDir,
}

fn rules(domain: &str, id: u32, manifest: Manifest) -> SiteRules {
    SiteRules {
        id: SiteId(id),
        domain: Domain::parse(domain).unwrap(),
        manifest,
        key: [id as u8; 32],
        currency: Currency::parse("RUB").unwrap(),
        own_hosts: vec!["pay.example".into()],
        only_own_hosts: true,
        excluded: vec!["198.51.100.0/24".parse().unwrap()],
    }
}

fn table(manifest: Manifest) -> SiteTable {
    SiteTable::new(
        [
            rules("shop.example", 1, manifest),
            rules("other.example", 2, manifest),
        ],
        [SendToken {
            sha256: Sha256::digest(TOKEN).into(),
            site: SiteId(1),
        }],
        &Salts::new((NOW.utc_day(), [7; 32]), [(NOW.utc_day() - 1, [8; 32])]),
    )
}

fn open(folder: tempfile::TempDir, manifest: Manifest) -> Trial {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let recent_ids = Arc::new(RecentIds::open(folder.path().join("ids"), 1_000_000, NOW).unwrap());
    let replay = |position: Position, bytes: &[u8]| {
        let record = Record::decode(bytes)?;
        recent_ids.settle(position.0, &record.ids);
        kept.lock().unwrap().extend(record.events);
        Ok(())
    };
    let durable = {
        let (kept, recent_ids) = (kept.clone(), recent_ids.clone());
        move |position: Position, record: Record| {
            recent_ids.settle(position.0, &record.ids);
            kept.lock().unwrap().extend(record.events);
        }
    };
    let options = Options {
        file_bytes: 1 << 20,
        ..Options::with_salt(7)
    };
    let storage = Folder::open(folder.path().join("journal")).unwrap();
    let (journal, _) = Journal::open(storage, options, Position::START, replay, durable).unwrap();
    let options = DoorOptions {
        journal: Arc::new(journal),
        recent_ids,
        enricher: Arc::new(Enricher::new(&EnrichOptions::default()).unwrap()),
        proxies: Proxies {
            networks: vec!["10.0.0.0/8".parse().unwrap()],
            ..Proxies::default()
        },
        oldest_ms: steps::OLDEST_TRUSTED_MS,
        allowance: crate::Allowance::per_second(0),
    };
    Trial {
        door: Arc::new(Door::new(options, table(manifest))),
        kept,
        folder,
    }
}

fn trial(manifest: Manifest) -> Trial {
    open(tempfile::tempdir().unwrap(), manifest)
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let usual = [
        ("user-agent", CHROME),
        ("x-forwarded-for", "203.0.113.9"),
        ("accept-language", "ru-RU,ru;q=0.9"),
    ];
    for (name, value) in usual.iter().chain(pairs) {
        headers.insert(*name, value.parse().unwrap());
    }
    headers
}

fn peer() -> Peer {
    crate::Address::parse("10.0.0.1").unwrap().into()
}

impl Trial {
    async fn send(&self, path: &str, pairs: &[(&'static str, &str)], body: impl AsRef<[u8]>) -> Answer {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let protocol = PROTOCOLS.iter().find(|p| p.path == path).unwrap();
        let headers = headers(pairs);
        let request = Request {
            peer: peer(),
            headers: &headers,
            query,
            body: body.as_ref(),
        };
        self.door.receive(protocol, request, NOW).await
    }

    async fn native(&self, body: &str) -> String {
        let answer = self.send("/api/v1/events", &[], body).await;
        format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body))
    }

    fn kept(&self) -> Vec<Event> {
        std::mem::take(&mut *self.kept.lock().unwrap())
    }
}

fn texts(event: &Event) -> Vec<(&'static str, &str)> {
    event
        .texts
        .iter()
        .map(|(column, text)| (column.name(), text))
        .collect()
}

#[tokio::test]
async fn a_page_view_is_kept_with_what_the_manifest_allows() {
    let trial = trial(Manifest::default().keep_ip(IpKeeping::Truncated));
    let answer = trial
        .native(
            r#"{"site":"shop.example","name":"page_view","url":"https://www.shop.example/%D0%BE%D0%B1%D1%83%D0%B2%D1%8C?utm_source=mail&utm_campaign=spring&email=ivan@mail.ru",
            "referrer":"https://www.google.com/search?q=x","title":"Обувь","screen":"1920x1080"}"#,
        )
        .await;
    assert_eq!(answer, r#"202 {"accepted":1,"dropped":{}}"#);
    let kept = trial.kept();
    let texts = texts(&kept[0]);
    for want in [
        ("name", "page_view"),
        ("page", "/обувь"),
        ("hostname", "shop.example"),
        ("title", "Обувь"),
        ("utm_source", "mail"),
        ("utm_campaign", "spring"),
        ("browser", "Chrome"),
        ("device", "desktop"),
        ("screen", "1920+"),
        ("language", "ru-RU"),
        ("ip", "203.0.113.0"),
    ] {
        assert!(texts.contains(&want), "{want:?} in {texts:?}");
    }
    assert_eq!(
        (kept[0].time, kept[0].kind, kept[0].interactive),
        (NOW, EventKind::PageView, true)
    );
}

/// One case for each reason that this door knows; `not_a_page` belongs to logs.
#[tokio::test]
async fn each_reason_can_be_reached() {
    let trial = trial(Manifest::default().deny(DataType::SiteSearch));
    let view = |more: &str| {
        format!(r#"{{"site":"shop.example","name":"page_view","url":"https://shop.example/"{more}}}"#)
    };
    let mut reached = vec![Reason::NotAPage];
    let old = format!(r#","age_ms":{}"#, 73 * HOUR_MS);
    let ahead = format!(r#","age_ms":{}"#, -6 * MINUTE_MS);
    for (reason, pairs, body) in [
        (Reason::Malformed, vec![], "{".into()),
        (
            Reason::UnknownSite,
            vec![],
            r#"{"site":"nowhere.example","name":"a"}"#.into(),
        ),
        (Reason::TooOld, vec![], view(&old)),
        (Reason::InFuture, vec![], view(&ahead)),
        (
            Reason::TypeNotAllowed,
            vec![],
            r#"{"site":"shop.example","name":"site_search","properties":{"query":"x"}}"#.into(),
        ),
        (
            Reason::OwnTraffic,
            vec![("x-forwarded-for", "198.51.100.7")],
            view(""),
        ),
        (
            Reason::Bot,
            vec![("user-agent", "Googlebot/2.1 (+http://www.google.com/bot.html)")],
            view(""),
        ),
        (Reason::Bot, vec![("user-agent", "")], view("")),
        (
            Reason::ReferrerSpam,
            vec![],
            view(r#","referrer":"https://semalt.com/x""#),
        ),
        (
            Reason::ForeignHost,
            vec![],
            r#"{"site":"shop.example","name":"page_view","url":"https://evil.example/"}"#.into(),
        ),
        (Reason::Duplicate, vec![], view(r#","id":"one""#)),
    ] {
        if reason == Reason::Duplicate {
            assert_eq!(trial.native(&body).await, r#"202 {"accepted":1,"dropped":{}}"#);
            trial.kept();
        }
        let answer = trial.send("/api/v1/events", &pairs, &body).await;
        if reason == Reason::Malformed {
            assert_eq!(
                (answer.status, answer.content_type),
                (400, "application/problem+json")
            );
        } else {
            let want = format!(r#"{{"accepted":0,"dropped":{{"{reason}":1}}}}"#);
            assert_eq!(
                (answer.status, &*String::from_utf8_lossy(&answer.body)),
                (202, &*want)
            );
        }
        assert!(trial.kept().is_empty(), "{reason}");
        reached.push(reason);
    }
    assert!(Reason::ALL.iter().all(|reason| reached.contains(reason)));
    let totals = trial.door.counters().totals();
    assert_eq!(totals.len(), 2);
    let reasons: Vec<_> = totals[0].reasons().collect();
    assert_eq!(reasons, [(Reason::Malformed, 1), (Reason::UnknownSite, 1)]);
    assert_eq!((totals[1].site, totals[1].accepted), (Some(SiteId(1)), 1));
    assert_eq!(totals[1].dropped.iter().sum::<u64>(), 9);
}

#[tokio::test]
async fn a_batch_is_kept_event_by_event_and_refused_as_a_whole() {
    let trial = trial(Manifest::default());
    let a = r#"{"site":"shop.example","name":"a"}"#;
    let b = r#"{"site":"nowhere.example","name":"b"}"#;
    let c = r#"{"site":"other.example","purchase":{"order_id":"A-1","revenue":129.5,"currency":"EUR"}}"#;
    assert_eq!(
        trial.native(&format!("[{a},{b},{c}]")).await,
        r#"202 {"accepted":2,"dropped":{"unknown_site":1}}"#
    );
    let kept = trial.kept();
    assert_eq!(kept[1].sale.map(|sale| sale.revenue), Some(12_950));
    assert_eq!(
        (kept[1].kind, kept[1].text(Column::Currency)),
        (EventKind::Purchase, Some("EUR"))
    );
    let answer = trial.native(&format!("{a}\n{{\"site\":7}}")).await;
    assert!(
        answer.starts_with("400") && answer.contains(r#""field":"events[1].site""#),
        "{answer}"
    );
    assert!(trial.kept().is_empty());
}

#[tokio::test]
async fn repeats_are_stored_once_also_after_a_restart_and_in_one_request() {
    let first = trial(Manifest::default());
    let event = |id: &str| format!(r#"{{"site":"shop.example","name":"a","id":"{id}"}}"#);
    assert_eq!(
        first.native(&format!("[{},{}]", event("1"), event("1"))).await,
        r#"202 {"accepted":1,"dropped":{"duplicate":1}}"#
    );
    assert_eq!(
        first.native(&event("2")).await,
        r#"202 {"accepted":1,"dropped":{}}"#
    );
    // The same id on another site is another event.
    let other = event("1").replace("shop.example", "other.example");
    assert_eq!(first.native(&other).await, r#"202 {"accepted":1,"dropped":{}}"#);
    let order = |id: &str| {
        format!(r#"{{"site":"shop.example","id":"{id}","purchase":{{"order_id":"A-1","revenue":1}}}}"#)
    };
    assert_eq!(
        first.native(&order("3")).await,
        r#"202 {"accepted":1,"dropped":{}}"#
    );
    assert_eq!(
        first.native(&order("4")).await,
        r#"202 {"accepted":0,"dropped":{"duplicate":1}}"#
    );
    assert_eq!(first.kept().len(), 4);

    let Trial { door, folder, .. } = first;
    door.recent_ids().persist(u64::MAX, NOW).unwrap();
    door.options.journal.close().await.unwrap();
    drop(door);
    let second = open(folder, Manifest::default());
    assert_eq!(second.kept().len(), 4);
    for body in [event("1"), event("2"), order("5")] {
        assert_eq!(
            second.native(&body).await,
            r#"202 {"accepted":0,"dropped":{"duplicate":1}}"#
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_repeats_at_the_same_time_one_is_stored_even_if_senders_go_away() {
    let trial = Arc::new(trial(Manifest::default()));
    for round in 0..50 {
        let body = Arc::new(format!(
            r#"[{{"site":"shop.example","name":"a","id":"a{round}"}},{{"site":"shop.example","name":"a","id":"b{round}"}}]"#
        ));
        let turned = Arc::new(format!(
            r#"[{{"site":"shop.example","name":"a","id":"b{round}"}},{{"site":"shop.example","name":"a","id":"a{round}"}}]"#
        ));
        let mut tasks = Vec::new();
        for n in 0..8 {
            let (trial, body) = (
                trial.clone(),
                if n % 2 == 0 { body.clone() } else { turned.clone() },
            );
            tasks.push(tokio::spawn(async move { trial.native(&body).await }));
            if n == 3 {
                tasks[0].abort();
            }
        }
        for task in tasks {
            if let Ok(answer) = task.await {
                assert!(answer.starts_with("202"), "{answer}");
            }
        }
        assert_eq!(trial.kept().len(), 2, "round {round}");
    }
}

#[tokio::test]
async fn gzip_is_known_by_its_first_bytes_and_bounded() {
    let trial = trial(Manifest::default());
    let pack = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let event = br#"{"site":"shop.example","name":"a"}"#;
    let mut broken = pack(event);
    broken.truncate(20);
    for (pairs, body, status) in [
        (vec![], pack(event), 202),
        (vec![("content-encoding", "gzip")], pack(event), 202),
        (vec![("content-encoding", "gzip")], event.to_vec(), 202),
        (vec![("content-encoding", "br")], event.to_vec(), 400),
        (vec![], broken, 400),
        (vec![], pack(&vec![b' '; MOST_BODY_BYTES + 1]), 413),
        (vec![], vec![b' '; MOST_BODY_BYTES + 1], 413),
    ] {
        assert_eq!(trial.send("/api/v1/events", &pairs, &body).await.status, status);
    }
}

#[tokio::test]
async fn a_token_lets_a_server_say_when_and_who() {
    let trial = trial(Manifest::default().keep_ip(IpKeeping::Full));
    let bearer = format!("Bearer {TOKEN}");
    let pairs = [("authorization", &*bearer), ("user-agent", "node")];
    let time = NOW.0 - 400 * DAY_MS;
    let event = format!(
        r#"{{"site":"shop.example","name":"a","timestamp":{time},"ip":"192.0.2.7","user_agent":"{CHROME}"}}"#
    );
    assert_eq!(trial.send("/api/v1/events", &pairs, &event).await.status, 202);
    let kept = trial.kept();
    assert_eq!(
        (kept[0].time, kept[0].text(Column::Ip)),
        (Moment(time), Some("192.0.2.7"))
    );
    assert_eq!(kept[0].text(Column::Browser), Some("Chrome"));
    for (body, status, what) in [
        (event.replace("shop.example", "other.example"), 403, "site"),
        (
            event.replace(&format!("{time}"), &format!("{}", NOW.0 - 3_000 * DAY_MS)),
            202,
            "too_old",
        ),
        (
            event.replace(&format!("{time}"), &format!("{}", NOW.0 + 6 * MINUTE_MS)),
            202,
            "in_future",
        ),
        (event.replace(CHROME, "Googlebot/2.1"), 202, "bot"),
        (
            r#"{"site":"shop.example","name":"a"}"#.into(),
            202,
            r#""accepted":1"#,
        ),
    ] {
        let answer = trial.send("/api/v1/events", &pairs, &body).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(answer.status == status && text.contains(what), "{status} {text}");
    }
    // Neither the server's own address nor its own User-Agent is taken for the visitor's.
    assert_eq!(trial.kept()[0].text(Column::Ip), None);
    let answer = trial
        .send("/api/v1/events", &[("authorization", "Bearer wrong")], &event)
        .await;
    assert_eq!(answer.status, 401);
    assert_eq!(trial.send("/api/v1/events", &[], &event).await.status, 400);
}

#[tokio::test]
async fn other_protocols_come_through_the_same_door() {
    let trial = trial(Manifest::default());
    let event = r#"{"n":"pageview","u":"https://shop.example/x","d":"shop.example,nowhere.example"}"#;
    let answer = trial
        .send("/api/event", &[("content-type", "text/plain")], event)
        .await;
    assert_eq!((answer.status, &*answer.body), (202, &b"ok"[..]));
    assert!(answer.headers.contains(&("x-plausible-dropped", "1".into())));
    let sale = r#"{"n":"Purchase","u":"https://shop.example/x","$":{"amount":129.5,"currency":"EUR"}}"#;
    assert_eq!(trial.send("/api/event", &[], sale).await.status, 202);
    let answer = trial
        .send("/p.gif?site=shop.example&url=https://shop.example/y", &[], "")
        .await;
    assert_eq!((answer.status, answer.content_type), (200, "image/gif"));
    let answer = trial.send("/p.gif?site=nowhere.example", &[], "").await;
    assert!(
        answer
            .headers
            .contains(&("x-anturazh-dropped", "unknown_site=1".into()))
    );
    let kept = trial.kept();
    let pages: Vec<_> = kept.iter().map(|e| (e.kind, e.text(Column::Page))).collect();
    assert_eq!(
        pages,
        [
            (EventKind::PageView, Some("/x")),
            (EventKind::Purchase, Some("/x")),
            (EventKind::PageView, Some("/y"))
        ]
    );
    let answer = trial
        .send("/api/event", &[("x-debug-request", "true")], event)
        .await;
    assert_eq!((answer.status, &*answer.body), (200, &b"203.0.113.9"[..]));
    assert!(trial.kept().is_empty());
}

#[tokio::test]
async fn money_is_taken_from_an_action_where_purchases_are_denied() {
    let trial = trial(Manifest::default().deny(DataType::Purchase));
    let sale = r#"{"n":"Signup","u":"https://shop.example/x","$":{"amount":129.5,"currency":"EUR"}}"#;
    assert_eq!(trial.send("/api/event", &[], sale).await.status, 202);
    let kept = trial.kept();
    assert_eq!(
        (kept[0].kind, kept[0].sale, kept[0].text(Column::Currency)),
        (EventKind::Action, None, None)
    );
    assert_eq!(trial.door.counters().totals()[0].stripped, 1);
}

/// How much of a hit is kept: its texts, and whether its visitor can be recognised beyond the day.
async fn keeps(manifest: Manifest, consent: &str, gpc: bool, name: &str) -> Option<(Vec<Column>, bool)> {
    let trial = trial(manifest);
    let body = format!(
        r#"{{"site":"shop.example","name":"{name}","url":"https://shop.example/?utm_source=a&gclid=x","title":"T","visitor":"abc",
        "referrer":"https://duckduckgo.com/","properties":{{"query":"x"}},"screen":"1920x1080","consent":{consent}}}"#
    );
    let pairs: &[_] = if gpc { &[("sec-gpc", "1")] } else { &[] };
    assert_eq!(trial.send("/api/v1/events", pairs, &body).await.status, 202);
    let event = trial.kept().pop()?;
    let cookie = table(manifest)
        .find("shop.example")
        .unwrap()
        .keys
        .of_cookie("abc");
    Some((
        event.texts.iter().map(|(c, _)| c).collect(),
        event.visitor == cookie,
    ))
}

#[tokio::test]
async fn less_consent_and_a_smaller_manifest_never_keep_more() {
    let whole = Manifest::default()
        .keep_ip(IpKeeping::Full)
        .allow(DataType::HostName);
    for name in ["page_view", "signup", "site_search"] {
        let all = keeps(whole, r#""granted""#, false, name).await.unwrap();
        assert!(all.1, "consent given and allowed: the cookie counts");
        for (consent, gpc) in [(r#""denied""#, false), ("null", false), (r#""granted""#, true)] {
            let less = keeps(whole, consent, gpc, name).await.unwrap();
            assert_eq!((less.0, less.1), (all.0.clone(), false), "{name} {consent} {gpc}");
        }
        for &denied in DataType::ALL {
            let manifest = whole.deny(denied);
            let Some((columns, cookie)) = keeps(manifest, r#""granted""#, false, name).await else {
                continue;
            };
            assert!(
                columns.iter().all(|c| all.0.contains(c)),
                "{name} without {denied}"
            );
            assert!(
                columns
                    .iter()
                    .all(|c| *c == Column::Name || c.data_type() != denied),
                "{name} without {denied}"
            );
            assert!(!cookie || denied != DataType::VisitorCookie);
        }
    }
}

#[tokio::test]
async fn what_identifies_is_in_nothing_that_is_kept() {
    let trial = trial(Manifest::default());
    let secret = [
        "ivan.secret",
        "79161234567",
        "4111111111111111",
        "5f4dcc3b5aa765d61d8327deb882cf99",
    ];
    let [mail, phone, card, token] = secret;
    let all = format!("{mail}@mail.ru {phone} {card} {token}");
    let url = all.replace(' ', "/").replace('@', "%40");
    let body = format!(
        r#"{{"site":"shop.example","name":"x {all}","url":"https://u:p@shop.example/{url}?utm_source={mail}%40mail.ru&utm_term={phone}&q={token}#{all}",
        "title":"{all}","referrer":"https://ref.example/{url}?q={url}","properties":{{"url":"https://{mail}:p@x.example/{url}?token=abc","{mail}@mail.ru":"{all}"}},
        "purchase":{{"order_id":"{mail}@mail.ru","revenue":1,"items":[{{"sku":"{mail}@mail.ru","name":"{all}","category":"{all}"}}]}}}}"#
    );
    assert_eq!(trial.native(&body).await, r#"202 {"accepted":1,"dropped":{}}"#);
    let shown = format!("{:?}", trial.kept());
    for secret in secret {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    // The bytes of the journal hold neither these nor the address and browser.
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(trial.folder.path().join("journal")).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(holds("ref.example"), "the event is there");
    for text in secret.into_iter().chain(["203.0.113", CHROME, "AppleWebKit"]) {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn nothing_prints_an_address_a_browser_or_a_key() {
    let headers = headers(&[]);
    let sender = Sender::browser(peer(), &headers, &Proxies::default());
    let hits = crate::protocol::native::hits(
        br#"{"site":"shop.example","name":"a","visitor":"abc","ip":"203.0.113.9","user_agent":"Mozilla"}"#,
        true,
    )
    .unwrap();
    let table = table(Manifest::default());
    let site = table.find("shop.example").unwrap();
    let salts = Salts::new((1, [1; 32]), []);
    let page = crate::Page::parse("https://shop.example/203.0.113.9");
    let shown = format!("{sender:?} {hits:?} {site:?} {salts:?} {page:?} {:?}", peer());
    for secret in ["203.0.113", "10.0.0", "Mozilla", "abc", "[1, 1", "1, 1, 1"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[tokio::test]
async fn when_the_journal_takes_nothing_senders_are_told_to_come_again() {
    let trial = trial(Manifest::default());
    trial.door.options.journal.close().await.unwrap();
    let event = r#"{"site":"shop.example","name":"a","id":"1"}"#;
    for _ in 0..2 {
        let answer = trial.send("/api/v1/events", &[], event).await;
        assert_eq!(answer.status, 503);
        assert!(answer.headers.iter().any(|(name, _)| *name == "retry-after"));
    }
    assert_eq!(trial.door.counters().totals(), []);
    for (error, code) in [
        (journal::Error::Busy { waiting_bytes: 1 }, "busy"),
        (journal::Error::Full, "disk_full"),
        (journal::Error::Poisoned("x".into()), "stopped"),
    ] {
        let answer = unavailable(&error);
        assert_eq!(answer.status, 503);
        assert!(String::from_utf8_lossy(&answer.body).contains(code));
    }
}

#[test]
fn a_visitor_is_one_within_a_day_and_another_on_the_next() {
    let table = table(Manifest::default());
    let site = table.find("shop.example").unwrap();
    let address = crate::Address::parse("203.0.113.9");
    let key = |day| site.keys.of_browser(day, address, CHROME);
    let today = NOW.utc_day();
    assert_eq!(key(today), key(today));
    assert_ne!(key(today), key(today - 1));
    assert_ne!(key(today), VisitorKey(0));
}
