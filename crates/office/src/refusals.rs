//! What was refused, counted and entered in the audit log each minute: one entry for each kind and account, however
//! often it happened, so that whoever tries things out a million times neither fills the disk nor hides among them.

use crate::{Error, Office};
use audit::{Action, Actor, Entry, Subject, Word};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use vocabulary::Moment;

/// Kinds and accounts that are told apart within a minute; what is beyond is entered without its account.
const MOST: usize = 100;

/// What was refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Refused {
    /// Somebody tried to sign in under a name or address that nobody has.
    UnknownLogin,
    /// Too many attempts: at passwords, codes, forms, questions or searches.
    TooMany,
    /// A form came without the proof that it was shown here.
    ForgedForm,
    /// A program bore no token, or one that opens nothing.
    WrongToken,
    /// A page of staff that the reader may not know of, or something on one that they may not do.
    Page,
}

impl Refused {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::UnknownLogin,
        Self::TooMany,
        Self::ForgedForm,
        Self::WrongToken,
        Self::Page,
    ];

    /// The word in the entry.
    pub const fn word(self) -> &'static str {
        match self {
            Self::UnknownLogin => "unknown_login",
            Self::TooMany => "too_many",
            Self::ForgedForm => "forged_form",
            Self::WrongToken => "wrong_token",
            Self::Page => "page",
        }
    }

    const fn action(self) -> Action {
        match self {
            Self::UnknownLogin => Action::SignInFailed,
            _ => Action::Refused,
        }
    }
}

/// What was refused since it was last entered.
#[derive(Default, Debug)]
pub(crate) struct Refusals(Mutex<BTreeMap<(Refused, Option<u32>), u32>>);

impl Refusals {
    fn count(&self, what: Refused, account: Option<u32>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = counts.len() >= MOST && !counts.contains_key(&(what, account));
        let account = account.filter(|_| !is_full);
        let count = counts.entry((what, account)).or_default();
        *count = count.saturating_add(1);
    }

    fn take(&self) -> BTreeMap<(Refused, Option<u32>), u32> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Office {
    /// Counts something that was refused, with the account of staff that asked for it, if one did.
    pub fn refused(&self, what: Refused, account: Option<u32>) {
        self.refusals.count(what, account);
    }

    /// Enters what was refused since the last time. To be called each minute, and at the end.
    pub async fn record_refusals(&self, now: Moment) -> Result<(), Error> {
        for ((what, account), count) in self.refusals.take() {
            let entry = Entry {
                subject: Subject {
                    account,
                    ..Subject::default()
                },
                purpose: Some(Word::from(what.word())),
                count,
                ..Entry::new(now, Actor::System, what.action())
            };
            self.record(entry).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_much_is_refused_few_counts_are_kept_and_none_is_lost() {
        let refusals = Refusals::default();
        for number in 0..1_000 {
            for what in Refused::ALL {
                refusals.count(what, (number % 3 == 0).then_some(number));
            }
        }
        let taken = refusals.take();
        assert!(taken.len() <= MOST + Refused::ALL.len(), "{}", taken.len());
        assert_eq!(taken.values().sum::<u32>(), 5_000);
        assert!(taken.contains_key(&(Refused::Page, Some(0))));
        assert!(refusals.take().is_empty());
    }
}
