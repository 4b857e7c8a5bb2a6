//! Emergency openings: an account opens for an hour what no task gives it yet.

use crate::named::{
    bytes_of, checked_persons, classes_of, draw_id, name_persons, number_of, persons_of, purpose_of,
    text_of_classes,
};
use crate::review::ask_for_review;
use crate::texts;
use crate::{By, Change, Error, Reason, Refusal, Reviewed, Tasks, What};
use policy::{FieldClass, Purpose};
use sqldb::Write;
use sqlx::{Row, any::AnyRow};
use std::collections::BTreeSet;
use vocabulary::{Moment, PersonId, TaskId, moment::HOUR_MS};

/// How long the glass stays broken, in milliseconds. The policy `staff-breaks-the-glass` has the same limit.
pub const OPEN_MS: i64 = HOUR_MS;

/// How long another account may take to confirm, in milliseconds.
pub const CONFIRM_WITHIN_MS: i64 = HOUR_MS;

/// The fewest characters of its reason.
pub const LEAST_REASON: usize = 20;

/// An emergency opening.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BreakGlass {
    /// Its number, of the same kind as a task's.
    pub id: TaskId,
    /// Who opens.
    pub account: u32,
    /// The client; 0 is the agency itself.
    pub client: u32,
    /// What for.
    pub purpose: Purpose,
    /// The persons, by number.
    pub persons: Vec<PersonId>,
    /// The classes.
    pub classes: BTreeSet<FieldClass>,
    /// Why.
    pub reason: Reason,
    /// When it was asked for.
    pub asked: Moment,
    /// From when it is open, if it was confirmed or an alarm was raised.
    pub from: Moment,
    /// Until when, exclusive.
    pub until: Moment,
    /// Who confirmed it.
    pub confirmed_by: Option<u32>,
    /// The alarm, if one was raised.
    pub alarm: Option<Alarm>,
    /// When it was ended before its time.
    pub ended: Option<Moment>,
}

/// An alarm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alarm {
    /// When it was raised.
    pub raised: Moment,
    /// When it was mailed.
    pub mailed: Option<Moment>,
    /// Who saw it, and when.
    pub seen: Option<(u32, Moment)>,
}

/// An emergency opening to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewBreakGlass<'a> {
    /// The client; 0 is the agency itself.
    pub client: u32,
    /// What for.
    pub purpose: Purpose,
    /// Whom: 1 to 1,000 persons, all of that client.
    pub persons: &'a [PersonId],
    /// What: at least one class.
    pub classes: &'a [FieldClass],
    /// Why: 20 to 2,000 characters.
    pub reason: &'a str,
    /// Who else knows.
    pub witness: Witness,
}

/// Who else knows of an emergency opening.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Witness {
    /// Another account confirms it within an hour; until then it opens nothing.
    SecondPerson,
    /// It opens at once, and an alarm is shown and mailed until another account has seen it.
    Alarm,
}

impl Tasks {
    /// Breaks the glass, or asks another account to confirm that it be broken. Once broken it is open for an hour, and
    /// a review is due.
    pub async fn break_glass(&self, new: NewBreakGlass<'_>, by: u32, now: Moment) -> Result<Change, Error> {
        let reason = Reason::checked(new.reason, LEAST_REASON)?;
        let persons = checked_persons(new.persons)?;
        let classes: BTreeSet<FieldClass> = new.classes.iter().copied().collect();
        if classes.is_empty() {
            return Err(Refusal::Classes.into());
        }
        let is_broken = new.witness == Witness::Alarm;
        let glass = BreakGlass {
            id: draw_id()?,
            account: by,
            client: new.client,
            purpose: new.purpose,
            persons,
            classes,
            reason,
            asked: now,
            from: now,
            until: now.plus_ms(OPEN_MS),
            confirmed_by: None,
            alarm: is_broken.then_some(Alarm {
                raised: now,
                mailed: None,
                seen: None,
            }),
            ended: None,
        };
        let sealed = self.texts.seal(texts::GLASS, glass.id, &glass.reason).await?;
        let mut write = self.change().await?;
        sqlx::query(
            "INSERT INTO break_glass
             (id, account, client, purpose, classes, reason, sealed_text, asked_ms, from_ms, until_ms, alarm_ms)
             VALUES ($1, $2, $3, $4, $5, '', $6, $7, $7, $8, $9)",
        )
        .bind(glass.id.0.to_vec())
        .bind(i64::from(by))
        .bind(i64::from(glass.client))
        .bind(glass.purpose.name())
        .bind(text_of_classes(&glass.classes))
        .bind(sealed)
        .bind(now.0)
        .bind(glass.until.0)
        .bind(glass.alarm.map(|alarm| alarm.raised.0))
        .execute(&mut *write)
        .await?;
        name_persons(&mut write, glass.id, &glass.persons).await?;
        let change = if is_broken {
            self.to_review(&mut write, &glass, now).await?;
            glass.change(What::GlassBroken, by)
        } else {
            let mut change = glass.change(What::GlassAsked, by);
            change.pending = std::mem::take(&mut change.accounts);
            change
        };
        write.commit().await?;
        Ok(change)
    }

    /// Confirms another account's emergency opening: its hour begins.
    pub async fn confirm_break_glass(
        &self,
        id: TaskId,
        by: impl Into<By>,
        now: Moment,
    ) -> Result<Change, Error> {
        let by = by.into();
        let mut write = self.change().await?;
        let mut glass = glass_to_change(&mut write, id).await?;
        if !by.is_another(glass.account) {
            return Err(Refusal::NeedsAnother.into());
        }
        if glass.is_broken() || now >= glass.asked.plus_ms(CONFIRM_WITHIN_MS) {
            return Err(Refusal::Over.into());
        }
        glass.until = now.plus_ms(OPEN_MS);
        sqlx::query("UPDATE break_glass SET confirmed_by = $1, from_ms = $2, until_ms = $3 WHERE id = $4")
            .bind(i64::from(by.account))
            .bind(now.0)
            .bind(glass.until.0)
            .bind(id.0.to_vec())
            .execute(&mut *write)
            .await?;
        self.to_review(&mut write, &glass, now).await?;
        write.commit().await?;
        Ok(glass.change(What::GlassConfirmed, by.account))
    }

    /// Ends an emergency opening, or what was asked for and not confirmed, at once.
    pub async fn end_break_glass(&self, id: TaskId, by: u32, now: Moment) -> Result<Change, Error> {
        let mut write = self.change().await?;
        let glass = glass_to_change(&mut write, id).await?;
        sqlx::query("UPDATE break_glass SET ended_ms = $1 WHERE id = $2")
            .bind(now.0)
            .bind(id.0.to_vec())
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(glass.change(What::GlassEnded, by))
    }

    /// Notes that another account saw an alarm, or whoever raised it, if there is no other.
    pub async fn see_alarm(&self, id: TaskId, by: impl Into<By>, now: Moment) -> Result<Change, Error> {
        let by = by.into();
        let mut write = self.change().await?;
        let glass = read_glass(&mut write, id).await?;
        if !by.may_decide_over(glass.account) {
            return Err(Refusal::NeedsAnother.into());
        }
        if glass.alarm.is_none_or(|alarm| alarm.seen.is_some()) {
            return Err(Refusal::Over.into());
        }
        sqlx::query("UPDATE break_glass SET alarm_seen_by = $1, alarm_seen_ms = $2 WHERE id = $3")
            .bind(i64::from(by.account))
            .bind(now.0)
            .bind(id.0.to_vec())
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(glass.change(What::AlarmSeen, by.account))
    }

    /// Notes that an alarm was mailed.
    pub async fn note_alarm_mailed(&self, id: TaskId, now: Moment) -> Result<(), Error> {
        let noted =
            sqlx::query("UPDATE break_glass SET alarm_mailed_ms = $1 WHERE id = $2 AND alarm_ms IS NOT NULL")
                .bind(now.0)
                .bind(id.0.to_vec())
                .execute(self.database.pool())
                .await?;
        if noted.rows_affected() == 0 {
            return Err(Error::NotFound("alarm"));
        }
        Ok(())
    }

    /// An emergency opening.
    pub async fn glass(&self, id: TaskId) -> Result<BreakGlass, Error> {
        let row = sqlx::query("SELECT * FROM break_glass WHERE id = $1")
            .bind(id.0.to_vec())
            .fetch_optional(self.database.pool())
            .await?
            .ok_or(Error::NotFound("emergency opening"))?;
        self.open_glass(&row).await
    }

    /// Every emergency opening that gives access now, oldest first.
    pub async fn glasses_in_force(&self, now: Moment) -> Result<Vec<BreakGlass>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM break_glass WHERE (confirmed_by IS NOT NULL OR alarm_ms IS NOT NULL)
             AND ended_ms IS NULL AND from_ms <= $1 AND until_ms > $1 ORDER BY from_ms, id",
        )
        .bind(now.0)
        .fetch_all(self.database.pool())
        .await?;
        self.glasses_of_rows(&rows).await
    }

    /// Every emergency opening that waits for another account to confirm it, oldest first.
    pub async fn glasses_to_confirm(&self, now: Moment) -> Result<Vec<BreakGlass>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM break_glass WHERE confirmed_by IS NULL AND alarm_ms IS NULL
             AND ended_ms IS NULL AND asked_ms > $1 ORDER BY asked_ms, id",
        )
        .bind(now.0 - CONFIRM_WITHIN_MS)
        .fetch_all(self.database.pool())
        .await?;
        self.glasses_of_rows(&rows).await
    }

    /// Every emergency opening, also one over, whose alarm nobody saw yet, oldest first.
    pub async fn unseen_alarms(&self) -> Result<Vec<BreakGlass>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM break_glass WHERE alarm_ms IS NOT NULL AND alarm_seen_ms IS NULL
             ORDER BY alarm_ms, id",
        )
        .fetch_all(self.database.pool())
        .await?;
        self.glasses_of_rows(&rows).await
    }

    /// Every emergency opening that names a person, over or not, oldest first.
    pub async fn glasses_of_person(&self, person: PersonId) -> Result<Vec<BreakGlass>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM break_glass WHERE id IN (SELECT task FROM named_persons WHERE person = $1)
             ORDER BY asked_ms, id",
        )
        .bind(person.0.to_vec())
        .fetch_all(self.database.pool())
        .await?;
        self.glasses_of_rows(&rows).await
    }

    async fn to_review(&self, write: &mut Write, glass: &BreakGlass, now: Moment) -> Result<(), Error> {
        let due = self.rules.review_due(now);
        ask_for_review(write, Reviewed::BreakGlass, glass.id, glass.account, now, due).await
    }

    async fn glasses_of_rows(&self, rows: &[AnyRow]) -> Result<Vec<BreakGlass>, Error> {
        let mut glasses = Vec::with_capacity(rows.len());
        for row in rows {
            glasses.push(self.open_glass(row).await?);
        }
        Ok(glasses)
    }

    async fn open_glass(&self, row: &AnyRow) -> Result<BreakGlass, Error> {
        let persons = persons_of(self.database.pool(), TaskId(bytes_of(row, "id")?)).await?;
        glass_of(row, self.texts.text_in(texts::GLASS, row).await?, persons)
    }
}

impl BreakGlass {
    /// Whether it was confirmed or an alarm was raised: without that it opens nothing.
    pub fn is_broken(&self) -> bool {
        self.confirmed_by.is_some() || self.alarm.is_some()
    }

    fn change(&self, what: What, by: u32) -> Change {
        Change {
            what,
            task: self.id,
            by,
            client: self.client,
            purpose: self.purpose,
            persons: self.persons.clone(),
            classes: self.classes.clone(),
            accounts: vec![self.account],
            pending: Vec::new(),
            alone: Vec::new(),
            until: self.until,
        }
    }
}

/// An emergency opening, read once writers take turns; without its reason.
async fn read_glass(write: &mut Write, id: TaskId) -> Result<BreakGlass, Error> {
    let row = sqlx::query("SELECT * FROM break_glass WHERE id = $1")
        .bind(id.0.to_vec())
        .fetch_optional(&mut **write)
        .await?
        .ok_or(Error::NotFound("emergency opening"))?;
    glass_of(&row, Reason::default(), persons_of(&mut **write, id).await?)
}

/// An emergency opening that was not ended.
async fn glass_to_change(write: &mut Write, id: TaskId) -> Result<BreakGlass, Error> {
    let glass = read_glass(write, id).await?;
    if glass.ended.is_some() {
        return Err(Refusal::Over.into());
    }
    Ok(glass)
}

fn glass_of(row: &AnyRow, reason: Reason, persons: Vec<PersonId>) -> Result<BreakGlass, Error> {
    let number = |column| -> Result<Option<i64>, Error> { Ok(row.try_get(column)?) };
    let seen = number("alarm_seen_by")?.zip(number("alarm_seen_ms")?);
    Ok(BreakGlass {
        id: TaskId(bytes_of(row, "id")?),
        account: number_of(row, "account")?,
        client: number_of(row, "client")?,
        purpose: purpose_of(row)?,
        persons,
        classes: classes_of(row)?,
        reason,
        asked: Moment(row.try_get("asked_ms")?),
        from: Moment(row.try_get("from_ms")?),
        until: Moment(row.try_get("until_ms")?),
        confirmed_by: number("confirmed_by")?.map(|account| account as u32),
        alarm: match number("alarm_ms")? {
            None => None,
            Some(raised) => Some(Alarm {
                raised: Moment(raised),
                mailed: number("alarm_mailed_ms")?.map(Moment),
                seen: seen.map(|(account, ms)| (account as u32, Moment(ms))),
            }),
        },
        ended: number("ended_ms")?.map(Moment),
    })
}
