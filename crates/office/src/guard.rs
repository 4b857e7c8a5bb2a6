//! The guard of the vault: a task decides, the log records, and only then the vault opens.
//!
//! Architecture invariant: nothing is opened unless the entry of the reading is on disk. A crash in between leaves an
//! entry of values that were not opened, never the other way round.

use audit::{Action, Actor, Entry, Log, Subject};
use futures::future::BoxFuture;
use policy::{FieldClass, Purpose};
use std::collections::BTreeMap;
use std::sync::Arc;
use tasks::{Act, Facts, Tasks};
use vault::{Denied, Guard, Reader, Request};
use vocabulary::ClientId;

/// What the program may open by itself: the job and the only purposes for which it may.
///
/// | job | purposes | why |
/// |---|---|---|
/// | `key_rotation` | legal duty | values are sealed anew under another key, and seen by nobody |
/// | `mail` | what the letter is for | a letter written by staff, or a link asked for, is handed to the mail server |
/// | `consents` | rights request | a letter says that a consent is given, or one is taken back for all who gave it under one address |
/// | `publication` | testimonial | what its author agreed to publish is shown on our site |
const JOBS: &[(&str, &[Purpose])] = &[
    ("key_rotation", &[Purpose::LegalDuty]),
    (
        "mail",
        &[
            Purpose::AnswerEnquiry,
            Purpose::CustomerSupport,
            Purpose::ProvideService,
            Purpose::Account,
            Purpose::RightsRequest,
        ],
    ),
    ("publication", &[Purpose::Testimonial]),
    ("consents", &[Purpose::RightsRequest]),
];

/// Decides by [`Tasks`] and records in the [`Log`].
pub struct Guardian {
    tasks: Tasks,
    log: Arc<Log>,
}

impl Guardian {
    /// A guard over these.
    pub fn new(tasks: Tasks, log: Arc<Log>) -> Self {
        Self { tasks, log }
    }

    /// Whether it may be, and if not, why.
    async fn decide(&self, request: &Request<'_>) -> Result<(), Denied> {
        match request.reader {
            Reader::Staff {
                account,
                task,
                break_glass,
                second_factor,
            } => {
                let mut by_uses: BTreeMap<&[Purpose], Vec<FieldClass>> = BTreeMap::new();
                for field in request.fields {
                    by_uses.entry(&field.uses).or_default().push(field.class);
                }
                let acts: Vec<Act<'_>> = by_uses
                    .iter()
                    .map(|(uses, classes)| Act::ReadFields {
                        person: request.person,
                        on_hold: request.on_hold,
                        classes,
                        uses,
                        // The uses that the vault names have choices and withdrawals taken off already.
                        use_allowed: true,
                    })
                    .collect();
                let facts = Facts {
                    task: *task,
                    break_glass: *break_glass,
                    client: request.client,
                    purpose: request.purpose,
                    acts: &acts,
                };
                let decision = self
                    .tasks
                    .decide(*account, *second_factor, &facts, request.now)
                    .await;
                match decision {
                    Ok(decision) if decision.allowed => Ok(()),
                    Ok(decision) => Err(Denied {
                        reason: decision.reason,
                        policies: decision.policies,
                    }),
                    Err(error) => {
                        tracing::error!(%error, "failed to decide whether a value may be read");
                        Err(denied("the decision could not be made", "undecided"))
                    }
                }
            }
            // Only what the room of people hands over for whoever signed in as that person, or bears their link.
            Reader::Person => Ok(()),
            Reader::Job(name) => {
                let may = JOBS
                    .iter()
                    .any(|(job, purposes)| job == name && purposes.contains(&request.purpose));
                may.then_some(()).ok_or_else(|| Denied {
                    reason: format!("the job `{name}` may not read for that purpose"),
                    policies: Vec::new(),
                })
            }
        }
    }
}

impl Guard for Guardian {
    fn admit<'a>(&'a self, request: &'a Request<'a>) -> BoxFuture<'a, Result<(), Denied>> {
        Box::pin(async move {
            let decision = self.decide(request).await;
            let (actor, task) = match request.reader {
                Reader::Staff { account, task, .. } => (Actor::Staff(*account), Some(*task)),
                Reader::Person => (Actor::Person(request.person), None),
                Reader::Job(name) => (Actor::Job((*name).into()), None),
            };
            let mut classes: Vec<u8> = request.fields.iter().map(|field| field.class as u8).collect();
            classes.sort_unstable();
            classes.dedup();
            let entry = Entry {
                subject: Subject {
                    person: Some(request.person),
                    task,
                    client: Some(ClientId(request.client)),
                    ..Subject::default()
                },
                classes,
                purpose: Some(request.purpose.name().into()),
                count: request.fields.len() as u32,
                ..Entry::new(
                    request.now,
                    actor,
                    match decision {
                        Ok(()) => Action::Read,
                        Err(_) => Action::ReadDenied,
                    },
                )
            };
            let recorded = self.log.append(entry).await;
            match (decision, recorded) {
                (Ok(()), Ok(_)) => Ok(()),
                (Err(denied), _) => Err(denied),
                (Ok(()), Err(error)) => {
                    tracing::error!(%error, "a reading could not be recorded, so nothing was opened");
                    Err(denied("the reading cannot be recorded now", "unrecorded"))
                }
            }
        })
    }
}

/// A denial that no policy made, with a word of its own in place of a policy's id.
fn denied(reason: &str, word: &str) -> Denied {
    Denied {
        reason: reason.to_owned(),
        policies: vec![word.to_owned()],
    }
}
