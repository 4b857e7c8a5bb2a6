//! `POST /api/v2/query`: questions of programs.

use crate::{
    problem::Problem,
    questions::{AGAIN_S, ASKING},
    state::Web,
    views,
};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use reports::{json, period::Calendar};
use sites::Can;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/api/v2/query", post(query))
        .layer(DefaultBodyLimit::max(256 * 1024))
}

async fn query(State(web): State<Arc<Web>>, headers: HeaderMap, body: Bytes) -> Response {
    match answer(&web, &headers, &body).await {
        Ok(text) => (
            [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "no-store"),
            ],
            text,
        )
            .into_response(),
        Err(problem) => problem.into_response(),
    }
}

async fn answer(web: &Web, headers: &HeaderMap, body: &[u8]) -> Result<String, Problem> {
    let snapshot = web.sites.snapshot();
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, token)| snapshot.token(token.trim()))
        .filter(|grant| grant.can == Can::Read);
    let Some(grant) = token else {
        web.office.refused(office::Refused::WrongToken, None);
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "bad_token", "a read token is needed")
            .remedy("make one with `anturazh token create --site DOMAIN --can read` and send `Authorization: Bearer TOKEN`"));
    };
    // A digest of it would do as well; the text is hashed and kept nowhere.
    let whose = headers
        .get(header::AUTHORIZATION)
        .map(header::HeaderValue::as_bytes);
    let whose = String::from_utf8_lossy(whose.unwrap_or_default());
    web.questions
        .spend(&whose, ASKING, (web.now)())
        .map_err(|wait_ms| {
            web.office.refused(office::Refused::TooMany, None);
            Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_questions",
                "this token asked 300 questions at once, or more than 5 a second",
            )
            .retry_after((wait_ms + 999) / 1_000)
            .remedy("wait as long as `Retry-After` says, and ask for more in one question")
        })?;
    let request = json::Request::read(body).map_err(bad)?;
    let site = snapshot
        .by_domain(&request.site_id)
        .filter(|site| site.site.id == grant.site);
    let Some(site) = site else {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "unknown_site",
            "the token opens no site of that name",
        )
        .field("site_id")
        .remedy("ask for the site that the token was made for"));
    };
    let (site, now) = (Arc::clone(site), (web.now)());
    let calendar = Calendar {
        time_zone: &site.zone,
        now,
        first_event: (web.first_event)(site.site.id),
    };
    let question = request.question(&calendar, &site.goals).map_err(bad)?;
    let unavailable = |_| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "archive_unavailable",
            "the archive cannot be read now",
        )
        .remedy("try again shortly")
    };
    let turn = web.questions.turn().await.map_err(|_| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "too many questions are being answered now",
        )
        .retry_after(AGAIN_S)
        .remedy("ask again shortly")
    })?;
    let asked = std::slice::from_ref(&question);
    let view = views::of_ranges(web, site.site.id, asked)
        .await
        .map_err(unavailable)?;
    let whole = views::whole_if_needed(web, site.site.id, &view)
        .await
        .map_err(unavailable)?;
    let view = whole.unwrap_or(view);
    tokio::task::spawn_blocking(move || {
        // Also where whoever asked is gone: the counting goes on to its end.
        let _turn = turn;
        let about = reports::Site {
            time_zone: &site.zone,
            currency: site.site.currency,
            goals: &site.goals,
        };
        let answer = reports::answer(&question, &view, &about);
        json::write(&request, &question, &answer, &about).to_string()
    })
    .await
    .map_err(|_| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the question could not be answered",
        )
    })
}

fn bad(question: reports::BadQuestion) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "bad_question",
        format!("{} in `{}`", question.problem, question.field),
    )
    .field(question.field)
    .remedy(question.remedy)
}
