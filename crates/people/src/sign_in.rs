//! Signing in to one's own account, staying signed in, and signing out.

use crate::people::row_person;
use crate::{Error, Language, People, Refusal, account_link};
use credentials::password::MAX_CHARACTERS;
use credentials::{Sealed, Secret};
use serde::Serialize;
use sqlx::Row;
use vocabulary::{
    Moment, PersonId,
    moment::{DAY_MS, HOUR_MS, MINUTE_MS},
};

/// How long a sign-in lasts that is to be remembered.
pub const REMEMBERED_MS: i64 = 30 * DAY_MS;
/// How long a sign-in lasts at most whose cookie ends with the browser.
pub const UNREMEMBERED_MS: i64 = 12 * HOUR_MS;
/// How stale the time of the last request may get before it is written.
const SEEN_STEP_MS: i64 = MINUTE_MS;

/// A sign-in of a person, as listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct SignIn {
    /// Its number.
    pub id: u32,
    /// Since when.
    pub created: Moment,
    /// The last request, to the minute.
    pub seen: Moment,
    /// Until when at most.
    pub ends: Moment,
    /// Whether it outlives the browser.
    pub is_remembered: bool,
}

/// Who makes a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignedIn {
    /// The person.
    pub person: PersonId,
    /// Which of the sign-ins.
    pub sign_in: u32,
    /// Since when.
    pub since: Moment,
    /// Whether by a link, not by password.
    pub is_by_link: bool,
    /// Whether it outlives the browser.
    pub is_remembered: bool,
    /// The language of the account.
    pub language: Language,
}

impl People {
    /// Signs in by password. `address` stands for the client's network (the address; of IPv6 its first 64 bits) and
    /// limits attempts ([`credentials::attempts`]). The answer and its time are the same for a wrong password and for no
    /// account.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        is_remembered: bool,
        address: &str,
        now: Moment,
    ) -> Result<(Secret, SignedIn), Error> {
        let email = account_link::fold_email(email).unwrap_or_else(|| Sealed::new(String::new()));
        let account = self.account_of_email(&email).await?;
        // Of nobody's address as many guesses are taken as of a known one.
        let whose = match &account {
            Some(account) => account.person.to_string(),
            None => email.reveal().to_owned(),
        };
        self.begin_guess(&whose, address, now)?;
        if password.chars().nth(MAX_CHARACTERS).is_some() {
            return Err(Refusal::WrongCredentials.into());
        }
        let stored = match &account {
            Some(account) => self.password_of(account.person).await?,
            None => None,
        };
        let fits = self.hasher.verify(password, stored).await?;
        let Some(account) = account.filter(|_| fits) else {
            return Err(Refusal::WrongCredentials.into());
        };
        self.guessed(&whose, address, now);
        self.begin_sign_in(account.person, false, is_remembered, now)
            .await
    }

    pub(crate) async fn begin_sign_in(
        &self,
        person: PersonId,
        is_by_link: bool,
        is_remembered: bool,
        now: Moment,
    ) -> Result<(Secret, SignedIn), Error> {
        let cookie = Secret::draw()?;
        let lasts_ms = if is_remembered {
            REMEMBERED_MS
        } else {
            UNREMEMBERED_MS
        };
        let row = sqlx::query(
            "INSERT INTO people_sign_ins (person, sha256, is_by_link, is_remembered, created_ms, seen_ms, ends_ms)
             SELECT person, $2, $3, $4, $5, $5, $6 FROM people_accounts WHERE person = $1 RETURNING id",
        )
        .bind(person.0.to_vec())
        .bind(cookie.digest())
        .bind(i64::from(is_by_link))
        .bind(i64::from(is_remembered))
        .bind(now.0)
        .bind(now.plus_ms(lasts_ms).0)
        .fetch_optional(self.database.pool())
        .await?
        .ok_or(Error::NotFound("account"))?;
        let signed_in = SignedIn {
            person,
            sign_in: row.try_get::<i64, _>(0)? as u32,
            since: now,
            is_by_link,
            is_remembered,
            language: self.account(person).await?.language,
        };
        Ok((cookie, signed_in))
    }

    /// Who bears a cookie, if it is still good; the request counts as activity.
    pub async fn signed_in(&self, cookie: &Secret, now: Moment) -> Result<Option<SignedIn>, Error> {
        let row = sqlx::query(
            "SELECT s.id AS id, s.person AS person, is_by_link, is_remembered, s.created_ms AS since_ms, seen_ms,
                    language
             FROM people_sign_ins AS s JOIN people_accounts AS a ON a.person = s.person
             WHERE sha256 = $1 AND ends_ms > $2",
        )
        .bind(cookie.digest())
        .bind(now.0)
        .fetch_optional(self.database.pool())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let sign_in: i64 = row.try_get("id")?;
        if now.0 - row.try_get::<i64, _>("seen_ms")? >= SEEN_STEP_MS {
            sqlx::query("UPDATE people_sign_ins SET seen_ms = $1 WHERE id = $2")
                .bind(now.0)
                .bind(sign_in)
                .execute(self.database.pool())
                .await?;
        }
        Ok(Some(SignedIn {
            person: row_person(&row, "person")?,
            sign_in: sign_in as u32,
            since: Moment(row.try_get("since_ms")?),
            is_by_link: row.try_get::<i64, _>("is_by_link")? == 1,
            is_remembered: row.try_get::<i64, _>("is_remembered")? == 1,
            language: Language::parse(&row.try_get::<String, _>("language")?)
                .ok_or(Error::Corrupt("an account"))?,
        }))
    }

    /// Lets a sign-in end sooner: one that lives in the forms of a page.
    pub async fn shorten_sign_in(&self, cookie: &Secret, ends: Moment) -> Result<(), Error> {
        sqlx::query("UPDATE people_sign_ins SET ends_ms = $1 WHERE sha256 = $2 AND ends_ms > $1")
            .bind(ends.0)
            .bind(cookie.digest())
            .execute(self.database.pool())
            .await?;
        Ok(())
    }

    /// The sign-ins of a person that are still good, oldest first.
    pub async fn sign_ins(&self, person: PersonId, now: Moment) -> Result<Vec<SignIn>, Error> {
        sqlx::query(
            "SELECT id, created_ms, seen_ms, ends_ms, is_remembered FROM people_sign_ins
             WHERE person = $1 AND ends_ms > $2 ORDER BY id",
        )
        .bind(person.0.to_vec())
        .bind(now.0)
        .fetch_all(self.database.pool())
        .await?
        .iter()
        .map(|row| {
            Ok(SignIn {
                id: row.try_get::<i64, _>("id")? as u32,
                created: Moment(row.try_get("created_ms")?),
                seen: Moment(row.try_get("seen_ms")?),
                ends: Moment(row.try_get("ends_ms")?),
                is_remembered: row.try_get::<i64, _>("is_remembered")? == 1,
            })
        })
        .collect()
    }

    /// Ends one sign-in of a person.
    pub async fn end_sign_in(&self, person: PersonId, sign_in: u32) -> Result<(), Error> {
        let ended = sqlx::query("DELETE FROM people_sign_ins WHERE person = $1 AND id = $2")
            .bind(person.0.to_vec())
            .bind(i64::from(sign_in))
            .execute(self.database.pool())
            .await?;
        if ended.rows_affected() == 0 {
            return Err(Error::NotFound("sign-in"));
        }
        Ok(())
    }

    /// Ends all sign-ins of a person, if wished all but one. Returns how many.
    pub async fn end_all_sign_ins(&self, person: PersonId, but: Option<u32>) -> Result<u64, Error> {
        let ended = sqlx::query("DELETE FROM people_sign_ins WHERE person = $1 AND id <> $2")
            .bind(person.0.to_vec())
            .bind(but.map_or(0, i64::from))
            .execute(self.database.pool())
            .await?;
        Ok(ended.rows_affected())
    }

    /// Deletes sign-ins, links and unconfirmed consents that are over. To be called hourly or so. Returns how many.
    pub async fn sweep(&self, now: Moment) -> Result<u64, Error> {
        let sign_ins = sqlx::query("DELETE FROM people_sign_ins WHERE ends_ms <= $1")
            .bind(now.0)
            .execute(self.database.pool())
            .await?;
        let links = sqlx::query("DELETE FROM people_account_links WHERE expires_ms <= $1")
            .bind(now.0)
            .execute(self.database.pool())
            .await?;
        let unconfirmed = sqlx::query("DELETE FROM consent_links WHERE expires_ms <= $1")
            .bind(now.0)
            .execute(self.database.pool())
            .await?;
        Ok(sign_ins.rows_affected() + links.rows_affected() + unconfirmed.rows_affected())
    }
}
