//! The computer behind a hit: its kind, browser and system.

use super::client_rules::{self, Named};
use super::{bot, device};
use smol_str::{SmolStr, format_smolstr};

/// What is known of a computer. Texts are empty where nothing is known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Client {
    /// `desktop`, `mobile`, `tablet`, `tv`, `console` or `other`.
    pub device: SmolStr,
    /// Browser family, the same on computers and phones: `Chrome`, `Safari`, `Yandex Browser`.
    pub browser: SmolStr,
    /// Major version; of Safari also the minor one, for so people speak of it.
    pub browser_version: SmolStr,
    /// System family: `Windows`, `macOS`, `Android`, `iOS`, `Ubuntu`.
    pub os: SmolStr,
    /// Its version as people speak of it: `11`, `14`, `10.15`, `XP`. Browsers freeze it: without client hints
    /// macOS after 10.15 says `10.15` and Windows 11 says `10`.
    pub os_version: SmolStr,
    /// Whether it is a robot by its own name, or no browser at all, or says nothing of itself.
    pub bot: bool,
}

/// The headers by which Chromium browsers say what their frozen User-Agent no longer says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ClientHints<'a> {
    /// `Sec-CH-UA`.
    pub brands: Option<&'a str>,
    /// `Sec-CH-UA-Full-Version-List`.
    pub full_version_list: Option<&'a str>,
    /// `Sec-CH-UA-Platform`.
    pub platform: Option<&'a str>,
    /// `Sec-CH-UA-Platform-Version`.
    pub platform_version: Option<&'a str>,
    /// `Sec-CH-UA-Mobile`.
    pub mobile: Option<&'a str>,
}

impl std::fmt::Debug for ClientHints<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientHints([sealed])")
    }
}

/// The longest User-Agent that is looked at, in bytes; real ones stay below 300.
const LONGEST: usize = 1_024;

/// Family as uap-core names it, and as it is shown. Families not listed are shown as they are.
const BROWSERS: &[(&str, &str)] = &[
    ("Chrome Mobile", "Chrome"),
    ("Chrome Mobile iOS", "Chrome"),
    ("Chrome Mobile WebView", "Android WebView"),
    ("Android", "Android Browser"),
    ("Mobile Safari", "Safari"),
    ("Mobile Safari UI/WKWebView", "iOS WebView"),
    ("Firefox Mobile", "Firefox"),
    ("Firefox iOS", "Firefox"),
    ("Firefox Klar", "Firefox Focus"),
    ("Edge Mobile", "Edge"),
    ("Opera Mobile", "Opera"),
    ("Opera Touch", "Opera"),
    ("Opera Tablet", "Opera"),
    ("IE", "Internet Explorer"),
    ("IE Mobile", "Internet Explorer"),
    ("Brave Mobile", "Brave"),
    ("DuckDuckGo Mobile", "DuckDuckGo"),
    ("QQ Browser Mobile", "QQ Browser"),
    ("UC Browser", "UC Browser"),
    ("Yandex Browser", "Yandex Browser"),
    ("YandexSearch", "Yandex app"),
    ("MiuiBrowser", "Mi Browser"),
    ("Samsung Internet", "Samsung Internet"),
    ("Other", ""),
];

/// The same for systems.
const SYSTEMS: &[(&str, &str)] = &[
    ("Mac OS X", "macOS"),
    ("Mac OS", "macOS"),
    ("ATV OS X", "tvOS"),
    ("Other", ""),
];

/// Brand in client hints, and the browser's name; the first row that is present is the browser.
const BRANDS: &[(&str, &str)] = &[
    ("Yandex", "Yandex Browser"),
    ("YaBrowser", "Yandex Browser"),
    ("Microsoft Edge", "Edge"),
    ("Microsoft Edge WebView2", "Edge"),
    ("Opera", "Opera"),
    ("Opera GX", "Opera"),
    ("OperaMobile", "Opera"),
    ("Samsung Internet", "Samsung Internet"),
    ("Vivaldi", "Vivaldi"),
    ("Brave", "Brave"),
    ("DuckDuckGo", "DuckDuckGo"),
    ("Atom", "Atom"),
    ("Whale", "Whale"),
    ("Android WebView", "Android WebView"),
    ("HeadlessChrome", "Headless Chrome"),
    ("Google Chrome", "Chrome"),
    ("Chromium", "Chromium"),
];

impl Client {
    /// Reads a User-Agent and client hints. Costs some 15 µs; the enricher remembers the answer.
    pub fn read(user_agent: &str, hints: &ClientHints<'_>) -> Self {
        let user_agent = cut(user_agent);
        let mut client = Self {
            bot: bot::is_bot(user_agent) || hints.brands.is_some_and(|brands| brands.contains("Headless")),
            ..Self::default()
        };
        if let Some(named) = client_rules::browser(user_agent) {
            client.browser = shown(&named.family, BROWSERS);
            client.browser_version = browser_version(&client.browser, &named);
        }
        if let Some(named) = client_rules::system(user_agent) {
            client.os = shown(&named.family, SYSTEMS);
            client.os_version = system_version(&client.os, &named);
        }
        client.take_hints(hints);
        client.device = SmolStr::new_static(device::kind(user_agent, &client.os, hints.mobile));
        client
    }

    fn take_hints(&mut self, hints: &ClientHints<'_>) {
        // A brand that the rules know better (an app inside a web view) stays as the rules say.
        let plain = ["", "Chrome", "Chromium", "Edge", "Opera"].contains(&&*self.browser);
        if let Some((name, version)) = hints.full_version_list.or(hints.brands).and_then(brand)
            && (plain || name == self.browser)
        {
            if name != "Chromium" || self.browser.is_empty() {
                self.browser = SmolStr::new_static(name);
            }
            if !version.is_empty() {
                self.browser_version = version.into();
            }
        }
        let platform = hints.platform.map_or("", unquoted);
        let mut version = hints.platform_version.map_or("", unquoted).split('.');
        let (major, minor) = (
            version.next().unwrap_or_default(),
            version.next().unwrap_or_default(),
        );
        let name = match platform {
            "Windows" | "macOS" | "Android" | "iOS" | "Chrome OS" => platform,
            "Chromium OS" => "Chrome OS",
            "Mac OS X" => "macOS",
            _ => return,
        };
        if self.os != name {
            self.os = name.into();
            self.os_version = SmolStr::default();
        }
        // https://learn.microsoft.com/en-us/microsoft-edge/web-platform/how-to-detect-win11
        let version = match (name, major.parse::<u32>()) {
            ("Windows", Ok(0)) => match minor {
                "1" => "7",
                "2" => "8",
                "3" => "8.1",
                _ => return,
            },
            ("Windows", Ok(1..=12)) => "10",
            ("Windows", Ok(_)) => "11",
            ("macOS", Ok(10)) => {
                self.os_version = format_smolstr!("10.{minor}");
                return;
            }
            ("iOS", Ok(_)) if !minor.is_empty() => {
                self.os_version = format_smolstr!("{major}.{minor}");
                return;
            }
            (_, Ok(1..)) => major,
            _ => return,
        };
        self.os_version = version.into();
    }
}

fn cut(user_agent: &str) -> &str {
    &user_agent[..user_agent.floor_char_boundary(LONGEST)]
}

fn shown(family: &SmolStr, names: &[(&'static str, &'static str)]) -> SmolStr {
    names
        .iter()
        .find(|(listed, _)| listed == family)
        .map_or_else(|| family.clone(), |(_, name)| SmolStr::new_static(name))
}

fn browser_version(browser: &str, named: &Named) -> SmolStr {
    if matches!(browser, "Safari" | "iOS WebView") && !named.minor.is_empty() {
        format_smolstr!("{}.{}", named.major, named.minor)
    } else {
        named.major.clone()
    }
}

fn system_version(system: &str, named: &Named) -> SmolStr {
    let android_or_new_mac = system == "Android" && named.major.parse::<u32>().is_ok_and(|v| v >= 5)
        || system == "macOS" && named.major != "10";
    if named.minor.is_empty() || android_or_new_mac || (system == "Windows" && named.major != "8") {
        named.major.clone()
    } else {
        format_smolstr!("{}.{}", named.major, named.minor)
    }
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches('"')
}

/// The browser's own brand in a list such as `"Chromium";v="124", "Google Chrome";v="124", "Not-A.Brand";v="99"`,
/// with its major version.
fn brand(list: &str) -> Option<(&'static str, &str)> {
    let version_of = |name: &str| {
        list.split(',').find_map(|item| {
            let (listed, version) = item.split_once(';')?;
            if unquoted(listed) != name {
                return None;
            }
            let version = unquoted(version.trim().strip_prefix("v=")?);
            let major = version.split('.').next().unwrap_or_default();
            (major.len() <= 4 && major.bytes().all(|b| b.is_ascii_digit())).then_some(major)
        })
    };
    BRANDS
        .iter()
        .find_map(|&(listed, name)| Some((name, version_of(listed)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36";
    const ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36";
    const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15";

    fn line(client: &Client) -> String {
        format!(
            "{} | {} {} | {} {}",
            client.device, client.browser, client.browser_version, client.os, client.os_version
        )
    }

    #[test]
    fn user_agents_read_as_people_would_say_them() {
        for (user_agent, want) in [
            (WINDOWS, "desktop | Chrome 124 | Windows 10"),
            (ANDROID, "mobile | Chrome 124 | Android 10"),
            (MAC, "desktop | Safari 17.4 | macOS 10.15"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1",
                "mobile | Safari 17.4 | iOS 17.4",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1",
                "tablet | Safari 12.1 | iOS 12.5",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/123.0.6312.52 Mobile/15E148 Safari/604.1",
                "mobile | Chrome 123 | iOS 17.4",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 YaBrowser/24.4.0.0 Safari/537.36",
                "desktop | Yandex Browser 24 | Windows 10",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.0.0",
                "desktop | Edge 124 | Windows 10",
            ),
            (
                "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
                "desktop | Firefox 125 | Ubuntu ",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
                "desktop | Chrome 124 | Chrome OS 14541.0",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/24.0 Chrome/117.0.0.0 Safari/537.36",
                "tablet | Samsung Internet 24 | Android 14",
            ),
            (
                "Mozilla/5.0 (Linux; Android 4.4.2; Nexus 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/50.0.2661.89 Safari/537.36",
                "tablet | Chrome 50 | Android 4.4",
            ),
            (
                "Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/2.2 Chrome/63.0.3239.84 TV Safari/537.36",
                "tv | Samsung Internet 2 | Tizen 5.0",
            ),
            (
                "Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15",
                "console | Safari 13.0 | ",
            ),
            (
                "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
                "desktop | Internet Explorer 11 | Windows 7",
            ),
            (
                "Mozilla/5.0 (Windows NT 5.1; rv:52.0) Gecko/20100101 Firefox/52.0",
                "desktop | Firefox 52 | Windows XP",
            ),
            ("", "other |   |  "),
        ] {
            let found = line(&Client::read(user_agent, &ClientHints::default()));
            assert_eq!(found.trim_end(), want.trim_end(), "{user_agent}");
        }
    }

    #[test]
    fn hints_say_what_frozen_user_agents_do_not() {
        let chrome = r#""Chromium";v="124", "Google Chrome";v="124", "Not-A.Brand";v="99""#;
        let yandex = r#""Chromium";v="122", "Not(A:Brand";v="24", "YaBrowser";v="24.4", "Yowser";v="2.5""#;
        for (user_agent, brands, platform, version, mobile, want) in [
            (
                WINDOWS,
                chrome,
                r#""Windows""#,
                r#""15.0.0""#,
                "?0",
                "desktop | Chrome 124 | Windows 11",
            ),
            (
                WINDOWS,
                chrome,
                r#""Windows""#,
                r#""10.0.0""#,
                "?0",
                "desktop | Chrome 124 | Windows 10",
            ),
            (
                WINDOWS,
                chrome,
                r#""Windows""#,
                r#""0.1.0""#,
                "?0",
                "desktop | Chrome 124 | Windows 7",
            ),
            (
                WINDOWS,
                chrome,
                r#""Windows""#,
                "",
                "?0",
                "desktop | Chrome 124 | Windows 10",
            ),
            (
                WINDOWS,
                yandex,
                r#""Windows""#,
                r#""15.0.0""#,
                "?0",
                "desktop | Yandex Browser 24 | Windows 11",
            ),
            (
                MAC,
                chrome,
                r#""macOS""#,
                r#""14.4.1""#,
                "?0",
                "desktop | Safari 17.4 | macOS 14",
            ),
            (
                ANDROID,
                chrome,
                r#""Android""#,
                r#""14.0.0""#,
                "?1",
                "mobile | Chrome 124 | Android 14",
            ),
            (
                ANDROID,
                chrome,
                r#""Android""#,
                r#""14.0.0""#,
                "?0",
                "tablet | Chrome 124 | Android 14",
            ),
            (
                WINDOWS,
                "garbage;;;,,=",
                "\"",
                "\0",
                "?",
                "desktop | Chrome 124 | Windows 10",
            ),
        ] {
            let hints = ClientHints {
                brands: Some(brands),
                full_version_list: None,
                platform: Some(platform),
                platform_version: Some(version),
                mobile: Some(mobile),
            };
            assert_eq!(line(&Client::read(user_agent, &hints)), want);
        }
        let headless = ClientHints {
            brands: Some(r#""HeadlessChrome";v="124""#),
            ..ClientHints::default()
        };
        assert!(Client::read(WINDOWS, &headless).bot);
        assert!(!format!("{headless:?}").contains("Chrome"));
    }
}
