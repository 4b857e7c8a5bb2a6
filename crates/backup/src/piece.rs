//! One age file: sealed while it is read, hashed on the way.

use crate::{Damage, Error, Identity, Recipients, digest::Digest};
use age::{DecryptError, Decryptor};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Read or written at a time. A multiple of age's own chunks, 64 KiB.
pub(crate) const BLOCK_BYTES: usize = 256 << 10;

/// What went through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Content {
    pub(crate) bytes: u64,
    pub(crate) sha256: Digest,
}

/// Passes everything on.
fn pass(from: &mut dyn Read, mut to: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<Content> {
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let read = match from.read(&mut block) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&block[..read]);
        to(&block[..read])?;
        bytes += read as u64;
    }
    let sha256 = Digest(hash.finalize().into());
    Ok(Content { bytes, sha256 })
}

/// Reads to the end.
pub(crate) fn content(from: &mut dyn Read) -> io::Result<Content> {
    pass(from, |_| Ok(()))
}

/// Seals everything from one into the other.
pub(crate) fn seal(from: &mut dyn Read, to: &mut dyn Write, recipients: &Recipients) -> io::Result<Content> {
    let mut sealed = recipients.encryptor().wrap_output(to)?;
    let content = pass(from, |block| sealed.write_all(block))?;
    sealed.finish()?;
    Ok(content)
}

/// A new file, for its owner alone.
pub(crate) fn new_file(path: &Path) -> Result<File, Error> {
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(Error::storage("make", path))
}

/// Seals into a new file, on disk when this returns; returns its size in bytes too. `at` is for errors.
pub(crate) fn seal_file(
    from: &mut dyn Read,
    at: &Path,
    to: &Path,
    recipients: &Recipients,
) -> Result<(Content, u64), Error> {
    let file = new_file(to)?;
    let mut writer = BufWriter::with_capacity(BLOCK_BYTES, &file);
    let content = seal(from, &mut writer, recipients).map_err(Error::storage("seal", at))?;
    writer
        .flush()
        .and_then(|()| file.sync_all())
        .and_then(|()| file.metadata())
        .map(|sealed| (content, sealed.len()))
        .map_err(Error::storage("write", to))
}

/// Why a sealed file does not open.
fn shut(error: &DecryptError, path: &Path) -> Error {
    match error {
        DecryptError::NoMatchingKeys => Error::OtherRecipient {
            path: path.to_owned(),
        },
        DecryptError::Io(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
            Error::corrupt(path, Damage::Truncated)
        }
        _ => Error::corrupt(path, Damage::Changed),
    }
}

/// Opens a sealed file and writes what was sealed. `path` is for errors.
pub(crate) fn open(
    from: impl BufRead,
    identity: &Identity,
    to: &mut dyn Write,
    path: &Path,
) -> Result<Content, Error> {
    let mut opened = Decryptor::new_buffered(from)
        .and_then(|sealed| sealed.decrypt(identity.keys()))
        .map_err(|error| shut(&error, path))?;
    let mut written = Ok(());
    let read = pass(&mut opened, |block| {
        written = to.write_all(block);
        if written.is_ok() {
            Ok(())
        } else {
            Err(io::ErrorKind::Other.into())
        }
    });
    written.map_err(Error::storage("write what was in", path))?;
    read.map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::corrupt(path, Damage::Truncated),
        io::ErrorKind::InvalidData => Error::corrupt(path, Damage::Changed),
        _ => Error::storage("read", path)(error),
    })
}
