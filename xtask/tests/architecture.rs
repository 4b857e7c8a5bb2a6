//! The crate graph keeps to the rooms table of `ARCHITECTURE.md`, and this test would notice if it did not.

use xtask::graph::{self, Graph};
use xtask::rooms::{self, breaches};

fn table() -> std::collections::BTreeMap<String, rooms::Room> {
    let document = std::fs::read_to_string(xtask::workspace().join("ARCHITECTURE.md"))
        .expect("ARCHITECTURE.md is there");
    rooms::read(&document).expect("the rooms table can be read")
}

fn real() -> Graph {
    let metadata = graph::metadata().expect("cargo knows the workspace");
    Graph::read(&metadata).expect("cargo names the crates")
}

fn plant(graph: &mut Graph, from: &str, to: &str) {
    graph.needs.entry(from.into()).or_default().insert(to.into());
}

#[test]
fn the_crate_graph_keeps_to_the_rooms_table() {
    let found = breaches(&table(), &real());
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn planted_breaches_are_found() {
    let (rooms, real) = (table(), real());
    for (from, to, want) in [
        (
            "vocabulary",
            "policy",
            "`vocabulary` depends on `policy`, which its row does not allow",
        ),
        (
            "collect",
            "reports",
            "`collect` depends on `reports`, which its row does not allow",
        ),
        (
            "web",
            "journal",
            "`web` depends on `journal`, which its row does not allow",
        ),
        (
            "policy",
            "tokio",
            "`policy` must never reach `tokio`, but does: policy → tokio",
        ),
        (
            "vocabulary",
            "sqlx",
            "`policy` must never reach `sqlx`, but does: policy → vocabulary → sqlx",
        ),
        (
            "journal",
            "vault",
            "`collect` must never reach `vault`, but does: collect → journal → vault",
        ),
    ] {
        let mut graph = real.clone();
        plant(&mut graph, from, to);
        let found = breaches(&rooms, &graph);
        assert!(
            found.iter().any(|breach| breach == want),
            "{from} → {to}: {found:?}"
        );
    }
}

#[test]
fn rows_and_crates_are_compared_both_ways() {
    let (rooms, real) = (table(), real());
    let mut more = real.clone();
    more.own.insert("cellar".into());
    assert_eq!(
        breaches(&rooms, &more),
        ["`cellar` has no row in the rooms table of ARCHITECTURE.md"]
    );
    let mut fewer = real.clone();
    fewer.own.remove("staff");
    assert_eq!(
        breaches(&rooms, &fewer),
        ["`staff` has a row in ARCHITECTURE.md but is no crate of the workspace"]
    );
    let mut misspelt = rooms.clone();
    misspelt.get_mut("collect").unwrap().never.insert("valut".into());
    assert_eq!(
        breaches(&misspelt, &real),
        ["the row of `collect` names `valut`, which is no room"]
    );
}

#[test]
fn a_table_that_cannot_be_read_is_an_error_not_an_empty_one() {
    let heading = "| crate | owns | may depend on | never reaches |\n|---|---|---|---|\n";
    for (document, want) in [
        ("# Architecture\n".to_owned(), "missing"),
        (format!("{heading}| `a` | bytes | – |\n"), "four cells"),
        (format!("{heading}| a | bytes | – | – |\n"), "names no crate"),
        (
            format!("{heading}| `a` | x | – | – |\n| `a` | y | – | – |\n"),
            "two rows",
        ),
    ] {
        let failure = rooms::read(&document).unwrap_err();
        assert!(failure.contains(want), "{failure}");
    }
}
