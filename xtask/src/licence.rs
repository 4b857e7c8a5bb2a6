//! Whether everything Anturazh is built from may be used as it is used: licences, origins and names of all packages.
//!
//! `deny.toml` holds the rules; this reads the part of it that it checks, so that the check needs no further tool.
//! Where `cargo-deny` is installed, `cargo x check` runs it too, for advisories.

use crate::Failure;
use serde_json::Value;
use std::collections::BTreeSet;

/// Where packages may come from, as cargo writes it. The workspace's own have no origin.
const ORIGIN: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What `deny.toml` says, as far as it is checked here.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Licences allowed: `allow` of `[licenses]`.
    pub licences: BTreeSet<String>,
    /// Packages that must not be used: `deny` of `[bans]`.
    pub denied: BTreeSet<String>,
    /// Advisories that are known and ignored, with the reason: `ignore` of `[advisories]`. A reason begins with the
    /// package and a colon.
    pub ignored: Vec<(String, String)>,
}

impl Rules {
    /// Reads `deny.toml`.
    pub fn read(deny: &str) -> Result<Self, Failure> {
        let pairs = |line: &str| match texts(line).as_slice() {
            [id, reason] => Ok((id.clone(), reason.clone())),
            _ => Err(format!("deny.toml: `{}` needs an id and a reason", line.trim())),
        };
        let ignored = list(deny, "[advisories]", "ignore = [")?;
        Ok(Self {
            licences: list(deny, "[licenses]", "allow = [")?.flat_map(texts).collect(),
            denied: list(deny, "[bans]", "deny = [")?.flat_map(texts).collect(),
            ignored: ignored
                .filter(|line| !texts(line).is_empty())
                .map(pairs)
                .collect::<Result<_, _>>()?,
        })
    }
}

/// The lines of a list in a section, without comments.
fn list<'a>(deny: &'a str, section: &str, begins: &str) -> Result<impl Iterator<Item = &'a str>, Failure> {
    let (list, _) = deny
        .split_once(section)
        .and_then(|(_, rest)| rest.split_once(begins))
        .and_then(|(_, rest)| rest.split_once("\n]"))
        .ok_or_else(|| format!("deny.toml: `{begins}…]` of `{section}` is missing"))?;
    Ok(list
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default()))
}

/// The texts in quotation marks.
fn texts(line: &str) -> Vec<String> {
    line.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Everything that breaks the rules, one line each with the reason; nothing if all is well.
pub fn breaches(metadata: &Value, rules: &Rules) -> Vec<String> {
    let mut breaches = Vec::new();
    let packages = metadata["packages"].as_array();
    let is_used = |name: &str| {
        packages
            .into_iter()
            .flatten()
            .any(|package| package["name"] == name)
    };
    for (id, reason) in &rules.ignored {
        let package = reason.split_once(": ").map_or("", |(package, _)| package);
        if !is_used(package) {
            breaches.push(format!(
                "{id} is ignored for `{package}`, which is no package of ours: strike it from deny.toml"
            ));
        }
    }
    for package in packages.into_iter().flatten() {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let name = format!("`{} {}`", text("name"), text("version"));
        if !text("source").is_empty() && text("source") != ORIGIN {
            breaches.push(format!(
                "{name} does not come from crates.io but from {}",
                text("source")
            ));
        }
        if rules.denied.contains(text("name")) {
            breaches.push(format!("{name} is denied by deny.toml"));
        }
        match satisfied(text("license"), &rules.licences) {
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
        rules().licences
    }

    fn rules() -> Rules {
        let ignored = "[advisories]\nignore = [\n { id = \"A-1\", reason = \"kept: nothing\" },\n { id = \"A-2\", reason = \"gone: nothing\" },\n]\n";
        let licences = "[licenses]\nallow = [\n \"MIT\", # plain \"GPL-3.0-only\"\n \"Apache-2.0\", \"Apache-2.0 WITH LLVM-exception\"\n]\n";
        let denied = "[bans]\ndeny = [\n { name = \"slow\" },\n]\n";
        assert!(Rules::read(&format!("{licences}{denied}")).is_err());
        assert!(
            Rules::read(&format!(
                "{licences}{denied}[advisories]\nignore = [\n \"A-1\",\n]\n"
            ))
            .is_err()
        );
        Rules::read(&format!("{ignored}{licences}{denied}")).unwrap()
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
    fn foreign_licences_origins_and_what_is_denied_are_found() {
        let metadata = serde_json::json!({"packages": [
            {"name": "own", "version": "1.0.0", "license": "MIT", "source": null},
            {"name": "kept", "version": "1.0.0", "license": "MIT", "source": ORIGIN},
            {"name": "copyleft", "version": "1.0.0", "license": "GPL-3.0-only", "source": ORIGIN},
            {"name": "silent", "version": "1.0.0", "license": null, "source": ORIGIN},
            {"name": "slow", "version": "1.0.0", "license": "MIT", "source": ORIGIN},
            {"name": "forked", "version": "1.0.0", "license": "MIT", "source": "git+https://forge.example/forked"},
        ]});
        let found = breaches(&metadata, &rules());
        assert_eq!(found.len(), 5, "{found:?}");
        for name in ["copyleft", "silent", "forked", "slow", "A-2"] {
            assert!(found.iter().any(|breach| breach.contains(name)), "{name}");
        }
    }
}
