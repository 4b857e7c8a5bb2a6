//! The register of staff. Its doors stand with the things they open: accounts in [`crate::account`], links in
//! [`crate::set_up`], signing in in [`crate::step`], sign-ins in [`crate::sign_in`], second factors in
//! [`crate::second_factor`], sign-in by a provider in [`crate::subject`], sites in [`crate::site_access`].

use crate::migrations::MIGRATIONS;
use crate::{Error, StaffKey};
use credentials::{Attempts, Hasher};
use sqldb::{Database, Write};
use std::sync::{Arc, Mutex};

/// The register, over one database; cheap to clone, all clones share the counts of attempts.
#[derive(Clone, Debug)]
pub struct Staff {
    pub(crate) database: Database,
    pub(crate) attempts: Arc<Mutex<Attempts>>,
    pub(crate) hasher: Arc<Hasher>,
    pub(crate) key: StaffKey,
    pub(crate) names: Arc<Vec<String>>,
}

impl Staff {
    /// Migrates the database. Second factors are sealed under `key`, which must be the same each time.
    pub async fn open(database: Database, key: StaffKey) -> Result<Self, Error> {
        database.migrate("staff", MIGRATIONS).await?;
        Ok(Self {
            database,
            attempts: Arc::default(),
            hasher: Arc::default(),
            key,
            names: Arc::default(),
        })
    }

    /// Takes what the installation is called, the agency and its site: no password may contain it.
    #[must_use]
    pub fn called(self, names: Vec<String>) -> Self {
        Self {
            names: names.into(),
            ..self
        }
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
