//! Signing in, staying signed in, and signing out.

use crate::account::{account_columns, fold_login};
use crate::{Account, AccountId, Error, Refusal, Sealed, Secret, Staff};
use credentials::check_password;
use credentials::password::MAX_CHARACTERS;
use sqlx::Row;
use std::sync::PoisonError;
use vocabulary::{
    Moment,
    moment::{DAY_MS, HOUR_MS, MINUTE_MS},
};

/// When a sign-in ends by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lifetimes {
    /// After so long without a request, in milliseconds.
    pub idle_ms: i64,
    /// So long after signing in, in milliseconds, whatever happens.
    pub absolute_ms: i64,
}

/// Half a day without a request; a week in all.
pub const LIFETIMES: Lifetimes = Lifetimes {
    idle_ms: 12 * HOUR_MS,
    absolute_ms: 7 * DAY_MS,
};

/// How stale the time of the last request may get before it is written.
const SEEN_STEP_MS: i64 = MINUTE_MS;

/// A sign-in of an account, as listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignIn {
    /// Its number.
    pub id: u32,
    /// Since when.
    pub created: Moment,
    /// The last request, to the minute.
    pub seen: Moment,
}

/// Who makes a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// Which of its sign-ins.
    pub sign_in: u32,
}

impl Staff {
    /// Signs in. `address` stands for the client's network (the address; of IPv6 its first 64 bits) and limits attempts.
    /// Gives the secret for the cookie; the answer and its time are the same for a wrong password and for no account.
    pub async fn sign_in(
        &self,
        login: &str,
        password: &str,
        address: &str,
        now: Moment,
    ) -> Result<(Secret, SignedIn), Error> {
        let login = fold_login(login);
        let id = self.verified(&login, password, address, now).await?;
        let cookie = Secret::draw()?;
        let row = sqlx::query(
            "INSERT INTO sign_ins (account, sha256, created_ms, seen_ms) VALUES ($1, $2, $3, $3) RETURNING id",
        )
        .bind(i64::from(id.0))
        .bind(cookie.digest())
        .bind(now.0)
        .fetch_one(self.database.pool())
        .await?;
        let signed_in = SignedIn {
            account: self.account(id).await?,
            sign_in: row.try_get::<i64, _>(0)? as u32,
        };
        Ok((cookie, signed_in))
    }

    /// The account whose login and password these are, within the limits of attempts.
    async fn verified(
        &self,
        login: &str,
        password: &str,
        address: &str,
        now: Moment,
    ) -> Result<AccountId, Error> {
        self.attempts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .begin(login, address, now.0)
            .map_err(|wait_ms| Refusal::TooManyAttempts { wait_ms })?;
        if password.chars().nth(MAX_CHARACTERS).is_some() {
            return Err(Refusal::WrongCredentials.into());
        }
        let row = sqlx::query("SELECT id, password FROM accounts WHERE login = $1 AND disabled_ms IS NULL")
            .bind(login)
            .fetch_optional(self.database.pool())
            .await?;
        let (id, stored) = match row {
            Some(row) => (
                row.try_get::<i64, _>(0)? as u32,
                row.try_get::<Option<String>, _>(1)?.map(Sealed::new),
            ),
            None => (0, None),
        };
        if !self.hasher.verify(password, stored).await? {
            return Err(Refusal::WrongCredentials.into());
        }
        self.attempts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .succeeded(login, address, now.0);
        Ok(AccountId(id))
    }

    /// Who bears a cookie, if it is still good; the request counts as activity.
    pub async fn signed_in(&self, cookie: &Secret, now: Moment) -> Result<Option<SignedIn>, Error> {
        let row = sqlx::query(concat!(
            "SELECT ",
            account_columns!(),
            ", sign_ins.id AS sign_in, sign_ins.created_ms AS since_ms, seen_ms
             FROM sign_ins JOIN accounts ON accounts.id = sign_ins.account
             WHERE sha256 = $1 AND disabled_ms IS NULL AND seen_ms > $2 AND sign_ins.created_ms > $3"
        ))
        .bind(cookie.digest())
        .bind(now.0 - LIFETIMES.idle_ms)
        .bind(now.0 - LIFETIMES.absolute_ms)
        .fetch_optional(self.database.pool())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let sign_in: i64 = row.try_get("sign_in")?;
        if now.0 - row.try_get::<i64, _>("seen_ms")? >= SEEN_STEP_MS {
            sqlx::query("UPDATE sign_ins SET seen_ms = $1 WHERE id = $2")
                .bind(now.0)
                .bind(sign_in)
                .execute(self.database.pool())
                .await?;
        }
        Ok(Some(SignedIn {
            account: self.account_of(&row).await?,
            sign_in: sign_in as u32,
        }))
    }

    /// The sign-ins of an account that are still good, oldest first.
    pub async fn sign_ins(&self, account: AccountId, now: Moment) -> Result<Vec<SignIn>, Error> {
        sqlx::query(
            "SELECT id, created_ms, seen_ms FROM sign_ins
             WHERE account = $1 AND seen_ms > $2 AND created_ms > $3 ORDER BY id",
        )
        .bind(i64::from(account.0))
        .bind(now.0 - LIFETIMES.idle_ms)
        .bind(now.0 - LIFETIMES.absolute_ms)
        .fetch_all(self.database.pool())
        .await?
        .iter()
        .map(|row| {
            Ok(SignIn {
                id: row.try_get::<i64, _>("id")? as u32,
                created: Moment(row.try_get("created_ms")?),
                seen: Moment(row.try_get("seen_ms")?),
            })
        })
        .collect()
    }

    /// Ends one sign-in of an account.
    pub async fn end_sign_in(&self, account: AccountId, sign_in: u32) -> Result<(), Error> {
        let ended = sqlx::query("DELETE FROM sign_ins WHERE account = $1 AND id = $2")
            .bind(i64::from(account.0))
            .bind(i64::from(sign_in))
            .execute(self.database.pool())
            .await?;
        if ended.rows_affected() == 0 {
            return Err(Error::NotFound("sign-in"));
        }
        Ok(())
    }

    /// Ends all sign-ins of an account, if wished all but one. Returns how many.
    pub async fn end_all_sign_ins(&self, account: AccountId, but: Option<u32>) -> Result<u64, Error> {
        let ended = sqlx::query("DELETE FROM sign_ins WHERE account = $1 AND id <> $2")
            .bind(i64::from(account.0))
            .bind(but.map_or(0, i64::from))
            .execute(self.database.pool())
            .await?;
        Ok(ended.rows_affected())
    }

    /// Changes the password of whoever is signed in and ends the account's other sign-ins. The old password is asked
    /// for within the limits of attempts.
    pub async fn change_password(
        &self,
        who: &SignedIn,
        old: &str,
        new: &str,
        address: &str,
        now: Moment,
    ) -> Result<(), Error> {
        let login = who.account.login.reveal();
        check_password(new, login, who.account.name.reveal()).map_err(Refusal::Password)?;
        let id = self.verified(login, old, address, now).await?;
        let hash = self.hasher.hash(new).await?;
        let mut write = self.change().await?;
        sqlx::query("UPDATE accounts SET password = $1 WHERE id = $2")
            .bind(hash.reveal())
            .bind(i64::from(id.0))
            .execute(&mut *write)
            .await?;
        sqlx::query("DELETE FROM sign_ins WHERE account = $1 AND id <> $2")
            .bind(i64::from(id.0))
            .bind(i64::from(who.sign_in))
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }

    /// Deletes sign-ins and links that are over. To be called daily or so. Returns how many.
    pub async fn sweep(&self, now: Moment) -> Result<u64, Error> {
        let sign_ins = sqlx::query("DELETE FROM sign_ins WHERE seen_ms <= $1 OR created_ms <= $2")
            .bind(now.0 - LIFETIMES.idle_ms)
            .bind(now.0 - LIFETIMES.absolute_ms)
            .execute(self.database.pool())
            .await?;
        let links = sqlx::query("DELETE FROM set_up_links WHERE expires_ms <= $1")
            .bind(now.0)
            .execute(self.database.pool())
            .await?;
        Ok(sign_ins.rows_affected() + links.rows_affected())
    }
}
