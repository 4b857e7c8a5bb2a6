//! Backups that the server makes by itself, and the end of those that are too old. Whoever is erased is known where the
//! backups are within seconds, whenever the next whole backup is due.

use crate::{
    clock,
    command::backup::{self, Plan},
    configuration::BackupSettings,
    service::Service,
    store::Store,
};
use ::backup::{Class, Store as Backups};
use arc_swap::ArcSwap;
use audit::Actor;
use office::Office;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use vocabulary::{
    Moment,
    moment::{HOUR_MS, MINUTE_MS},
};

/// How long until a backup that failed is tried again.
const RETRY_MS: i64 = 15 * MINUTE_MS;

/// How the backups stand.
#[derive(Clone, Copy, Default)]
pub(crate) struct Standing {
    /// When the last was begun that is there, whoever made it.
    pub(crate) last: Option<Moment>,
    /// Whether the last attempt failed.
    pub(crate) has_failed: bool,
}

/// Shared by the schedule and by what tells of it.
pub(crate) type Board = Arc<ArcSwap<Standing>>;

/// Makes backups when they are due, if the operator wants it, and of the list of the erased when it grows. Without end.
pub(crate) async fn run(service: &Service, office: &Office) {
    let Some(settings) = &service.store.configuration.backup else {
        return;
    };
    tokio::join!(
        whole(service, settings),
        list_of_erased(&service.store, office, settings)
    );
}

/// Looks every five seconds whether somebody was erased who is in no list among the backups.
async fn list_of_erased(store: &Store, office: &Office, settings: &BackupSettings) {
    let mut tick = interval(Duration::from_secs(5));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut erased = Erased::default();
    let mut rests_until = Moment(0);
    loop {
        tick.tick().await;
        let now = clock::now();
        if now < rests_until {
            continue;
        }
        if let Err(error) = erased.keep(store, office, settings).await {
            rests_until = now.plus_ms(MINUTE_MS);
            tracing::error!("the list of the erased is not among the backups: {error:#}");
        }
    }
}

/// What is known of the list of the erased among the backups.
#[derive(Default)]
struct Erased {
    /// How many were in the list that was made last, by this process.
    kept: Option<u64>,
}

impl Erased {
    async fn keep(
        &mut self,
        store: &Store,
        office: &Office,
        settings: &BackupSettings,
    ) -> anyhow::Result<()> {
        let (count, last) = office.vault.erasures().await?;
        let is_kept = match self.kept {
            Some(kept) => kept == count,
            None => last.is_none_or(|erased| {
                let list = Backups::new(&settings.folder).newest(Class::Tombstones);
                list.is_ok_and(|list| list.made > erased)
            }),
        };
        if !is_kept {
            backup::tombstones(store, settings).await?;
        }
        self.kept = Some(count);
        Ok(())
    }
}

/// Keeps the list of the erased among the backups, if there are any: called where somebody was erased by a command.
pub(crate) async fn keep_list_of_erased(store: &Store) {
    let Some(settings) = &store.configuration.backup else {
        return;
    };
    if let Err(error) = backup::tombstones(store, settings).await {
        tracing::error!("the list of the erased is not among the backups, make one: {error:#}");
    }
}

/// Makes whole backups; looks each minute.
async fn whole(service: &Service, settings: &BackupSettings) {
    let Some(every) = settings.every else { return };
    let backups = Backups::new(&settings.folder);
    let (mut tried, mut pruned) = (None, Moment(0));
    let mut tick = interval(Duration::from_mins(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let now = clock::now();
        let last = last(&backups);
        let mut has_failed = service.backups.load().has_failed;
        if is_due(last, tried, now, every.0) {
            tried = Some(now);
            has_failed = match made(&service.store, settings, &backups).await {
                Ok(()) => false,
                Err(error) => {
                    tracing::error!("no backup was made: {error:#}");
                    true
                }
            };
        }
        // Also while none can be made: what was erased must be gone from all copies in time.
        if now.0 - pruned.0 >= HOUR_MS {
            pruned = now;
            if let Err(error) = backups.prune(now, backup::keep(settings)) {
                tracing::error!(
                    "old backups could not be removed: {:#}",
                    anyhow::Error::new(error)
                );
            }
        }
        service.backups.store(Arc::new(Standing {
            last: self::last(&backups),
            has_failed,
        }));
    }
}

async fn made(store: &Store, settings: &BackupSettings, backups: &Backups) -> anyhow::Result<()> {
    let plan = Plan { settings, backups };
    let made = backup::make(store, &plan, Actor::Job("backup".into())).await?;
    let bytes: u64 = made.backups.iter().map(|one| one.new_bytes).sum();
    tracing::info!(new_bytes = bytes, "a backup was made");
    Ok(())
}

/// The last that is whole: the list of the erased is made behind the others, and at other times besides.
fn last(backups: &Backups) -> Option<Moment> {
    let list = backups.newest(Class::Tombstones).ok()?.made;
    let data = backups.backups(Class::Data).ok()?;
    data.iter().rev().map(|data| data.made).find(|made| *made <= list)
}

/// Whether a backup is to be made now, given when the last one was made and when the last attempt was.
fn is_due(last: Option<Moment>, tried: Option<Moment>, now: Moment, every_ms: i64) -> bool {
    let is_over = |since: Option<Moment>, ms: i64| since.is_none_or(|since| now.0 - since.0 >= ms);
    is_over(last, every_ms) && is_over(tried, RETRY_MS.min(every_ms))
}

impl Standing {
    /// Whether somebody should look: an attempt failed, or none that succeeded is as young as two of them apart.
    pub(crate) fn is_overdue(self, every_ms: i64, now: Moment) -> bool {
        self.has_failed || self.last.is_some_and(|last| now.0 - last.0 >= 2 * every_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_due_in_time_and_not_tried_all_the_time() {
        let (now, day) = (Moment(1_780_000_000_000), 24 * HOUR_MS);
        let ago = |ms: i64| Some(now.plus_ms(-ms));
        for (last, tried, want) in [
            (None, None, true),
            (None, ago(RETRY_MS - 1), false),
            (None, ago(RETRY_MS), true),
            (ago(day - 1), None, false),
            (ago(day), None, true),
            (ago(day), ago(day), true),
            (ago(2 * day), ago(RETRY_MS - 1), false),
        ] {
            assert_eq!(is_due(last, tried, now, day), want, "{last:?} {tried:?}");
        }
        let standing = |last, has_failed| Standing { last, has_failed }.is_overdue(day, now);
        assert!(!standing(None, false) && !standing(ago(2 * day - 1), false));
        assert!(standing(ago(2 * day), false) && standing(ago(1), true));
    }
}
