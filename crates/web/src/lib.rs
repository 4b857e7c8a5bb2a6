//! HTTP: tracker, collection endpoints, query API, dashboards, sign-in, the agency's own site.
//! Must never put a person into an address, log or error, open the vault but through its guard or reach the archive itself, or send a reader to
//! another host. Start at [`server`] (all routes), [`dashboard`] (what a site's page shows) and [`public`].

mod answers;
pub mod asset;
mod body;
pub mod caller;
mod collection;
mod console;
pub mod cookie_register;
pub mod dashboard;
pub mod date;
pub mod error_page;
pub mod figure;
mod form;
mod home;
mod host_cookie;
pub mod language;
mod metrics;
mod origin;
pub mod page;
mod pages;
pub mod place;
mod problem;
pub mod public;
mod query;
mod questions;
mod reader;
mod rows;
mod security;
pub mod server;
mod set_up;
mod settings;
mod sign_in;
pub mod state;
pub mod texts;
mod views;

pub use answers::Answers;
pub use public::Public;
pub use questions::Questions;
pub use server::router;
pub use state::{Standing, Unavailable, Views, Web};
