//! The register of staff. Its doors stand with the things they open: accounts in [`crate::account`], links in
//! [`crate::set_up`], sign-ins in [`crate::sign_in`], sites in [`crate::site_access`].

use crate::Error;
use crate::migrations::MIGRATIONS;
use credentials::{Attempts, Hasher};
use sqldb::{Database, Write};
use std::sync::{Arc, Mutex};

/// The register, over one database; cheap to clone, all clones share the counts of attempts.
#[derive(Clone, Debug)]
pub struct Staff {
    pub(crate) database: Database,
    pub(crate) attempts: Arc<Mutex<Attempts>>,
    pub(crate) hasher: Arc<Hasher>,
}

impl Staff {
    /// Migrates the database.
    pub async fn open(database: Database) -> Result<Self, Error> {
        database.migrate("staff", MIGRATIONS).await?;
        Ok(Self {
            database,
            attempts: Arc::default(),
            hasher: Arc::default(),
        })
    }

    /// Begins a change; writers take turns.
    pub(crate) async fn change(&self) -> Result<Write, Error> {
        let mut write = self.database.write().await?;
        sqlx::query("UPDATE staff_turn SET number = number + 1")
            .execute(&mut *write)
            .await?;
        Ok(write)
    }
}
