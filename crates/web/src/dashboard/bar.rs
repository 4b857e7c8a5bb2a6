//! The lines above a dashboard: site, live count, period, comparison, filters.

use super::address::{Address, Compare, site_path};
use super::condition::Operator;
use super::days;
use super::label;
use super::period::{Chosen, Period};
use crate::date;
use crate::figure;
use crate::language::Language;
use maud::{Markup, html};

/// The part of the top line that belongs to a site.
pub fn top(
    language: Language,
    address: &Address,
    sites: &[String],
    live: Option<u64>,
    may_change: bool,
) -> Markup {
    html! {
        span.sep {}
        details.menu.plain.phone-wide {
            summary { strong { (address.domain) } }
            div {
                @for domain in sites {
                    a href=(site_path(domain, "")) aria-current=[(*domain == address.domain).then_some("page")] { (domain) }
                }
                hr;
                a href="/sites" { (language.text("all-sites")) }
                @if may_change { a href=(address.path("settings")) { (language.text("settings")) } }
            }
        }
        @if let Some(visitors) = live { (live_count(language, address, visitors)) }
    }
}

/// How many visitors are there now.
pub fn live_count(language: Language, address: &Address, visitors: u64) -> Markup {
    html! {
        p.live data-live=(address.path("live")) data-none[visitors == 0] title=(language.text("live-about")) {
            i.pulse {}
            span { (live_text(language, visitors)) }
        }
    }
}

/// The live count in words.
pub fn live_text(language: Language, visitors: u64) -> String {
    let figure = figure::whole(language, visitors as f64);
    language.text_with("live", &[("count", visitors.into()), ("figure", figure.into())])
}

/// A period's name as the picker shows it.
fn period_name(language: Language, address: &Address) -> String {
    let period = address.period;
    let ends_today = period.last == address.today;
    match period.chosen {
        Chosen::Day(_) if ends_today => language.text("period-today"),
        Chosen::Day(_) => date::full(language, period.first),
        Chosen::Days { count, .. } if ends_today => {
            language.text_with("period-days", &[("count", count.into())])
        }
        Chosen::Month(_) => date::month(language, period.first),
        Chosen::Year(_) => period.first.year().to_string(),
        Chosen::All => language.text("period-all"),
        _ => days(language, (period.first, period.last)),
    }
}

/// The line of period, comparison and filters.
pub fn line(language: Language, address: &Address) -> Markup {
    let t = |key: &str| language.text(key);
    html! {
        nav.bar-line aria-label=(t("bar")) {
            div.wide {
                div.step {
                    (arrow(language, address, -1))
                    (periods(language, address))
                    (arrow(language, address, 1))
                }
                (comparisons(language, address))
                (filter_form(language, address))
                @if !address.conditions.is_empty() {
                    ul.chips aria-label=(t("filters")) {
                        @for (place, condition) in address.conditions.iter().enumerate() {
                            @let values: Vec<String> = condition.values.iter()
                                .map(|v| label::label(language, &condition.dimension, v)).collect();
                            @let words = values.join(&format!(" {} ", t("or")));
                            li.chip {
                                span title=(words) {
                                    (label::dimension(language, &condition.dimension)) " " (t(condition.operator.key())) " "
                                    b { (words) }
                                }
                                a href=(address.without_condition(place).href()) {
                                    span aria-hidden="true" { "×" } span.only-heard { (t("filter-remove")) " " (words) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn arrow(language: Language, address: &Address, by: i64) -> Markup {
    let (sign, key, shortcut) = if by < 0 {
        ("←", "period-before", "ArrowLeft")
    } else {
        ("→", "period-after", "ArrowRight")
    };
    let next = address
        .period
        .step(by, address.today)
        .map(|period| address.with_period(period).href());
    html! {
        @if let Some(href) = next {
            a.button id=(key) href=(href) aria-keyshortcuts=(shortcut) {
                span aria-hidden="true" { (sign) } span.only-heard { (language.text(key)) }
            }
        } @else {
            span.button aria-hidden="true" aria-disabled="true" { (sign) }
        }
    }
}

fn periods(language: Language, address: &Address) -> Markup {
    let t = |key: &str| language.text(key);
    let presets: [(&str, String, &str); 8] = [
        ("day", t("period-today"), "D"),
        ("yesterday", t("period-yesterday"), ""),
        (
            "7d",
            language.text_with("period-days", &[("count", 7.into())]),
            "W",
        ),
        (
            "28d",
            language.text_with("period-days", &[("count", 28.into())]),
            "",
        ),
        (
            "90d",
            language.text_with("period-days", &[("count", 90.into())]),
            "",
        ),
        ("month", t("period-month"), "M"),
        ("year", t("period-year"), "Y"),
        ("all", t("period-all"), "A"),
    ];
    let current = |name: &str| {
        let wanted = Period::read(name, None, None, address.today, address.period.first);
        (wanted == address.period).then_some("true")
    };
    html! {
        details.menu.phone-wide #period {
            summary { span.only-heard { (t("period")) ": " } (period_name(language, address)) }
            div {
                @for (name, words, key) in presets {
                    a href=(address.with_preset(name).href()) aria-current=[current(name)] aria-keyshortcuts=[(!key.is_empty()).then_some(key)] {
                        (words) @if !key.is_empty() { kbd aria-hidden="true" { (key) } }
                    }
                }
                hr;
                form method="get" action=(address.path("")) {
                    input type="hidden" name="period" value="custom";
                    (hidden(address, &["period", "from", "to", "date", "interval"]))
                    label { (t("period-from")) input type="date" name="from" value=(address.period.first) max=(address.today) required; }
                    label { (t("period-to")) input type="date" name="to" value=(address.period.last) max=(address.today) required; }
                    button.button type="submit" { (t("period-show")) }
                }
            }
        }
    }
}

fn comparisons(language: Language, address: &Address) -> Markup {
    let words = |compare: Compare| language.text(&format!("compare-{}", compare.name()));
    html! {
        @if address.period.chosen != Chosen::All {
            details.menu.phone-wide #compare {
                summary { span.only-heard { (language.text("compare")) ": " } (words(address.compare)) }
                div {
                    @for compare in Compare::ALL {
                        @let next = address.with_compare(compare);
                        a href=(next.href()) aria-current=[(compare == address.compare).then_some("true")] {
                            (words(compare))
                            @if let Some(compared) = next.compared() { span.quiet { (days(language, compared)) } }
                        }
                    }
                }
            }
        }
    }
}

fn filter_form(language: Language, address: &Address) -> Markup {
    let t = |key: &str| language.text(key);
    html! {
        details.menu.phone-wide #filter {
            summary { (t("filter-add")) }
            div {
                form method="get" action=(address.path("")) {
                    (hidden(address, &[]))
                    label { (t("filter-what")) select name="filter_dimension" {
                        @for name in label::FILTERABLE { option value=(name) { (label::dimension(language, name)) } }
                    } }
                    label { (t("filter-how")) select name="filter_operator" {
                        @for operator in Operator::ALL { option value=(operator.name()) { (t(operator.key())) } }
                    } }
                    label { (t("filter-value")) input type="text" name="filter_value" autocomplete="off" maxlength="500"; }
                    p.hint { (t("filter-hint")) }
                    button.button.main type="submit" { (t("filter-apply")) }
                }
            }
        }
    }
}

/// A note that names what of the address was not understood.
pub fn misread(language: Language, names: &[&str]) -> Markup {
    html! {
        @if !names.is_empty() {
            p.notice role="status" { (misread_text(language, names)) }
        }
    }
}

/// The words of that note.
pub fn misread_text(language: Language, names: &[&str]) -> String {
    language.text_with("address-misread", &[("names", names.join(", ").into())])
}

/// The state as hidden fields of a form, less some keys.
pub fn hidden(address: &Address, without: &[&str]) -> Markup {
    html! {
        @for (key, value) in address.pairs() {
            @if !without.contains(&key) { input type="hidden" name=(key) value=(value); }
        }
    }
}
