//! Accounts whose holders sign in by a provider. It never makes an account: it opens one that was made by invitation.

use crate::account::fold_login;
use crate::oidc::{Fetch, Identity, Provider, ProviderAnswer};
use crate::{AccountId, Error, Origin, Refusal, Secret, SignedIn, Staff, Step};
use sqldb::Write;
use sqlx::Row;
use vocabulary::Moment;

/// What a provider's word led to.
#[derive(Clone, Debug)]
pub struct ProviderStep {
    /// As after a password.
    pub step: Step,
    /// Whose.
    pub account: AccountId,
    /// Whether the account was linked to the subject just now: to be recorded.
    pub linked: bool,
}

impl Staff {
    /// For whom a provider vouches by the answer that the browser brought, within the limits of attempts. `attempt` is the
    /// secret that [`Provider::address`] was given; it must not be used again.
    pub async fn identity(
        &self,
        provider: &Provider,
        fetch: &dyn Fetch,
        attempt: &Secret,
        answer: ProviderAnswer<'_>,
        origin: Origin<'_>,
        now: Moment,
    ) -> Result<Identity, Error> {
        const LIMITED: &str = "sign-in by a provider";
        // Not counted: any page can make a browser send such an answer, and would lock it out.
        provider.check_state(attempt, answer)?;
        self.attempts()
            .begin(LIMITED, origin.address, now.0)
            .map_err(|wait_ms| Refusal::TooManyAttempts { wait_ms })?;
        let identity = provider.identity(fetch, attempt, answer, now).await?;
        self.attempts().succeeded(LIMITED, origin.address, now.0);
        Ok(identity)
    }

    /// The first step by a provider. The account is the one linked to the subject; else the one whose login is the
    /// verified e-mail address, which is linked to the subject from then on, unless it is linked to another one.
    /// [`Refusal::NotInvited`] if there is none that can sign in.
    pub async fn sign_in_by(
        &self,
        identity: &Identity,
        origin: Origin<'_>,
        now: Moment,
    ) -> Result<ProviderStep, Error> {
        let mut write = self.change().await?;
        let holder = subject_holder(&mut write, identity).await?;
        let linked = holder.is_none();
        let account = match holder {
            Some(account) => account,
            None => link_invited(&mut write, identity, now).await?,
        };
        let active = sqlx::query("SELECT 1 FROM accounts WHERE id = $1 AND disabled_ms IS NULL")
            .bind(i64::from(account.0))
            .fetch_optional(&mut *write)
            .await?;
        if active.is_none() {
            return Err(Refusal::NotInvited.into());
        }
        write.commit().await?;
        let step = self
            .first_step(account, identity.second_factor, origin, now)
            .await?;
        Ok(ProviderStep {
            step,
            account,
            linked,
        })
    }

    /// Links the account of whoever is signed in, for providers that verify no e-mail address. Takes the password, as
    /// enrolling does. [`Refusal::Linked`] if subject or account is linked already.
    pub async fn link_subject(
        &self,
        who: &SignedIn,
        identity: &Identity,
        password: &str,
        origin: Origin<'_>,
        now: Moment,
    ) -> Result<(), Error> {
        if who.account.second_factor && !who.second_factor {
            return Err(Refusal::SecondFactorNeeded.into());
        }
        self.prove_presence(who, password, origin, now).await?;
        let mut write = self.change().await?;
        if subject_holder(&mut write, identity).await?.is_some() {
            return Err(Refusal::Linked.into());
        }
        link(&mut write, who.account.id, identity, now).await?;
        Ok(write.commit().await?)
    }

    /// The issuers that an account is linked at, and since when.
    pub async fn links(&self, account: AccountId) -> Result<Vec<(String, Moment)>, Error> {
        sqlx::query("SELECT issuer, linked_ms FROM subjects WHERE account = $1 ORDER BY issuer")
            .bind(i64::from(account.0))
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(|row| Ok((row.try_get(0)?, Moment(row.try_get(1)?))))
            .collect()
    }

    /// Takes an account's link at an issuer away. A verified e-mail address that is its login links it anew.
    pub async fn unlink(&self, account: AccountId, issuer: &str) -> Result<(), Error> {
        let gone = sqlx::query("DELETE FROM subjects WHERE account = $1 AND issuer = $2")
            .bind(i64::from(account.0))
            .bind(issuer)
            .execute(self.database.pool())
            .await?;
        if gone.rows_affected() == 0 {
            return Err(Error::NotFound("link"));
        }
        Ok(())
    }
}

async fn subject_holder(write: &mut Write, identity: &Identity) -> Result<Option<AccountId>, Error> {
    let row = sqlx::query("SELECT account FROM subjects WHERE issuer = $1 AND subject = $2")
        .bind(&identity.issuer)
        .bind(identity.subject.reveal())
        .fetch_optional(&mut **write)
        .await?;
    let account = row.map(|row| row.try_get::<i64, _>(0)).transpose()?;
    Ok(account.map(|id| AccountId(id as u32)))
}

/// The account whose login is the identity's address, linked.
async fn link_invited(write: &mut Write, identity: &Identity, now: Moment) -> Result<AccountId, Error> {
    let account = invited(write, identity).await?.ok_or(Refusal::NotInvited)?;
    match link(write, account, identity, now).await {
        Err(Error::Refused(_)) => Err(Refusal::NotInvited.into()),
        linked => linked.map(|()| account),
    }
}

async fn invited(write: &mut Write, identity: &Identity) -> Result<Option<AccountId>, Error> {
    let Some(email) = &identity.email else {
        return Ok(None);
    };
    let row = sqlx::query("SELECT id FROM accounts WHERE login = $1")
        .bind(fold_login(email.reveal()))
        .fetch_optional(&mut **write)
        .await?;
    let account = row.map(|row| row.try_get::<i64, _>(0)).transpose()?;
    Ok(account.map(|id| AccountId(id as u32)))
}

async fn link(write: &mut Write, account: AccountId, identity: &Identity, now: Moment) -> Result<(), Error> {
    let earlier = sqlx::query("SELECT 1 FROM subjects WHERE account = $1 AND issuer = $2")
        .bind(i64::from(account.0))
        .bind(&identity.issuer)
        .fetch_optional(&mut **write)
        .await?;
    if earlier.is_some() {
        return Err(Refusal::Linked.into());
    }
    sqlx::query("INSERT INTO subjects (issuer, subject, account, linked_ms) VALUES ($1, $2, $3, $4)")
        .bind(&identity.issuer)
        .bind(identity.subject.reveal())
        .bind(i64::from(account.0))
        .bind(now.0)
        .execute(&mut **write)
        .await?;
    Ok(())
}
