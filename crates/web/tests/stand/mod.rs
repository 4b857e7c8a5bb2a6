//! A whole installation over seeded traffic, for tests and the preview: three sites of two clients, an owner and an
//! analyst who may read one site. Its clock stands still.

pub(crate) mod doors;

use collect::enrich::{EnrichOptions, Enricher};
use collect::{Door, DoorOptions, Proxies, RecentIds, SiteTable};
use events::{Part, View};
use jiff::civil::date;
use jiff::tz::TimeZone;
use sites::{Count, NewClient, NewSite, Outcome, Sites};
use sqldb::Database;
use staff::{NewAccount, Role, SetUpForm, Staff, StaffKey};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use vocabulary::event::{PAGE_VIEW, Texts};
use vocabulary::{Column, DataType, Event, EventKind, GoalRule, Moment, Reason, Sale, SiteId, VisitorKey};
use web::public::Agency;
use web::{Public, Web};

/// The owner's login; its password is [`PASSWORD`].
pub(crate) const OWNER: &str = "anna";
/// The analyst's login; its password is [`PASSWORD`].
pub(crate) const ANALYST: &str = "boris";
/// The password of both.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Sunday, 22 November 2026, 15:12 in Berlin.
pub(crate) fn now() -> Moment {
    Moment(1_795_356_720_000)
}

/// Reaches nothing.
struct NoNetwork;

impl staff::oidc::Fetch for NoNetwork {
    fn fetch<'a>(&'a self, _: staff::oidc::FetchRequest<'a>) -> staff::oidc::FetchFuture<'a> {
        Box::pin(async { Err(staff::oidc::FetchFault("there is no network".into())) })
    }
}

/// The installation; its files go with it.
pub(crate) struct Stand {
    /// What handlers share.
    pub(crate) web: Arc<Web>,
    /// The archive of `shop.example`.
    pub(crate) shop: Arc<View>,
    /// What came through the doors of the public site.
    pub(crate) taken: Arc<doors::Taken>,
    _folder: tempfile::TempDir,
}

/// A small generator of numbers; the same seed gives the same traffic.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }
    fn below(&mut self, n: u64) -> u64 {
        self.roll() % n
    }
    /// One of a list whose early members are likelier.
    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        let n = list.len() as u64;
        let place = self.below(n).min(self.below(n)).min(self.below(n));
        list[place as usize]
    }
}

const SOURCES: &[(&str, &str, &str)] = &[
    ("Google", "Organic Search", "google.com"),
    ("", "Direct", ""),
    ("Yandex", "Organic Search", "yandex.ru"),
    ("VK", "Organic Social", "vk.com"),
    ("ChatGPT", "AI Assistants", "chatgpt.com"),
    ("Bing", "Organic Search", "bing.com"),
    ("Telegram", "Messengers", "t.me"),
    ("google", "Paid Search", ""),
    ("newsletter", "Email", ""),
    ("interior.example", "Referral", "interior.example/best-lamps"),
    ("YouTube", "Video", "youtube.com"),
    ("<script>alert(1)</script>", "Referral", "evil.example"),
];
const PAGES: &[&str] = &[
    "/",
    "/catalogue/lamps",
    "/catalogue/chairs",
    "/catalogue/lamps/arc-floor-lamp-brass",
    "/delivery",
    "/blog/how-to-choose-a-lamp",
    "/catalogue/chairs/scandinavian-oak-armchair",
    "/cart",
    "/about",
    "/contacts",
    "/blog/light-for-small-rooms",
    "/returns",
];
const PLACES: &[(&str, &str, &str)] = &[
    ("DE", "DE-BE", "Berlin"),
    ("RU", "RU-MOW", "Moscow"),
    ("DE", "DE-HH", "Hamburg"),
    ("AT", "AT-9", "Vienna"),
    ("KZ", "KZ-ALA", "Almaty"),
    ("US", "US-NY", "New York"),
    ("FR", "FR-IDF", "Paris"),
    ("CH", "CH-ZH", "Zurich"),
    ("GB", "", ""),
    ("PL", "", ""),
    ("GE", "", ""),
    ("BR", "", ""),
    ("IN", "", ""),
    ("JP", "", ""),
    ("CA", "", ""),
    ("AU", "", ""),
    ("ZA", "", ""),
    ("SG", "", ""),
];
const SYSTEMS: &[(&str, &str, &str, &str)] = &[
    ("mobile", "Android", "Chrome", "360-479"),
    ("desktop", "Windows", "Chrome", "1440-1919"),
    ("mobile", "iOS", "Safari", "360-479"),
    ("desktop", "macOS", "Safari", "1440-1919"),
    ("desktop", "Windows", "Firefox", "1920-2559"),
    ("mobile", "Android", "Yandex Browser", "360-479"),
    ("desktop", "Linux", "Firefox", "1920-2559"),
    ("tablet", "iPadOS", "Safari", "768-1023"),
    ("desktop", "Windows", "Edge", "1280-1439"),
];

/// Traffic of `days` days up to the present, some `visits` a day.
pub(crate) fn traffic(site: SiteId, days: i64, visits: u64, seed: u64) -> Vec<Event> {
    let mut dice = Dice(seed);
    let zone = TimeZone::get("Europe/Berlin").expect("the database has Berlin");
    let today = date(2026, 11, 22);
    let mut events = Vec::new();
    for back in (0..days).rev() {
        let day = today.saturating_sub(jiff::Span::new().days(back));
        let midnight = day
            .to_zoned(zone.clone())
            .expect("a day")
            .timestamp()
            .as_millisecond();
        let weekend = day.weekday().to_monday_zero_offset() >= 5;
        let growth = 100 + (days - back) as u64 * 40 / days as u64;
        let launch = if (28..33).contains(&back) { 160 } else { 100 };
        let count =
            visits * growth * launch * if weekend { 64 } else { 100 } * (85 + dice.below(30)) / 100_000_000;
        for _ in 0..count {
            let hour = (dice.below(9) + dice.below(9) + dice.below(8)) as i64;
            let start = midnight + hour * 3_600_000 + dice.below(3_600_000) as i64;
            let key = if dice.below(4) == 0 {
                dice.below(visits * 20)
            } else {
                dice.roll()
            };
            visit(&mut dice, &mut events, site, VisitorKey(key), start);
        }
    }
    for visitor in 0..14 {
        visit(
            &mut dice,
            &mut events,
            site,
            VisitorKey(u64::MAX - visitor),
            now().0 - 200_000,
        );
    }
    events.retain(|e| e.time <= now());
    events.sort_by(Event::order);
    events
}

fn visit(dice: &mut Dice, events: &mut Vec<Event>, site: SiteId, visitor: VisitorKey, start: i64) {
    let mut shared = Texts::default();
    let (source, channel, referrer) = dice.pick(SOURCES);
    let (country, region, city) = dice.pick(PLACES);
    let (device, os, browser, screen) = dice.pick(SYSTEMS);
    for (column, text) in [
        (Column::Source, source),
        (Column::Channel, channel),
        (Column::Referrer, referrer),
        (Column::Country, country),
        (Column::Region, region),
        (Column::City, city),
        (Column::Device, device),
        (Column::Os, os),
        (Column::Browser, browser),
        (Column::Screen, screen),
        (Column::Hostname, "shop.example"),
        (
            Column::Language,
            dice.pick(&["de-DE", "en-US", "ru", "en-GB", "fr", "kk"]),
        ),
    ] {
        shared.set(column, text);
    }
    if channel == "Paid Search" || channel == "Email" {
        shared.set(Column::UtmSource, source);
        shared.set(
            Column::UtmCampaign,
            if channel == "Email" {
                "letter-46"
            } else {
                "autumn-launch"
            },
        );
    }
    if source == "Yandex" {
        shared.set(
            Column::SearchTerms,
            dice.pick(&["торшер латунный", "кресло дуб", "лампа для чтения"]),
        );
    }
    let mut push =
        |at: i64, kind: EventKind, name: &str, page: &str, more: &[(Column, &str)], sale: Option<Sale>| {
            let mut texts = shared.clone();
            texts.set(Column::Name, name);
            texts.set(Column::Page, page);
            for (column, text) in more {
                texts.set(*column, *text);
            }
            events.push(Event {
                site,
                visitor,
                time: Moment(at),
                kind,
                interactive: true,
                sale,
                texts,
            });
        };
    let mut at = start;
    let mut page = dice.pick(PAGES);
    push(at, EventKind::PageView, PAGE_VIEW, page, &[], None);
    while dice.below(100) < 58 {
        at += 8_000 + dice.below(110_000) as i64;
        page = dice.pick(PAGES);
        push(at, EventKind::PageView, PAGE_VIEW, page, &[], None);
        match dice.below(60) {
            0..3 => push(at + 900, EventKind::Action, "add_to_cart", page, &[], None),
            3 => push(
                at + 900,
                EventKind::Action,
                "signup",
                page,
                &[(Column::Properties, r#"{"plan":"letter"}"#)],
                None,
            ),
            4 => {
                let words = [r#"{"query":"oak"}"#, r#"{"query":"lampe"}"#][dice.below(2) as usize];
                push(
                    at + 900,
                    EventKind::Action,
                    "site_search",
                    page,
                    &[(Column::Properties, words)],
                    None,
                );
            }
            5 => push(
                at + 900,
                EventKind::Action,
                "outbound_link",
                page,
                &[(Column::Properties, r#"{"url":"https://maps.example/"}"#)],
                None,
            ),
            6..8 => {
                let order = dice.roll().to_string();
                let revenue = 2_500 + dice.below(38_000) as i64;
                let texts = [
                    (Column::OrderId, order.as_str()),
                    (Column::Currency, "EUR"),
                    (Column::Items, r#"[{"name":"Oak table"},{"name":"Oil, 1 l"}]"#),
                ];
                push(
                    at + 900,
                    EventKind::Purchase,
                    "purchase",
                    "/thanks",
                    &texts,
                    Some(Sale {
                        revenue,
                        ..Sale::default()
                    }),
                );
                if dice.below(14) == 0 {
                    push(
                        at + 60_000,
                        EventKind::Refund,
                        "refund",
                        "/thanks",
                        &texts,
                        Some(Sale {
                            revenue: -revenue,
                            ..Sale::default()
                        }),
                    );
                }
            }
            _ => {}
        }
    }
}

async fn account(staff: &Staff, login: &str, name: &str, role: Role) -> staff::AccountId {
    let language = staff::Language::En;
    let (id, link) = staff
        .invite(
            NewAccount {
                login,
                name,
                language,
                role,
            },
            now(),
        )
        .await
        .expect("an account");
    let form = SetUpForm {
        login,
        name,
        language,
        password: PASSWORD,
    };
    staff.finish_set_up(&link, form, now()).await.expect("set up");
    id
}

impl Stand {
    /// Sets everything up; `days` days with some `visits` visits each on `shop.example`.
    pub(crate) async fn open(days: i64, visits: u64, public_dashboards: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).to_str().expect("a text").to_owned();
        let sites = Sites::open(Database::open(&path("catalog.sqlite")).await.expect("a catalog"))
            .await
            .expect("sites");
        let database = Database::open(&path("staff.sqlite")).await.expect("a database");
        let staff = Staff::open(database, StaffKey::new([1; 32]))
            .await
            .expect("staff");
        let mut ids = Vec::new();
        for (client, domains) in [
            ("Leuchtwerk", &["shop.example", "new.example"][..]),
            ("Studio Nord", &["studio.example"]),
        ] {
            let new = NewClient {
                name: client,
                contract_start: None,
                contract_end: None,
            };
            let client = sites.add_client(new, now()).await.expect("a client");
            for domain in domains {
                let new = NewSite {
                    domain,
                    client: client.id,
                    timezone: "Europe/Berlin",
                    currency: "EUR",
                    manifest: policy::Manifest::default(),
                    by: "set-up",
                };
                ids.push(
                    sites
                        .add_site(new, now().plus_ms(-400 * 86_400_000))
                        .await
                        .expect("a site")
                        .id,
                );
            }
        }
        let shop = ids[0];
        let denied = policy::Manifest::default()
            .deny(DataType::Title)
            .deny(DataType::AdClickId);
        let changed = now().plus_ms(-11 * 86_400_000);
        sites
            .change_manifest(shop, denied, "account 1", "Asked for by the client", changed)
            .await
            .expect("a version");
        for (name, rule) in [
            ("Order", GoalRule::Action("purchase".into())),
            ("Letter", GoalRule::Action("signup".into())),
            ("Delivery read", GoalRule::Page("/delivery".into())),
        ] {
            sites.add_goal(shop, name, &rule).await.expect("a goal");
        }
        let day = now().utc_day();
        let counts = [
            (Outcome::Accepted, 2_120),
            (Outcome::Stripped, 44),
            (Outcome::Dropped(Reason::Bot), 410),
            (Outcome::Dropped(Reason::ReferrerSpam), 12),
        ];
        sites
            .add_counts(&counts.map(|(outcome, number)| Count {
                site: shop,
                day,
                outcome,
                number,
            }))
            .await
            .expect("counts");
        account(&staff, OWNER, "Anna", Role::Owner).await;
        let analyst = account(&staff, ANALYST, "Boris", Role::Analyst).await;
        staff.allow_site(analyst, shop).await.expect("access");
        let view = |events: Vec<Event>| {
            Arc::new(View {
                parts: vec![(Arc::new(Part::from_events(&events)), None)],
                generation: 1,
            })
        };
        let shop_view = view(traffic(shop, days, visits, 7));
        let views: Vec<(SiteId, Arc<View>)> = vec![
            (shop, shop_view.clone()),
            (ids[2], view(traffic(ids[2], days.min(40), visits / 5 + 1, 8))),
        ];
        let taken = Arc::new(doors::Taken::default());
        let web = Web {
            sites,
            staff,
            door: Arc::new(door(folder.path())),
            first_event: Box::new({
                let views = views.clone();
                move |site| {
                    let (_, view) = views.iter().find(|(id, _)| *id == site)?;
                    reports::first_event(view)
                }
            }),
            // Something of every type that is denied; nothing is left once it was taken.
            scrub: Box::new({
                let left = AtomicBool::new(true);
                move |_, manifest, dry| {
                    let parts = DataType::ALL.iter().filter(|what| !manifest.allows(**what));
                    let found = web::state::Scrubbed {
                        parts: parts
                            .filter(|_| left.load(Ordering::Relaxed))
                            .map(|what| (*what, 3))
                            .collect(),
                        ..web::state::Scrubbed::default()
                    };
                    left.fetch_and(dry, Ordering::Relaxed);
                    Box::pin(async move { Ok(found) })
                }
            }),
            answers: web::Answers::default(),
            questions: web::Questions::default(),
            views: Box::new(move |site, _, _| {
                let found = views
                    .iter()
                    .find(|(id, _)| *id == site)
                    .map(|(_, view)| view.clone())
                    .unwrap_or_default();
                Box::pin(async move { Ok(found) })
            }),
            standing: Box::new(web::Standing::default),
            now,
            address: None,
            public_dashboards,
            metrics_token: None,
            security_contact: None,
            providers: Vec::new(),
            fetch: Arc::new(NoNetwork),
            office: office::trial::office(&folder.path().join("office"), now).await,
            public: Public {
                enquiries: Some(doors::enquiries(&taken, false)),
                rights: Some(doors::rights(&taken)),
                accounts: Some(taken.clone()),
                // The clock stands still.
                fastest_ms: 0,
                ..Public::new(
                    Agency::default(),
                    credentials::Secret::draw().expect("randomness"),
                )
            },
        };
        Self {
            web: Arc::new(web),
            taken,
            shop: shop_view,
            _folder: folder,
        }
    }
}

fn door(folder: &std::path::Path) -> Door {
    let storage = journal::Folder::open(folder.join("journal")).expect("a folder");
    let options = journal::Options {
        file_bytes: 1 << 16,
        queue_bytes: 1 << 16,
        salt: 1,
    };
    let (journal, _) = journal::Journal::open(
        storage,
        options,
        journal::Position::default(),
        |_, _| Ok(()),
        |_, _| {},
    )
    .expect("a journal");
    Door::new(
        DoorOptions {
            journal: Arc::new(journal),
            recent_ids: Arc::new(RecentIds::open(folder.join("ids"), 100, now()).expect("ids")),
            enricher: Arc::new(Enricher::new(&EnrichOptions::default()).expect("an enricher")),
            proxies: Proxies::default(),
            oldest_ms: collect::steps::OLDEST_TRUSTED_MS,
            allowance: collect::Allowance::per_second(0),
        },
        SiteTable::default(),
    )
}

/// The cookie of somebody who signs in, with a second factor if wished, which is set up for it.
pub(crate) async fn signed_in(staff: &staff::Staff, login: &str, factor: bool) -> credentials::Secret {
    let origin = staff::Origin {
        address: "192.0.2.7",
        browser: "",
    };
    let signed_in = staff
        .sign_in(login, PASSWORD, origin, now())
        .await
        .expect("a sign-in");
    let staff::Step::SignedIn(cookie, who) = signed_in else {
        unreachable!("no second factor is set up yet");
    };
    if !factor {
        return cookie;
    }
    let card = staff
        .begin_enrolment(&who, PASSWORD, "Agency", origin, now())
        .await;
    let code = app(&card.expect("a card")).code(now().0);
    let enrolled = staff.confirm_enrolment(&who, code.reveal(), origin, now()).await;
    enrolled.expect("an enrolment").cookie
}

/// The app that was shown a card.
fn app(card: &credentials::TotpCard) -> credentials::TotpSecret {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for c in card.text.reveal().chars().filter(|c| *c != ' ') {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap_or_default();
        held = held << 5 | value as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    credentials::TotpSecret::from_bytes(&bytes).expect("a secret")
}
