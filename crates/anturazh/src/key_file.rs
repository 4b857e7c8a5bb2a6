//! Files of 32 random bytes that only their owner may read.

use crate::secret_file::refuse_open;
use anyhow::{Context, anyhow};
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The key in the file at `path`; a fresh one, in a new file, where there is none. `what` names it in errors.
pub(crate) fn key(path: &Path, what: &str) -> anyhow::Result<[u8; 32]> {
    let failed = |verb: &str| format!("failed to {verb} {what} at `{}`", path.display());
    let mut new_file = fs::OpenOptions::new();
    new_file.write(true).create_new(true).mode(0o600);
    match new_file.open(path) {
        Ok(mut file) => {
            let mut key = [0; 32];
            getrandom::fill(&mut key).with_context(|| failed("draw"))?;
            file.write_all(&key)
                .and_then(|()| file.sync_all())
                .with_context(|| failed("write"))?;
            Ok(key)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            refuse_open(path).with_context(|| failed("use"))?;
            let bytes = fs::read(path).with_context(|| failed("read"))?;
            <[u8; 32]>::try_from(bytes)
                .map_err(|_| anyhow!("it is not 32 bytes long"))
                .with_context(|| failed("read"))
        }
        Err(error) => Err(error).with_context(|| failed("make")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_stays_the_same_and_is_refused_where_others_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        let first = key(&path, "a key").unwrap();
        assert_eq!(key(&path, "a key").unwrap(), first);
        assert_ne!(key(&folder.path().join("b.key"), "a key").unwrap(), first);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = format!("{:#}", key(&path, "a key").unwrap_err());
        assert!(error.contains("chmod 600") && error.contains("a key"), "{error}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, [1; 31]).unwrap();
        assert!(key(&path, "a key").is_err());
    }
}
