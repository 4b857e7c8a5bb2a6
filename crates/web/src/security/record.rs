//! What the audit log gets to know of what staff did: numbers, never a login or a name.

use crate::error_page::Fault;
use crate::reader::Asking;
use crate::state::Web;
use audit::{Action, Actor, Entry, Subject};
use axum::response::Response;
use office::Refused;
use staff::AccountId;

/// An account as what an entry concerns.
pub(crate) fn subject_account(account: AccountId) -> Subject {
    Subject {
        account: Some(account.0),
        ..Subject::default()
    }
}

/// Records something that an account did. If the log takes nothing, the page says that something broke.
pub(crate) async fn record(
    web: &Web,
    asking: &Asking,
    by: AccountId,
    action: Action,
    subject: Subject,
) -> Result<(), Box<Response>> {
    let entry = Entry {
        subject,
        ..Entry::new((web.now)(), Actor::Staff(by.0), action)
    };
    record_entry(web, asking, entry).await
}

/// Records an entry that has more to it.
pub(crate) async fn record_entry(web: &Web, asking: &Asking, entry: Entry) -> Result<(), Box<Response>> {
    web.office.record(entry).await.map_err(|error| {
        tracing::error!(%error, "what an account did could not be recorded");
        Box::new(asking.fault(Fault::Broken))
    })
}

/// Records that signing in was refused, with the account that was tried and the factor. Nobody knows who did it. Where
/// there is no such account, of which anybody can think of as many as they like, it is counted.
pub(crate) async fn record_failed_sign_in(web: &Web, account: Option<AccountId>, by: &'static str) {
    let Some(account) = account else {
        web.office.refused(Refused::UnknownLogin, None);
        return;
    };
    let entry = Entry {
        subject: subject_account(account),
        purpose: Some(by.into()),
        ..Entry::new((web.now)(), Actor::System, Action::SignInFailed)
    };
    if let Err(error) = web.office.record(entry).await {
        tracing::error!(%error, "a refused sign-in could not be recorded");
    }
}
