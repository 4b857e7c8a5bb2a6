//! Files that tests of this crate read where they are there.

use std::path::PathBuf;
use std::process::Command;

/// A file beside the work tree; `None` with a printed word where it is absent.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// An archive unpacked into a folder of its own.
pub(crate) fn unpacked(name: &str) -> Option<tempfile::TempDir> {
    let archive = shared(name)?;
    let folder = tempfile::tempdir().unwrap();
    let done = Command::new("tar")
        .arg("xf")
        .arg(archive)
        .arg("-C")
        .arg(folder.path())
        .status();
    if done.is_ok_and(|status| status.success()) {
        return Some(folder);
    }
    println!("skipped: `tar` with xz is needed to unpack {name}");
    None
}
