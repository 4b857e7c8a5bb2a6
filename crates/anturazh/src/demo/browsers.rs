//! What simulated visitors browse with.

/// A browser: its User-Agent, screen sizes, whether it is held in the hand, and how common it is.
pub(crate) struct Browser {
    pub(crate) user_agent: &'static str,
    pub(crate) screens: &'static [(u32, u32)],
    pub(crate) handheld: bool,
    pub(crate) weight: f64,
}

const DESKTOP: &[(u32, u32)] = &[
    (1920, 1080),
    (1920, 1080),
    (1536, 864),
    (1440, 900),
    (1366, 768),
    (2560, 1440),
];
const MAC: &[(u32, u32)] = &[(1440, 900), (1512, 982), (1728, 1117), (2560, 1440)];
const PHONE: &[(u32, u32)] = &[(360, 800), (393, 873), (412, 915), (384, 832)];
const IPHONE: &[(u32, u32)] = &[(390, 844), (393, 852), (430, 932), (375, 812)];
const IPAD: &[(u32, u32)] = &[(820, 1180), (768, 1024), (1024, 1366)];

macro_rules! browsers {
    ($($weight:literal $handheld:literal $screens:ident $user_agent:literal)*) => {
        pub(crate) const BROWSERS: &[Browser] = &[$(Browser {
            user_agent: $user_agent, screens: $screens, handheld: $handheld, weight: $weight,
        }),*];
    };
}

browsers! {
    21.0 true PHONE "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36"
    6.0 true PHONE "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
    11.0 true PHONE "Mozilla/5.0 (Linux; arm_64; Android 14; 23129RN51X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 YaBrowser/25.8.2.102.00 SA/3 Mobile Safari/537.36"
    4.0 true PHONE "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A546B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"
    12.0 true IPHONE "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
    5.0 true IPHONE "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
    2.0 true IPAD "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1"
    14.0 false DESKTOP "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
    8.0 false DESKTOP "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 YaBrowser/25.8.0.0 Safari/537.36"
    5.0 false DESKTOP "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0"
    4.0 false DESKTOP "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"
    2.0 false DESKTOP "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    1.5 false DESKTOP "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/135.0.0.0 Safari/537.36 OPR/120.0.0.0"
    4.0 false MAC "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15"
    4.0 false MAC "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
}

/// Robots that call on every site; the door refuses them.
pub(crate) const ROBOTS: &[&str] = &[
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "python-requests/2.32.3",
];
