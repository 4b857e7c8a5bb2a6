use super::*;
use crate::enrich::{EnrichOptions, trial};
use crate::{Salts, SiteRules};
use policy::Manifest;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use vocabulary::{Column, Currency, DataType, Domain, IpKeeping};

fn sites(domain: &str, manifest: Manifest) -> SiteTable {
    let rules = |id, domain: &str| SiteRules {
        id: SiteId(id),
        domain: Domain::parse(domain).unwrap(),
        manifest,
        key: [7; 32],
        currency: Currency::parse("EUR").unwrap(),
        own_hosts: Vec::new(),
        only_own_hosts: false,
        excluded: vec!["192.0.2.77".parse().unwrap()],
    };
    SiteTable::new(
        [rules(1, domain), rules(2, "other.example")],
        [],
        &Salts::new((0, [1; 32]), []),
    )
}

fn import(
    sites: &SiteTable,
    site: &str,
    format: Option<Format>,
    input: &[u8],
    threads: usize,
) -> (Vec<Event>, Summary) {
    let enricher = Enricher::new(&EnrichOptions::default()).unwrap();
    let import = Import {
        enricher: &enricher,
        sites,
        site,
        format,
        now: Moment(1_800_000_000_000),
        threads,
    };
    let mut events = Vec::new();
    let taken = import.run(input, |mut batch| {
        events.append(&mut batch);
        Ok::<(), ()>(())
    });
    let summary = taken.unwrap_or_else(|stop| panic!("{stop:?}"));
    let dropped: u64 = summary.tally.dropped.iter().sum();
    assert_eq!(
        summary.lines,
        summary.tally.accepted + dropped + summary.unreadable_count,
        "{summary:?}"
    );
    assert_eq!(events.len() as u64, summary.tally.accepted);
    (events, summary)
}

#[test]
fn totals_of_a_real_log_equal_those_counted_another_way() {
    let Some(log) = trial::shared("weblogs/apache-combined-10k.log.gz") else {
        return;
    };
    let folder = env!("CARGO_MANIFEST_DIR");
    let counted = Command::new("python3")
        .arg(format!("{folder}/tests/weblog_totals.py"))
        .arg(&log)
        .args(["bot_tokens.txt", "spam_hosts.txt"].map(|name| format!("{folder}/data/{name}")))
        .arg("semicomplete.com")
        .output();
    let Ok(counted) = counted else {
        println!("skipped: `python3` is needed to count another way");
        return;
    };
    assert!(
        counted.status.success(),
        "{}",
        String::from_utf8_lossy(&counted.stderr)
    );
    let counted: serde_json::Value = serde_json::from_slice(&counted.stdout).unwrap();

    let table = sites("semicomplete.com", Manifest::default());
    let packed = std::fs::read(&log).unwrap();
    let (events, summary) = import(&table, "semicomplete.com", None, &packed, 2);
    assert_eq!((summary.format, summary.lines), (Some(Format::Combined), 10_000));
    assert_eq!(
        summary.unreadable,
        [Unreadable {
            line: 8_899,
            flaw: Flaw::OpenQuote
        }]
    );
    assert_eq!(counted["unreadable"], serde_json::json!([8_899]));

    let mut totals: BTreeMap<&str, u64> = summary.tally.reasons().map(|(r, n)| (r.name(), n)).collect();
    totals.insert("lines", summary.lines);
    totals.insert("accepted", summary.tally.accepted);
    assert_eq!(serde_json::to_value(&totals).unwrap(), counted["totals"]);

    let visitors: BTreeSet<_> = events.iter().map(|event| event.visitor).collect();
    assert_eq!(visitors.len() as u64, counted["visitors"].as_u64().unwrap());
    let mut days = BTreeMap::<String, u64>::new();
    let mut pages = BTreeMap::<&str, u64>::new();
    for event in &events {
        let time = jiff::Timestamp::from_millisecond(event.time.0).unwrap();
        *days.entry(time.strftime("%Y-%m-%d").to_string()).or_default() += 1;
        *pages.entry(event.text(Column::Page).unwrap()).or_default() += 1;
    }
    assert_eq!(serde_json::to_value(&days).unwrap(), counted["days"]);
    for (page, views) in counted["pages"].as_object().unwrap() {
        assert_eq!(pages.get(&**page).copied(), views.as_u64(), "{page}");
    }
    println!("{summary:?}");

    let (again, _) = import(&table, "semicomplete.com", Some(Format::Combined), &packed, 3);
    assert!(
        again == events,
        "the same file gives the same events, however many threads read it"
    );
}

const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36";

fn combined(
    remote: &str,
    time: &str,
    request: &str,
    status: u16,
    referrer: &str,
    user_agent: &str,
) -> String {
    format!("{remote} - - [{time}] \"{request}\" {status} 512 \"{referrer}\" \"{user_agent}\"\n")
}

#[test]
fn lines_become_page_views_or_say_why_not() {
    let time = "17/May/2025:10:05:03 +0300";
    let get = "GET /price?utm_source=yandex&utm_medium=cpc&email=a@b.example HTTP/1.1";
    let everything = Manifest::default()
        .allow(DataType::HostName)
        .keep_ip(IpKeeping::Truncated);
    let lines = [
        (
            combined("77.88.55.60", time, get, 200, "https://yandex.ru/", BROWSER),
            Ok(()),
        ),
        (
            combined("h1.pool.example.net", time, "GET / HTTP/1.1", 304, "-", BROWSER),
            Ok(()),
        ),
        (
            combined("77.88.55.60", time, "GET /a.css HTTP/1.1", 200, "-", BROWSER),
            Err(Reason::NotAPage),
        ),
        (
            combined("77.88.55.60", time, "GET / HTTP/1.1", 404, "-", BROWSER),
            Err(Reason::NotAPage),
        ),
        (
            combined("77.88.55.60", time, "GET / HTTP/1.1", 200, "-", "curl/8.5.0"),
            Err(Reason::Bot),
        ),
        (
            combined("77.88.55.60", time, "GET / HTTP/1.1", 200, "-", "-"),
            Err(Reason::Bot),
        ),
        (
            combined(
                "77.88.55.60",
                time,
                "GET / HTTP/1.1",
                200,
                "http://semalt.com/x",
                BROWSER,
            ),
            Err(Reason::ReferrerSpam),
        ),
        (
            combined("192.0.2.77", time, "GET / HTTP/1.1", 200, "-", BROWSER),
            Err(Reason::OwnTraffic),
        ),
        (
            combined(
                "77.88.55.60",
                "17/May/2035:10:05:03 +0300",
                "GET / HTTP/1.1",
                200,
                "-",
                BROWSER,
            ),
            Err(Reason::InFuture),
        ),
    ];
    let table = sites("shop.example", everything);
    for (line, want) in &lines {
        let (events, summary) = import(&table, "shop.example", None, line.as_bytes(), 1);
        match want {
            Ok(()) => assert_eq!(events.len(), 1, "{line}"),
            Err(reason) => assert_eq!(
                summary.tally.reasons().collect::<Vec<_>>(),
                [(*reason, 1)],
                "{line}"
            ),
        }
    }
    let (events, _) = import(&table, "shop.example", None, lines[0].0.as_bytes(), 1);
    let texts: Vec<_> = events[0].texts.iter().collect();
    assert_eq!(
        texts,
        [
            (Column::Name, "page_view"),
            (Column::Page, "/price"),
            (Column::Hostname, "shop.example"),
            (Column::Source, "Yandex"),
            (Column::Channel, "Paid Search"),
            (Column::Referrer, "yandex.ru"),
            (Column::UtmSource, "yandex"),
            (Column::UtmMedium, "cpc"),
            (Column::Country, "RU"),
            (Column::Device, "desktop"),
            (Column::Browser, "Chrome"),
            (Column::BrowserVersion, "124"),
            (Column::Os, "Windows"),
            (Column::OsVersion, "10"),
            (Column::Ip, "77.88.55.0"),
        ]
    );
    assert_eq!(events[0].time, Moment(1_747_465_503_000));
    let (events, _) = import(&table, "shop.example", None, lines[1].0.as_bytes(), 1);
    assert_eq!(events[0].text(Column::HostName), Some("example.net"));
    assert_eq!(events[0].text(Column::Country), None);
    assert_eq!(events[0].text(Column::Channel), Some("Direct"));
}

#[test]
fn the_other_formats_come_in_too() {
    let table = sites("shop.example", Manifest::default());
    let common = r#"77.88.55.60 - - [17/May/2025:10:05:03 +0000] "GET / HTTP/1.1" 200 1"#;
    let caddy = format!(
        r#"{{"ts":1747476303.5,"request":{{"remote_ip":"77.88.55.60","method":"GET","host":"www.shop.example","uri":"/a","headers":{{"User-Agent":["{BROWSER}"],"Accept-Language":["ru-RU,ru"]}}}},"status":200}}"#
    );
    let event =
        r#"{"site":"shop.example","name":"signup","timestamp":"2025-05-17T10:05:03Z","ip":"77.88.55.60"}"#;
    for (line, format, name, host) in [
        (common, Format::Common, "page_view", Some("shop.example")),
        (&caddy, Format::Caddy, "page_view", Some("shop.example")),
        (event, Format::Ndjson, "signup", None),
    ] {
        let (events, summary) = import(
            &table,
            "shop.example",
            None,
            format!("\n{line}\r\n").as_bytes(),
            1,
        );
        assert_eq!(summary.format, Some(format));
        assert_eq!(events.len(), 1, "{line} {summary:?}");
        assert_eq!(
            (events[0].text(Column::Name), events[0].text(Column::Hostname)),
            (Some(name), host)
        );
        assert_eq!(events[0].text(Column::Country), Some("RU"));
    }
    let language = import(&table, "shop.example", None, caddy.as_bytes(), 1).0;
    assert_eq!(language[0].text(Column::Language), Some("ru-RU"));
    for (line, unreadable, dropped) in [
        (r#"{"site":"shop.example","name":"a"}"#, Some(Flaw::NoTime), None),
        (r#"{"site":"shop.example","name":7}"#, Some(Flaw::BadEvent), None),
        (r#"{"site":"shop.example","#, Some(Flaw::BadJson), None),
        (
            r#"{"site":"other.example","name":"a","timestamp":1747476303}"#,
            None,
            Some(Reason::UnknownSite),
        ),
    ] {
        let input = format!("{event}\n{line}\n");
        let (_, summary) = import(&table, "shop.example", Some(Format::Ndjson), input.as_bytes(), 1);
        let flaws: Vec<_> = summary.unreadable.iter().map(|u| (u.line, u.flaw)).collect();
        assert_eq!(
            flaws,
            unreadable.map(|flaw| (2, flaw)).into_iter().collect::<Vec<_>>(),
            "{line}"
        );
        assert_eq!(summary.tally.reasons().next().map(|(r, _)| r), dropped, "{line}");
    }
}

#[test]
fn an_import_stops_with_a_reason() {
    let table = sites("shop.example", Manifest::default());
    let enricher = Enricher::new(&EnrichOptions::default()).unwrap();
    let stop = |site, input: &[u8]| {
        let import = Import {
            enricher: &enricher,
            sites: &table,
            site,
            format: None,
            now: Moment(1_800_000_000_000),
            threads: 2,
        };
        import
            .run(input, |_| Err("full"))
            .err()
            .map(|stop| stop.to_string())
    };
    let line = combined(
        "77.88.55.60",
        "17/May/2025:10:05:03 +0300",
        "GET / HTTP/1.1",
        200,
        "-",
        BROWSER,
    );
    for (site, input, want) in [
        ("none.example", line.as_bytes(), Some("find the site")),
        (
            "shop.example",
            b"a,b,c\n1,2,3\n".as_slice(),
            Some("recognise the format"),
        ),
        (
            "shop.example",
            line.repeat(20_000).as_bytes(),
            Some("keep the events"),
        ),
        (
            "shop.example",
            &[0x1F, 0x8B, 1, 2, 3],
            Some("read on after line 0"),
        ),
        ("shop.example", b"", None),
    ] {
        let found = stop(site, input);
        assert_eq!(found.is_some(), want.is_some(), "{found:?}");
        assert!(found.unwrap_or_default().starts_with(want.unwrap_or_default()));
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_harm(lines in proptest::collection::vec(proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), 0..20), format in 0..4usize) {
        let table = sites("shop.example", Manifest::default());
        let input = lines.join(&b'\n');
        if !input.starts_with(&[0x1F, 0x8B]) {
            import(&table, "shop.example", Some(Format::ALL[format]), &input, 1);
        }
    }

    #[test]
    fn no_text_like_a_line_harms(line in r#"[0-9a-z.:]{1,9} - - \[[0-9]{2}/May/2025:10:05:0[0-9] \+0[0-9]00\] "GET [ -~]{0,20}" [0-9]{2,4} [0-9-]{1,9} "[ -~а-я\\]{0,20}" "[ -~а-я\\]{0,20}"#) {
        let table = sites("shop.example", Manifest::default());
        import(&table, "shop.example", Some(Format::Combined), line.as_bytes(), 1);
    }
}
