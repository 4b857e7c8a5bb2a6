//! The whole state of a dashboard, as its address holds it.

use super::condition::Condition;
use super::measure::Measure;
use super::period::{Interval, Period};
use super::tab::{Group, Tab};
use crate::language::Language;
use jiff::civil::Date;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reports::Comparison;

/// What is left as it is in queries.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b':')
    .remove(b',')
    .remove(b'/');
/// What is left as it is in one part of a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Filters at most.
const MOST_CONDITIONS: usize = 20;

/// With what a period is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compare {
    /// As many days before.
    Previous,
    /// The same days a year before.
    Year,
    /// Nothing.
    No,
}

impl Compare {
    /// Every comparison.
    pub const ALL: [Self; 3] = [Self::Previous, Self::Year, Self::No];

    /// The name in addresses and, behind `compare-`, in texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Previous => "previous",
            Self::Year => "year",
            Self::No => "no",
        }
    }
}

/// The state of a dashboard. Made into links by [`Address::href`]; what has its usual value is left out.
#[derive(Clone, PartialEq, Debug)]
pub struct Address {
    /// The site.
    pub domain: String,
    /// The days shown.
    pub period: Period,
    /// Today, in the site's time zone.
    pub today: Date,
    /// What it is compared with.
    pub compare: Compare,
    /// The chart's series.
    pub measure: Measure,
    /// The chart's interval, if another than the suitable one was chosen.
    pub interval: Option<Interval>,
    /// Filters, all of which must hold.
    pub conditions: Vec<Condition>,
    /// For each panel the tab chosen, if another than the first.
    pub tabs: Vec<&'static Tab>,
    /// The language asked for in the address, as long as no cookie remembers it.
    pub language: Option<Language>,
    /// Names of the pairs that were not understood and are passed over; readers are told.
    pub misread: Vec<&'static str>,
}

impl Address {
    /// Reads an address; what is unknown or out of bounds is passed over and noted in `misread`. `begin` is the first day with events.
    pub fn read(domain: &str, pairs: &[(String, String)], today: Date, begin: Date) -> Self {
        let get = |key: &str| {
            pairs
                .iter()
                .rev()
                .find(|(k, _)| k == key)
                .map(|(_, v)| v.as_str())
                .filter(|value| !value.is_empty())
        };
        let date = |key: &str| get(key).and_then(|text| text.parse::<Date>().ok());
        let period = Period::read(
            get("period").unwrap_or_default(),
            date("date"),
            date("from").zip(date("to")),
            today,
            begin,
        );
        let mut misread = Vec::new();
        let mut check = |key: &'static str, is_understood: &dyn Fn(&str) -> bool| {
            if get(key).is_some_and(|value| !is_understood(value)) {
                misread.push(key);
            }
        };
        let is_custom = date("from").is_some() && date("to").is_some();
        check("period", &|name| {
            Period::knows(name) || name == "custom" && is_custom
        });
        for key in ["date", "from", "to"] {
            check(key, &|value| {
                let date = value.parse::<Date>();
                date.is_ok_and(|date| (1970..=2199).contains(&date.year()))
            });
        }
        check("compare", &|name| Compare::ALL.iter().any(|c| c.name() == name));
        check("metric", &|name| Measure::parse(name).is_some());
        check("interval", &|name| period.intervals().any(|i| i.name() == name));
        let mut tabs = Vec::new();
        for group in Group::ALL {
            let tab = |name: &str| Tab::parse(name).filter(|t| t.group == group && t.shown);
            check(group.name(), &|name| tab(name).is_some());
            tabs.extend(get(group.name()).and_then(tab));
        }
        let filters = || pairs.iter().filter(|(key, _)| key == "f");
        if filters().any(|(_, value)| Condition::read(value).is_none()) || filters().count() > MOST_CONDITIONS
        {
            misread.push("f");
        }
        Self {
            domain: domain.to_owned(),
            period,
            today,
            compare: Compare::ALL
                .into_iter()
                .find(|c| Some(c.name()) == get("compare"))
                .unwrap_or(Compare::Previous),
            measure: get("metric")
                .and_then(Measure::parse)
                .unwrap_or(Measure::Visitors),
            interval: Interval::ALL
                .into_iter()
                .find(|i| Some(i.name()) == get("interval"))
                .filter(|i| period.intervals().any(|p| p == *i)),
            conditions: filters()
                .filter_map(|(_, value)| Condition::read(value))
                .take(MOST_CONDITIONS)
                .collect(),
            tabs,
            language: None,
            misread,
        }
    }

    /// Opens the list of actions where there is no goal to be shown, unless a tab was chosen.
    #[must_use]
    pub fn without_goals(mut self) -> Self {
        if !self.tabs.iter().any(|t| t.group == Group::Done) {
            self.tabs.extend(Tab::parse("actions"));
        }
        self
    }

    /// The tab of a panel.
    pub fn tab(&self, group: Group) -> &'static Tab {
        self.tabs
            .iter()
            .copied()
            .find(|t| t.group == group)
            .or_else(|| group.tabs().next())
            .expect("every group has a tab")
    }

    /// The interval of the chart.
    pub fn interval(&self) -> Interval {
        self.interval.unwrap_or_else(|| self.period.interval())
    }

    /// The days it is compared with, if any.
    pub fn compared(&self) -> Option<(Date, Date)> {
        let comparison = match self.compare {
            Compare::Previous => Comparison::PreviousPeriod,
            Compare::Year => Comparison::YearOverYear,
            Compare::No => return None,
        };
        self.period.compared(comparison)
    }

    /// With another period, and the interval that suits it.
    #[must_use]
    pub fn with_period(&self, period: Period) -> Self {
        Self {
            period,
            interval: None,
            ..self.clone()
        }
    }

    /// With a period of that name, ending today.
    #[must_use]
    pub fn with_preset(&self, name: &str) -> Self {
        self.with_period(Period::read(name, None, None, self.today, self.period.first))
    }

    /// With another comparison.
    #[must_use]
    pub fn with_compare(&self, compare: Compare) -> Self {
        Self {
            compare,
            ..self.clone()
        }
    }

    /// With another series.
    #[must_use]
    pub fn with_measure(&self, measure: Measure) -> Self {
        Self {
            measure,
            ..self.clone()
        }
    }

    /// With another interval.
    #[must_use]
    pub fn with_interval(&self, interval: Interval) -> Self {
        Self {
            interval: (interval != self.period.interval()).then_some(interval),
            ..self.clone()
        }
    }

    /// With another tab in its panel.
    #[must_use]
    pub fn with_tab(&self, tab: &'static Tab) -> Self {
        let mut next = self.clone();
        next.tabs.retain(|t| t.group != tab.group);
        // Which list of actions opens by itself depends on the site's goals, so that choice is always written.
        if tab.group == Group::Done || tab.group.tabs().next() != Some(tab) {
            next.tabs.push(tab);
            next.tabs.sort_by_key(|t| t.group);
        }
        next
    }

    /// With a condition more; one of the same dimension and operator is replaced.
    #[must_use]
    pub fn with_condition(&self, condition: Condition) -> Self {
        let mut next = self.clone();
        next.conditions
            .retain(|c| c.dimension != condition.dimension || c.operator != condition.operator);
        next.conditions.push(condition);
        next
    }

    /// Without one of its conditions.
    #[must_use]
    pub fn without_condition(&self, place: usize) -> Self {
        let mut next = self.clone();
        next.conditions.remove(place);
        next
    }

    /// What of it is unusual, as pairs of a query.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.period.pairs(self.today);
        if self.compare != Compare::Previous {
            pairs.push(("compare", self.compare.name().into()));
        }
        if self.measure != Measure::Visitors {
            pairs.push(("metric", self.measure.name().into()));
        }
        if let Some(interval) = self.interval {
            pairs.push(("interval", interval.name().into()));
        }
        pairs.extend(self.conditions.iter().map(|c| ("f", c.write())));
        pairs.extend(self.tabs.iter().map(|t| (t.group.name(), t.name.into())));
        pairs.extend(self.language.map(|l| ("lang", l.tag().into())));
        pairs
    }

    /// The path of the site's dashboard, or of a page below it (`rows`, `live`, `settings`).
    pub fn path(&self, below: &str) -> String {
        site_path(&self.domain, below)
    }

    /// The link to this state.
    pub fn href(&self) -> String {
        with_query(self.path(""), &self.pairs())
    }

    /// The link to a page below the dashboard in this state, with more pairs in its query.
    pub fn href_of(&self, below: &str, more: &[(&'static str, String)]) -> String {
        let mut pairs = self.pairs();
        pairs.retain(|(key, _)| {
            Group::ALL.iter().all(|g| g.name() != *key) && !matches!(*key, "metric" | "interval")
        });
        pairs.extend_from_slice(more);
        with_query(self.path(below), &pairs)
    }
}

/// The path of a site's dashboard, or of a page below it.
pub fn site_path(domain: &str, below: &str) -> String {
    let domain = utf8_percent_encode(domain, PATH);
    if below.is_empty() {
        format!("/sites/{domain}")
    } else {
        format!("/sites/{domain}/{below}")
    }
}

/// A path with a query.
pub fn with_query(mut path: String, pairs: &[(&'static str, String)]) -> String {
    for (place, (key, value)) in pairs.iter().enumerate() {
        path.push(if place == 0 { '?' } else { '&' });
        path.push_str(key);
        path.push('=');
        path.extend(utf8_percent_encode(value, QUERY));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 22);

    fn read(query: &[(&str, &str)]) -> Address {
        let pairs: Vec<(String, String)> = query.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Address::read("shop.example", &pairs, TODAY, date(2025, 1, 1))
    }

    #[test]
    fn the_usual_state_has_a_bare_address() {
        assert_eq!(read(&[]).href(), "/sites/shop.example");
        let address = read(&[("period", "x"), ("metric", "y"), ("f", "z"), ("origin", "pages")]);
        assert_eq!(address.href(), "/sites/shop.example");
        assert_eq!(address.misread, ["period", "metric", "origin", "f"]);
    }

    #[test]
    fn what_is_not_understood_is_noted() {
        for (query, misread) in [
            (&[("period", "731d")][..], &["period"][..]),
            (&[("period", "custom"), ("from", "2026-01-05")], &["period"]),
            (
                &[("period", "custom"), ("from", "2026-01-05"), ("to", "soon")],
                &["period", "to"],
            ),
            (&[("period", "month"), ("date", "2026-02-30")], &["date"]),
            (
                &[("period", "custom"), ("from", "1900-01-01"), ("to", "9999-12-31")],
                &["from", "to"],
            ),
            (&[("interval", "hour")], &["interval"]),
            (&[("f", "is,visit:nothing,x")], &["f"]),
            (&[("compare", "")], &[]),
            (&[("period", "90d"), ("metric", "visits"), ("compare", "no")], &[]),
        ] {
            assert_eq!(read(query).misread, misread, "{query:?}");
        }
    }

    #[test]
    fn every_state_is_read_back_from_its_address() {
        for query in [
            &[
                ("period", "month"),
                ("date", "2026-02-28"),
                ("metric", "bounce_rate"),
            ][..],
            &[
                ("period", "custom"),
                ("from", "2026-01-05"),
                ("to", "2026-02-01"),
                ("compare", "year"),
                ("origin", "sources"),
            ],
            &[
                ("period", "year"),
                ("interval", "month"),
                ("origin", "sources"),
                ("what", "exits"),
            ],
            &[
                ("f", "is,visit:country,DE"),
                ("f", "contains_not,event:page,/a\\,b"),
                ("compare", "no"),
            ],
            &[("period", "7d"), ("date", "2026-11-15")],
            &[("period", "all")],
        ] {
            let address = read(query);
            let pairs = address.pairs();
            assert_eq!(pairs.len(), query.len(), "{}", address.href());
            let again: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (*k, v.as_str())).collect();
            assert_eq!(read(&again), address);
        }
    }

    #[test]
    fn clicking_a_row_replaces_the_filter_on_its_dimension() {
        let address = read(&[("f", "is,visit:country,DE"), ("f", "is_not,visit:country,AT")]);
        let next = address.with_condition(Condition::is("visit:country", "FR"));
        assert_eq!(
            next.href(),
            "/sites/shop.example?f=is_not,visit:country,AT&f=is,visit:country,FR"
        );
        assert_eq!(next.without_condition(0).conditions.len(), 1);
        let russian = read(&[]).with_condition(Condition::is("visit:source", "Я & co"));
        assert_eq!(
            russian.href(),
            "/sites/shop.example?f=is,visit:source,%D0%AF%20%26%20co"
        );
        assert_eq!(
            site_path("a.example/blog", "rows"),
            "/sites/a.example%2Fblog/rows"
        );
    }
}
