//! Second factors: enrolling an app, its recovery codes, and starting over when both are lost.

use crate::sign_in::{end_sign_ins, rotate};
use crate::{AccountId, Error, Origin, RecoveryCode, Refusal, Secret, SignedIn, Staff, TotpCard};
use credentials::{RECOVERY_CODES, TotpSecret};
use sqldb::Write;
use sqlx::Row;
use vocabulary::{Moment, moment::MINUTE_MS};

/// How long an enrolment waits for its first code, in milliseconds.
pub const ENROLMENT_MS: i64 = 15 * MINUTE_MS;

/// A second factor that counts from now on.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// For the cookie of this sign-in, in place of the one before: it has its second factor now.
    pub cookie: Secret,
    /// To be shown once. Those of an earlier factor are gone.
    pub recovery_codes: Vec<RecoveryCode>,
    /// Whether it took the place of an earlier one.
    pub replaced: bool,
}

impl Staff {
    /// Begins to enrol an app, in place of an enrolment that waits. The card is shown once; nothing changes before
    /// [`Staff::confirm_enrolment`]. `issuer` is what this installation is called. Takes the password, and to replace an
    /// app a sign-in with the earlier one.
    pub async fn begin_enrolment(
        &self,
        who: &SignedIn,
        password: &str,
        issuer: &str,
        origin: Origin<'_>,
        now: Moment,
    ) -> Result<TotpCard, Error> {
        let id = who.account.id;
        if self.account(id).await?.second_factor && !who.second_factor {
            return Err(Refusal::SecondFactorNeeded.into());
        }
        self.prove_presence(who, password, origin, now).await?;
        let secret = TotpSecret::draw()?;
        let sealed = self.key.seal(id, secret.bytes())?;
        let mut write = self.change().await?;
        delete_enrolment(&mut write, id).await?;
        sqlx::query("INSERT INTO enrolments (account, sealed, expires_ms) VALUES ($1, $2, $3)")
            .bind(i64::from(id.0))
            .bind(sealed)
            .bind(now.plus_ms(ENROLMENT_MS).0)
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(secret.card(issuer, who.account.login.reveal()))
    }

    /// Makes the app that was begun with the account's second factor, if `code` is one of its codes; all other sign-ins
    /// of the account end. Refused with [`Refusal::TooLate`] if none was begun within [`ENROLMENT_MS`].
    pub async fn confirm_enrolment(
        &self,
        who: &SignedIn,
        code: &str,
        origin: Origin<'_>,
        now: Moment,
    ) -> Result<Enrolled, Error> {
        let id = who.account.id;
        let limited = format!("enrolment of {}", id.0);
        self.attempts()
            .begin(&limited, origin.address, now.0)
            .map_err(|wait_ms| Refusal::TooManyAttempts { wait_ms })?;
        let mut write = self.change().await?;
        let row = sqlx::query("SELECT sealed FROM enrolments WHERE account = $1 AND expires_ms > $2")
            .bind(i64::from(id.0))
            .bind(now.0)
            .fetch_optional(&mut *write)
            .await?
            .ok_or(Refusal::TooLate)?;
        let sealed: Vec<u8> = row.try_get(0)?;
        let secret = TotpSecret::from_bytes(&self.key.open(id, &sealed)?).ok_or(Error::Corrupt)?;
        let step = secret.step_of(code, now.0).ok_or(Refusal::WrongCode)?;

        delete_enrolment(&mut write, id).await?;
        let earlier = sqlx::query("DELETE FROM second_factors WHERE account = $1")
            .bind(i64::from(id.0))
            .execute(&mut *write)
            .await?;
        let replaced = earlier.rows_affected() > 0;
        if replaced && !who.second_factor {
            return Err(Refusal::SecondFactorNeeded.into());
        }
        sqlx::query(
            "INSERT INTO second_factors (account, sealed, confirmed_ms, last_step) VALUES ($1, $2, $3, $4)",
        )
        .bind(i64::from(id.0))
        .bind(sealed)
        .bind(now.0)
        .bind(step)
        .execute(&mut *write)
        .await?;
        let recovery_codes = write_recovery_codes(&mut write, id).await?;
        end_sign_ins(&mut write, id, Some(who.sign_in)).await?;
        sqlx::query("UPDATE sign_ins SET second_factor = 1 WHERE id = $1")
            .bind(i64::from(who.sign_in))
            .execute(&mut *write)
            .await?;
        let cookie = rotate(&mut write, id, who.sign_in).await?;
        write.commit().await?;
        self.attempts().succeeded(&limited, origin.address, now.0);
        Ok(Enrolled {
            cookie,
            recovery_codes,
            replaced,
        })
    }

    /// Recovery codes in place of those there were, to be shown once. Takes the password and a sign-in with the second
    /// factor.
    pub async fn renew_recovery_codes(
        &self,
        who: &SignedIn,
        password: &str,
        origin: Origin<'_>,
        now: Moment,
    ) -> Result<Vec<RecoveryCode>, Error> {
        if !who.second_factor {
            return Err(Refusal::SecondFactorNeeded.into());
        }
        self.prove_presence(who, password, origin, now).await?;
        let id = who.account.id;
        let mut write = self.change().await?;
        let enrolled = sqlx::query("SELECT 1 FROM second_factors WHERE account = $1")
            .bind(i64::from(id.0))
            .fetch_optional(&mut *write)
            .await?;
        if enrolled.is_none() {
            return Err(Error::NotFound("second factor"));
        }
        let recovery_codes = write_recovery_codes(&mut write, id).await?;
        write.commit().await?;
        Ok(recovery_codes)
    }

    /// How many recovery codes an account has left.
    pub async fn recovery_codes_left(&self, id: AccountId) -> Result<u32, Error> {
        let row = sqlx::query("SELECT COUNT(*) FROM recovery_codes WHERE account = $1")
            .bind(i64::from(id.0))
            .fetch_one(self.database.pool())
            .await?;
        Ok(row.try_get::<i64, _>(0)? as u32)
    }

    /// Takes a second factor away, for somebody who lost it and the recovery codes, and ends the account's sign-ins.
    /// Others do it, or the command line: whoever asks for it is to be known by other means. Returns how many sign-ins
    /// ended.
    pub async fn reset_second_factor(&self, id: AccountId) -> Result<u64, Error> {
        let mut write = self.change().await?;
        let gone = sqlx::query("DELETE FROM second_factors WHERE account = $1")
            .bind(i64::from(id.0))
            .execute(&mut *write)
            .await?;
        if gone.rows_affected() == 0 {
            return Err(Error::NotFound("second factor"));
        }
        delete_enrolment(&mut write, id).await?;
        delete_recovery_codes(&mut write, id).await?;
        let ended = end_sign_ins(&mut write, id, None).await?;
        write.commit().await?;
        Ok(ended)
    }
}

async fn delete_enrolment(write: &mut Write, id: AccountId) -> Result<(), Error> {
    sqlx::query("DELETE FROM enrolments WHERE account = $1")
        .bind(i64::from(id.0))
        .execute(&mut **write)
        .await?;
    Ok(())
}

async fn delete_recovery_codes(write: &mut Write, id: AccountId) -> Result<(), Error> {
    sqlx::query("DELETE FROM recovery_codes WHERE account = $1")
        .bind(i64::from(id.0))
        .execute(&mut **write)
        .await?;
    Ok(())
}

async fn write_recovery_codes(write: &mut Write, id: AccountId) -> Result<Vec<RecoveryCode>, Error> {
    delete_recovery_codes(write, id).await?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let code = RecoveryCode::draw()?;
        sqlx::query("INSERT INTO recovery_codes (account, sha256) VALUES ($1, $2)")
            .bind(i64::from(id.0))
            .bind(code.digest())
            .execute(&mut **write)
            .await?;
        codes.push(code);
    }
    Ok(codes)
}
