//! Accounts of staff.

use crate::site_access::SiteAccess;
use crate::{Error, Refusal, Role, Sealed, Staff};
use serde::{Deserialize, Serialize};
use sqldb::Write;
use sqlx::{Row, any::AnyRow};
use unicode_normalization::UnicodeNormalization;
use vocabulary::Moment;

/// An account's number: what logs, manifests and the audit log name it by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub u32);

/// The language an account's pages are in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// Russian.
    Ru,
}

impl Language {
    /// Every language.
    pub const ALL: &[Self] = &[Self::En, Self::Ru];

    /// The BCP 47 tag.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }

    /// The language of that tag, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|l| l.name() == name)
    }
}

/// An account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Its number, from 1.
    pub id: AccountId,
    /// What its holder signs in with, unique: an e-mail address or a name, in lower case.
    pub login: Sealed,
    /// What its holder is called.
    pub name: Sealed,
    /// The language of its pages.
    pub language: Language,
    /// What it may do.
    pub role: Role,
    /// The sites it may read.
    pub sites: SiteAccess,
    /// Whether a password was ever set: not yet after an invitation.
    pub is_set_up: bool,
    /// Whether a provider vouched for its holder once.
    pub is_linked: bool,
    /// Whether signing in takes a second factor: one was enrolled.
    pub second_factor: bool,
    /// When it was made.
    pub created: Moment,
    /// Since when it cannot sign in, if so.
    pub disabled: Option<Moment>,
}

impl Account {
    /// Whether its holder has come in once and may come again.
    pub const fn can_sign_in(&self) -> bool {
        self.disabled.is_none() && (self.is_set_up || self.is_linked)
    }

    /// Where letters reach its holder: its login, if that is an address.
    pub fn mail_address(&self) -> Option<&str> {
        let login = self.login.reveal();
        login.contains('@').then_some(login)
    }
}

/// An account to be made by invitation.
#[derive(Clone, Copy)]
pub struct NewAccount<'a> {
    /// 3 to 254 characters without spaces, not yet taken.
    pub login: &'a str,
    /// 1 to 100 characters.
    pub name: &'a str,
    /// The language of its pages.
    pub language: Language,
    /// What it may do.
    pub role: Role,
}

/// The columns that [`account_of`] reads.
macro_rules! account_columns {
    () => {
        "accounts.id AS id, login, name, language, role, accounts.created_ms AS created_ms, disabled_ms,
         CASE WHEN password IS NULL THEN 0 ELSE 1 END AS is_set_up,
         (SELECT COUNT(*) FROM subjects WHERE subjects.account = accounts.id) AS links,
         (SELECT COUNT(*) FROM second_factors WHERE second_factors.account = accounts.id) AS second_factors"
    };
}
pub(crate) use account_columns;

impl Staff {
    /// Every account, by number.
    pub async fn accounts(&self) -> Result<Vec<Account>, Error> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            account_columns!(),
            " FROM accounts ORDER BY id"
        ))
        .fetch_all(self.database.pool())
        .await?;
        let mut accounts = Vec::with_capacity(rows.len());
        for row in &rows {
            accounts.push(self.account_of(row).await?);
        }
        Ok(accounts)
    }

    /// The account of that number.
    pub async fn account(&self, id: AccountId) -> Result<Account, Error> {
        let row = sqlx::query(concat!(
            "SELECT ",
            account_columns!(),
            " FROM accounts WHERE id = $1"
        ))
        .bind(i64::from(id.0))
        .fetch_optional(self.database.pool())
        .await?
        .ok_or(Error::NotFound("account"))?;
        self.account_of(&row).await
    }

    /// The account of that login, as people write it.
    pub async fn account_by_login(&self, login: &str) -> Result<Account, Error> {
        let row = sqlx::query(concat!(
            "SELECT ",
            account_columns!(),
            " FROM accounts WHERE login = $1"
        ))
        .bind(fold_login(login))
        .fetch_optional(self.database.pool())
        .await?
        .ok_or(Error::NotFound("account"))?;
        self.account_of(&row).await
    }

    /// Bars an account from signing in and ends its sign-ins and links. The last owner cannot be barred.
    pub async fn disable_account(&self, id: AccountId, now: Moment) -> Result<(), Error> {
        let mut write = self.change().await?;
        let others = owners(&mut write, Some(id)).await?;
        let changed =
            sqlx::query("UPDATE accounts SET disabled_ms = $1 WHERE id = $2 AND disabled_ms IS NULL")
                .bind(now.0)
                .bind(i64::from(id.0))
                .execute(&mut *write)
                .await?;
        if changed.rows_affected() == 0 {
            return Err(Error::NotFound("account"));
        }
        if others == 0 {
            return Err(Refusal::LastOwner.into());
        }
        for sql in [
            "DELETE FROM sign_ins WHERE account = $1",
            "DELETE FROM pending_sign_ins WHERE account = $1",
            "DELETE FROM set_up_links WHERE account = $1",
        ] {
            sqlx::query(sql)
                .bind(i64::from(id.0))
                .execute(&mut *write)
                .await?;
        }
        Ok(write.commit().await?)
    }

    /// Lets a disabled account sign in again.
    pub async fn enable_account(&self, id: AccountId) -> Result<(), Error> {
        let changed = sqlx::query("UPDATE accounts SET disabled_ms = NULL WHERE id = $1")
            .bind(i64::from(id.0))
            .execute(self.database.pool())
            .await?;
        if changed.rows_affected() == 0 {
            return Err(Error::NotFound("account"));
        }
        Ok(())
    }

    /// Gives an account another role, in force with its next request. The last owner stays one. Returns the role it had.
    pub async fn change_role(&self, id: AccountId, role: Role) -> Result<Role, Error> {
        let mut write = self.change().await?;
        let row = sqlx::query("SELECT role FROM accounts WHERE id = $1")
            .bind(i64::from(id.0))
            .fetch_optional(&mut *write)
            .await?
            .ok_or(Error::NotFound("account"))?;
        let before = Role::parse(&row.try_get::<String, _>(0)?).ok_or(Error::Corrupt)?;
        if before == Role::Owner && role != Role::Owner && owners(&mut write, Some(id)).await? == 0 {
            return Err(Refusal::LastOwner.into());
        }
        sqlx::query("UPDATE accounts SET role = $1 WHERE id = $2")
            .bind(role.name())
            .bind(i64::from(id.0))
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(before)
    }

    /// Changes what an account's holder is called and the language of the pages.
    pub async fn change_account(&self, id: AccountId, name: &str, language: Language) -> Result<(), Error> {
        let changed = sqlx::query("UPDATE accounts SET name = $1, language = $2 WHERE id = $3")
            .bind(checked_name(name)?)
            .bind(language.name())
            .bind(i64::from(id.0))
            .execute(self.database.pool())
            .await?;
        if changed.rows_affected() == 0 {
            return Err(Error::NotFound("account"));
        }
        Ok(())
    }

    /// Writes an account within a change.
    pub(crate) async fn write_account(
        write: &mut Write,
        new: NewAccount<'_>,
        password: Option<&Sealed>,
        now: Moment,
    ) -> Result<AccountId, Error> {
        let login = checked_login(new.login)?;
        let taken = sqlx::query("SELECT 1 FROM accounts WHERE login = $1")
            .bind(&login)
            .fetch_optional(&mut **write)
            .await?;
        if taken.is_some() {
            return Err(Refusal::LoginTaken.into());
        }
        let row = sqlx::query(
            "INSERT INTO accounts (login, name, language, role, password, created_ms)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        )
        .bind(&login)
        .bind(checked_name(new.name)?)
        .bind(new.language.name())
        .bind(new.role.name())
        .bind(password.map(|p| p.reveal().to_owned()))
        .bind(now.0)
        .fetch_one(&mut **write)
        .await?;
        Ok(AccountId(row.try_get::<i64, _>(0)? as u32))
    }

    /// A row with [`account_columns`], and the sites of the account.
    pub(crate) async fn account_of(&self, row: &AnyRow) -> Result<Account, Error> {
        let text = |column| row.try_get::<String, _>(column);
        let id = AccountId(row.try_get::<i64, _>("id")? as u32);
        let role = Role::parse(&text("role")?).ok_or(Error::Corrupt)?;
        Ok(Account {
            id,
            login: Sealed::new(text("login")?),
            name: Sealed::new(text("name")?),
            language: Language::parse(&text("language")?).ok_or(Error::Corrupt)?,
            role,
            sites: self.site_access(id, role).await?,
            is_set_up: row.try_get::<i64, _>("is_set_up")? == 1,
            is_linked: row.try_get::<i64, _>("links")? > 0,
            second_factor: row.try_get::<i64, _>("second_factors")? > 0,
            created: Moment(row.try_get("created_ms")?),
            disabled: row.try_get::<Option<i64>, _>("disabled_ms")?.map(Moment),
        })
    }
}

/// How many owners can sign in, `but` one not counted.
pub(crate) async fn owners(write: &mut Write, but: Option<AccountId>) -> Result<i64, Error> {
    let row = sqlx::query(
        "SELECT COUNT(*) FROM accounts
         WHERE role = 'owner' AND disabled_ms IS NULL AND password IS NOT NULL AND id <> $1",
    )
    .bind(but.map_or(0, |id| i64::from(id.0)))
    .fetch_one(&mut **write)
    .await?;
    Ok(row.try_get(0)?)
}

/// A login as stored: the same for every way of writing it.
pub(crate) fn fold_login(login: &str) -> String {
    login.trim().nfkc().collect::<String>().to_lowercase()
}

pub(crate) fn checked_login(login: &str) -> Result<String, Error> {
    let login = fold_login(login);
    let length = login.chars().count();
    let fits = |c: char| !c.is_whitespace() && !c.is_control();
    if (3..=254).contains(&length) && login.chars().all(fits) {
        Ok(login)
    } else {
        Err(Refusal::Login.into())
    }
}

pub(crate) fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(Refusal::Name.into())
    }
}
