//! Rows of both databases, written many at a time.

use crate::blind_index::Blind;
use crate::person_key::PersonKeyRow;
use crate::provenance::Provenance;
use crate::{Agreed, Error};
use policy::FieldClass;
use sqldb::{Engine, Write};
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};
use std::fmt::Write as _;
use vocabulary::{Moment, PersonId};

type Statement<'q> = Query<'q, Any, AnyArguments>;

/// How many rows one statement writes at most; SQLite takes 32,766 values, PostgreSQL 65,535.
const ROWS: usize = 500;

/// A person to be written.
pub(crate) struct NewPersonRow {
    pub(crate) number: i64,
    pub(crate) id: PersonId,
    pub(crate) client: u32,
    pub(crate) created: Moment,
}

/// A giving to be written.
pub(crate) struct GivingRow {
    pub(crate) id: i64,
    pub(crate) person: i64,
    pub(crate) provenance: Provenance,
}

/// A sealed value to be written.
pub(crate) struct FieldRow {
    pub(crate) id: i64,
    pub(crate) person: i64,
    pub(crate) class: FieldClass,
    pub(crate) giving: i64,
    pub(crate) blind: Option<Blind>,
    pub(crate) sealed: Vec<u8>,
}

/// Runs `INSERT INTO … VALUES (…), (…)` for all rows, each of so many columns.
async fn insert<T>(
    engine: Engine,
    write: &mut Write,
    into: &str,
    columns: usize,
    rows: &[T],
    bind: impl for<'q> Fn(Statement<'q>, &T) -> Statement<'q>,
) -> Result<(), Error> {
    let mut sql = String::new();
    let mut written = 0;
    for chunk in rows.chunks(ROWS) {
        if chunk.len() != written {
            written = chunk.len();
            sql = statement(engine, into, columns, written);
        }
        let query = chunk.iter().fold(sqlx::query(AssertSqlSafe(sql.clone())), &bind);
        query.execute(&mut **write).await?;
    }
    Ok(())
}

/// SQLite finds a numbered place by looking through all of them, so it gets places without numbers.
fn statement(engine: Engine, into: &str, columns: usize, rows: usize) -> String {
    let mut sql = format!("INSERT INTO {into} VALUES ");
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ",(" });
        for column in 1..=columns {
            sql.push_str(if column == 1 { "" } else { "," });
            match engine {
                Engine::Sqlite => sql.push('?'),
                Engine::Postgres => drop(write!(sql, "${}", row * columns + column)),
            }
        }
        sql.push(')');
    }
    sql
}

pub(crate) async fn insert_keys(
    engine: Engine,
    write: &mut Write,
    rows: &[PersonKeyRow],
) -> Result<(), Error> {
    let into = "person_keys (person, version, client, client_version, wrapped)";
    insert(engine, write, into, 5, rows, |query, row| {
        query
            .bind(row.person.0.to_vec())
            .bind(i64::from(row.version))
            .bind(i64::from(row.client))
            .bind(i64::from(row.client_version))
            .bind(row.wrapped.clone())
    })
    .await
}

pub(crate) async fn insert_persons(
    engine: Engine,
    write: &mut Write,
    rows: &[NewPersonRow],
) -> Result<(), Error> {
    let into = "persons (number, id, client, key_version, changed, created_ms, contract)";
    insert(engine, write, into, 7, rows, |query, row| {
        query
            .bind(row.number)
            .bind(row.id.0.to_vec())
            .bind(i64::from(row.client))
            .bind(1i64)
            .bind(0i64)
            .bind(row.created.0)
            .bind("unknown")
    })
    .await
}

pub(crate) async fn insert_givings(
    engine: Engine,
    write: &mut Write,
    rows: &[GivingRow],
) -> Result<(), Error> {
    let into = "givings (id, person, purposes, basis, wording, wording_version, wording_sha256, source, language, \
                given_ms)";
    insert(engine, write, into, 10, rows, |query, row| {
        let provenance = &row.provenance;
        query
            .bind(row.id)
            .bind(row.person)
            .bind(provenance.purposes_text())
            .bind(provenance.basis.name())
            .bind(provenance.wording.id.clone())
            .bind(i64::from(provenance.wording.version))
            .bind(provenance.wording.sha256.to_vec())
            .bind(provenance.source.clone())
            .bind(provenance.language.clone())
            .bind(provenance.given.0)
    })
    .await
}

pub(crate) async fn insert_fields(engine: Engine, write: &mut Write, rows: &[FieldRow]) -> Result<(), Error> {
    let into = "fields (id, person, class, giving, blind, sealed)";
    insert(engine, write, into, 6, rows, |query, row| {
        query
            .bind(row.id)
            .bind(row.person)
            .bind(row.class as i64)
            .bind(row.giving)
            .bind(row.blind.map(Vec::from))
            .bind(row.sealed.clone())
    })
    .await
}

pub(crate) async fn insert_contracts(
    engine: Engine,
    write: &mut Write,
    rows: &[(i64, Agreed)],
) -> Result<(), Error> {
    let into = "contracts (person, from_ms, until_ms)";
    insert(engine, write, into, 3, rows, |query, (person, agreed)| {
        query
            .bind(*person)
            .bind(agreed.from.0)
            .bind(agreed.until.map(|until| until.0))
    })
    .await
}

pub(crate) async fn insert_import_rows(
    engine: Engine,
    write: &mut Write,
    rows: &[(u32, Blind, i64)],
) -> Result<(), Error> {
    let into = "import_rows (client, blind, person)";
    insert(engine, write, into, 3, rows, |query, (client, blind, person)| {
        query.bind(i64::from(*client)).bind(blind.to_vec()).bind(*person)
    })
    .await
}
