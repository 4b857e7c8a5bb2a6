//! The sites served here, with what the door must know of each.

use crate::page::{normal_host, within};
use crate::visitor::{Keys, Salts};
use crate::{Address, Network};
use policy::Manifest;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
use std::fmt;
use std::sync::Arc;
use vocabulary::{Currency, Domain, SiteId};

/// What the door must know of a site. `Debug` does not show the key.
#[derive(Clone)]
pub struct SiteRules {
    /// Its number.
    pub id: SiteId,
    /// Its name.
    pub domain: Domain,
    /// What may be collected there.
    pub manifest: Manifest,
    /// The site's own secret; destroying it makes its visitors unlinkable.
    pub key: [u8; 32],
    /// Currency of amounts sent without one.
    pub currency: Currency,
    /// Hosts that belong to the site beside its domain and sub-domains, such as a payment page.
    pub own_hosts: Vec<SmolStr>,
    /// Whether hits from hosts that are not its own are dropped as `foreign_host`.
    pub only_own_hosts: bool,
    /// Addresses whose hits are dropped as `own_traffic`.
    pub excluded: Vec<Network>,
}

impl fmt::Debug for SiteRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SiteRules")
            .field("id", &self.id)
            .field("domain", &self.domain)
            .field("manifest", &self.manifest)
            .finish_non_exhaustive()
    }
}

/// A site, ready for hits.
pub struct Site {
    /// What is known of it.
    pub rules: SiteRules,
    hosts: Vec<SmolStr>,
    pub(crate) keys: Keys,
}

impl Site {
    fn new(rules: SiteRules, salts: &Salts) -> Self {
        let host_of = |text: &str| {
            let host = text.split('/').next().unwrap_or_default();
            let host = host.split(':').next().unwrap_or_default();
            SmolStr::from(normal_host(host))
        };
        let hosts = std::iter::once(rules.domain.as_str())
            .chain(rules.own_hosts.iter().map(SmolStr::as_str))
            .map(host_of)
            .filter(|host| !host.is_empty())
            .collect();
        Self {
            keys: Keys::new(&rules.key, salts),
            hosts,
            rules,
        }
    }

    /// The site's own hosts, its domain first; sub-domains of each are its own too.
    pub fn hosts(&self) -> &[SmolStr] {
        &self.hosts
    }

    /// Whether the host is the site's own.
    pub fn owns(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| within(host, own))
    }

    /// Whether hits from the address are the site's own traffic.
    pub fn excludes(&self, address: Address) -> bool {
        self.rules.excluded.iter().any(|n| n.contains(address))
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rules.fmt(f)
    }
}

/// A token that may send for a site; only its SHA-256 is known here.
#[derive(Clone, Copy)]
pub struct SendToken {
    /// SHA-256 of the token's text.
    pub sha256: [u8; 32],
    /// The site for which it may send.
    pub site: SiteId,
}

/// Every site served, by name. A snapshot: the binary makes a new one when a site, a token or a salt changes.
#[derive(Default)]
pub struct SiteTable {
    by_domain: FxHashMap<SmolStr, Arc<Site>>,
    tokens: FxHashMap<[u8; 32], SiteId>,
}

impl SiteTable {
    /// A table of these sites. Where two have one domain, the later stands.
    pub fn new(
        sites: impl IntoIterator<Item = SiteRules>,
        tokens: impl IntoIterator<Item = SendToken>,
        salts: &Salts,
    ) -> Self {
        let by_domain = sites
            .into_iter()
            .map(|rules| {
                let name = SmolStr::from(rules.domain.as_str());
                (name, Arc::new(Site::new(rules, salts)))
            })
            .collect();
        let tokens = tokens.into_iter().map(|t| (t.sha256, t.site)).collect();
        Self { by_domain, tokens }
    }

    /// The site of that name, written as people write it.
    pub fn find(&self, name: &str) -> Option<&Arc<Site>> {
        self.by_domain.get(name).or_else(|| {
            let domain = Domain::parse(name).ok()?;
            self.by_domain.get(domain.as_str())
        })
    }

    /// The site for which the token may send.
    pub fn sender(&self, token: &str) -> Option<SiteId> {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        self.tokens.get(&hash).copied()
    }
}
