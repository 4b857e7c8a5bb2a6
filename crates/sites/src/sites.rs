//! The register of clients and sites. Its doors stand with the things they open: clients in [`crate::client`], sites in
//! [`crate::site`], manifests in [`crate::manifest_version`], goals in [`crate::goal`], tokens in [`crate::token`],
//! counts in [`crate::count`], daily salts in [`crate::salt`].

use crate::migrations::MIGRATIONS;
use crate::{Error, Snapshot};
use arc_swap::ArcSwap;
use sqldb::{Database, Write};
use sqlx::Row;
use std::sync::Arc;

/// The register, over one database; cheap to clone, all clones share one snapshot.
#[derive(Clone, Debug)]
pub struct Sites {
    pub(crate) database: Database,
    snapshot: Arc<ArcSwap<Snapshot>>,
}

impl Sites {
    /// Migrates the database and reads the first snapshot.
    pub async fn open(database: Database) -> Result<Self, Error> {
        database.migrate("sites", MIGRATIONS).await?;
        let snapshot = Snapshot::load(&database).await?;
        Ok(Self {
            database,
            snapshot: Arc::new(ArcSwap::from_pointee(snapshot)),
        })
    }

    /// Every site as it is now, for the hot path: no waiting, no database.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Reads a new snapshot if anyone, in this process or another, has changed something. Returns whether so.
    /// Cheap where nothing changed: call it each second or so.
    pub async fn refresh(&self) -> Result<bool, Error> {
        let number: i64 = sqlx::query("SELECT number FROM site_changes")
            .fetch_one(self.database.pool())
            .await?
            .try_get(0)?;
        if number == self.snapshot.load().number() {
            return Ok(false);
        }
        self.reload().await?;
        Ok(true)
    }

    /// Begins a change that the snapshot will show; writers take turns.
    pub(crate) async fn change(&self) -> Result<Write, Error> {
        let mut write = self.database.write().await?;
        sqlx::query("UPDATE site_changes SET number = number + 1")
            .execute(&mut *write)
            .await?;
        Ok(write)
    }

    /// Ends a change and shows it.
    pub(crate) async fn done(&self, write: Write) -> Result<(), Error> {
        write.commit().await?;
        self.reload().await
    }

    async fn reload(&self) -> Result<(), Error> {
        let fresh = Arc::new(Snapshot::load(&self.database).await?);
        // Of two reloads at once the later state stays, whichever comes last.
        self.snapshot.rcu(|old| {
            if fresh.number() >= old.number() {
                Arc::clone(&fresh)
            } else {
                Arc::clone(old)
            }
        });
        Ok(())
    }
}
