//! `goal add|list|remove`.

use super::site::note;
use crate::{arguments::GoalCommand, output, store::Store};
use serde_json::json;
use vocabulary::GoalRule;

pub(crate) async fn run(store: &Store, command: GoalCommand, json: bool) -> anyhow::Result<()> {
    let domain = match command {
        GoalCommand::Add {
            domain,
            name,
            page,
            action,
        } => {
            let site = store.sites.site(domain.as_str())?.site.id;
            let rule = match (page, action) {
                (Some(page), _) => GoalRule::Page(page.into()),
                (None, action) => GoalRule::Action(action.unwrap_or_default().into()),
            };
            let name = name.unwrap_or_else(|| match &rule {
                GoalRule::Page(text) | GoalRule::Action(text) => text.to_string(),
            });
            store.sites.add_goal(site, &name, &rule).await?;
            note(store, site)?;
            domain
        }
        GoalCommand::Remove { domain, name } => {
            let site = store.sites.site(domain.as_str())?.site.id;
            store.sites.remove_goal(site, &name).await?;
            note(store, site)?;
            domain
        }
        GoalCommand::List { domain } => domain,
    };
    let rows: Vec<_> = store
        .sites
        .site(domain.as_str())?
        .goals
        .iter()
        .map(|goal| match &goal.rule {
            GoalRule::Page(pattern) => vec![json!(goal.name), json!("page"), json!(pattern)],
            GoalRule::Action(name) => vec![json!(goal.name), json!("action"), json!(name)],
        })
        .collect();
    output::rows(json, &["Goal", "Reached by", "Rule"], &rows);
    Ok(())
}
