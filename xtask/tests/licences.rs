//! Everything Anturazh is built from may be used: `deny.toml` is kept.

use xtask::{graph, licence, yanked};

#[test]
fn all_packages_keep_to_deny_toml() {
    let metadata = graph::metadata().unwrap();
    let deny = std::fs::read_to_string(xtask::workspace().join("deny.toml")).unwrap();
    let rules = licence::Rules::read(&deny).unwrap();
    let found = licence::breaches(&metadata, &rules);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
    assert!(
        metadata["packages"].as_array().unwrap().len() > 100,
        "the whole tree is read"
    );
    let denied = licence::Rules {
        denied: ["ring".to_owned()].into(),
        ..rules
    };
    let found = licence::breaches(&metadata, &denied);
    assert!(
        found.len() == 1 && found[0].contains("ring"),
        "it would be noticed: {found:?}"
    );
    let nothing = licence::Rules::default();
    assert!(
        licence::breaches(&metadata, &nothing).len() > 100,
        "no licence is allowed by itself"
    );
}

#[test]
fn no_version_was_yanked_as_far_as_cargo_knows() {
    let metadata = graph::metadata().unwrap();
    let found = match yanked::look_up(&metadata) {
        Ok(found) => found,
        Err(why) => return println!("skipped: {why}"),
    };
    assert!(found.yanked.is_empty(), "\n{}", found.yanked.join("\n"));
    assert!(
        found.known > found.unknown.len(),
        "cargo's index is read: {} known, not {:?}",
        found.known,
        found.unknown
    );
    println!("{} known, {} not", found.known, found.unknown.len());
}
