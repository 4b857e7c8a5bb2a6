//! A decision over what is stored.

use crate::named::{classes_of, number_of, purpose_of};
use crate::{Act, Decision, Error, Leave, Principal, Question, Scope, TaskStatus, Tasks};
use policy::Purpose;
use sqlx::Row;
use vocabulary::{Moment, PersonId, TaskId};

/// What staff wants to do, and for which task.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The task, or the emergency opening.
    pub task: TaskId,
    /// Whether it is an emergency opening.
    pub break_glass: bool,
    /// The client whose person or persons it is about; 0 is the agency itself.
    pub client: u32,
    /// What it is for.
    pub purpose: Purpose,
    /// What is to be done: all of it or none. At least one.
    pub acts: &'a [Act<'a>],
}

impl Tasks {
    /// Decides whether an account may do something. `second_factor`: whether it was given at this sign-in. An unknown
    /// task is not an error but a denial. Of several denials the first is told.
    pub async fn decide(
        &self,
        account: u32,
        second_factor: bool,
        facts: &Facts<'_>,
        now: Moment,
    ) -> Result<Decision, Error> {
        let mut question = Question {
            principal: Principal::Staff {
                account,
                second_factor,
            },
            act: Act::ListPersons,
            client: facts.client,
            purpose: facts.purpose,
            leave: None,
            now,
        };
        let mut loaded_for = None;
        let mut sum: Option<Decision> = None;
        for act in facts.acts {
            if loaded_for != Some(act.person()) {
                question.leave = self.leave(account, facts, act.person()).await?;
                loaded_for = Some(act.person());
            }
            question.act = *act;
            let decision = self.policies.decide(&question);
            if !decision.allowed {
                return Ok(decision);
            }
            match &mut sum {
                None => sum = Some(decision),
                Some(sum) if sum.policies != decision.policies => {
                    sum.policies.extend(decision.policies);
                    sum.policies.sort();
                    sum.policies.dedup();
                }
                Some(_) => {}
            }
        }
        Ok(sum.unwrap_or_else(|| Decision::denied("nothing was asked for")))
    }

    /// The best leave that the account has of that task, good or not: the policies judge it. Of the persons that the
    /// task names it holds `person` alone.
    async fn leave(
        &self,
        account: u32,
        facts: &Facts<'_>,
        person: Option<PersonId>,
    ) -> Result<Option<Leave>, Error> {
        let sql = if facts.break_glass {
            "SELECT client, purpose, classes, from_ms, until_ms, ended_ms, confirmed_by, alarm_ms,
                    (SELECT COUNT(*) FROM named_persons WHERE task = $1 AND person = $3) AS named
             FROM break_glass WHERE id = $1 AND account = $2"
        } else {
            "SELECT tasks.client AS client, tasks.status AS status, grants.purpose AS purpose,
                    grants.classes AS classes, grants.from_ms AS from_ms, grants.until_ms AS until_ms,
                    grants.ended_ms AS ended_ms, grants.approval AS approval,
                    (SELECT COUNT(*) FROM named_persons WHERE task = $1 AND person = $3) AS named
             FROM grants JOIN tasks ON tasks.id = grants.task
             WHERE grants.task = $1 AND grants.account = $2
             ORDER BY CASE WHEN grants.ended_ms IS NULL THEN 0 ELSE 1 END,
                      CASE WHEN grants.approval = 'pending' THEN 1 ELSE 0 END,
                      grants.until_ms DESC
             LIMIT 1"
        };
        let query = sqlx::query(sql)
            .bind(facts.task.0.to_vec())
            .bind(i64::from(account))
            .bind(person.map(|person| person.0.to_vec()));
        let Some(row) = self.database.rows(query).await?.pop() else {
            return Ok(None);
        };
        let is_named = row.try_get::<i64, _>("named")? > 0;
        let scope = Scope {
            client: number_of(&row, "client")?,
            purpose: purpose_of(&row)?,
            persons: person.filter(|_| is_named).into_iter().collect(),
            classes: classes_of(&row)?,
            from: Moment(row.try_get("from_ms")?),
            until: Moment(row.try_get("until_ms")?),
            ended: row.try_get::<Option<i64>, _>("ended_ms")?.is_some(),
        };
        if facts.break_glass {
            return Ok(Some(Leave::BreakGlass {
                scope,
                confirmed: row.try_get::<Option<i64>, _>("confirmed_by")?.is_some(),
                alarm: row.try_get::<Option<i64>, _>("alarm_ms")?.is_some(),
            }));
        }
        let status = row.try_get::<String, _>("status")?;
        Ok(Some(Leave::Grant {
            scope,
            status: TaskStatus::parse(&status).ok_or(Error::Corrupt("status"))?,
            approved: row.try_get::<String, _>("approval")? != "pending",
        }))
    }
}
