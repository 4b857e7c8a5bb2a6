//! What staff notes about how long a person's data are kept. Contracts and laws take an open task about the person, holds
//! the right to place them; each is recorded.

use super::desk::Desk;
use super::instead::Instead;
use super::keeping::{has_task, parsed};
use super::labels::person_path;
use super::persons::ticked;
use crate::reader::{Asking, Fields, value};
use crate::sign_in::see_other;
use crate::state::Web;
use audit::Actor;
use axum::extract::{Path, State};
use axum::response::Response;
use staff::Right;
use std::sync::Arc;
use vault::{Agreed, DutyId, NewHold};
use vocabulary::{Moment, PersonId, moment::DAY_MS};

/// The first moment of the day in a field, if there is one.
pub(super) fn day(fields: &Fields, name: &str) -> Option<Moment> {
    let day: jiff::civil::Date = value(fields, name).trim().parse().ok()?;
    let start = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Moment(start.timestamp().as_millisecond()))
}

/// Back to the page of a person, with what came of it.
fn back(person: PersonId, outcome: &str, name: &str) -> Response {
    see_other(&format!("{}?{outcome}={name}", person_path(person)))
}

/// What came of a change of the vault, in the name of `saved` or else of `problem`.
fn after<T>(
    desk: &Desk<'_>,
    person: PersonId,
    (saved, problem): (&str, &str),
    done: Result<T, office::Error>,
) -> Result<Response, Instead> {
    match done {
        Ok(_) => Ok(back(person, "saved", saved)),
        Err(office::Error::Vault(vault::Error::Refused(_))) => Ok(back(person, "problem", problem)),
        Err(error) => Err(desk.instead(error)),
    }
}

/// The person and fields of a form that takes an open task about the person; without one the way back.
async fn with_task(desk: &Desk<'_>, person: &str, body: &str) -> Result<(PersonId, Fields, Actor), Instead> {
    let fields = desk.form(body)?;
    let person = parsed(desk, person)?;
    if has_task(desk, person).await? {
        Ok((person, fields, Actor::Staff(desk.me())))
    } else {
        Err(back(person, "problem", "no-own-task").into())
    }
}

/// `POST …/contract`.
pub(crate) async fn contract(
    State(web): State<Arc<Web>>,
    Path(person): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    let (person, fields, actor) = with_task(&desk, &person, &body).await?;
    let until = day(&fields, "until");
    let has_end = !value(&fields, "until").trim().is_empty();
    let Some(from) = day(&fields, "from").filter(|_| until.is_some() == has_end) else {
        return Ok(back(person, "problem", "date"));
    };
    let agreed = Agreed {
        from,
        until: until.map(|last| last.plus_ms(DAY_MS)),
    };
    let done = web
        .office
        .set_contract(person, Some(agreed), actor, desk.now)
        .await;
    after(&desk, person, ("contract", "contract"), done)
}

/// `POST …/contract/none`.
pub(crate) async fn no_contract(
    State(web): State<Arc<Web>>,
    Path(person): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    let (person, _, actor) = with_task(&desk, &person, &body).await?;
    let done = web.office.set_contract(person, None, actor, desk.now).await;
    after(&desk, person, ("contract-none", "contract"), done)
}

/// `POST …/duties`.
pub(crate) async fn duty(
    State(web): State<Arc<Web>>,
    Path(person): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    let (person, fields, actor) = with_task(&desk, &person, &body).await?;
    let Some(last) = day(&fields, "last") else {
        return Ok(back(person, "problem", "date"));
    };
    let classes = ticked(&fields);
    let said = (classes.as_slice(), last.plus_ms(DAY_MS), value(&fields, "law"));
    let done = web.office.add_duty(person, said, actor, desk.now).await;
    after(&desk, person, ("duty", "duty"), done)
}

/// `POST …/duties/end`.
pub(crate) async fn end_duty(
    State(web): State<Arc<Web>>,
    Path(person): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    let (person, fields, actor) = with_task(&desk, &person, &body).await?;
    let duty = value(&fields, "duty").parse().map_err(|_| desk.missing())?;
    let done = web.office.end_duty(person, DutyId(duty), actor, desk.now).await;
    after(&desk, person, ("duty-end", "duty"), done)
}

/// `POST …/hold`. Whoever places a hold answers for it.
pub(crate) async fn hold(
    State(web): State<Arc<Web>>,
    Path(person): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::PlaceHolds).await?;
    let fields = desk.form(&body)?;
    let person = parsed(&desk, &person)?;
    let Some(review) = day(&fields, "review") else {
        return Ok(back(person, "problem", "date"));
    };
    let new = NewHold {
        owner: desk.me(),
        reason: value(&fields, "reason"),
        review,
    };
    let done = web
        .office
        .place_hold(person, new, Actor::Staff(desk.me()), desk.now)
        .await;
    after(&desk, person, ("hold", "hold"), done)
}
