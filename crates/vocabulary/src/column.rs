//! The column register: every text that the archive keeps of an event, each on one row.
//!
//! Adding a dimension is adding a row here and filling it in `collect`: stripping, journal, segments, questions
//! and export go by this table.

use crate::DataType;

/// Whether a column belongs to the visit (the first event's value stands for all) or to each event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// One value a visit: that of its first event.
    Visit,
    /// One value an event.
    Event,
}

macro_rules! columns {
    ($($variant:ident $name:literal $level:ident $data_type:ident $dimension:literal $about:literal)*) => {
        /// A text column of the archive.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum Column { $(#[doc = $about] $variant,)* }

        impl Column {
            /// Every column; a column's place here is its number in the journal, so rows are only ever added at the end.
            pub const ALL: &[Self] = &[$(Self::$variant),*];
            /// How many columns there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The name in Parquet files and exports.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
            /// Whether it belongs to the visit or to the event.
            pub const fn level(self) -> Level {
                match self { $(Self::$variant => Level::$level,)* }
            }
            /// The data type whose switch in the manifest governs it.
            pub const fn data_type(self) -> DataType {
                match self { $(Self::$variant => DataType::$data_type,)* }
            }
            /// Its name as a dimension of questions; empty if questions cannot ask for it by itself.
            pub const fn dimension(self) -> &'static str {
                match self { $(Self::$variant => $dimension,)* }
            }
            /// One line on what it holds.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }
    };
}

columns! {
    Name "name" Event Action "event:name" "Name of the event: `page_view`, or that of an action."
    Page "page" Event PageView "event:page" "Path of the page, scrubbed, without query string."
    Hostname "hostname" Event PageView "event:hostname" "Host of the page, without www."
    Title "title" Event Title "" "Title of the page."
    Properties "properties" Event Properties "" "Properties as one JSON object of texts, keys in order."
    OrderId "order_id" Event Purchase "" "The shop's number of the order."
    Currency "currency" Event Purchase "" "ISO 4217 code of the amounts."
    Items "items" Event Product "" "The goods as a JSON array of {sku, name, category, price, quantity}."
    Source "source" Visit Referrer "visit:source" "Who led to the site: a search engine, network, site or campaign source."
    Channel "channel" Visit Referrer "visit:channel" "Group of sources."
    Referrer "referrer" Visit Referrer "visit:referrer" "Host and path of the referring page."
    SearchTerms "search_terms" Visit SearchTerms "visit:search_terms" "Words searched for."
    UtmSource "utm_source" Visit Campaign "visit:utm_source" "Campaign tag `utm_source`."
    UtmMedium "utm_medium" Visit Campaign "visit:utm_medium" "Campaign tag `utm_medium`."
    UtmCampaign "utm_campaign" Visit Campaign "visit:utm_campaign" "Campaign tag `utm_campaign`."
    UtmTerm "utm_term" Visit Campaign "visit:utm_term" "Campaign tag `utm_term`."
    UtmContent "utm_content" Visit Campaign "visit:utm_content" "Campaign tag `utm_content`."
    AdClickId "ad_click_id" Visit AdClickId "visit:ad_click_id" "Name of the ad click parameter (gclid, yclid…), not its value."
    Country "country" Visit Country "visit:country" "ISO 3166-1 alpha-2 code."
    Region "region" Visit Region "visit:region" "ISO 3166-2 code, or its name where there is none."
    City "city" Visit City "visit:city" "Name of the city, in English."
    Device "device" Visit Device "visit:device" "desktop, mobile, tablet, tv, console or other."
    Browser "browser" Visit Browser "visit:browser" "Browser family."
    BrowserVersion "browser_version" Visit Browser "visit:browser_version" "Major version of the browser."
    Os "os" Visit Os "visit:os" "Operating system family."
    OsVersion "os_version" Visit Os "visit:os_version" "Version of the operating system."
    Screen "screen" Visit Screen "visit:screen" "Class of screen width in CSS pixels, such as 1440-1919."
    Language "language" Visit Language "visit:language" "BCP 47 tag of the preferred language, such as ru or en-GB."
    Ip "ip" Visit Ip "" "Network address as far as the manifest allows."
    HostName "host_name" Visit HostName "visit:host_name" "Provider of the visitor's network: its domain, or its name where only that is known."
}

impl Column {
    /// The columns of a level, in order.
    pub fn of(level: Level) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |c| c.level() == level)
    }

    /// The column of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.name() == name)
    }

    /// The column that a dimension of questions reads, if it reads one as it is.
    pub fn of_dimension(dimension: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|c| !c.dimension().is_empty() && c.dimension() == dimension)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_dimensions_are_unique_and_read_back() {
        for (place, &column) in Column::ALL.iter().enumerate() {
            assert_eq!(column as usize, place);
            assert_eq!(Column::parse(column.name()), Some(column));
            if !column.dimension().is_empty() {
                assert_eq!(Column::of_dimension(column.dimension()), Some(column));
            }
        }
        assert_eq!(Column::of_dimension(""), None);
    }
}
