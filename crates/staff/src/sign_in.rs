//! Sign-ins: staying signed in, seeing where one is, and ending it.

use crate::account::account_columns;
use crate::{Account, AccountId, Error, Right, Secret, Staff};
use sqldb::Write;
use sqlx::Row;
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

/// For how long after an account was made the second factor it must have may be put off, in milliseconds.
pub const PUT_OFF_MS: i64 = HOUR_MS;

/// How stale the time of the last request may get before it is written.
const SEEN_STEP_MS: i64 = MINUTE_MS;

/// A sign-in of an account, as listed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignIn {
    /// Its number.
    pub id: u32,
    /// Since when.
    pub created: Moment,
    /// The last request, to the minute.
    pub seen: Moment,
    /// The kind of browser and system, as in [`crate::Origin::browser`]; empty if unknown.
    pub browser: String,
    /// Whether it was made with a second factor.
    pub second_factor: bool,
}

/// Who makes a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// Which of its sign-ins.
    pub sign_in: u32,
    /// Since when.
    pub since: Moment,
    /// Whether it was made with a second factor. Without one only dashboards are read.
    pub second_factor: bool,
}

impl SignedIn {
    /// Whether this request may do that: the role has the right, and the sign-in the second factor that it takes.
    pub fn may(&self, right: Right) -> bool {
        self.account.disabled.is_none()
            && self.account.role.may(right)
            && (self.second_factor || !right.needs_second_factor())
    }

    /// Whether the account must enrol a second factor before it can do anything else, but for [`SignedIn::may_put_off`].
    pub fn must_enrol(&self) -> bool {
        !self.second_factor && !self.account.second_factor && self.account.role.needs_second_factor()
    }

    /// Whether dashboards may be read before a second factor is enrolled: for the first hour of the account, so that
    /// whoever has just set it up sees what it is for.
    pub fn may_put_off(&self, now: Moment) -> bool {
        now < self.account.created.plus_ms(PUT_OFF_MS)
    }
}

impl Staff {
    /// Who bears a cookie, if it is still good; the request counts as activity.
    pub async fn signed_in(&self, cookie: &Secret, now: Moment) -> Result<Option<SignedIn>, Error> {
        let row = sqlx::query(concat!(
            "SELECT ",
            account_columns!(),
            ", sign_ins.id AS sign_in, sign_ins.created_ms AS since_ms, seen_ms, second_factor
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
            since: Moment(row.try_get("since_ms")?),
            second_factor: row.try_get::<i64, _>("second_factor")? == 1,
        }))
    }

    /// The sign-ins of an account that are still good, oldest first.
    pub async fn sign_ins(&self, account: AccountId, now: Moment) -> Result<Vec<SignIn>, Error> {
        sqlx::query(
            "SELECT id, created_ms, seen_ms, browser, second_factor FROM sign_ins
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
                browser: row.try_get("browser")?,
                second_factor: row.try_get::<i64, _>("second_factor")? == 1,
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

    /// Ends all sign-ins of an account, if wished all but one, and those that wait for their second step. Returns how many
    /// sign-ins ended.
    pub async fn end_all_sign_ins(&self, account: AccountId, but: Option<u32>) -> Result<u64, Error> {
        let mut write = self.change().await?;
        let ended = end_sign_ins(&mut write, account, but).await?;
        write.commit().await?;
        Ok(ended)
    }

    /// Deletes sign-ins, links, first steps and enrolments that are over. To be called daily or so. Returns how many.
    pub async fn sweep(&self, now: Moment) -> Result<u64, Error> {
        let sign_ins = sqlx::query("DELETE FROM sign_ins WHERE seen_ms <= $1 OR created_ms <= $2")
            .bind(now.0 - LIFETIMES.idle_ms)
            .bind(now.0 - LIFETIMES.absolute_ms)
            .execute(self.database.pool())
            .await?;
        let mut swept = sign_ins.rows_affected();
        for sql in [
            "DELETE FROM set_up_links WHERE expires_ms <= $1",
            "DELETE FROM pending_sign_ins WHERE expires_ms <= $1",
            "DELETE FROM enrolments WHERE expires_ms <= $1",
        ] {
            let over = sqlx::query(sql).bind(now.0).execute(self.database.pool()).await?;
            swept += over.rows_affected();
        }
        Ok(swept)
    }
}

/// Ends sign-ins and first steps of an account within a change; returns how many sign-ins.
pub(crate) async fn end_sign_ins(
    write: &mut Write,
    account: AccountId,
    but: Option<u32>,
) -> Result<u64, Error> {
    sqlx::query("DELETE FROM pending_sign_ins WHERE account = $1")
        .bind(i64::from(account.0))
        .execute(&mut **write)
        .await?;
    let ended = sqlx::query("DELETE FROM sign_ins WHERE account = $1 AND id <> $2")
        .bind(i64::from(account.0))
        .bind(but.map_or(0, i64::from))
        .execute(&mut **write)
        .await?;
    Ok(ended.rows_affected())
}

/// Gives a sign-in another secret within a change; the one before opens nothing any more.
pub(crate) async fn rotate(write: &mut Write, account: AccountId, sign_in: u32) -> Result<Secret, Error> {
    let cookie = Secret::draw()?;
    let rotated = sqlx::query("UPDATE sign_ins SET sha256 = $1 WHERE id = $2 AND account = $3")
        .bind(cookie.digest())
        .bind(i64::from(sign_in))
        .bind(i64::from(account.0))
        .execute(&mut **write)
        .await?;
    if rotated.rows_affected() == 0 {
        return Err(Error::NotFound("sign-in"));
    }
    Ok(cookie)
}
