//! Cases, newest first.

use super::desk::Desk;
use super::instead::Instead;
use crate::reader::Asking;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use people::{Case, CaseFilter, CaseId, CaseStatus};
use staff::Right;
use std::sync::Arc;

/// How many cases a page has.
const PAGE: u32 = 50;

/// The statuses of cases on which there is something to do.
pub(super) const UNDER_WAY: &[CaseStatus] = &[CaseStatus::New, CaseStatus::Open, CaseStatus::Waiting];

/// `GET /console/cases`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    let status = CaseStatus::parse(asking.value("status"));
    let filter = CaseFilter {
        statuses: status.as_slice(),
        assignee: None,
        before: asking.value("before").parse().ok().map(CaseId),
        most: PAGE + 1,
    };
    let mut cases = web
        .office
        .people
        .cases(filter)
        .await
        .map_err(|error| desk.instead(error))?;
    let has_more = cases.len() > PAGE as usize;
    cases.truncate(PAGE as usize);
    let older = cases.last().filter(|_| has_more).map(|last| {
        let status = status.map_or(String::new(), |s| format!("status={}&", s.name()));
        format!("/console/cases?{status}before={}", last.id.0)
    });
    let main = html! {
        h1 { (desk.t("console-cases")) }
        nav.tabs aria-label=(desk.t("console-status")) {
            a href="/console/cases" aria-current=[status.is_none().then_some("true")] { (desk.t("console-all")) }
            @for each in CaseStatus::ALL {
                a href={ "/console/cases?status=" (each.name()) } aria-current=[(status == Some(*each)).then_some("true")] {
                    (desk.label(each))
                }
            }
        }
        section.sheet {
            @if cases.is_empty() { p.nothing { (desk.t("console-cases-none")) } } @else { (table(&desk, &cases, "console-cases")) }
        }
        @if let Some(older) = older { p { a.button href=(older) { (desk.t("console-older")) } } }
    };
    Ok(desk.page(&desk.t("console-cases"), "/console/cases", &main))
}

/// Cases as a table that says nothing of their persons, called by the words of a key.
pub(super) fn table(desk: &Desk<'_>, cases: &[Case], called: &str) -> Markup {
    html! {
        div.scroll.tall tabindex="0" role="region" aria-label=(desk.t(called)) { table.data.stacked {
            thead { tr {
                th scope="col" { (desk.t("console-case")) }
                th scope="col" { (desk.t("console-status")) }
                th scope="col" { (desk.t("console-assignee")) }
                th scope="col" { (desk.t("console-opened")) }
                th scope="col" { (desk.t("console-last-in")) }
                th.n scope="col" { (desk.t("console-letters")) }
            } }
            tbody { @for case in cases { tr {
                th scope="row" {
                    a href=(path(case.id)) { (reference(case)) }
                    @if is_request(case) { br; b.small { (desk.t("console-rights-request")) } }
                }
                td data-label=(desk.t("console-status")) {
                    (desk.label(&case.status))
                    @if case.undelivered.is_some() { " · " b.urgent { (desk.t("console-undelivered-short")) } }
                }
                td data-label=(desk.t("console-assignee")) { @match case.assignee { Some(account) => { (desk.name(account)) }, None => { span.quiet { (desk.t("console-nobody")) } } } }
                td data-label=(desk.t("console-opened")) { (desk.time(case.opened)) }
                td data-label=(desk.t("console-last-in")) { @if let Some(at) = case.last_in { (desk.time(at)) } }
                td.n data-label=(desk.t("console-letters")) { (case.letters_in) " / " (case.letters_out) }
            } } }
        } }
    }
}

/// The page of a case.
pub(super) fn path(case: CaseId) -> String {
    format!("/console/cases/{}", case.0)
}

/// Whether it is a request of somebody about their own data, whose answer has a term by law.
pub(super) fn is_request(case: &Case) -> bool {
    case.source == "privacy"
}

/// How a case is called: a request by the reference that its sender was given.
fn reference(case: &Case) -> String {
    let sign = if is_request(case) { "R-" } else { "№ " };
    format!("{sign}{}", case.id.0)
}
