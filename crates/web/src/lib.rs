//! HTTP: tracker, collection endpoints, query API, dashboards, sign-in.
//! Must never name a person, reach the vault or the archive itself, or send a reader to another host.
//! Start at [`server`] (all routes), [`dashboard`] (what a site's page shows) and [`page`] (the frame around each).

mod answers;
pub mod asset;
pub mod caller;
mod collection;
pub mod dashboard;
pub mod date;
pub mod error_page;
pub mod figure;
mod form;
mod home;
pub mod language;
mod metrics;
pub mod page;
mod pages;
pub mod place;
mod problem;
mod query;
mod reader;
mod rows;
pub mod server;
mod set_up;
mod settings;
mod sign_in;
pub mod state;
pub mod texts;
mod views;

pub use answers::Answers;
pub use server::router;
pub use state::{Standing, Unavailable, Views, Web};
