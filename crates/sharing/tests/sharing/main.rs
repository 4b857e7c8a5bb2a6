//! The room against real servers, small ones that live in the test, and on both database engines.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test says so by panicking"
)]

mod imap_server;
mod ledger;
mod mailbox;
mod outbox;
mod server;
mod smtp_server;
mod transit;
mod web;

use policy::{FieldClass, Purpose};
use sharing::{Disclosure, Options, Recipient, Sharing, Transport, WebOptions};
use sqldb::trial::Trial;
use std::collections::BTreeSet;
use std::path::PathBuf;
use vocabulary::{Moment, PersonId};

const NOW: Moment = Moment(1_780_000_000_000);
const ANNA: PersonId = PersonId([0xa7; 16]);

fn certificates() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sharing/certificates")
}

async fn options(trial: &Trial) -> Options {
    Options {
        database: trial.open().await.unwrap(),
        key: [7; 32].into(),
        from_address: "office@agency.example".to_owned(),
        from_name: "Агентство".to_owned(),
        transport: Transport::Nowhere,
        web: WebOptions::default(),
        certificates: Some(certificates().join("authority.pem")),
    }
}

async fn sharing_with(trial: &Trial, transport: Transport) -> Sharing {
    let options = Options {
        transport,
        ..options(trial).await
    };
    Sharing::open(options).await.unwrap()
}

fn to_anna() -> Disclosure {
    Disclosure {
        recipient: Recipient::Person,
        person: Some(ANNA),
        fields: BTreeSet::from([FieldClass::Name, FieldClass::Email, FieldClass::Message]),
        purpose: Some(Purpose::AnswerEnquiry),
        service: "enquiry_answer".to_owned(),
    }
}
