//! The dashboard's routes.

use super::address::Address;
use super::condition::{Condition, Operator};
use super::{ask, bar, first_hit};
use crate::error_page::Fault;
use crate::pages::html;
use crate::reader::Asking;
use crate::state::Web;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::CACHE_CONTROL;
use std::sync::Arc;

/// `GET /sites/{domain}`.
pub(crate) async fn show(
    State(web): State<Arc<Web>>,
    Path(domain): Path<String>,
    asking: Asking,
) -> Response {
    match dashboard(&web, &domain, &asking).await {
        Ok(response) => response,
        Err(response) => *response,
    }
}

async fn dashboard(web: &Arc<Web>, domain: &str, asking: &Asking) -> Result<Response, Box<Response>> {
    let site = asking.site(web, domain)?;
    asking.may_ask(web)?;
    let archive = ask::Archive::open(web, &site);
    let mut address = archive.address(&asking.pairs);
    address.language = asking.carried;
    if let Some(next) = with_form_filter(&address, asking) {
        return Ok(Redirect::to(&next.href()).into_response());
    }
    let domains = asking.domains(web);
    if archive.is_empty() {
        let refused = archive.door_today().await.dropped;
        let page = first_hit::page(
            asking.language,
            &address,
            &domains,
            &asking.server,
            &refused,
            asking.reader(),
        );
        return Ok(html(page));
    }
    let dashboard = archive
        .dashboard(address, domains, asking.may_change(), asking.language)
        .await
        .map_err(|_| Box::new(asking.fault(Fault::Unavailable)))?;
    Ok(html(dashboard.page(asking.language, asking.reader())))
}

/// The state with the filter of the form without scripts put in.
fn with_form_filter(address: &Address, asking: &Asking) -> Option<Address> {
    let operator = Operator::ALL
        .into_iter()
        .find(|o| o.name() == asking.value("filter_operator"))?;
    let dimension = asking.value("filter_dimension");
    if !super::label::FILTERABLE.contains(&dimension) {
        return Some(address.clone());
    }
    let values: Vec<String> = asking
        .value("filter_value")
        .split(';')
        .map(|v| match operator {
            Operator::Is | Operator::IsNot => super::label::value_of(dimension, v.trim()),
            Operator::Contains | Operator::ContainsNot => v.trim().to_owned(),
        })
        .take(50)
        .collect();
    Some(address.with_condition(Condition {
        operator,
        dimension: dimension.to_owned(),
        values,
    }))
}

/// `GET /sites/{domain}/live`: how many are there now, and whether the site has any event at all.
pub(crate) async fn live(
    State(web): State<Arc<Web>>,
    Path(domain): Path<String>,
    asking: Asking,
) -> Response {
    let site = match asking.site(&web, &domain) {
        Ok(site) => site,
        Err(response) => return *response,
    };
    if let Err(response) = asking.may_ask(&web) {
        return *response;
    }
    let archive = ask::Archive::open(&web, &site);
    let first = !archive.is_empty();
    let Ok(visitors) = archive.live().await else {
        return asking.fault(Fault::Unavailable);
    };
    let text = if first {
        bar::live_text(asking.language, visitors)
    } else {
        asking.language.text("first-waiting")
    };
    let answer = serde_json::json!({ "visitors": visitors, "text": text, "first": first });
    ([(CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}
