//! Clients of the agency and their contracts.

use crate::{Error, Problem, Sites, name, suggestion::near};
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use sqlx::{Row, any::AnyRow};
use vocabulary::{ClientId, Moment};

/// How many characters the name of a client may have.
const NAME_MAX: usize = 200;

/// A client.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Client {
    /// Its number.
    pub id: ClientId,
    /// Its name, unique: a firm's, not a person's.
    pub name: String,
    /// First day of the contract.
    #[serde(serialize_with = "as_text")]
    pub contract_start: Option<Date>,
    /// Last day of the contract; sites are served through the end of it.
    #[serde(serialize_with = "as_text")]
    pub contract_end: Option<Date>,
    /// When it was added.
    pub created: Moment,
}

/// A client to be added.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewClient<'a> {
    /// Its name: 1 to 200 characters, not yet taken.
    pub name: &'a str,
    /// First day of the contract, if agreed.
    pub contract_start: Option<Date>,
    /// Last day of the contract, if agreed; not before the first.
    pub contract_end: Option<Date>,
}

impl Sites {
    /// Adds a client.
    pub async fn add_client(&self, new: NewClient<'_>, now: Moment) -> Result<Client, Error> {
        let name = name::checked("name", new.name, NAME_MAX)?;
        check_order(new.contract_start, new.contract_end)?;
        let mut write = self.change().await?;
        let taken = sqlx::query("SELECT 1 FROM clients WHERE name = $1")
            .bind(&name)
            .fetch_optional(&mut *write)
            .await?;
        if taken.is_some() {
            return Err(Error::Refused {
                field: "name",
                problem: Problem::Taken(name),
            });
        }
        let row = sqlx::query(
            "INSERT INTO clients (name, contract_start, contract_end, created_ms) VALUES ($1, $2, $3, $4)
             RETURNING id, name, contract_start, contract_end, created_ms",
        )
        .bind(name)
        .bind(new.contract_start.map(|d| d.to_string()))
        .bind(new.contract_end.map(|d| d.to_string()))
        .bind(now.0)
        .fetch_one(&mut *write)
        .await?;
        self.done(write).await?;
        client_of(&row)
    }

    /// Every client, by number.
    pub async fn clients(&self) -> Result<Vec<Client>, Error> {
        sqlx::query("SELECT id, name, contract_start, contract_end, created_ms FROM clients ORDER BY id")
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(client_of)
            .collect()
    }

    /// The client of that number or else of that name (as written, or in other case if only one has it).
    pub async fn client(&self, id_or_name: &str) -> Result<Client, Error> {
        let wanted = id_or_name.trim();
        let clients = self.clients().await?;
        let number = wanted.parse().ok().map(ClientId);
        let folded = wanted.to_lowercase();
        let mut alike = clients.iter().filter(|c| c.name.to_lowercase() == folded);
        let found = clients
            .iter()
            .find(|c| Some(c.id) == number)
            .or_else(|| clients.iter().find(|c| c.name == wanted))
            .or_else(|| alike.next().filter(|_| alike.next().is_none()));
        found.cloned().ok_or_else(|| Error::NotFound {
            what: "client",
            name: wanted.to_owned(),
            near: near(wanted, clients.iter().map(|c| c.name.as_str())),
        })
    }

    /// Sets the last day of a client's contract: through the end of it, in each site's time zone, sites are served.
    pub async fn end_client(&self, id: ClientId, last_day: Date) -> Result<Client, Error> {
        let mut write = self.change().await?;
        let row = sqlx::query(
            "UPDATE clients SET contract_end = $1 WHERE id = $2
             RETURNING id, name, contract_start, contract_end, created_ms",
        )
        .bind(last_day.to_string())
        .bind(i64::from(id.0))
        .fetch_optional(&mut *write)
        .await?
        .ok_or_else(|| Error::NotFound {
            what: "client",
            name: id.0.to_string(),
            near: Vec::new(),
        })?;
        let client = client_of(&row)?;
        check_order(client.contract_start, client.contract_end)?;
        self.done(write).await?;
        Ok(client)
    }
}

fn check_order(start: Option<Date>, end: Option<Date>) -> Result<(), Error> {
    match (start, end) {
        (Some(start), Some(end)) if end < start => Err(Error::Refused {
            field: "contract end",
            problem: Problem::BeforeStart,
        }),
        _ => Ok(()),
    }
}

fn client_of(row: &AnyRow) -> Result<Client, Error> {
    let id = ClientId(row.try_get::<i64, _>("id")? as u32);
    let day = |column| -> Result<Option<Date>, Error> {
        row.try_get::<Option<String>, _>(column)?
            .map(|text| day_of(&text, id))
            .transpose()
    };
    Ok(Client {
        id,
        name: row.try_get("name")?,
        contract_start: day("contract_start")?,
        contract_end: day("contract_end")?,
        created: Moment(row.try_get("created_ms")?),
    })
}

/// A day of a contract, as stored.
pub(crate) fn day_of(text: &str, client: ClientId) -> Result<Date, Error> {
    text.parse().map_err(|_| Error::Corrupt {
        what: "contract",
        of: format!("client {}", client.0),
    })
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is serde's"
)]
fn as_text<S: Serializer>(day: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => serializer.collect_str(day),
        None => serializer.serialize_none(),
    }
}
