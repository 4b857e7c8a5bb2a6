//! From a request to a durable event, or the reason why not.
//! Must never answer 202 before the journal has the event on disk, and never keep or print an address or a User-Agent.
//! Start at [`door`] (what a request goes through) and [`steps`] (the policy of what is kept, on one screen).

pub mod address;
mod allowance;
pub mod counters;
pub mod door;
pub mod enrich;
pub mod error;
pub mod hit;
pub mod import;
pub mod page;
pub mod past;
pub mod problem;
pub mod protocol;
pub mod recent_ids;
pub mod record;
pub mod scrub;
pub mod sender;
pub mod site;
pub mod steps;
pub mod visitor;

pub use address::{Address, Network, Peer, Proxies};
pub use allowance::Allowance;
pub use counters::{Counters, Tally};
pub use door::{Door, DoorOptions, Request};
pub use error::Error;
pub use hit::{Hit, SaleHit};
pub use page::Page;
pub use past::Past;
pub use protocol::{Answer, PROTOCOLS, Protocol};
pub use recent_ids::RecentIds;
pub use record::Record;
pub use sender::Sender;
pub use site::{SendToken, Site, SiteRules, SiteTable};
pub use visitor::Salts;
