//! Ends: how long each value may be kept, and destroying what nothing carries any longer.

use crate::choice::classes_of;
use crate::contract::contract_of;
use crate::person::{delete_spent_givings, refuse_if_held};
use crate::reading::{class_of, id_of};
use crate::{Agreed, Error, Provenance, ValueId, Vault};
use policy::retention::{Choice, Contract, Facts, Keep, Why, consent, keep};
use policy::{FieldClass, LegalBasis, Purpose};
use serde::Serialize;
use sqlx::{Row, any::AnyRow};
use std::collections::HashMap;
use vocabulary::{Moment, PersonId};

/// How many people are looked at, at a time.
const PAGE: i64 = 500;

/// A person of whom something has no basis left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// Whose.
    pub person: PersonId,
    /// Whether it is everything, so that the person goes altogether.
    pub is_whole: bool,
    /// Which values.
    pub values: Vec<(ValueId, FieldClass)>,
}

/// How long a value is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct End {
    /// Which value.
    pub value: ValueId,
    /// What it is.
    pub class: FieldClass,
    /// How long.
    pub keep: Keep,
    /// What carries it so long.
    pub why: Why,
}

/// A record of what was destroyed: whose and what kind, no values.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Destroyed {
    /// Whose.
    pub person: PersonId,
    /// Whether the person went altogether.
    pub is_whole: bool,
    /// The classes of the values, one entry for each.
    pub classes: Vec<FieldClass>,
    /// When.
    pub destroyed: Moment,
}

/// A person, as far as retention is concerned.
struct Subject {
    number: i64,
    id: PersonId,
    created: Moment,
    contract: Contract,
    account: Contract,
    /// What laws demand, and until when.
    duties: Vec<(Vec<FieldClass>, Moment)>,
    is_held: bool,
}

impl Subject {
    fn keep(
        &self,
        class: Option<FieldClass>,
        basis: LegalBasis,
        given: Moment,
        consent: Option<Moment>,
        vault: &Vault,
    ) -> (Keep, Why) {
        let demanded = |(classes, until): &(Vec<FieldClass>, Moment)| {
            class
                .is_none_or(|class| classes.contains(&class))
                .then_some(*until)
        };
        let facts = Facts {
            basis,
            given,
            consent,
            contract: self.contract,
            account: self.account,
            legal_until: self.duties.iter().filter_map(demanded).max(),
            is_held: self.is_held,
        };
        keep(&facts, &vault.settings.retention)
    }
}

impl Vault {
    /// People whose contract nobody has said anything of since before then: the clock of their data has no start.
    pub async fn contract_unknown(&self, before: Moment) -> Result<Vec<PersonId>, Error> {
        let rows = sqlx::query(
            "SELECT id FROM persons WHERE contract = 'unknown' AND created_ms < $1
             AND NOT EXISTS (SELECT 1 FROM contracts WHERE contracts.person = persons.number)
             AND NOT EXISTS (SELECT 1 FROM client_contracts WHERE client_contracts.client = persons.client)
             ORDER BY number",
        )
        .bind(before.0)
        .fetch_all(self.fields.pool())
        .await?;
        rows.iter().map(|row| id_of(row.try_get(0)?)).collect()
    }

    /// How long each of a person's values is kept and why, as of what is known now.
    pub async fn ends(&self, person: PersonId) -> Result<Vec<End>, Error> {
        let number = self.person_row(person).await?.number;
        let page = self.page(number - 1, number).await?;
        Ok(page.into_iter().flat_map(|(_, ends)| ends).collect())
    }

    /// Everything that has no basis left. Looks at every person; opens nothing.
    pub async fn due(&self, now: Moment) -> Result<Vec<Due>, Error> {
        let mut due = Vec::new();
        let mut last = 0;
        while let Some(end) = self.next_page(last).await? {
            due.extend(self.due_between(last, end, now).await?);
            last = end;
        }
        Ok(due)
    }

    /// Destroys everything that has no basis left, or with `dry_run` only says what. A person of whom nothing is left is
    /// erased with a tombstone. Each destruction is recorded in the same transaction or right after it.
    pub async fn destroy_due(&self, now: Moment, dry_run: bool) -> Result<Vec<Destroyed>, Error> {
        let mut destroyed = Vec::new();
        for due in self.due(now).await? {
            let record = Destroyed {
                person: due.person,
                is_whole: due.is_whole,
                classes: due.values.iter().map(|(_, class)| *class).collect(),
                destroyed: now,
            };
            if dry_run {
                destroyed.push(record);
                continue;
            }
            match self.destroy_one(&due, &record, now).await {
                // Put on hold, or erased, since it was looked at.
                Err(Error::Refused(_) | Error::NotFound(_)) => {}
                Err(other) => return Err(other),
                Ok(()) => destroyed.push(record),
            }
        }
        if !dry_run && !destroyed.is_empty() {
            self.scrubbed().await?;
        }
        Ok(destroyed)
    }

    async fn destroy_one(&self, due: &Due, record: &Destroyed, now: Moment) -> Result<(), Error> {
        if due.is_whole {
            self.destroy(due.person, "retention: nothing carries it any longer", now)
                .await?;
            let mut write = self.fields.write().await?;
            record_destruction(&mut write, record).await?;
            return write.commit().await;
        }
        let (mut write, number) = self.change(due.person).await?;
        refuse_if_held(&mut write, number).await?;
        for (value, _) in &due.values {
            sqlx::query("DELETE FROM fields WHERE person = $1 AND id = $2")
                .bind(number)
                .bind(value.0)
                .execute(&mut **write)
                .await?;
        }
        delete_spent_givings(&mut write, number).await?;
        record_destruction(&mut write, record).await?;
        write.commit().await
    }

    /// What was destroyed since then, by retention or value by value, oldest first. Who was erased on request has a
    /// tombstone instead.
    pub async fn destructions(&self, since: Moment) -> Result<Vec<Destroyed>, Error> {
        let rows = sqlx::query(
            "SELECT person, is_whole, classes, destroyed_ms FROM destructions WHERE destroyed_ms >= $1 ORDER BY id",
        )
        .bind(since.0)
        .fetch_all(self.fields.pool())
        .await?;
        rows.iter()
            .map(|row| {
                let classes = classes_of(&row.try_get::<String, _>(2)?);
                Ok(Destroyed {
                    person: id_of(row.try_get(0)?)?,
                    is_whole: row.try_get::<i64, _>(1)? == 1,
                    classes: classes.ok_or(Error::Corrupt("destruction"))?,
                    destroyed: Moment(row.try_get(3)?),
                })
            })
            .collect()
    }

    /// The number of the last person of the page after that one.
    async fn next_page(&self, last: i64) -> Result<Option<i64>, Error> {
        let row = sqlx::query(
            "SELECT MAX(number) FROM (SELECT number FROM persons WHERE number > $1 ORDER BY number LIMIT $2) AS page",
        )
        .bind(last)
        .bind(PAGE)
        .fetch_one(self.fields.pool())
        .await?;
        Ok(row.try_get(0)?)
    }

    async fn due_between(&self, after: i64, last: i64, now: Moment) -> Result<Vec<Due>, Error> {
        let mut due = Vec::new();
        for (subject, ends) in self.page(after, last).await? {
            let values: Vec<(ValueId, FieldClass)> = ends
                .iter()
                .filter(|end| end.keep.is_over(now))
                .map(|end| (end.value, end.class))
                .collect();
            // Somebody of whom there are no values is kept as what was given towards a contract would be.
            let is_whole = values.len() == ends.len()
                && (!ends.is_empty()
                    || subject
                        .keep(None, LegalBasis::Contract, subject.created, None, self)
                        .0
                        .is_over(now));
            if is_whole || !values.is_empty() {
                due.push(Due {
                    person: subject.id,
                    is_whole,
                    values,
                });
            }
        }
        Ok(due)
    }

    async fn page(&self, after: i64, last: i64) -> Result<Vec<(Subject, Vec<End>)>, Error> {
        let rows = sqlx::query(
            "SELECT number, id, created_ms, persons.contract AS contract, persons.contract_ms AS contract_ms,
                contracts.from_ms AS from_ms, contracts.until_ms AS until_ms,
                client_contracts.contract AS client_contract,
                client_contracts.contract_ms AS client_contract_ms,
                (SELECT COUNT(*) FROM holds WHERE holds.person = persons.number AND released_ms IS NULL) AS holds
             FROM persons LEFT JOIN client_contracts ON client_contracts.client = persons.client
             LEFT JOIN contracts ON contracts.person = persons.number
             WHERE number > $1 AND number <= $2 ORDER BY number",
        )
        .bind(after)
        .bind(last)
        .fetch_all(self.fields.pool())
        .await?;
        let mut page = Vec::with_capacity(rows.len());
        for row in &rows {
            page.push((subject_of(row)?, Vec::<End>::new()));
        }
        let duties = sqlx::query(
            "SELECT person, classes, until_ms FROM legal_duties WHERE person > $1 AND person <= $2",
        )
        .bind(after)
        .bind(last)
        .fetch_all(self.fields.pool())
        .await?;
        for row in &duties {
            let classes = classes_of(&row.try_get::<String, _>(1)?).ok_or(Error::Corrupt("duty"))?;
            let person: i64 = row.try_get(0)?;
            if let Ok(place) = page.binary_search_by_key(&person, |(subject, _)| subject.number) {
                page[place].0.duties.push((classes, Moment(row.try_get(2)?)));
            }
        }
        let mut choices: HashMap<i64, Vec<(Purpose, Choice)>> = HashMap::new();
        for (person, choice) in self.choices_of(after + 1, last).await? {
            choices.entry(person).or_default().push(choice);
        }
        let mut givings = HashMap::new();
        for row in sqlx::query("SELECT * FROM givings WHERE person > $1 AND person <= $2")
            .bind(after)
            .bind(last)
            .fetch_all(self.fields.pool())
            .await?
        {
            givings.insert(row.try_get::<i64, _>("id")?, Provenance::of(&row)?);
        }
        let fields = sqlx::query(
            "SELECT id, person, class, giving FROM fields WHERE person > $1 AND person <= $2 ORDER BY person, id",
        )
        .bind(after)
        .bind(last)
        .fetch_all(self.fields.pool())
        .await?;
        for row in &fields {
            let person: i64 = row.try_get("person")?;
            let class = class_of(row.try_get("class")?)?;
            let Ok(place) = page.binary_search_by_key(&person, |(subject, _)| subject.number) else {
                // Added since the people were listed.
                continue;
            };
            let Some(given) = givings.get(&row.try_get::<i64, _>("giving")?) else {
                continue;
            };
            let chosen = choices.get(&person).map_or(&[][..], Vec::as_slice);
            let consent = consent(class, given.basis, &given.purposes, given.given, chosen);
            let (subject, ends) = &mut page[place];
            let (keep, why) = subject.keep(Some(class), given.basis, given.given, consent, self);
            ends.push(End {
                value: ValueId(row.try_get("id")?),
                class,
                keep,
                why,
            });
        }
        Ok(page)
    }
}

fn subject_of(row: &AnyRow) -> Result<Subject, Error> {
    let account = contract_of(
        &row.try_get::<String, _>("contract")?,
        row.try_get("contract_ms")?,
    )?;
    let agreed = Agreed::of(row, "from_ms", "until_ms")?;
    let clients = match row.try_get::<Option<String>, _>("client_contract")? {
        Some(state) => contract_of(&state, row.try_get("client_contract_ms")?)?,
        None => Contract::Unknown,
    };
    Ok(Subject {
        number: row.try_get("number")?,
        id: id_of(row.try_get("id")?)?,
        created: Moment(row.try_get("created_ms")?),
        contract: agreed.map_or(Contract::Unknown, Agreed::counted).longer(clients),
        account,
        duties: Vec::new(),
        is_held: row.try_get::<i64, _>("holds")? > 0,
    })
}

pub(crate) async fn record_destruction(write: &mut sqldb::Write, record: &Destroyed) -> Result<(), Error> {
    let names: Vec<&str> = record.classes.iter().map(|class| class.name()).collect();
    sqlx::query("INSERT INTO destructions (person, is_whole, classes, destroyed_ms) VALUES ($1, $2, $3, $4)")
        .bind(record.person.0.as_slice())
        .bind(i64::from(record.is_whole))
        .bind(names.join(","))
        .bind(record.destroyed.0)
        .execute(&mut **write)
        .await?;
    Ok(())
}
