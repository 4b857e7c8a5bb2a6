//! People from another system, many at once.

use super::Desk;
use crate::{
    clock,
    output::Report,
    people_file::{self, Renamed, Row},
};
use anyhow::{Context, bail, ensure};
use audit::{Action, Actor, Entry, Subject};
use people::Language;
use policy::retention::{Contract, Facts, Rules, keep};
use policy::{FieldClass, LegalBasis, Purpose};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vault::{Agreed, Given, Incoming, Known, NewPerson, Provenance, Refusal, Seen};
use vocabulary::{Moment, PersonId, moment::DAY_MS};

/// How many are looked at, and written, at once.
const AT_ONCE: usize = 4_000;
/// The most bytes of a file.
pub(crate) const MOST_BYTES: u64 = 256 << 20;
/// How many refusals are listed; all are counted.
const LISTED: usize = 1_000;

/// What holds for everybody in a file, unless a column says otherwise.
#[derive(Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) client: u32,
    pub(crate) wording: String,
    /// The text of a wording of the operator's own, which is added under that name.
    pub(crate) text: Option<String>,
    pub(crate) purpose: Option<String>,
    pub(crate) basis: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) given: Option<Moment>,
    pub(crate) contract: Option<(Moment, Option<Moment>)>,
    pub(crate) renamed: Renamed,
    pub(crate) dry_run: bool,
}

/// Which line was refused, for which column, and what to do.
struct Fault {
    line: usize,
    field: String,
    remedy: String,
}

pub(super) async fn import(
    desk: &Desk<'_>,
    terms: &Terms,
    file: &[u8],
    at: &mut (dyn FnMut(u64, u64) + Send),
) -> anyhow::Result<Report> {
    let now = clock::now();
    if terms.client != 0 {
        let client = desk.store.sites.client(&terms.client.to_string()).await;
        client.with_context(|| format!("--client {}", terms.client))?;
    }
    let rows = people_file::rows(file, &terms.renamed)?;
    let language = language(terms.language.as_deref().unwrap_or("en"))?;
    let shown = wording(desk, terms, language, now).await?;
    let reading = Reading {
        terms,
        shown: &shown,
        language,
        now,
    };
    let vault = &desk.office.vault;
    let total = rows.len();
    let (mut added, mut known, mut faults) = (0_usize, 0_usize, Vec::new());
    let mut seen = Seen::default();
    at(0, total as u64);
    for (nth, some) in rows.chunks(AT_ONCE).enumerate() {
        let mut lines = Vec::with_capacity(some.len());
        let mut incoming = Vec::with_capacity(some.len());
        for row in some {
            let read = reading
                .read(row)
                .and_then(|one| match vault.refusal(&one.new, now) {
                    Some(refusal) => Err(refused(row.line, refusal)),
                    None => Ok(one),
                });
            match read {
                Ok(one) => {
                    lines.push(row.line);
                    incoming.push(one);
                }
                Err(fault) => faults.push(fault),
            }
        }
        let standing = vault.known(terms.client, &incoming, &mut seen).await?;
        let mut fresh = Vec::with_capacity(incoming.len());
        for ((one, line), standing) in incoming.into_iter().zip(lines).zip(standing) {
            match standing {
                Known::New => fresh.push(one),
                Known::There => known += 1,
                Known::Nameless => faults.push(Fault {
                    line,
                    field: "id".into(),
                    remedy: "without e-mail and telephone nobody is known again: add a column `id`".into(),
                }),
            }
        }
        added += fresh.len();
        if !terms.dry_run {
            take(desk, fresh, now).await?;
        }
        at((nth * AT_ONCE + some.len()) as u64, total as u64);
    }
    let seconds = (clock::now().0 - now.0) as f64 / 1_000.0;
    let per_second = (added as f64 / seconds.max(0.001)).round() as u64;
    faults.sort_by_key(|fault| fault.line);
    let refused = faults.len();
    let faults = faults.into_iter().take(LISTED);
    let faults = faults.map(|fault| vec![json!(fault.line), json!(fault.field), json!(fault.remedy)]);
    Ok(Report::Sheet(
        vec![
            ("rows".into(), json!(total)),
            (
                if terms.dry_run { "would be added" } else { "added" }.into(),
                json!(added),
            ),
            ("there already".into(), json!(known)),
            ("refused".into(), json!(refused)),
            (
                "people per second".into(),
                if terms.dry_run {
                    Value::Null
                } else {
                    json!(per_second)
                },
            ),
        ],
        vec![Report::table(
            "faults",
            &["Line", "Field", "What to do"],
            faults.collect(),
        )],
    ))
}

/// Writes people, and into the log that they were received.
async fn take(desk: &Desk<'_>, fresh: Vec<Incoming>, now: Moment) -> anyhow::Result<()> {
    let counts: Vec<(Vec<u8>, u32)> = fresh
        .iter()
        .map(|one| {
            let mut classes: Vec<u8> = one
                .new
                .given
                .values
                .iter()
                .map(|(class, _)| *class as u8)
                .collect();
            classes.sort_unstable();
            (classes, one.new.given.values.len() as u32)
        })
        .collect();
    let imported = desk.office.vault.import(fresh, now).await?;
    ensure!(
        imported.refused.is_empty(),
        "what was checked was refused: give the command again"
    );
    let entries = imported.people.iter().map(|(place, person): &(usize, PersonId)| {
        let (classes, count) = counts[*place].clone();
        desk.office.record(Entry {
            subject: Subject {
                person: Some(*person),
                ..Subject::default()
            },
            classes,
            count,
            ..Entry::new(now, Actor::System, Action::Receive)
        })
    });
    futures::future::try_join_all(entries).await?;
    Ok(())
}

/// The wording under which everybody gave what is in the file.
async fn wording(
    desk: &Desk<'_>,
    terms: &Terms,
    language: Language,
    now: Moment,
) -> anyhow::Result<people::Wording> {
    let people = &desk.office.people;
    if let (Some(text), false) = (&terms.text, terms.dry_run) {
        let (Some(purpose), Some(basis)) = (&terms.purpose, &terms.basis) else {
            bail!("a wording of your own takes `--purpose` and `--basis`");
        };
        let new = people::NewWording {
            id: &terms.wording,
            purpose: purpose_of(purpose)?,
            basis: basis_of(basis)?,
            classes: FieldClass::ALL,
            valid_ms: None,
            english: text,
            russian: text,
        };
        people.add_wording(&new, now).await?;
    }
    match people.wording(&terms.wording, language).await {
        Ok(wording) => Ok(wording),
        // It is added when the file is taken.
        Err(people::Error::NotFound(_)) if terms.text.is_some() => {
            Ok(people.wording("enquiry", language).await?)
        }
        Err(people::Error::NotFound(_)) => {
            let mut ids: Vec<String> = people.wordings().await?.into_iter().map(|one| one.id).collect();
            ids.dedup();
            bail!(
                "there is no wording `{}`: there are {}; or give the text that people were shown with `--text FILE`",
                terms.wording,
                ids.join(", ")
            )
        }
        Err(error) => Err(error.into()),
    }
}

fn language(text: &str) -> anyhow::Result<Language> {
    Language::parse(text).with_context(|| format!("--language {text}: give `en` or `ru`"))
}

/// Purposes and bases that can be brought along. A consent cannot: its record and receipt are with whoever took it.
fn purpose_of(text: &str) -> anyhow::Result<Purpose> {
    let can_be = |purpose: &Purpose| !purpose.needs_consent() && !purpose.is_by_law();
    let known: Vec<&str> = Purpose::ALL
        .iter()
        .filter(|p| can_be(p))
        .map(|p| p.name())
        .collect();
    Purpose::parse(text)
        .filter(can_be)
        .with_context(|| format!("give one of {}", known.join(", ")))
}

fn basis_of(text: &str) -> anyhow::Result<LegalBasis> {
    LegalBasis::parse(text)
        .filter(|basis| *basis != LegalBasis::Consent)
        .context(
            "give contract, legitimate_interest or legal_obligation; a consent is not taken over without its record: ask \
             for it anew",
        )
}

/// The first moment of a day, in UTC.
pub(crate) fn day_of(text: &str) -> Option<Moment> {
    let day: jiff::civil::Date = text.get(..10).unwrap_or(text).parse().ok()?;
    let start = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Moment(start.timestamp().as_millisecond()))
}

/// How rows become people.
struct Reading<'a> {
    terms: &'a Terms,
    shown: &'a people::Wording,
    language: Language,
    now: Moment,
}

impl Reading<'_> {
    fn read(&self, row: &Row) -> Result<Incoming, Fault> {
        let fault = |field: &str, remedy: &str| Fault {
            line: row.line,
            field: field.to_owned(),
            remedy: remedy.to_owned(),
        };
        let cell = |name: &str| row.cells.get(name).map(credentials::Sealed::reveal);
        let day = |name: &str| match cell(name) {
            None => Ok(None),
            Some(text) => match day_of(text) {
                Some(day) => Ok(Some(day)),
                None => Err(fault(name, "give a date such as 2026-01-31")),
            },
        };
        let purpose = match cell("purpose").or(self.terms.purpose.as_deref()) {
            Some(text) => purpose_of(text).map_err(|error| fault("purpose", &error.to_string()))?,
            None => self.shown.purpose,
        };
        let basis = match cell("basis").or(self.terms.basis.as_deref()) {
            Some(text) => basis_of(text).map_err(|error| fault("basis", &error.to_string()))?,
            None => self.shown.basis,
        };
        if basis == LegalBasis::Consent || purpose.needs_consent() {
            let remedy = "name another wording: a consent is not taken over without its record";
            return Err(fault("wording", remedy));
        }
        let given = day("given")?
            .or(self.terms.given)
            .filter(|given| *given <= self.now);
        let Some(given) = given else {
            let remedy = "say when it was given: a date that is over, in a column `given` or by `--given`";
            return Err(fault("given", remedy));
        };
        let source = cell("source").or(self.terms.source.as_deref());
        let Some(source) = source.filter(|source| source.chars().count() <= 100) else {
            let remedy =
                "say where it comes from, in 100 characters at most: in a column `source` or by `--source`";
            return Err(fault("source", remedy));
        };
        let language = match cell("language") {
            None => self.language,
            Some(text) => Language::parse(text).ok_or_else(|| fault("language", "give `en` or `ru`"))?,
        };
        let contract = match (day("contract_from")?, day("contract_until")?) {
            (Some(from), until) => Some(Agreed {
                from,
                until: until.map(|last| last.plus_ms(DAY_MS)),
            }),
            (None, Some(_)) => return Err(fault("contract_from", "give the first day of the contract too")),
            (None, None) => self.terms.contract.map(|(from, until)| Agreed { from, until }),
        };
        if contract.is_some_and(|contract| contract.until.is_some_and(|until| until <= contract.from)) {
            return Err(fault(
                "contract_until",
                "it is before the first day of the contract",
            ));
        }
        let facts = Facts {
            basis,
            given,
            consent: None,
            contract: match contract {
                None => Contract::Unknown,
                Some(Agreed { until: None, .. }) => Contract::Runs,
                Some(Agreed {
                    until: Some(until), ..
                }) => Contract::Ends(until),
            },
            account: Contract::Unknown,
            legal_until: None,
            is_held: false,
        };
        if keep(&facts, &Rules::default()).0.is_over(self.now) {
            let remedy = "nothing carries it any longer, so it would be destroyed at once: say which contract runs \
                          (`contract_from`), or leave it out";
            return Err(fault("given", remedy));
        }
        let values = row.cells.iter().filter_map(|(name, text)| {
            let class = FieldClass::parse(name)?;
            Some((class, text.clone()))
        });
        let given = Given {
            provenance: Provenance {
                purposes: vec![purpose],
                basis,
                wording: self.shown.reference(),
                source: source.to_owned(),
                language: language.name().to_owned(),
                given,
            },
            values: values.collect(),
        };
        if given.values.is_empty() {
            return Err(fault("name", "there is nothing of this person"));
        }
        Ok(Incoming {
            new: NewPerson {
                client: self.terms.client,
                given,
            },
            contract,
            row: row.cells.get("id").cloned(),
        })
    }
}

/// What the vault refused, by column.
fn refused(line: usize, refusal: Refusal) -> Fault {
    let (field, remedy) = match refusal {
        Refusal::Empty(class) => (class.name(), "it is empty".to_owned()),
        Refusal::TooLong(class) => (
            class.name(),
            format!("it has more than {} characters", class.most_characters()),
        ),
        Refusal::Shape(FieldClass::BudgetRange) => (
            FieldClass::BudgetRange.name(),
            "give the id of one of `agency.budget_ranges`".to_owned(),
        ),
        Refusal::Shape(class) => (
            class.name(),
            "it does not look like one: correct it or leave it empty".to_owned(),
        ),
        other => ("purpose", other.to_string()),
    };
    Fault {
        line,
        field: field.to_owned(),
        remedy,
    }
}
