//! Everything Anturazh is built from may be used: `deny.toml` is kept.

use xtask::{graph, licence};

#[test]
fn all_packages_keep_to_deny_toml() {
    let metadata = graph::metadata().unwrap();
    let deny = std::fs::read_to_string(xtask::workspace().join("deny.toml")).unwrap();
    let allowed = licence::allowed(&deny).unwrap();
    let found = licence::breaches(&metadata, &allowed);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
    assert!(
        metadata["packages"].as_array().unwrap().len() > 100,
        "the whole tree is read"
    );
    assert!(
        !licence::breaches(&metadata, &["MIT".to_owned()].into()).is_empty(),
        "it would be noticed"
    );
}
