//! Whether everything Anturazh is built from may be used as it is used: licences and origins of all packages.
//!
//! `deny.toml` holds the rules; this reads the part of it that it checks, so that the check needs no further tool.
//! Where `cargo-deny` is installed, `cargo x check` runs it too, for advisories.

use crate::Failure;
use serde_json::Value;
use std::collections::BTreeSet;

/// Where packages may come from, as cargo writes it. The workspace's own have no origin.
const ORIGIN: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The licences that `deny.toml` allows, from the list `allow = […]` of its `[licenses]`.
pub fn allowed(deny: &str) -> Result<BTreeSet<String>, Failure> {
    let section = deny
        .split_once("[licenses]")
        .and_then(|(_, rest)| rest.split_once("allow = ["))
        .and_then(|(_, rest)| rest.split_once(']'))
        .ok_or("deny.toml: `allow = […]` of `[licenses]` is missing")?;
    Ok(section
        .0
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default())
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .map(str::to_owned)
        .collect())
}

/// Every package that may not be used, one line each with the reason; nothing if all may.
pub fn breaches(metadata: &Value, allowed: &BTreeSet<String>) -> Vec<String> {
    let mut breaches = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let name = format!("`{} {}`", text("name"), text("version"));
        if !text("source").is_empty() && text("source") != ORIGIN {
            breaches.push(format!(
                "{name} does not come from crates.io but from {}",
                text("source")
            ));
        }
        match satisfied(text("license"), allowed) {
            Ok(true) => {}
            Ok(false) => breaches.push(format!(
                "{name} has the licence `{}`, which deny.toml does not allow",
                text("license")
            )),
            Err(why) => breaches.push(format!(
                "{name}: the licence `{}` cannot be read: {why}",
                text("license")
            )),
        }
    }
    breaches
}

/// Whether an SPDX expression can be met with the licences allowed. `A/B` is the old way to write `A OR B`.
pub fn satisfied(expression: &str, allowed: &BTreeSet<String>) -> Result<bool, Failure> {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (met, rest) = alternatives(&words, allowed)?;
    if rest.is_empty() {
        Ok(met)
    } else {
        Err(format!("nothing is expected at `{}`", rest.join(" ")))
    }
}

type Rest<'a, 'w> = &'a [&'w str];

fn alternatives<'a, 'w>(
    words: Rest<'a, 'w>,
    allowed: &BTreeSet<String>,
) -> Result<(bool, Rest<'a, 'w>), Failure> {
    let (mut met, mut rest) = together(words, allowed)?;
    while let ["OR", after @ ..] = rest {
        let (also, after) = together(after, allowed)?;
        (met, rest) = (met || also, after);
    }
    Ok((met, rest))
}

fn together<'a, 'w>(
    words: Rest<'a, 'w>,
    allowed: &BTreeSet<String>,
) -> Result<(bool, Rest<'a, 'w>), Failure> {
    let (mut met, mut rest) = one(words, allowed)?;
    while let ["AND", after @ ..] = rest {
        let (also, after) = one(after, allowed)?;
        (met, rest) = (met && also, after);
    }
    Ok((met, rest))
}

fn one<'a, 'w>(words: Rest<'a, 'w>, allowed: &BTreeSet<String>) -> Result<(bool, Rest<'a, 'w>), Failure> {
    match words {
        ["(", inside @ ..] => match alternatives(inside, allowed)? {
            (met, [")", rest @ ..]) => Ok((met, rest)),
            _ => Err("a bracket is not closed".into()),
        },
        ["OR" | "AND" | "WITH" | ")", ..] | [] => Err("a licence is missing".into()),
        [licence, "WITH", exception, rest @ ..] => {
            Ok((allowed.contains(&format!("{licence} WITH {exception}")), rest))
        }
        [licence, rest @ ..] => Ok((allowed.contains(*licence), rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> BTreeSet<String> {
        allowed("[advisories]\n[licenses]\nallow = [\n \"MIT\", # plain \"GPL-3.0-only\"\n \"Apache-2.0\", \"Apache-2.0 WITH LLVM-exception\"\n]\n").unwrap()
    }

    #[test]
    fn expressions_are_met_or_not() {
        for (expression, want) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("GPL-3.0-only/MIT", true),
            ("MIT AND GPL-3.0-only", false),
            ("GPL-3.0-only AND MIT OR Apache-2.0", true),
            ("(MIT OR GPL-3.0-only) AND Apache-2.0", true),
            ("(MIT OR Apache-2.0) AND GPL-3.0-only", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT WITH LLVM-exception", false),
        ] {
            assert_eq!(satisfied(expression, &some()), Ok(want), "{expression}");
        }
        for broken in ["", "MIT OR", "(MIT", "MIT)", "AND MIT", "MIT MIT"] {
            assert!(satisfied(broken, &some()).is_err(), "{broken}");
        }
    }

    #[test]
    fn foreign_licences_and_origins_are_found() {
        let metadata = serde_json::json!({"packages": [
            {"name": "own", "version": "1.0.0", "license": "MIT", "source": null},
            {"name": "kept", "version": "1.0.0", "license": "MIT", "source": ORIGIN},
            {"name": "copyleft", "version": "1.0.0", "license": "GPL-3.0-only", "source": ORIGIN},
            {"name": "silent", "version": "1.0.0", "license": null, "source": ORIGIN},
            {"name": "forked", "version": "1.0.0", "license": "MIT", "source": "git+https://forge.example/forked"},
        ]});
        let found = breaches(&metadata, &some());
        assert_eq!(found.len(), 3, "{found:?}");
        for name in ["copyleft", "silent", "forked"] {
            assert!(found.iter().any(|breach| breach.contains(name)), "{name}");
        }
    }
}
