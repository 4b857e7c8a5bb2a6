//! The whole policy of what is kept: one list of steps that every hit goes through, cheap ones first.
//! Each step keeps the hit, takes something from it, or drops it for a [`Reason`].

mod keep;

use crate::Address;
use crate::enrich::{Client, Enricher, Origin, click_id};
use crate::hit::{Hit, When};
use crate::page::Page;
use crate::recent_ids::{Claim, RecentIds};
use crate::sender::Sender;
use crate::site::{Site, SiteTable};
use policy::{Decision, Manifest, Tier, decide, strip};
use std::borrow::Cow;
use std::sync::Arc;
use vocabulary::event::Texts;
use vocabulary::moment::{DAY_MS, HOUR_MS, MINUTE_MS};
use vocabulary::{DataType, Event, EventKind, Moment, Reason, SiteId, VisitorKey};

/// A step: its name, what it does, and whether lines of imported logs go through it too.
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// One line on what it does.
    pub about: &'static str,
    /// Whether it also applies to lines of logs.
    pub for_logs: bool,
    run: Run,
}

enum Run {
    /// May drop the hit.
    Check(fn(&mut Passage<'_>) -> Result<(), Reason>),
    /// Puts something of the hit into the event, or takes something from the event.
    Keep(fn(&mut Passage<'_>)),
}

macro_rules! steps {
    (@logs every) => { true };
    (@logs door) => { false };
    ($($name:literal $applies:ident $kind:ident $run:path, $about:literal)*) => {
        /// Every step, in order. A hit that a protocol cannot read (`malformed`) never comes this far.
        pub const STEPS: &[Step] = &[$(Step {
            name: $name,
            about: $about,
            for_logs: steps!(@logs $applies),
            run: Run::$kind($run),
        }),*];
    };
}

// `every`: also for lines of logs; `door`: only for what arrives at the door.
steps! {
    "site"        every Check find_site,        "drops what is for no site served here: unknown_site"
    "time"        door  Check check_time,       "drops what is too_old or in_future"
    "manifest"    every Check check_type,       "drops what the manifest denies: type_not_allowed; finds the consent tier"
    "own traffic" every Check check_address,    "drops what comes from addresses that the site excludes: own_traffic"
    "host"        every Check check_host,       "drops pages on a foreign_host, where the site lists its own"
    "robots"      every Check check_client,     "drops what is a bot by its User-Agent"
    "spam"        every Check check_referrer,   "drops what names a known spammer as referrer: referrer_spam"
    "page"        every Keep  keep::page,       "keeps host, path and title, scrubbed, without query string"
    "properties"  every Keep  keep::properties, "keeps properties, scrubbed"
    "sale"        every Check keep::sale,       "keeps amounts, order and goods; drops amounts that no currency can hold: malformed"
    "visitor"     every Keep  keep::visitor,    "makes the visitor key: of the cookie if the tier permits, else of the day"
    "origin"      every Keep  keep::origin,     "keeps source, channel, referrer, search terms and campaign, scrubbed"
    "computer"    every Keep  keep::computer,   "keeps kind of computer, system, browser, screen and language"
    "place"       every Keep  keep::place,      "keeps country, region, city, provider, and of the address what the manifest says"
    "strip"       every Keep  strip_denied,     "takes away every text and amount that the manifest denies"
    "repeats"     door  Check claim_ids,        "drops what was stored before, by the id of its event or order: duplicate"
}

/// What the steps need to know beside the hit.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The sites served.
    pub sites: &'a SiteTable,
    /// What enriches.
    pub enricher: &'a Enricher,
    /// The memory of recent ids; none for logs.
    pub recent_ids: Option<&'a RecentIds>,
    /// The moment of arrival.
    pub now: Moment,
    /// How old an event of a trusted sender may be, in milliseconds.
    pub oldest_ms: i64,
}

/// How old an event of an untrusted sender may be, in milliseconds.
pub const OLDEST_UNTRUSTED_MS: i64 = 72 * HOUR_MS;
/// How far ahead of ours a sender's clock may be, in milliseconds; such events happened now.
pub const CLOCK_ERROR_MS: i64 = 5 * MINUTE_MS;
/// How old an event of a trusted sender may be unless the operator says otherwise: five years, in milliseconds.
pub const OLDEST_TRUSTED_MS: i64 = 5 * 366 * DAY_MS;

/// Room for the texts of most events, in bytes.
const ROOM: usize = 384;

/// A hit on its way through the steps.
pub struct Passage<'a> {
    hit: &'a Hit<'a>,
    sender: &'a Sender<'a>,
    around: Surroundings<'a>,
    page: Page<'a>,
    site: Option<&'a Arc<Site>>,
    tier: Tier,
    client: Option<Arc<Client>>,
    origin: Origin,
    event: Event,
    stripped: bool,
    ids: Ids,
    undecided: bool,
}

/// The numbers by which repeats of an event are known: of its id, and of its order.
pub type Ids = [Option<u64>; 2];

/// What became of a hit.
#[derive(Debug)]
pub struct Passed {
    /// The site, once found.
    pub site: Option<SiteId>,
    /// The fate.
    pub fate: Fate,
}

/// What became of a hit that went through the steps.
#[derive(Debug)]
pub enum Fate {
    /// It is to be kept.
    Kept {
        /// What is left of it.
        event: Event,
        /// Whether the manifest took something.
        stripped: bool,
        /// Its ids, now claimed.
        ids: Ids,
        /// Whether an id is just being written by another request, so that nothing is claimed yet.
        undecided: bool,
    },
    /// It is dropped.
    Dropped(Reason),
}

/// Sends a hit through [`STEPS`]; with `recent_ids` absent, through those that apply to logs.
pub fn pass<'a>(hit: &'a Hit<'a>, sender: &'a Sender<'a>, around: Surroundings<'a>) -> Passed {
    let logs = around.recent_ids.is_none();
    let mut passage = Passage {
        hit,
        sender,
        around,
        page: Page::parse(&hit.url),
        site: None,
        tier: Tier::Cookieless,
        client: None,
        origin: Origin::default(),
        event: Event {
            site: SiteId(0),
            visitor: VisitorKey(0),
            time: around.now,
            kind: hit.kind,
            interactive: hit.interactive,
            sale: None,
            texts: Texts::with_capacity(ROOM),
        },
        stripped: false,
        ids: [None; 2],
        undecided: false,
    };
    if let (true, When::At(time)) = (logs, hit.when) {
        passage.event.time = time;
    }
    let mut dropped = None;
    for step in STEPS.iter().filter(|step| step.for_logs || !logs) {
        match step.run {
            Run::Keep(run) => run(&mut passage),
            Run::Check(run) => {
                if let Err(reason) = run(&mut passage) {
                    dropped = Some(reason);
                    break;
                }
            }
        }
    }
    Passed {
        site: passage.site.map(|site| site.rules.id),
        fate: match dropped {
            Some(reason) => Fate::Dropped(reason),
            None => Fate::Kept {
                event: passage.event,
                stripped: passage.stripped,
                ids: passage.ids,
                undecided: passage.undecided,
            },
        },
    }
}

impl<'a> Passage<'a> {
    fn site(&self) -> &'a Site {
        self.site.expect("the first step found the site")
    }

    fn address(&self) -> Option<Address> {
        self.hit.address.or(self.sender.address)
    }

    fn user_agent(&self) -> &str {
        self.hit.user_agent.as_deref().unwrap_or(self.sender.user_agent)
    }
}

fn find_site(passage: &mut Passage<'_>) -> Result<(), Reason> {
    let sites = passage.around.sites;
    let named = &*passage.hit.site;
    passage.site = if named.is_empty() {
        sites.find(&passage.page.host)
    } else {
        sites.find(named)
    };
    let site = passage.site.ok_or(Reason::UnknownSite)?;
    passage.event.site = site.rules.id;
    Ok(())
}

fn check_time(passage: &mut Passage<'_>) -> Result<(), Reason> {
    let now = passage.around.now;
    let (time, oldest_ms) = match passage.hit.when {
        When::Ago(ms) => (now.plus_ms(0i64.saturating_sub(ms)), OLDEST_UNTRUSTED_MS),
        When::At(time) => (time, passage.around.oldest_ms),
    };
    if time > now.plus_ms(CLOCK_ERROR_MS) {
        return Err(Reason::InFuture);
    }
    if time < now.plus_ms(-oldest_ms) {
        return Err(Reason::TooOld);
    }
    passage.event.time = time.min(now);
    Ok(())
}

fn check_type(passage: &mut Passage<'_>) -> Result<(), Reason> {
    let manifest = &passage.site().rules.manifest;
    match decide(
        passage.hit.what(),
        manifest,
        passage.hit.consent,
        passage.sender.refuses,
    ) {
        Decision::Keep(tier) => passage.tier = tier,
        Decision::Drop(reason) => return Err(reason),
    }
    Ok(())
}

fn check_address(passage: &mut Passage<'_>) -> Result<(), Reason> {
    match passage.address() {
        Some(address) if passage.site().excludes(address) => Err(Reason::OwnTraffic),
        _ => Ok(()),
    }
}

fn check_host(passage: &mut Passage<'_>) -> Result<(), Reason> {
    let site = passage.site();
    if site.rules.only_own_hosts && !passage.page.host.is_empty() && !site.owns(&passage.page.host) {
        return Err(Reason::ForeignHost);
    }
    Ok(())
}

fn check_client(passage: &mut Passage<'_>) -> Result<(), Reason> {
    let by_server = passage.sender.is_server;
    let user_agent = passage.user_agent();
    // A server may not know its visitor's browser; a browser always says which it is.
    if user_agent.is_empty() && by_server {
        return Ok(());
    }
    let client = passage.around.enricher.client(user_agent, &passage.sender.hints);
    if client.bot {
        return Err(Reason::Bot);
    }
    passage.client = Some(client);
    Ok(())
}

fn check_referrer(passage: &mut Passage<'_>) -> Result<(), Reason> {
    let referrer = Some(&*passage.hit.referrer).filter(|text| !text.is_empty());
    let site = passage.site();
    let query = allowed_query(passage.page.query, site.rules.manifest);
    let taken = query.len() < passage.page.query.len();
    let page = Page {
        query: &query,
        ..passage.page.clone()
    };
    passage.origin = passage.around.enricher.origin(&page, referrer, site.hosts());
    passage.stripped |= taken;
    if passage.origin.spam {
        return Err(Reason::ReferrerSpam);
    }
    Ok(())
}

/// The query string without the tags and click ids that the manifest denies: not even source and channel may follow
/// from them.
fn allowed_query(query: &str, manifest: Manifest) -> Cow<'_, str> {
    let (campaign, click) = (
        manifest.allows(DataType::Campaign),
        manifest.allows(DataType::AdClickId),
    );
    if query.is_empty() || campaign && click {
        return Cow::Borrowed(query);
    }
    let allowed = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        let name = name.strip_prefix("amp;").unwrap_or(name).to_ascii_lowercase();
        let is_tag = name.starts_with("utm_") || matches!(&*name, "source" | "ref");
        (campaign || !is_tag) && (click || click_id::of_parameter(&name).is_none())
    };
    Cow::Owned(query.split('&').filter(allowed).collect::<Vec<_>>().join("&"))
}

fn strip_denied(passage: &mut Passage<'_>) {
    let manifest = passage.site().rules.manifest;
    passage.stripped |= strip(&mut passage.event, &manifest);
}

fn claim_ids(passage: &mut Passage<'_>) -> Result<(), Reason> {
    let Some(recent) = passage.around.recent_ids else {
        return Ok(());
    };
    let keys = &passage.site().keys;
    let hit = passage.hit;
    let order = hit.sale.as_ref().map_or("", |sale| &*sale.order_id);
    passage.ids = [
        (!hit.id.is_empty()).then(|| keys.of_id("event", &hit.id)),
        (hit.kind == EventKind::Purchase && !order.is_empty()).then(|| keys.of_id("order", order)),
    ];
    match claim(recent, &passage.ids, passage.around.now) {
        Claim::Fresh => Ok(()),
        Claim::Known => Err(Reason::Duplicate),
        Claim::Writing | Claim::Abandoned => {
            passage.undecided = true;
            Ok(())
        }
    }
}

/// Claims all ids of an event, or none.
pub(crate) fn claim(recent: &RecentIds, ids: &Ids, now: Moment) -> Claim {
    for (place, id) in ids.iter().enumerate() {
        let Some(id) = id else { continue };
        let found = recent.claim(*id, now);
        if found != Claim::Fresh {
            let claimed: Vec<u64> = ids[..place].iter().flatten().copied().collect();
            recent.give_back(&claimed);
            return found;
        }
    }
    Claim::Fresh
}

#[cfg(test)]
mod tests;
