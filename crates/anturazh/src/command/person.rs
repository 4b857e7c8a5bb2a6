//! `person`: what officers do with people's data from the command line. It shows numbers, never values.

use crate::{arguments::Person, audit_waiting, clock, output, store::Store};
use anyhow::{Context, bail};
use audit::{Action, Actor, Entry, Subject};
use serde_json::json;
use vault::{HoldId, NewHold};
use vocabulary::{Moment, PersonId};

pub(crate) async fn run(store: &Store, what: Person, json: bool) -> anyhow::Result<()> {
    let now = clock::now();
    match what {
        Person::Due => {
            let vault = store.vault_without_reading().await?;
            let rows: Vec<_> = vault
                .destroy_due(now, true)
                .await?
                .iter()
                .map(|due| {
                    let classes: Vec<&str> = due.classes.iter().map(|class| class.name()).collect();
                    vec![
                        json!(due.person.to_string()),
                        json!(due.is_whole),
                        json!(classes.join(", ")),
                    ]
                })
                .collect();
            output::rows(json, &["Person", "Wholly", "Classes"], &rows);
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
            let review: jiff::civil::Date = review
                .parse()
                .with_context(|| format!("--review {review}: give a date such as 2027-01-31"))?;
            let review = Moment(
                review
                    .to_zoned(jiff::tz::TimeZone::UTC)?
                    .timestamp()
                    .as_millisecond(),
            );
            let vault = store.vault_without_reading().await?;
            let new = NewHold {
                owner,
                reason: &reason,
                review,
            };
            let hold = vault.place_hold(person, new, now).await?;
            record(store, Action::Hold, Some(person), now)?;
            output::thing(json, &[("hold", json!(hold.0))]);
            Ok(())
        }
        Person::Release { hold, by } => {
            let by = account(store, &by).await?;
            let vault = store.vault_without_reading().await?;
            vault.release_hold(HoldId(hold), by, now).await?;
            record(store, Action::HoldReleased, None, now)
        }
        Person::Erase { person, reason } => {
            let person = person_of(&person)?;
            let office = store.office().await.context(
                "failed to erase; if a server is running, stop it first: the audit log is one process's",
            )?;
            let gone = office.erase(person, &reason, Actor::System, now).await?;
            office.audit.checkpoint()?;
            office.audit.close().await?;
            output::thing(
                json,
                &[
                    ("person", json!(person.to_string())),
                    ("letters", json!(gone.rows.letters)),
                    ("consents", json!(gone.rows.consent_events)),
                    ("cases", json!(gone.rows.cases)),
                    ("waiting mails", json!(gone.mails)),
                    ("bytes gone", json!(gone.bytes_gone)),
                ],
            );
            Ok(())
        }
    }
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

fn record(store: &Store, action: Action, person: Option<PersonId>, now: Moment) -> anyhow::Result<()> {
    let entry = Entry {
        subject: Subject {
            person,
            ..Subject::default()
        },
        ..Entry::new(now, Actor::System, action)
    };
    audit_waiting::leave(&store.folder, &entry)
}
