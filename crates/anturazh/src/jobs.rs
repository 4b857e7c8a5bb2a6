//! What runs by itself beside the requests.

use crate::reviewers::{self, News};
use crate::{audit_waiting, backup_schedule, clock, people, service::Service};
use anyhow::Context;
use audit::{Action, Actor, Entry, Subject};
use office::Office;
use staff::Right;
use std::sync::atomic::Ordering;
use std::{sync::Arc, time::Duration};
use tokio::time::{Interval, MissedTickBehavior, interval};
use vocabulary::{
    Moment,
    moment::{HOUR_MS, MINUTE_MS, SECOND_MS},
};

/// | job | how often | what for |
/// |---|---|---|
/// | refresh | 1 s | changes made on the command line; a new day's salt, and the destruction of old ones |
/// | counts | 5 s | accepted, stripped and dropped, for the dashboards |
/// | survey | at the start, 5 min | whether the files of all segments are there |
/// | sweep | 1 h | ended sign-ins and unused set-up links go |
/// | flush | when due | the tail becomes segments, the journal is released |
/// | compaction | after a flush, and each hour | few, large segments |
/// | mail out | 5 s | what is due in the outbox leaves; letters left behind by a crash are handed over |
/// | mail in | 1 min | letters are filed with their cases |
/// | tasks | 1 min | cases without a task get one; alarms, and what was given to oneself, are mailed |
/// | holds | 1 min | those whose review is overdue are counted, and their owners told |
/// | audit | 1 s, 1 min, 5 min | entries of the command line are appended; what was refused is entered; the log is signed |
/// | backup | as configured | everything, sealed; old backups go each hour |
/// | list of the erased | 5 s | whoever was erased is known where the backups are |
/// | retention | 1 h | what has no basis left is destroyed, ended consents expire |
pub(crate) async fn run(service: Arc<Service>, staff: staff::Staff, office: Office) {
    tokio::join!(
        small_jobs(&service, &staff),
        seal(&service),
        people_jobs(&service, &staff, &office),
        mail_in(&service, &staff, &office),
        backup_schedule::run(&service, &office)
    );
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
    let (mut compacted, mut surveyed) = (clock::now(), Moment(0));
    loop {
        tick.tick().await;
        if clock::now().0 - surveyed.0 >= 5 * MINUTE_MS {
            surveyed = clock::now();
            let survey = service.archive.survey().await;
            told("look whether all segments are there", survey.map_err(Into::into));
        }
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

/// The accounts that may be given a case, who were there first.
pub(crate) async fn assignees(staff: &staff::Staff) -> anyhow::Result<Vec<u32>> {
    let accounts = staff.accounts().await?;
    let mut may: Vec<&staff::Account> = accounts
        .iter()
        .filter(|account| account.can_sign_in() && account.role.may(Right::ServeEnquiries))
        .collect();
    // Those whose work it is before those who may as well.
    may.sort_by_key(|account| (account.role != staff::Role::Manager, account.id));
    Ok(may.iter().map(|account| account.id.0).collect())
}

/// Gives the role of an account of staff.
pub(crate) fn role_of(
    staff: &staff::Staff,
) -> impl Fn(u32) -> futures::future::BoxFuture<'static, Option<&'static str>> + Send + Sync + 'static {
    let staff = staff.clone();
    move |account| {
        let staff = staff.clone();
        Box::pin(async move {
            let found = staff.account(staff::AccountId(account)).await.ok()?;
            Some(found.role.name())
        })
    }
}

async fn people_jobs(service: &Service, staff: &staff::Staff, office: &Office) {
    let mut tick = each_second();
    let start = clock::now();
    told(
        "settle consents",
        office
            .people
            .settle_uses(start.plus_ms(-HOUR_MS), start)
            .await
            .map_err(Into::into),
    );
    let (mut mailed, mut minute, mut signed, mut hourly) = (start, Moment(0), start, Moment(0));
    let mut mail_rests_until = start;
    loop {
        tick.tick().await;
        let now = clock::now();
        told(
            "append what the command line recorded",
            audit_waiting::take(&service.store.folder, office).await,
        );
        if now.0 - mailed.0 >= 5 * SECOND_MS && now >= mail_rests_until {
            mailed = now;
            match mail_out(office, now).await {
                Ok(true) => mail_rests_until = now.plus_ms(MINUTE_MS),
                Ok(false) => {}
                Err(error) => tracing::error!("failed to send mail: {error:#}"),
            }
        }
        if now.0 - minute.0 >= MINUTE_MS {
            minute = now;
            let address = service.store.configuration.address.as_deref().unwrap_or_default();
            told(
                "enter what was refused",
                office.record_refusals(now).await.map_err(Into::into),
            );
            told(
                "end what was cut off and tell who is to know",
                tasks(staff, office, address, now).await,
            );
            told(
                "tell of holds to review",
                holds(service, staff, office, address, now).await,
            );
        }
        if now.0 - signed.0 >= 5 * MINUTE_MS {
            signed = now;
            let size = office.audit.size();
            let newest = office.audit.newest_checkpoint();
            if !matches!(newest, Ok(Some((checkpoint, _))) if checkpoint.size == size) {
                told(
                    "sign the audit log",
                    office.audit.checkpoint().map(drop).map_err(Into::into),
                );
            }
        }
        if now.0 - hourly.0 >= HOUR_MS {
            hourly = now;
            told("destroy what is due", hourly_of_people(office, now).await);
        }
    }
}

/// Whether the mail server took nothing, so that it is left in peace for a while.
async fn mail_out(office: &Office, now: Moment) -> anyhow::Result<bool> {
    office.hand_over_left_behind(now).await?;
    let pass = office.sharing.outbox.send_due(now).await?;
    office.note_all_undelivered(now).await?;
    if let Some(fault) = &pass.stopped {
        tracing::warn!("mail does not leave: {fault}");
    }
    Ok(pass.stopped.is_some())
}

async fn tasks(staff: &staff::Staff, office: &Office, address: &str, now: Moment) -> anyhow::Result<()> {
    office.finish_intakes(&assignees(staff).await?, now).await?;
    for glass in office.tasks.unseen_alarms().await? {
        if glass.alarm.as_ref().is_some_and(|alarm| alarm.mailed.is_some()) {
            continue;
        }
        let number = glass.id.to_string();
        let news = News::Alarm(glass.account, glass.persons.len(), glass.purpose, &number);
        reviewers::tell(staff, office, Some(glass.account), news, address, now).await?;
        office.tasks.note_alarm_mailed(glass.id, now).await?;
    }
    for review in office.tasks.reviews_to_mail().await? {
        let news = News::OwnAccess(review.account);
        reviewers::tell(staff, office, None, news, address, now).await?;
        office.tasks.note_review_mailed(review.id, now).await?;
    }
    Ok(())
}

/// Counts the holds whose review is overdue and tells whoever answers for them, once for each day of review.
async fn holds(
    service: &Service,
    staff: &staff::Staff,
    office: &Office,
    address: &str,
    now: Moment,
) -> anyhow::Result<()> {
    let overdue = office.vault.holds_to_review(now).await?;
    service
        .holds_overdue
        .store(overdue.len() as u64, Ordering::Relaxed);
    for hold in office.vault.holds_to_tell(now).await? {
        reviewers::tell_of_hold(staff, office, &hold, address, now).await?;
        office.vault.note_hold_told(hold.id, now).await?;
    }
    Ok(())
}

async fn hourly_of_people(office: &Office, now: Moment) -> anyhow::Result<()> {
    office.people.sweep(now).await?;
    office.destroy_due(now, false).await?;
    office.forget_gone(now).await?;
    let (opened, recorded) = office.readings().await?;
    if opened > recorded {
        tracing::error!(
            opened,
            recorded,
            "more values were opened than the audit log has readings of"
        );
        let entry = Entry {
            count: u32::try_from(opened - recorded).unwrap_or(u32::MAX),
            subject: Subject::default(),
            ..Entry::new(now, Actor::Job("readings".into()), Action::ReadDenied)
        };
        office.record(entry).await?;
    }
    Ok(())
}

async fn mail_in(service: &Service, staff: &staff::Staff, office: &Office) {
    let Some(inbox) = &service.store.configuration.inbox else {
        return;
    };
    let mut tick = interval(Duration::from_mins(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        told("read mail", read_mail(inbox, staff, office).await);
    }
}

async fn read_mail(
    inbox: &crate::configuration::InboxSettings,
    staff: &staff::Staff,
    office: &Office,
) -> anyhow::Result<()> {
    let options = people::mailbox(inbox)?;
    let mut mailbox = office.sharing.inbox.connect(&options).await?;
    while let Some(arrival) = mailbox.next().await? {
        let now = clock::now();
        office
            .take_letter(&arrival.letter, &assignees(staff).await?, now)
            .await
            .context("failed to file a letter")?;
        mailbox.taken(&arrival, now).await?;
    }
    mailbox.close().await?;
    Ok(())
}

fn told<T>(what: &str, outcome: anyhow::Result<T>) {
    if let Err(error) = outcome {
        tracing::error!("failed to {what}: {error:#}");
    }
}
