//! Whoever has the vault's database without that of the keys, or both without the operator's key, reads nothing: also
//! not with the program itself, signed in as the owner.

use crate::browser::Browser;
use crate::installation::{Installation, Server};
use crate::search::files;
use std::fs;
use std::path::Path;

const MESSAGE: &str = "nobody but you reads qvoltzletters";
const EMAIL: &str = "qvoltze@kunde.example";

/// A copy of an installation's folder.
fn copy(installation: &Installation) -> Installation {
    let copy = Installation::unprepared();
    let (from, to) = (installation.data(), copy.data());
    for file in files(&from) {
        let place = to.join(file.strip_prefix(&from).unwrap());
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::copy(&file, place).unwrap();
    }
    copy
}

fn remove(folder: &Path, name: &str) {
    for file in files(folder) {
        if file.file_name().unwrap().to_str().unwrap().starts_with(name) {
            fs::remove_file(file).unwrap();
        }
    }
}

/// What the owner sees of the first case.
fn opened(server: &Server, owner: &Browser) -> String {
    let mut owner = owner.at(&server.address);
    let page = owner.get("/console/cases/1");
    assert_eq!(page.status, 200, "the owner is signed in: {}", page.text());
    owner
        .fill("/console/cases/1", "/console/cases/1/open", &[])
        .text()
}

#[test]
fn the_vault_without_its_keys_is_of_no_use() {
    let (installation, link) = Installation::initialised();
    let server = installation.serve();
    let mut owner = Browser::new(&server.address);
    owner.set_up(&link, "anna", "Anna");
    let mut person = Browser::new(&server.address);
    let fields = [("message", MESSAGE), ("email", EMAIL), ("agree", "newsletter")];
    assert_eq!(person.fill_slowly("/enquiry", "/enquiry", &fields).status, 303);
    server.stop();

    let whole = copy(&installation);
    let server = whole.serve();
    let page = opened(&server, &owner);
    assert!(
        page.contains(MESSAGE) && page.contains(EMAIL),
        "with everything it is read"
    );
    server.stop();

    // What is lost is not made anew in silence.
    {
        let (lost, told) = ("people/keys.sqlite", "the database of keys is missing");
        let keyless = copy(&installation);
        let file = keyless.data().join(lost);
        remove(
            file.parent().unwrap(),
            file.file_name().unwrap().to_str().unwrap(),
        );
        for command in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["keys", "rotate", "operator"],
        ] {
            let refused = keyless.run(command);
            let complaint = String::from_utf8_lossy(&refused.stderr);
            assert!(
                !refused.status.success() && complaint.contains(told),
                "{command:?}: {complaint}"
            );
            assert!(!file.exists(), "{lost}");
        }
        for file in files(&installation.data().join("people")) {
            fs::copy(
                &file,
                keyless.data().join("people").join(file.file_name().unwrap()),
            )
            .unwrap();
        }
        let server = keyless.serve();
        assert!(opened(&server, &owner).contains(MESSAGE), "{lost} put back");
        server.stop();
    }

    let locked = copy(&installation);
    remove(&locked.data().join("keys"), "operator.age");
    let refused = locked.run(&["serve", "--listen", "127.0.0.1:0"]);
    let complaint = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && complaint.contains("the operator's key is missing"),
        "{complaint}"
    );

    // With an operator's key of another installation.
    let other = Installation::new();
    other.serve().stop();
    let foreign = other.data().join("keys").join("operator.age");
    fs::copy(foreign, locked.data().join("keys").join("operator.age")).unwrap();
    let refused = locked.run(&["serve", "--listen", "127.0.0.1:0"]);
    let complaint = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && complaint.contains("use the operator's key: `age1"),
        "{complaint}"
    );
}
