//! The register of panels and their tabs.

use super::measure::Measure;
use super::measure::Measure::{
    AverageOrder, ConversionRate, Events, Orders, Pageviews, Revenue, Visitors, Visits,
};
use policy::Manifest;
use vocabulary::Column;

/// A panel of the dashboard.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Group {
    /// Where visits came from.
    From,
    /// What was looked at.
    What,
    /// Who came.
    Who,
    /// With what they came.
    With,
    /// What they did.
    Done,
    /// What they bought.
    Sold,
}

impl Group {
    /// Every panel, in order.
    pub const ALL: [Self; 6] = [
        Self::From,
        Self::What,
        Self::Who,
        Self::With,
        Self::Done,
        Self::Sold,
    ];

    /// The name in addresses and texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::From => "origin",
            Self::What => "what",
            Self::Who => "who",
            Self::With => "with",
            Self::Done => "done",
            Self::Sold => "sold",
        }
    }

    /// Whether it takes the whole width.
    pub const fn is_wide(self) -> bool {
        matches!(self, Self::Done | Self::Sold)
    }

    /// Its tabs shown on the dashboard.
    pub fn tabs(self) -> impl Iterator<Item = &'static Tab> {
        TABS.iter().filter(move |t| t.group == self && t.shown)
    }
}

/// One list: values of a dimension with measures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tab {
    /// The panel it belongs to.
    pub group: Group,
    /// The name in addresses; its title's key is `tab-` and the name.
    pub name: &'static str,
    /// The dimension its rows are values of.
    pub dimension: &'static str,
    /// What is counted; rows are ordered by the first.
    pub measures: &'static [Measure],
    /// The name of the only action it looks at.
    pub action: Option<&'static str>,
    /// Whether rows without a value are left out.
    pub present_only: bool,
    /// Whether the dashboard shows it, or only the page of all rows.
    pub shown: bool,
    /// Whether it is offered only where the manifest allows what it shows: that is off unless a client wants it.
    pub on_wish: bool,
}

const fn tab(group: Group, name: &'static str, dimension: &'static str) -> Tab {
    Tab {
        group,
        name,
        dimension,
        measures: &[Visitors],
        action: None,
        present_only: false,
        shown: true,
        on_wish: false,
    }
}

const fn present(tab: Tab) -> Tab {
    Tab {
        present_only: true,
        ..tab
    }
}

const fn aside(tab: Tab) -> Tab {
    Tab {
        shown: false,
        present_only: true,
        ..tab
    }
}

const fn counting(tab: Tab, measures: &'static [Measure]) -> Tab {
    Tab { measures, ..tab }
}

const fn of_action(tab: Tab, action: &'static str) -> Tab {
    Tab {
        action: Some(action),
        present_only: true,
        ..tab
    }
}

const DONE: &[Measure] = &[Visitors, Events, ConversionRate];
const SOLD: &[Measure] = &[Revenue, Orders, AverageOrder];

/// Every list that can be asked for.
pub const TABS: &[Tab] = &[
    tab(Group::From, "channels", "visit:channel"),
    tab(Group::From, "sources", "visit:source"),
    present(tab(Group::From, "campaigns", "visit:utm_campaign")),
    present(tab(Group::From, "terms", "visit:search_terms")),
    present(tab(Group::From, "referrers", "visit:referrer")),
    aside(tab(Group::From, "utm-sources", "visit:utm_source")),
    aside(tab(Group::From, "utm-mediums", "visit:utm_medium")),
    aside(tab(Group::From, "utm-terms", "visit:utm_term")),
    aside(tab(Group::From, "utm-contents", "visit:utm_content")),
    aside(tab(Group::From, "ad-clicks", "visit:ad_click_id")),
    present(counting(
        tab(Group::What, "pages", "event:page"),
        &[Visitors, Pageviews],
    )),
    present(counting(
        tab(Group::What, "entries", "visit:entry_page"),
        &[Visitors, Visits],
    )),
    present(counting(
        tab(Group::What, "exits", "visit:exit_page"),
        &[Visitors, Visits],
    )),
    of_action(tab(Group::What, "searches", "event:props:query"), "site_search"),
    of_action(tab(Group::What, "links", "event:props:url"), "outbound_link"),
    Tab {
        shown: false,
        ..of_action(tab(Group::What, "downloads", "event:props:url"), "file_download")
    },
    aside(tab(Group::What, "hosts", "event:hostname")),
    present(tab(Group::Who, "map", "visit:country")),
    present(tab(Group::Who, "countries", "visit:country")),
    present(tab(Group::Who, "regions", "visit:region")),
    present(tab(Group::Who, "cities", "visit:city")),
    present(tab(Group::Who, "languages", "visit:language")),
    Tab {
        on_wish: true,
        ..present(tab(Group::Who, "providers", "visit:host_name"))
    },
    tab(Group::With, "devices", "visit:device"),
    tab(Group::With, "browsers", "visit:browser"),
    tab(Group::With, "systems", "visit:os"),
    present(tab(Group::With, "screens", "visit:screen")),
    aside(tab(Group::With, "browser-versions", "visit:browser_version")),
    aside(tab(Group::With, "system-versions", "visit:os_version")),
    counting(tab(Group::Done, "goals", "event:goal"), DONE),
    counting(tab(Group::Done, "actions", "event:name"), DONE),
    counting(tab(Group::Sold, "by-source", "visit:source"), SOLD),
    of_action(
        counting(tab(Group::Sold, "products", "event:product"), &[Orders, Visitors]),
        "purchase",
    ),
    counting(tab(Group::Sold, "by-channel", "visit:channel"), SOLD),
    present(counting(
        tab(Group::Sold, "by-campaign", "visit:utm_campaign"),
        SOLD,
    )),
    present(counting(tab(Group::Sold, "by-entry", "visit:entry_page"), SOLD)),
    present(counting(tab(Group::Sold, "by-country", "visit:country"), SOLD)),
];

impl Tab {
    /// The list of that name.
    pub fn parse(name: &str) -> Option<&'static Self> {
        TABS.iter().find(|t| t.name == name)
    }

    /// Whether the dashboard of a site with this manifest offers it.
    pub fn is_offered(&self, manifest: &Manifest) -> bool {
        let what = Column::of_dimension(self.dimension).map(Column::data_type);
        self.shown && (!self.on_wish || what.is_none_or(|what| manifest.allows(what)))
    }

    /// The key of its title.
    pub fn key(&self) -> String {
        format!("tab-{}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use vocabulary::DataType;

    #[test]
    fn tabs_have_unique_names_titles_and_real_dimensions() {
        let own = [
            "visit:entry_page",
            "visit:exit_page",
            "event:goal",
            "event:product",
        ];
        for tab in TABS {
            assert_eq!(Tab::parse(tab.name), Some(tab));
            for language in Language::ALL {
                assert!(language.known(&tab.key()).is_some(), "{}", tab.name);
            }
            let known = Column::of_dimension(tab.dimension).is_some()
                || own.contains(&tab.dimension)
                || tab.dimension.starts_with("event:props:");
            assert!(known, "{}", tab.dimension);
        }
        for group in Group::ALL {
            assert!(group.tabs().count() >= 2);
        }
        let providers = Tab::parse("providers").unwrap();
        let usual = Manifest::default();
        assert!(!providers.is_offered(&usual));
        assert!(providers.is_offered(&usual.allow(DataType::HostName)));
        assert!(
            TABS.iter()
                .filter(|t| t.shown && !t.on_wish)
                .all(|t| t.is_offered(&usual))
        );
    }
}
