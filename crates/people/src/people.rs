//! What people agreed to and asked for. The doors stand with the things they open: texts in [`crate::wording`], what
//! was shown in [`crate::served`], consents in [`crate::consent`], accounts in [`crate::account_link`] and
//! [`crate::sign_in`], enquiries in [`crate::enquiry`], letters in [`crate::arrival`], [`crate::letter`] and [`crate::reply`], everything
//! about one person in [`crate::overview`].

use crate::migrations::MIGRATIONS;
use crate::{Controller, Error, ReceiptKey, Refusal, SignedIn};
use credentials::{Allowance, Allowances, Attempts, Guess, Hasher, Wait};
use serde::Serializer;
use sha2::{Digest, Sha256};
use sqldb::{Database, Write};
use sqlx::{Row, any::AnyRow};
use std::sync::{Arc, Mutex, PoisonError};
use vault::Vault;
use vocabulary::{Moment, PersonId};

/// The room, over the vault and its database; cheap to clone, all clones share the counts of attempts.
#[derive(Clone)]
pub struct People {
    pub(crate) database: Database,
    pub(crate) vault: Vault,
    pub(crate) controller: Arc<Controller>,
    pub(crate) mail_from: Arc<str>,
    pub(crate) receipt_key: Arc<ReceiptKey>,
    pub(crate) attempts: Arc<Mutex<Attempts>>,
    pub(crate) allowances: Arc<Mutex<Allowances>>,
    pub(crate) hasher: Arc<Hasher>,
}

impl People {
    /// Migrates the database, which is the one of the vault's fields, and registers the wordings that come with the
    /// program in the controller's name. Letters leave from the address `mail_from`.
    pub async fn open(
        database: Database,
        vault: Vault,
        controller: Controller,
        receipt_key: ReceiptKey,
        mail_from: &str,
        now: Moment,
    ) -> Result<Self, Error> {
        database.migrate("people", MIGRATIONS).await?;
        let people = Self {
            database,
            vault,
            controller: Arc::new(controller),
            mail_from: mail_from.into(),
            receipt_key: Arc::new(receipt_key),
            attempts: Arc::default(),
            allowances: Arc::default(),
            hasher: Arc::default(),
        };
        people.register_shipped(now).await?;
        Ok(people)
    }

    /// Who answers for people's data.
    pub fn controller(&self) -> &Controller {
        &self.controller
    }

    /// The public keys that receipts are signed with, as a JWK Set: for [`crate::verify`] and everybody's own tools.
    pub fn receipt_keys(&self) -> serde_json::Value {
        self.receipt_key.jwks()
    }

    /// Begins a change; writers take turns. The vault must not be called before it ends: in SQLite it writes to the
    /// same file.
    pub(crate) async fn change(&self) -> Result<Write, Error> {
        let mut write = self.database.write().await?;
        Self::take_turn(&mut write).await?;
        Ok(write)
    }

    /// Waits for the turn to write in this room.
    pub(crate) async fn take_turn(write: &mut Write) -> Result<(), Error> {
        sqlx::query("UPDATE people_turn SET number = number + 1")
            .execute(&mut **write)
            .await?;
        Ok(())
    }

    /// Counts an attempt at `what` from `address`; see [`Attempts::begin`].
    pub(crate) fn attempt(&self, what: &str, address: &str, now: Moment) -> Result<(), Refusal> {
        self.attempts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .begin(what, address, now.0)
            .map_err(|wait_ms| Refusal::TooManyAttempts { wait_ms })
    }

    /// Counts a guess at the password of `whose`, also over all strange networks; see [`Attempts::begin_guess`].
    pub(crate) fn begin_guess(&self, whose: &str, address: &str, now: Moment) -> Result<(), Refusal> {
        self.attempts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .begin_guess(Guess::Password, whose, address, now.0)
            .map_err(|wait| match wait {
                Wait::Here(wait_ms) => Refusal::TooManyAttempts { wait_ms },
                Wait::Guesses(wait_ms) => Refusal::TooManyGuesses { wait_ms },
            })
    }

    /// Takes back what [`People::begin_guess`] counted: the password was right.
    pub(crate) fn guessed(&self, whose: &str, address: &str, now: Moment) {
        self.attempts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .guessed(Guess::Password, whose, address, now.0);
    }

    /// Counts guesses from this network no longer among those of strangers, for a month: whoever is there proved by a
    /// link to be the account's holder.
    pub fn trust_network(&self, who: &SignedIn, address: &str, now: Moment) {
        self.attempts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .trust(&who.person.to_string(), address, now.0);
    }

    /// Takes one of an allowance; see [`Allowances::spend`].
    pub(crate) fn spend(&self, what: &str, allowance: Allowance, now: Moment) -> Result<(), Refusal> {
        self.allowances
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .spend(what, allowance, now.0)
            .map_err(|wait_ms| Refusal::TooManyAttempts { wait_ms })
    }
}

/// SHA-256, as it is bound to a query.
pub(crate) fn digest(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// A digest from a row.
pub(crate) fn row_digest(row: &AnyRow, column: &str) -> Result<Option<[u8; 32]>, Error> {
    row.try_get::<Option<Vec<u8>>, _>(column)?
        .map(|bytes| bytes.try_into().map_err(|_| Error::Corrupt("a digest")))
        .transpose()
}

/// A person from a row.
pub(crate) fn row_person(row: &AnyRow, column: &str) -> Result<PersonId, Error> {
    let bytes: Vec<u8> = row.try_get(column)?;
    bytes
        .try_into()
        .map(PersonId)
        .map_err(|_| Error::Corrupt("a person's number"))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// For `#[serde(serialize_with)]`.
pub(crate) fn as_hex<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex(bytes))
}

/// Whether a database, the one of the vault's fields, has receipts in it: then their key is not to be made anew.
pub async fn has_receipts(database: &Database) -> Result<bool, Error> {
    database.migrate("people", MIGRATIONS).await?;
    let any = sqlx::query("SELECT 1 FROM consent_events WHERE receipt IS NOT NULL LIMIT 1")
        .fetch_optional(database.pool())
        .await?;
    Ok(any.is_some())
}
