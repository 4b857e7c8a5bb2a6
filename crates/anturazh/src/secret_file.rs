//! Files with secrets that an operator wrote: of no use where others may read them.

use anyhow::{Context, bail};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// The text of a secret file, refused where its mode gives any right to group or others.
pub(crate) fn text(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    refuse_open(path)?;
    let text = fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))?;
    Ok(Zeroizing::new(text))
}

/// Refuses a file whose mode gives any right to group or others, with the command that mends it.
pub(crate) fn refuse_open(path: &Path) -> anyhow::Result<()> {
    let file = fs::metadata(path).with_context(|| format!("failed to read `{}`", path.display()))?;
    if file.mode() & 0o077 != 0 {
        let shown = path.display();
        bail!(
            "others may read `{shown}`, which holds a secret: take that right away with `chmod 600 {shown}`"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_secret_is_read_from_files_that_nobody_else_may_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail");
        fs::write(&path, "account\nsecret\n").unwrap();
        for (mode, is_read) in [
            (0o600, true),
            (0o400, true),
            (0o640, false),
            (0o604, false),
            (0o660, false),
        ] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            match text(&path) {
                Ok(text) => assert!(is_read && text.contains("secret"), "{mode:o}"),
                Err(error) => {
                    let said = format!("{error:#}");
                    assert!(!is_read && !said.contains("account"), "{mode:o}");
                    assert!(said.contains(&format!("chmod 600 {}", path.display())), "{said}");
                }
            }
        }
    }
}
