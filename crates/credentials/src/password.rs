//! Passwords: what is refused, and how they are kept.

use crate::Sealed;
use crate::frequent_passwords::is_frequent;
use crate::weak_passwords::is_weak;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// The fewest and most characters of a password.
pub const MIN_CHARACTERS: usize = 12;
/// The most characters of a password.
pub const MAX_CHARACTERS: usize = 256;

/// Argon2id with 19 MiB, 2 passes, 1 lane: OWASP Password Storage Cheat Sheet, second of its equal settings.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A hash of no password with the same settings, checked where there is no account, so that time tells nothing.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// How many passwords are hashed at once (19 MiB each), and how many may wait for it.
const AT_ONCE: usize = 2;
const WAITING: usize = 32;

/// What is wrong with a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Fewer than [`MIN_CHARACTERS`].
    #[error("it has fewer than {MIN_CHARACTERS} characters")]
    TooShort,
    /// More than [`MAX_CHARACTERS`].
    #[error("it has more than {MAX_CHARACTERS} characters")]
    TooLong,
    /// One of those that everyone tries first: leaked ones, and what is easily made of them.
    #[error("it is one of those that everyone tries first")]
    Common,
    /// It contains a name that everyone would think of: the login, the holder's, the agency's.
    #[error("it contains the login or a name")]
    ContainsName,
}

/// Why a password was neither hashed nor checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashingFault {
    /// Too many passwords are being checked at once: try again later.
    #[error("check a password: too many are waiting")]
    Busy,
    /// A password could not be hashed, or a stored hash not be read.
    #[error("hash a password")]
    Broken,
}

/// Checks a new password against the rules. `names` are those that everyone would think of: login, holder, agency, site.
pub fn check_password(password: &str, names: &[&str]) -> Result<(), PasswordFault> {
    let characters = password.chars().take(MAX_CHARACTERS + 1).count();
    if characters < MIN_CHARACTERS {
        return Err(PasswordFault::TooShort);
    }
    if characters > MAX_CHARACTERS {
        return Err(PasswordFault::TooLong);
    }
    let folded = fold(password);
    // Shorter ones occur in good passwords by chance.
    let occurs = |part: &str| part.chars().count() >= 4 && folded.contains(&fold(part));
    let is_in = |name: &&str| {
        let local_part = name.split('@').next().unwrap_or_default();
        let joined: String = name.split_whitespace().collect();
        [name.trim(), local_part, &joined].into_iter().any(occurs)
    };
    if names.iter().any(is_in) {
        return Err(PasswordFault::ContainsName);
    }
    if is_weak(&folded) || is_frequent(&folded) {
        return Err(PasswordFault::Common);
    }
    Ok(())
}

fn fold(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase()
}

/// Hashes and checks passwords, a few at a time, off the threads that serve requests.
#[derive(Debug)]
pub struct Hasher {
    at_once: Semaphore,
    waiting: Semaphore,
}

impl Default for Hasher {
    fn default() -> Self {
        Self {
            at_once: Semaphore::new(AT_ONCE),
            waiting: Semaphore::new(WAITING),
        }
    }
}

impl Hasher {
    /// The hash to store, in PHC form, of a password that passed [`check_password`].
    pub async fn hash(&self, password: &str) -> Result<Sealed, HashingFault> {
        let password: String = password.nfkc().collect();
        self.run(move || {
            let hash: PasswordHash = argon2()
                .hash_password(password.as_bytes())
                .map_err(|_| HashingFault::Broken)?;
            Ok(Sealed::new(hash.to_string()))
        })
        .await
    }

    /// Whether the password is the one of the stored hash. Without one it takes as long and is not.
    pub async fn verify(&self, password: &str, stored: Option<Sealed>) -> Result<bool, HashingFault> {
        let is_someones = stored.is_some();
        let password: String = password.nfkc().take(MAX_CHARACTERS * 4).collect();
        self.run(move || {
            let text = stored.as_ref().map_or(NOBODYS_HASH, Sealed::reveal);
            let hash = PasswordHash::new(text).map_err(|_| HashingFault::Broken)?;
            let fits = argon2().verify_password(password.as_bytes(), &hash).is_ok();
            Ok(fits && is_someones)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashingFault> + Send + 'static,
    ) -> Result<T, HashingFault> {
        let _place = self.waiting.try_acquire().map_err(|_| HashingFault::Busy)?;
        let _turn = self.at_once.acquire().await.map_err(|_| HashingFault::Busy)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| HashingFault::Broken)?
    }
}

fn argon2() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the settings are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        use PasswordFault::{Common, ContainsName, TooLong, TooShort};
        for (password, want) in [
            ("", Err(TooShort)),
            ("elf zeichen", Err(TooShort)),
            ("пароль-нужен", Ok(())),
            (&"long enough ".repeat(30), Err(TooLong)),
            ("correct horse battery staple", Ok(())),
            ("kT9#vq2!LmZx", Ok(())),
            ("123456789012", Err(Common)),
            ("aaaaaaaaaaaaaaa", Err(Common)),
            ("abababababab", Err(Common)),
            ("Password1234", Err(Common)),
            ("PasswordPassword", Err(Common)),
            ("Welcome2026!", Err(Common)),
            ("Admin12345678", Err(Common)),
            ("administrator1", Err(Common)),
            ("password73910284617", Ok(())),
            ("qwertyuiop[]", Err(Common)),
            ("QwertyUiopAsdf", Err(Common)),
            ("Пароль123456", Err(Common)),
            ("1q2w3e4r5t6y", Err(Common)),
            ("my ANNA.K is great", Err(ContainsName)),
            ("xx anna.k@agency.example", Err(ContainsName)),
            ("Anna Karenina 1877", Err(ContainsName)),
            ("annakarenina", Err(ContainsName)),
            ("agency.North 19", Ok(())),
            ("it is AGENCY NORTH", Err(ContainsName)),
            ("liverpool2026!", Err(Common)),
            ("Sunset-Rainbow-7", Err(Common)),
            ("we test our summer sandals", Ok(())),
        ] {
            assert_eq!(
                check_password(
                    password,
                    &["anna.k@agency.example", "Anna Karenina", "Agency North"]
                ),
                want,
                "{password}"
            );
        }
        // A login too short to mean anything.
        assert_eq!(check_password("correct horse battery", &["or", "Al"]), Ok(()));
    }

    #[tokio::test]
    async fn hashes_are_salted_and_only_their_password_fits() {
        let hasher = Hasher::default();
        let password = "Straße nach Süden 7";
        let first = hasher.hash(password).await.unwrap();
        let second = hasher.hash(password).await.unwrap();
        assert_ne!(first, second);
        for stored in [&first, &second] {
            assert!(stored.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        }
        // The same text typed with combining marks.
        for (tried, fits) in [
            (password, true),
            ("Straße nach Su\u{308}den 7", true),
            ("Straße nach Süden 8", false),
            ("", false),
        ] {
            assert_eq!(
                hasher.verify(tried, Some(first.clone())).await.unwrap(),
                fits,
                "{tried}"
            );
            assert!(!hasher.verify(tried, None).await.unwrap());
        }
        assert_eq!(format!("{first:?}"), "[sealed]");
    }

    #[test]
    fn nobodys_hash_costs_as_much_as_a_real_one() {
        let nobodys = PasswordHash::new(NOBODYS_HASH).unwrap();
        let real: PasswordHash = argon2().hash_password(b"x").unwrap();
        assert_eq!(
            (nobodys.algorithm, nobodys.version, &nobodys.params),
            (real.algorithm, real.version, &real.params)
        );
        assert_eq!(nobodys.hash.unwrap().len(), real.hash.unwrap().len());
        let refused = argon2().verify_password(b"x", &nobodys).unwrap_err();
        assert_eq!(
            refused,
            argon2::password_hash::Error::PasswordInvalid,
            "the password was really computed"
        );
    }
}
