//! One-time links by which somebody sets up an account: the first owner, one who was invited, or one who forgot the
//! password. There is never a default password.

use crate::account::{checked_name, owners};
use crate::sign_in::end_sign_ins;
use crate::{Account, AccountId, Error, Language, NewAccount, Refusal, Role, Secret, Staff};
use sqldb::Write;
use sqlx::Row;
use vocabulary::{Moment, moment::DAY_MS};

/// How long a link works, in milliseconds.
pub const LINK_LIFETIME_MS: i64 = DAY_MS;

/// Whom a link is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SetUp {
    /// The first owner, who chooses a login as well.
    FirstOwner,
    /// The holder of this account.
    Account(Box<Account>),
}

/// What is filled in behind a link.
#[derive(Clone, Copy)]
pub struct SetUpForm<'a> {
    /// The login of the first owner; of no account else.
    pub login: &'a str,
    /// What the holder is called.
    pub name: &'a str,
    /// The language of the pages.
    pub language: Language,
    /// The new password.
    pub password: &'a str,
}

impl Staff {
    /// A link for the first owner, in place of any older one; refused with [`Refusal::OwnerExists`] if there is one.
    pub async fn link_for_first_owner(&self, now: Moment) -> Result<Secret, Error> {
        let mut write = self.change().await?;
        if owners(&mut write, None).await? > 0 {
            return Err(Refusal::OwnerExists.into());
        }
        sqlx::query("DELETE FROM set_up_links WHERE account IS NULL")
            .execute(&mut *write)
            .await?;
        let link = write_link(&mut write, None, now).await?;
        write.commit().await?;
        Ok(link)
    }

    /// Makes an account without a password and a link for its holder.
    pub async fn invite(&self, new: NewAccount<'_>, now: Moment) -> Result<(AccountId, Secret), Error> {
        let mut write = self.change().await?;
        let id = Self::write_account(&mut write, new, None, now).await?;
        let link = write_link(&mut write, Some(id), now).await?;
        write.commit().await?;
        Ok((id, link))
    }

    /// A new link for an account's holder, in place of any older one: how an owner resets a password. The old one stays
    /// until the link is used; a second factor stays as it is and is asked for next.
    pub async fn link_for(&self, id: AccountId, now: Moment) -> Result<Secret, Error> {
        if self.account(id).await?.disabled.is_some() {
            return Err(Error::NotFound("account"));
        }
        let mut write = self.change().await?;
        sqlx::query("DELETE FROM set_up_links WHERE account = $1")
            .bind(i64::from(id.0))
            .execute(&mut *write)
            .await?;
        let link = write_link(&mut write, Some(id), now).await?;
        write.commit().await?;
        Ok(link)
    }

    /// Whom a link is for; [`Refusal::Link`] if it does not work.
    pub async fn set_up(&self, link: &Secret, now: Moment) -> Result<SetUp, Error> {
        let row = sqlx::query("SELECT account FROM set_up_links WHERE sha256 = $1 AND expires_ms > $2")
            .bind(link.digest())
            .bind(now.0)
            .fetch_optional(self.database.pool())
            .await?
            .ok_or(Refusal::Link)?;
        Ok(match row.try_get::<Option<i64>, _>(0)? {
            None => SetUp::FirstOwner,
            Some(id) => SetUp::Account(Box::new(self.account(AccountId(id as u32)).await?)),
        })
    }

    /// Everything that is wrong with a form of this link, in its order: login, name, password.
    pub fn set_up_faults(&self, set_up: &SetUp, form: &SetUpForm<'_>) -> Vec<Refusal> {
        let login = match set_up {
            SetUp::FirstOwner => form.login,
            SetUp::Account(account) => account.login.reveal(),
        };
        let refusal = |error: Error| match error {
            Error::Refused(refusal) => Some(refusal),
            _ => None,
        };
        let checked = [
            crate::account::checked_login(login).err().and_then(refusal),
            checked_name(form.name).err().and_then(refusal),
            self.check_password(form.password, login.trim(), form.name.trim())
                .err(),
        ];
        checked.into_iter().flatten().collect()
    }

    /// Carries out what a link is for. It works once; all earlier sign-ins of the account end.
    pub async fn finish_set_up(
        &self,
        link: &Secret,
        form: SetUpForm<'_>,
        now: Moment,
    ) -> Result<Account, Error> {
        let set_up = self.set_up(link, now).await?;
        let login = match &set_up {
            SetUp::FirstOwner => form.login,
            SetUp::Account(account) => account.login.reveal(),
        };
        let name = form.name.trim().to_owned();
        if let Some(refusal) = self.set_up_faults(&set_up, &form).into_iter().next() {
            return Err(refusal.into());
        }
        let password = self.hasher.hash(form.password).await?;

        let mut write = self.change().await?;
        let used = sqlx::query("DELETE FROM set_up_links WHERE sha256 = $1 AND expires_ms > $2")
            .bind(link.digest())
            .bind(now.0)
            .execute(&mut *write)
            .await?;
        if used.rows_affected() == 0 {
            return Err(Refusal::Link.into());
        }
        let id = match &set_up {
            SetUp::FirstOwner => {
                if owners(&mut write, None).await? > 0 {
                    return Err(Refusal::OwnerExists.into());
                }
                let new = NewAccount {
                    login,
                    name: &name,
                    language: form.language,
                    role: Role::Owner,
                };
                Self::write_account(&mut write, new, Some(&password), now).await?
            }
            SetUp::Account(account) => {
                sqlx::query("UPDATE accounts SET name = $1, language = $2, password = $3 WHERE id = $4")
                    .bind(&name)
                    .bind(form.language.name())
                    .bind(password.reveal())
                    .bind(i64::from(account.id.0))
                    .execute(&mut *write)
                    .await?;
                end_sign_ins(&mut write, account.id, None).await?;
                account.id
            }
        };
        write.commit().await?;
        self.account(id).await
    }
}

async fn write_link(write: &mut Write, account: Option<AccountId>, now: Moment) -> Result<Secret, Error> {
    let link = Secret::draw()?;
    sqlx::query("INSERT INTO set_up_links (sha256, account, expires_ms) VALUES ($1, $2, $3)")
        .bind(link.digest())
        .bind(account.map(|id| i64::from(id.0)))
        .bind(now.plus_ms(LINK_LIFETIME_MS).0)
        .execute(&mut **write)
        .await?;
    Ok(link)
}
