//! The security of staff accounts: the second step of signing in, sign-in by a provider, one's own account, and the
//! accounts of others. One file a page.

mod account;
mod browser;
mod enrolment;
mod password;
mod provider;
mod record;
mod recovery_codes;
mod second_step;
mod sign_ins;
mod team;

pub(crate) use browser::kind as browser_kind;
pub(crate) use provider::buttons as provider_buttons;
pub(crate) use record::{record, record_entry, record_failed_sign_in, subject_account};
pub(crate) use second_step::ask as ask_for_second_step;

use crate::date;
use crate::language::Language;
use crate::state::Web;
use axum::Router;
use axum::routing::{get, post};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::Arc;
use vocabulary::Moment;

/// The pages of this folder.
pub(crate) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/sign-in/code", get(second_step::show).post(second_step::submit))
        .route("/sign-in/provider/{number}", post(provider::start))
        .route("/sign-in/provider/{number}/back", get(provider::back))
        .route("/security", get(account::show))
        .route("/security/second-factor", post(enrolment::begin))
        .route("/security/second-factor/confirm", post(enrolment::confirm))
        .route("/security/recovery-codes", post(recovery_codes::renew))
        .route("/security/password", post(password::change))
        .route("/security/sign-ins/end", post(sign_ins::end))
        .route("/security/sign-ins/end-others", post(sign_ins::end_others))
        .route("/security/links", post(provider::link))
        .route("/security/links/remove", post(provider::unlink))
        .route("/console/staff", get(team::show))
        .route("/console/staff/invite", post(team::invite))
        .route("/console/staff/{act}", post(team::act))
}

/// A time, in UTC: accounts have no place.
fn time(language: Language, moment: Moment) -> String {
    let at = Timestamp::from_millisecond(moment.0).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{} UTC", date::time(language, TimeZone::UTC.to_datetime(at)))
}
