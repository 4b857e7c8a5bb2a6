//! The audit log, in words.

use super::desk::Desk;
use super::instead::Instead;
use super::labels::{person_number, task_number, task_path};
use crate::form::Field;
use crate::reader::Asking;
use crate::state::Web;
use audit::{About, Action, Actor, Checkpoint, Entry, Numbered};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use maud::{Markup, html};
use policy::{FieldClass, Purpose};
use staff::Right;
use std::sync::Arc;
use vocabulary::{PersonId, TaskId};

/// How many entries a page has.
const PAGE: usize = 50;

/// Which entries are wanted.
struct Filter {
    about: Option<About>,
    /// The name and value of it in the address.
    pair: Option<(&'static str, String)>,
    before: Option<u64>,
    /// Whether something was asked for that cannot be a number of anything.
    is_wrong: bool,
}

impl Filter {
    /// The first of person, task and account that is given.
    fn of(asking: &Asking) -> Self {
        let before = asking.value("before").parse().ok();
        for name in ["person", "task", "account"] {
            let text = asking.value(name).trim();
            if text.is_empty() {
                continue;
            }
            let about = match name {
                "person" => PersonId::parse(text).map(About::Person),
                "task" => TaskId::parse(text).map(About::Task),
                _ => text.parse().ok().map(About::Account),
            };
            return Self {
                // What is no number is not repeated in links.
                pair: about.map(|_| (name, text.to_owned())),
                is_wrong: about.is_none(),
                about,
                before,
            };
        }
        Self {
            about: None,
            pair: None,
            before,
            is_wrong: false,
        }
    }

    fn value(&self, name: &str) -> &str {
        let found = self.pair.as_ref().filter(|(key, _)| *key == name);
        found.map_or("", |(_, value)| value)
    }

    fn address(&self, before: u64) -> String {
        match &self.pair {
            Some((name, value)) => format!("/console/audit?{name}={value}&before={before}"),
            None => format!("/console/audit?before={before}"),
        }
    }
}

/// `GET /console/audit`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ReadAudit).await?;
    let filter = Filter::of(&asking);
    let log = &web.office.audit;
    let found = match filter.about {
        _ if filter.is_wrong => Ok(Vec::new()),
        None => log.newest(filter.before, PAGE + 1),
        Some(about) => log.about(about, filter.before, PAGE + 1),
    };
    let mut found = found.map_err(|error| desk.instead(error))?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let readings = web.office.readings().await.map_err(|error| desk.instead(error))?;
    let newest = log.newest_checkpoint().map_err(|error| desk.instead(error))?;
    let main = html! {
        h1 { (desk.t("console-audit")) }
        (state(&desk, readings, newest.map(|(checkpoint, _)| checkpoint).as_ref(), log.size()))
        section.sheet {
            form.inline method="get" action="/console/audit" {
                (Field::new("person", &desk.t("console-person-field")).value(filter.value("person")).most(32).voluntary("").markup())
                (Field::new("task", &desk.t("console-task-field")).value(filter.value("task")).most(32).voluntary("").markup())
                (Field::new("account", &desk.t("console-account-field")).value(filter.value("account")).most(10).voluntary("").markup())
                button.button.main type="submit" { (desk.t("console-filter")) }
                @if filter.pair.is_some() { a.button href="/console/audit" { (desk.t("console-all")) } }
            }
            @if filter.is_wrong { p.wrong { (desk.t("console-filter-wrong")) } }
        }
        section.sheet {
            @if found.is_empty() { p.nothing { (desk.t("console-audit-none")) } } @else { (table(&desk, &found)) }
        }
        @if let Some(last) = found.last().filter(|_| has_more) {
            p { a.button href=(filter.address(last.number)) { (desk.t("console-older")) } }
        }
    };
    Ok(desk.page(&desk.t("console-audit"), "/console/audit", &main))
}

/// `GET /console/audit/checkpoint`: the newest signed state of the log, for a witness outside.
pub(crate) async fn checkpoint(State(web): State<Arc<Web>>, asking: Asking) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ReadAudit).await?;
    let newest = web.office.audit.newest_checkpoint();
    let (checkpoint, note) = newest
        .map_err(|error| desk.instead(error))?
        .ok_or_else(|| desk.missing())?;
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"checkpoint-{}.txt\"", checkpoint.size),
        ),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, note).into_response())
}

/// How the log stands: values opened against readings recorded, and what is signed.
fn state(desk: &Desk<'_>, (opened, recorded): (u64, u64), newest: Option<&Checkpoint>, size: u64) -> Markup {
    html! {
        dl.sheet.counters {
            div { dt { (desk.t("console-values-opened")) } dd.urgent[opened != recorded] { (opened) } }
            div { dt { (desk.t("console-readings-recorded")) } dd.urgent[opened != recorded] { (recorded) } }
            div { dt { (desk.t("console-entries")) } dd { (size) } }
            div { dt { (desk.t("console-signed")) } dd { (newest.map_or(0, |checkpoint| checkpoint.size)) } }
        }
        @if opened > recorded { p.notice.error role="alert" { (desk.t("console-readings-missing")) } }
        @else if opened < recorded { p.notice { (desk.t("console-readings-more")) } }
        @if newest.is_some() {
            p { a.button href="/console/audit/checkpoint" { (desk.t("console-checkpoint")) } " " span.small.quiet { (desk.t("console-checkpoint-about")) } }
        } @else {
            p.quiet { (desk.t("console-checkpoint-none")) }
        }
    }
}

fn table(desk: &Desk<'_>, found: &[Numbered]) -> Markup {
    html! {
        div.scroll.tall tabindex="0" role="region" aria-label=(desk.t("console-audit")) { table.data.log {
            thead { tr {
                th.n scope="col" { "№" }
                th scope="col" { (desk.t("console-when")) }
                th scope="col" { (desk.t("console-who")) }
                th scope="col" { (desk.t("console-what")) }
                th scope="col" { (desk.t("console-concerns")) }
            } }
            tbody { @for Numbered { number, entry } in found { tr {
                td.n { (number) }
                td { (desk.time(entry.time)) }
                td { (actor(desk, &entry.actor)) }
                td { (what(desk, entry)) }
                td { (concerns(desk, entry)) }
            } } }
        } }
    }
}

fn actor(desk: &Desk<'_>, actor: &Actor) -> Markup {
    html! {
        @match actor {
            Actor::Staff(account) => { (desk.name(*account)) " " span.quiet { "(" (account) ")" } }
            Actor::Person(_) => { (desk.t("console-the-person")) }
            Actor::Job(name) => {
                @match desk.asking.language.known(&format!("job-{}", name.as_str().replace('_', "-"))) {
                    Some(words) => { (words) }
                    None => { (desk.t("console-job")) " " code { (name) } }
                }
            }
            Actor::System => { (desk.t("console-program")) }
        }
    }
}

fn what(desk: &Desk<'_>, entry: &Entry) -> Markup {
    let purpose = entry
        .purpose
        .as_ref()
        .and_then(|word| Purpose::parse(word.as_str()));
    let classes: Vec<FieldClass> = entry
        .classes
        .iter()
        .filter_map(|number| FieldClass::from_number(*number))
        .collect();
    let counted = entry.count > 0 || matches!(entry.action, Action::Read | Action::ReadDenied);
    let unit = match entry.action {
        Action::Refused | Action::SignInFailed => "console-times",
        _ => "console-values",
    };
    // By which factor, or what was refused.
    let how = entry.purpose.as_ref().and_then(|word| {
        let key = format!("audit-{}", word.as_str().replace('_', "-"));
        desk.asking.language.known(&key)
    });
    html! {
        b { (desk.label(&entry.action)) }
        @if counted {
            ", " (desk.asking.language.text_with(unit, &[("count", entry.count.into())]))
        }
        @if let Some(how) = how { br; span.small.quiet { (how) } }
        @if !classes.is_empty() { br; span.small { (desk.classes(&classes)) } }
        @if let Some(purpose) = purpose { br; span.small.quiet { (desk.label(&purpose)) } }
    }
}

/// Whom and what an entry concerns, by number, each leading to all about it.
fn concerns(desk: &Desk<'_>, entry: &Entry) -> Markup {
    let subject = &entry.subject;
    html! {
        @if let Some(person) = subject.person {
            div { a href={ "/console/audit?person=" (person) } { (desk.t("console-person")) " " (person_number(person)) } }
        }
        @if let Some(task) = subject.task {
            div {
                a href={ "/console/audit?task=" (task) } { (desk.t("console-task")) " " (task_number(task)) }
                @if matches!(entry.action, Action::TaskOpened | Action::TaskChanged | Action::TaskClosed) { " " a.small href=(task_path(task)) { "→" span.only-heard { " " (desk.t("console-task-open")) } } }
            }
        }
        @if let Some(account) = subject.account {
            div { a href={ "/console/audit?account=" (account) } { (desk.name(account)) " " span.quiet { "(" (account) ")" } } }
        }
        @if let Some(client) = subject.client.filter(|client| client.0 > 0) { div { (desk.t("console-client")) " " (client.0) } }
        @if let Some(site) = subject.site { div { (desk.t("console-site")) " " (site.0) } }
    }
}
