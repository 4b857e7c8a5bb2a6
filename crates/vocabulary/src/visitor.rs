//! A browser, pseudonymous.

use serde::{Deserialize, Serialize};

/// The first 64 bits of an HMAC-SHA-256 under the site's own key: of the cookie value where there is a cookie,
/// else of address and User-Agent under a key that changes daily. Without that key it leads nowhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VisitorKey(pub u64);
