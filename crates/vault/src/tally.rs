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
use std::sync::{Mutex, PoisonError};
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
    callers: Vec<oneshot::Sender<()>>,
}

/// The count, in the key database. Requests that come while a commit is under way share the next one.
#[derive(Default)]
pub(crate) struct Tally {
    waiting: Mutex<Waiting>,
}

impl Tally {
    /// Counts what was admitted; on disk when this returns. Must run where it is not cancelled half-way.
    pub(crate) async fn count(&self, keys: &Store, admitted: Admitted) -> Result<Counted, Error> {
        let (done, mut is_done) = oneshot::channel();
        {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.values += admitted.values as i64;
            waiting.callers.push(done);
        }
        let turn = keys.turn().await;
        let counted = Counted {
            left: admitted.values,
        };
        match is_done.try_recv() {
            Ok(()) => return Ok(counted),
            Err(oneshot::error::TryRecvError::Closed) => {
                return Err(Error::Storage(sqldb::Error::Busy(
                    std::io::Error::other("the count failed").into(),
                )));
            }
            Err(oneshot::error::TryRecvError::Empty) => {}
        }
        let group = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        sqlx::query("UPDATE openings SET opened = opened + $1")
            .bind(group.values)
            .execute(keys.pool())
            .await?;
        for caller in group.callers {
            // One who went away no longer needs the answer.
            let _ = caller.send(());
        }
        drop(turn);
        Ok(counted)
    }

    /// How many values were opened since the key database was made.
    pub(crate) async fn opened(&self, keys: &Store) -> Result<u64, Error> {
        let row = sqlx::query("SELECT opened FROM openings")
            .fetch_one(keys.pool())
            .await?;
        Ok(row.try_get::<i64, _>(0)? as u64)
    }
}
