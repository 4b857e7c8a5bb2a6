//! A vault and this room over it, and a guard that admits what the values may be used for and remembers what it was
//! asked.

use credentials::Secret;
use futures::future::BoxFuture;
use people::{
    CaseId, Controller, Error, NewEnquiry, NewServed, People, ReceiptKey, Recipient, Refusal, ServedId,
    Ticked,
};
use policy::{FieldClass, Purpose};
use sqldb::trial::{Trial, trials};
use std::sync::{Arc, Mutex};
use vault::{AgeFile, Denied, Guard, Reader, Request, Sealed, Settings, Vault};
use vocabulary::{Moment, PersonId, TaskId};

pub(crate) const NOW: Moment = Moment(1_780_000_000_000);
pub(crate) const MAIL: &str = "hello@post.agency.example";
pub(crate) const HOME: &str = "192.0.2.7";
pub(crate) const STAFF: Reader = Reader::Staff {
    account: 4,
    task: TaskId([9; 16]),
    break_glass: false,
    second_factor: true,
};

pub(crate) struct House {
    pub(crate) people: People,
    pub(crate) vault: Vault,
    pub(crate) guard: Arc<Watch>,
    pub(crate) trial: Trial,
    pub(crate) keys: Trial,
    pub(crate) folder: tempfile::TempDir,
}

/// Reader, purpose and number of values of each admitted request.
#[derive(Default)]
pub(crate) struct Watch(pub(crate) Mutex<Vec<(Reader, Purpose, usize)>>);

impl Guard for Watch {
    fn admit<'a>(&'a self, request: &'a Request<'a>) -> BoxFuture<'a, Result<(), Denied>> {
        let is_allowed = request.fields.iter().all(|f| f.uses.contains(&request.purpose));
        let entry = (request.reader.clone(), request.purpose, request.fields.len());
        Box::pin(async move {
            if !is_allowed {
                let reason = "not for that".to_owned();
                return Err(Denied {
                    reason,
                    policies: Vec::new(),
                });
            }
            self.0.lock().unwrap().push(entry);
            Ok(())
        })
    }
}

pub(crate) fn controller() -> Controller {
    Controller {
        name: "Anturazh LLC".into(),
        address: "1 Example Street, Moscow".into(),
        country: "RU".into(),
        contact: "Privacy officer".into(),
        email: "privacy@agency.example".into(),
        phone: String::new(),
        url: "https://agency.example/".into(),
        policy_url: "https://agency.example/policy".into(),
        jurisdiction: "RU".into(),
        storage: "RU, Moscow".into(),
        recipients: vec![Recipient {
            purpose: Purpose::Newsletter,
            name: "Post House".into(),
        }],
    }
}

pub(crate) fn receipt_key() -> ReceiptKey {
    ReceiptKey::new(&[7; 32], &[]).unwrap()
}

pub(crate) async fn houses() -> Vec<House> {
    let mut houses = Vec::new();
    for (trial, keys) in trials().await.unwrap().into_iter().zip(trials().await.unwrap()) {
        houses.push(house(trial, keys).await);
    }
    houses
}

pub(crate) async fn house(trial: Trial, keys: Trial) -> House {
    let folder = tempfile::tempdir().unwrap();
    let operator = Arc::new(AgeFile::create(&folder.path().join("operator.age")).unwrap());
    let guard = Arc::new(Watch::default());
    let settings = Settings {
        budget_ranges: vec!["small".into(), "large".into()],
        ..Settings::default()
    };
    let fields = trial.open().await.unwrap();
    let vault = Vault::open(
        fields.clone(),
        keys.open().await.unwrap(),
        operator,
        guard.clone(),
        settings,
    )
    .await
    .unwrap();
    let people = People::open(fields, vault.clone(), controller(), receipt_key(), MAIL, NOW)
        .await
        .unwrap();
    House {
        people,
        vault,
        guard,
        trial,
        keys,
        folder,
    }
}

impl House {
    /// The room as it is after a restart, with that controller.
    pub(crate) async fn again(&self, controller: Controller) -> People {
        let fields = self.trial.open().await.unwrap();
        People::open(fields, self.vault.clone(), controller, receipt_key(), MAIL, NOW)
            .await
            .unwrap()
    }

    /// A form with these wordings is shown in English.
    pub(crate) async fn serve(&self, wordings: &[(&str, u32)]) -> ServedId {
        let new = NewServed {
            form: "enquiry",
            language: people::Language::En,
            wordings,
            form_sha256: [3; 32],
        };
        self.people.serve(&new, NOW).await.unwrap()
    }

    /// Somebody writes to us, with or without an address.
    pub(crate) async fn enquiry(&self, email: Option<&str>, ticked: &[&str]) -> (PersonId, CaseId) {
        let served = self.serve(&[("enquiry", 1), ("newsletter", 1)]).await;
        let mut fields = vec![(FieldClass::Name, sealed("Anna Karenina"))];
        fields.extend(email.map(|email| (FieldClass::Email, sealed(email))));
        let new = NewEnquiry {
            client: 0,
            once: once(),
            served,
            shown: NOW.plus_ms(-5_000),
            fields,
            message: sealed("How do I count visits?"),
            ticked,
            has_gpc: false,
        };
        let taken = self.people.take_enquiry(&new, NOW).await.unwrap();
        if let (Some(email), false) = (email, taken.unconfirmed.is_empty()) {
            self.confirm(taken.person, served, email).await;
        }
        (taken.person, taken.case)
    }

    /// The owner of the address confirms the newsletter that was ticked.
    pub(crate) async fn confirm(&self, person: PersonId, served: ServedId, email: &str) {
        let ticked = Ticked {
            person,
            email: &sealed(email),
            served,
            shown: NOW.plus_ms(-5_000),
            wording: "newsletter",
        };
        let letter = self.people.ask_to_confirm(&ticked, NOW).await.unwrap();
        let secret = letter.expect("it is to be confirmed").secret;
        self.people.confirm_consent(&secret, NOW).await.unwrap();
    }

    /// Whether the newsletter's job may read the address.
    pub(crate) async fn may_send(&self, person: PersonId) -> bool {
        let job = Reader::Job("mail");
        let classes = [FieldClass::Email];
        match self
            .vault
            .read(&job, person, Purpose::Newsletter, &classes, NOW)
            .await
        {
            Ok(values) => {
                assert_eq!(values.len(), 1);
                true
            }
            Err(vault::Error::Denied(_)) => false,
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// What another form carries.
pub(crate) fn once() -> [u8; 16] {
    Secret::draw().unwrap().bytes()[..16].try_into().unwrap()
}

pub(crate) fn sealed(text: &str) -> Sealed {
    Sealed::new(text.to_owned())
}

pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, Error>) -> Refusal {
    match answer {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}
