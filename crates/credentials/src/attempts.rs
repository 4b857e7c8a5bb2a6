//! How often somebody may try to sign in.
//!
//! Two limits, neither of which locks an owner out: failures of one login from one address delay the next attempt at
//! that login *from that address*, each twice as long; and one address has a budget for all logins together. Whoever
//! attacks an account from elsewhere does not delay its owner.
//!
//! What can be guessed, six digits and passwords, has a third: a budget of guesses for each login over all *strange*
//! addresses, those from which that login has not succeeded in a month. It stops whoever has many addresses; the owner
//! goes on from a known address, or with something that cannot be guessed: a recovery code, a link, a provider's word.
//!
//! Counts live in memory under random keys and are never written anywhere; a restart forgets them.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// Failures that cost no waiting: people mistype.
const FREE_FAILURES: u32 = 3;
/// The wait after the first failure that costs one; doubles with each further.
const FIRST_WAIT_MS: i64 = 1_000;
/// The longest wait.
const LONGEST_WAIT_MS: i64 = 15 * 60_000;
/// How many failures an address may have at once, over all logins.
const BUDGET: i64 = 30;
/// After how long an address gets one of them back.
const REFILL_MS: i64 = 20_000;
/// Failures older than this are forgotten.
const FORGET_MS: i64 = 24 * 3_600_000;
/// How long an address from which a login succeeded is known for it.
const KNOWN_MS: i64 = 30 * 24 * 3_600_000;
/// How many logins and addresses are remembered each; beyond it the stalest half is forgotten.
const REMEMBERED: usize = 50_000;

/// The counts.
#[derive(Debug, Default)]
pub struct Attempts {
    keys: RandomState,
    /// By login and address: failures, and when the last was.
    failures: HashMap<u64, (u32, i64)>,
    /// By address: what its budget lacks in milliseconds of refill, as of a time.
    lacking: HashMap<u64, (i64, i64)>,
    /// By login: the same for guesses from strange addresses.
    guesses: HashMap<u64, (i64, i64)>,
    /// By login and address: when a guess was last right.
    known: HashMap<u64, i64>,
}

/// What is guessed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Guess {
    /// A code of six digits.
    Code,
    /// A password that none of the lists has.
    Password,
}

impl Guess {
    /// How many wrong guesses at one login strange addresses have at once, all together, and after how long they get
    /// one of them back, in milliseconds.
    ///
    /// Codes: some 150 a day; three of a million being good at a time, one is right about once in six years. Passwords:
    /// some 750 a day, a quarter of a million a year, where a single address has about a hundred a day.
    const fn budget(self) -> (i64, i64) {
        match self {
            Self::Code => (10, 10 * 60_000),
            Self::Password => (40, 2 * 60_000),
        }
    }
}

/// For what, and how long, one has to wait, in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wait {
    /// This address, for any attempt.
    Here(i64),
    /// Every strange address, for what can be guessed.
    Guesses(i64),
}

impl Attempts {
    /// Asks for an attempt at `login` from `address` (any text that stands for the client's network: the address, of
    /// IPv6 its first 64 bits). Either it counts as a failure from now on, until [`Attempts::succeeded`], so that many
    /// attempts at once gain nothing; or the answer is how long to wait, in milliseconds.
    pub fn begin(&mut self, login: &str, address: &str, now_ms: i64) -> Result<(), i64> {
        let (pair, alone) = self.keys_of(login, address);
        let (failed, last_ms) = self.failures.get(&pair).copied().unwrap_or_default();
        let failed = if now_ms - last_ms > FORGET_MS { 0 } else { failed };
        let wait_ms = last_ms + wait_after(failed) - now_ms;
        if failed >= FREE_FAILURES && wait_ms > 0 {
            return Err(wait_ms.min(LONGEST_WAIT_MS));
        }
        let lacking_ms = lacking_ms(&self.lacking, alone, now_ms);
        let over_ms = lacking_ms + REFILL_MS - BUDGET * REFILL_MS;
        if over_ms > 0 {
            return Err(over_ms);
        }
        forget_stalest(&mut self.failures, |entry| entry.1);
        forget_stalest(&mut self.lacking, |entry| entry.1);
        self.failures.insert(pair, (failed.saturating_add(1), now_ms));
        self.lacking.insert(alone, (lacking_ms + REFILL_MS, now_ms));
        Ok(())
    }

    /// Takes back the failure that [`Attempts::begin`] counted, and all before it at this login from this address.
    pub fn succeeded(&mut self, login: &str, address: &str, now_ms: i64) {
        let (pair, alone) = self.keys_of(login, address);
        self.failures.remove(&pair);
        give_back(&mut self.lacking, alone, REFILL_MS, now_ms);
    }

    /// As [`Attempts::begin`], for what can be guessed.
    pub fn begin_guess(&mut self, what: Guess, login: &str, address: &str, now_ms: i64) -> Result<(), Wait> {
        let (guesses, refill_ms) = what.budget();
        let login_alone = self.keys.hash_one(login);
        let lacking_ms = lacking_ms(&self.guesses, login_alone, now_ms);
        let is_strange = self.is_strange(login, address, now_ms);
        let over_ms = lacking_ms + refill_ms - guesses * refill_ms;
        if is_strange && over_ms > 0 {
            return Err(Wait::Guesses(over_ms));
        }
        self.begin(login, address, now_ms).map_err(Wait::Here)?;
        if is_strange {
            forget_stalest(&mut self.guesses, |entry| entry.1);
            self.guesses.insert(login_alone, (lacking_ms + refill_ms, now_ms));
        }
        Ok(())
    }

    /// As [`Attempts::succeeded`], after a right guess or something better: the address is known for this login from
    /// now on, and its guess is given back.
    pub fn guessed(&mut self, what: Guess, login: &str, address: &str, now_ms: i64) {
        self.succeeded(login, address, now_ms);
        if self.is_strange(login, address, now_ms) {
            let (_, refill_ms) = what.budget();
            give_back(&mut self.guesses, self.keys.hash_one(login), refill_ms, now_ms);
        }
        self.trust(login, address, now_ms);
    }

    /// Makes an address known for a login: its holder proved by what cannot be guessed to be there.
    pub fn trust(&mut self, login: &str, address: &str, now_ms: i64) {
        forget_stalest(&mut self.known, |known_ms| *known_ms);
        self.known.insert(self.keys_of(login, address).0, now_ms);
    }

    fn is_strange(&self, login: &str, address: &str, now_ms: i64) -> bool {
        let known_ms = self.known.get(&self.keys_of(login, address).0);
        known_ms.is_none_or(|known_ms| now_ms - known_ms > KNOWN_MS)
    }

    fn keys_of(&self, login: &str, address: &str) -> (u64, u64) {
        (self.keys.hash_one((login, address)), self.keys.hash_one(address))
    }
}

pub(crate) fn lacking_ms(budgets: &HashMap<u64, (i64, i64)>, key: u64, now_ms: i64) -> i64 {
    let (lacking_ms, as_of_ms) = budgets.get(&key).copied().unwrap_or_default();
    (lacking_ms - (now_ms - as_of_ms).max(0)).max(0)
}

fn give_back(budgets: &mut HashMap<u64, (i64, i64)>, key: u64, one_ms: i64, now_ms: i64) {
    let lacking_ms = lacking_ms(budgets, key, now_ms) - one_ms;
    if lacking_ms > 0 {
        budgets.insert(key, (lacking_ms, now_ms));
    } else {
        budgets.remove(&key);
    }
}

fn wait_after(failed: u32) -> i64 {
    let doublings = failed.saturating_sub(FREE_FAILURES).min(20);
    (FIRST_WAIT_MS << doublings).min(LONGEST_WAIT_MS)
}

pub(crate) fn forget_stalest<T>(entries: &mut HashMap<u64, T>, last_ms: impl Fn(&T) -> i64) {
    if entries.len() >= REMEMBERED {
        let mut times: Vec<i64> = entries.values().map(&last_ms).collect();
        let (_, &mut middle, _) = times.select_nth_unstable(REMEMBERED / 2);
        let mut spare = REMEMBERED / 2;
        entries.retain(|_, entry| {
            let keep = last_ms(entry) >= middle && spare > 0;
            spare -= usize::from(keep);
            keep
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFILL_OF_CODES_MS: i64 = Guess::Code.budget().1;

    #[test]
    fn waits_double_from_the_third_failure_up_to_the_longest() {
        let mut attempts = Attempts::default();
        let mut now_ms = 1_000_000;
        let mut waited = Vec::new();
        for _ in 0..16 {
            if let Err(wait_ms) = attempts.begin("anna", "192.0.2.1", now_ms) {
                waited.push(wait_ms / 1_000);
                now_ms += wait_ms;
                attempts.begin("anna", "192.0.2.1", now_ms).unwrap();
            }
        }
        assert_eq!(waited, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    }

    #[test]
    fn an_attack_delays_neither_the_owner_elsewhere_nor_colleagues_at_the_same_address() {
        let mut attempts = Attempts::default();
        for _ in 0..9 {
            let _ = attempts.begin("anna", "198.51.100.9", 0);
        }
        assert!(attempts.begin("anna", "198.51.100.9", 0).is_err());
        assert_eq!(attempts.begin("anna", "192.0.2.1", 0), Ok(()));
        assert_eq!(attempts.begin("boris", "198.51.100.9", 0), Ok(()));
    }

    #[test]
    fn an_address_has_a_budget_for_all_logins() {
        let mut attempts = Attempts::default();
        let mut allowed = 0;
        for number in 0..100 {
            allowed += i64::from(attempts.begin(&format!("login {number}"), "a", 0).is_ok());
        }
        assert_eq!(allowed, BUDGET);
        assert_eq!(attempts.begin("other", "a", 0), Err(REFILL_MS));
        assert_eq!(attempts.begin("other", "b", 0), Ok(()));
        assert_eq!(attempts.begin("other", "a", REFILL_MS), Ok(()));
        assert!(attempts.begin("another", "a", REFILL_MS).is_err());
        attempts.succeeded("other", "a", REFILL_MS);
        assert_eq!(attempts.begin("another", "a", REFILL_MS), Ok(()));
    }

    #[test]
    fn guesses_from_many_addresses_are_few_and_known_addresses_go_on() {
        let mut attempts = Attempts::default();
        attempts.begin_guess(Guess::Code, "anna", "office", 0).unwrap();
        attempts.guessed(Guess::Code, "anna", "office", 0);
        let mut allowed = 0;
        for number in 0..1_000 {
            allowed += i64::from(
                attempts
                    .begin_guess(Guess::Code, "anna", &number.to_string(), 0)
                    .is_ok(),
            );
        }
        assert_eq!(allowed, 10);
        assert_eq!(
            attempts.begin_guess(Guess::Code, "anna", "hotel", 0),
            Err(Wait::Guesses(REFILL_OF_CODES_MS))
        );
        for (login, address) in [("anna", "office"), ("boris", "hotel")] {
            assert_eq!(
                attempts.begin_guess(Guess::Code, login, address, 0),
                Ok(()),
                "{login} {address}"
            );
        }
        assert_eq!(
            attempts.begin("anna", "hotel", 0),
            Ok(()),
            "what cannot be guessed"
        );

        // A right guess is given back and makes the address known; for a month.
        let later = REFILL_OF_CODES_MS;
        for _ in 0..5 {
            attempts.begin_guess(Guess::Code, "anna", "hotel", later).unwrap();
            attempts.guessed(Guess::Code, "anna", "hotel", later);
        }
        attempts.begin_guess(Guess::Code, "anna", "train", later).unwrap();
        assert!(attempts.begin_guess(Guess::Code, "anna", "ship", later).is_err());
        for number in 0..1_000 {
            let _ = attempts.begin_guess(Guess::Code, "anna", &number.to_string(), later + KNOWN_MS + 1);
        }
        assert!(
            attempts
                .begin_guess(Guess::Code, "anna", "hotel", later + KNOWN_MS)
                .is_ok()
        );
        assert!(
            attempts
                .begin_guess(Guess::Code, "anna", "hotel", later + KNOWN_MS + 1)
                .is_err()
        );
        // A known address waits for its own failures.
        for _ in 0..2 {
            attempts
                .begin_guess(Guess::Code, "anna", "office", later)
                .unwrap();
        }
        assert_eq!(
            attempts.begin_guess(Guess::Code, "anna", "office", later),
            Err(Wait::Here(FIRST_WAIT_MS))
        );
    }

    #[test]
    fn a_day_of_guesses_from_everywhere_tries_few_passwords_and_who_proves_otherwise_goes_on() {
        let mut attempts = Attempts::default();
        let day_ms: i64 = 24 * 3_600_000;
        let mut allowed = 0;
        for second in 0..day_ms / 1_000 {
            let address = format!("strange {second}");
            let begun = attempts.begin_guess(Guess::Password, "anna", &address, second * 1_000);
            allowed += i64::from(begun.is_ok());
        }
        assert_eq!(allowed, 40 + day_ms / 120_000 - 1);
        let hotel = attempts.begin_guess(Guess::Password, "anna", "hotel", day_ms - 1_000);
        assert!(matches!(hotel, Err(Wait::Guesses(_))), "{hotel:?}");
        attempts.trust("anna", "hotel", day_ms);
        assert_eq!(
            attempts.begin_guess(Guess::Password, "anna", "hotel", day_ms),
            Ok(())
        );
    }

    #[test]
    fn success_and_time_forgive_and_a_clock_set_back_does_no_harm() {
        let mut attempts = Attempts::default();
        for _ in 0..3 {
            attempts.begin("anna", "a", 0).unwrap();
        }
        assert!(attempts.begin("anna", "a", 0).is_err());
        attempts.succeeded("anna", "a", 0);
        for _ in 0..3 {
            attempts.begin("anna", "a", 0).unwrap();
        }
        assert!(attempts.begin("anna", "a", 0).is_err());
        assert!(attempts.begin("anna", "a", -10 * FORGET_MS).unwrap_err() <= LONGEST_WAIT_MS);
        for _ in 0..3 {
            attempts.begin("anna", "a", FORGET_MS + 1).unwrap();
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut attempts = Attempts::default();
        for number in 0..(REMEMBERED as i64 * 6 / 5) {
            let (login, address) = (format!("login {number}"), number.to_string());
            let _ = attempts.begin_guess(Guess::Code, &login, &address, 0);
            attempts.guessed(Guess::Code, &login, &address, 0);
            let _ = attempts.begin_guess(Guess::Code, &login, &(number + 1).to_string(), 0);
            for kept in [
                attempts.failures.len(),
                attempts.lacking.len(),
                attempts.guesses.len(),
                attempts.known.len(),
            ] {
                assert!(kept <= REMEMBERED);
            }
        }
        assert!(attempts.failures.len() >= REMEMBERED / 2);
    }
}
