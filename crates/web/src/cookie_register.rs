//! Every cookie that the program may set. A test asks every route and finds each cookie here.

use std::borrow::Cow;
use vocabulary::moment::DAY_MS;

const DAY_S: i64 = DAY_MS / 1_000;

/// The cookie that ties the sign-in form of staff to the browser it was shown in.
pub(crate) const SIGN_IN_FORM_COOKIE: &str = "anturazh_form";
/// The cookie that carries the first step of a staff sign-in to the second.
pub(crate) const SECOND_STEP_COOKIE: &str = "anturazh_second_step";
/// How long the second step may take, in seconds.
pub(crate) const SECOND_STEP_S: i64 = staff::step::SECOND_STEP_MS / 1_000;
/// The cookie that ties the answer of a sign-in provider to the browser that asked.
pub(crate) const PROVIDER_COOKIE: &str = "anturazh_provider";
/// How long a provider may take, in seconds.
pub(crate) const PROVIDER_S: i64 = 600;
/// The cookie of a sign-in of staff.
pub(crate) const SIGN_IN_COOKIE: &str = "anturazh_sign_in";
/// The cookie of a person's sign-in to their own account.
pub(crate) const ACCOUNT: &str = "anturazh_account";
/// The cookie that remembers light or dark.
pub(crate) const THEME: &str = "theme";
/// How long settings are remembered, in seconds.
pub(crate) const SETTINGS_S: i64 = 365 * DAY_S;
/// How long a person's sign-in is remembered where that was asked for, in seconds.
pub(crate) const ACCOUNT_S: i64 = 30 * DAY_S;

/// Why a cookie is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// What the visitor is doing cannot be done without it.
    OwnAct,
    /// It saves the visitor a step next time. Never set where the browser sends Global Privacy Control.
    Convenience,
}

/// Where a cookie is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// On this site.
    Here,
    /// On the sites of clients, by the tracker.
    Clients,
}

/// A cookie that the program may set. Its purpose is the text `cookie-KEY` of the locales.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its name, which in browsers may have a prefix: [`Entry::name_in_browsers`].
    pub name: &'static str,
    /// What its text is found by.
    pub key: &'static str,
    /// How long it lives, in seconds; `None` until the browser is closed.
    pub life_s: Option<i64>,
    /// Why it is set.
    pub kind: Kind,
    /// Where it is set.
    pub place: Place,
}

impl Entry {
    /// Its name as browsers show it.
    pub fn name_in_browsers(&self, is_https: bool) -> Cow<'_, str> {
        crate::host_cookie::name_in_browsers(self.name, is_https)
    }
}

/// The register.
pub const REGISTER: &[Entry] = &[
    here(ACCOUNT, "account", None, Kind::OwnAct),
    here(ACCOUNT, "account-remembered", Some(ACCOUNT_S), Kind::Convenience),
    here(
        crate::language::COOKIE_NAME,
        "lang",
        Some(SETTINGS_S),
        Kind::Convenience,
    ),
    here(THEME, "theme", Some(SETTINGS_S), Kind::Convenience),
    here(SIGN_IN_FORM_COOKIE, "staff-form", None, Kind::OwnAct),
    here(
        SECOND_STEP_COOKIE,
        "staff-second-step",
        Some(SECOND_STEP_S),
        Kind::OwnAct,
    ),
    here(PROVIDER_COOKIE, "staff-provider", Some(PROVIDER_S), Kind::OwnAct),
    here(SIGN_IN_COOKIE, "staff", None, Kind::OwnAct),
    here(
        SIGN_IN_COOKIE,
        "staff-remembered",
        Some(staff::sign_in::LIFETIMES.absolute_ms / 1_000),
        Kind::Convenience,
    ),
    Entry {
        name: "_anturazh",
        key: "visitor",
        life_s: Some(395 * DAY_S),
        kind: Kind::Convenience,
        place: Place::Clients,
    },
];

const fn here(name: &'static str, key: &'static str, life_s: Option<i64>, kind: Kind) -> Entry {
    Entry {
        name,
        key,
        life_s,
        kind,
        place: Place::Here,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trackers_cookie_is_the_one_of_the_register() {
        let tracker = include_str!("../../../tracker/a.js");
        let visitor = REGISTER.iter().find(|e| e.place == Place::Clients).unwrap();
        assert!(tracker.contains(&format!("document.cookie = \"{}=\"", visitor.name)));
        // The tracker multiplies by one thousandth of its life.
        let life = format!("{}e3", visitor.life_s.unwrap() / 1_000);
        assert!(tracker.contains(&life), "{life}");
        assert_eq!(tracker.matches("document.cookie =").count(), 1);
    }
}
