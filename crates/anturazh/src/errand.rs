//! Work that changes people's data together with the audit log, given on the command line.

pub(crate) mod import;
mod keeping;

use crate::{
    arguments::KeyHome, backup_schedule, clock, jobs, key_rotation, output::Report, scrubbing,
    service::Service, store::Store,
};
use anyhow::bail;
use audit::{Action, Actor};
use office::{Office, mail::Filed};
use policy::{FieldClass, Manifest, Purpose};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vault::{Agreed, NewHold};
use vocabulary::{Moment, PersonId, SiteId};

/// What is to be done. Whoever stands at the command line of this machine is [`Actor::System`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Errand {
    /// Erase a person.
    Erase {
        person: PersonId,
        /// Nothing personal.
        reason: String,
    },
    /// Freeze a person's data.
    Hold {
        person: PersonId,
        /// Who answers for it.
        owner: u32,
        reason: String,
        review: Moment,
    },
    /// List the holds that stand, of one person or of all, with their reasons.
    Holds { person: Option<PersonId> },
    /// A hold was looked at; when it is next.
    ReviewHold { hold: i64, review: Moment },
    /// End a hold.
    ReleaseHold {
        hold: i64,
        /// Who answers for it.
        by: u32,
    },
    /// Take a consent back at the person's wish.
    Withdraw { person: PersonId, purpose: Purpose },
    /// Say which contract a person has, as first and last moment, or that there is none.
    Contract {
        person: PersonId,
        contract: Option<(Moment, Option<Moment>)>,
    },
    /// Say until when a law wants values of a person.
    LegalDuty {
        person: PersonId,
        classes: Vec<FieldClass>,
        until: Moment,
        law: String,
    },
    /// Take a legal duty back.
    EndLegalDuty { person: PersonId, duty: i64 },
    /// What is kept of a person.
    Show { person: PersonId },
    /// Take in people from the file that comes in place of a letter.
    Import(Box<import::Terms>),
    /// Destroy what has no basis left.
    DestroyDue,
    /// File a letter that came, as if it had come into the inbox.
    TakeLetter,
    /// A new operator's key, in its place or in another.
    RotateOperatorKey { to: Option<KeyHome> },
    /// A new key for a client, or for each.
    RotateClientKeys { client: Option<u32> },
    /// A new key for each person, of one client or of all.
    RotatePersonKeys { client: Option<u32> },
    /// Take from a site what a manifest denies, or count what that would be.
    Scrub {
        site: SiteId,
        manifest: Manifest,
        dry: bool,
    },
}

/// What errands are run with.
pub(crate) struct Desk<'a> {
    pub(crate) store: &'a Store,
    /// What runs, in a server.
    pub(crate) service: Option<&'a Service>,
    pub(crate) staff: &'a staff::Staff,
    pub(crate) office: &'a Office,
}

impl Errand {
    /// What its progress is called.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Erase { .. } => "erase",
            Self::Hold { .. }
            | Self::Holds { .. }
            | Self::ReviewHold { .. }
            | Self::ReleaseHold { .. }
            | Self::Contract { .. }
            | Self::LegalDuty { .. }
            | Self::EndLegalDuty { .. }
            | Self::Withdraw { .. }
            | Self::Show { .. } => "person",
            Self::Import(_) => "import",
            Self::DestroyDue => "destroy",
            Self::TakeLetter => "receive",
            Self::RotateOperatorKey { .. }
            | Self::RotateClientKeys { .. }
            | Self::RotatePersonKeys { .. } => "rotate",
            Self::Scrub { .. } => "scrub",
        }
    }

    /// Whether it draws new keys: one such errand runs at a time.
    pub(crate) const fn is_rotation(&self) -> bool {
        matches!(
            self,
            Self::RotateOperatorKey { .. } | Self::RotateClientKeys { .. } | Self::RotatePersonKeys { .. }
        )
    }

    /// The most bytes that may come with it.
    pub(crate) const fn most_bytes(&self) -> u64 {
        match self {
            Self::Import(_) => import::MOST_BYTES,
            _ => sharing::letter::MOST_BYTES as u64,
        }
    }

    /// Does it. `at` is told how much of how much is done.
    pub(crate) async fn run(
        self,
        desk: &Desk<'_>,
        letter: &[u8],
        at: &mut (dyn FnMut(u64, u64) + Send),
    ) -> anyhow::Result<Report> {
        match self {
            Self::Erase { person, reason } => {
                let gone = erase(desk, person, &reason).await?;
                backup_schedule::keep_list_of_erased(desk.store).await;
                Ok(gone)
            }
            Self::DestroyDue => {
                let gone = due(&desk.office.destroy_due(clock::now(), false).await?);
                backup_schedule::keep_list_of_erased(desk.store).await;
                Ok(gone)
            }
            Self::Hold {
                person,
                owner,
                reason,
                review,
            } => {
                let reason = &reason;
                let new = NewHold {
                    owner,
                    reason,
                    review,
                };
                keeping::hold(desk, person, new).await
            }
            Self::Import(terms) => import::import(desk, &terms, letter, at).await,
            Self::Withdraw { person, purpose } => withdraw(desk, person, purpose).await,
            Self::Holds { person } => keeping::holds(desk, person).await,
            Self::ReviewHold { hold, review } => keeping::review_hold(desk, hold, review).await,
            Self::ReleaseHold { hold, by } => keeping::release_hold(desk, hold, by).await,
            Self::Contract { person, contract } => {
                let contract = contract.map(|(from, until)| Agreed { from, until });
                keeping::contract(desk, person, contract).await
            }
            Self::LegalDuty {
                person,
                classes,
                until,
                law,
            } => keeping::duty(desk, person, &classes, until, &law).await,
            Self::EndLegalDuty { person, duty } => keeping::end_duty(desk, person, duty).await,
            Self::Show { person } => keeping::show(desk, person).await,
            Self::TakeLetter => take_letter(desk, letter).await,
            Self::RotateOperatorKey { to } => key_rotation::operator(desk, to).await,
            Self::RotateClientKeys { client } => key_rotation::clients(desk, client, at).await,
            Self::RotatePersonKeys { client } => key_rotation::people(desk, client, at).await,
            Self::Scrub { site, manifest, dry } => match desk.service {
                Some(service) => {
                    let scrubbed = scrubbing::run(service, site, manifest, dry, at).await?;
                    Ok(scrubbing::told(&scrubbed, dry))
                }
                None => scrubbing::alone(desk.store, site, manifest, dry, at).await,
            },
        }
    }
}

async fn erase(desk: &Desk<'_>, person: PersonId, reason: &str) -> anyhow::Result<Report> {
    if !desk.office.is_known(person).await? {
        bail!("there is no person {person}, and none was erased under that number");
    }
    let gone = desk
        .office
        .erase(person, reason, Actor::System, clock::now())
        .await?;
    Ok(Report::thing([
        ("person", json!(person)),
        ("letters", json!(gone.rows.letters)),
        ("consents", json!(gone.rows.consent_events)),
        ("cases", json!(gone.rows.cases)),
        ("waiting mails", json!(gone.mails)),
        ("bytes gone", json!(gone.bytes_gone)),
    ]))
}

async fn withdraw(desk: &Desk<'_>, person: PersonId, purpose: Purpose) -> anyhow::Result<Report> {
    let (office, now) = (desk.office, clock::now());
    let before = office.people.consent_state(person, purpose).await?;
    if !before.allows_use() {
        bail!("no consent of this person to `{}` stands", purpose.name());
    }
    let withdrawn = office
        .people
        .withdraw(person, purpose, people::Method::Email, now)
        .await?;
    office
        .record_of(Actor::System, Action::ConsentWithdrawn, person, 1, now)
        .await?;
    Ok(Report::thing([
        ("person", json!(person)),
        ("purpose", json!(purpose.name())),
        ("state", json!(withdrawn.state.name())),
    ]))
}

/// What was destroyed for want of a basis, or would be.
pub(crate) fn due(destroyed: &[vault::Destroyed]) -> Report {
    let row = |one: &vault::Destroyed| {
        let classes: Vec<&str> = one.classes.iter().map(|class| class.name()).collect();
        vec![json!(one.person), json!(one.is_whole), json!(classes.join(", "))]
    };
    Report::rows(
        ["Person", "Wholly", "Classes"],
        destroyed.iter().map(row).collect(),
    )
}

async fn take_letter(desk: &Desk<'_>, letter: &[u8]) -> anyhow::Result<Report> {
    let (inbox, now) = (&desk.office.sharing.inbox, clock::now());
    let became = |name: &str, case: Value| Report::thing([("became", json!(name)), ("case", case)]);
    let Some(arrival) = inbox.receive(letter).await? else {
        return Ok(became("repeated", Value::Null));
    };
    let filed = desk
        .office
        .take_letter(&arrival.letter, &jobs::assignees(desk.staff).await?, now)
        .await?;
    inbox.taken(&arrival, now).await?;
    Ok(match filed {
        Filed::Case(case) => became("filed", json!(case.0)),
        Filed::CameBack(case) => became("came_back", json!(case.map(|case| case.0))),
        Filed::Dismissed(dismissal) => became(dismissal.name(), Value::Null),
    })
}
