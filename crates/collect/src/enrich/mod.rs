//! What a hit says without saying it: the kind of computer, the place, who led here.
//!
//! Architecture invariant: nothing here keeps a User-Agent or an address beyond the call; caches are keyed by hashes.

#[cfg(test)]
mod agreement;
pub mod bot;
pub mod cache;
pub mod channel;
pub mod click_id;
pub mod client;
pub mod client_rules;
mod database;
pub mod device;
pub mod language;
pub mod origin;
pub mod place;
pub mod provider;
pub mod screen;
pub mod search_terms;
pub mod source;
pub mod spam;
#[cfg(test)]
pub(crate) mod trial;
pub mod windows_1251;

pub use client::{Client, ClientHints};
pub use language::language;
pub use origin::Origin;
pub use place::Place;
pub use screen::screen_class;

use crate::page::Page;
use crate::{Address, Error};
use cache::Cache;
use smol_str::SmolStr;
use std::path::PathBuf;
use std::sync::Arc;

/// What the operator configured.
#[derive(Clone, Debug, Default)]
pub struct EnrichOptions {
    /// A MaxMind DB file of type City or Country. Without it places are countries from embedded data.
    pub place_database: Option<PathBuf>,
    /// A MaxMind DB file of domains, providers or autonomous systems. Without it providers come from logs alone.
    pub provider_database: Option<PathBuf>,
    /// A file of referrer spammers' hosts, one a line, `#` begins a comment; added to the list that is built in.
    pub spam_hosts: Option<PathBuf>,
}

/// How many kinds of clients are remembered; one takes about 300 bytes.
const CLIENTS: usize = 16_384;

/// Everything that enriches a hit. One serves the whole process; calls from many threads are cheap.
pub struct Enricher {
    places: place::Places,
    providers: provider::Providers,
    spam: spam::SpamHosts,
    clients: Cache<Arc<Client>>,
}

impl Enricher {
    /// Opens the operator's files. Rules for User-Agents are compiled at the first hit, or by [`Self::warm`].
    pub fn new(options: &EnrichOptions) -> Result<Self, Error> {
        Ok(Self {
            places: place::Places::open(options.place_database.as_deref())?,
            providers: provider::Providers::open(options.provider_database.as_deref())?,
            spam: spam::SpamHosts::open(options.spam_hosts.as_deref())?,
            clients: Cache::new(CLIENTS),
        })
    }

    /// Compiles what is otherwise compiled at the first hit: some 50 ms, some 13 MB.
    pub fn warm(&self) {
        client_rules::warm();
        bot::is_bot("");
        source::warm();
    }

    /// The computer behind a User-Agent and client hints. An empty User-Agent is a robot's ([`Client::bot`]).
    pub fn client(&self, user_agent: &str, hints: &ClientHints<'_>) -> Arc<Client> {
        self.clients
            .get_or_make(&(user_agent, hints), || Arc::new(Client::read(user_agent, hints)))
    }

    /// Where an address is.
    pub fn place(&self, address: Address) -> Place {
        self.places.find(address)
    }

    /// Who provides the network of an address; empty where that is not known.
    pub fn provider(&self, address: Address) -> SmolStr {
        self.providers.find(address)
    }

    /// Who led to a page: see [`origin::find`].
    pub fn origin<S: AsRef<str>>(&self, page: &Page<'_>, referrer: Option<&str>, own_hosts: &[S]) -> Origin {
        origin::find(&self.spam, page, referrer, own_hosts)
    }
}
