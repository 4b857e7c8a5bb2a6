//! The rooms of the people's side, opened together.

use crate::published::Shelf;
use crate::refusals::Refusals;
use crate::{Error, Guardian, KeyPlace};
use audit::{Action, Actor, Entry, Log, Subject};
use people::{Controller, People, ReceiptKey};
use sharing::{Sharing, Transport, WebOptions};
use sqldb::Database;
use std::{path::PathBuf, sync::Arc};
use tasks::{Rules, Tasks};
use vault::{Settings, Vault};
use vocabulary::{Moment, PersonId};
use zeroize::Zeroizing;

/// What an office is made of. The databases are migrated; each may be SQLite or PostgreSQL.
pub struct Options {
    /// Sealed values, consents, accounts, cases.
    pub fields: Database,
    /// Keys, wrapped or sealed, and nothing else.
    pub keys: Database,
    /// Tasks and grants.
    pub tasks: Database,
    /// Waiting mail and the ledger of what left.
    pub sharing: Database,
    /// Where the key is that wraps the clients' keys.
    pub operator_key: KeyPlace,
    /// The clock, for calls to a key service.
    pub clock: fn() -> Moment,
    /// The folder of the audit log.
    pub audit_folder: PathBuf,
    /// What the log's checkpoints are signed as, such as `agency.example/audit`.
    pub audit_name: String,
    /// The key they are signed with.
    pub audit_key: Zeroizing<[u8; 32]>,
    /// The key receipts are signed with.
    pub receipt_key: Zeroizing<[u8; 32]>,
    /// The key the texts of tasks are sealed with.
    pub task_key: Zeroizing<[u8; 32]>,
    /// The key waiting mail is sealed with.
    pub mail_key: Zeroizing<[u8; 32]>,
    /// Who answers for people's data.
    pub controller: Controller,
    /// The ids of the ranges of advertising spend.
    pub budget_ranges: Vec<String>,
    /// How long tasks last, and whether the agency is one person.
    pub rules: Rules,
    /// How mail leaves.
    pub transport: Transport,
    /// The address mail comes from, and answers go to.
    pub from_address: String,
    /// What HTTP may do.
    pub web: WebOptions,
}

/// The rooms. Cheap to clone.
#[derive(Clone)]
pub struct Office {
    /// Sealed values.
    pub vault: Vault,
    /// Consents, accounts, cases.
    pub people: People,
    /// Tasks and grants.
    pub tasks: Tasks,
    /// The audit log.
    pub audit: Arc<Log>,
    /// Mail, outbound HTTP, the ledger.
    pub sharing: Arc<Sharing>,
    /// Published testimonials that were opened before.
    pub(crate) published: Shelf,
    /// What was refused and is not entered yet.
    pub(crate) refusals: Arc<Refusals>,
}

impl Office {
    /// Opens all of it, the guard in between. Reads the whole audit log.
    pub async fn open(options: Options, now: Moment) -> Result<Self, Error> {
        let (folder, name, key) = (options.audit_folder, options.audit_name, options.audit_key);
        // The log is opened within the runtime, so that those who wait for it are woken by it.
        let log = Arc::new(Log::open(folder, &name, &key)?);
        let (keys, key) = (options.keys.clone(), options.task_key);
        let tasks = Tasks::open(options.tasks, keys, key, options.rules).await?;
        let guard = Arc::new(Guardian::new(tasks.clone(), log.clone()));
        let sharing = Sharing::open(sharing::Options {
            database: options.sharing,
            key: options.mail_key,
            from_address: options.from_address.clone(),
            from_name: options.controller.name.clone(),
            transport: options.transport,
            web: options.web,
            certificates: None,
        })
        .await?;
        let operator_key = options
            .operator_key
            .open(&sharing.web, options.clock)
            .map_err(vault::Error::from)?;
        let settings = Settings {
            budget_ranges: options.budget_ranges,
            ..Settings::default()
        };
        let vault = Vault::open(
            options.fields.clone(),
            options.keys,
            operator_key,
            guard,
            settings,
        )
        .await?;
        let receipt_key =
            ReceiptKey::new(&options.receipt_key, &[]).expect("there are no earlier keys to be wrong");
        let people = People::open(
            options.fields,
            vault.clone(),
            options.controller,
            receipt_key,
            &options.from_address,
            now,
        )
        .await?;
        Ok(Self {
            vault,
            people,
            tasks,
            audit: log,
            sharing: Arc::new(sharing),
            published: Shelf::default(),
            refusals: Arc::default(),
        })
    }

    /// Records something that is not a reading.
    pub async fn record(&self, entry: Entry) -> Result<(), Error> {
        self.audit.append(entry).await?;
        Ok(())
    }

    /// Records something about a person that the program did, or the person.
    pub async fn record_of(
        &self,
        actor: Actor,
        action: Action,
        person: PersonId,
        count: usize,
        now: Moment,
    ) -> Result<(), Error> {
        self.record(Entry {
            subject: Subject {
                person: Some(person),
                ..Subject::default()
            },
            count: u32::try_from(count).unwrap_or(u32::MAX),
            ..Entry::new(now, actor, action)
        })
        .await
    }

    /// Whether as many values were opened as the log says, as `(opened, recorded)`. A crash between the two leaves more
    /// recorded than opened, never less.
    pub async fn readings(&self) -> Result<(u64, u64), Error> {
        Ok((self.vault.opened().await?, self.audit.values_read()))
    }
}
