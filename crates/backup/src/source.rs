//! Reading what the program may be writing.

use crate::{Error, piece::BLOCK_BYTES};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The files in a folder and its folders, as paths with `/` from there, sorted; none if there is no such folder.
/// Looked at until two looks agree: a folder that changes meanwhile may show a newer file without an older one.
pub(crate) fn files(folder: &Path) -> Result<Vec<String>, Error> {
    let mut seen = look(folder)?;
    loop {
        let again = look(folder)?;
        if again == seen {
            return Ok(seen);
        }
        seen = again;
    }
}

fn look(folder: &Path) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(inner) = folders.pop() {
        let at = folder.join(&inner);
        let entries = match fs::read_dir(&at) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(Error::storage("list", &at))?,
        };
        for entry in entries {
            let entry = entry.map_err(Error::storage("list", &at))?;
            let wrong = |why| Error::Part {
                name: entry.path().display().to_string(),
                why,
            };
            let name = entry.file_name();
            let name = name.to_str().ok_or_else(|| wrong("its name is no UTF-8"))?;
            let path = if inner.is_empty() {
                name.to_owned()
            } else {
                format!("{inner}/{name}")
            };
            let kind = entry
                .file_type()
                .map_err(Error::storage("look at", &entry.path()))?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                found.push(path);
            } else {
                return Err(wrong("it is neither a file nor a folder"));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Opens a file; `None` if it is gone.
pub(crate) fn open(path: &Path) -> Result<Option<File>, Error> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some).map_err(Error::storage("open", path)),
    }
}

/// How much of a file of `bytes` bytes has been written: up to its last byte that is not zero.
///
/// Looks from the end. So if frames are written one after the other, each complete on disk before the next begins,
/// everything before the byte found is there to be read afterwards, but for the end of the last frame.
pub(crate) fn written_bytes(file: &File, bytes: u64) -> io::Result<u64> {
    let mut block = vec![0; BLOCK_BYTES];
    let mut end = bytes;
    while end > 0 {
        let start = end.saturating_sub(BLOCK_BYTES as u64);
        let block = &mut block[..(end - start) as usize];
        file.read_exact_at(block, start)?;
        if let Some(last) = block.iter().rposition(|byte| *byte != 0) {
            return Ok(start + last as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_at_the_end_are_not_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let block = BLOCK_BYTES;
        for (written, filled) in [
            (vec![], 0),
            (vec![], 3 * block),
            (vec![0, 0, 7], 0),
            (vec![0, 0, 7], 2 * block + 5),
            (vec![1; block], 1),
            (vec![1; block + 1], block - 1),
        ] {
            let mut bytes = written.clone();
            bytes.resize(written.len() + filled, 0);
            fs::write(&path, &bytes).unwrap();
            let file = File::open(&path).unwrap();
            let found = written_bytes(&file, bytes.len() as u64).unwrap();
            assert_eq!(found, written.len() as u64, "{} and {filled}", written.len());
        }
    }

    #[test]
    fn a_link_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        fs::write(folder.path().join("in/file"), "x").unwrap();
        assert_eq!(files(folder.path()).unwrap(), ["in/file"]);
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link")).unwrap();
        assert!(matches!(files(folder.path()), Err(Error::Part { .. })));
        assert!(files(&folder.path().join("none")).unwrap().is_empty());
    }
}
