//! The accounts of staff, for owners: inviting, roles, barring, links, second factors, sign-ins.
//!
//! This file holds the routes; the page is in `team/sheet.rs`. Nobody changes their own account here.

mod sheet;

use super::account::broken;
use super::{record_entry, subject_account};
use crate::error_page::Fault;
use crate::language::Language;
use crate::pages::html as answer;
use crate::reader::{Asking, Fields, Signed, value};
use crate::set_up;
use crate::sign_in::see_other;
use crate::state::Web;
use audit::{Action, Actor, Entry};
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use sheet::{Member, sheet};
use staff::{AccountId, Error, NewAccount, Refusal, Right, Role, Secret};
use std::sync::Arc;

/// What goes into the page besides what is stored.
#[derive(Default)]
struct Draft {
    /// What was filled in, if it was refused.
    fields: Fields,
    /// The field at fault and what is wrong with it.
    problem: Option<(&'static str, String)>,
    /// A link just made, for that account: shown this once.
    link: Option<(AccountId, String)>,
}

/// `GET /console/staff`.
pub(super) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    match manager(&asking) {
        Ok(signed) => page(&web, &asking, signed, &Draft::default()).await,
        Err(response) => *response,
    }
}

/// `POST /console/staff/invite`: an account and the link for its holder.
pub(super) async fn invite(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let (signed, fields) = match sent(&asking, &body) {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    let Some(role) = Role::parse(value(&fields, "role")) else {
        return asking.fault(Fault::NotFound);
    };
    let new = NewAccount {
        login: value(&fields, "login"),
        name: value(&fields, "name"),
        // Until its holder opens the link, and chooses.
        language: signed.account.language,
        role,
    };
    let (account, link) = match web.staff.invite(new, (web.now)()).await {
        Ok(made) => made,
        Err(Error::Refused(refusal)) => {
            let (field, key) = set_up::fault(refusal);
            let problem = Some((field, asking.language.text(key)));
            let draft = Draft {
                fields,
                problem,
                link: None,
            };
            return page(&web, &asking, signed, &draft).await;
        }
        Err(error) => return broken(&asking, &error),
    };
    if let Err(error) = handed_over(&web, &asking, signed, account, None).await {
        return broken(&asking, &error);
    }
    if let Err(response) = note(&web, &asking, signed, Action::AccountCreated, account, 0).await {
        return *response;
    }
    page(&web, &asking, signed, &with_link(&asking, account, &link)).await
}

/// `POST /console/staff/{act}`: something done to the account of another.
pub(super) async fn act(
    State(web): State<Arc<Web>>,
    Path(act): Path<String>,
    asking: Asking,
    body: String,
) -> Response {
    let (signed, fields) = match sent(&asking, &body) {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    let Ok(account) = value(&fields, "account").parse().map(AccountId) else {
        return asking.fault(Fault::NotFound);
    };
    if account == signed.account.id {
        return asking.fault(Fault::Forbidden);
    }
    match done(&web, signed, &act, account, &fields).await {
        Ok(Done { action, count, link }) => {
            let told = match act.as_str() {
                "link" => Some("team-told-link"),
                "second-factor" => Some("team-told-second-factor"),
                _ => None,
            };
            if told.is_some()
                && let Err(error) = handed_over(&web, &asking, signed, account, told).await
            {
                return broken(&asking, &error);
            }
            if let Err(response) = note(&web, &asking, signed, action, account, count).await {
                return *response;
            }
            match link {
                Some(link) => page(&web, &asking, signed, &with_link(&asking, account, &link)).await,
                None => see_other("/console/staff?saved=yes"),
            }
        }
        Err(Failed::Office(error)) => {
            tracing::error!(%error, "the tasks of a barred account could not be taken from it");
            asking.fault(Fault::Broken)
        }
        Err(Failed::Staff(Error::Refused(Refusal::LastOwner))) => {
            let problem = Some(("accounts", asking.language.text("team-last-owner")));
            let draft = Draft {
                problem,
                ..Draft::default()
            };
            page(&web, &asking, signed, &draft).await
        }
        Err(Failed::Staff(Error::NotFound(_))) => asking.fault(Fault::NotFound),
        Err(Failed::Staff(error)) => broken(&asking, &error),
    }
}

/// What was done, for the log and for the page.
struct Done {
    action: Action,
    count: u64,
    link: Option<Secret>,
}

/// Why it was not done.
enum Failed {
    Staff(Error),
    Office(office::Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Staff(error)
    }
}

async fn done(
    web: &Web,
    signed: &Signed,
    act: &str,
    account: AccountId,
    fields: &[(String, String)],
) -> Result<Done, Failed> {
    let now = (web.now)();
    let (staff, by) = (&web.staff, signed.account.id);
    let (mut count, mut link) = (0, None);
    let action = match act {
        "role" => {
            let role = Role::parse(value(fields, "role")).ok_or(Error::NotFound("role"))?;
            staff.change_role(account, role).await?;
            if !role.may(Right::WorkOnTasks) {
                depart(web, account, by).await?;
            }
            Action::RoleChange
        }
        "bar" => {
            staff.disable_account(account, now).await?;
            depart(web, account, by).await?;
            Action::AccountDisabled
        }
        "unbar" => {
            // Nobody comes back to what they left, even if taking it away failed at the time.
            depart(web, account, by).await?;
            staff.enable_account(account).await?;
            Action::ConfigurationChange
        }
        "link" => {
            link = Some(staff.link_for(account, now).await?);
            Action::CredentialsHandedOver
        }
        "second-factor" => {
            count = staff.reset_second_factor(account).await?;
            Action::SecondFactorChange
        }
        "sign-ins" => {
            count = staff.end_all_sign_ins(account, None).await?;
            Action::SignOut
        }
        _ => return Err(Error::NotFound("act").into()),
    };
    Ok(Done { action, count, link })
}

/// Notes that somebody else had an account's credentials in their hands, and tells its holder by mail (`told`, the key of
/// the words), if the login is an address. For a while the two accounts are one person where another has to decide.
async fn handed_over(
    web: &Web,
    asking: &Asking,
    signed: &Signed,
    account: AccountId,
    told: Option<&str>,
) -> Result<(), Error> {
    let now = (web.now)();
    web.staff.note_hand_over(account, signed.account.id, now).await?;
    let holder = web.staff.account(account).await?;
    let (login, language) = (holder.login.reveal(), holder.language);
    if let Some(key) = told.filter(|_| login.contains('@')) {
        let language = Language::parse(language.name()).unwrap_or(asking.language);
        let text = language.text_with(
            key,
            &[("by", signed.account.name.reveal().into()), ("hours", 24.into())],
        );
        let subject = language.text("team-told-subject");
        if let Err(error) = web.office.post_to_staff(login, &subject, text, now).await {
            // What was done stands, and is in the log.
            tracing::error!(%error, "the holder of an account could not be told");
        }
    }
    Ok(())
}

/// Takes every task from an account, and records that.
async fn depart(web: &Web, account: AccountId, by: AccountId) -> Result<(), Failed> {
    let now = (web.now)();
    let changes = web.office.tasks.depart(account.0, by.0, now).await;
    for change in changes.map_err(|error| Failed::Office(error.into()))? {
        for entry in crate::console::entries(&change, now) {
            web.office.record(entry).await.map_err(Failed::Office)?;
        }
    }
    Ok(())
}

/// Whoever may manage staff; others do not learn that there is such a page.
fn manager(asking: &Asking) -> Result<&Signed, Box<Response>> {
    let signed = asking.signed()?;
    if signed.may(Right::ManageStaff) {
        Ok(signed)
    } else {
        Err(Box::new(asking.fault(Fault::NotFound)))
    }
}

fn sent<'a>(asking: &'a Asking, body: &str) -> Result<(&'a Signed, Fields), Box<Response>> {
    manager(asking)?;
    asking.form(body)
}

async fn note(
    web: &Web,
    asking: &Asking,
    signed: &Signed,
    action: Action,
    account: AccountId,
    count: u64,
) -> Result<(), Box<Response>> {
    let entry = Entry {
        subject: subject_account(account),
        count: u32::try_from(count).unwrap_or(u32::MAX),
        ..Entry::new((web.now)(), Actor::Staff(signed.account.id.0), action)
    };
    record_entry(web, asking, entry).await
}

fn with_link(asking: &Asking, account: AccountId, link: &Secret) -> Draft {
    Draft {
        link: Some((account, format!("{}/set-up?token={}", asking.server, link.text()))),
        ..Draft::default()
    }
}

async fn page(web: &Web, asking: &Asking, signed: &Signed, draft: &Draft) -> Response {
    let members = match members(web).await {
        Ok(members) => members,
        Err(error) => return broken(asking, &error),
    };
    let mut response = answer(sheet(asking, signed, &members, draft));
    if draft.problem.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

async fn members(web: &Web) -> Result<Vec<Member>, Error> {
    let mut members = Vec::new();
    for account in web.staff.accounts().await? {
        let sign_ins = web.staff.sign_ins(account.id, (web.now)()).await?;
        members.push(Member {
            seen: sign_ins.iter().map(|sign_in| sign_in.seen).max(),
            sign_ins: sign_ins.len(),
            account,
        });
    }
    Ok(members)
}
