//! Signing in: first a password or a provider's word, then, where one is enrolled, the second factor.

use crate::account::fold_login;
use crate::{Account, AccountId, Error, RecoveryCode, Refusal, Sealed, Secret, SignedIn, Staff};
use credentials::password::MAX_CHARACTERS;
use credentials::{Guess, TotpSecret, Wait};
use sqldb::Write;
use sqlx::Row;
use std::sync::{MutexGuard, PoisonError};
use vocabulary::{Moment, moment::MINUTE_MS};

/// How long the second step may take, in milliseconds.
pub const SECOND_STEP_MS: i64 = 5 * MINUTE_MS;

/// The longest description of a browser that is kept, in characters.
const BROWSER_CHARACTERS: usize = 80;

/// Where an attempt comes from.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    /// Stands for the client's network (the address; of IPv6 its first 64 bits) and limits attempts; never stored.
    pub address: &'a str,
    /// The kind of browser and of system, such as `Firefox, Linux`: no version, nothing that tells two apart. Kept with
    /// the sign-in, so that its holder knows it again.
    pub browser: &'a str,
}

/// What the first step led to.
#[derive(Clone, Debug)]
pub enum Step {
    /// Signed in; the secret is for the cookie.
    SignedIn(Secret, Box<SignedIn>),
    /// The account's second factor is asked for, within [`SECOND_STEP_MS`]; the secret is for
    /// [`Staff::second_step`] and opens nothing else.
    SecondFactorNeeded(Secret, AccountId),
}

/// What the second step led to.
#[derive(Clone, Debug)]
pub struct SecondStep {
    /// For the cookie.
    pub cookie: Secret,
    /// Who signed in.
    pub signed_in: SignedIn,
    /// By what: to be recorded, and a used recovery code to be shown.
    pub used: Used,
}

/// A second factor that was used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Used {
    /// A code of the app.
    Code,
    /// A recovery code, which is gone now.
    RecoveryCode {
        /// How many are left.
        left: u32,
    },
}

impl Staff {
    /// The first step by password, within the limits of attempts ([`credentials::attempts`]). The answer and its time are the same for a wrong password and for no account.
    pub async fn sign_in(
        &self,
        login: &str,
        password: &str,
        origin: Origin<'_>,
        now: Moment,
    ) -> Result<Step, Error> {
        let id = self.verified(&fold_login(login), password, origin, now).await?;
        self.first_step(id, false, origin, now).await
    }

    /// Whose second factor a first step waits for, if it still does: for the page that asks, and to record what fails.
    pub async fn pending(&self, pending: &Secret, now: Moment) -> Result<Option<AccountId>, Error> {
        let row = sqlx::query("SELECT account FROM pending_sign_ins WHERE sha256 = $1 AND expires_ms > $2")
            .bind(pending.digest())
            .bind(now.0)
            .fetch_optional(self.database.pool())
            .await?;
        let account = row.map(|row| row.try_get::<i64, _>(0)).transpose()?;
        Ok(account.map(|id| AccountId(id as u32)))
    }

    /// The second step: `typed` is a code of the app or a recovery code. Refused with [`Refusal::TooLate`] if there is no
    /// such first step (any more), [`Refusal::WrongCode`], or one of the two limits of attempts; a recovery code, which
    /// nobody can guess, is accepted where codes have to wait for guesses from elsewhere.
    pub async fn second_step(
        &self,
        pending: &Secret,
        typed: &str,
        origin: Origin<'_>,
        now: Moment,
    ) -> Result<SecondStep, Error> {
        let id = self.pending(pending, now).await?.ok_or(Refusal::TooLate)?;
        let limited = format!("second factor of {}", id.0);
        let recovery_code = RecoveryCode::parse(typed);
        if recovery_code.is_some() {
            self.attempts()
                .begin(&limited, origin.address, now.0)
                .map_err(Wait::Here)
        } else {
            self.attempts()
                .begin_guess(Guess::Code, &limited, origin.address, now.0)
        }
        .map_err(Refusal::from)?;

        let mut write = self.change().await?;
        let used = match recovery_code {
            Some(code) => use_recovery_code(&mut write, id, &code).await?,
            None => self.use_code(&mut write, id, typed, now).await?,
        };
        let gone = sqlx::query("DELETE FROM pending_sign_ins WHERE sha256 = $1")
            .bind(pending.digest())
            .execute(&mut *write)
            .await?;
        if gone.rows_affected() == 0 {
            return Err(Refusal::TooLate.into());
        }
        let (cookie, sign_in) = write_sign_in(&mut write, id, true, origin, now).await?;
        write.commit().await?;
        self.attempts()
            .guessed(Guess::Code, &limited, origin.address, now.0);
        Ok(SecondStep {
            cookie,
            signed_in: self.just_signed_in(id, sign_in, true, now).await?,
            used,
        })
    }

    /// What follows a first factor: `second_factor` says whether it brought the second with it.
    pub(crate) async fn first_step(
        &self,
        id: AccountId,
        second_factor: bool,
        origin: Origin<'_>,
        now: Moment,
    ) -> Result<Step, Error> {
        let mut write = self.change().await?;
        let enrolled = sqlx::query("SELECT 1 FROM second_factors WHERE account = $1")
            .bind(i64::from(id.0))
            .fetch_optional(&mut *write)
            .await?;
        if enrolled.is_some() && !second_factor {
            let pending = Secret::draw()?;
            sqlx::query("INSERT INTO pending_sign_ins (sha256, account, expires_ms) VALUES ($1, $2, $3)")
                .bind(pending.digest())
                .bind(i64::from(id.0))
                .bind(now.plus_ms(SECOND_STEP_MS).0)
                .execute(&mut *write)
                .await?;
            write.commit().await?;
            return Ok(Step::SecondFactorNeeded(pending, id));
        }
        let (cookie, sign_in) = write_sign_in(&mut write, id, second_factor, origin, now).await?;
        write.commit().await?;
        let signed_in = self.just_signed_in(id, sign_in, second_factor, now).await?;
        Ok(Step::SignedIn(cookie, Box::new(signed_in)))
    }

    /// The account whose login and password these are, within the limits of attempts.
    pub(crate) async fn verified(
        &self,
        login: &str,
        password: &str,
        origin: Origin<'_>,
        now: Moment,
    ) -> Result<AccountId, Error> {
        self.attempts()
            .begin_guess(Guess::Password, login, origin.address, now.0)
            .map_err(Refusal::from)?;
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
        self.attempts()
            .guessed(Guess::Password, login, origin.address, now.0);
        Ok(AccountId(id))
    }

    /// Counts guesses from this network no longer among those of strangers, for a month: whoever is there proved by a
    /// link to be the account's holder.
    pub fn trust_network(&self, account: &Account, origin: Origin<'_>, now: Moment) {
        self.attempts()
            .trust(account.login.reveal(), origin.address, now.0);
    }

    pub(crate) fn attempts(&self) -> MutexGuard<'_, credentials::Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn use_code(
        &self,
        write: &mut Write,
        id: AccountId,
        typed: &str,
        now: Moment,
    ) -> Result<Used, Error> {
        let row = sqlx::query("SELECT sealed, last_step FROM second_factors WHERE account = $1")
            .bind(i64::from(id.0))
            .fetch_optional(&mut **write)
            .await?
            .ok_or(Refusal::WrongCode)?;
        let bytes = self.key.open(id, &row.try_get::<Vec<u8>, _>(0)?)?;
        let secret = TotpSecret::from_bytes(&bytes).ok_or(Error::Corrupt)?;
        let last_step: i64 = row.try_get(1)?;
        let step = secret
            .step_of(typed, now.0)
            .filter(|step| *step > last_step)
            .ok_or(Refusal::WrongCode)?;
        sqlx::query("UPDATE second_factors SET last_step = $1 WHERE account = $2")
            .bind(step)
            .bind(i64::from(id.0))
            .execute(&mut **write)
            .await?;
        Ok(Used::Code)
    }

    async fn just_signed_in(
        &self,
        id: AccountId,
        sign_in: u32,
        second_factor: bool,
        since: Moment,
    ) -> Result<SignedIn, Error> {
        Ok(SignedIn {
            account: self.account(id).await?,
            sign_in,
            since,
            second_factor,
        })
    }
}

async fn use_recovery_code(write: &mut Write, id: AccountId, code: &RecoveryCode) -> Result<Used, Error> {
    let gone = sqlx::query("DELETE FROM recovery_codes WHERE account = $1 AND sha256 = $2")
        .bind(i64::from(id.0))
        .bind(code.digest())
        .execute(&mut **write)
        .await?;
    if gone.rows_affected() == 0 {
        return Err(Refusal::WrongCode.into());
    }
    let left = sqlx::query("SELECT COUNT(*) FROM recovery_codes WHERE account = $1")
        .bind(i64::from(id.0))
        .fetch_one(&mut **write)
        .await?;
    Ok(Used::RecoveryCode {
        left: left.try_get::<i64, _>(0)? as u32,
    })
}

async fn write_sign_in(
    write: &mut Write,
    id: AccountId,
    second_factor: bool,
    origin: Origin<'_>,
    now: Moment,
) -> Result<(Secret, u32), Error> {
    let active = sqlx::query("SELECT 1 FROM accounts WHERE id = $1 AND disabled_ms IS NULL")
        .bind(i64::from(id.0))
        .fetch_optional(&mut **write)
        .await?;
    if active.is_none() {
        return Err(Refusal::WrongCredentials.into());
    }
    let cookie = Secret::draw()?;
    let browser: String = origin
        .browser
        .chars()
        .filter(|c| !c.is_control())
        .take(BROWSER_CHARACTERS)
        .collect();
    let row = sqlx::query(
        "INSERT INTO sign_ins (account, sha256, created_ms, seen_ms, browser, second_factor)
         VALUES ($1, $2, $3, $3, $4, $5) RETURNING id",
    )
    .bind(i64::from(id.0))
    .bind(cookie.digest())
    .bind(now.0)
    .bind(browser)
    .bind(i64::from(second_factor))
    .fetch_one(&mut **write)
    .await?;
    Ok((cookie, row.try_get::<i64, _>(0)? as u32))
}
