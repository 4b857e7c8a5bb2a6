//! Whether a version of `Cargo.lock` was yanked, by what cargo itself keeps of the registry's index: no question goes out.
//!
//! A file of `registry/index/…/.cache` holds one package: a byte and a number of 32 bits for the form, a text that says
//! which state of the index it is of, and for each version its number and a line of JSON, each ended by a zero byte. What
//! is there is as old as cargo's last question about that package, such as that of `cargo update`.

use crate::Failure;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The form that is known, as the first byte and the number after it.
const FORM: [u8; 5] = [3, 2, 0, 0, 0];

/// What the index says of the packages that are used.
#[derive(Debug, Default)]
pub struct Found {
    /// Each version that was yanked, in a sentence.
    pub yanked: Vec<String>,
    /// How many versions the index was found to know.
    pub known: usize,
    /// Packages whose file is not there or has another form.
    pub unknown: Vec<String>,
}

/// Looks every package of `cargo metadata` up that comes from the registry.
pub fn look_up(metadata: &Value) -> Result<Found, Failure> {
    let mut found = Found::default();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        if text("source").is_empty() {
            continue;
        }
        let (name, version) = (text("name"), text("version"));
        let read = index_of(Path::new(text("manifest_path"))).map(|index| fs::read(index.join(place(name))));
        let Some(Ok(bytes)) = read else {
            found.unknown.push(name.to_owned());
            continue;
        };
        match is_yanked(&bytes, version) {
            None => found.unknown.push(name.to_owned()),
            Some(is_yanked) => {
                found.known += 1;
                if is_yanked {
                    found.yanked.push(format!(
                        "`{name} {version}` was yanked by who published it: `cargo update -p {name}`"
                    ));
                }
            }
        }
    }
    if found.known == 0 {
        return Err("cargo keeps no index here that could be read".into());
    }
    Ok(found)
}

/// Where the index is of the registry whose package has that manifest.
fn index_of(manifest: &Path) -> Option<PathBuf> {
    let registry = manifest.parent()?.parent()?;
    let root = registry.parent()?.parent()?;
    let is_source = registry.parent()?.file_name()? == "src";
    is_source.then(|| {
        root.join("index")
            .join(registry.file_name().unwrap_or_default())
            .join(".cache")
    })
}

/// Where a package is in an index.
fn place(name: &str) -> PathBuf {
    let name = name.to_lowercase();
    match name.len() {
        1 => PathBuf::from("1").join(name),
        2 => PathBuf::from("2").join(name),
        3 => PathBuf::from("3").join(&name[..1]).join(name),
        _ => Path::new(&name[..2]).join(&name[2..4]).join(name),
    }
}

/// What a file of the index says of a version; `None` if it has another form or does not know it.
fn is_yanked(file: &[u8], version: &str) -> Option<bool> {
    let rest = file.strip_prefix(&FORM)?;
    let mut parts = rest.split(|byte| *byte == 0).skip(1);
    while let (Some(of), Some(line)) = (parts.next(), parts.next()) {
        if of == version.as_bytes() {
            let line: Value = serde_json::from_slice(line).ok()?;
            return line["yanked"].as_bool();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_index_tell_what_was_yanked() {
        let mut file = FORM.to_vec();
        file.extend(b"Unknown\x001.0.0\0{\"vers\":\"1.0.0\",\"yanked\":false}\x001.0.1\0{\"yanked\":true}\0");
        assert_eq!(is_yanked(&file, "1.0.0"), Some(false));
        assert_eq!(is_yanked(&file, "1.0.1"), Some(true));
        assert_eq!(is_yanked(&file, "1.0.2"), None);
        file[0] = 4;
        assert_eq!(is_yanked(&file, "1.0.1"), None, "another form");
    }

    #[test]
    fn packages_are_where_cargo_puts_them() {
        for (name, at) in [
            ("a", "1/a"),
            ("ab", "2/ab"),
            ("age", "3/a/age"),
            ("tokio", "to/ki/tokio"),
            ("Inflector", "in/fl/inflector"),
        ] {
            assert_eq!(place(name), Path::new(at));
        }
        let manifest = Path::new("/h/registry/src/index.x-1/tokio-1.0.0/Cargo.toml");
        let index = Path::new("/h/registry/index/index.x-1/.cache");
        assert_eq!(index_of(manifest).as_deref(), Some(index));
        assert_eq!(index_of(Path::new("/work/vendor/tokio/Cargo.toml")), None);
    }
}
