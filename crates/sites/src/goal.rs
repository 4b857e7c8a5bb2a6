//! Goals of sites.

use crate::site::no_site;
use crate::{Error, Problem, Sites, name};
use smol_str::SmolStr;
use sqlx::{Row, any::AnyRow};
use vocabulary::{Goal, GoalRule, SiteId};

/// How many characters the name of a goal may have, and its pattern or action.
const NAME_MAX: usize = 120;
const RULE_MAX: usize = 500;

impl Sites {
    /// Adds a goal, or gives the one of that name a new rule.
    pub async fn add_goal(&self, site: SiteId, name: &str, rule: &GoalRule) -> Result<Goal, Error> {
        let goal = Goal {
            name: name::checked("goal", name, NAME_MAX)?.into(),
            rule: checked_rule(rule)?,
        };
        if self.snapshot().by_id(site).is_none() {
            self.refresh().await?;
            self.snapshot().by_id(site).ok_or_else(|| no_site(site))?;
        }
        let mut write = self.change().await?;
        sqlx::query(
            "INSERT INTO site_goals (site, name, rule) VALUES ($1, $2, $3)
             ON CONFLICT (site, name) DO UPDATE SET rule = excluded.rule",
        )
        .bind(i64::from(site.0))
        .bind(goal.name.as_str())
        .bind(serde_json::to_string(&goal.rule).expect("a rule is a text"))
        .execute(&mut *write)
        .await?;
        self.done(write).await?;
        Ok(goal)
    }

    /// Removes a goal; what was counted by it is computed from events, so nothing else is lost.
    pub async fn remove_goal(&self, site: SiteId, name: &str) -> Result<(), Error> {
        let mut write = self.change().await?;
        let gone = sqlx::query("DELETE FROM site_goals WHERE site = $1 AND name = $2")
            .bind(i64::from(site.0))
            .bind(name.trim())
            .execute(&mut *write)
            .await?;
        if gone.rows_affected() == 0 {
            return Err(Error::NotFound {
                what: "goal",
                name: name.to_owned(),
                near: Vec::new(),
            });
        }
        self.done(write).await
    }

    /// The goals of a site, by name.
    pub async fn goals(&self, site: SiteId) -> Result<Vec<Goal>, Error> {
        let rows = sqlx::query("SELECT site, name, rule FROM site_goals WHERE site = $1")
            .bind(i64::from(site.0))
            .fetch_all(self.database.pool())
            .await?;
        let mut goals: Vec<Goal> = rows.iter().map(goal_of).collect::<Result<_, _>>()?;
        goals.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(goals)
    }
}

fn checked_rule(rule: &GoalRule) -> Result<GoalRule, Error> {
    Ok(match rule {
        GoalRule::Page(pattern) => {
            let pattern = name::checked("page", pattern, RULE_MAX)?;
            if !pattern.starts_with(['/', '*']) {
                return Err(Error::Refused {
                    field: "page",
                    problem: Problem::Pattern,
                });
            }
            GoalRule::Page(pattern.into())
        }
        GoalRule::Action(action) => GoalRule::Action(name::checked("action", action, RULE_MAX)?.into()),
    })
}

/// A row with all columns of `site_goals`.
pub(crate) fn goal_of(row: &AnyRow) -> Result<Goal, Error> {
    let name: SmolStr = row.try_get::<String, _>("name")?.into();
    let rule: String = row.try_get("rule")?;
    let rule = serde_json::from_str(&rule).map_err(|_| Error::Corrupt {
        what: "goal",
        of: name.to_string(),
    })?;
    Ok(Goal { name, rule })
}
