//! The operator's key in an age identity file.

use crate::{KeyFault, OperatorKey};
use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use futures::future::BoxFuture;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::{fmt, slice};
use zeroize::Zeroizing;

/// Rights of group and others.
const OTHERS: u32 = 0o077;

/// An age identity file as `age-keygen` writes it: one X25519 identity, readable by its owner alone.
/// It wraps by encrypting to its own recipient (age-encryption.org/v1), so `age` can unwrap too.
pub struct AgeFile(Identity);

impl fmt::Debug for AgeFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgeFile({})", self.id())
    }
}

impl AgeFile {
    /// Reads the file. Refused with [`KeyFault::Exposed`] if its mode gives any right to group or others.
    pub fn open(path: &Path) -> Result<Self, KeyFault> {
        let shown = path.display();
        let unreadable = |e: io::Error| KeyFault::Unreachable(format!("cannot read `{shown}`: {e}"));
        let mut file = fs::File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.mode() & OTHERS != 0 {
            return Err(KeyFault::Exposed(shown.to_string()));
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(unreadable)?;
        let mut lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        match (lines.next(), lines.next()) {
            (Some(line), None) => line.parse().map(Self).map_err(|_| KeyFault::Unfit),
            _ => Err(KeyFault::Unfit),
        }
    }

    /// Makes a new key in a new file of mode 0600, on disk when this returns.
    pub fn create(path: &Path) -> Result<Self, KeyFault> {
        let shown = path.display();
        let key = Self(Identity::generate());
        let text = Zeroizing::new(format!(
            "# public key: {}\n{}\n",
            key.id(),
            key.0.to_string().expose_secret()
        ));
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()
            })
            .map_err(|e| match e.kind() {
                io::ErrorKind::AlreadyExists => KeyFault::Exists(shown.to_string()),
                _ => KeyFault::Unreachable(format!("cannot write `{shown}`: {e}")),
            })?;
        Ok(key)
    }

    fn unwrapped(&self, wrapped: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let decryptor = age::Decryptor::new_buffered(wrapped).ok()?;
        let mut reader = decryptor
            .decrypt(slice::from_ref(&self.0).iter().map(|i| i as &dyn age::Identity))
            .ok()?;
        let mut key = Zeroizing::new([0; 32]);
        reader.read_exact(key.as_mut()).ok()?;
        (reader.read(&mut [0]).ok()? == 0).then_some(key)
    }
}

impl OperatorKey for AgeFile {
    /// The recipient, `age1…`.
    fn id(&self) -> String {
        self.0.to_public().to_string()
    }

    fn wrap<'a>(&'a self, key: &'a [u8; 32]) -> BoxFuture<'a, Result<Vec<u8>, KeyFault>> {
        let wrapped = age::encrypt(&self.0.to_public(), key).map_err(|_| KeyFault::Unfit);
        Box::pin(async { wrapped })
    }

    fn unwrap<'a>(&'a self, wrapped: &'a [u8]) -> BoxFuture<'a, Result<Zeroizing<[u8; 32]>, KeyFault>> {
        let key = self.unwrapped(wrapped).ok_or(KeyFault::Unfit);
        Box::pin(async { key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[tokio::test]
    async fn a_key_is_made_for_its_owner_alone_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("operator.age");
        let made = AgeFile::create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(
            AgeFile::create(&path).unwrap_err(),
            KeyFault::Exists(path.display().to_string())
        );
        let read = AgeFile::open(&path).unwrap();
        assert_eq!(read.id(), made.id());
        let wrapped = made.wrap(&[7; 32]).await.unwrap();
        assert_eq!(*read.unwrap(&wrapped).await.unwrap(), [7; 32]);
        assert!(!format!("{read:?}").contains("SECRET"));

        let other = AgeFile::create(&folder.path().join("other.age")).unwrap();
        assert_eq!(other.unwrap(&wrapped).await.unwrap_err(), KeyFault::Unfit);
        let mut changed = wrapped.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(read.unwrap(&changed).await.unwrap_err(), KeyFault::Unfit);
        assert_eq!(read.unwrap(&[]).await.unwrap_err(), KeyFault::Unfit);
    }

    #[test]
    fn files_that_others_may_read_and_files_without_one_key_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("operator.age");
        AgeFile::create(&path).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(
                matches!(AgeFile::open(&path), Err(KeyFault::Exposed(_))),
                "{mode:o}"
            );
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(AgeFile::open(&path).is_ok());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for wrong in [
            "",
            "# only a comment\n",
            &format!("{text}{text}"),
            "AGE-SECRET-KEY-1X",
        ] {
            fs::write(&path, wrong).unwrap();
            assert_eq!(AgeFile::open(&path).unwrap_err(), KeyFault::Unfit);
        }
        let missing = AgeFile::open(&folder.path().join("none"));
        assert!(matches!(missing, Err(KeyFault::Unreachable(_))));
    }
}
