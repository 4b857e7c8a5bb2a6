//! Contracts: as long as one runs, and some days after it, what was given towards it is kept.

use crate::{Error, Refusal, Vault};
use policy::retention::Contract;
use serde::Serialize;
use sqlx::{Row, any::AnyRow};
use vocabulary::{Moment, PersonId};

/// A contract with a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Agreed {
    /// Since when it runs.
    pub from: Moment,
    /// When it ends or ended, after `from`; `None` where no end is known.
    pub until: Option<Moment>,
}

impl Agreed {
    /// As retention counts it. One that begins later carries what was given towards it already.
    pub(crate) fn counted(self) -> Contract {
        self.until.map_or(Contract::Runs, Contract::Ends)
    }

    /// From a row with these columns; none where there is none.
    pub(crate) fn of(row: &AnyRow, from: &str, until: &str) -> Result<Option<Self>, Error> {
        let Some(begin) = row.try_get::<Option<i64>, _>(from)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            from: Moment(begin),
            until: row.try_get::<Option<i64>, _>(until)?.map(Moment),
        }))
    }
}

impl Vault {
    /// Says which contract a person has with us; `None` for none, where it was said by mistake. Takes the place of what
    /// was said before.
    pub async fn set_contract(&self, person: PersonId, contract: Option<Agreed>) -> Result<(), Error> {
        if contract.is_some_and(|agreed| agreed.until.is_some_and(|until| until <= agreed.from)) {
            return Err(Refusal::Contract.into());
        }
        let (mut write, number) = self.change(person).await?;
        match contract {
            Some(agreed) => {
                sqlx::query(
                    "INSERT INTO contracts (person, from_ms, until_ms) VALUES ($1, $2, $3)
                     ON CONFLICT (person) DO UPDATE SET from_ms = excluded.from_ms, until_ms = excluded.until_ms",
                )
                .bind(number)
                .bind(agreed.from.0)
                .bind(agreed.until.map(|until| until.0))
                .execute(&mut **write)
                .await?
            }
            None => {
                sqlx::query("DELETE FROM contracts WHERE person = $1")
                    .bind(number)
                    .execute(&mut **write)
                    .await?
            }
        };
        write.commit().await
    }

    /// The contract with a person, if there is or was one.
    pub async fn contract(&self, person: PersonId) -> Result<Option<Agreed>, Error> {
        let number = self.person_row(person).await?.number;
        let row = sqlx::query("SELECT from_ms, until_ms FROM contracts WHERE person = $1")
            .bind(number)
            .fetch_optional(self.fields.pool())
            .await?;
        match row {
            Some(row) => Agreed::of(&row, "from_ms", "until_ms"),
            None => Ok(None),
        }
    }

    /// Says whether a person has an account on our site, which is a contract too, as of now.
    pub async fn set_account(&self, person: PersonId, account: Contract, now: Moment) -> Result<(), Error> {
        let (state, end) = written(account);
        let _turn = self.fields.turn().await;
        let changed = sqlx::query("UPDATE persons SET contract = $1, contract_ms = $2 WHERE id = $3")
            .bind(state)
            .bind(end.unwrap_or(now.0))
            .bind(person.0.as_slice())
            .execute(self.fields.pool())
            .await?;
        if changed.rows_affected() == 0 {
            Err(Error::NotFound("person"))
        } else {
            Ok(())
        }
    }

    /// Says whether a client has a contract with us, which carries the people whom we hold for it.
    pub async fn set_client_contract(&self, client: u32, contract: Contract) -> Result<(), Error> {
        let (state, end) = written(contract);
        let _turn = self.fields.turn().await;
        sqlx::query(
            "INSERT INTO client_contracts (client, contract, contract_ms) VALUES ($1, $2, $3)
             ON CONFLICT (client) DO UPDATE SET contract = excluded.contract, contract_ms = excluded.contract_ms",
        )
        .bind(i64::from(client))
        .bind(state)
        .bind(end)
        .execute(self.fields.pool())
        .await?;
        Ok(())
    }
}

fn written(contract: Contract) -> (&'static str, Option<i64>) {
    match contract {
        Contract::Unknown => ("unknown", None),
        Contract::None => ("none", None),
        Contract::Runs => ("runs", None),
        Contract::Ends(end) => ("ends", Some(end.0)),
    }
}

/// A contract as [`Vault::set_account`] and [`Vault::set_client_contract`] write it.
pub(crate) fn contract_of(state: &str, end: Option<i64>) -> Result<Contract, Error> {
    match (state, end) {
        ("unknown", _) => Ok(Contract::Unknown),
        ("none", _) => Ok(Contract::None),
        ("runs", _) => Ok(Contract::Runs),
        ("ends", Some(end)) => Ok(Contract::Ends(Moment(end))),
        _ => Err(Error::Corrupt("contract")),
    }
}
