//! The agency's own site: what anyone may read and send without an account. No page of it sets a cookie by being
//! looked at, and all of it works without scripts and cookies.

pub mod account;
pub mod agency;
mod allowance;
pub mod board;
mod consents;
mod contact;
mod cookies;
pub mod enquiry;
pub(crate) mod field;
mod form_token;
mod frame;
mod gate;
mod logo;
mod main_page;
pub mod policy;
pub mod rights;
mod sent;
mod testimonials;
mod theme;
pub mod wording;

pub use account::AccountDoor;
pub(crate) use account::entry::site_for_letters;
pub use agency::Agency;
pub use board::Board;
pub use enquiry::EnquiryDoor;
pub(crate) use frame::Frame;
pub use rights::RightsDoor;
pub(crate) use testimonials::figure;
pub(crate) use theme::Theme;
pub use wording::Wording;

use crate::state::Web;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use credentials::{Attempts, Secret};
use std::sync::{Arc, Mutex};

/// Forms above this are refused: the longest message in letters of four bytes, percent-encoded, and the other fields.
const MOST_BYTES: usize = 320 * 1024;

/// What the public site is made of; wired by the binary.
pub struct Public {
    /// The agency as it presents itself.
    pub agency: Agency,
    /// What changes while the program runs: a notice.
    pub board: Box<dyn Fn() -> Board + Send + Sync>,
    /// Signs the tokens of forms. With another one than before, forms shown earlier ask to be sent once more.
    pub form_key: Secret,
    /// Takes enquiries. None while the operator has not said who they are: the form is closed and says so.
    pub enquiries: Option<EnquiryDoor>,
    /// Takes requests of people about their own data. Without it the agency's contact is shown.
    pub rights: Option<RightsDoor>,
    /// Accounts of people. Without it there is no `/account`.
    pub accounts: Option<Arc<dyn AccountDoor>>,
    /// How long a form takes a person to fill in at least, in milliseconds; what comes faster is asked for once more.
    pub fastest_ms: i64,
    /// Attempts at forms with which something is guessed, by network.
    pub attempts: Mutex<Attempts>,
    /// What networks may send.
    pub allowance: Mutex<allowance::Allowance>,
    /// What was sent lately, so that a form sent twice counts once.
    pub sent: sent::Sent,
    /// How many days copies of keys live in backups: after that nobody can read what was destroyed.
    pub key_days: u16,
}

impl Public {
    /// A site with these words and this key, its doors closed.
    pub fn new(agency: Agency, form_key: Secret) -> Self {
        Self {
            agency,
            board: Box::new(Board::default),
            form_key,
            enquiries: None,
            rights: None,
            accounts: None,
            fastest_ms: 2_000,
            attempts: Mutex::default(),
            allowance: Mutex::default(),
            sent: sent::Sent::default(),
            key_days: 30,
        }
    }
}

/// Every page of the public site.
pub(crate) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/", get(main_page::show))
        .route("/logo.svg", get(logo::serve))
        .route("/enquiry", get(enquiry::show).post(enquiry::submit))
        .route("/enquiry/sent", get(enquiry::sent))
        .route("/policy", get(policy::show))
        .route("/policy/history", get(policy::history))
        .route("/wordings/{id}", get(wording::show))
        .route("/cookies", get(cookies::show).post(cookies::choose))
        .route("/privacy", get(rights::show).post(rights::submit))
        .route("/privacy/sent", get(rights::sent))
        .route("/testimonials", get(testimonials::show))
        .route(
            "/testimonials/answer",
            get(testimonials::answer::show).post(testimonials::answer::submit),
        )
        .route("/testimonials/answered", get(testimonials::answer::answered))
        .route("/consents/confirm", get(consents::ask).post(consents::confirm))
        .route("/consents/confirmed", get(consents::confirmed))
        .route("/consents/withdraw", get(consents::look).post(consents::withdraw))
        .route("/consents/receipt", post(consents::receipt))
        .route("/account", get(account::home::show).post(account::acts::show))
        .route(
            "/account/sign-in",
            get(account::entry::show).post(account::entry::with_password),
        )
        .route(
            "/account/link",
            get(account::entry::link).post(account::entry::open_link),
        )
        .route("/account/letter", post(account::entry::send_link))
        .route("/account/letter/sent", get(account::entry::letter_sent))
        .route("/account/fields", post(account::acts::correct))
        .route("/account/consents", post(account::acts::withdraw))
        .route("/account/choices", post(account::acts::choose))
        .route("/account/language", post(account::acts::set_language))
        .route("/account/sessions", post(account::acts::end_session))
        .route("/account/password", post(account::acts::set_password))
        .route("/account/email", post(account::acts::change_email))
        .route(
            "/account/delete",
            get(account::acts::ask_delete).post(account::acts::delete),
        )
        .route("/account/sign-out", post(account::acts::sign_out))
        .route(
            "/account/receipts/{id}",
            get(account::files::receipt).post(account::files::post_receipt),
        )
        .route(
            "/account/export.json",
            get(account::files::export).post(account::files::post_export),
        )
        .layer(DefaultBodyLimit::max(MOST_BYTES))
}
