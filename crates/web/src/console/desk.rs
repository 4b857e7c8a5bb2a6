//! Where somebody of staff sits: who they are, what they may do here, and the frame around their pages.

use super::instead::Instead;
use super::nav::nav;
use super::record::entries;
use crate::date;
use crate::error_page::Fault;
use crate::page::{Page, csrf_field};
use crate::pages::html as answer;
use crate::reader::{Asking, Fields, Signed};
use crate::sign_in::see_other;
use crate::state::Web;
use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use maud::{Markup, html};
use office::Error;
use staff::{Account, Right};
use tasks::{By, Change, Refusal};
use vault::Reader;
use vocabulary::{Moment, TaskId};

/// Somebody of staff at work.
pub(super) struct Desk<'a> {
    pub(super) web: &'a Web,
    pub(super) asking: &'a Asking,
    pub(super) signed: &'a Signed,
    pub(super) now: Moment,
    accounts: Vec<Account>,
    made_by: Option<u32>,
}

impl<'a> Desk<'a> {
    /// Lets in who has the right; for all others there is no such page.
    pub(super) async fn open(web: &'a Web, asking: &'a Asking, right: Right) -> Result<Self, Instead> {
        let signed = asking.signed()?;
        if !signed.may(right) {
            return Err(asking.fault(Fault::NotFound).into());
        }
        let accounts = web.staff.accounts().await.map_err(|error| {
            tracing::error!(%error, "the accounts of staff cannot be read");
            asking.fault(Fault::Broken)
        })?;
        let now = (web.now)();
        let made_by = web.staff.handed_over_by(signed.account.id, now).await;
        let made_by = made_by.map_err(|error| {
            tracing::error!(%error, "it cannot be read who made an account of staff");
            asking.fault(Fault::Broken)
        })?;
        Ok(Self {
            web,
            asking,
            signed,
            now,
            accounts,
            made_by: made_by.map(|maker| maker.0),
        })
    }

    /// The number of the account at this desk.
    pub(super) fn me(&self) -> u32 {
        self.signed.account.id.0
    }

    /// As whom the vault is read.
    pub(super) fn reader(&self, task: TaskId, break_glass: bool) -> Reader {
        Reader::Staff {
            account: self.me(),
            task,
            break_glass,
            second_factor: self.signed.second_factor,
        }
    }

    /// The fields of a form that was sent from a page of this sign-in.
    pub(super) fn form(&self, body: &str) -> Result<Fields, Instead> {
        Ok(self.asking.form(body)?.1)
    }

    pub(super) fn t(&self, key: &str) -> String {
        self.asking.language.text(key)
    }

    /// A time as the agency's clocks show it.
    pub(super) fn time(&self, moment: Moment) -> String {
        let at = Timestamp::from_millisecond(moment.0).unwrap_or(Timestamp::UNIX_EPOCH);
        let zone = &self.web.office.tasks.rules().time_zone;
        date::time(self.asking.language, zone.to_datetime(at))
    }

    /// What an account is called.
    pub(super) fn name(&self, account: u32) -> String {
        if account == office::enquiry::SYSTEM {
            return self.t("console-program");
        }
        let found = self.accounts.iter().find(|a| a.id.0 == account);
        match found {
            Some(found) => found.name.reveal().to_owned(),
            None => self
                .asking
                .language
                .text_with("console-account-number", &[("number", account.into())]),
        }
    }

    /// The accounts whose role has a right and that can sign in.
    pub(super) fn who_may(&self, right: Right) -> Vec<&Account> {
        self.accounts
            .iter()
            .filter(|a| a.can_sign_in() && a.role.may(right))
            .collect()
    }

    /// Whether no other account could do what the right is for.
    pub(super) fn is_alone(&self, right: Right) -> bool {
        self.who_may(right).iter().all(|a| a.id.0 == self.me())
    }

    /// Who acts, where another account with the right has to decide, if there is one.
    pub(super) fn by(&self, right: Right) -> By {
        By {
            account: self.me(),
            is_alone: self.is_alone(right),
            made_by: self.made_by,
        }
    }

    /// What comes of giving access to oneself: the key of its words, for as long as no other account could approve it
    /// another one, and whether a letter tells of it.
    pub(super) fn if_alone(&self, key: &str) -> String {
        if self.is_alone(Right::WorkOnTasks) {
            format!("{} {}", self.t(&format!("{key}-alone")), self.told(None))
        } else {
            self.t(key)
        }
    }

    /// Whether a letter can tell those who review, `but` one not counted, in words; if not, why, and what helps.
    pub(super) fn told(&self, but: Option<u32>) -> String {
        let mut reviewers = self
            .accounts
            .iter()
            .filter(|a| a.disabled.is_none() && a.role.may(Right::ReviewBreakGlass) && Some(a.id.0) != but);
        if !self.web.office.sharing.outbox.is_connected() {
            self.t("console-told-no-mail")
        } else if reviewers.any(|account| account.mail_address().is_some()) {
            self.t("console-told")
        } else {
            self.t("console-told-no-address")
        }
    }

    /// The hidden field that shows a form to be of this sign-in.
    pub(super) fn csrf(&self) -> Markup {
        csrf_field(&self.signed.reader.csrf)
    }

    /// A form of one button.
    pub(super) fn button(&self, action: &str, class: &str, words: &str) -> Markup {
        html! {
            form.bare method="post" action=(action) {
                (self.csrf())
                button class={ "button " (class) } type="submit" { (words) }
            }
        }
    }

    /// What came of the form before, as its address says.
    pub(super) fn outcome(&self) -> Markup {
        let words = |kind: &str| {
            let code = self.asking.value(kind);
            let is_word = code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            (is_word && !code.is_empty())
                .then(|| self.asking.language.known(&format!("console-{kind}-{code}")))
                .flatten()
        };
        html! {
            @if let Some(words) = words("problem") { p.notice.error role="alert" { (words) } }
            @else if let Some(words) = words("saved") { p.notice.done role="status" { (words) } }
        }
    }

    /// A page of the console. `path` is its own, without what the address says besides.
    pub(super) fn page(&self, title: &str, path: &str, main: &Markup) -> Response {
        let page = Page {
            language: self.asking.language,
            title,
            address: path,
            reader: self.asking.reader(),
            top: html! {},
            bar: nav(self.asking, self.signed, path),
            reload_s: None,
            cookie_note: "colophon-no-cookies",
            main: html! { div.wide { div.console { (main) } } },
        };
        answer(page.render())
    }

    /// A page with the status that fits what came of a form.
    pub(super) fn page_of(&self, title: &str, path: &str, main: &Markup, status: StatusCode) -> Response {
        let mut response = self.page(title, path, main);
        *response.status_mut() = status;
        response
    }

    /// There is no such thing, or nothing that this account may know of.
    pub(super) fn missing(&self) -> Instead {
        self.asking.fault(Fault::NotFound).into()
    }

    /// The page of what went wrong.
    pub(super) fn instead(&self, error: impl Into<Error>) -> Instead {
        let error = error.into();
        let is_missing = matches!(
            &error,
            Error::Tasks(tasks::Error::NotFound(_))
                | Error::People(people::Error::NotFound(_))
                | Error::Vault(vault::Error::NotFound(_))
        );
        if is_missing {
            return self.missing();
        }
        tracing::error!(%error, "the console failed");
        self.asking.fault(Fault::Broken).into()
    }

    /// Writes a change of tasks into the audit log.
    pub(super) async fn record(&self, change: &Change) -> Result<(), Instead> {
        for entry in entries(change, self.now) {
            self.web
                .office
                .record(entry)
                .await
                .map_err(|error| self.instead(error))?;
        }
        Ok(())
    }

    /// Back to a page after a change of tasks, which is recorded, or was refused.
    pub(super) async fn after(
        &self,
        path: &str,
        saved: &str,
        change: Result<Change, tasks::Error>,
    ) -> Result<Response, Instead> {
        match change {
            Ok(change) => {
                self.record(&change).await?;
                Ok(see_other(&format!("{path}?saved={saved}")))
            }
            Err(tasks::Error::Refused(refusal)) => {
                Ok(see_other(&format!("{path}?problem={}", problem_of(refusal))))
            }
            Err(error) => Err(self.instead(error)),
        }
    }
}

/// The name in addresses of what came of giving access; `console-saved-NAME` has its words.
pub(super) fn saved(name: &str, change: &Change) -> String {
    if !change.alone.is_empty() {
        format!("{name}-alone")
    } else if !change.pending.is_empty() && change.accounts.is_empty() {
        format!("{name}-pending")
    } else {
        name.to_owned()
    }
}

/// The name of a refusal in addresses; `console-problem-NAME` has its words.
pub(super) const fn problem_of(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Reason { .. } => "reason",
        Refusal::Purpose => "purpose",
        Refusal::Persons => "persons",
        Refusal::Classes => "classes",
        Refusal::Nobody => "nobody",
        Refusal::End => "end",
        Refusal::AlreadyAssigned => "already",
        Refusal::Over => "over",
        Refusal::NeedsAnother => "another",
    }
}

/// Random text for a form that is to count once. Without any, a second sending of the very same words is the first.
pub(super) fn once() -> String {
    credentials::Secret::draw().map_or_else(|_| String::new(), |secret| secret.text())
}
