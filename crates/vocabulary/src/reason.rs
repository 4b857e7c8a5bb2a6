//! Why a hit was refused.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! reasons {
    ($($variant:ident $name:literal $about:literal)*) => {
        /// The closed set of reasons for which a hit is dropped. Names are the public contract of the answer
        /// to `POST /api/v1/events`, of `/metrics` and of the dashboard.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Reason { $(#[doc = $about] $variant,)* }

        impl Reason {
            /// Every reason, in the order of the door's checks.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in answers and metrics.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// One line on what was refused.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }
    };
}

reasons! {
    Malformed "malformed" "A hit that cannot be read, or a field out of bounds."
    UnknownSite "unknown_site" "No site of that name is served here, or its contract has ended."
    TooOld "too_old" "The event happened longer ago than is accepted."
    InFuture "in_future" "The event claims a time that has not come."
    TypeNotAllowed "type_not_allowed" "The site's collection manifest does not allow this kind of hit."
    OwnTraffic "own_traffic" "From an address that the site excludes as its own."
    Bot "bot" "A robot, by its own name or by the tool it uses."
    ReferrerSpam "referrer_spam" "A known spammer's address as referrer."
    ForeignHost "foreign_host" "The page is on a host that the site does not list as its own."
    NotAPage "not_a_page" "A line of a log that is no page view: an image, a script, an error answer, another method."
    Duplicate "duplicate" "An event that was already stored."
}

impl Reason {
    /// The reason of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.name() == name)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
