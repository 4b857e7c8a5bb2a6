//! Changing one's password, and proving once more that it is still oneself.

use crate::sign_in::{end_sign_ins, rotate};
use crate::{Error, Origin, Refusal, Secret, SignedIn, Staff};
use credentials::check_password;
use vocabulary::{Moment, moment::MINUTE_MS};

/// For how long after signing in an account without a password may do what otherwise takes the password, in
/// milliseconds.
pub const FRESH_MS: i64 = 15 * MINUTE_MS;

impl Staff {
    /// Changes the password of whoever is signed in and ends the account's other sign-ins. The old password is asked
    /// for within the limits of attempts. Returns the secret for the cookie of this sign-in, in place of the one before.
    pub async fn change_password(
        &self,
        who: &SignedIn,
        old: &str,
        new: &str,
        origin: Origin<'_>,
        now: Moment,
    ) -> Result<Secret, Error> {
        let login = who.account.login.reveal();
        self.check_password(new, login, who.account.name.reveal())?;
        let id = self.verified(login, old, origin, now).await?;
        let hash = self.hasher.hash(new).await?;
        let mut write = self.change().await?;
        sqlx::query("UPDATE accounts SET password = $1 WHERE id = $2")
            .bind(hash.reveal())
            .bind(i64::from(id.0))
            .execute(&mut *write)
            .await?;
        end_sign_ins(&mut write, id, Some(who.sign_in)).await?;
        let cookie = rotate(&mut write, id, who.sign_in).await?;
        write.commit().await?;
        Ok(cookie)
    }

    /// Checks a new password of an account against the rules.
    pub(crate) fn check_password(&self, password: &str, login: &str, name: &str) -> Result<(), Refusal> {
        let own = [login, name].into_iter();
        let names: Vec<&str> = own.chain(self.names.iter().map(String::as_str)).collect();
        check_password(password, &names).map_err(Refusal::Password)
    }

    /// Makes sure that it is the holder who asks: by the password, or, where there is none, by a sign-in of the last
    /// minutes. A cookie alone is not enough to change what opens the account.
    pub async fn prove_presence(
        &self,
        who: &SignedIn,
        password: &str,
        origin: Origin<'_>,
        now: Moment,
    ) -> Result<(), Error> {
        if who.account.is_set_up {
            self.verified(who.account.login.reveal(), password, origin, now)
                .await?;
        } else if now.0 - who.since.0 > FRESH_MS {
            return Err(Refusal::StaleSignIn.into());
        }
        Ok(())
    }
}
