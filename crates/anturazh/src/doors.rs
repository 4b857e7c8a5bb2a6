//! The doors of the public site, opened onto the people's side.

mod account;
mod enquiry;
mod rights;
#[cfg(test)]
mod stand;
mod words;

use anyhow::Context;
use futures::future::BoxFuture;
use office::Office;
use policy::Purpose;
use std::sync::Arc;
use web::language::Language;
use web::public::enquiry::NotTaken;
use web::public::wording::Shown;
use web::public::{AccountDoor, EnquiryDoor, RightsDoor, Wording};

/// The documents that may be agreed to on the form for enquiries, each with a tick of its own.
const AGREED_TO_WITH_AN_ENQUIRY: &[&str] = &["newsletter"];

/// What the public site is given.
pub(crate) struct Doors {
    /// None while people cannot be told who asks.
    pub(crate) enquiries: Option<EnquiryDoor>,
    pub(crate) rights: RightsDoor,
    pub(crate) accounts: Arc<dyn AccountDoor>,
}

/// The accounts of staff that a new case may be given to, who is asked first.
type Assignees = Arc<dyn Fn() -> BoxFuture<'static, anyhow::Result<Vec<u32>>> + Send + Sync>;

/// The role of an account of staff, if there is such an account.
type RoleOf = Arc<dyn Fn(u32) -> BoxFuture<'static, Option<&'static str>> + Send + Sync>;

/// Opens the doors, as far as the operator has said who they are: see [`people::Controller`]. Requests of people about
/// their own data are always taken. The wordings are those in force now; a later version is shown after the next start.
/// `role_of` gives the role of an account of staff, for people who ask who read their data.
pub(crate) async fn open<F, R>(
    office: &Office,
    assignees: impl Fn() -> F + Send + Sync + 'static,
    role_of: impl Fn(u32) -> R + Send + Sync + 'static,
) -> anyhow::Result<Doors>
where
    F: Future<Output = anyhow::Result<Vec<u32>>> + Send + 'static,
    R: Future<Output = Option<&'static str>> + Send + 'static,
{
    let assignees: Assignees = Arc::new(move || Box::pin(assignees()));
    let role_of: RoleOf = Arc::new(move |account| Box::pin(role_of(account)));
    let notice = InBoth::read(office, "enquiry").await?;
    let controller = office.people.controller();
    let mut consents = Vec::new();
    for id in AGREED_TO_WITH_AN_ENQUIRY {
        if controller.may_ask_consent() {
            consents.push(InBoth::read(office, id).await?);
        }
    }
    let (enquiries, terms) = if controller.may_collect() {
        let door = enquiry::door(office.clone(), notice.clone(), consents, assignees.clone());
        (Some(door), Some(InBoth::read(office, "account").await?))
    } else {
        (None, None)
    };
    Ok(Doors {
        enquiries,
        rights: rights::door(office.clone(), notice, assignees),
        accounts: Arc::new(account::Accounts::new(office.clone(), terms, role_of)),
    })
}

/// A wording in both languages.
#[derive(Clone)]
struct InBoth {
    purpose: Purpose,
    english: Wording,
    russian: Wording,
}

impl InBoth {
    async fn read(office: &Office, id: &str) -> anyhow::Result<Self> {
        let read = async |language| {
            let read = office.people.wording(id, language).await;
            read.with_context(|| format!("failed to read the wording `{id}`"))
        };
        let (english, russian) = (
            read(people::Language::En).await?,
            read(people::Language::Ru).await?,
        );
        Ok(Self {
            purpose: english.purpose,
            english: english.into(),
            russian: russian.into(),
        })
    }

    fn get(&self, language: Language) -> Wording {
        match language {
            Language::En => self.english.clone(),
            Language::Ru => self.russian.clone(),
        }
    }
}

/// The language of a page, as the people's side names it.
fn spoken(language: Language) -> people::Language {
    match language {
        Language::En => people::Language::En,
        Language::Ru => people::Language::Ru,
    }
}

/// Id and version of each wording that was shown.
fn versions<'a>(shown: impl IntoIterator<Item = &'a Shown>) -> Vec<(&'a str, u32)> {
    shown
        .into_iter()
        .map(|one| (one.id.as_str(), one.version))
        .collect()
}

/// Tells whoever runs the program what failed, and the person that it did.
fn failed<E: Into<anyhow::Error>>(what: &str) -> impl FnOnce(E) -> NotTaken {
    move |error| {
        tracing::error!("failed to {what}: {:#}", error.into());
        NotTaken
    }
}
