//! Numbers of persons, givings and values: one row of numbers, each given once.

use crate::{Error, store::Store};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use std::ops::Range;

/// The number of one stored value, unique in the vault and never given again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ValueId(pub i64);

/// How many are fetched at once at least. Those left when the program ends are never given.
const BLOCK: i64 = 1_000;

/// Numbers fetched and not yet given.
#[derive(Default)]
pub(crate) struct Numbers(tokio::sync::Mutex<Range<i64>>);

impl Numbers {
    /// `count` numbers in a row.
    pub(crate) async fn take(&self, fields: &Store, count: usize) -> Result<Range<i64>, Error> {
        let count = count as i64;
        let mut left = self.0.lock().await;
        if left.end - left.start < count {
            let block = count.max(BLOCK);
            let _turn = fields.turn().await;
            let row = sqlx::query("UPDATE vault_numbers SET next = next + $1 RETURNING next")
                .bind(block)
                .fetch_one(fields.pool())
                .await?;
            let next: i64 = row.try_get(0)?;
            *left = next - block..next;
        }
        let taken = left.start..left.start + count;
        left.start = taken.end;
        Ok(taken)
    }
}
