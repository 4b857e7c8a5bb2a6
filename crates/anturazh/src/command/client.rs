//! `client add|list|show|end`.

use crate::{arguments::Client, audit_waiting, clock, output, store::Store};
use anyhow::Context;
use audit::{Action, Subject};
use jiff::civil::Date;
use serde_json::{Value, json};
use sites::NewClient;
use vocabulary::ClientId;

pub(crate) async fn run(store: &Store, command: Client, json: bool) -> anyhow::Result<()> {
    match command {
        Client::Add { name, from, until } => {
            let new = NewClient {
                name: &name,
                contract_start: date("--from", from.as_deref())?,
                contract_end: date("--until", until.as_deref())?,
            };
            let client = store.sites.add_client(new, clock::now()).await?;
            note(store, client.id)?;
            show(&client, json);
        }
        Client::List => {
            let rows = store.sites.clients().await?.into_iter().map(|c| {
                vec![
                    json!(c.id),
                    json!(c.name),
                    day(c.contract_start),
                    day(c.contract_end),
                ]
            });
            output::rows(json, &["Id", "Name", "From", "Until"], &rows.collect::<Vec<_>>());
        }
        Client::Show { id } => show(&store.sites.client(&id.to_string()).await?, json),
        Client::End { id, on } => {
            let last_day = date("--on", on.as_deref())?.unwrap_or_else(clock::today);
            let client = store.sites.end_client(ClientId(id), last_day).await?;
            note(store, client.id)?;
            show(&client, json);
        }
    }
    Ok(())
}

fn note(store: &Store, client: ClientId) -> anyhow::Result<()> {
    let subject = Subject {
        client: Some(client),
        ..Subject::default()
    };
    audit_waiting::note(&store.folder, Action::ConfigurationChange, subject)
}

fn show(client: &sites::Client, json: bool) {
    output::thing(
        json,
        &[
            ("id", json!(client.id)),
            ("name", json!(client.name)),
            ("from", day(client.contract_start)),
            ("until", day(client.contract_end)),
        ],
    );
}

fn date(option: &str, text: Option<&str>) -> anyhow::Result<Option<Date>> {
    text.map(|t| {
        t.parse()
            .with_context(|| format!("failed to read {option} `{t}`: write it as 2026-12-31"))
    })
    .transpose()
}

fn day(date: Option<Date>) -> Value {
    date.map_or(Value::Null, |d| d.to_string().into())
}
