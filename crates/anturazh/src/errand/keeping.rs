//! What is kept of a person, how long and why; and what is said about that on the command line.

use super::Desk;
use crate::{
    clock,
    output::{self, Report},
};
use audit::Actor;
use policy::FieldClass;
use policy::retention::{Keep, Why};
use serde_json::{Value, json};
use std::collections::HashMap;
use vault::{Agreed, DutyId, HoldId, NewHold};
use vocabulary::{Moment, PersonId};

/// Says which contract a person has, from its first day to its last, or that there is none.
pub(super) async fn contract(
    desk: &Desk<'_>,
    person: PersonId,
    contract: Option<Agreed>,
) -> anyhow::Result<Report> {
    let office = desk.office;
    office
        .set_contract(person, contract, Actor::System, clock::now())
        .await?;
    show(desk, person).await
}

/// Says until when a law wants values of a person.
pub(super) async fn duty(
    desk: &Desk<'_>,
    person: PersonId,
    classes: &[FieldClass],
    until: Moment,
    law: &str,
) -> anyhow::Result<Report> {
    let said = (classes, until, law);
    desk.office
        .add_duty(person, said, Actor::System, clock::now())
        .await?;
    show(desk, person).await
}

/// Takes a legal duty back.
pub(super) async fn end_duty(desk: &Desk<'_>, person: PersonId, duty: i64) -> anyhow::Result<Report> {
    desk.office
        .end_duty(person, DutyId(duty), Actor::System, clock::now())
        .await?;
    show(desk, person).await
}

pub(super) async fn hold(desk: &Desk<'_>, person: PersonId, new: NewHold<'_>) -> anyhow::Result<Report> {
    let hold = desk
        .office
        .place_hold(person, new, Actor::System, clock::now())
        .await?;
    Ok(Report::thing([("hold", json!(hold.0))]))
}

/// Moves the day on which a hold is looked at again.
pub(super) async fn review_hold(desk: &Desk<'_>, hold: i64, review: Moment) -> anyhow::Result<Report> {
    let (hold, now) = (HoldId(hold), clock::now());
    let hold = desk.office.review_hold(hold, review, Actor::System, now).await?;
    Ok(Report::thing([
        ("hold", json!(hold.id.0)),
        ("person", json!(hold.person)),
        ("review", output::day(hold.review)),
    ]))
}

pub(super) async fn release_hold(desk: &Desk<'_>, hold: i64, by: u32) -> anyhow::Result<Report> {
    let hold = desk
        .office
        .release_hold(HoldId(hold), by, Actor::System, clock::now())
        .await?;
    Ok(Report::thing([
        ("hold", json!(hold.id.0)),
        ("person", json!(hold.person)),
    ]))
}

const HOLD: &[&str] = &[
    "Hold", "Person", "Owner", "Placed", "Review", "Overdue", "Reason", "Released",
];

/// The holds that stand, of one person or of all, with their reasons.
pub(super) async fn holds(desk: &Desk<'_>, person: Option<PersonId>) -> anyhow::Result<Report> {
    let vault = &desk.office.vault;
    let mut holds = match person {
        Some(person) => vault.holds_on(person).await?,
        None => vault.holds_to_review(Moment(i64::MAX)).await?,
    };
    holds.retain(|hold| hold.released.is_none());
    let headings = HOLD[..HOLD.len() - 1].iter().map(|heading| (*heading).to_owned());
    let mut rows = rows_of_holds(desk, &holds).await?;
    for row in &mut rows {
        row.pop();
    }
    Ok(Report::Rows(headings.collect(), rows))
}

async fn rows_of_holds(desk: &Desk<'_>, holds: &[vault::Hold]) -> anyhow::Result<Vec<Vec<Value>>> {
    let accounts = desk.staff.accounts().await?;
    let now = clock::now();
    let mut rows = Vec::new();
    for hold in holds {
        let owner = accounts.iter().find(|account| account.id.0 == hold.owner);
        let reason = desk.office.vault.hold_reason(hold).await?;
        rows.push(vec![
            json!(hold.id.0),
            json!(hold.person),
            json!(owner.map_or_else(|| hold.owner.to_string(), |owner| owner.login.reveal().to_owned())),
            output::day(hold.placed),
            output::day(hold.review),
            json!(hold.released.is_none() && hold.review <= now),
            json!(reason.reveal()),
            hold.released.map_or(Value::Null, |(_, at)| output::moment(at)),
        ]);
    }
    Ok(rows)
}

const VALUE: &[&str] = &[
    "Value",
    "Class",
    "Given",
    "Basis",
    "Uses",
    "Source",
    "Wording",
    "Kept until",
    "Why",
];

/// What is kept of a person, where it comes from, what it may be used for, how long it is kept and why.
pub(super) async fn show(desk: &Desk<'_>, person: PersonId) -> anyhow::Result<Report> {
    let vault = &desk.office.vault;
    let client = vault.client_of(person).await?;
    let contract = vault.contract(person).await?;
    let ends = vault.ends(person).await?;
    let ends: HashMap<_, _> = ends.iter().map(|end| (end.value, (end.keep, end.why))).collect();
    let values = vault.values(person).await?;
    let values = values.iter().map(|kept| {
        let from = &kept.provenance;
        let uses: Vec<&str> = kept.uses.iter().map(|purpose| purpose.name()).collect();
        let (until, why) = match ends.get(&kept.id) {
            Some((keep, why)) => (until(*keep), words(*why).into()),
            None => (Value::Null, Value::Null),
        };
        vec![
            json!(kept.id.0),
            json!(kept.class.name()),
            output::moment(from.given),
            json!(from.basis.name()),
            json!(uses),
            json!(from.source),
            json!(format!("{} {}", from.wording.id, from.wording.version)),
            until,
            why,
        ]
    });
    let values = values.collect();
    let duties = vault.duties(person).await?;
    let duties = duties.iter().map(|duty| {
        let classes: Vec<&str> = duty.classes.iter().map(|class| class.name()).collect();
        vec![
            json!(duty.id.0),
            json!(classes),
            output::day(duty.until.plus_ms(-1)),
            json!(duty.law.reveal()),
        ]
    });
    let duties = duties.collect();
    let holds = rows_of_holds(desk, &vault.holds_on(person).await?).await?;
    Ok(Report::Sheet(
        vec![
            ("person".into(), json!(person)),
            ("client".into(), json!(client)),
            (
                "contract from".into(),
                contract.map_or(Value::Null, |contract| output::day(contract.from)),
            ),
            (
                "contract until".into(),
                contract
                    .and_then(|contract| contract.until)
                    .map_or(Value::Null, |until| output::day(until.plus_ms(-1))),
            ),
        ],
        vec![
            Report::table("values", VALUE, values),
            Report::table("duties", &["Duty", "Classes", "Until", "Law"], duties),
            Report::table("holds", HOLD, holds),
        ],
    ))
}

fn until(keep: Keep) -> Value {
    match keep {
        Keep::Until(end) => output::moment(end),
        Keep::WhileContractRuns => "while the contract runs".into(),
        Keep::WhileHeld => "while it is on hold".into(),
    }
}

const fn words(why: Why) -> &'static str {
    match why {
        Why::Hold => "hold",
        Why::Law => "law",
        Why::LegalDuty => "given by law",
        Why::Contract => "contract",
        Why::Account => "account",
        Why::Consent => "consent",
        Why::Given => "given without a contract",
    }
}
