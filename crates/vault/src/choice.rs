//! What people chose about the use of their values, after they gave them.

use crate::{Error, Refusal, Vault};
use policy::retention::Choice;
use policy::{FieldClass, Purpose};
use sqldb::Write;
use sqlx::Row;
use vocabulary::{Moment, PersonId};

impl Vault {
    /// The person allows a use (a consent was given): values of these classes may be used for it from now on, whenever
    /// they were or will be given. Takes the place of what was chosen about it before.
    pub async fn allow_use(
        &self,
        person: PersonId,
        purpose: Purpose,
        classes: &[FieldClass],
        now: Moment,
    ) -> Result<(), Error> {
        self.choose(person, purpose, Some(names_of(classes)), now).await
    }

    /// The person withdraws a use: from now on no value is used for it, whatever it was given for, until it is allowed
    /// again.
    pub async fn withdraw_use(&self, person: PersonId, purpose: Purpose, now: Moment) -> Result<(), Error> {
        self.choose(person, purpose, None, now).await
    }

    async fn choose(
        &self,
        person: PersonId,
        purpose: Purpose,
        classes: Option<String>,
        now: Moment,
    ) -> Result<(), Error> {
        let (mut write, number) = self.change(person).await?;
        write_choice(&mut write, number, purpose, classes, now).await?;
        write.commit().await
    }

    /// The choices of the persons with these numbers.
    pub(crate) async fn choices_of(
        &self,
        first: i64,
        last: i64,
    ) -> Result<Vec<(i64, (Purpose, Choice))>, Error> {
        let rows = sqlx::query(
            "SELECT person, purpose, is_allowed, classes, since_ms FROM choices WHERE person BETWEEN $1 AND $2",
        )
        .bind(first)
        .bind(last)
        .fetch_all(self.fields.pool())
        .await?;
        rows.iter()
            .map(|row| {
                const WRONG: Error = Error::Corrupt("choice");
                let purpose = Purpose::parse(&row.try_get::<String, _>(1)?).ok_or(WRONG)?;
                let since = Moment(row.try_get(4)?);
                let choice = if row.try_get::<i64, _>(2)? == 1 {
                    let classes = classes_of(&row.try_get::<String, _>(3)?);
                    Choice::Allowed(classes.ok_or(WRONG)?, since)
                } else {
                    Choice::Withdrawn(since)
                };
                Ok((row.try_get(0)?, (purpose, choice)))
            })
            .collect()
    }
}

/// Classes as they are stored.
pub(crate) fn names_of(classes: &[FieldClass]) -> String {
    let names: Vec<&str> = classes.iter().map(|class| class.name()).collect();
    names.join(",")
}

/// Classes as [`names_of`] wrote them; none where one is unknown.
pub(crate) fn classes_of(names: &str) -> Option<Vec<FieldClass>> {
    let names = names.split(',').filter(|name| !name.is_empty());
    names.map(FieldClass::parse).collect()
}

/// Writes what was chosen about a use: the classes that may be used for it, or none where it is withdrawn.
pub(crate) async fn write_choice(
    write: &mut Write,
    number: i64,
    purpose: Purpose,
    classes: Option<String>,
    now: Moment,
) -> Result<(), Error> {
    if purpose.is_by_law() {
        return Err(Refusal::ByLaw.into());
    }
    sqlx::query(
        "INSERT INTO choices (person, purpose, is_allowed, classes, since_ms) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (person, purpose) DO UPDATE
         SET is_allowed = excluded.is_allowed, classes = excluded.classes, since_ms = excluded.since_ms",
    )
    .bind(number)
    .bind(purpose.name())
    .bind(i64::from(classes.is_some()))
    .bind(classes.unwrap_or_default())
    .bind(now.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}
