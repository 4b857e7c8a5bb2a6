//! Work that changes people's data together with the audit log, given on the command line.

use crate::{
    arguments::KeyHome,
    backup_schedule, clock, jobs, key_rotation,
    output::{self, Report},
    scrubbing,
    service::Service,
    store::Store,
};
use anyhow::bail;
use audit::{Action, Actor};
use office::{Office, mail::Filed};
use policy::{Manifest, Purpose, retention::Contract};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vault::NewHold;
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
    /// Take a consent back at the person's wish.
    Withdraw { person: PersonId, purpose: Purpose },
    /// Say whether a person has a contract.
    Contract { person: PersonId, contract: Contract },
    /// Say until when a law wants a person's data kept.
    Keep { person: PersonId, until: Option<Moment> },
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
            Self::Hold { .. } | Self::Holds { .. } => "hold",
            Self::Withdraw { .. } => "withdraw",
            Self::Contract { .. } | Self::Keep { .. } => "keep",
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
                hold(desk, person, new).await
            }
            Self::Holds { person } => holds(desk, person).await,
            Self::Withdraw { person, purpose } => withdraw(desk, person, purpose).await,
            Self::Contract { person, contract } => {
                let now = clock::now();
                desk.office.vault.set_contract(person, contract, now).await?;
                noted(desk, person).await
            }
            Self::Keep { person, until } => {
                desk.office.vault.set_legal_duty(person, until).await?;
                noted(desk, person).await
            }
            Self::DestroyDue => {
                let gone = due(&desk.office.destroy_due(clock::now(), false).await?);
                backup_schedule::keep_list_of_erased(desk.store).await;
                Ok(gone)
            }
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

/// Records that something was said of how long a person's data are kept, and tells what is kept until when.
async fn noted(desk: &Desk<'_>, person: PersonId) -> anyhow::Result<Report> {
    let (office, now) = (desk.office, clock::now());
    office
        .record_of(Actor::System, Action::Change, person, 0, now)
        .await?;
    let standing = office.vault.standing(person).await?;
    Ok(Report::thing([
        ("person", json!(person)),
        ("contract", json!(standing.contract)),
        (
            "legal duty until",
            standing.legal_until.map_or(Value::Null, output::moment),
        ),
    ]))
}

async fn hold(desk: &Desk<'_>, person: PersonId, new: NewHold<'_>) -> anyhow::Result<Report> {
    let (office, now) = (desk.office, clock::now());
    let hold = office.vault.place_hold(person, new, now).await?;
    office
        .record_of(Actor::System, Action::Hold, person, 0, now)
        .await?;
    Ok(Report::thing([("hold", json!(hold.0))]))
}

async fn holds(desk: &Desk<'_>, person: Option<PersonId>) -> anyhow::Result<Report> {
    let vault = &desk.office.vault;
    let mut holds = match person {
        Some(person) => vault.holds_on(person).await?,
        None => vault.holds_to_review(Moment(i64::MAX)).await?,
    };
    holds.retain(|hold| hold.released.is_none());
    let mut rows = Vec::new();
    for hold in &holds {
        let reason = vault.hold_reason(hold).await?;
        rows.push(vec![
            json!(hold.id.0),
            json!(hold.person),
            json!(hold.owner),
            output::moment(hold.placed),
            output::moment(hold.review),
            json!(reason.reveal()),
        ]);
    }
    Ok(Report::rows(
        ["Hold", "Person", "Owner", "Placed", "Review", "Reason"],
        rows,
    ))
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
