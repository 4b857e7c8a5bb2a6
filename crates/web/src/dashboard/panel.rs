//! A panel: tabs, and a list of values with a bar behind each.

use super::address::Address;
use super::condition::Condition;
use super::label;
use super::map;
use super::measure::Measure;
use super::tab::{Group, Tab};
use super::trade::Sum;
use crate::figure;
use crate::language::Language;
use maud::{Markup, html};
use vocabulary::Currency;

/// How many rows a panel shows.
pub const ROWS: usize = 9;
/// How many rows stand below the map.
pub const ROWS_BELOW_MAP: usize = 3;

/// What a panel shows.
pub struct Panel {
    /// The tab chosen.
    pub tab: &'static Tab,
    /// The tabs offered.
    pub tabs: Vec<&'static Tab>,
    /// Its rows; on the map's tab those of all countries.
    pub rows: Vec<Row>,
    /// How many rows there are in all.
    pub total_rows: usize,
    /// What all rows' shares are of.
    pub whole: Option<f64>,
    /// Figures above the list.
    pub sums: Vec<Sum>,
}

/// One row.
pub struct Row {
    /// The stored value.
    pub value: String,
    /// The tab's measures, in its order.
    pub values: Vec<Option<f64>>,
}

/// Whether a list shows shares of the whole: only of visitors, and only beside fewer than three measures.
pub fn has_share(tab: &Tab) -> bool {
    tab.measures[0] == Measure::Visitors && tab.measures.len() < 3
}

/// The link that a row leads to: the dashboard filtered by it.
pub fn row_href(address: &Address, tab: &Tab, value: &str) -> String {
    let value = if label::is_none(value) { "" } else { value };
    let mut next = address.clone();
    if let Some(action) = tab.action {
        next = next.with_condition(Condition::is("event:name", action));
    }
    next.with_condition(Condition::is(tab.dimension, value)).href()
}

impl Panel {
    /// The part of the page.
    pub fn markup(&self, language: Language, address: &Address, currency: Currency) -> Markup {
        let group = self.tab.group;
        let id = format!("panel-{}", group.name());
        let title = language.text(&format!("group-{}", group.name()));
        let is_map = self.tab.name == "map";
        let shown = if is_map { ROWS_BELOW_MAP } else { ROWS };
        html! {
            section.sheet.panel.whole[group.is_wide()] aria-labelledby=(id) {
                div.panel-head {
                    h2 id=(id) { (title) }
                    nav.tabs aria-labelledby=(id) {
                        @for &tab in &self.tabs {
                            a href=(address.with_tab(tab).href()) id={ "tab-" (tab.name) }
                                aria-current=[(tab == self.tab).then_some("true")] { (language.text(&tab.key())) }
                        }
                    }
                }
                @if !self.sums.is_empty() {
                    dl.sums { @for sum in &self.sums {
                        div title=(sum.about) { dt { (sum.title) } dd { (sum.value) } }
                    } }
                }
                @if is_map { (map::map(language, address, &self.rows, Measure::Visitors, currency)) }
                @if self.rows.is_empty() {
                    p.nothing { (self.nothing(language)) }
                } @else {
                    (self.list(language, address, currency, shown))
                    div.panel-foot {
                        @let more = self.total_rows.saturating_sub(shown);
                        a href=(address.href_of("rows", &[("panel", self.tab.name.into())])) {
                            (language.text("rows-all"))
                            @if more > 0 { " · " (figure::whole(language, self.total_rows as f64)) }
                            span.only-heard { ": " (language.text(&self.tab.key())) }
                        }
                    }
                }
            }
        }
    }

    fn nothing(&self, language: Language) -> String {
        language.text(match self.tab.name {
            "terms" => "nothing-terms",
            "campaigns" | "by-campaign" => "nothing-campaigns",
            "regions" | "cities" => "nothing-places",
            "goals" => "nothing-goals",
            "actions" => "nothing-actions",
            "searches" => "nothing-searches",
            "products" => "nothing-products",
            _ => "nothing",
        })
    }

    fn list(&self, language: Language, address: &Address, currency: Currency, shown: usize) -> Markup {
        let tab = self.tab;
        let share = has_share(tab);
        let most = self.rows.iter().filter_map(|r| r.values[0]).fold(0.0, f64::max);
        let heading = label::dimension(language, tab.dimension);
        html! {
            table.rows {
                caption.only-heard { (language.text(&tab.key())) }
                thead { tr {
                    th scope="col" { (heading) }
                    @for (place, measure) in tab.measures.iter().enumerate() {
                        th.n.c-n.second[place == 1] scope="col" { (measure.title(language)) }
                    }
                    @if share { th.n.c-s scope="col" { (language.text("share")) } }
                } }
                tbody {
                    @for row in self.rows.iter().take(shown) {
                        @let first = row.values[0].unwrap_or(0.0);
                        tr {
                            th.label scope="row" {
                                (bar(first, most))
                                a href=(row_href(address, tab, &row.value)) class=[label::is_none(&row.value).then_some("none")]
                                    title=[(row.value.chars().count() > 30).then_some(&row.value)] {
                                    (label::label(language, tab.dimension, &row.value))
                                }
                            }
                            @for (place, (measure, value)) in tab.measures.iter().zip(&row.values).enumerate() {
                                (cell(language, *measure, *value, currency, place == 1))
                            }
                            @if share { td.n.share {
                                @if let Some(whole) = self.whole.filter(|w| *w > 0.0) { (figure::percent(language, first / whole * 100.0)) }
                            } }
                        }
                    }
                }
            }
        }
    }
}

/// The bar behind a row's label.
pub fn bar(value: f64, most: f64) -> Markup {
    let width = if most > 0.0 {
        (value / most * 100.0).clamp(0.0, 100.0).round()
    } else {
        0.0
    };
    html! { @if width > 0.0 { svg width={ (width) "%" } aria-hidden="true" {} } }
}

/// A cell with a value in few characters, its exact one on hover and for screen readers. The second column of a list
/// is left out on phones.
pub fn cell(
    language: Language,
    measure: Measure,
    value: Option<f64>,
    currency: Currency,
    second: bool,
) -> Markup {
    let (short, exact) = (
        measure.short(language, value, currency),
        measure.exact(language, value, currency),
    );
    html! {
        @if short == exact { td.n.second[second] { (short) } }
        @else { td.n.second[second] title=(exact) { span aria-hidden="true" { (short) } span.only-heard { (exact) } } }
    }
}

/// Whether a panel is worth its place when it has no rows: not for shops that sell nothing.
pub fn is_shown_empty(group: Group) -> bool {
    group != Group::Sold
}
