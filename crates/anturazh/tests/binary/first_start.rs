//! The first starts of an installation, while its configuration is still being put right.

use crate::{drill::enquire, installation::Installation};
use serde_json::Value;

#[test]
fn a_mistake_in_the_first_configuration_costs_nothing() {
    let installation = Installation::new();
    let letters = installation.folder.path().join("letters");
    let mail = |from: &str| format!("[mail]\nfrom = \"{from}\"\nfolder = \"{}\"", letters.display());
    installation.configure(&mail("not an address"));
    let refused = installation.run(&["serve", "--listen", "127.0.0.1:0"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("`mail.from`"),
        "{said}"
    );
    installation.replace("not an address", "hello@agency.example");
    // As a start leaves it that was cut off between the databases and the operator's key.
    installation.ok(&["person", "list"]);
    assert!(installation.data().join("people/keys.sqlite").exists());
    assert!(!installation.data().join("keys/operator.age").exists());
    let server = installation.serve();
    enquire(&server, "somebody@example.org");
    server.stop();

    // A key that was in use is not replaced by a new one.
    let key = installation.data().join("keys/operator.age");
    std::fs::rename(&key, installation.folder.path().join("operator.age")).unwrap();
    let refused = installation.run(&["serve", "--listen", "127.0.0.1:0"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("operator's key is missing"),
        "{said}"
    );
}

#[test]
fn the_address_may_change_and_the_audit_log_goes_on() {
    let installation = Installation::new();
    let first = installation.serve();
    enquire(&first, "somebody@example.org");
    first.stop();
    let file = installation.data().join("anturazh.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("address"));
    let text = std::iter::once("address = \"http://stats.example\"").chain(lines);
    std::fs::write(&file, text.collect::<Vec<_>>().join("\n")).unwrap();
    let verifier = || std::fs::read_to_string(installation.data().join("staff/audit-verifier.txt")).unwrap();
    let before = verifier();
    installation.serve().stop();
    assert_eq!(verifier(), before);
    let verified = installation.ok(&["audit", "verify"]);
    assert_eq!(verified["fault"], Value::Null);
    assert!(verified["entries"].as_u64().unwrap() > 0, "{verified}");

    // Without its files and signed states the log is not whole, however little is left to contradict.
    for part in ["journal", "checkpoints", "derived"] {
        let part = installation.data().join("staff/audit").join(part);
        std::fs::remove_dir_all(&part).unwrap();
        std::fs::create_dir(&part).unwrap();
    }
    let taken = installation.run(&["audit", "verify"]);
    let said = String::from_utf8_lossy(&taken.stderr).into_owned();
    assert!(
        !taken.status.success() && said.contains("no signed state"),
        "{said}"
    );
}
