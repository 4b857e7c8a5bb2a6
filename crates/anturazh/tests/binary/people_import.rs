//! `person import`, and what is said on the command line about how long people are kept.

use crate::installation::{Installation, path};
use serde_json::json;

const PEOPLE: &str = "\u{feff}Kunde;Name;Mail;phone;given;contract_from;Notes
7;Anna Qvoltz;anna.qvoltz@kunde.example;;2019-01-31;2018-01-01;x
;Boris;boris.qvoltz@kunde.example;;2019-01-31;;
9;Vera;;call qvoltz;2019-01-31;2018-01-01;
;\"Gleb
Qvoltz\";;;2019-01-31;2018-01-01;
;Dora;DORA.QVOLTZ@kunde.example;+7 495 1234567;2019-01-31;2018-01-01;
;Dora;dora.qvoltz@kunde.example;;2019-01-31;2018-01-01;
";

#[test]
fn people_are_brought_along_once_and_kept_as_contracts_and_laws_say() {
    let installation = Installation::new();
    let file = installation.folder.path().join("people.csv");
    std::fs::write(&file, PEOPLE).unwrap();
    let import = |more: &[&str]| {
        let columns = [
            "--column",
            "Kunde=id",
            "--column",
            "Mail=email",
            "--column",
            "Notes=-",
        ];
        let terms = ["--wording", "customer-support", "--source", "our old system"];
        let begin = ["person", "import", path(&file)];
        installation.run(&[&begin[..], &columns, &terms, more].concat())
    };
    let report = |output: &std::process::Output| -> serde_json::Value {
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaint}");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            !text.to_lowercase().contains("qvoltz"),
            "no value is shown: {text}"
        );
        assert!(!complaint.to_lowercase().contains("qvoltz"), "{complaint}");
        serde_json::from_slice(&output.stdout).unwrap()
    };

    let dry = report(&import(&["--dry-run"]));
    assert_eq!((&dry["rows"], &dry["would_be_added"]), (&json!(6), &json!(2)));
    assert_eq!(installation.ok(&["person", "list"]), json!([]));

    // Without a server, then once more beside one.
    let first = report(&import(&[]));
    assert_eq!((&first["added"], &first["there_already"]), (&json!(2), &json!(1)));
    assert!(first["people_per_second"].as_u64().unwrap() > 0);
    let faults = first["faults"].as_array().unwrap();
    let faults: Vec<(u64, &str)> = faults
        .iter()
        .map(|fault| (fault["line"].as_u64().unwrap(), fault["field"].as_str().unwrap()))
        .collect();
    assert_eq!(faults, [(3, "given"), (4, "phone"), (5, "name")]);
    let server = installation.serve();
    let second = report(&import(&[]));
    assert_eq!(
        (&second["added"], &second["there_already"]),
        (&json!(0), &json!(3))
    );
    let wrong = import(&["--wording", "nothing"]);
    assert!(!wrong.status.success());
    let wrong = installation.run(&["person", "import", path(&file), "--wording", "enquiry"]);
    let complaint = String::from_utf8_lossy(&wrong.stderr);
    assert!(
        complaint.contains("the column `Kunde` is not known"),
        "{complaint}"
    );

    // Given long ago, they are carried by their contract, and by a law when it is over.
    let people = installation.ok(&["person", "list"]);
    let person = people[0]["person"].as_str().unwrap();
    assert_eq!(installation.ok(&["person", "due"]), json!([]));
    let shown = installation.ok(&["person", "show", person]);
    assert_eq!(
        (&shown["contract_from"], &shown["values"][0]["why"]),
        (&json!("2018-01-01"), &json!("contract"))
    );
    let ended = ["--from", "2018-01-01", "--until", "2019-12-31"];
    let shown = installation.ok(&[&["person", "contract", person][..], &ended].concat());
    assert_eq!(shown["contract_until"], "2019-12-31");
    assert_eq!(shown["values"][0]["kept_until"], "2020-01-31T00:00:00Z");
    assert_eq!(installation.ok(&["person", "due"]).as_array().unwrap().len(), 1);
    let law = ["name", "--until", "2099-12-31", "--law", "402-FZ, article 29"];
    let shown = installation.ok(&[&["person", "legal-until", person][..], &law].concat());
    assert_eq!(shown["duties"][0]["law"], "402-FZ, article 29");
    let of_class = |class: &str| {
        let values = shown["values"].as_array().unwrap();
        let value = values.iter().find(|value| value["class"] == class).unwrap();
        (value["kept_until"].clone(), value["why"].clone())
    };
    assert_eq!(of_class("name"), (json!("2100-01-01T00:00:00Z"), json!("law")));
    assert_eq!(
        of_class("email"),
        (json!("2020-01-31T00:00:00Z"), json!("contract"))
    );
    let gone = installation.ok(&["person", "due", "--carry-out"]);
    assert_eq!(
        (&gone[0]["wholly"], &gone[0]["classes"]),
        (&json!(false), &json!("email"))
    );
    let duty = shown["duties"][0]["duty"].to_string();
    let shown = installation.ok(&["person", "legal-end", person, &duty]);
    assert_eq!(shown["duties"], json!([]));
    assert_eq!(installation.ok(&["person", "due"])[0]["wholly"], json!(true));
    let none = installation.run(&["person", "contract", person]);
    assert!(!none.status.success());
    server.stop();
    assert_eq!(installation.ok(&["audit", "verify"])["fault"], json!(null));
}
