//! The register of tasks. Its doors stand with the things they open: tasks in [`crate::task`], grants in
//! [`crate::grant`], emergencies in [`crate::break_glass`], reviews in [`crate::review`], decisions in
//! [`crate::facts`].

use crate::migrations::MIGRATIONS;
use crate::named::bytes_of;
use crate::texts::{KINDS, Kind, Texts, scrubbed};
use crate::{Error, Policies, Rules};
use sqldb::{Database, Write};
use sqlx::AssertSqlSafe;
use std::sync::Arc;
use vocabulary::{PersonId, TaskId};
use zeroize::Zeroizing;

/// The register, over one database; cheap to clone.
///
/// Doors take the number of the account that acts as `by`; that this account may do so at all (open, assign, approve,
/// confirm, review), and whether any other could ([`crate::By`]), is for the caller to check; that it is another account
/// than the one who gains is checked here.
#[derive(Clone, Debug)]
pub struct Tasks {
    pub(crate) database: Database,
    pub(crate) texts: Texts,
    pub(crate) rules: Rules,
    pub(crate) policies: Arc<Policies>,
}

impl Tasks {
    /// Migrates the databases and reads the built-in policies. `keys` is where the keys of texts are, sealed under `key`:
    /// a database whose backups are kept for a short time.
    pub async fn open(
        database: Database,
        keys: Database,
        key: Zeroizing<[u8; 32]>,
        rules: Rules,
    ) -> Result<Self, Error> {
        database.migrate("tasks", MIGRATIONS).await?;
        let texts = Texts::open(keys, key).await?;
        texts.seal_clear(&database).await?;
        Ok(Self {
            database,
            texts,
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

    /// Takes away the texts (reasons and findings) of every task and emergency opening that names the person, and their
    /// keys, since they may hold personal data. Numbers, times and grants stay, as proof of who could read. Returns how
    /// many texts.
    pub async fn erase_texts_about(&self, person: PersonId) -> Result<u64, Error> {
        let rows = sqlx::query("SELECT task FROM named_persons WHERE person = $1")
            .bind(person.0.to_vec())
            .fetch_all(self.database.pool())
            .await?;
        let tasks = rows.iter().map(|row| Ok(TaskId(bytes_of(row, "task")?)));
        self.texts
            .forget(&tasks.collect::<Result<Vec<_>, Error>>()?)
            .await?;
        let mut write = self.change().await?;
        let mut erased = 0;
        for Kind { table, task, .. } in KINDS {
            let sql = format!(
                "UPDATE {table} SET sealed_text = NULL WHERE sealed_text IS NOT NULL
                 AND {task} IN (SELECT task FROM named_persons WHERE person = $1)"
            );
            let done = sqlx::query(AssertSqlSafe(sql))
                .bind(person.0.to_vec())
                .execute(&mut *write)
                .await?;
            erased += done.rows_affected();
        }
        write.commit().await?;
        scrubbed(&self.database).await?;
        Ok(erased)
    }

    /// Everybody who is named by a task or an emergency opening with texts.
    pub async fn persons_with_texts(&self) -> Result<Vec<PersonId>, Error> {
        let rows = sqlx::query(
            "SELECT DISTINCT person FROM named_persons WHERE task IN (
                 SELECT id FROM tasks WHERE sealed_text IS NOT NULL
                 UNION SELECT id FROM break_glass WHERE sealed_text IS NOT NULL
                 UNION SELECT task FROM reviews WHERE sealed_text IS NOT NULL)",
        )
        .fetch_all(self.database.pool())
        .await?;
        rows.iter()
            .map(|row| Ok(PersonId(bytes_of(row, "person")?)))
            .collect()
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
