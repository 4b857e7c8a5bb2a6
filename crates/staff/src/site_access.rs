//! Which sites an account may read.

use crate::{Account, AccountId, Error, Role, Staff};
use sqlx::Row;
use std::collections::BTreeSet;
use vocabulary::SiteId;

/// The sites an account may read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SiteAccess {
    /// All there are and will be.
    All,
    /// These.
    Listed(BTreeSet<SiteId>),
}

impl Account {
    /// Whether the account may read a site's dashboards.
    pub fn may_read(&self, site: SiteId) -> bool {
        self.disabled.is_none()
            && match &self.sites {
                SiteAccess::All => true,
                SiteAccess::Listed(sites) => sites.contains(&site),
            }
    }
}

impl Staff {
    /// Lists a site for an account. Of an owner it changes nothing while it is one.
    pub async fn allow_site(&self, account: AccountId, site: SiteId) -> Result<(), Error> {
        self.account(account).await?;
        sqlx::query(
            "INSERT INTO site_access (account, site) VALUES ($1, $2) ON CONFLICT (account, site) DO NOTHING",
        )
        .bind(i64::from(account.0))
        .bind(i64::from(site.0))
        .execute(self.database.pool())
        .await?;
        Ok(())
    }

    /// Strikes a site from an account's list.
    pub async fn deny_site(&self, account: AccountId, site: SiteId) -> Result<(), Error> {
        sqlx::query("DELETE FROM site_access WHERE account = $1 AND site = $2")
            .bind(i64::from(account.0))
            .bind(i64::from(site.0))
            .execute(self.database.pool())
            .await?;
        Ok(())
    }

    pub(crate) async fn site_access(&self, account: AccountId, role: Role) -> Result<SiteAccess, Error> {
        if role == Role::Owner {
            return Ok(SiteAccess::All);
        }
        let rows = sqlx::query("SELECT site FROM site_access WHERE account = $1")
            .bind(i64::from(account.0))
            .fetch_all(self.database.pool())
            .await?;
        let sites = rows
            .iter()
            .map(|row| Ok(SiteId(row.try_get::<i64, _>(0)? as u32)))
            .collect::<Result<_, Error>>()?;
        Ok(SiteAccess::Listed(sites))
    }
}
