//! `person`: what officers do with people's data from the command line. It shows numbers, never values.

use crate::{
    arguments::Person,
    audit_waiting, clock, control,
    errand::{self, Errand},
    output,
    store::Store,
};
use anyhow::{Context, bail};
use audit::{Action, Subject};
use policy::{Purpose, retention::Contract};
use serde_json::{Value, json};
use vault::HoldId;
use vocabulary::{Moment, PersonId};

pub(crate) async fn run(store: &Store, what: Person, json: bool) -> anyhow::Result<()> {
    let now = clock::now();
    match what {
        Person::List { client } => list(store, client, json).await,
        Person::Show { person } => show(store, person_of(&person)?, json).await,
        Person::Due { carry_out } => {
            let report = if carry_out {
                control::run(store, Errand::DestroyDue, &[]).await?
            } else {
                errand::due(
                    &store
                        .vault_without_reading()
                        .await?
                        .destroy_due(now, true)
                        .await?,
                )
            };
            report.print(json);
            Ok(())
        }
        Person::Hold {
            person,
            reason,
            owner,
            review,
        } => {
            let person = person_of(&person)?;
            let owner = account(store, &owner).await?;
            let review = day_of(&review, "--review")?;
            let errand = Errand::Hold {
                person,
                owner,
                reason,
                review,
            };
            control::run(store, errand, &[]).await?.print(json);
            Ok(())
        }
        Person::Withdraw { person, purpose } => {
            let person = person_of(&person)?;
            let known: Vec<&str> = Purpose::ALL
                .iter()
                .filter(|one| one.needs_consent())
                .map(|one| one.name())
                .collect();
            let purpose = Purpose::parse(&purpose)
                .with_context(|| format!("--purpose {purpose}: give one of {}", known.join(", ")))?;
            let errand = Errand::Withdraw { person, purpose };
            control::run(store, errand, &[]).await?.print(json);
            Ok(())
        }
        Person::Contract { person, state } => {
            let person = person_of(&person)?;
            let contract = match state.as_str() {
                "runs" => Contract::Runs,
                "none" => Contract::None,
                day => Contract::Ends(day_of(day, "the state")?),
            };
            let errand = Errand::Contract { person, contract };
            control::run(store, errand, &[]).await?.print(json);
            Ok(())
        }
        Person::Keep { person, until } => {
            let person = person_of(&person)?;
            let until = until.map(|day| day_of(&day, "--until")).transpose()?;
            let errand = Errand::Keep { person, until };
            control::run(store, errand, &[]).await?.print(json);
            Ok(())
        }
        Person::Holds { person } => {
            let person = person.as_deref().map(person_of).transpose()?;
            control::run(store, Errand::Holds { person }, &[])
                .await?
                .print(json);
            Ok(())
        }
        Person::Release { hold, by } => {
            let by = account(store, &by).await?;
            let vault = store.vault_without_reading().await?;
            let standing = vault.holds_to_review(Moment(i64::MAX)).await?;
            let held = standing.iter().find(|one| one.id == HoldId(hold));
            vault.release_hold(HoldId(hold), by, now).await?;
            record(store, Action::HoldReleased, held.map(|hold| hold.person))
        }
        Person::Erase { person, reason } => {
            let person = person_of(&person)?;
            let report = control::run(store, Errand::Erase { person, reason }, &[]).await?;
            report.print(json);
            Ok(())
        }
    }
}

/// How many people are asked for at once.
const PAGE: u32 = 1_000;

async fn list(store: &Store, client: Option<u32>, json: bool) -> anyhow::Result<()> {
    let vault = store.vault_without_reading().await?;
    let (mut rows, mut last) = (Vec::new(), 0);
    loop {
        let page = vault.roll(client, last, PAGE).await?;
        let Some(end) = page.last() else { break };
        last = end.number;
        rows.extend(page.iter().map(|one| {
            vec![
                json!(one.id),
                json!(one.client),
                output::moment(one.created),
                json!(one.values),
            ]
        }));
    }
    output::rows(json, &["Person", "Client", "Since", "Values"], &rows);
    Ok(())
}

const VALUE: &[&str] = &["Value", "Class", "Given", "Basis", "Uses", "Source", "Wording"];
const HOLD: &[&str] = &["Hold", "Owner", "Review", "Released"];

async fn show(store: &Store, person: PersonId, json: bool) -> anyhow::Result<()> {
    let vault = store.vault_without_reading().await?;
    let values = vault.values(person).await?;
    let client = vault.client_of(person).await?;
    let values: Vec<Vec<Value>> = values
        .iter()
        .map(|kept| {
            let from = &kept.provenance;
            let uses: Vec<&str> = kept.uses.iter().map(|purpose| purpose.name()).collect();
            vec![
                json!(kept.id.0),
                json!(kept.class.name()),
                output::moment(from.given),
                json!(from.basis.name()),
                json!(uses),
                json!(from.source),
                json!(format!("{} {}", from.wording.id, from.wording.version)),
            ]
        })
        .collect();
    let holds = vault.holds_on(person).await?;
    let holds: Vec<Vec<Value>> = holds
        .iter()
        .map(|hold| {
            vec![
                json!(hold.id.0),
                json!(hold.owner),
                output::moment(hold.review),
                hold.released.map_or(Value::Null, |(_, at)| output::moment(at)),
            ]
        })
        .collect();
    let mut fields = vec![("person", json!(person)), ("client", json!(client))];
    if json {
        fields.push(("values", output::objects(VALUE, &values)));
        fields.push(("holds", output::objects(HOLD, &holds)));
        output::thing(true, &fields);
        return Ok(());
    }
    output::thing(false, &fields);
    for (headings, rows) in [(VALUE, &values), (HOLD, &holds)] {
        if !rows.is_empty() {
            output::line("");
            output::rows(false, headings, rows);
        }
    }
    Ok(())
}

/// The beginning of a day in UTC; `what` names it in errors.
fn day_of(text: &str, what: &str) -> anyhow::Result<Moment> {
    let day: jiff::civil::Date = text
        .parse()
        .with_context(|| format!("{what} `{text}`: give a day such as 2027-01-31"))?;
    let start = day.to_zoned(jiff::tz::TimeZone::UTC)?;
    Ok(Moment(start.timestamp().as_millisecond()))
}

fn person_of(text: &str) -> anyhow::Result<PersonId> {
    match PersonId::parse(text) {
        Some(person) => Ok(person),
        None => bail!("`{text}` is no number of a person: 32 hexadecimal digits are expected"),
    }
}

async fn account(store: &Store, login: &str) -> anyhow::Result<u32> {
    let account = store.staff().await?.account_by_login(login).await;
    Ok(account.context("no account has that login")?.id.0)
}

fn record(store: &Store, action: Action, person: Option<PersonId>) -> anyhow::Result<()> {
    let subject = Subject {
        person,
        ..Subject::default()
    };
    audit_waiting::note(&store.folder, action, subject)
}
