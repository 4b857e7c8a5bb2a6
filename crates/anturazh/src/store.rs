//! The databases of a data folder, opened.

use crate::{configuration::Configuration, folder::Folder, key_file};
use anyhow::Context;
use credentials::Secret;
use sites::Sites;
use sqldb::Database;
use staff::StaffKey;
use std::path::Path;

/// Folder, configuration, and the register of sites.
pub(crate) struct Store {
    pub(crate) folder: Folder,
    pub(crate) configuration: Configuration,
    pub(crate) catalog: Database,
    pub(crate) sites: Sites,
}

impl Store {
    /// Opens the folder at `path`.
    pub(crate) async fn open(path: &Path) -> anyhow::Result<Self> {
        let folder = Folder::open(path)?;
        let configuration = Configuration::read(&folder.configuration())?;
        Self::of(folder, configuration).await
    }

    /// Opens a folder under a configuration.
    pub(crate) async fn of(folder: Folder, configuration: Configuration) -> anyhow::Result<Self> {
        if configuration.catalog.is_none() {
            folder.check_catalog()?;
        }
        let at = configuration
            .catalog
            .clone()
            .unwrap_or_else(|| folder.catalog().display().to_string());
        let catalog = Database::open(&at).await.context("failed to open the catalog")?;
        let sites = Sites::open(catalog.clone())
            .await
            .context("failed to open the register of sites")?;
        Ok(Self {
            folder,
            configuration,
            catalog,
            sites,
        })
    }

    /// The key that tokens of public forms are signed with: a form that was shown before a restart is taken after it.
    pub(crate) fn form_key(&self) -> anyhow::Result<Secret> {
        key_file::key(&self.folder.key("forms.key"), "the key of forms").map(Secret::from)
    }

    /// Opens the accounts.
    pub(crate) async fn staff(&self) -> anyhow::Result<staff::Staff> {
        let database = Database::open(&self.folder.staff().display().to_string()).await;
        let database = database.context("failed to open the accounts")?;
        let key = key_file::key(&self.folder.staff_key(), "the key of second factors")?;
        let staff = staff::Staff::open(database, StaffKey::new(key))
            .await
            .context("failed to open the accounts")?;
        let agency = &self.configuration.agency.name;
        let mut names = vec![agency.en.clone(), agency.ru.clone()];
        if let Some(address) = &self.configuration.address {
            names.push(crate::people::host_of(address).to_owned());
        }
        Ok(staff.called(names))
    }
}
