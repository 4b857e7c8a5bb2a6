//! What the door did today, as pages tell it.

use super::ask::Archive;
use sites::Outcome;
use std::ops::RangeInclusive;

/// What the door let in and refused today.
#[derive(Default)]
pub(crate) struct Door {
    pub(super) accepted: u64,
    pub(super) stripped: u64,
    /// By reason, most first.
    pub(crate) dropped: Vec<(vocabulary::Reason, u64)>,
}

impl Archive {
    /// What the door did today.
    pub(crate) async fn door_today(&self) -> Door {
        let day = self.now.utc_day();
        self.door(day..=day).await
    }

    /// What the door did on these days (UTC, by arrival).
    pub(super) async fn door(&self, days: RangeInclusive<i64>) -> Door {
        let mut door = Door::default();
        match self.web.sites.counts(self.site.site.id, days).await {
            Ok(counts) => {
                for (outcome, number) in counts {
                    match outcome {
                        Outcome::Accepted => door.accepted += number,
                        Outcome::Stripped => door.stripped += number,
                        Outcome::Dropped(reason) => door.dropped.push((reason, number)),
                    }
                }
                door.dropped.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
            }
            Err(error) => tracing::error!(%error, "cannot read what the door did"),
        }
        door
    }
}
