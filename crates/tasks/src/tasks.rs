//! The register of tasks. Its doors stand with the things they open: tasks in [`crate::task`], grants in
//! [`crate::grant`], emergencies in [`crate::break_glass`], reviews in [`crate::review`], decisions in
//! [`crate::facts`].

use crate::migrations::MIGRATIONS;
use crate::{Error, Policies, Rules};
use sqldb::{Database, Write};
use std::sync::Arc;
use vocabulary::PersonId;

/// The register, over one database; cheap to clone.
///
/// Doors take the number of the account that acts as `by`; that this account may do so at all (open, assign, approve,
/// confirm, review), and whether any other could ([`crate::By`]), is for the caller to check; that it is another account
/// than the one who gains is checked here.
#[derive(Clone, Debug)]
pub struct Tasks {
    pub(crate) database: Database,
    pub(crate) rules: Rules,
    pub(crate) policies: Arc<Policies>,
}

impl Tasks {
    /// Migrates the database and reads the built-in policies.
    pub async fn open(database: Database, rules: Rules) -> Result<Self, Error> {
        database.migrate("tasks", MIGRATIONS).await?;
        Ok(Self {
            database,
            rules,
            policies: Arc::new(Policies::shipped()),
        })
    }

    /// The policies that decide.
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    /// The settings.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Empties the texts (reasons and findings) of every task and emergency opening that names the person: they may
    /// hold personal data. Numbers, times and grants stay, as proof of who could read. Returns how many texts.
    pub async fn erase_texts_about(&self, person: PersonId) -> Result<u64, Error> {
        let mut write = self.change().await?;
        let mut erased = 0;
        for sql in [
            "UPDATE tasks SET reason = '' WHERE reason <> ''
             AND id IN (SELECT task FROM named_persons WHERE person = $1)",
            "UPDATE break_glass SET reason = '' WHERE reason <> ''
             AND id IN (SELECT task FROM named_persons WHERE person = $1)",
            "UPDATE reviews SET finding = '' WHERE finding <> ''
             AND task IN (SELECT task FROM named_persons WHERE person = $1)",
        ] {
            let done = sqlx::query(sql)
                .bind(person.0.to_vec())
                .execute(&mut *write)
                .await?;
            erased += done.rows_affected();
        }
        write.commit().await?;
        self.database.scrub().await?;
        Ok(erased)
    }

    /// Begins a change; writers take turns.
    pub(crate) async fn change(&self) -> Result<Write, Error> {
        let mut write = self.database.write().await?;
        sqlx::query("UPDATE tasks_turn SET number = number + 1")
            .execute(&mut *write)
            .await?;
        Ok(write)
    }
}
