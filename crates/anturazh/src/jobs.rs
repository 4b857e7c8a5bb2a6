//! What runs by itself beside the requests.

use crate::{clock, service::Service};
use std::{sync::Arc, time::Duration};
use tokio::time::{Interval, MissedTickBehavior, interval};
use vocabulary::moment::{HOUR_MS, SECOND_MS};

/// | job | how often | what for |
/// |---|---|---|
/// | refresh | 1 s | changes made on the command line; a new day's salt, and the destruction of old ones |
/// | counts | 5 s | accepted, stripped and dropped, for the dashboards |
/// | sweep | 1 h | ended sign-ins and unused set-up links go |
/// | flush | when due | the tail becomes segments, the journal is released |
/// | compaction | after a flush, and each hour | few, large segments |
pub(crate) async fn run(service: Arc<Service>, staff: staff::Staff) {
    tokio::join!(small_jobs(&service, &staff), seal(&service));
}

fn each_second() -> Interval {
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tick
}

async fn small_jobs(service: &Service, staff: &staff::Staff) {
    let mut tick = each_second();
    let (mut counted, mut swept) = (clock::now(), clock::now());
    loop {
        tick.tick().await;
        let now = clock::now();
        told("take notice of changes", service.refresh(now).await);
        if now.0 - counted.0 >= 5 * SECOND_MS {
            counted = now;
            told("save counts", service.save_counts(now).await);
        }
        if now.0 - swept.0 >= HOUR_MS {
            swept = now;
            told("sweep sign-ins", staff.sweep(now).await.map_err(Into::into));
        }
    }
}

async fn seal(service: &Service) {
    let mut tick = each_second();
    let mut compacted = clock::now();
    loop {
        tick.tick().await;
        let is_due = service.archive.flush_due(clock::now());
        if is_due {
            told("seal the tail", service.flush(clock::now()).await);
        }
        if is_due || clock::now().0 - compacted.0 >= HOUR_MS {
            compacted = clock::now();
            told(
                "compact segments",
                service.archive.compact(compacted).await.map_err(Into::into),
            );
        }
    }
}

fn told<T>(what: &str, outcome: anyhow::Result<T>) {
    if let Err(error) = outcome {
        tracing::error!("failed to {what}: {error:#}");
    }
}
