//! What a visitor said about being remembered.

use serde::{Deserialize, Serialize};

/// The visitor's word, as sent with a hit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Refused.
    Denied,
    /// Not asked, or not answered: the same as refused, since silence is no.
    #[default]
    Unset,
    /// Given.
    Granted,
}

/// How a visitor may be recognised, from least to most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tier {
    /// By a key that changes daily.
    Cookieless,
    /// By the value of a persistent first-party cookie.
    Cookie,
}

impl Tier {
    /// The tier that consent and Global Privacy Control permit: a cookie needs consent given and no `Sec-GPC: 1`.
    pub fn of(consent: Consent, global_privacy_control: bool) -> Self {
        if consent == Consent::Granted && !global_privacy_control {
            Self::Cookie
        } else {
            Self::Cookieless
        }
    }
}
