//! `token create|list`.

use super::site::note;
use crate::{arguments, clock, output, store::Store};
use serde_json::json;
use sites::Can;

pub(crate) async fn run(store: &Store, command: arguments::Token, json: bool) -> anyhow::Result<()> {
    match command {
        arguments::Token::Create { site, can, name } => {
            let site = store.sites.site(site.as_str())?.site.id;
            let (can, default_name) = match can {
                arguments::Can::Send => (Can::Send, "send"),
                arguments::Can::Read => (Can::Read, "read"),
            };
            let name = if name.is_empty() { default_name } else { &name };
            let token = store.sites.create_token(site, can, name, clock::now()).await?;
            note(store, site)?;
            if json {
                output::thing(true, &[("id", json!(token.id)), ("token", json!(token.text))]);
            } else {
                output::line(&token.text);
            }
        }
        arguments::Token::List { site } => {
            let site = store.sites.site(site.as_str())?.site.id;
            let rows = store.sites.tokens(site).await?.into_iter().map(|t| {
                let revoked = t.revoked.map_or(serde_json::Value::Null, output::moment);
                vec![
                    json!(t.id),
                    json!(t.can),
                    json!(t.name),
                    output::moment(t.created),
                    revoked,
                ]
            });
            output::rows(
                json,
                &["Id", "Can", "Name", "Created", "Revoked"],
                &rows.collect::<Vec<_>>(),
            );
        }
    }
    Ok(())
}
