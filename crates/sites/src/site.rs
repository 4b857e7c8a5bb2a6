//! Sites of clients.

use crate::time_zone::time_zone;
use crate::{Error, Problem, ServedSite, SiteKey, Sites, currency, suggestion::near};
use policy::Manifest;
use serde::Serialize;
use sqlx::{Row, any::AnyRow};
use std::sync::Arc;
use vocabulary::{ClientId, Currency, Domain, Moment, SiteId, domain::BadDomain};

/// A site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Site {
    /// Its number, from 1.
    pub id: SiteId,
    /// Its name, unique.
    pub domain: Domain,
    /// Whose it is.
    pub client: ClientId,
    /// Name of its time zone in the IANA database: its days and months.
    pub timezone: String,
    /// The currency that its revenue is shown in.
    pub currency: Currency,
    /// Further hosts that count as this site, besides its domain and everything below its domain.
    pub hosts: Vec<String>,
    /// Networks of the client itself, whose hits are not counted, as `address` or `address/length`.
    pub excluded_networks: Vec<String>,
    /// When it was added.
    pub created: Moment,
}

/// A site to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewSite<'a> {
    /// Its domain as people write it, not yet taken.
    pub domain: &'a str,
    /// Whose it is.
    pub client: ClientId,
    /// Its time zone by its name in the IANA database.
    pub timezone: &'a str,
    /// ISO 4217 code.
    pub currency: &'a str,
    /// What the client lets be collected: the first version of its manifest.
    pub manifest: Manifest,
    /// Who adds it: an account's number or a role, no name of a person.
    pub by: &'a str,
}

impl Sites {
    /// Adds a site with the first version of its manifest and a fresh key.
    pub async fn add_site(&self, new: NewSite<'_>, now: Moment) -> Result<Site, Error> {
        let domain = domain_of(new.domain)?;
        let zone = time_zone(new.timezone)?;
        let currency = currency::checked(new.currency)?;
        let key = SiteKey::random()?;

        let mut write = self.change().await?;
        if sqlx::query("SELECT 1 FROM clients WHERE id = $1")
            .bind(i64::from(new.client.0))
            .fetch_optional(&mut *write)
            .await?
            .is_none()
        {
            return Err(refused("client", Problem::Client(new.client)));
        }
        if sqlx::query("SELECT 1 FROM sites WHERE domain = $1")
            .bind(domain.as_str())
            .fetch_optional(&mut *write)
            .await?
            .is_some()
        {
            return Err(refused("domain", Problem::Taken(domain.to_string())));
        }
        let row = sqlx::query(
            "INSERT INTO sites (domain, client, timezone, currency, hosts, excluded_networks, created_ms)
             VALUES ($1, $2, $3, $4, '[]', '[]', $5)
             RETURNING id, domain, client, timezone, currency, hosts, excluded_networks, created_ms",
        )
        .bind(domain.as_str())
        .bind(i64::from(new.client.0))
        .bind(zone.iana_name().unwrap_or(new.timezone))
        .bind(currency.as_str())
        .bind(now.0)
        .fetch_one(&mut *write)
        .await?;
        let site = site_of(&row)?;
        sqlx::query("INSERT INTO site_keys (site, bytes) VALUES ($1, $2)")
            .bind(i64::from(site.id.0))
            .bind(&key.bytes()[..])
            .execute(&mut *write)
            .await?;
        Self::write_manifest(&mut write, site.id, 1, new.manifest, new.by, "site added", now).await?;
        self.done(write).await?;
        Ok(site)
    }

    /// The site of that domain as people write it, from the snapshot; the error names sites like it.
    pub fn site(&self, domain: &str) -> Result<Arc<ServedSite>, Error> {
        let snapshot = self.snapshot();
        let wanted = domain_of(domain)?;
        snapshot
            .by_domain(wanted.as_str())
            .cloned()
            .ok_or_else(|| Error::NotFound {
                what: "site",
                name: wanted.to_string(),
                near: near(wanted.as_str(), snapshot.sites().map(|s| s.site.domain.as_str())),
            })
    }

    /// Sets the further hosts that count as the site: host names as people write them, without path.
    pub async fn set_hosts(&self, site: SiteId, hosts: &[String]) -> Result<(), Error> {
        let mut read = Vec::new();
        for host in hosts {
            let host = domain_of(host)?.as_str().to_owned();
            if host.contains('/') {
                return Err(refused("host", BadDomain::Character.into()));
            }
            read.push(host);
        }
        self.set_list(site, "UPDATE sites SET hosts = $1 WHERE id = $2", read)
            .await
    }

    /// Sets the networks whose hits are the client's own: texts like `192.0.2.7` or `2001:db8::/32`, checked for
    /// their characters alone; the collection door reads them.
    pub async fn set_excluded_networks(&self, site: SiteId, networks: &[String]) -> Result<(), Error> {
        let mut read = Vec::new();
        for network in networks {
            let network = network.trim();
            let (address, length) = network.split_once('/').unwrap_or((network, "0"));
            let fits = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
            let looks_right = address.contains(['.', ':'])
                && address.len() <= 45
                && address.chars().all(fits)
                && length.parse::<u8>().is_ok_and(|length| length <= 128);
            if !looks_right {
                return Err(refused("excluded network", Problem::Network(network.to_owned())));
            }
            read.push(network.to_owned());
        }
        self.set_list(
            site,
            "UPDATE sites SET excluded_networks = $1 WHERE id = $2",
            read,
        )
        .await
    }

    async fn set_list(&self, site: SiteId, sql: &'static str, mut list: Vec<String>) -> Result<(), Error> {
        list.sort();
        list.dedup();
        let mut write = self.change().await?;
        let changed = sqlx::query(sql)
            .bind(serde_json::Value::from(list).to_string())
            .bind(i64::from(site.0))
            .execute(&mut *write)
            .await?;
        if changed.rows_affected() == 0 {
            return Err(no_site(site));
        }
        self.done(write).await
    }
}

/// No site of that number.
pub(crate) fn no_site(site: SiteId) -> Error {
    Error::NotFound {
        what: "site",
        name: site.0.to_string(),
        near: Vec::new(),
    }
}

fn refused(field: &'static str, problem: Problem) -> Error {
    Error::Refused { field, problem }
}

fn domain_of(text: &str) -> Result<Domain, Error> {
    Domain::parse(text).map_err(|e| refused("domain", e.into()))
}

/// A row with all columns of `sites`.
pub(crate) fn site_of(row: &AnyRow) -> Result<Site, Error> {
    let text = |column| row.try_get::<String, _>(column);
    let domain = text("domain")?;
    let corrupt = |what| Error::Corrupt {
        what,
        of: domain.clone(),
    };
    let list = |column| -> Result<Vec<String>, Error> {
        serde_json::from_str(&text(column)?).map_err(|_| corrupt("list"))
    };
    Ok(Site {
        id: SiteId(row.try_get::<i64, _>("id")? as u32),
        domain: Domain::parse(&domain).map_err(|_| corrupt("domain"))?,
        client: ClientId(row.try_get::<i64, _>("client")? as u32),
        timezone: text("timezone")?,
        currency: Currency::parse(&text("currency")?).map_err(|_| corrupt("currency"))?,
        hosts: list("hosts")?,
        excluded_networks: list("excluded_networks")?,
        created: Moment(row.try_get("created_ms")?),
    })
}
