//! Clients, their sites, and what belongs to a site: collection manifest, key, goals, tokens, counts of hits.
//! Must never hold anything of a person: who changed a manifest is written as a number or a role, never as a name.
//! Start at [`Sites`]; the collection door reads its [`Snapshot`] alone.

pub mod annotation;
pub mod client;
pub mod count;
pub mod error;
pub mod goal;
pub mod manifest_version;
pub mod migrations;
pub mod salt;
pub mod site;
pub mod site_key;
pub mod sites;
pub mod snapshot;
pub mod suggestion;
pub mod time_zone;
pub mod token;

mod currency;
mod name;

pub use annotation::Annotation;
pub use client::{Client, NewClient};
pub use count::{Count, Outcome};
pub use error::{Error, Problem};
pub use manifest_version::ManifestVersion;
pub use salt::{Salt, Salts};
pub use site::{NewSite, Site};
pub use site_key::SiteKey;
pub use sites::Sites;
pub use snapshot::{ServedSite, Snapshot};
pub use token::{Can, Grant, NewToken, Token};
