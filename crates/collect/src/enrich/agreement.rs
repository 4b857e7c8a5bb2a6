//! How well clients and robots are told, measured on public collections of User-Agents.
//!
//! Browsers and systems: the rules and the cases come from one project, so this shows that the rules work here, not
//! that they are right. Robots: our list caught 97.1 % of the instances before names it had missed among them were
//! added, which is the figure to expect of robots it has never seen; the test asks for what it reached since.

use super::bot::is_bot;
use super::client_rules;
use super::trial;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A case of uap-core's: User-Agent, family, major version.
struct Case {
    user_agent: String,
    family: String,
    major: String,
}

/// Reads uap-core's test files, which keep to one key a line.
fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        let line = line.trim_start().trim_start_matches("- ");
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        let value = match (value.as_bytes().first(), value.len()) {
            (Some(b'\''), 2..) => value[1..value.len() - 1].replace("''", "'"),
            (Some(b'"'), 2..) => value[1..value.len() - 1]
                .replace("\\\"", "\"")
                .replace("\\\\", "\\"),
            _ => value.into(),
        };
        match (key, cases.last_mut()) {
            ("user_agent_string", _) => cases.push(Case {
                user_agent: value,
                family: String::new(),
                major: String::new(),
            }),
            ("family", Some(case)) => case.family = value,
            ("major", Some(case)) => case.major = value,
            _ => {}
        }
    }
    cases
}

fn uap_core(names: &[&str]) -> Option<Vec<Case>> {
    let folder = trial::unpacked("user-agents/uap-core-tests.tar.xz")?;
    let read = |name: &&str| cases(&std::fs::read_to_string(folder.path().join("uap").join(name)).unwrap());
    Some(names.iter().flat_map(read).collect())
}

const BROWSER_CASES: &[&str] = &[
    "test_ua.yaml",
    "firefox_user_agent_strings.yaml",
    "opera_mini_user_agent_strings.yaml",
];

#[test]
fn browsers_and_systems_agree_with_the_cases_of_uap_core() {
    type Rule = fn(&str) -> Option<client_rules::Named>;
    let parts: [(&str, &[&str], Rule); 2] = [
        ("browser", BROWSER_CASES, client_rules::browser),
        (
            "system",
            &["test_os.yaml", "additional_os_tests.yaml"],
            client_rules::system,
        ),
    ];
    for (what, files, rule) in parts {
        let Some(cases) = uap_core(files) else { return };
        let (mut family, mut both, mut misses) = (0, 0, String::new());
        for case in &cases {
            let found = rule(&case.user_agent).unwrap_or_default();
            let found_family = if found.family.is_empty() {
                "Other"
            } else {
                &found.family
            };
            if found_family == case.family {
                family += 1;
                both += usize::from(found.major == case.major);
            } else {
                let _ = writeln!(
                    misses,
                    "  {found_family} for {}: {}",
                    case.family, case.user_agent
                );
            }
        }
        let all = cases.len();
        println!("{what}: family {family}, family and major version {both}, of {all}\n{misses}");
        assert!(
            all > 400 && family * 1_000 >= all * 995 && both * 100 >= all * 99,
            "{what}: {misses}"
        );
    }
}

#[test]
fn robots_are_caught() {
    let Some(path) = trial::shared("user-agents/crawler-user-agents.json.gz") else {
        return;
    };
    let mut text = String::new();
    let mut file = flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap());
    std::io::Read::read_to_string(&mut file, &mut text).unwrap();
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    let patterns = list
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|p| p["instances"].as_array());
    let instances: Vec<&str> = patterns.flatten().filter_map(serde_json::Value::as_str).collect();
    let missed: Vec<_> = instances.iter().filter(|text| !is_bot(text)).collect();
    let caught = instances.len() - missed.len();
    println!(
        "robots caught: {caught} of {}; missed: {missed:#?}",
        instances.len()
    );
    assert!(instances.len() > 2_000 && caught * 1_000 >= instances.len() * 990);
}

#[test]
fn people_are_let_through() {
    const BROWSERS: &[&str] = &[
        "Chrome",
        "Chrome Mobile",
        "Chrome Mobile iOS",
        "Chrome Mobile WebView",
        "Firefox",
        "Firefox Mobile",
        "Firefox iOS",
        "Safari",
        "Mobile Safari",
        "Mobile Safari UI/WKWebView",
        "Edge",
        "Edge Mobile",
        "Opera",
        "Opera Mobile",
        "Opera Mini",
        "Opera Tablet",
        "IE",
        "IE Mobile",
        "Samsung Internet",
        "Yandex Browser",
        "Android",
        "UC Browser",
        "Vivaldi",
        "Brave",
        "Chromium",
        "MiuiBrowser",
        "QQ Browser",
        "QQ Browser Mobile",
        "DuckDuckGo Mobile",
        "Maxthon",
        "Konqueror",
        "SeaMonkey",
        "Iceweasel",
        "BlackBerry",
        "BlackBerry WebKit",
        "Nokia Browser",
        "Amazon Silk",
        "Whale",
        "Coc Coc",
        "Sogou Explorer",
        "Baidu Browser",
        "Firefox Focus",
        "Puffin",
        "Epiphany",
        "Camino",
    ];
    let Some(cases) = uap_core(BROWSER_CASES) else {
        return;
    };
    let people: Vec<_> = cases
        .iter()
        .filter(|case| BROWSERS.contains(&&*case.family))
        .collect();
    let mut caught = BTreeMap::new();
    for case in people.iter().filter(|case| is_bot(&case.user_agent)) {
        caught.insert(&case.user_agent, &case.family);
    }
    println!(
        "people taken for robots: {} of {}: {caught:#?}",
        caught.len(),
        people.len()
    );
    assert!(people.len() > 500 && caught.len() * 100 <= people.len());
}
