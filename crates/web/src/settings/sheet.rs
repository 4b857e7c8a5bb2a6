//! The page of a site's settings.

use super::Draft;
use crate::dashboard::address::site_path;
use crate::dashboard::first_hit::snippet_box;
use crate::dashboard::foot::type_key;
use crate::date;
use crate::figure;
use crate::form::{Field, summary};
use crate::language::Language;
use crate::page::{Page, csrf_field};
use crate::reader::{Asking, value};
use crate::state::Scrubbed;
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use policy::Manifest;
use sites::{Annotation, Can, ManifestVersion, ServedSite, Token};
use vocabulary::{DataType, GoalRule, IpKeeping, Moment};

/// What the page is made of.
pub(super) struct Sheet<'a> {
    pub(super) site: &'a ServedSite,
    pub(super) history: &'a [ManifestVersion],
    pub(super) tokens: &'a [Token],
    pub(super) annotations: &'a [Annotation],
    pub(super) today: Date,
    pub(super) draft: &'a Draft,
    pub(super) domains: Vec<String>,
}

impl Sheet<'_> {
    /// The whole page.
    pub(super) fn page(&self, asking: &Asking) -> Markup {
        let language = asking.language;
        let t = |key: &str| language.text(key);
        let domain = self.site.site.domain.as_str();
        let problems: Vec<(&str, &str)> = self
            .draft
            .problem
            .iter()
            .map(|(f, text)| (*f, text.as_str()))
            .collect();
        Page {
            language,
            title: &language.text_with("settings-title", &[("site", domain.into())]),
            address: &site_path(domain, "settings"),
            reader: asking.reader(),
            top: html! {
                span.sep {}
                details.menu.plain.phone-wide {
                    summary { strong { (domain) } }
                    div { @for other in &self.domains {
                        a href=(site_path(other, "settings")) aria-current=[(other == domain).then_some("page")] { (other) }
                    } }
                }
            },
            bar: html! {},
            reload_s: None,
            cookie_note: "colophon-no-cookies",
            main: html! {
                div.wide {
                    div.settings {
                        div {
                            p.small { a href=(site_path(domain, "")) { "← " (t("rows-back")) } }
                            h1 { (t("settings")) }
                            p.quiet { (self.site.site.timezone) " · " (self.site.site.currency.as_str()) }
                        }
                        (summary(language, &problems))
                        @if self.draft.problem.is_none() && !asking.value("saved").is_empty() { p.notice.done role="status" { (t("saved")) } }
                        (self.collection(asking))
                        (self.past(asking))
                        (self.goals(asking))
                        (self.notes(asking))
                        section.sheet #snippet-section aria-labelledby="h-snippet" {
                            h2 id="h-snippet" { (t("settings-snippet")) }
                            p { (t("first-put-about")) }
                            (snippet_box(language, &asking.server, domain))
                        }
                        (self.own(asking))
                        (self.access(asking))
                    }
                }
            },
        }
        .render()
    }

    fn action(&self, what: &str) -> String {
        site_path(self.site.site.domain.as_str(), &format!("settings/{what}"))
    }

    fn wrong(&self, field: &str) -> Option<&str> {
        self.draft
            .problem
            .as_ref()
            .filter(|(at, _)| *at == field)
            .map(|(_, text)| text.as_str())
    }

    fn filled(&self, field: &str) -> &str {
        value(&self.draft.fields, field)
    }

    fn day(&self, asking: &Asking, moment: Moment) -> String {
        let at = Timestamp::from_millisecond(moment.0).unwrap_or(Timestamp::UNIX_EPOCH);
        date::time(asking.language, self.site.zone.to_datetime(at))
    }

    fn csrf(asking: &Asking) -> Markup {
        html! { @if let Some(reader) = asking.reader() { (csrf_field(&reader.csrf)) } }
    }

    fn collection(&self, asking: &Asking) -> Markup {
        let language = asking.language;
        let t = |key: &str| language.text(key);
        let manifest = &self.site.manifest;
        html! {
            section.sheet #collection aria-labelledby="h-collection" {
                h2 id="h-collection" { (t("settings-collection")) }
                p { (t("settings-collection-about")) }
                form method="post" action=(self.action("collection")) {
                    (Self::csrf(asking))
                    fieldset.switches {
                        legend.only-heard { (t("settings-collection")) }
                        @for data_type in DataType::ALL.iter().filter(|t| **t != DataType::Ip) {
                            label.switch {
                                input type="checkbox" name="type" value=(data_type.name()) checked[manifest.allows(*data_type)];
                                span { (t(&type_key(*data_type))) small { (t(&format!("{}-about", type_key(*data_type)))) } }
                            }
                        }
                    }
                    fieldset.switches {
                        legend { (t("type-ip")) }
                        @for keeping in [IpKeeping::None, IpKeeping::Truncated, IpKeeping::Full] {
                            label.switch {
                                input type="radio" name="ip" value=(keeping.name()) checked[manifest.ip() == keeping];
                                span { (t(&format!("ip-{}", keeping.name()))) }
                            }
                        }
                    }
                    div.field {
                        label for="note" { (t("settings-note")) }
                        p.hint { (t("settings-note-hint")) }
                        @if let Some(wrong) = self.wrong("note") { p.wrong { (wrong) } }
                        input type="text" id="note" name="note" value=(self.filled("note")) maxlength="1000" autocomplete="off";
                    }
                    div.actions { button.button.main type="submit" { (t("settings-collection-save")) } }
                }
                details.same-as-table {
                    summary { (language.text_with("settings-history", &[("count", self.history.len().into())])) }
                    ol.lines { @for (place, version) in self.history.iter().enumerate().rev() {
                        li {
                            span { b { (version.version) } " · " (self.day(asking, version.since)) " · " (version.changed_by) }
                            span { (difference(asking, place.checked_sub(1).map(|p| &self.history[p].manifest), version.manifest)) }
                            @if !version.note.is_empty() { span.quiet { (version.note) } }
                        }
                    } }
                }
            }
        }
    }

    /// What was collected before and is denied now.
    fn past(&self, asking: &Asking) -> Markup {
        let language = asking.language;
        let t = |key: &str| language.text(key);
        let action = self.action("scrub");
        let nothing =
            |found: &Scrubbed| found.events.is_empty() && found.parts.is_empty() && found.visitors == 0;
        html! {
            section.sheet #scrub aria-labelledby="h-scrub" {
                h2 id="h-scrub" { (t("settings-scrub")) }
                p { (t("settings-scrub-about")) }
                @match &self.draft.scrubbed {
                    Some((found, _)) if nothing(found) => p.notice.done role="status" { (t("scrub-nothing")) },
                    Some((found, true)) => {
                        div.notice.done role="status" { p { (t("scrub-done")) } (taken(language, found)) }
                    }
                    Some((found, false)) => {
                        div.notice role="status" { p { (t("scrub-would")) } (taken(language, found)) p { (t("scrub-warning")) } }
                        form.inline method="post" action={ (action) "#scrub" } {
                            (Self::csrf(asking))
                            (Field::new("word", &language.text_with("scrub-word", &[("site", self.site.site.domain.as_str().into())]))
                                .wrong(self.wrong("word")).markup())
                            button.button.danger type="submit" { (t("scrub-take")) }
                        }
                    }
                    None => {
                        form.inline method="post" action={ (action) "#scrub" } {
                            (Self::csrf(asking))
                            button.button type="submit" { (t("scrub-look")) }
                        }
                    }
                }
            }
        }
    }

    fn goals(&self, asking: &Asking) -> Markup {
        let t = |key: &str| asking.language.text(key);
        html! {
            section.sheet #goals aria-labelledby="h-goals" {
                h2 id="h-goals" { (t("tab-goals")) }
                p { (t("settings-goals-about")) }
                @if !self.site.goals.is_empty() {
                    ul.lines { @for goal in &self.site.goals {
                        li {
                            span { b { (goal.name) } " · " @match &goal.rule {
                                GoalRule::Page(pattern) => { (t("goal-page")) " " code { (pattern) } }
                                GoalRule::Action(name) => { (t("goal-action")) " " code { (name) } }
                            } }
                            form method="post" action=(self.action("goals/remove")) {
                                (Self::csrf(asking))
                                input type="hidden" name="goal" value=(goal.name);
                                button.button.danger type="submit" { (t("remove")) span.only-heard { " " (goal.name) } }
                            }
                        }
                    } }
                }
                form.inline method="post" action=(self.action("goals")) {
                    (Self::csrf(asking))
                    (Field::new("goal", &t("goal-name")).value(self.filled("goal")).wrong(self.wrong("goal")).markup())
                    div.field {
                        label for="kind" { (t("goal-kind")) }
                        select id="kind" name="kind" {
                            option value="page" selected[self.filled("kind") == "page"] { (t("goal-page")) }
                            option value="action" selected[self.filled("kind") == "action"] { (t("goal-action")) }
                        }
                    }
                    (Field::new("what", &t("goal-what")).value(self.filled("what")).wrong(self.wrong("what")).markup())
                    button.button.main type="submit" { (t("goal-add")) }
                }
                p.hint { (t("goal-hint")) }
            }
        }
    }

    /// What is noted on days of the chart.
    fn notes(&self, asking: &Asking) -> Markup {
        let t = |key: &str| asking.language.text(key);
        let today = self.today.to_string();
        let day = match self.filled("day") {
            "" => &today,
            given => given,
        };
        html! {
            section.sheet #annotations aria-labelledby="h-annotations" {
                h2 id="h-annotations" { (t("settings-annotations")) }
                p { (t("settings-annotations-about")) }
                @if !self.annotations.is_empty() {
                    ul.lines { @for annotation in self.annotations.iter().rev() {
                        li {
                            span { b { (annotation.text) } " · " span.quiet { (date::day_and_year(asking.language, annotation.day)) } }
                            form method="post" action=(self.action("annotations/remove")) {
                                (Self::csrf(asking))
                                input type="hidden" name="id" value=(annotation.id);
                                button.button.danger type="submit" { (t("remove")) span.only-heard { " " (annotation.text) } }
                            }
                        }
                    } }
                }
                form.inline method="post" action=(self.action("annotations")) {
                    (Self::csrf(asking))
                    div.field {
                        label for="day" { (t("annotation-day")) }
                        @if let Some(wrong) = self.wrong("day") { p.wrong { (wrong) } }
                        input type="date" id="day" name="day" value=(day) required
                            aria-invalid=[self.wrong("day").is_some().then_some("true")];
                    }
                    (Field::new("annotation", &t("annotation-text")).value(self.filled("annotation")).wrong(self.wrong("annotation")).markup())
                    button.button.main type="submit" { (t("annotation-add")) }
                }
                p.hint { (t("annotation-hint")) }
            }
        }
    }

    fn own(&self, asking: &Asking) -> Markup {
        let t = |key: &str| asking.language.text(key);
        let stored = self.site.site.excluded_networks.join("\n");
        let shown = if self.wrong("networks").is_some() {
            self.filled("networks")
        } else {
            &stored
        };
        html! {
            section.sheet #own aria-labelledby="h-own" {
                h2 id="h-own" { (t("settings-own")) }
                p { (t("settings-own-about")) }
                form method="post" action=(self.action("own")) {
                    (Self::csrf(asking))
                    div.field {
                        label for="networks" { (t("settings-own-label")) }
                        p.hint #networks-hint { (t("settings-own-hint")) }
                        @if let Some(wrong) = self.wrong("networks") { p.wrong { (wrong) } }
                        textarea id="networks" name="networks" rows="4" spellcheck="false" aria-describedby="networks-hint"
                            aria-invalid=[self.wrong("networks").is_some().then_some("true")] { (shown) }
                    }
                    div.actions { button.button.main type="submit" { (t("save")) } }
                }
            }
        }
    }

    fn access(&self, asking: &Asking) -> Markup {
        let t = |key: &str| asking.language.text(key);
        let can = |can: Can| t(&format!("token-{}", can.name()));
        html! {
            section.sheet #tokens aria-labelledby="h-tokens" {
                h2 id="h-tokens" { (t("settings-tokens")) }
                p { (t("settings-tokens-about")) }
                @if let Some(secret) = &self.draft.secret {
                    div.notice.done role="status" {
                        p { (t("token-once")) }
                        code.secret #new-token { (secret) }
                        div.actions { button.button type="button" data-copy="new-token" data-copied=(t("copied")) hidden { (t("copy")) } }
                    }
                }
                @if !self.tokens.is_empty() {
                    ul.lines { @for token in self.tokens {
                        li {
                            span { b { (token.name) } " · " (can(token.can)) " · " span.quiet { (self.day(asking, token.created)) } }
                            @if let Some(at) = token.revoked {
                                span.quiet { (t("token-revoked")) " " (self.day(asking, at)) }
                            } @else {
                                form method="post" action=(self.action("tokens/revoke")) {
                                    (Self::csrf(asking))
                                    input type="hidden" name="id" value=(token.id);
                                    button.button.danger type="submit" { (t("token-revoke")) span.only-heard { " " (token.name) } }
                                }
                            }
                        }
                    } }
                }
                form.inline method="post" action=(self.action("tokens")) {
                    (Self::csrf(asking))
                    (Field::new("token", &t("token-name")).value(self.filled("token")).wrong(self.wrong("token")).markup())
                    div.field {
                        label for="can" { (t("token-can")) }
                        select id="can" name="can" {
                            @for each in Can::ALL.iter().rev() { option value=(each.name()) { (can(*each)) } }
                        }
                    }
                    button.button.main type="submit" { (t("token-create")) }
                }
            }
        }
    }
}

/// What a scrub took, line by line.
fn taken(language: Language, found: &Scrubbed) -> Markup {
    let number = |count: u64| figure::whole(language, count as f64);
    let line = |key: &str, count: u64| {
        language.text_with(key, &[("count", count.into()), ("figure", number(count).into())])
    };
    html! {
        ul {
            @for (what, count) in &found.events { li { (language.text(&type_key(*what))) ": " (line("scrub-events", *count)) } }
            @for (what, count) in &found.parts { li { (language.text(&type_key(*what))) ": " (line("scrub-parts", *count)) } }
            @if found.visitors > 0 { li { (language.text("type-visitor-cookie")) ": " (line("scrub-visitors", found.visitors)) } }
        }
    }
}

/// What a version allows that the one before did not, and the other way round.
fn difference(asking: &Asking, before: Option<&Manifest>, now: Manifest) -> String {
    let language = asking.language;
    let Some(before) = before else {
        return language.text("settings-first-version");
    };
    let mut changes = Vec::new();
    for data_type in DataType::ALL {
        let name = language.text(&type_key(*data_type)).to_lowercase();
        match (before.allows(*data_type), now.allows(*data_type)) {
            (false, true) => changes.push(format!("+\u{a0}{name}")),
            (true, false) => changes.push(format!("\u{2212}\u{a0}{name}")),
            _ => {}
        }
    }
    if changes.is_empty() {
        language.text(&format!("ip-{}", now.ip().name()))
    } else {
        changes.join(", ")
    }
}
