//! The count of decrypted values, kept on disk so that it can be compared with the audit log.
//!
//! The order is fixed by types: the guard's admission (its audit entry is on disk) gives an [`Admitted`]; counting it
//! on disk gives a [`Counted`]; only that opens values, each once. So the count never falls behind what was opened. If the
//! program dies, or the key database fails, between the audit entry and the count, the values of the requests in flight
//! at that moment are audited but neither counted nor opened; if it dies after the count, they are counted and audited but
//! perhaps not opened. `audited ≥ counted ≥ opened` always holds; the first two are equal whenever nothing crashed.
//! A value that is corrupt or whose person was erased in between counts as opened.

use crate::{Error, Request, store::Store};
use sqlx::Row;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// A request that the guard admitted: proof that its audit entry is durable.
pub(crate) struct Admitted {
    values: usize,
}

impl Admitted {
    /// For [`crate::guard::admit`] alone.
    pub(crate) fn of(request: &Request<'_>) -> Self {
        Self {
            values: request.fields.len(),
        }
    }
}

/// So many values may still be opened.
pub(crate) struct Counted {
    left: usize,
}

impl Counted {
    /// Uses one up.
    pub(crate) fn take_one(&mut self) {
        self.left = self
            .left
            .checked_sub(1)
            .expect("every value that is opened was counted");
    }

    #[cfg(test)]
    pub(crate) fn for_test(left: usize) -> Self {
        Self { left }
    }
}

/// Who waits, and for how many values.
#[derive(Default)]
struct Waiting {
    values: i64,
    callers: VecDeque<oneshot::Sender<Told>>,
    /// Somebody counts, or is about to.
    is_led: bool,
}

/// What a caller that waits is told.
enum Told {
    /// Its values are counted.
    Counted,
    /// It is to count its own and those of all who came since.
    Lead(Lead),
}

/// The right to count: at most one caller has it, and gives it to the next one when dropped.
struct Lead(Arc<Mutex<Waiting>>);

impl Drop for Lead {
    fn drop(&mut self) {
        let next = {
            let mut waiting = locked(&self.0);
            let next = waiting.callers.pop_front();
            waiting.is_led = next.is_some();
            next
        };
        if let Some(next) = next {
            // To one who went away it comes back, and so to the next.
            let _ = next.send(Told::Lead(Self(self.0.clone())));
        }
    }
}

fn locked(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The count, in the key database. Requests that come while a commit is under way share the next one: whoever comes
/// first counts for all, and those who were counted do not stand in the way of those who were not.
#[derive(Default)]
pub(crate) struct Tally {
    waiting: Arc<Mutex<Waiting>>,
}

impl Tally {
    /// Counts what was admitted; on disk when this returns.
    pub(crate) async fn count(&self, keys: &Store, admitted: Admitted) -> Result<Counted, Error> {
        let counted = Counted {
            left: admitted.values,
        };
        let lead = match self.enter(admitted.values).await {
            Ok(Told::Lead(lead)) => lead,
            Ok(Told::Counted) => return Ok(counted),
            Err(_) => {
                return Err(Error::Storage(sqldb::Error::Busy(
                    std::io::Error::other("the count failed").into(),
                )));
            }
        };
        let turn = keys.turn().await;
        let (values, callers) = {
            let mut waiting = locked(&self.waiting);
            (
                std::mem::take(&mut waiting.values),
                std::mem::take(&mut waiting.callers),
            )
        };
        sqlx::query("UPDATE openings SET opened = opened + $1")
            .bind(values)
            .execute(keys.pool())
            .await?;
        drop(turn);
        drop(lead);
        for caller in callers {
            // One who went away no longer needs the answer.
            let _ = caller.send(Told::Counted);
        }
        Ok(counted)
    }

    /// Joins those who wait, or leads them if nobody does. Nothing is told if the count failed.
    fn enter(&self, values: usize) -> oneshot::Receiver<Told> {
        let (tell, told) = oneshot::channel();
        let mut waiting = locked(&self.waiting);
        waiting.values += values as i64;
        waiting.callers.push_back(tell);
        let is_led = std::mem::replace(&mut waiting.is_led, true);
        drop(waiting);
        if !is_led {
            // Goes to the first who waits.
            drop(Lead(self.waiting.clone()));
        }
        told
    }

    /// Makes the count no more than `most`; gives by how much it was lowered.
    pub(crate) async fn lower(&self, keys: &Store, most: u64) -> Result<u64, Error> {
        let turn = keys.turn().await;
        let opened = self.opened(keys).await?;
        if opened > most {
            sqlx::query("UPDATE openings SET opened = $1")
                .bind(most as i64)
                .execute(keys.pool())
                .await?;
        }
        drop(turn);
        Ok(opened.saturating_sub(most))
    }

    /// How many values were opened since the key database was made.
    pub(crate) async fn opened(&self, keys: &Store) -> Result<u64, Error> {
        let row = sqlx::query("SELECT opened FROM openings")
            .fetch_one(keys.pool())
            .await?;
        Ok(row.try_get::<i64, _>(0)? as u64)
    }
}
