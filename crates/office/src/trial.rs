//! An office in a folder, on SQLite, for tests.

use crate::{KeyPlace, Office, Options};
use people::Controller;
use sharing::{Transport, WebOptions};
use sqldb::Database;
use std::path::Path;
use tasks::Rules;
use vocabulary::Moment;
use zeroize::Zeroizing;

/// An agency that has said who it is.
pub fn controller() -> Controller {
    Controller {
        name: "Agency".into(),
        address: "1 Example Street".into(),
        country: "DE".into(),
        contact: "Agency".into(),
        email: "privacy@agency.example".into(),
        phone: String::new(),
        url: "https://agency.example".into(),
        policy_url: "https://agency.example/policy".into(),
        jurisdiction: "DE".into(),
        storage: "DE".into(),
        recipients: Vec::new(),
    }
}

/// Opens an office in `folder`; the same folder again gives the same office. Mail becomes `.eml` files in
/// `folder/outbox`. To be called on a runtime of several threads.
pub async fn office(folder: &Path, clock: fn() -> Moment) -> Office {
    office_of(folder, clock, controller()).await
}

/// The same of another controller.
pub async fn office_of(folder: &Path, clock: fn() -> Moment, controller: Controller) -> Office {
    std::fs::create_dir_all(folder).expect("a folder can be made");
    let open = async |name: &str| {
        let path = folder.join(name).display().to_string();
        Database::open(&path)
            .await
            .expect("SQLite opens a file of its own")
    };
    let key = folder.join("operator.age");
    let options = Options {
        fields: open("vault.sqlite").await,
        keys: open("keys.sqlite").await,
        tasks: open("tasks.sqlite").await,
        sharing: open("sharing.sqlite").await,
        operator_key: if key.exists() {
            KeyPlace::File(key)
        } else {
            KeyPlace::NewFile(key)
        },
        clock,
        audit_folder: folder.join("audit"),
        audit_name: "agency.example/audit".into(),
        audit_key: Zeroizing::new([1; 32]),
        receipt_key: Zeroizing::new([2; 32]),
        task_key: Zeroizing::new([4; 32]),
        mail_key: Zeroizing::new([3; 32]),
        controller,
        budget_ranges: vec!["small".into(), "large".into()],
        rules: Rules::default(),
        transport: Transport::Folder(folder.join("outbox")),
        from_address: "hello@agency.example".into(),
        web: WebOptions::default(),
    };
    Office::open(options, clock())
        .await
        .expect("an empty folder makes an office")
}
