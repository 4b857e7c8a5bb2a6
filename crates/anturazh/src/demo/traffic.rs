//! A year of simulated visits, in the order of time, as hits of our own protocol.

use super::{
    browsers::{BROWSERS, Browser, ROBOTS},
    chance::Chance,
    places,
    profile::{Campaign, Profile},
};
use serde_json::{Value, json};
use vocabulary::{
    Moment,
    moment::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS},
};

/// How busy each local hour is, from midnight.
const HOURS: [f64; 24] = [
    1.2, 0.7, 0.5, 0.4, 0.4, 0.6, 1.2, 2.4, 3.8, 5.0, 5.8, 6.0, 5.7, 5.6, 5.6, 5.4, 5.2, 5.3, 5.8, 6.6, 7.0,
    6.6, 4.8, 2.6,
];

/// A browser that comes back, recognised by its cookie since it consented.
#[derive(Clone)]
struct Regular {
    cookie: String,
    address: String,
    language: &'static str,
    browser: usize,
}

/// The visits of one site between two moments.
pub(crate) struct Traffic<'a> {
    profile: &'a Profile,
    chance: Chance,
    day: i64,
    today: i64,
    from: Moment,
    until: Moment,
    zone_offset_ms: i64,
    regulars: Vec<Regular>,
    orders: u32,
    /// Refunds still to come: time, hit.
    refunds: Vec<(i64, Value)>,
}

impl<'a> Traffic<'a> {
    /// Traffic of `days` whole days up to `now`. The same seed, days and `now` give the same hits.
    pub(crate) fn new(profile: &'a Profile, seed: u64, days: i64, now: Moment) -> Self {
        let zone =
            jiff::tz::TimeZone::get(profile.time_zone).expect("profiles name zones of the tz database");
        let stamp = jiff::Timestamp::from_millisecond(now.0).expect("the clock is within the calendar");
        let from = Moment((now.utc_day() - days) * DAY_MS);
        Self {
            profile,
            chance: Chance::new(seed),
            day: from.utc_day(),
            today: now.utc_day(),
            from,
            until: now,
            zone_offset_ms: i64::from(zone.to_offset(stamp).seconds()) * SECOND_MS,
            regulars: Vec::new(),
            orders: 0,
            refunds: Vec::new(),
        }
    }

    /// The share of the whole that is behind us, for a progress bar.
    pub(crate) fn progress(&self) -> f64 {
        (self.day - self.from.utc_day()) as f64 / (self.today - self.from.utc_day()).max(1) as f64
    }

    /// How many visits the day sees, before chance has its say.
    fn expected_visits(&self) -> f64 {
        let p = self.profile;
        let days_ago = self.today - self.day;
        let year = 1.0 - days_ago as f64 / 365.0;
        let weekday = (self.day + 3).rem_euclid(7); // 1970-01-01 was a Thursday
        let week = if weekday >= 5 { p.weekend } else { 1.0 };
        let season = 1.0 + 0.12 * (std::f64::consts::TAU * (self.day as f64 - 15.0) / 365.25).cos();
        let launch = p
            .launch_days_ago
            .filter(|at| days_ago <= *at && at - days_ago < 21);
        let launched = launch.map_or(1.0, |at| 1.0 + 2.2 * (-((at - days_ago) as f64) / 4.0).exp());
        p.daily_visits * (1.0 + (p.growth - 1.0) * year) * week * season * launched
    }

    fn campaign(&self) -> Option<&'a Campaign> {
        let days_ago = self.today - self.day;
        self.profile
            .campaigns
            .iter()
            .find(|c| days_ago <= c.days_ago && c.days_ago - days_ago < c.days)
    }

    /// The hits of the next day in the order of time, or `None` after the last.
    pub(crate) fn next_day(&mut self) -> Option<Vec<Value>> {
        if self.day > self.today {
            return None;
        }
        let mut hits: Vec<(i64, Value)> = Vec::new();
        let noise = 0.88 + 0.24 * self.chance.unit();
        let base = self.expected_visits() * noise;
        let campaign = self.campaign();
        let paid = campaign.map_or(0.0, |c| base * c.adds);
        for _ in 0..base as usize {
            self.visit(None, &mut hits);
        }
        for _ in 0..paid as usize {
            self.visit(campaign, &mut hits);
        }
        for _ in 0..(base * 0.06) as usize {
            let hit = self.robot();
            hits.push(hit);
        }
        let day_end = (self.day + 1) * DAY_MS;
        let (due, later) = self.refunds.drain(..).partition(|(time, _)| *time < day_end);
        self.refunds = later;
        hits.extend::<Vec<_>>(due);
        hits.retain(|(time, _)| *time < self.until.0 && *time >= self.from.0);
        hits.sort_by_key(|(time, _)| *time);
        self.day += 1;
        Some(hits.into_iter().map(|(_, hit)| hit).collect())
    }

    /// A time within the day, by how busy the local hours are.
    fn time(&mut self) -> i64 {
        let hours: Vec<usize> = (0..24).collect();
        let hour = *self.chance.weighted(&hours, |h| HOURS[*h]) as i64;
        let within = (self.chance.unit() * HOUR_MS as f64) as i64;
        self.day * DAY_MS + (hour * HOUR_MS + within - self.zone_offset_ms).rem_euclid(DAY_MS)
    }

    fn robot(&mut self) -> (i64, Value) {
        let time = self.time();
        let page = self.profile.pages[self.chance.below(self.profile.pages.len())].0;
        let user_agent = ROBOTS[self.chance.below(ROBOTS.len())];
        let hit = json!({
            "site": self.profile.domain, "name": "page_view", "url": format!("https://{}{page}", self.profile.domain),
            "timestamp": time, "ip": places::country("US").address(&mut self.chance), "user_agent": user_agent,
        });
        (time, hit)
    }

    /// Who comes: a regular with a cookie, or somebody new.
    fn visitor(&mut self) -> (Regular, bool) {
        if !self.regulars.is_empty() && self.chance.happens(0.38) {
            // The more recent a regular, the likelier a return.
            let back = (self.chance.wait(600.0) as usize).min(self.regulars.len() - 1);
            return (self.regulars[self.regulars.len() - 1 - back].clone(), true);
        }
        let (code, _) = *self.chance.weighted(self.profile.countries, |c| c.1);
        let country = places::country(code);
        let browsers: Vec<usize> = (0..BROWSERS.len()).collect();
        let new = Regular {
            cookie: format!("{:016x}{:016x}", self.chance.bits(), self.chance.bits()),
            address: country.address(&mut self.chance),
            language: country.language,
            browser: *self.chance.weighted(&browsers, |b| BROWSERS[*b].weight),
        };
        let consents = self.chance.happens(self.profile.consent);
        if consents {
            self.regulars.push(new.clone());
        }
        (new, consents)
    }

    fn visit(&mut self, campaign: Option<&Campaign>, hits: &mut Vec<(i64, Value)>) {
        let p = self.profile;
        let (who, consents) = self.visitor();
        let browser = &BROWSERS[who.browser];
        let mut time = self.time();
        let (referrer, query) = if let Some(c) = campaign {
            (c.referrer, c.query)
        } else {
            let way = self.chance.weighted(p.ways, |w| w.2);
            (way.0, way.1)
        };
        let searching =
            referrer.contains("search") || referrer.contains("google") || referrer.contains("yandex");
        let mut page = self
            .chance
            .weighted(p.pages, |page| if searching { page.2 } else { page.2 * page.2 });
        let mut previous = String::from(referrer);
        let mut query = query;
        // A geometric number of pages: about half leave after the first, fewer with the phone in hand than at a desk.
        let stay = if browser.handheld { 0.52 } else { 0.62 } + if campaign.is_some() { -0.06 } else { 0.0 };
        let interest = self.chance.unit();
        loop {
            let url = if query.is_empty() {
                format!("https://{}{}", p.domain, page.0)
            } else {
                format!("https://{}{}?{query}", p.domain, page.0)
            };
            let mut hit = self.hit(&who, consents, browser, time, "page_view", &url);
            hit["title"] = page.1.into();
            if !previous.is_empty() {
                hit["referrer"] = previous.into();
            }
            hits.push((time, hit));
            time += self.chance.wait(if browser.handheld { 38.0 } else { 55.0 }) as i64 * SECOND_MS
                + 3 * SECOND_MS;
            self.maybe_act(&who, consents, browser, &mut time, &url, hits);
            if !self.chance.happens(stay * (0.7 + 0.5 * interest)) {
                break;
            }
            previous = url;
            query = "";
            page = self.chance.weighted(p.pages, |page| page.2);
        }
        if self
            .chance
            .happens(p.order_rate * if consents { 1.6 } else { 0.7 } * (0.4 + 1.2 * interest))
        {
            self.order(&who, consents, browser, time, hits);
        }
    }

    fn hit(
        &self,
        who: &Regular,
        consents: bool,
        browser: &Browser,
        time: i64,
        name: &str,
        url: &str,
    ) -> Value {
        let screen = browser.screens[who.address.len() % browser.screens.len()];
        let mut hit = json!({
            "site": self.profile.domain, "name": name, "url": url, "timestamp": time, "ip": who.address,
            "user_agent": browser.user_agent, "screen": format!("{}x{}", screen.0, screen.1), "language": who.language,
        });
        if consents {
            hit["visitor"] = who.cookie.clone().into();
            hit["consent"] = "granted".into();
        }
        hit
    }

    fn maybe_act(
        &mut self,
        who: &Regular,
        consents: bool,
        browser: &Browser,
        time: &mut i64,
        url: &str,
        hits: &mut Vec<(i64, Value)>,
    ) {
        let p = self.profile;
        let mut acts: Vec<(&str, Value)> = Vec::new();
        for (name, key, values, share) in p.actions {
            // Shares are per visit; a visit has about two pages.
            if self.chance.happens(share / 2.0) {
                let mut properties = serde_json::Map::new();
                properties.insert((*key).into(), values[self.chance.below(values.len())].into());
                acts.push((name, properties.into()));
            }
        }
        if !p.searches.is_empty() && self.chance.happens(0.03) {
            acts.push((
                "site_search",
                json!({"query": p.searches[self.chance.below(p.searches.len())]}),
            ));
        }
        if let Some(file) = p.download.filter(|_| self.chance.happens(0.008)) {
            acts.push(("file_download", json!({"url": file})));
        }
        if let Some(link) = p.outbound.filter(|_| self.chance.happens(0.012)) {
            acts.push(("outbound_link", json!({"url": link})));
        }
        if self.chance.happens(0.004) {
            acts.push(("not_found", json!({"path": "/old-catalog"})));
        }
        for (name, properties) in acts {
            let mut hit = self.hit(who, consents, browser, *time, name, url);
            hit["properties"] = properties;
            hits.push((*time, hit));
            *time += self.chance.wait(9.0) as i64 * SECOND_MS + SECOND_MS;
        }
    }

    fn order(
        &mut self,
        who: &Regular,
        consents: bool,
        browser: &Browser,
        time: i64,
        hits: &mut Vec<(i64, Value)>,
    ) {
        let p = self.profile;
        if p.products.is_empty() {
            return;
        }
        self.orders += 1;
        let order_id = format!("{}-{}", &p.domain[..2].to_uppercase(), 10_000 + self.orders);
        let mut items = Vec::new();
        let mut total = 0.0;
        let kinds = 1 + self.chance.below(if p.products[0].3 < 1000.0 { 3 } else { 1 });
        for _ in 0..kinds {
            let product = self.chance.weighted(p.products, |product| 1.0 / product.3.sqrt());
            let quantity = 1 + self.chance.below(if product.3 < 1000.0 { 2 } else { 1 });
            total += product.3 * quantity as f64;
            items.push(json!({"sku": product.0, "name": product.1, "category": product.2, "price": product.3, "quantity": quantity}));
        }
        let url = format!("https://{}/thanks", p.domain);
        hits.push((time, self.hit(who, consents, browser, time, "page_view", &url)));
        let time = time + SECOND_MS;
        let mut hit = self.hit(who, consents, browser, time, "purchase", &url);
        hit["purchase"] = json!({
            "order_id": order_id, "revenue": (total * 100.0).round() / 100.0, "currency": p.currency, "items": items,
        });
        hits.push((time, hit));
        if self.chance.happens(0.045) {
            let later = time + DAY_MS + (self.chance.wait(5.0) * DAY_MS as f64) as i64;
            let share = if self.chance.happens(0.6) { 1.0 } else { 0.5 };
            let mut refund = self.hit(who, consents, browser, later, "refund", &url);
            refund["refund"] = json!({
                "order_id": order_id, "revenue": (total * share * 100.0).round() / 100.0, "currency": p.currency,
            });
            self.refunds.push((later + MINUTE_MS, refund));
        }
    }
}
