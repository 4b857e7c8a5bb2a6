//! Every site at one moment, for the hot path.

use crate::client::day_of;
use crate::goal::goal_of;
use crate::manifest_version::version_of;
use crate::site::site_of;
use crate::time_zone::time_zone;
use crate::token::{digest, grant_of, looks_right};
use crate::{Can, Error, Grant, Site, SiteKey};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use policy::Manifest;
use sqldb::Database;
use sqlx::Row;
use std::collections::HashMap;
use std::sync::Arc;
use vocabulary::{ClientId, Domain, Goal, Moment, SiteId};

const SITES: &str =
    "SELECT id, domain, client, timezone, currency, hosts, excluded_networks, created_ms FROM sites
    ORDER BY id";

/// All that the collection door and the dashboards need of a site.
#[derive(Clone, Debug)]
pub struct ServedSite {
    /// The site.
    pub site: Site,
    /// The manifest in force.
    pub manifest: Manifest,
    /// Its version.
    pub manifest_version: u32,
    /// The key of its visitors.
    pub key: SiteKey,
    /// Its goals, by name.
    pub goals: Vec<Goal>,
    /// Its time zone.
    pub zone: TimeZone,
    /// When its contract is over: the end of the last day in its time zone. Nothing is collected from then on.
    pub served_until: Option<Moment>,
}

impl ServedSite {
    /// The present day by the site's own clock.
    pub fn today(&self, now: Moment) -> Date {
        let at = Timestamp::from_millisecond(now.0).unwrap_or(Timestamp::UNIX_EPOCH);
        self.zone.to_datetime(at).date()
    }

    /// Whether its contract still runs.
    pub fn is_served(&self, now: Moment) -> bool {
        self.served_until.is_none_or(|end| now < end)
    }

    /// Whether a host (in lower case, a port does not matter) is the site's: its domain, one of its further hosts,
    /// or anything below one of them.
    pub fn owns_host(&self, host: &str) -> bool {
        let host = host_only(host);
        let is_under = |own: &str| {
            let own = host_only(own);
            host.strip_suffix(own)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        is_under(self.site.domain.as_str()) || self.site.hosts.iter().any(|own| is_under(own))
    }
}

/// The host of `host:port/path`.
fn host_only(text: &str) -> &str {
    text.split(['/', ':']).next().unwrap_or(text)
}

/// Every site at one moment.
#[derive(Debug)]
pub struct Snapshot {
    number: i64,
    sites: Vec<Arc<ServedSite>>,
    by_domain: HashMap<Domain, Arc<ServedSite>>,
    by_id: HashMap<SiteId, Arc<ServedSite>>,
    tokens: HashMap<[u8; 32], Grant>,
}

impl Snapshot {
    /// The site of that domain as people write it.
    pub fn by_domain(&self, domain: &str) -> Option<&Arc<ServedSite>> {
        self.by_domain.get(&Domain::parse(domain).ok()?)
    }

    /// The site of that number.
    pub fn by_id(&self, site: SiteId) -> Option<&Arc<ServedSite>> {
        self.by_id.get(&site)
    }

    /// What a token gives, if it is one and was not revoked.
    pub fn token(&self, text: &str) -> Option<Grant> {
        looks_right(text).then(|| self.tokens.get(&digest(text)).copied())?
    }

    /// SHA-256 of each token that may send, with the site for which it may.
    pub fn send_tokens(&self) -> impl Iterator<Item = ([u8; 32], SiteId)> {
        let sends = |grant: &Grant| grant.can == Can::Send;
        self.tokens
            .iter()
            .filter(move |(_, grant)| sends(grant))
            .map(|(sha256, grant)| (*sha256, grant.site))
    }

    /// Every site, by number.
    pub fn sites(&self) -> impl Iterator<Item = &Arc<ServedSite>> {
        self.sites.iter()
    }

    /// The number of the last change it shows.
    pub fn number(&self) -> i64 {
        self.number
    }

    /// Reads everything in one state.
    pub(crate) async fn load(database: &Database) -> Result<Self, Error> {
        let mut read = database.read().await?;
        let number = sqlx::query("SELECT number FROM site_changes")
            .fetch_one(&mut *read)
            .await?
            .try_get(0)?;
        let mut contract_ends = HashMap::new();
        let ends = "SELECT id, contract_end FROM clients WHERE contract_end IS NOT NULL";
        for row in sqlx::query(ends).fetch_all(&mut *read).await? {
            let client = ClientId(row.try_get::<i64, _>(0)? as u32);
            contract_ends.insert(client, day_of(&row.try_get::<String, _>(1)?, client)?);
        }
        let mut keys = HashMap::new();
        for row in sqlx::query("SELECT site, bytes FROM site_keys")
            .fetch_all(&mut *read)
            .await?
        {
            let bytes: Vec<u8> = row.try_get("bytes")?;
            keys.insert(site_in(&row)?, SiteKey::stored(&bytes));
        }
        let mut manifests = HashMap::new();
        let latest = "SELECT site, version, since_ms, manifest, changed_by, note FROM site_manifests AS m
             WHERE version = (SELECT MAX(version) FROM site_manifests WHERE site = m.site)";
        for row in sqlx::query(latest).fetch_all(&mut *read).await? {
            let site = site_in(&row)?;
            manifests.insert(site, version_of(site, &row)?);
        }
        let mut goals: HashMap<SiteId, Vec<Goal>> = HashMap::new();
        for row in sqlx::query("SELECT site, name, rule FROM site_goals")
            .fetch_all(&mut *read)
            .await?
        {
            goals.entry(site_in(&row)?).or_default().push(goal_of(&row)?);
        }
        let mut tokens = HashMap::new();
        let valid = "SELECT id, site, can, sha256 FROM site_tokens WHERE revoked_ms IS NULL";
        for row in sqlx::query(valid).fetch_all(&mut *read).await? {
            let sha256: Vec<u8> = row.try_get("sha256")?;
            if let Ok(sha256) = sha256.try_into() {
                tokens.insert(sha256, grant_of(&row)?);
            }
        }
        let mut sites = Vec::new();
        for row in sqlx::query(SITES).fetch_all(&mut *read).await? {
            let site = site_of(&row)?;
            let corrupt = |what| Error::Corrupt {
                what,
                of: site.domain.to_string(),
            };
            let version = manifests.remove(&site.id).ok_or_else(|| corrupt("manifest"))?;
            let mut goals = goals.remove(&site.id).unwrap_or_default();
            goals.sort_by(|a, b| a.name.cmp(&b.name));
            let zone = time_zone(&site.timezone)?;
            let served_until = contract_ends
                .get(&site.client)
                .and_then(|last_day| last_day.tomorrow().ok())
                .and_then(|day| day.to_zoned(zone.clone()).ok())
                .map(|end| Moment(end.timestamp().as_millisecond()));
            sites.push(Arc::new(ServedSite {
                manifest: version.manifest,
                manifest_version: version.version,
                key: keys.remove(&site.id).flatten().ok_or_else(|| corrupt("key"))?,
                goals,
                zone,
                served_until,
                site,
            }));
        }
        Ok(Self {
            number,
            by_domain: sites
                .iter()
                .map(|s| (s.site.domain.clone(), Arc::clone(s)))
                .collect(),
            by_id: sites.iter().map(|s| (s.site.id, Arc::clone(s))).collect(),
            sites,
            tokens,
        })
    }
}

fn site_in(row: &sqlx::any::AnyRow) -> Result<SiteId, Error> {
    Ok(SiteId(row.try_get::<i64, _>("site")? as u32))
}
