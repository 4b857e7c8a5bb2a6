//! A site's settings: what is collected, goals, own traffic, the snippet, tokens. Owners only.
//!
//! This file holds the routes; the page is in `settings/sheet.rs`.

mod sheet;

use crate::error_page::Fault;
use crate::pages::html as answer;
use crate::reader::{Asking, value};
use crate::security;
use crate::sign_in::see_other;
use crate::state::{Scrubbed, Web};
use audit::{Action, Subject};
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use policy::Manifest;
use sheet::Sheet;
use sites::{Can, Error, Problem, ServedSite};
use staff::AccountId;
use std::sync::Arc;
use vocabulary::{DataType, DataTypes, GoalRule, IpKeeping};

/// What goes into the page besides what is stored.
#[derive(Default)]
pub(crate) struct Draft {
    /// What was filled in, if it was refused.
    pub(crate) fields: Vec<(String, String)>,
    /// The field at fault and what is wrong with it.
    pub(crate) problem: Option<(&'static str, String)>,
    /// A token just made: shown this once.
    pub(crate) secret: Option<String>,
    /// What a scrub took, or would.
    pub(crate) scrubbed: Option<(Scrubbed, bool)>,
}

/// A form of the settings that was sent in good order.
struct Sent {
    site: Arc<ServedSite>,
    fields: Vec<(String, String)>,
    /// Who sent it.
    by: AccountId,
}

fn opened(web: &Web, domain: &str, asking: &Asking) -> Result<Arc<ServedSite>, Box<Response>> {
    asking.signed()?;
    let site = asking.site(web, domain)?;
    if asking.may_change() {
        Ok(site)
    } else {
        Err(Box::new(asking.fault(Fault::Forbidden)))
    }
}

fn sent(web: &Web, domain: &str, asking: &Asking, body: &str) -> Result<Sent, Box<Response>> {
    let site = opened(web, domain, asking)?;
    let (signed, fields) = asking.form(body)?;
    Ok(Sent {
        site,
        fields,
        by: signed.account.id,
    })
}

/// Records a change of a site's settings.
async fn record(web: &Web, asking: &Asking, sent: &Sent) -> Result<(), Box<Response>> {
    let subject = Subject {
        site: Some(sent.site.site.id),
        client: Some(sent.site.site.client),
        ..Subject::default()
    };
    security::record(web, asking, sent.by, Action::ConfigurationChange, subject).await
}

/// `GET /sites/{domain}/settings`.
pub(crate) async fn show(
    State(web): State<Arc<Web>>,
    Path(domain): Path<String>,
    asking: Asking,
) -> Response {
    match opened(&web, &domain, &asking) {
        Ok(site) => page(&web, &asking, &site, Draft::default()).await,
        Err(response) => *response,
    }
}

async fn page(web: &Web, asking: &Asking, site: &Arc<ServedSite>, draft: Draft) -> Response {
    let id = site.site.id;
    let sites = &web.sites;
    let read = futures::try_join!(
        sites.manifest_history(id),
        sites.tokens(id),
        sites.annotations(id)
    );
    let (history, tokens, annotations) = match read {
        Ok(read) => read,
        Err(error) => {
            tracing::error!(%error, "the settings of a site cannot be read");
            return asking.fault(Fault::Broken);
        }
    };
    let is_refused = draft.problem.is_some();
    let sheet = Sheet {
        site,
        history: &history,
        tokens: &tokens,
        annotations: &annotations,
        today: site.today((web.now)()),
        draft: &draft,
        domains: asking.domains(web),
    };
    let mut response = answer(sheet.page(asking));
    if is_refused {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

/// What is wrong with a field, in words.
fn problem(asking: &Asking, problem: &Problem) -> String {
    let language = asking.language;
    match problem {
        Problem::Empty => language.text("problem-empty"),
        Problem::TooLong { max } => language.text_with("problem-long", &[("max", (*max).into())]),
        Problem::Control => language.text("problem-control"),
        Problem::Taken(_) => language.text("problem-taken"),
        Problem::Network(given) => language.text_with("problem-network", &[("given", given.clone().into())]),
        Problem::Pattern => language.text("problem-pattern"),
        Problem::Day(_) => language.text("problem-day"),
        Problem::TooMany { max } => language.text_with("problem-many", &[("max", (*max).into())]),
        _ => language.text("problem-other"),
    }
}

/// After a change: back to the settings, or the form again with what is wrong with it.
async fn done(
    web: &Web,
    asking: &Asking,
    sent: Sent,
    section: &'static str,
    field: &'static str,
    result: Result<(), Error>,
) -> Response {
    match result {
        Ok(()) => {
            if let Err(response) = record(web, asking, &sent).await {
                return *response;
            }
            let path = crate::dashboard::address::site_path(sent.site.site.domain.as_str(), "settings");
            see_other(&format!("{path}?saved={section}#{section}"))
        }
        Err(Error::Refused { problem: what, .. }) => {
            let draft = Draft {
                problem: Some((field, problem(asking, &what))),
                fields: sent.fields,
                ..Draft::default()
            };
            page(web, asking, &sent.site, draft).await
        }
        Err(Error::NotFound { .. }) => asking.fault(Fault::NotFound),
        Err(error) => {
            tracing::error!(%error, "the settings of a site cannot be changed");
            asking.fault(Fault::Broken)
        }
    }
}

macro_rules! sent_or_return {
    ($web:expr, $domain:expr, $asking:expr, $body:expr) => {
        match sent(&$web, &$domain, &$asking, &$body) {
            Ok(sent) => sent,
            Err(response) => return *response,
        }
    };
}

/// `POST …/settings/collection`: a new version of the manifest.
pub(crate) async fn collection(
    State(web): State<Arc<Web>>,
    Path(domain): Path<String>,
    asking: Asking,
    body: String,
) -> Response {
    let sent = sent_or_return!(web, domain, asking, body);
    let manifest = manifest(&sent.fields);
    let note = value(&sent.fields, "note").to_owned();
    // As manifests name whoever changed them.
    let by = format!("account {}", sent.by.0);
    let result = web
        .sites
        .change_manifest(sent.site.site.id, manifest, &by, &note, (web.now)())
        .await;
    done(&web, &asking, sent, "collection", "note", result.map(drop)).await
}

/// `POST …/settings/scrub`: shows what of the past the manifest denies, and takes it once the site's name is given.
pub(crate) async fn scrub(
    State(web): State<Arc<Web>>,
    Path(domain): Path<String>,
    asking: Asking,
    body: String,
) -> Response {
    let sent = sent_or_return!(web, domain, asking, body);
    let site = &sent.site;
    let word = value(&sent.fields, "word").trim();
    let is_named = word.eq_ignore_ascii_case(site.site.domain.as_str());
    let done = (web.scrub)(site.site.id, site.manifest, !is_named).await;
    let Ok(scrubbed) = done else {
        return asking.fault(Fault::Unavailable);
    };
    if is_named && let Err(response) = record(&web, &asking, &sent).await {
        return *response;
    }
    let wrong = !word.is_empty() && !is_named;
    let draft = Draft {
        problem: wrong.then(|| ("word", asking.language.text("scrub-word-wrong"))),
        scrubbed: Some((scrubbed, is_named)),
        ..Draft::default()
    };
    page(&web, &asking, site, draft).await
}

/// The manifest that the switches show.
fn manifest(fields: &[(String, String)]) -> Manifest {
    let allowed: DataTypes = fields
        .iter()
        .filter(|(key, _)| key == "type")
        .filter_map(|(_, name)| DataType::parse(name))
        .collect();
    Manifest::new(allowed, IpKeeping::parse(value(fields, "ip")).unwrap_or_default())
}

/// `POST …/settings/goals`.
pub(crate) async fn add_goal(
    State(web): State<Arc<Web>>,
    Path(domain): Path<String>,
    asking: Asking,
    body: String,
) -> Response {
    let sent = sent_or_return!(web, domain, asking, body);
    let what = value(&sent.fields, "what").trim();
    let rule = match value(&sent.fields, "kind") {
        "page" => GoalRule::Page(what.into()),
        _ => GoalRule::Action(what.into()),
    };
    let result = web
        .sites
        .add_goal(sent.site.site.id, value(&sent.fields, "goal"), &rule)
        .await;
    let field = match &result {
        Err(Error::Refused { field: "goal", .. }) => "goal",
        _ => "what",
    };
    done(&web, &asking, sent, "goals", field, result.map(drop)).await
}

/// `POST …/settings/goals/remove`.
pub(crate) async fn remove_goal(
    State(web): State<Arc<Web>>,
    Path(domain): Path<String>,
    asking: Asking,
    body: String,
) -> Response {
    let sent = sent_or_return!(web, domain, asking, body);
    let result = web
        .sites
        .remove_goal(sent.site.site.id, value(&sent.fields, "goal"))
        .await;
    done(&web, &asking, sent, "goals", "goal", result).await
}

/// `POST …/settings/annotations`: a note on a day of the chart.
pub(crate) async fn annotate(
    State(web): State<Arc<Web>>,
    Path(domain): Path<String>,
    asking: Asking,
    body: String,
) -> Response {
    let sent = sent_or_return!(web, domain, asking, body);
    let given = value(&sent.fields, "day").trim();
    let by = format!("account {}", sent.by.0);
    let result = match given.parse() {
        Ok(day) => {
            let text = value(&sent.fields, "annotation");
            let made = web.sites.annotate(sent.site.site.id, day, text, &by, (web.now)());
            made.await.map(drop)
        }
        Err(_) => Err(Error::Refused {
            field: "day",
            problem: Problem::Day(given.to_owned()),
        }),
    };
    let field = match &result {
        Err(Error::Refused { field: "day", .. }) => "day",
        _ => "annotation",
    };
    done(&web, &asking, sent, "annotations", field, result).await
}

/// `POST …/settings/annotations/remove`.
pub(crate) async fn remove_annotation(
    State(web): State<Arc<Web>>,
    Path(domain): Path<String>,
    asking: Asking,
    body: String,
) -> Response {
    let sent = sent_or_return!(web, domain, asking, body);
    let Ok(id) = value(&sent.fields, "id").parse() else {
        return asking.fault(Fault::NotFound);
    };
    let result = web.sites.remove_annotation(sent.site.site.id, id).await;
    done(&web, &asking, sent, "annotations", "annotation", result).await
}

/// `POST …/settings/own`: addresses whose hits are not counted.
pub(crate) async fn own(
    State(web): State<Arc<Web>>,
    Path(domain): Path<String>,
    asking: Asking,
    body: String,
) -> Response {
    let sent = sent_or_return!(web, domain, asking, body);
    let networks: Vec<String> = value(&sent.fields, "networks")
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    let result = web
        .sites
        .set_excluded_networks(sent.site.site.id, &networks)
        .await;
    done(&web, &asking, sent, "own", "networks", result).await
}

/// `POST …/settings/tokens`: a token, shown this once.
pub(crate) async fn create_token(
    State(web): State<Arc<Web>>,
    Path(domain): Path<String>,
    asking: Asking,
    body: String,
) -> Response {
    let sent = sent_or_return!(web, domain, asking, body);
    let can = Can::parse(value(&sent.fields, "can")).unwrap_or(Can::Read);
    let made = web
        .sites
        .create_token(sent.site.site.id, can, value(&sent.fields, "token"), (web.now)())
        .await;
    match made {
        Ok(token) => {
            if let Err(response) = record(&web, &asking, &sent).await {
                return *response;
            }
            let draft = Draft {
                secret: Some(token.text),
                ..Draft::default()
            };
            page(&web, &asking, &sent.site, draft).await
        }
        Err(error) => done(&web, &asking, sent, "tokens", "token", Err(error)).await,
    }
}

/// `POST …/settings/tokens/revoke`.
pub(crate) async fn revoke_token(
    State(web): State<Arc<Web>>,
    Path(domain): Path<String>,
    asking: Asking,
    body: String,
) -> Response {
    let sent = sent_or_return!(web, domain, asking, body);
    let Ok(token) = value(&sent.fields, "id").parse() else {
        return asking.fault(Fault::NotFound);
    };
    let result = web
        .sites
        .revoke_token(sent.site.site.id, token, (web.now)())
        .await;
    done(&web, &asking, sent, "tokens", "token", result).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::pairs;

    #[test]
    fn a_switch_that_is_off_is_not_sent_and_denies() {
        let got = manifest(&pairs("type=page_view&type=country&type=nonsense&ip=truncated"));
        let types: Vec<DataType> = got.allowed().iter().collect();
        assert_eq!(types, [DataType::PageView, DataType::Ip, DataType::Country]);
        assert!(manifest(&[]).allowed().is_empty());
    }
}
