//! What may be collected, one switch each.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! data_types {
    ($($variant:ident $name:literal $about:literal)*) => {
        /// A kind of data that a site's collection manifest allows or denies. The names are the public contract.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum DataType { $(#[doc = $about] $variant,)* }

        impl DataType {
            /// Every data type, in the order manifests list them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in manifests, on the command line and in reports.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// One line on what is collected.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }
    };
}

data_types! {
    PageView "page_view" "Views of pages: the path, never the query string."
    Title "title" "The page's title."
    Action "action" "Named actions, such as a sign-up."
    OutboundLink "outbound_link" "Clicks on links that leave the site."
    FileDownload "file_download" "Downloads of files."
    SiteSearch "site_search" "What visitors look for with the site's own search."
    Referrer "referrer" "The page that led to the site, without its query string."
    SearchTerms "search_terms" "The words searched for, where the search engine passes them on."
    Campaign "campaign" "Campaign tags (utm_…) of the address."
    AdClickId "ad_click_id" "Which advertising network's click id the address carried; not its value."
    Purchase "purchase" "Orders, their amounts, and refunds."
    Product "product" "The goods in an order."
    VisitorCookie "visitor_cookie" "A persistent first-party cookie, after consent."
    Ip "ip" "The network address: none, truncated or full."
    HostName "host_name" "The visitor's provider: its domain from a log, or its domain or name from the operator's `provider_file`. Never the visitor's own host name."
    Country "country" "The country of the address."
    Region "region" "The region of the address."
    City "city" "The city of the address."
    Device "device" "Kind of computer: desktop, mobile, tablet, television or console."
    Os "os" "Operating system and version."
    Browser "browser" "Browser and version."
    Screen "screen" "Class of screen width."
    Language "language" "Preferred language."
    Properties "properties" "Properties given with an action."
}

impl DataType {
    /// The data type of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|t| t.name() == name)
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of data types.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DataTypes(u32);

impl DataTypes {
    /// No data type.
    pub const NONE: Self = Self(0);

    /// Every data type.
    pub fn all() -> Self {
        DataType::ALL.iter().copied().collect()
    }

    /// Whether `t` is in the set.
    pub const fn has(self, t: DataType) -> bool {
        self.0 & (1 << t as u32) != 0
    }

    /// The set with `t` in it.
    #[must_use]
    pub const fn with(self, t: DataType) -> Self {
        Self(self.0 | (1 << t as u32))
    }

    /// The set with `t` not in it.
    #[must_use]
    pub const fn without(self, t: DataType) -> Self {
        Self(self.0 & !(1 << t as u32))
    }

    /// Whether nothing is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of this set is in `other`.
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// The members, in the order of [`DataType::ALL`].
    pub fn iter(self) -> impl Iterator<Item = DataType> {
        DataType::ALL.iter().copied().filter(move |t| self.has(*t))
    }
}

impl FromIterator<DataType> for DataTypes {
    fn from_iter<I: IntoIterator<Item = DataType>>(types: I) -> Self {
        types.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for DataTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// How much of a visitor's network address is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IpKeeping {
    /// Nothing: the address serves to find the country and is forgotten.
    #[default]
    None,
    /// The network only: 24 bits of an IPv4 address, 48 of an IPv6 address.
    Truncated,
    /// The whole address.
    Full,
}

impl IpKeeping {
    /// The name in manifests and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Truncated => "truncated",
            Self::Full => "full",
        }
    }

    /// The keeping of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::None, Self::Truncated, Self::Full]
            .into_iter()
            .find(|k| k.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_sets_hold_what_was_put_in() {
        assert!(DataType::ALL.len() <= 32, "the set is 32 bits wide");
        let mut set = DataTypes::NONE;
        for &t in DataType::ALL {
            assert_eq!(DataType::parse(t.name()), Some(t));
            assert_eq!(serde_json::to_value(t).unwrap(), t.name());
            assert!(!set.has(t));
            set = set.with(t);
            assert!(set.has(t));
        }
        assert_eq!(set, DataTypes::all());
        assert_eq!(set.iter().count(), DataType::ALL.len());
        assert!(set.without(DataType::Ip).is_subset(set) && !set.is_subset(set.without(DataType::Ip)));
    }
}
