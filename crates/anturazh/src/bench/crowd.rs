//! Events in bulk for measuring questions: plausible in their spread, made without the door.

use crate::demo::Chance;
use smol_str::{SmolStr, format_smolstr};
use vocabulary::{
    Column, Event, EventKind, Moment, Sale, SiteId, VisitorKey,
    event::{PAGE_VIEW, Texts},
    moment::{DAY_MS, SECOND_MS},
};

/// A year of visits to one site, in batches, not in order of time.
pub(crate) struct Crowd {
    chance: Chance,
    site: SiteId,
    from: Moment,
    left: u64,
    pages: Vec<SmolStr>,
    visitors: u64,
}

const SOURCES: &[(&str, &str, &str, f64)] = &[
    ("", "Direct", "", 30.0),
    ("Google", "Organic Search", "google.com", 24.0),
    ("Yandex", "Organic Search", "yandex.ru", 18.0),
    ("VK", "Organic Social", "vk.com", 6.0),
    ("Telegram", "Messengers", "t.me", 5.0),
    ("Bing", "Organic Search", "bing.com", 4.0),
    ("ChatGPT", "AI Assistants", "chatgpt.com", 3.0),
    ("YouTube", "Video", "youtube.com", 3.0),
    ("habr.com", "Referral", "habr.com/ru/articles", 2.0),
    ("DuckDuckGo", "Organic Search", "duckduckgo.com", 2.0),
];
const CAMPAIGNS: &[(&str, f64)] = &[
    ("", 85.0),
    ("spring", 5.0),
    ("summer", 4.0),
    ("autumn", 4.0),
    ("letter", 2.0),
];
const COUNTRIES: &[(&str, f64)] = &[
    ("RU", 40.0),
    ("DE", 15.0),
    ("US", 12.0),
    ("BY", 6.0),
    ("KZ", 6.0),
    ("GB", 5.0),
    ("FR", 4.0),
    ("PL", 3.0),
    ("IN", 3.0),
    ("BR", 2.0),
];
const COMPUTERS: &[(&str, &str, &str, &str, &str, f64)] = &[
    ("mobile", "Chrome Mobile", "142", "Android", "10", 30.0),
    ("mobile", "Mobile Safari", "18", "iOS", "18.6", 20.0),
    ("desktop", "Chrome", "142", "Windows", "10", 22.0),
    ("desktop", "Yandex Browser", "25", "Windows", "10", 8.0),
    ("desktop", "Firefox", "143", "Windows", "10", 5.0),
    ("desktop", "Safari", "18", "Mac OS X", "10.15", 7.0),
    ("desktop", "Edge", "141", "Windows", "10", 5.0),
    ("tablet", "Mobile Safari", "17", "iOS", "17.6", 3.0),
];
const LANGUAGES: &[(&str, f64)] = &[
    ("ru-RU", 50.0),
    ("en-US", 20.0),
    ("de-DE", 15.0),
    ("en-GB", 5.0),
    ("fr-FR", 4.0),
];
const SCREENS: &[(&str, f64)] = &[
    ("0-575", 50.0),
    ("1920+", 20.0),
    ("1440-1919", 20.0),
    ("992-1439", 7.0),
];

impl Crowd {
    /// About `events` events in the year before `now`: 3.6 a visit, 1.9 visits a visitor, 2,000 pages.
    pub(crate) fn new(site: SiteId, events: u64, seed: u64, now: Moment) -> Self {
        Self {
            chance: Chance::new(seed),
            site,
            from: now.plus_ms(-365 * DAY_MS),
            left: events,
            pages: (0..2_000)
                .map(|n| format_smolstr!("/section-{}/page-{n}", n % 37))
                .collect(),
            visitors: (events as f64 / 3.6 / 1.9) as u64 + 1,
        }
    }

    /// The next events, some ten thousand; empty at the end.
    pub(crate) fn batch(&mut self) -> Vec<Event> {
        let mut events = Vec::with_capacity(10_500);
        while self.left > 0 && events.len() < 10_000 {
            self.visit(&mut events);
        }
        events
    }

    fn page(&mut self) -> SmolStr {
        // Zipf-like: the square of an even number piles up at the front.
        let at = self.chance.unit();
        self.pages[(at * at * at * self.pages.len() as f64) as usize].clone()
    }

    fn visit(&mut self, events: &mut Vec<Event>) {
        let who = self.chance.below(self.visitors as usize) as u64;
        // What belongs to the browser follows from its number, what belongs to the visit from chance.
        let mut own = Chance::new(who ^ 0x5eed);
        let visitor = VisitorKey(own.bits());
        let computer = own.weighted(COMPUTERS, |c| c.5);
        let country = own.weighted(COUNTRIES, |c| c.1).0;
        let city = own.below(30);
        let mut texts = Texts::default();
        let (source, channel, referrer, _) = *self.chance.weighted(SOURCES, |s| s.3);
        for (column, text) in [
            (Column::Source, source),
            (Column::Channel, channel),
            (Column::Referrer, referrer),
            (Column::UtmCampaign, self.chance.weighted(CAMPAIGNS, |c| c.1).0),
            (Column::Country, country),
            (Column::Device, computer.0),
            (Column::Browser, computer.1),
            (Column::BrowserVersion, computer.2),
            (Column::Os, computer.3),
            (Column::OsVersion, computer.4),
            (Column::Language, own.weighted(LANGUAGES, |l| l.1).0),
            (Column::Screen, own.weighted(SCREENS, |s| s.1).0),
            (Column::Hostname, "shop.example"),
        ] {
            texts.set(column, SmolStr::new_static(text));
        }
        texts.set(Column::City, format_smolstr!("{country}-{city}"));
        texts.set(Column::Region, format_smolstr!("{}", city % 9));
        let mut time = self.from.0 + (self.chance.unit() * (365 * DAY_MS - 3_600_000) as f64) as i64;
        let mut views = 0;
        loop {
            texts.set(Column::Name, SmolStr::new_static(PAGE_VIEW));
            texts.set(Column::Page, self.page());
            events.push(self.event(visitor, time, EventKind::PageView, None, texts.clone()));
            views += 1;
            time += (self.chance.wait(45.0) as i64 + 1) * SECOND_MS;
            if self.chance.happens(0.12) {
                let mut action = texts.clone();
                action.set(
                    Column::Name,
                    SmolStr::new_static(["signup", "add_to_cart", "site_search"][self.chance.below(3)]),
                );
                events.push(self.event(visitor, time, EventKind::Action, None, action));
                time += 5 * SECOND_MS;
            }
            if self.left == 0 || views == 60 || !self.chance.happens(0.69) {
                break;
            }
        }
        if self.chance.happens(0.015) {
            let mut order = texts;
            order.set(Column::Name, SmolStr::new_static("purchase"));
            order.set(Column::OrderId, format_smolstr!("{}", self.chance.bits() >> 40));
            order.set(Column::Currency, SmolStr::new_static("EUR"));
            let sale = Sale {
                revenue: 1_000 + self.chance.below(20_000) as i64,
                ..Sale::default()
            };
            events.push(self.event(visitor, time, EventKind::Purchase, Some(sale), order));
        }
    }

    fn event(
        &mut self,
        visitor: VisitorKey,
        time: i64,
        kind: EventKind,
        sale: Option<Sale>,
        texts: Texts,
    ) -> Event {
        self.left = self.left.saturating_sub(1);
        let time = Moment(time + self.chance.below(1_000) as i64);
        Event {
            site: self.site,
            visitor,
            time,
            kind,
            interactive: true,
            sale,
            texts,
        }
    }
}
