//! Accounts of people on the agency's site. Nobody needs one; whoever has one keeps it under a confirmed e-mail
//! address, which is found by the vault's blind index and stored nowhere else.

use crate::account_link::fold_email;
use crate::{Error, Language, People, Refusal, SignedIn};
use credentials::password::MAX_CHARACTERS;
use credentials::{Sealed, check_password};
use policy::retention::Contract;
use policy::{FieldClass, Purpose};
use serde::Serialize;
use sqlx::{AssertSqlSafe, Row, any::AnyRow};
use vault::{Given, Provenance, Reader, ValueId};
use vocabulary::{Moment, PersonId, moment::HOUR_MS};

/// How fresh a sign-in by link must be to change how one signs in, without the password.
pub const FRESH_MS: i64 = HOUR_MS;
/// Persons per query.
const AT_ONCE: usize = 200;

/// An account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Account {
    /// Whose.
    pub person: PersonId,
    /// The language of its pages and letters.
    pub language: Language,
    /// Whether it has a password; without one its holder signs in by link.
    pub has_password: bool,
    /// When it was made.
    pub created: Moment,
    /// Its place in the order in which accounts were made.
    #[serde(skip)]
    pub(crate) number: i64,
    /// The value in the vault that was confirmed as its address.
    #[serde(skip)]
    pub(crate) email_value: ValueId,
}

const COLUMNS: &str = "id, person, language, email_value, created_ms,
    CASE WHEN password IS NULL THEN 0 ELSE 1 END AS has_password FROM people_accounts";

impl People {
    /// The account of a person.
    pub async fn account(&self, person: PersonId) -> Result<Account, Error> {
        let row = sqlx::query(AssertSqlSafe(format!("SELECT {COLUMNS} WHERE person = $1")))
            .bind(person.0.to_vec())
            .fetch_optional(self.database.pool())
            .await?
            .ok_or(Error::NotFound("account"))?;
        account_of(&row)
    }

    /// Whose account has that address, if one has: for the record of a refused sign-in.
    pub async fn holder(&self, email: &str) -> Result<Option<PersonId>, Error> {
        match fold_email(email) {
            Some(email) => Ok(self.account_of_email(&email).await?.map(|account| account.person)),
            None => Ok(None),
        }
    }

    /// Changes the language of an account.
    pub async fn set_language(&self, person: PersonId, language: Language) -> Result<(), Error> {
        let changed = sqlx::query("UPDATE people_accounts SET language = $1 WHERE person = $2")
            .bind(language.name())
            .bind(person.0.to_vec())
            .execute(self.database.pool())
            .await?;
        if changed.rows_affected() == 0 {
            return Err(Error::NotFound("account"));
        }
        Ok(())
    }

    /// Sets or changes the password and ends the other sign-ins. The old password is needed, or a sign-in by link
    /// within the last hour.
    pub async fn set_password(
        &self,
        who: &SignedIn,
        old: Option<&str>,
        new: &str,
        address: &str,
        now: Moment,
    ) -> Result<(), Error> {
        let classes = [FieldClass::Email, FieldClass::Name];
        let values = self
            .vault
            .read(&Reader::Person, who.person, Purpose::RightsRequest, &classes, now)
            .await?;
        let text = |class| {
            values
                .iter()
                .find(|v| v.class == class)
                .map_or("", |v| v.text.reveal())
        };
        check_password(new, &[text(FieldClass::Email), text(FieldClass::Name)]).map_err(Refusal::Password)?;
        self.confirm(who, old, address, now).await?;
        let hash = self.hasher.hash(new).await?;
        let mut write = self.change().await?;
        let changed = sqlx::query("UPDATE people_accounts SET password = $1 WHERE person = $2")
            .bind(hash.reveal())
            .bind(who.person.0.to_vec())
            .execute(&mut *write)
            .await?;
        if changed.rows_affected() == 0 {
            return Err(Error::NotFound("account"));
        }
        sqlx::query("DELETE FROM people_sign_ins WHERE person = $1 AND id <> $2")
            .bind(who.person.0.to_vec())
            .bind(i64::from(who.sign_in))
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }

    /// Adds or corrects values of the signed-in person, all but the address, which is confirmed by a letter. The wording
    /// for accounts stood beside the form. A value that was there keeps what it may be used for, and by what right; a
    /// new one is given for the account.
    pub async fn change_values(
        &self,
        who: &SignedIn,
        values: &[(FieldClass, Sealed)],
        now: Moment,
    ) -> Result<(), Error> {
        if values.iter().any(|(class, _)| *class == FieldClass::Email) {
            return Err(Refusal::AddressByLetter.into());
        }
        let wording = self.wording("account", who.language).await?;
        let kept = self.vault.values(who.person).await?;
        for (class, text) in values {
            let old = kept.iter().find(|kept| kept.class == *class);
            let provenance = Provenance {
                purposes: old.map_or(vec![Purpose::Account], |old| old.provenance.purposes.clone()),
                basis: old.map_or(wording.basis, |old| old.provenance.basis),
                wording: wording.reference(),
                source: "account".to_owned(),
                language: who.language.name().to_owned(),
                given: now,
            };
            let values = vec![(*class, text.clone())];
            self.vault
                .record(who.person, &Given { provenance, values }, now)
                .await?;
        }
        Ok(())
    }

    /// Deletes the account at its holder's wish: sign-ins, links and password are gone, and what was given for the
    /// account alone may not be used any more and is destroyed when retention next runs. Other data of the person stay
    /// for their own purposes; erasing them is a request of its own.
    pub async fn delete_account(
        &self,
        who: &SignedIn,
        password: Option<&str>,
        address: &str,
        now: Moment,
    ) -> Result<(), Error> {
        self.confirm(who, password, address, now).await?;
        self.vault.withdraw_use(who.person, Purpose::Account, now).await?;
        self.vault
            .set_account(who.person, Contract::Ends(now), now)
            .await?;
        let mut write = self.change().await?;
        for sql in [
            "DELETE FROM people_sign_ins WHERE person = $1",
            "DELETE FROM people_account_links WHERE person = $1",
            "DELETE FROM people_claims WHERE account = $1",
            "DELETE FROM people_accounts WHERE person = $1",
        ] {
            sqlx::query(sql)
                .bind(who.person.0.to_vec())
                .execute(&mut *write)
                .await?;
        }
        Ok(write.commit().await?)
    }

    /// Passes if the sign-in is by link and fresh, or the password is right, within the limits of attempts.
    pub async fn confirm(
        &self,
        who: &SignedIn,
        password: Option<&str>,
        address: &str,
        now: Moment,
    ) -> Result<(), Error> {
        if who.is_by_link && now.0 - who.since.0 < FRESH_MS {
            return Ok(());
        }
        let password = password.ok_or(Refusal::SignInAgain)?;
        let what = who.person.to_string();
        self.begin_guess(&what, address, now)?;
        let fits = password.chars().nth(MAX_CHARACTERS).is_none()
            && self
                .hasher
                .verify(password, self.password_of(who.person).await?)
                .await?;
        if !fits {
            return Err(Refusal::WrongCredentials.into());
        }
        self.guessed(&what, address, now);
        Ok(())
    }

    pub(crate) async fn password_of(&self, person: PersonId) -> Result<Option<Sealed>, Error> {
        let row = sqlx::query("SELECT password FROM people_accounts WHERE person = $1")
            .bind(person.0.to_vec())
            .fetch_optional(self.database.pool())
            .await?;
        Ok(match row {
            Some(row) => row.try_get::<Option<String>, _>(0)?.map(Sealed::new),
            None => None,
        })
    }

    /// The account with that confirmed address; of several, which only a race can make, the first.
    pub(crate) async fn account_of_email(&self, email: &Sealed) -> Result<Option<Account>, Error> {
        if email.reveal().is_empty() {
            return Ok(None);
        }
        let persons = self.vault.find(0, FieldClass::Email, email.reveal()).await?;
        let mut accounts = Vec::new();
        for some in persons.chunks(AT_ONCE) {
            let places: Vec<String> = (1..=some.len()).map(|n| format!("${n}")).collect();
            let sql = format!("SELECT {COLUMNS} WHERE person IN ({})", places.join(", "));
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for person in some {
                query = query.bind(person.0.to_vec());
            }
            for row in &query.fetch_all(self.database.pool()).await? {
                accounts.push(account_of(row)?);
            }
        }
        accounts.sort_by_key(|account| account.number);
        for account in accounts {
            // An address that somebody else changed is not a confirmed one.
            if self.email_value(account.person).await? == Some(account.email_value) {
                return Ok(Some(account));
            }
        }
        Ok(None)
    }

    pub(crate) async fn email_value(&self, person: PersonId) -> Result<Option<ValueId>, Error> {
        let kept = self.vault.values(person).await?;
        Ok(kept.iter().find(|k| k.class == FieldClass::Email).map(|k| k.id))
    }
}

fn account_of(row: &AnyRow) -> Result<Account, Error> {
    Ok(Account {
        person: crate::people::row_person(row, "person")?,
        language: Language::parse(&row.try_get::<String, _>("language")?)
            .ok_or(Error::Corrupt("an account"))?,
        has_password: row.try_get::<i64, _>("has_password")? == 1,
        created: Moment(row.try_get("created_ms")?),
        number: row.try_get("id")?,
        email_value: ValueId(row.try_get("email_value")?),
    })
}
