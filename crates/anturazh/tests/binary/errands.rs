//! Commands about people: beside a running server, without one, and after one that was killed.

use crate::{command_line::waiting, drill::enquire, installation::Installation};
use audit::Action;
use serde_json::{Value, json};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Output, Stdio};

const ANNA: &str = "anna.marker@example.org";

fn socket(installation: &Installation) -> PathBuf {
    installation.data().join("staff").join("control.sock")
}

/// The numbers of everybody in the vault.
fn people(installation: &Installation) -> Vec<String> {
    let list = installation.ok(&["person", "list"]);
    let people = list.as_array().unwrap();
    people
        .iter()
        .map(|one| one["person"].as_str().unwrap().to_owned())
        .collect()
}

fn pipe(installation: &Installation, letter: &str) -> Output {
    let mut command = installation.command(&["mail", "receive"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(letter.as_bytes()).unwrap();
    drop(input);
    child.wait_with_output().unwrap()
}

fn letter(id: &str, from: &str, more: &str) -> String {
    format!(
        "From anna Sun Nov 22 20:15:00 2026\nMessage-ID: <{id}@mail.example>\nFrom: {from}\nTo: hello@agency.example\n\
         Subject: Hello\n{more}\nPlease count my shop.\n"
    )
}

#[test]
fn a_person_is_erased_beside_a_server_and_after_one_that_was_killed() {
    let installation = Installation::new();
    let server = installation.serve();
    let mode = std::fs::metadata(socket(&installation))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    for _ in 0..2 {
        enquire(&server, ANNA);
    }
    let [first, second] = &people(&installation)[..] else {
        panic!("two people wrote")
    };
    let shown = installation.run(&["person", "show", first]);
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(
        text.contains("\"email\"") && text.contains("answer_enquiry"),
        "{text}"
    );
    assert!(!text.contains("marker"), "no value is shown: {text}");

    let gone = installation.ok(&["person", "erase", first, "--reason", "asked for it"]);
    assert_eq!((&gone["person"], &gone["cases"]), (&json!(first), &json!(1)));
    assert_eq!(people(&installation), std::slice::from_ref(second));
    assert_eq!(installation.ok(&["person", "due", "--carry-out"]), json!([]));
    let nobody = "00000000000000000000000000000001";
    let refused = installation.run(&["person", "erase", nobody, "--reason", "test"]);
    assert_eq!(refused.status.code(), Some(1), "a slip erases nobody");
    let never = installation.run(&["person", "withdraw", second, "--purpose", "newsletter"]);
    assert_eq!(never.status.code(), Some(1), "nobody asked for it");
    let refused = installation.run(&["person", "erase", second, "--reason", " "]);
    assert_eq!(refused.status.code(), Some(1));
    let beside = String::from_utf8(refused.stderr).unwrap();
    assert!(beside.contains("give a reason"), "{beside}");

    server.kill();
    assert!(socket(&installation).exists(), "it was left");
    let refused = installation.run(&["person", "erase", second, "--reason", " "]);
    let alone = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(
        beside.lines().last(),
        alone.lines().last(),
        "the same words, whoever does it"
    );
    // A hold and what becomes of it is in the log at once, each an entry.
    installation.ok(&["staff", "add", "olga@agency.example"]);
    let entries = || installation.ok(&["audit", "verify"])["entries"].as_u64().unwrap();
    let before = entries();
    let reason = ["--reason", "a dispute", "--owner", "olga@agency.example"];
    let hold =
        installation.ok(&[&["person", "hold", second, "--review", "2090-01-31"][..], &reason].concat());
    let hold = hold["hold"].to_string();
    let listed = installation.ok(&["person", "holds"]);
    assert_eq!(
        (&listed[0]["reason"], &listed[0]["overdue"]),
        (&json!("a dispute"), &json!(false))
    );
    let past = installation.run(&["person", "review", &hold, "--until", "2001-01-31"]);
    assert_eq!(past.status.code(), Some(1));
    let moved = installation.ok(&["person", "review", &hold, "--until", "2091-01-31"]);
    assert_eq!(moved["review"], "2091-01-31");
    let refused = installation.run(&["person", "erase", second, "--reason", "x"]);
    assert_eq!(refused.status.code(), Some(1), "it is on hold");
    installation.ok(&["person", "release", &hold, "--by", "olga@agency.example"]);
    assert_eq!(entries() - before, 3);
    let waiting: Vec<_> = waiting(&installation).iter().map(|entry| entry.action).collect();
    assert_eq!(waiting, [Action::AccountCreated]);
    installation.ok(&["person", "erase", second, "--reason", "asked for it"]);
    assert!(people(&installation).is_empty());

    installation.serve().stop();
    assert!(!socket(&installation).exists());
    assert_eq!(installation.ok(&["audit", "verify"])["fault"], Value::Null);
}

#[test]
fn a_letter_is_taken_from_a_pipe_once_and_kept_by_the_mail_server_while_it_cannot_be() {
    let installation = Installation::new();
    installation.serve().stop();
    let became = |output: &Output| -> Value {
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let anna = letter("1", ANNA, "");
    assert_eq!(
        became(&pipe(&installation, &anna)),
        json!({"became": "filed", "case": 1})
    );
    let server = installation.serve();
    for (letter, want) in [
        (anna.clone(), json!({"became": "repeated", "case": null})),
        (letter("2", ANNA, ""), json!({"became": "filed", "case": 2})),
        (
            letter("3", ANNA, "Auto-Submitted: auto-replied\n"),
            json!({"became": "automatic", "case": null}),
        ),
        (
            letter("4", "root@localhost", ""),
            json!({"became": "no_sender", "case": null}),
        ),
        (String::new(), json!({"became": "no_sender", "case": null})),
        // The same again, with its lines ended in another way.
        (
            anna.replace('\n', "\r\n"),
            json!({"became": "repeated", "case": null}),
        ),
    ] {
        assert_eq!(became(&pipe(&installation, &letter)), want);
    }
    assert_eq!(people(&installation).len(), 2);

    std::fs::remove_file(socket(&installation)).unwrap();
    let kept = pipe(&installation, &letter("5", ANNA, ""));
    let complaint = String::from_utf8_lossy(&kept.stderr).into_owned();
    assert_eq!(kept.status.code(), Some(75), "{complaint}");
    assert!(!complaint.contains("marker"), "{complaint}");
    let refused = installation.run(&["keys", "rotate", "operator"]);
    assert_eq!(
        refused.status.code(),
        Some(1),
        "what is no letter is no business of mail servers"
    );
    server.stop();
    assert_eq!(
        became(&pipe(&installation, &letter("5", ANNA, ""))),
        json!({"became": "filed", "case": 3})
    );
}

#[test]
fn new_keys_are_drawn_beside_a_server_and_a_rotation_that_was_cut_off_is_ended() {
    let installation = Installation::new();
    let keys = installation.data().join("keys");
    let operator = || std::fs::read_to_string(keys.join("operator.age")).unwrap();
    let server = installation.serve();
    for _ in 0..3 {
        enquire(&server, ANNA);
    }
    let first = operator();
    let rotated = installation.ok(&["keys", "rotate", "operator"]);
    assert_eq!(rotated["wrapped"], 1);
    assert!(operator() != first && operator().contains(rotated["key"].as_str().unwrap()));
    let kept = rotated["old_key"].as_str().unwrap();
    assert_eq!(std::fs::read_to_string(kept).unwrap(), first);
    assert_eq!(
        installation.ok(&["keys", "rotate", "clients"]),
        json!([{"client": 0, "wrapped": 3}])
    );
    // Each opens all values of a person: the keys fit.
    let all = json!({"people": 3, "resumed": false});
    assert_eq!(installation.ok(&["keys", "rotate", "people"]), all);
    server.stop();
    assert_eq!(
        installation.ok(&["keys", "rotate", "people", "--client", "0"]),
        all
    );

    // As a process leaves it that was killed before it wrapped anything, or after all of it.
    vault::AgeFile::create(&keys.join("operator.next")).unwrap();
    let next = std::fs::read_to_string(keys.join("operator.next")).unwrap();
    let journey = installation.data().join("people").join("key-rotation.json");
    std::fs::write(&journey, r#"{"client":null,"after":2,"people":1}"#).unwrap();
    let server = installation.serve();
    assert_eq!(operator(), next);
    assert!(!keys.join("operator.next").exists());
    assert_eq!(
        installation.ok(&["keys", "rotate", "people"]),
        json!({"people": 3, "resumed": true})
    );
    assert!(!journey.exists());
    server.kill();
    assert_eq!(installation.ok(&["keys", "rotate", "people"]), all);
    let unknown = installation.run(&["keys", "rotate", "clients", "--client", "7"]);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("client 7 has no keys"));
    assert_eq!(installation.ok(&["audit", "verify"])["fault"], Value::Null);
}
