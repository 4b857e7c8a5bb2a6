//! `staff add|list`.

use super::init::link_text;
use crate::{arguments::Staff, audit_waiting, clock, output, store::Store};
use audit::{Action, Actor, Entry, Subject};
use serde_json::json;
use staff::{Language, NewAccount, Role};

pub(crate) async fn run(store: &Store, command: Staff, json: bool) -> anyhow::Result<()> {
    let staff = store.staff().await?;
    match command {
        Staff::Add { login, site } => {
            let sites = site
                .iter()
                .map(|domain| Ok(store.sites.site(domain.as_str())?.site.id))
                .collect::<Result<Vec<_>, sites::Error>>()?;
            let role = if sites.is_empty() {
                Role::Owner
            } else {
                Role::Analyst
            };
            let new = NewAccount {
                login: &login,
                name: &login,
                language: Language::En,
                role,
            };
            let (account, link) = staff.invite(new, clock::now()).await?;
            for site in sites {
                staff.allow_site(account, site).await?;
            }
            let link = link_text(store, &link);
            if json {
                output::thing(true, &[("id", json!(account.0)), ("set_up", json!(link))]);
            } else {
                output::line("The account is set up at this address, once, within a day:");
                output::line(&format!("  {link}"));
            }
        }
        Staff::ResetSecondFactor { login } => {
            let account = staff.account_by_login(&login).await?;
            let ended = staff.reset_second_factor(account.id).await?;
            let entry = Entry {
                subject: Subject {
                    account: Some(account.id.0),
                    ..Subject::default()
                },
                ..Entry::new(clock::now(), Actor::System, Action::SecondFactorChange)
            };
            audit_waiting::leave(&store.folder, &entry)?;
            output::thing(json, &[("ended sign-ins", json!(ended))]);
        }
        Staff::List => {
            let rows = staff.accounts().await?.into_iter().map(|a| {
                let state = match (a.disabled, a.is_set_up) {
                    (Some(_), _) => "disabled",
                    (None, true) => "active",
                    (None, false) => "invited",
                };
                vec![
                    json!(a.id.0),
                    json!(a.login.reveal()),
                    json!(a.role.name()),
                    json!(state),
                    output::moment(a.created),
                ]
            });
            output::rows(
                json,
                &["Id", "Login", "Role", "State", "Created"],
                &rows.collect::<Vec<_>>(),
            );
        }
    }
    Ok(())
}
