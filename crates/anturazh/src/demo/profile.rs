//! The demo's clients and their sites: what is on them and who comes.

use vocabulary::{Goal, GoalRule};

/// A page: path, title, how attractive it is as an entry and as a next step.
pub(crate) struct Page(pub(crate) &'static str, pub(crate) &'static str, pub(crate) f64);

/// A product: SKU, name, category, price in whole units.
pub(crate) struct Product(
    pub(crate) &'static str,
    pub(crate) &'static str,
    pub(crate) &'static str,
    pub(crate) f64,
);

/// How people come: referrer, query string of the landing page, share.
pub(crate) struct Way(pub(crate) &'static str, pub(crate) &'static str, pub(crate) f64);

/// An advertising campaign: first day (days before today), length in days, how much it adds, landing query, referrer.
pub(crate) struct Campaign {
    pub(crate) days_ago: i64,
    pub(crate) days: i64,
    pub(crate) adds: f64,
    pub(crate) query: &'static str,
    pub(crate) referrer: &'static str,
}

/// A client's site.
pub(crate) struct Profile {
    pub(crate) client: &'static str,
    pub(crate) domain: &'static str,
    pub(crate) time_zone: &'static str,
    pub(crate) currency: &'static str,
    /// Visits on an ordinary day a year ago.
    pub(crate) daily_visits: f64,
    /// How many times as many visits come today as came a year ago.
    pub(crate) growth: f64,
    /// Visits of Saturday and Sunday as a share of a weekday's.
    pub(crate) weekend: f64,
    pub(crate) countries: &'static [(&'static str, f64)],
    pub(crate) pages: &'static [Page],
    pub(crate) ways: &'static [Way],
    pub(crate) campaigns: &'static [Campaign],
    /// Day (before today) of a launch that triples visits and fades within a fortnight.
    pub(crate) launch_days_ago: Option<i64>,
    /// What the client noted on the chart: day (before today), and what happened.
    pub(crate) notes: &'static [(i64, &'static str)],
    pub(crate) products: &'static [Product],
    pub(crate) order_rate: f64,
    /// Named action, property key and values, share of visits.
    pub(crate) actions: &'static [(&'static str, &'static str, &'static [&'static str], f64)],
    pub(crate) searches: &'static [&'static str],
    pub(crate) download: Option<&'static str>,
    pub(crate) outbound: Option<&'static str>,
    /// Cookie consent given by this share of visitors.
    pub(crate) consent: f64,
}

impl Profile {
    /// What the site wants of its visitors.
    pub(crate) fn goals(&self) -> Vec<Goal> {
        let mut goals: Vec<Goal> = self
            .actions
            .iter()
            .map(|(name, ..)| Goal {
                name: (*name).into(),
                rule: GoalRule::Action((*name).into()),
            })
            .collect();
        if !self.products.is_empty() {
            goals.push(Goal {
                name: "purchase".into(),
                rule: GoalRule::Action("purchase".into()),
            });
        }
        if let Some(page) = self
            .pages
            .iter()
            .find(|p| p.0.contains("contact") || p.0.contains("kontakt"))
        {
            goals.push(Goal {
                name: format!("Visit {}", page.0).into(),
                rule: GoalRule::Page(page.0.into()),
            });
        }
        goals
    }
}

pub(crate) const PROFILES: &[Profile] = &[
    Profile {
        client: "Антураж (наше агентство)",
        domain: "anturazh.example",
        time_zone: "Europe/Moscow",
        currency: "RUB",
        daily_visits: 60.0,
        growth: 1.7,
        weekend: 0.45,
        countries: &[
            ("RU", 70.0),
            ("BY", 6.0),
            ("KZ", 6.0),
            ("DE", 5.0),
            ("AM", 3.0),
            ("GE", 3.0),
            ("US", 3.0),
        ],
        pages: &[
            Page("/", "Антураж: агентство веб-статистики", 10.0),
            Page("/services", "Услуги", 6.0),
            Page("/services/audit", "Аудит счётчиков", 4.0),
            Page("/services/policy", "Политика, которая исполняется", 4.0),
            Page("/blog", "Блог", 3.0),
            Page("/blog/cookie-bez-obmana", "Cookie без обмана", 4.0),
            Page("/blog/202-znachit-na-diske", "202 — значит на диске", 3.0),
            Page("/clients", "Наши клиенты", 3.0),
            Page("/contact", "Написать нам", 3.0),
        ],
        ways: &[
            Way("", "", 30.0),
            Way("https://yandex.ru/", "", 24.0),
            Way("https://www.google.com/", "", 14.0),
            Way("https://t.me/", "", 9.0),
            Way("https://habr.com/ru/articles/890001/", "", 8.0),
            Way("https://chatgpt.com/", "", 5.0),
            Way("https://vc.ru/marketing/1900000", "", 4.0),
            Way("https://away.vk.com/", "", 3.0),
        ],
        campaigns: &[Campaign {
            days_ago: 120,
            days: 30,
            adds: 0.5,
            query: "utm_source=yandex&utm_medium=cpc&utm_campaign=audit-osen&yclid=17342",
            referrer: "https://yandex.ru/",
        }],
        launch_days_ago: None,
        notes: &[(120, "Реклама аудита в Яндексе")],
        products: &[],
        order_rate: 0.0,
        actions: &[
            (
                "enquiry",
                "service",
                &["audit", "policy", "counters", "reports"],
                0.021,
            ),
            ("newsletter", "from", &["blog", "footer"], 0.03),
        ],
        searches: &[],
        download: Some("https://anturazh.example/files/price-2026.pdf"),
        outbound: Some("https://github.com/"),
        consent: 0.35,
    },
    Profile {
        client: "Северный чай",
        domain: "severchai.example",
        time_zone: "Europe/Moscow",
        currency: "RUB",
        daily_visits: 430.0,
        growth: 1.45,
        weekend: 1.15,
        countries: &[
            ("RU", 84.0),
            ("BY", 6.0),
            ("KZ", 6.0),
            ("AM", 1.0),
            ("GE", 1.0),
            ("DE", 1.5),
            ("US", 0.5),
        ],
        pages: &[
            Page("/", "Северный чай — травы и сборы", 12.0),
            Page("/catalog", "Каталог", 9.0),
            Page("/catalog/ivan-chai", "Иван-чай", 8.0),
            Page("/catalog/sbory", "Травяные сборы", 6.0),
            Page("/catalog/myod", "Мёд", 4.0),
            Page(
                "/product/ivan-chai-fermentirovannyi",
                "Иван-чай ферментированный, 100 г",
                7.0,
            ),
            Page("/product/oblepiha-s-imbirem", "Облепиха с имбирём", 5.0),
            Page("/product/myod-lipovyi", "Мёд липовый, 500 г", 4.0),
            Page("/product/podarochnyi-nabor", "Подарочный набор «Север»", 4.0),
            Page("/delivery", "Доставка и оплата", 4.0),
            Page("/about", "О нас", 2.0),
            Page("/blog/kak-zavarivat", "Как заваривать иван-чай", 6.0),
            Page("/cart", "Корзина", 3.0),
            Page("/contacts", "Контакты", 1.5),
        ],
        ways: &[
            Way("", "", 26.0),
            Way("https://yandex.ru/", "", 26.0),
            Way("https://yandex.ru/search/?text=иван-чай+купить", "", 4.0),
            Way("https://yandex.ru/search/?text=травяной+чай+польза", "", 2.5),
            Way("https://go.mail.ru/search?q=иван+чай+отзывы", "", 1.5),
            Way("https://nova.rambler.ru/search?query=подарок+чай", "", 0.7),
            Way("https://www.google.com/", "", 11.0),
            Way("https://away.vk.com/away.php", "", 8.0),
            Way("https://t.me/severchai", "", 6.0),
            Way("https://dzen.ru/a/chai", "", 4.0),
            Way("https://ok.ru/", "", 2.0),
            Way("https://www.youtube.com/", "", 1.5),
            Way("https://irecommend.ru/content/ivan-chai", "", 1.5),
            Way(
                "https://e.mail.ru/",
                "utm_source=newsletter&utm_medium=email&utm_campaign=novinki",
                3.0,
            ),
            Way("https://alice.yandex.ru/", "", 1.0),
        ],
        campaigns: &[
            Campaign {
                days_ago: 300,
                days: 26,
                adds: 0.7,
                query: "utm_source=yandex&utm_medium=cpc&utm_campaign=zima-podarki&utm_term=подарок+чай&yclid=991",
                referrer: "https://yandex.ru/",
            },
            Campaign {
                days_ago: 262,
                days: 14,
                adds: 0.5,
                query: "utm_source=vk&utm_medium=cpc&utm_campaign=8-marta&utm_content=video",
                referrer: "https://away.vk.com/",
            },
            Campaign {
                days_ago: 45,
                days: 40,
                adds: 0.45,
                query: "utm_source=yandex&utm_medium=cpc&utm_campaign=osen-sbory&utm_term=травяной+сбор&yclid=4242",
                referrer: "https://yandex.ru/",
            },
        ],
        launch_days_ago: Some(72),
        notes: &[
            (300, "Кампания «Зимние подарки»"),
            (262, "Кампания к 8 Марта"),
            (72, "Новый сайт магазина"),
            (45, "Кампания «Осенние сборы»"),
            (5, "«Осенние сборы» закончились"),
        ],
        products: &[
            Product("IC-100", "Иван-чай ферментированный, 100 г", "Иван-чай", 390.0),
            Product("IC-250", "Иван-чай ферментированный, 250 г", "Иван-чай", 850.0),
            Product("OB-IMB", "Облепиха с имбирём", "Травяные сборы", 450.0),
            Product("SB-NOCH", "Сбор «Белая ночь»", "Травяные сборы", 420.0),
            Product("MD-LIP", "Мёд липовый, 500 г", "Мёд", 690.0),
            Product("GIFT-SEV", "Подарочный набор «Север»", "Подарки", 2490.0),
        ],
        order_rate: 0.024,
        actions: &[
            (
                "add_to_cart",
                "category",
                &["Иван-чай", "Травяные сборы", "Мёд", "Подарки"],
                0.085,
            ),
            ("subscribe", "form", &["footer", "popup"], 0.012),
        ],
        searches: &[
            "иван-чай",
            "мёд",
            "облепиха",
            "подарок",
            "ромашка",
            "чабрец",
            "доставка",
        ],
        download: None,
        outbound: Some("https://www.ozon.ru/seller/severchai"),
        consent: 0.4,
    },
    Profile {
        client: "Kühne Fahrräder",
        domain: "kuehne-raeder.example",
        time_zone: "Europe/Berlin",
        currency: "EUR",
        daily_visits: 240.0,
        growth: 1.2,
        weekend: 1.3,
        countries: &[
            ("DE", 82.0),
            ("AT", 8.0),
            ("CH", 6.0),
            ("NL", 2.0),
            ("PL", 1.0),
            ("FR", 1.0),
        ],
        pages: &[
            Page("/", "Kühne Fahrräder – Räder aus Leipzig", 10.0),
            Page("/raeder", "Alle Räder", 8.0),
            Page("/raeder/e-bikes", "E-Bikes", 8.0),
            Page("/raeder/lastenrad", "Lastenräder", 5.0),
            Page("/raeder/kinder", "Kinderräder", 4.0),
            Page("/rad/elbe-e", "Elbe E – Tourenrad", 6.0),
            Page("/rad/packesel", "Packesel – Lastenrad", 4.0),
            Page("/werkstatt", "Werkstatt", 5.0),
            Page("/werkstatt/termin", "Termin buchen", 3.0),
            Page("/ratgeber/rahmengroesse", "Die richtige Rahmengröße", 5.0),
            Page("/kontakt", "Kontakt", 2.0),
        ],
        ways: &[
            Way("", "", 30.0),
            Way("https://www.google.de/", "", 38.0),
            Way("https://duckduckgo.com/", "", 5.0),
            Way("https://www.bing.com/", "", 5.0),
            Way("https://www.ecosia.org/", "", 3.0),
            Way("https://www.instagram.com/", "", 5.0),
            Way("https://l.facebook.com/", "", 3.0),
            Way("https://www.fahrrad-xxl.de/", "", 1.0),
            Way("https://www.perplexity.ai/", "", 2.0),
            Way("https://chatgpt.com/", "", 3.0),
            Way("https://suche.t-online.de/fast-cgi/tsc?q=lastenrad+test", "", 1.0),
            Way("https://www.youtube.com/", "", 2.0),
        ],
        campaigns: &[
            Campaign {
                days_ago: 240,
                days: 60,
                adds: 0.8,
                query: "utm_source=google&utm_medium=cpc&utm_campaign=fruehjahr&gclid=Cj0x",
                referrer: "https://www.google.de/",
            },
            Campaign {
                days_ago: 30,
                days: 25,
                adds: 0.35,
                query: "utm_source=instagram&utm_medium=paid_social&utm_campaign=herbst-check&fbclid=IwAR",
                referrer: "https://l.instagram.com/",
            },
        ],
        launch_days_ago: Some(198),
        notes: &[
            (240, "Kampagne „Frühjahr“"),
            (198, "Neuer Laden eröffnet"),
            (30, "Kampagne „Herbst-Check“"),
        ],
        products: &[
            Product("ELBE-E", "Elbe E", "E-Bikes", 2899.0),
            Product("PACK-2", "Packesel 2", "Lastenräder", 4490.0),
            Product("KID-20", "Frechdachs 20\"", "Kinderräder", 449.0),
            Product("HELM-M", "Helm Stadt", "Zubehör", 79.9),
            Product("SCHL-F", "Faltschloss", "Zubehör", 64.5),
        ],
        order_rate: 0.011,
        actions: &[
            (
                "workshop_booking",
                "type",
                &["Inspektion", "Reparatur", "E-Bike-Update"],
                0.022,
            ),
            ("test_ride", "bike", &["Elbe E", "Packesel 2"], 0.015),
        ],
        searches: &[
            "lastenrad",
            "e-bike damen",
            "helm",
            "kinderrad 20 zoll",
            "schloss",
        ],
        download: Some("https://kuehne-raeder.example/dateien/katalog-2026.pdf"),
        outbound: Some("https://www.komoot.com/"),
        consent: 0.28,
    },
    Profile {
        client: "Northlight Courses",
        domain: "northlight.example",
        time_zone: "Europe/London",
        currency: "GBP",
        daily_visits: 160.0,
        growth: 2.1,
        weekend: 0.8,
        countries: &[
            ("GB", 46.0),
            ("US", 26.0),
            ("IE", 5.0),
            ("CA", 6.0),
            ("IN", 7.0),
            ("AU", 4.0),
            ("DE", 3.0),
            ("BR", 1.5),
            ("JP", 1.0),
        ],
        pages: &[
            Page("/", "Northlight: photography courses", 10.0),
            Page("/courses", "All courses", 8.0),
            Page("/courses/night-sky", "Photographing the night sky", 7.0),
            Page("/courses/portraits", "Portraits in natural light", 6.0),
            Page("/courses/film", "Film from the beginning", 4.0),
            Page("/pricing", "Pricing", 5.0),
            Page("/journal/blue-hour", "The blue hour, explained", 8.0),
            Page("/journal/first-lens", "Which lens first?", 7.0),
            Page("/contact", "Contact", 1.5),
        ],
        ways: &[
            Way("", "", 30.0),
            Way("https://www.google.co.uk/", "", 22.0),
            Way("https://www.google.com/", "", 14.0),
            Way("https://www.reddit.com/r/photography/", "", 7.0),
            Way("https://www.youtube.com/", "", 6.0),
            Way("https://news.ycombinator.com/", "", 2.0),
            Way("https://bsky.app/", "", 2.0),
            Way("https://chatgpt.com/", "", 4.0),
            Way("https://claude.ai/", "", 2.0),
            Way("https://www.pinterest.com/", "", 3.0),
            Way("https://search.brave.com/", "", 1.0),
            Way(
                "https://mail.google.com/",
                "utm_source=letter&utm_medium=email&utm_campaign=monthly",
                5.0,
            ),
        ],
        campaigns: &[Campaign {
            days_ago: 20,
            days: 20,
            adds: 0.6,
            query: "utm_source=google&utm_medium=cpc&utm_campaign=winter-sky&gclid=EAIa",
            referrer: "https://www.google.com/",
        }],
        launch_days_ago: Some(24),
        notes: &[(24, "“Night sky” opens"), (20, "Winter sky campaign")],
        products: &[
            Product("SKY", "Photographing the night sky", "Course", 149.0),
            Product("POR", "Portraits in natural light", "Course", 129.0),
            Product("FLM", "Film from the beginning", "Course", 99.0),
            Product("ALL", "All courses, one year", "Membership", 290.0),
        ],
        order_rate: 0.013,
        actions: &[
            ("signup", "plan", &["free", "pro", "team"], 0.045),
            (
                "watch_preview",
                "course",
                &["night-sky", "portraits", "film"],
                0.09,
            ),
        ],
        searches: &["night", "lens", "portrait", "refund", "certificate"],
        download: Some("https://northlight.example/files/syllabus.pdf"),
        outbound: Some("https://www.flickr.com/"),
        consent: 0.45,
    },
];
