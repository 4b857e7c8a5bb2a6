//! The vault, the same cases on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test says so by panicking"
)]

mod erasure;
mod giving;
mod importing;
mod reading;
mod retention;
mod roll;
mod rotation;

use futures::future::BoxFuture;
use policy::retention::Rules;
use policy::{FieldClass, LegalBasis, Purpose};
use sqldb::trial::{Trial, trials};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use vault::{
    AgeFile, Denied, Error, FieldUse, Given, Guard, NewPerson, Provenance, Reader, Refusal, Request, Sealed,
    Settings, Vault, Wording,
};
use vocabulary::{Moment, PersonId, TaskId};

const NOW: Moment = Moment(1_780_000_000_000);
const STAFF: Reader = Reader::Staff {
    account: 4,
    task: TaskId([7; 16]),
    break_glass: false,
    second_factor: true,
};

/// What a guard was asked for.
#[derive(Clone, PartialEq, Debug)]
struct Asked {
    reader: Reader,
    person: PersonId,
    client: u32,
    purpose: Purpose,
    fields: Vec<FieldUse>,
    on_hold: bool,
}

/// Writes down what it admits, as the audit log would.
#[derive(Default)]
struct Recorder {
    denies: AtomicBool,
    admitted: Mutex<Vec<Asked>>,
}

impl Recorder {
    fn asked(&self) -> Vec<Asked> {
        self.admitted.lock().unwrap().clone()
    }

    /// How many values were admitted in all.
    fn values(&self) -> u64 {
        self.asked().iter().map(|asked| asked.fields.len() as u64).sum()
    }
}

impl Guard for Recorder {
    fn admit<'a>(&'a self, request: &'a Request<'a>) -> BoxFuture<'a, Result<(), Denied>> {
        Box::pin(async move {
            // As a real one would, so that callers can go away meanwhile.
            tokio::task::yield_now().await;
            if self.denies.load(Ordering::Relaxed) {
                return Err(Denied {
                    reason: "no open task".to_owned(),
                    policies: Vec::new(),
                });
            }
            self.admitted.lock().unwrap().push(Asked {
                reader: request.reader.clone(),
                person: request.person,
                client: request.client,
                purpose: request.purpose,
                fields: request.fields.to_vec(),
                on_hold: request.on_hold,
            });
            Ok(())
        })
    }
}

/// Two empty databases of one engine, an operator's key, and a guard.
struct Place {
    fields: Trial,
    keys: Trial,
    folder: TempDir,
    guard: Arc<Recorder>,
}

async fn places() -> Vec<Place> {
    let (fields, keys) = (trials().await.unwrap(), trials().await.unwrap());
    fields
        .into_iter()
        .zip(keys)
        .map(|(fields, keys)| {
            let folder = tempfile::tempdir().unwrap();
            AgeFile::create(&folder.path().join("operator.age")).unwrap();
            Place {
                fields,
                keys,
                folder,
                guard: Arc::default(),
            }
        })
        .collect()
}

impl Place {
    async fn open(&self) -> Vault {
        self.open_with("operator.age").await.unwrap()
    }

    async fn open_with(&self, key: &str) -> Result<Vault, Error> {
        Vault::open(
            self.fields.open().await.unwrap(),
            self.keys.open().await.unwrap(),
            Arc::new(AgeFile::open(&self.folder.path().join(key)).unwrap()),
            Arc::clone(&self.guard) as Arc<dyn Guard>,
            Settings {
                budget_ranges: vec!["under-100k".to_owned(), "over-100k".to_owned()],
                retention: Rules::default(),
            },
        )
        .await
    }

    /// Runs SQL on one of the databases, as somebody with a copy of it could.
    async fn tamper(&self, which: &Trial, sql: &'static str) {
        let database = which.open().await.unwrap();
        sqlx::raw_sql(sql).execute(database.pool()).await.unwrap();
        database.close().await;
    }

    /// Whether these bytes are anywhere in the files of the databases (of SQLite: a server has its own ways).
    fn has_bytes(&self, wanted: &[u8]) -> bool {
        [&self.fields, &self.keys]
            .into_iter()
            .any(|trial| file_has(&trial.place, wanted))
    }
}

/// Whether any file beside that one, itself included, has these bytes.
fn file_has(place: &str, wanted: &[u8]) -> bool {
    let folder = Path::new(place).parent().unwrap();
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(wanted.len()).any(|window| window == wanted)
    })
}

fn provenance(purposes: &[Purpose], basis: LegalBasis) -> Provenance {
    Provenance {
        purposes: purposes.to_vec(),
        basis,
        wording: Wording {
            id: "enquiry".to_owned(),
            version: 3,
            sha256: [9; 32],
        },
        source: "form:enquiry".to_owned(),
        language: "ru".to_owned(),
        given: NOW,
    }
}

fn given(values: &[(FieldClass, &str)]) -> Given {
    Given {
        provenance: provenance(
            &[Purpose::AnswerEnquiry, Purpose::CustomerSupport],
            LegalBasis::Contract,
        ),
        values: values
            .iter()
            .map(|(class, text)| (*class, Sealed::new((*text).to_owned())))
            .collect(),
    }
}

fn new_person(client: u32, values: &[(FieldClass, &str)]) -> NewPerson {
    NewPerson {
        client,
        given: given(values),
    }
}

const ANNA: &[(FieldClass, &str)] = &[
    (FieldClass::Name, "Анна Каренина"),
    (FieldClass::Email, "Anna@Example.org"),
    (FieldClass::Phone, "+7 (495) 123-45-67"),
    (FieldClass::Address, "ул. Ленина, 1\nМосква"),
    (FieldClass::BudgetRange, "under-100k"),
];

/// What is read of a person, as plain texts.
async fn texts(vault: &Vault, person: PersonId) -> Vec<(FieldClass, String)> {
    let read = vault
        .read(&STAFF, person, Purpose::AnswerEnquiry, FieldClass::ALL, NOW)
        .await
        .unwrap();
    read.iter()
        .map(|value| (value.class, value.text.reveal().to_owned()))
        .collect()
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, Error>) -> Refusal {
    match answer {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn is_unknown<T: std::fmt::Debug>(answer: Result<T, Error>) -> bool {
    matches!(answer.err(), Some(Error::NotFound(_)))
}
