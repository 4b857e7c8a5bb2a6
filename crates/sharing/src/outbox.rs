//! The outbox: mail that waits, sealed, until the mail server took it, refused it or too long has passed.

use crate::ledger::{self, Ledger};
use crate::mail::{Mail, Sender, address_of, is_message_id};
use crate::transport::{Carrier, Refused};
use crate::{Disclosure, Door, Error, Fault, NotDelivered, Outcome, Refusal};
use credentials::Seal;
use sha2::{Digest, Sha256};
use sqldb::Write;
use sqlx::Row;
use std::fmt::Write as _;
use vocabulary::moment::{DAY_MS, HOUR_MS, MINUTE_MS};
use vocabulary::{Moment, PersonId};

/// After so long a mail is given up (RFC 5321, section 4.5.4.1: at least four to five days).
pub const GIVE_UP_MS: i64 = 5 * DAY_MS;
/// But not before so many attempts: it may have waited for a mail server to be configured.
const GIVE_UP_ATTEMPTS: i64 = 5;
/// How long to wait after each attempt; the last holds for all that follow.
const WAITS_MS: &[i64] = &[
    MINUTE_MS,
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    HOUR_MS,
    4 * HOUR_MS,
    8 * HOUR_MS,
];
/// Whoever takes a mail up has it for so long; then, if the process ended, it is due again.
const LEASE_MS: i64 = 10 * MINUTE_MS;
/// How many mails one pass takes up.
const PASS_MAILS: i64 = 200;

/// The outbox; cheap to clone.
#[derive(Clone, Debug)]
pub struct Outbox {
    pub(crate) ledger: Ledger,
    pub(crate) seal: Seal,
    pub(crate) from: Sender,
    pub(crate) carrier: Carrier,
}

/// A mail that was taken in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Posted {
    /// Its row in the ledger.
    pub disclosure: i64,
    /// Its message id without angle brackets: what answers to it name. Says nothing about anybody.
    pub message_id: String,
}

/// What one pass did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pass {
    /// Taken by the mail server.
    pub sent: u32,
    /// To be tried again.
    pub delayed: u32,
    /// Refused for good.
    pub bounced: u32,
    /// Given up.
    pub failed: u32,
    /// Why nothing passes now, if so: the rest was not tried.
    pub stopped: Option<Fault>,
}

/// A mail that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitingMail {
    /// Its row in the ledger.
    pub disclosure: i64,
    /// Since when.
    pub queued: Moment,
    /// How often it was tried.
    pub attempts: u32,
    /// When it will be tried next.
    pub due: Moment,
    /// What was wrong the last time, in words for staff.
    pub fault: Option<String>,
}

/// A mail that was taken up.
struct TakenUp {
    id: i64,
    disclosure: i64,
    queued: Moment,
    attempts: i64,
    sealed: Vec<u8>,
}

impl Outbox {
    /// Takes a mail in, with its row in the ledger; both are on disk when this returns. It leaves with
    /// [`Outbox::send_due`].
    pub async fn post(&self, mail: &Mail, what: &Disclosure, now: Moment) -> Result<Posted, Error> {
        let message_id = match &mail.answerable {
            Some(answerable) if is_message_id(&answerable.message_id) => answerable.message_id.clone(),
            Some(_) => return Err(Refusal::MessageId.into()),
            None => self.message_id()?,
        };
        let (to, bytes) = mail.written(&self.from, &message_id, now)?;
        let mut write = self.ledger.database.write().await?;
        let sha256 = Sha256::digest(&bytes).into();
        let disclosure = ledger::insert(&mut write, Door::Mail, what, sha256, now).await?;
        let mut plain = zeroize::Zeroizing::new(format!("{to}\n").into_bytes());
        plain.extend(bytes);
        sqlx::query(
            "INSERT INTO mails (disclosure, message_id, sealed, queued_ms, attempts, due_ms)
             VALUES ($1, $2, $3, $4, 0, $4)",
        )
        .bind(disclosure)
        .bind(&message_id)
        .bind(self.seal.seal(&place(disclosure), &plain)?)
        .bind(now.0)
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(Posted {
            disclosure,
            message_id,
        })
    }

    fn message_id(&self) -> Result<String, Error> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let mut id = String::new();
        for byte in random {
            let _ = write!(id, "{byte:02x}");
        }
        let _ = write!(id, "@{}", self.from.domain());
        Ok(id)
    }

    /// Whether mail leaves at all; if not, the console should say so.
    pub fn is_connected(&self) -> bool {
        self.carrier.is_somewhere()
    }

    /// Sends what is due, oldest first. To be called every few seconds, and after each [`Outbox::post`] if wished;
    /// several processes may. After a pass that [stopped](Pass::stopped) wait a minute. A mail whose sending was cut short by a crash is sent again, with the same message id.
    pub async fn send_due(&self, now: Moment) -> Result<Pass, Error> {
        let mut pass = Pass::default();
        if !self.carrier.is_somewhere() {
            return Ok(pass);
        }
        let due = sqlx::query("SELECT id, due_ms FROM mails WHERE due_ms <= $1 ORDER BY due_ms, id LIMIT $2")
            .bind(now.0)
            .bind(PASS_MAILS)
            .fetch_all(self.ledger.database.pool())
            .await?;
        for row in &due {
            let Some(mail) = self.take_up(row.try_get(0)?, row.try_get(1)?, now).await? else {
                continue;
            };
            self.send(mail, &mut pass, now).await?;
            if pass.stopped.is_some() {
                break;
            }
        }
        Ok(pass)
    }

    /// The mail, unless another took it up since it was seen due.
    async fn take_up(&self, id: i64, due_ms: i64, now: Moment) -> Result<Option<TakenUp>, Error> {
        let row = sqlx::query(
            "UPDATE mails SET due_ms = $1, attempts = attempts + 1 WHERE id = $2 AND due_ms = $3
             RETURNING disclosure, queued_ms, attempts, sealed",
        )
        .bind(now.plus_ms(LEASE_MS).0)
        .bind(id)
        .bind(due_ms)
        .fetch_optional(self.ledger.database.pool())
        .await?;
        row.map(|row| {
            Ok(TakenUp {
                id,
                disclosure: row.try_get("disclosure")?,
                queued: Moment(row.try_get("queued_ms")?),
                attempts: row.try_get("attempts")?,
                sealed: row.try_get("sealed")?,
            })
        })
        .transpose()
    }

    async fn send(&self, mail: TakenUp, pass: &mut Pass, now: Moment) -> Result<(), Error> {
        let plain = self.seal.open(&place(mail.disclosure), &mail.sealed);
        let corrupt = || Error::Corrupt("mail");
        let plain = plain.ok_or_else(corrupt)?;
        let end = plain.iter().position(|&byte| byte == b'\n').ok_or_else(corrupt)?;
        let to = std::str::from_utf8(&plain[..end]).map_err(|_| corrupt())?;
        let envelope = self.from.envelope(address_of(to)?);
        let leave = self.ledger.let_out(mail.disclosure, now).await?;
        let (outcome, undelivered, fault) =
            match self.carrier.carry(&leave, &envelope, &plain[end + 1..]).await {
                Ok(()) => {
                    pass.sent += 1;
                    (Outcome::Sent, None, None)
                }
                Err(Refused::ForGood(fault)) => {
                    pass.bounced += 1;
                    (Outcome::Bounced, Some(NotDelivered::Refused), Some(fault))
                }
                Err(Refused::ForNow(fault) | Refused::All(fault))
                    if now.0 - mail.queued.0 >= GIVE_UP_MS && mail.attempts >= GIVE_UP_ATTEMPTS =>
                {
                    pass.failed += 1;
                    (Outcome::Failed, Some(NotDelivered::GivenUp), Some(fault))
                }
                Err(Refused::ForNow(fault)) => {
                    pass.delayed += 1;
                    return self.delay(&mail, fault, now).await;
                }
                Err(Refused::All(fault)) => {
                    pass.delayed += 1;
                    pass.stopped = Some(fault);
                    return self.delay(&mail, fault, now).await;
                }
            };
        sqlx::query(
            "UPDATE mails SET sealed = NULL, due_ms = NULL, fault = $1, undelivered = $2 WHERE id = $3",
        )
        .bind(fault.map(|fault| fault.to_string()))
        .bind(undelivered.map(NotDelivered::name))
        .bind(mail.id)
        .execute(self.ledger.database.pool())
        .await?;
        leave.done(outcome, now).await
    }

    async fn delay(&self, mail: &TakenUp, fault: Fault, now: Moment) -> Result<(), Error> {
        let nth = (mail.attempts.max(1) as usize - 1).min(WAITS_MS.len() - 1);
        sqlx::query("UPDATE mails SET due_ms = $1, fault = $2 WHERE id = $3 AND sealed IS NOT NULL")
            .bind(now.plus_ms(WAITS_MS[nth]).0)
            .bind(fault.to_string())
            .bind(mail.id)
            .execute(self.ledger.database.pool())
            .await?;
        Ok(())
    }

    /// What waits, oldest first, at most `most`.
    pub async fn waiting(&self, most: u32) -> Result<Vec<WaitingMail>, Error> {
        sqlx::query(
            "SELECT disclosure, queued_ms, attempts, due_ms, fault FROM mails
             WHERE due_ms IS NOT NULL ORDER BY id LIMIT $1",
        )
        .bind(i64::from(most))
        .fetch_all(self.ledger.database.pool())
        .await?
        .iter()
        .map(|row| {
            Ok(WaitingMail {
                disclosure: row.try_get("disclosure")?,
                queued: Moment(row.try_get("queued_ms")?),
                attempts: row.try_get::<i64, _>("attempts")? as u32,
                due: Moment(row.try_get("due_ms")?),
                fault: row.try_get("fault")?,
            })
        })
        .collect()
    }

    /// Writes down that a mail of ours came back, if the message id is of one that was sent. Whether it was.
    pub async fn came_back(&self, message_id: &str, now: Moment) -> Result<bool, Error> {
        let mut write: Write = self.ledger.database.write().await?;
        let changed = sqlx::query(
            "UPDATE disclosures SET outcome = 'bounced', done_ms = $1 WHERE outcome = 'sent' AND id =
             (SELECT disclosure FROM mails WHERE message_id = $2)",
        )
        .bind(now.0)
        .bind(message_id)
        .execute(&mut *write)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("UPDATE mails SET undelivered = $1 WHERE message_id = $2")
            .bind(NotDelivered::CameBack.name())
            .bind(message_id)
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(true)
    }

    /// Destroys what waits for a person or is about one: for erasure. Returns how many mails.
    pub async fn forget(&self, person: PersonId, now: Moment) -> Result<u64, Error> {
        let mut write: Write = self.ledger.database.write().await?;
        let gone = sqlx::query(
            "UPDATE mails SET sealed = NULL, due_ms = NULL WHERE sealed IS NOT NULL AND disclosure IN
             (SELECT id FROM disclosures WHERE person = $1)",
        )
        .bind(person.0.to_vec())
        .execute(&mut *write)
        .await?;
        sqlx::query(
            "UPDATE disclosures SET outcome = 'failed', done_ms = $1 WHERE person = $2 AND outcome = 'open' AND id IN
             (SELECT disclosure FROM mails WHERE sealed IS NULL)",
        )
        .bind(now.0)
        .bind(person.0.to_vec())
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(gone.rows_affected())
    }
}

/// What a sealed mail is bound to.
fn place(disclosure: i64) -> String {
    format!("mail {disclosure}")
}
