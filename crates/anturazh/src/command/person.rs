//! `person`: what officers do with people's data from the command line. It shows numbers, never values.

use crate::{
    arguments::{Person, PersonImport},
    clock, control,
    errand::{
        self, Errand,
        import::{MOST_BYTES, Terms},
    },
    output,
    store::Store,
};
use anyhow::{Context, bail, ensure};
use policy::{FieldClass, Purpose};
use serde_json::json;
use std::{io::Read, path::Path};
use vocabulary::{Moment, PersonId, moment::DAY_MS};

pub(crate) async fn run(store: &Store, what: Person, json: bool) -> anyhow::Result<()> {
    let now = clock::now();
    match what {
        Person::List { client } => list(store, client, json).await,
        Person::Show { person } => {
            let person = person_of(&person)?;
            given(store, Errand::Show { person }, json).await
        }
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
            let review = day("--review", &review)?;
            let errand = Errand::Hold {
                person,
                owner,
                reason,
                review,
            };
            given(store, errand, json).await
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
            given(store, Errand::Withdraw { person, purpose }, json).await
        }
        Person::Holds { person } => {
            let person = person.as_deref().map(person_of).transpose()?;
            given(store, Errand::Holds { person }, json).await
        }
        Person::Review { hold, until } => {
            let review = day("--until", &until)?;
            given(store, Errand::ReviewHold { hold, review }, json).await
        }
        Person::Release { hold, by } => {
            let by = account(store, &by).await?;
            given(store, Errand::ReleaseHold { hold, by }, json).await
        }
        Person::Contract {
            person,
            from,
            until,
            none,
        } => {
            let person = person_of(&person)?;
            let until = until
                .as_deref()
                .map(|text| last_day("--until", text))
                .transpose()?;
            let contract = match from {
                Some(from) => Some((day("--from", &from)?, until)),
                None if none => None,
                None => bail!("give `--from DATE`, or `--none` where there is no contract"),
            };
            given(store, Errand::Contract { person, contract }, json).await
        }
        Person::LegalUntil {
            person,
            classes,
            until,
            law,
        } => {
            let errand = Errand::LegalDuty {
                person: person_of(&person)?,
                classes: classes_of(&classes)?,
                until: last_day("--until", &until)?,
                law,
            };
            given(store, errand, json).await
        }
        Person::LegalEnd { person, duty } => {
            let person = person_of(&person)?;
            given(store, Errand::EndLegalDuty { person, duty }, json).await
        }
        Person::Import(options) => import(store, *options, json).await,
        Person::Erase { person, reason } => {
            let person = person_of(&person)?;
            given(store, Errand::Erase { person, reason }, json).await
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

async fn import(store: &Store, options: PersonImport, json: bool) -> anyhow::Result<()> {
    let contract_until = options.contract_until.as_deref();
    let until = contract_until.map(|text| last_day("--contract-until", text));
    let until = until.transpose()?;
    let from = options.contract_from.as_deref();
    let from = from.map(|text| day("--contract-from", text)).transpose()?;
    let given = options.given.as_deref();
    let renamed = options.columns.iter().map(|pair| {
        let (theirs, ours) = pair.split_once('=').with_context(|| {
            format!("--column {pair}: give what it is called and what it is, as `Mail=email`")
        })?;
        anyhow::Ok((theirs.trim().to_owned(), ours.trim().to_owned()))
    });
    let terms = Terms {
        client: options.client,
        wording: options.wording,
        text: options
            .text
            .map(|path| {
                std::fs::read_to_string(&path).with_context(|| format!("failed to read `{}`", path.display()))
            })
            .transpose()?,
        purpose: options.purpose,
        basis: options.basis,
        source: options.source,
        language: options.language,
        given: given.map(|text| day("--given", text)).transpose()?,
        contract: from.map(|from| (from, until)),
        renamed: renamed.collect::<anyhow::Result<_>>()?,
        dry_run: options.dry_run,
    };
    let file = read(&options.file)?;
    control::run(store, Errand::Import(Box::new(terms)), &file)
        .await?
        .print(json);
    Ok(())
}

/// A file, or standard input for `-`.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let failed = || format!("failed to read `{}`", path.display());
    let mut input: Box<dyn Read> = match path.to_str() {
        Some("-") => Box::new(std::io::stdin()),
        _ => Box::new(std::fs::File::open(path).with_context(failed)?),
    };
    input
        .by_ref()
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(failed)?;
    ensure!(
        bytes.len() as u64 <= MOST_BYTES,
        "`{}` has more than {} MiB: give it in parts",
        path.display(),
        MOST_BYTES >> 20
    );
    Ok(bytes)
}

/// Has an errand run and prints what came of it.
async fn given(store: &Store, errand: Errand, json: bool) -> anyhow::Result<()> {
    control::run(store, errand, &[]).await?.print(json);
    Ok(())
}

/// The beginning of a day, in UTC.
fn day(option: &str, text: &str) -> anyhow::Result<Moment> {
    let day: jiff::civil::Date = text
        .parse()
        .with_context(|| format!("{option} {text}: give a date such as 2027-01-31"))?;
    let start = day.to_zoned(jiff::tz::TimeZone::UTC)?;
    Ok(Moment(start.timestamp().as_millisecond()))
}

/// The end of a day that counts, in UTC.
fn last_day(option: &str, text: &str) -> anyhow::Result<Moment> {
    Ok(day(option, text)?.plus_ms(DAY_MS))
}

fn classes_of(names: &[String]) -> anyhow::Result<Vec<FieldClass>> {
    if names == ["all"] {
        return Ok(FieldClass::ALL.to_vec());
    }
    let known: Vec<&str> = FieldClass::ALL.iter().map(|class| class.name()).collect();
    let class = |name: &String| {
        FieldClass::parse(name).with_context(|| {
            format!(
                "`{name}` is kept of nobody: give some of {}, or `all`",
                known.join(", ")
            )
        })
    };
    names.iter().map(class).collect()
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
