//! The room as a whole.

use crate::mail::Sender;
use crate::migrations::MIGRATIONS;
use crate::tls::Tls;
use crate::transport::Carrier;
use crate::{Error, Inbox, Ledger, Outbox, Transport, Web, WebOptions};
use credentials::Seal;
use sqldb::Database;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// What the room needs. Not `Debug`: it holds a key.
pub struct Options {
    /// A database of its own; it is migrated.
    pub database: Database,
    /// The key that mail is sealed with while it waits, 32 random bytes. Whoever loses it loses what waits.
    pub key: Zeroizing<[u8; 32]>,
    /// Our own address: mail comes from it, and its domain is in our message ids.
    pub from_address: String,
    /// Our own name.
    pub from_name: String,
    /// How mail leaves.
    pub transport: Transport,
    /// What HTTP may do.
    pub web: WebOptions,
    /// A file of certificates (PEM) that are trusted beside the machine's own.
    pub certificates: Option<PathBuf>,
}

/// Every way out, and the mail that comes in; cheap to clone.
#[derive(Clone, Debug)]
pub struct Sharing {
    /// What left.
    pub ledger: Ledger,
    /// Mail that leaves.
    pub outbox: Outbox,
    /// Mail that comes.
    pub inbox: Inbox,
    /// Requests over HTTP.
    pub web: Web,
}

impl Sharing {
    /// Migrates the database, reads the certificates and makes the transport ready; connects to nothing.
    pub async fn open(options: Options) -> Result<Self, Error> {
        let tls = Tls::load(options.certificates.as_deref())?;
        let from = Sender::new(&options.from_address, &options.from_name)?;
        let carrier = Carrier::new(&options.transport, &from, &tls)?;
        let database = options.database;
        database.migrate("sharing", MIGRATIONS).await?;
        let seal = Seal::new(options.key);
        let ledger = Ledger {
            database: database.clone(),
        };
        Ok(Self {
            outbox: Outbox {
                ledger: ledger.clone(),
                seal: seal.clone(),
                from,
                carrier,
            },
            inbox: Inbox {
                database,
                seal,
                tls: tls.clone(),
            },
            web: Web {
                ledger: ledger.clone(),
                tls,
                options: options.web,
            },
            ledger,
        })
    }
}
