//! `staff add|list`.

use super::init::link_text;
use crate::{arguments::Staff, audit_waiting, clock, output, store::Store};
use anyhow::bail;
use audit::{Action, Subject};
use serde_json::json;
use staff::{AccountId, Language, NewAccount, Role};
use std::io::{BufRead as _, IsTerminal as _, Write as _};

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
            note(store, Action::AccountCreated, account)?;
            let link = link_text(store, &link);
            if json {
                output::thing(true, &[("id", json!(account.0)), ("set_up", json!(link))]);
            } else {
                output::line("The account is set up at this address, once, within a day:");
                output::line(&format!("  {link}"));
            }
        }
        Staff::ResetSecondFactor { login, yes } => {
            let account = staff.account_by_login(&login).await?;
            if !yes {
                ask_again(&login)?;
            }
            let ended = staff.reset_second_factor(account.id).await?;
            note(store, Action::SecondFactorChange, account.id)?;
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

fn note(store: &Store, action: Action, account: AccountId) -> anyhow::Result<()> {
    let subject = Subject {
        account: Some(account.0),
        ..Subject::default()
    };
    audit_waiting::note(&store.folder, action, subject)
}

/// Has whoever stands at the terminal write the name once more.
fn ask_again(login: &str) -> anyhow::Result<()> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        bail!("nobody is at a terminal to say that this is meant: give --yes");
    }
    let mut out = std::io::stderr();
    write!(
        out,
        "This takes the second factor of `{login}` away and ends every sign-in of it.\n\
         Make sure by other means than mail who asks for it. Write the name once more: "
    )?;
    out.flush()?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    if answer.trim() != login {
        bail!("that is not the name, so nothing was done");
    }
    Ok(())
}
