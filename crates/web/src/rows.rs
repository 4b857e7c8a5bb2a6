//! All rows of a list: searchable, sortable, paged; and the same as CSV.

use crate::dashboard::address::{Address, with_query};
use crate::dashboard::ask::{Archive, rows};
use crate::dashboard::measure::Measure;
use crate::dashboard::panel::{Row, bar, row_href};
use crate::dashboard::tab::{Group, TABS, Tab};
use crate::dashboard::{bar as lines, label};
use crate::error_page::Fault;
use crate::figure;
use crate::language::Language;
use crate::page::Page;
use crate::pages::html as answer;
use crate::reader::Asking;
use crate::state::Web;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use maud::{Markup, html};
use reports::{Direction, OrderKey};
use sites::ServedSite;
use std::fmt::Write;
use std::sync::Arc;
use vocabulary::Currency;

/// Rows of a page.
const PAGE: usize = 100;
/// Rows of a download.
const MOST: usize = 100_000;

/// What is asked of a list.
struct Asked {
    tab: &'static Tab,
    measures: &'static [Measure],
    search: String,
    sort: Measure,
    ascending: bool,
    page: usize,
}

/// The columns of a list's own page.
fn columns(tab: &Tab) -> &'static [Measure] {
    use Measure::{
        AverageOrder, BounceRate, ConversionRate, Events, Orders, Pageviews, Revenue, VisitDuration,
        Visitors, Visits,
    };
    match tab.group {
        Group::Done => &[Visitors, Events, ConversionRate, Revenue],
        Group::Sold if tab.name == "products" => &[Orders, Visitors],
        Group::Sold => &[Revenue, Orders, AverageOrder, Visitors],
        _ if tab.action.is_some() => &[Visitors, Events],
        _ => &[Visitors, Visits, Pageviews, BounceRate, VisitDuration],
    }
}

impl Asked {
    fn read(asking: &Asking) -> Self {
        let tab = Tab::parse(asking.value("panel")).unwrap_or(&TABS[0]);
        let tab = if tab.name == "map" {
            Tab::parse("countries").unwrap_or(tab)
        } else {
            tab
        };
        let measures = columns(tab);
        Self {
            tab,
            measures,
            search: asking.value("q").trim().chars().take(200).collect(),
            sort: Measure::parse(asking.value("sort"))
                .filter(|m| measures.contains(m))
                .unwrap_or(measures[0]),
            ascending: asking.value("dir") == "asc",
            page: asking.value("page").parse().unwrap_or(1).clamp(1, MOST / PAGE),
        }
    }

    /// Names of the pairs that were not understood.
    fn misread(&self, asking: &Asking) -> Vec<&'static str> {
        let wrong = |key: &'static str, is_understood: bool| {
            (!asking.value(key).is_empty() && !is_understood).then_some(key)
        };
        let page = asking.value("page").parse::<usize>();
        [
            wrong("panel", Tab::parse(asking.value("panel")).is_some()),
            wrong("sort", asking.value("sort") == self.sort.name()),
            wrong("dir", matches!(asking.value("dir"), "asc" | "desc")),
            wrong("page", page.is_ok_and(|page| page == self.page)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The state of the list, the given pairs put over it.
    fn pairs(&self, over: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
        let mut pairs = vec![("panel", self.tab.name.to_owned())];
        if !self.search.is_empty() {
            pairs.push(("q", self.search.clone()));
        }
        if self.sort != self.measures[0] || self.ascending {
            pairs.push(("sort", self.sort.name().into()));
            if self.ascending {
                pairs.push(("dir", "asc".into()));
            }
        }
        pairs.retain(|(key, _)| {
            over.iter().all(|(k, _)| k != key) && (*key != "dir" || over.iter().all(|(k, _)| *k != "sort"))
        });
        pairs.extend(over.iter().filter(|(_, value)| !value.is_empty()).cloned());
        pairs
    }

    /// The rows from `offset` on, `limit` of them at most. What is searched for is looked for in what readers see, in
    /// either case: in a country's name, not in its code.
    async fn ask(
        &self,
        archive: &Archive,
        address: &Address,
        language: Language,
        limit: usize,
        offset: usize,
    ) -> Option<Found> {
        let mut question = archive.list(address, self.tab, self.measures);
        let sort = question.metrics[self.measures.iter().position(|m| *m == self.sort)?];
        let direction = if self.ascending {
            Direction::Ascending
        } else {
            Direction::Descending
        };
        question.order = vec![(OrderKey::Metric(sort), direction)];
        let searches = !self.search.is_empty();
        (question.limit, question.offset) = if searches { (MOST, 0) } else { (limit, offset) };
        let answers = archive.answers(vec![question]).await.ok()?;
        let answer = answers.first()?;
        let mut found = Found {
            rows: rows(self.tab, answer),
            total: answer.total_rows,
        };
        if searches {
            let wanted = self.search.to_lowercase();
            let fits = |row: &Row| {
                let shown = label::label(language, self.tab.dimension, &row.value);
                [&row.value, &shown]
                    .iter()
                    .any(|text| text.to_lowercase().contains(&wanted))
            };
            found.rows.retain(fits);
            found.total = found.rows.len();
            found.rows = found.rows.into_iter().skip(offset).take(limit).collect();
        }
        Some(found)
    }
}

/// Rows of a list.
struct Found {
    rows: Vec<Row>,
    /// How many there are in all.
    total: usize,
}

fn open(
    web: &Arc<Web>,
    domain: &str,
    asking: &Asking,
) -> Result<(Arc<ServedSite>, Archive, Address), Box<Response>> {
    let site = asking.site(web, domain)?;
    asking.may_ask(web)?;
    let archive = Archive::open(web, &site);
    let mut address = archive.address(&asking.pairs);
    address.language = asking.carried;
    Ok((site, archive, address))
}

/// `GET /sites/{domain}/rows`.
pub(crate) async fn show(
    State(web): State<Arc<Web>>,
    Path(domain): Path<String>,
    asking: Asking,
) -> Response {
    let (site, archive, mut address) = match open(&web, &domain, &asking) {
        Ok(opened) => opened,
        Err(response) => return *response,
    };
    let asked = Asked::read(&asking);
    address.misread.extend(asked.misread(&asking));
    let language = asking.language;
    let from = (asked.page - 1) * PAGE;
    let Some(found) = asked.ask(&archive, &address, language, PAGE, from).await else {
        return asking.fault(Fault::Unavailable);
    };
    let tab = language.text(&asked.tab.key());
    let title = language.text_with(
        "rows-title",
        &[
            ("tab", tab.clone().into()),
            ("site", address.domain.clone().into()),
        ],
    );
    let page = Page {
        language,
        title: &title,
        address: &asking.address,
        reader: asking.reader(),
        top: lines::top(
            language,
            &address,
            &asking.domains(&web),
            None,
            asking.may_change(),
        ),
        bar: html! {},
        reload_s: None,
        cookie_note: "colophon-no-cookies",
        main: html! {
            div.wide {
                div.page-head {
                    div {
                        p.back { a href=(address.href()) { "← " (language.text("rows-back")) } }
                        h1 { (tab) }
                        p.quiet { (crate::dashboard::days(language, (address.period.first, address.period.last)))
                            @for condition in &address.conditions {
                                " · " (label::dimension(language, &condition.dimension)) " " (language.text(condition.operator.key()))
                                " " (condition.values.iter().map(|v| label::label(language, &condition.dimension, v)).collect::<Vec<_>>().join(", "))
                            } }
                    }
                    (search(&asking, &address, &asked))
                }
                (lines::misread(language, &address.misread))
                div.sheet { (table(&asking, &address, &asked, &found.rows, site.site.currency)) (pages(&asking, &address, &asked, found.total)) }
            }
        },
    };
    answer(page.render())
}

fn search(asking: &Asking, address: &Address, asked: &Asked) -> Markup {
    let t = |key: &str| asking.language.text(key);
    html! {
        form.ask.compact method="get" action=(address.path("rows")) role="search" {
            (lines::hidden(address, &["metric", "interval", "origin", "what", "who", "with", "done", "sold"]))
            label { span.only-heard { (t("rows-panel")) }
                select name="panel" { @for tab in TABS {
                    @if tab.name != "map" {
                        option value=(tab.name) selected[tab == asked.tab] {
                            (t(&format!("group-{}", tab.group.name()))) ": " (t(&tab.key()))
                        }
                    }
                } } }
            label { span.only-heard { (t("rows-search")) }
                input type="search" name="q" value=(asked.search) placeholder=(t("rows-search")) maxlength="200"; }
            button.button type="submit" { (t("rows-show")) }
            a.button href=(with_query(address.path("rows.csv"), &all_pairs(address, &asked.pairs(&[])))) { (t("rows-csv")) }
        }
    }
}

fn all_pairs(address: &Address, own: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let mut pairs = address.pairs();
    pairs.retain(|(key, _)| {
        Group::ALL.iter().all(|g| g.name() != *key) && !matches!(*key, "metric" | "interval")
    });
    pairs.extend_from_slice(own);
    pairs
}

fn table(asking: &Asking, address: &Address, asked: &Asked, rows: &[Row], currency: Currency) -> Markup {
    let language = asking.language;
    let most = rows.iter().filter_map(|r| r.values[0]).fold(0.0, f64::max);
    html! {
        @if rows.is_empty() {
            p.nothing { (language.text("rows-none")) }
        } @else {
            div.scroll.tall tabindex="0" role="region" aria-label=(language.text(&asked.tab.key())) {
                table.data.rows.all {
                    thead { tr {
                        th scope="col" { (label::dimension(language, asked.tab.dimension)) }
                        @for measure in asked.measures {
                            @let sorted = *measure == asked.sort;
                            @let dir = if sorted && !asked.ascending { "asc" } else { "" };
                            @let over = [("sort", measure.name().to_owned()), ("dir", dir.to_owned())];
                            th.n scope="col" aria-sort=[sorted.then_some(if asked.ascending { "ascending" } else { "descending" })] {
                                a href=(address.href_of("rows", &asked.pairs(&over))) title=(language.text_with("rows-sort", &[("column", measure.title(language).into())])) {
                                    (measure.title(language))
                                    @if sorted { span aria-hidden="true" { (if asked.ascending { " ↑" } else { " ↓" }) } }
                                }
                            }
                        }
                    } }
                    tbody { @for row in rows {
                        tr {
                            th.label scope="row" { (bar(row.values[0].unwrap_or(0.0), most))
                                a href=(row_href(address, asked.tab, &row.value)) title=(row.value) { (label::label(language, asked.tab.dimension, &row.value)) } }
                            @for (measure, value) in asked.measures.iter().zip(&row.values) {
                                td.n { (measure.exact(language, *value, currency)) }
                            }
                        }
                    } }
                }
            }
        }
    }
}

fn pages(asking: &Asking, address: &Address, asked: &Asked, total: usize) -> Markup {
    let language = asking.language;
    let number = |n: usize| figure::whole(language, n as f64);
    let href = |page: usize| address.href_of("rows", &asked.pairs(&[("page", page.to_string())]));
    let from = (asked.page - 1) * PAGE;
    html! {
        @if total > 0 {
            nav.pages aria-label=(language.text("rows-all")) {
                span.quiet.small { (language.text_with("rows-of", &[
                    ("from", number((from + 1).min(total)).into()), ("to", number((from + PAGE).min(total)).into()), ("total", number(total).into()),
                ])) }
                span.step {
                    @if asked.page > 1 { a.button rel="prev" href=(href(asked.page - 1)) { "← " (language.text("rows-previous")) } }
                    @if from + PAGE < total { a.button rel="next" href=(href(asked.page + 1)) { (language.text("rows-next")) " →" } }
                }
            }
        }
    }
}

/// `GET /sites/{domain}/rows.csv`: `400` if part of the address is not understood; else stored values, metric names as in the API, decimal points whatever the language.
pub(crate) async fn csv(State(web): State<Arc<Web>>, Path(domain): Path<String>, asking: Asking) -> Response {
    let (_, archive, mut address) = match open(&web, &domain, &asking) {
        Ok(opened) => opened,
        Err(response) => return *response,
    };
    let asked = Asked::read(&asking);
    address.misread.extend(asked.misread(&asking));
    if !address.misread.is_empty() {
        // A file shows no note, so it must be what was asked for or none.
        let text = lines::misread_text(asking.language, &address.misread);
        return (StatusCode::BAD_REQUEST, text).into_response();
    }
    let Some(found) = asked.ask(&archive, &address, asking.language, MOST, 0).await else {
        return asking.fault(Fault::Unavailable);
    };
    let mut text = String::new();
    cell(&mut text, asked.tab.dimension);
    for measure in asked.measures {
        text.push(',');
        text.push_str(measure.name());
    }
    text.push_str("\r\n");
    for row in found.rows {
        cell(&mut text, &row.value);
        for value in row.values {
            text.push(',');
            if let Some(value) = value {
                let rounded = (value * 10_000.0).round() / 10_000.0;
                let _ = write!(text, "{rounded}");
            }
        }
        text.push_str("\r\n");
    }
    let name: String = address
        .domain
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' || c == '-' {
                c
            } else {
                '-'
            }
        })
        .collect();
    let file = format!(
        "attachment; filename=\"{name}-{}-{}.csv\"",
        asked.tab.name, address.period.last
    );
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, file),
        (CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, text).into_response()
}

/// A text as a cell. Visitors choose many of these texts, so what a spreadsheet would take for a formula gets an
/// apostrophe before it.
fn cell(out: &mut String, text: &str) {
    let guarded = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if guarded || text.contains([',', '"', '\n', '\r']) {
        out.push('"');
        if guarded {
            out.push('\'');
        }
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_no_formula_gets_through() {
        for (text, want) in [
            ("/a", "/a"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("", ""),
        ] {
            let mut out = String::new();
            cell(&mut out, text);
            assert_eq!(out, want);
        }
    }

    #[test]
    fn every_list_orders_by_a_column_it_has() {
        for tab in TABS {
            assert!(columns(tab).contains(&tab.measures[0]), "{}", tab.name);
        }
    }
}
