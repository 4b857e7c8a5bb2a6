//! Commands, from `init` to `export`.

use crate::{
    browser::Browser,
    http::Connection,
    installation::{Installation, SITE, path},
};
use audit::{Action, Actor, Entry, Subject};
use serde_json::{Value, json};
use std::io::Write as _;
use vocabulary::{ClientId, SiteId};

const WEBLOG: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/data/weblogs/apache-combined-10k.log.gz"
);

fn totals(installation: &Installation) -> Value {
    installation.query(&json!({
        "site_id": SITE, "metrics": ["visitors", "visits", "pageviews"], "date_range": "all"
    }))["results"][0]["metrics"]
        .clone()
}

#[test]
fn a_real_log_is_read_once_however_often_it_is_imported() {
    if !std::path::Path::new(WEBLOG).exists() {
        println!("skipped: the log of shared/data is not here");
        return;
    }
    let installation = Installation::new();
    let first = installation.ok(&["import", "--site", SITE, WEBLOG]);
    assert_eq!(first["lines"], 10_000);
    assert_eq!(first["unreadable"], 1);
    assert_eq!(first["unreadable_lines"][0]["line"], 8_899);
    let kept = first["accepted"].as_u64().unwrap();
    assert!(kept > 1_000, "{first}");
    let before = totals(&installation);
    assert_eq!(before[2], kept);
    let again = installation.ok(&["import", "--site", SITE, WEBLOG]);
    assert_eq!(
        (&again["accepted"], &again["dropped"]["duplicate"]),
        (&json!(0), &json!(kept))
    );
    assert_eq!(totals(&installation), before);
}

#[test]
fn events_and_exports_go_round() {
    let installation = Installation::new();
    let file = installation.folder.path().join("events.ndjson");
    let mut out = std::fs::File::create(&file).unwrap();
    for n in 0..50 {
        let event = json!({
            "site": SITE, "name": "page_view", "url": format!("https://shop.example/page-{}", n % 5),
            "timestamp": 1_780_000_000_000i64 + n * 60_000, "ip": format!("84.128.1.{n}"),
            "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
        });
        writeln!(out, "{event}").unwrap();
    }
    writeln!(out, "{{\"site\":").unwrap();
    drop(out);
    let summary = installation.ok(&["import", "--site", SITE, path(&file)]);
    assert_eq!(
        (&summary["accepted"], &summary["unreadable"]),
        (&json!(50), &json!(1))
    );
    assert_eq!(summary["unreadable_lines"][0]["line"], 51);
    assert_eq!(totals(&installation), json!([50, 50, 50]));
    let out = installation.folder.path().join("out");
    for (format, lines) in [("csv", 51), ("ndjson", 50)] {
        let exported = installation.ok(&[
            "export",
            "--site",
            SITE,
            "--what",
            "events",
            "--format",
            format,
            "--out",
            path(&out),
        ]);
        assert_eq!(exported["rows"], 50);
        let text = std::fs::read_to_string(exported["file"].as_str().unwrap()).unwrap();
        assert_eq!(text.lines().count(), lines, "{format}");
        assert!(!text.contains("84.128.1"), "no address is kept by default");
    }
    let parquet = installation.ok(&["export", "--site", SITE, "--what", "visits", "--out", path(&out)]);
    assert!(
        std::fs::read(parquet["file"].as_str().unwrap())
            .unwrap()
            .starts_with(b"PAR1")
    );
}

#[test]
fn an_import_beside_a_running_server_is_seen_by_it() {
    let installation = Installation::new();
    let read = installation.token("read");
    let server = installation.serve();
    let file = installation.folder.path().join("access.log");
    let line = r#"84.128.1.9 - - [10/Oct/2026:13:55:36 +0200] "GET /a HTTP/1.1" 200 2326 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0""#;
    std::fs::write(&file, format!("{line}\n")).unwrap();
    assert_eq!(
        installation.ok(&["import", "--site", SITE, path(&file)])["accepted"],
        1
    );
    let question = json!({"site_id": SITE, "metrics": ["pageviews"], "date_range": "all"}).to_string();
    let mut connection = Connection::open(&server.address).unwrap();
    let seen = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let answer = connection
            .post("/api/v2/query", Some(&read), question.as_bytes())
            .unwrap();
        answer.json()["results"][0]["metrics"][0] == 1
    });
    assert!(seen, "within five seconds");
    server.stop();
}

#[test]
fn what_is_denied_is_never_on_disk() {
    let installation = Installation::new();
    installation.ok(&[
        "site",
        "collection",
        SITE,
        "--deny",
        "title,referrer,campaign",
        "--deny",
        "properties",
    ]);
    let server = installation.serve();
    let event = json!({
        "site": SITE, "name": "signup", "url": "https://shop.example/MARKERPATH?utm_source=MARKERCAMPAIGN&q=MARKERQUERY",
        "title": "MARKERTITLE", "referrer": "https://MARKERREFERRER.example/x", "properties": {"plan": "MARKERPROPERTY"},
    });
    let mut connection = Connection::open(&server.address).unwrap();
    let answer = connection
        .post("/api/v1/events", None, event.to_string().as_bytes())
        .unwrap();
    assert_eq!((answer.status, &answer.json()["accepted"]), (202, &json!(1)));
    let metrics = connection.get("/metrics").unwrap();
    let metrics = String::from_utf8(metrics.body).unwrap();
    assert!(
        metrics.contains("anturazh_events_stripped_total{site=\"shop.example\"} 1"),
        "{metrics}"
    );
    server.stop();
    let found = |marker: &str| {
        let mut folders = vec![installation.data()];
        let mut found = false;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else {
                    let bytes = std::fs::read(entry.path()).unwrap().to_ascii_lowercase();
                    let marker = marker.to_ascii_lowercase().into_bytes();
                    found |= bytes.windows(marker.len()).any(|w| w == marker);
                }
            }
        }
        found
    };
    assert!(found("MARKERPATH"), "the search finds what is kept");
    for marker in [
        "MARKERTITLE",
        "MARKERREFERRER",
        "MARKERPROPERTY",
        "MARKERCAMPAIGN",
        "MARKERQUERY",
        "Firefox/143",
    ] {
        assert!(!found(marker), "{marker}");
    }
}

/// The value of a form's hidden field.
fn hidden(page: &str, name: &str) -> String {
    let at = page
        .find(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no field {name}"));
    page[at..].split('"').nth(3).unwrap().to_owned()
}

/// Sets up a second factor. Gives the cookie in place of the one before.
fn enrol(connection: &mut Connection, cookie: &str, password: &str) -> String {
    let page = connection.get_as("/security", Some(cookie)).unwrap();
    let csrf = hidden(std::str::from_utf8(&page.body).unwrap(), "csrf");
    let form = format!("csrf={csrf}&app_password={password}");
    let begun = connection
        .form("/security/second-factor", Some(cookie), &form)
        .unwrap();
    let page = String::from_utf8(begun.body).unwrap();
    let shown = page.split("id=\"app-secret\"").nth(1).unwrap();
    let shown = shown.split(['<', '>']).nth(1).unwrap();
    let bits: Vec<u8> = shown
        .chars()
        .filter_map(|c| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c))
        .flat_map(|value| format!("{value:05b}").into_bytes())
        .collect();
    let bytes: Vec<u8> = bits
        .chunks_exact(8)
        .map(|eight| u8::from_str_radix(std::str::from_utf8(eight).unwrap(), 2).unwrap())
        .collect();
    let secret = credentials::TotpSecret::from_bytes(&bytes).unwrap();
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let code = secret.code(now.as_millis() as i64);
    let form = format!("csrf={csrf}&code={}", code.reveal());
    let confirmed = connection
        .form("/security/second-factor/confirm", Some(cookie), &form)
        .unwrap();
    assert_eq!(confirmed.status, 200);
    confirmed.cookie.unwrap()
}

#[test]
fn what_the_settings_page_changes_reaches_the_door() {
    let installation = Installation::unprepared();
    let link = installation.ok(&["init"])["set_up"].as_str().unwrap().to_owned();
    installation.add_site();
    let server = installation.serve();
    let mut connection = Connection::open(&server.address).unwrap();
    let token = link.split("token=").nth(1).unwrap();
    let form = format!("token={token}&login=anna&name=Anna&password=correct+horse+battery+staple");
    let answer = connection.form("/set-up", None, &form).unwrap();
    assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.body));
    let cookie = enrol(
        &mut connection,
        &answer.cookie.unwrap(),
        "correct+horse+battery+staple",
    );
    let settings = format!("/sites/{SITE}/settings");
    let page = connection.get_as(&settings, Some(&cookie)).unwrap();
    let csrf = hidden(std::str::from_utf8(&page.body).unwrap(), "csrf");
    let action = json!({"site": SITE, "name": "signup", "url": "https://shop.example/"}).to_string();
    let mut accepted = || {
        let answer = connection
            .post("/api/v1/events", None, action.as_bytes())
            .unwrap();
        answer.json()["accepted"] == 1
    };
    assert!(accepted());
    // Every switch is off that the form does not name.
    let form = format!("csrf={csrf}&type=page_view&ip=none");
    let changed = Connection::open(&server.address).unwrap().form(
        &format!("{settings}/collection"),
        Some(&cookie),
        &form,
    );
    assert_eq!(changed.unwrap().status, 303);
    let refused = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        !accepted()
    });
    assert!(refused, "within five seconds");
    server.stop();
}

#[test]
fn events_whose_catalog_is_gone_are_not_taken_for_leftovers() {
    let installation = Installation::new();
    installation.serve().stop();
    std::fs::remove_file(installation.data().join("anonymous/catalog.sqlite")).unwrap();
    let output = installation.run(&["serve"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("catalog.sqlite` is missing"));
}

#[test]
fn mistakes_are_named_with_their_remedy() {
    let installation = Installation::new();
    for (arguments, code, wants) in [
        (&["site", "show", "shop.exmaple"][..], 1, "shop.example"),
        (&["site", "add", "a b", "--client", "1"], 2, "letters, digits"),
        (
            &[
                "site",
                "add",
                "x.example",
                "--client",
                "1",
                "--timezone",
                "Europe/Moskow",
            ],
            1,
            "Europe/Moscow",
        ),
        (&["site", "add", "x.example", "--client", "9"], 1, "client"),
        (&["site", "collection", SITE, "--deny", "titel"], 1, "title"),
        (&["client", "add", "X", "--from", "31.12.2026"], 1, "2026-12-31"),
        (&["import", "--site", SITE, "no-such-file"], 1, "no-such-file"),
        (&["init"], 1, "data folder already"),
        (&["count"], 2, "count"),
    ] {
        let output = installation.run(arguments);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {complaint}");
        assert!(complaint.contains(wants), "{arguments:?}: {complaint}");
    }
    let nowhere = std::process::Command::new(env!("CARGO_BIN_EXE_anturazh"))
        .args([
            "--data",
            path(&installation.folder.path().join("nowhere")),
            "serve",
        ])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("init"));
}

/// What waits for the audit log, oldest first.
pub(crate) fn waiting(installation: &Installation) -> Vec<Entry> {
    let folder = installation.data().join("staff/audit-waiting");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let entries = files
        .iter()
        .map(|file| Entry::decode(&std::fs::read(file).unwrap()).unwrap());
    entries.collect()
}

#[test]
fn commands_leave_entries_and_a_second_factor_is_reset_only_when_it_is_meant() {
    let (installation, link) = Installation::initialised();
    installation.add_site();
    for arguments in [
        &["token", "create", "--site", SITE, "--can", "read"][..],
        &["token", "list", "--site", SITE],
        &["goal", "add", SITE, "--action", "signup"],
        &["goal", "list", SITE],
        &["goal", "remove", SITE, "signup"],
        &["site", "collection", SITE, "--deny", "title"],
        &["site", "collection", SITE],
        &["client", "end", "1", "--on", "2030-01-31"],
        &["staff", "add", "boris@agency.example", "--site", SITE],
        &["staff", "list"],
    ] {
        installation.run(arguments);
    }
    let nobody = Subject::default();
    let client = Subject {
        client: Some(ClientId(1)),
        ..nobody
    };
    let site = Subject {
        site: Some(SiteId(1)),
        ..nobody
    };
    let boris = Subject {
        account: Some(1),
        ..nobody
    };
    let left = waiting(&installation);
    let found: Vec<_> = left.iter().map(|entry| (entry.action, entry.subject)).collect();
    let change = Action::ConfigurationChange;
    let want = [
        (Action::AccountCreated, nobody),
        (change, client),
        (change, site),
        (change, site),
        (change, site),
        (change, site),
        (change, site),
        (change, client),
        (Action::AccountCreated, boris),
    ];
    assert_eq!(found, want, "what only looks leaves nothing");
    let is_so = |entry: &Entry| {
        entry.actor == Actor::System
            && entry
                .purpose
                .as_ref()
                .is_some_and(|word| word.as_str() == "command_line")
    };
    assert!(left.iter().all(is_so));

    // The only owner, with a second factor.
    let server = installation.serve();
    let mut owner = Browser::new(&server.address);
    owner.set_up(&link, "anna@agency.example", "Anna");
    assert_eq!(owner.get("/sites").status, 200);
    server.stop();
    assert_eq!(waiting(&installation), [], "the server has taken them");
    let reset = ["staff", "reset-second-factor", "anna@agency.example"];
    let refused = installation.run(&reset);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("give --yes"));
    assert_eq!(waiting(&installation), []);
    let done = installation.ok(&[&reset[..], &["--yes"]].concat());
    assert!(done["ended_sign-ins"].as_u64().unwrap() >= 1, "{done}");
    let left = waiting(&installation);
    assert_eq!(left.len(), 1);
    assert_eq!(
        (left[0].action, left[0].subject.account),
        (Action::SecondFactorChange, Some(2))
    );
    let server = installation.serve();
    let mut owner = owner.at(&server.address);
    assert_ne!(owner.get("/sites").status, 200, "signed out");
    server.stop();
}
