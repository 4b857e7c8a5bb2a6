//! What a task or an emergency opening names: its number, its persons and its classes, as stored.

use crate::{Error, Refusal};
use policy::{FieldClass, Purpose};
use sqldb::Write;
use sqlx::{Any, Executor, Row, any::AnyRow};
use std::collections::BTreeSet;
use vocabulary::{PersonId, TaskId};

/// How many persons may be named at once.
const MOST_PERSONS: usize = 1_000;

pub(crate) fn draw_id() -> Result<TaskId, Error> {
    let mut id = [0; 16];
    getrandom::fill(&mut id)?;
    Ok(TaskId(id))
}

pub(crate) fn checked_persons(persons: &[PersonId]) -> Result<Vec<PersonId>, Error> {
    let persons: BTreeSet<PersonId> = persons.iter().copied().collect();
    if (1..=MOST_PERSONS).contains(&persons.len()) {
        Ok(persons.into_iter().collect())
    } else {
        Err(Refusal::Persons.into())
    }
}

pub(crate) async fn name_persons(write: &mut Write, task: TaskId, persons: &[PersonId]) -> Result<(), Error> {
    for person in persons {
        sqlx::query("INSERT INTO named_persons (task, person) VALUES ($1, $2)")
            .bind(task.0.to_vec())
            .bind(person.0.to_vec())
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}

/// The persons that a task or an emergency opening names, by number.
pub(crate) async fn persons_of<'e>(
    from: impl Executor<'e, Database = Any>,
    task: TaskId,
) -> Result<Vec<PersonId>, Error> {
    let rows = sqlx::query("SELECT person FROM named_persons WHERE task = $1 ORDER BY person")
        .bind(task.0.to_vec())
        .fetch_all(from)
        .await?;
    rows.iter()
        .map(|row| Ok(PersonId(bytes_of(row, "person")?)))
        .collect()
}

pub(crate) fn text_of_classes(classes: &BTreeSet<FieldClass>) -> String {
    let names: Vec<&str> = classes.iter().map(|class| class.name()).collect();
    names.join(",")
}

pub(crate) fn classes_of(row: &AnyRow) -> Result<BTreeSet<FieldClass>, Error> {
    let text: String = row.try_get("classes")?;
    text.split(',')
        .filter(|name| !name.is_empty())
        .map(|name| FieldClass::parse(name).ok_or(Error::Corrupt("classes")))
        .collect()
}

pub(crate) fn purpose_of(row: &AnyRow) -> Result<Purpose, Error> {
    Purpose::parse(&row.try_get::<String, _>("purpose")?).ok_or(Error::Corrupt("purpose"))
}

pub(crate) fn bytes_of(row: &AnyRow, column: &'static str) -> Result<[u8; 16], Error> {
    row.try_get::<Vec<u8>, _>(column)?
        .try_into()
        .map_err(|_| Error::Corrupt(column))
}

pub(crate) fn number_of(row: &AnyRow, column: &'static str) -> Result<u32, Error> {
    Ok(row.try_get::<i64, _>(column)? as u32)
}
