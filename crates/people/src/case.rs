//! Cases: what came of an enquiry, by number, status and times. A case says nothing about its person; texts are letters
//! in the vault.

use crate::letter::undelivered_of;
use crate::people::{hex, row_person};
use crate::{Direction, Error, Language, People, Undelivered};
use serde::{Deserialize, Serialize};
use sqldb::Write;
use sqlx::{AssertSqlSafe, Row, any::AnyRow};
use vocabulary::{Moment, PersonId, TaskId};

/// A case's number, from 1: what letters to the person name it by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseId(pub u32);

vocabulary::closed_list! {
    /// Where a case stands.
    CaseStatus {
        /// Nobody has looked at it.
        New = "new",
        /// It is our turn.
        Open = "open",
        /// We wait for somebody else before we can answer.
        Waiting = "waiting",
        /// Answered; it is the person's turn.
        Answered = "answered",
        /// Done.
        Closed = "closed",
    }
}

impl CaseStatus {
    /// The status after a letter: an answer answers, and whatever the person writes opens again. Automatic letters,
    /// such as notes of absence, change nothing.
    #[must_use]
    pub const fn after_letter(self, direction: Direction, is_automatic: bool) -> Self {
        match (direction, is_automatic, self) {
            (_, true, _) => self,
            (Direction::In, false, Self::New) => Self::New,
            (Direction::In, false, _) => Self::Open,
            (Direction::Out, false, _) => Self::Answered,
        }
    }
}

/// A case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Case {
    /// Its number.
    pub id: CaseId,
    /// For whom we hold its person; 0 is the agency itself.
    pub client: u32,
    /// Whose it is.
    pub person: PersonId,
    /// Where it stands.
    pub status: CaseStatus,
    /// The account that works on it.
    pub assignee: Option<u32>,
    /// The task by which its person's data are read.
    pub task: Option<TaskId>,
    /// Through which form it came, or `letter`.
    pub source: String,
    /// The language in which it was written, as far as the form or the site said.
    pub language: Language,
    /// When it was made.
    pub opened: Moment,
    /// When its status last changed or a letter came or went.
    pub changed: Moment,
    /// When it was closed, if it is.
    pub closed: Option<Moment>,
    /// How many letters came, the enquiry itself included.
    pub letters_in: u32,
    /// How many letters went.
    pub letters_out: u32,
    /// When the last letter came.
    pub last_in: Option<Moment>,
    /// When the last letter went.
    pub last_out: Option<Moment>,
    /// Why the last letter that went did not arrive, if that is known.
    pub undelivered: Option<Undelivered>,
}

/// A case to be opened.
pub(crate) struct NewCase<'a> {
    pub(crate) client: u32,
    pub(crate) person: PersonId,
    /// Through which form it comes, or `letter`.
    pub(crate) source: &'a str,
    pub(crate) language: Language,
    /// What tells this sending from every other.
    pub(crate) sending: Option<&'a [u8]>,
    /// How many values come in with it.
    pub(crate) values: u32,
}

/// What came in with a case that the audit log does not have yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unrecorded {
    /// The case.
    pub case: CaseId,
    /// Who wrote.
    pub person: PersonId,
    /// When.
    pub opened: Moment,
    /// How many values came, the letter included.
    pub values: u32,
    /// How many consents were given.
    pub consents: u32,
}

/// Which cases to list.
#[derive(Clone, Copy, Debug)]
pub struct CaseFilter<'a> {
    /// Of these statuses; all where none is given.
    pub statuses: &'a [CaseStatus],
    /// Of this account.
    pub assignee: Option<u32>,
    /// Only older ones than this, for the next page.
    pub before: Option<CaseId>,
    /// At most so many.
    pub most: u32,
}

const COLUMNS: &str =
    "c.id AS id, client, person, status, assignee, task, source, language, opened_ms, changed_ms,
    closed_ms,
    (SELECT COUNT(*) FROM letters AS l WHERE l.case_id = c.id AND direction = 'in') AS letters_in,
    (SELECT COUNT(*) FROM letters AS l WHERE l.case_id = c.id AND direction = 'out') AS letters_out,
    (SELECT MAX(at_ms) FROM letters AS l WHERE l.case_id = c.id AND direction = 'in') AS last_in_ms,
    (SELECT MAX(at_ms) FROM letters AS l WHERE l.case_id = c.id AND direction = 'out') AS last_out_ms,
    (SELECT undelivered FROM letters AS l WHERE l.case_id = c.id AND direction = 'out' ORDER BY l.id DESC LIMIT 1)
        AS undelivered
    FROM cases AS c";

impl People {
    /// The case of that number.
    pub async fn case(&self, id: CaseId) -> Result<Case, Error> {
        let row = sqlx::query(AssertSqlSafe(format!("SELECT {COLUMNS} WHERE c.id = $1")))
            .bind(i64::from(id.0))
            .fetch_optional(self.database.pool())
            .await?
            .ok_or(Error::NotFound("case"))?;
        case_of(&row)
    }

    /// Cases, newest first.
    pub async fn cases(&self, filter: CaseFilter<'_>) -> Result<Vec<Case>, Error> {
        let names: Vec<String> = filter
            .statuses
            .iter()
            .map(|s| format!("'{}'", s.name()))
            .collect();
        let statuses = if names.is_empty() {
            String::new()
        } else {
            format!("AND status IN ({})", names.join(", "))
        };
        let sql = format!(
            "SELECT {COLUMNS} WHERE c.id < $1 AND ($2 = 0 OR assignee = $3) {statuses} ORDER BY c.id DESC LIMIT $4"
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(filter.before.map_or(i64::MAX, |id| i64::from(id.0)))
            .bind(i64::from(filter.assignee.is_some()))
            .bind(filter.assignee.map_or(0, i64::from))
            .bind(i64::from(filter.most))
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(case_of)
            .collect()
    }

    /// The cases of a person, oldest first.
    pub async fn cases_of(&self, person: PersonId) -> Result<Vec<Case>, Error> {
        let sql = format!("SELECT {COLUMNS} WHERE person = $1 ORDER BY c.id");
        sqlx::query(AssertSqlSafe(sql))
            .bind(person.0.to_vec())
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(case_of)
            .collect()
    }

    /// The cases opened before then that no task is open for yet, oldest first: nobody was there to be given it, or the
    /// process ended before it had one.
    pub async fn cases_without_task(&self, before: Moment) -> Result<Vec<Case>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} WHERE task IS NULL AND status <> 'closed' AND opened_ms < $1 ORDER BY c.id"
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(before.0)
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(case_of)
            .collect()
    }

    /// Says where a case stands.
    pub async fn set_case_status(&self, id: CaseId, status: CaseStatus, now: Moment) -> Result<(), Error> {
        let closed = (status == CaseStatus::Closed).then_some(now.0);
        let changed =
            sqlx::query("UPDATE cases SET status = $1, closed_ms = $2, changed_ms = $3 WHERE id = $4")
                .bind(status.name())
                .bind(closed)
                .bind(now.0)
                .bind(i64::from(id.0))
                .execute(self.database.pool())
                .await?;
        found(changed.rows_affected())
    }

    /// Says by which task a case's person is read from now on, and who works on it.
    pub async fn give_case(&self, id: CaseId, task: TaskId, assignee: u32, now: Moment) -> Result<(), Error> {
        let changed = sqlx::query("UPDATE cases SET task = $1, assignee = $2, changed_ms = $3 WHERE id = $4")
            .bind(task.0.to_vec())
            .bind(i64::from(assignee))
            .bind(now.0)
            .bind(i64::from(id.0))
            .execute(self.database.pool())
            .await?;
        found(changed.rows_affected())
    }

    /// What came in before then and is not in the audit log yet, as far as this room knows: oldest first.
    pub async fn unrecorded(&self, before: Moment) -> Result<Vec<Unrecorded>, Error> {
        let sql = format!("{UNRECORDED} AND opened_ms < $1 ORDER BY id");
        sqlx::query(AssertSqlSafe(sql))
            .bind(before.0)
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(unrecorded_of)
            .collect()
    }

    /// The same of one case; nothing if the audit log has it.
    pub async fn unrecorded_of(&self, case: CaseId) -> Result<Option<Unrecorded>, Error> {
        let sql = format!("{UNRECORDED} AND id = $1");
        sqlx::query(AssertSqlSafe(sql))
            .bind(i64::from(case.0))
            .fetch_optional(self.database.pool())
            .await?
            .as_ref()
            .map(unrecorded_of)
            .transpose()
    }

    /// The audit log has what came in with a case.
    pub async fn recorded(&self, case: CaseId) -> Result<(), Error> {
        sqlx::query("UPDATE cases SET unrecorded_values = NULL WHERE id = $1")
            .bind(i64::from(case.0))
            .execute(self.database.pool())
            .await?;
        Ok(())
    }
}

/// Consents are counted that were given with the case itself, at the very time.
const UNRECORDED: &str = "SELECT id, person, opened_ms, unrecorded_values,
    (SELECT COUNT(*) FROM consent_events AS e WHERE e.person = cases.person AND e.act = 'give'
        AND e.at_ms = cases.opened_ms) AS consents
    FROM cases WHERE unrecorded_values IS NOT NULL";

fn unrecorded_of(row: &AnyRow) -> Result<Unrecorded, Error> {
    let number = |column| row.try_get::<i64, _>(column).map(|n| n as u32);
    Ok(Unrecorded {
        case: CaseId(number("id")?),
        person: row_person(row, "person")?,
        opened: Moment(row.try_get("opened_ms")?),
        values: number("unrecorded_values")?,
        consents: number("consents")?,
    })
}

/// Opens a case; none if there is one of that sending.
pub(crate) async fn open_case(
    write: &mut Write,
    new: &NewCase<'_>,
    now: Moment,
) -> Result<Option<CaseId>, Error> {
    let mut token = [0; 10];
    getrandom::fill(&mut token)?;
    let row = sqlx::query(
        "INSERT INTO cases
         (client, person, status, source, language, token, opened_ms, changed_ms, sending, unrecorded_values)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9) ON CONFLICT (sending) DO NOTHING RETURNING id",
    )
    .bind(i64::from(new.client))
    .bind(new.person.0.to_vec())
    .bind(CaseStatus::New.name())
    .bind(new.source)
    .bind(new.language.name())
    .bind(hex(&token))
    .bind(now.0)
    .bind(new.sending.map(<[u8]>::to_vec))
    .bind(i64::from(new.values))
    .fetch_optional(&mut **write)
    .await?;
    Ok(match row {
        Some(row) => Some(CaseId(row.try_get::<i64, _>(0)? as u32)),
        None => None,
    })
}

fn found(rows: u64) -> Result<(), Error> {
    match rows {
        0 => Err(Error::NotFound("case")),
        _ => Ok(()),
    }
}

fn case_of(row: &AnyRow) -> Result<Case, Error> {
    let corrupt = || Error::Corrupt("a case");
    let number = |column| row.try_get::<i64, _>(column).map(|n| n as u32);
    let moment = |column| row.try_get::<Option<i64>, _>(column).map(|ms| ms.map(Moment));
    let text = |column| row.try_get::<String, _>(column);
    let task = match row.try_get::<Option<Vec<u8>>, _>("task")? {
        None => None,
        Some(bytes) => Some(TaskId(bytes.try_into().map_err(|_| corrupt())?)),
    };
    Ok(Case {
        id: CaseId(number("id")?),
        client: number("client")?,
        person: row_person(row, "person")?,
        status: CaseStatus::parse(&text("status")?).ok_or_else(corrupt)?,
        assignee: row.try_get::<Option<i64>, _>("assignee")?.map(|n| n as u32),
        task,
        source: text("source")?,
        language: Language::parse(&text("language")?).ok_or_else(corrupt)?,
        opened: Moment(row.try_get("opened_ms")?),
        changed: Moment(row.try_get("changed_ms")?),
        closed: moment("closed_ms")?,
        letters_in: number("letters_in")?,
        letters_out: number("letters_out")?,
        last_in: moment("last_in_ms")?,
        last_out: moment("last_out_ms")?,
        undelivered: undelivered_of(row)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_move_a_case_and_automatic_ones_do_not() {
        use CaseStatus::{Answered, Closed, New, Open, Waiting};
        for (status, after_in, after_out) in [
            (New, New, Answered),
            (Open, Open, Answered),
            (Waiting, Open, Answered),
            (Answered, Open, Answered),
            (Closed, Open, Answered),
        ] {
            assert_eq!(status.after_letter(Direction::In, false), after_in);
            assert_eq!(status.after_letter(Direction::Out, false), after_out);
            assert_eq!(status.after_letter(Direction::In, true), status);
            assert_eq!(status.after_letter(Direction::Out, true), status);
        }
    }
}
