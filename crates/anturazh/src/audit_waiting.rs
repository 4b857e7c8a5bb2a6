//! Entries for the audit log that are written while another process has it open: the log belongs to one process at a
//! time, and the command line works beside a running server.
//!
//! Each is a file of its own in `staff/audit-waiting`, named by its time, holding [`audit::Entry`]'s bytes. The server
//! appends them within a second; a crash between appending and removing appends one twice, never loses one.

use crate::{clock, folder::Folder};
use anyhow::Context;
use audit::{Action, Actor, Entry, Subject};
use office::Office;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};

/// Leaves an entry of what a command did just now, and to what.
pub(crate) fn note(folder: &Folder, action: Action, subject: Subject) -> anyhow::Result<()> {
    let entry = Entry {
        subject,
        purpose: Some("command_line".into()),
        ..Entry::new(clock::now(), Actor::System, action)
    };
    leave(folder, &entry)
}

/// Leaves an entry for whoever has the log open; on disk when this returns.
pub(crate) fn leave(folder: &Folder, entry: &Entry) -> anyhow::Result<()> {
    let dir = folder.audit_waiting();
    let failed = || format!("failed to record this in `{}`", dir.display());
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&dir)
        .with_context(failed)?;
    let mut random = [0; 8];
    getrandom::fill(&mut random)?;
    let name = format!("{:020}-{:016x}", entry.time.0.max(0), u64::from_be_bytes(random));
    let (temporary, place) = (dir.join(format!("{name}.new")), dir.join(format!("{name}.entry")));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .with_context(failed)?;
    file.write_all(&entry.encode()?)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, &place))
        .and_then(|()| fs::File::open(&dir)?.sync_all())
        .with_context(failed)
}

/// Appends what waits, oldest first.
pub(crate) async fn take(folder: &Folder, office: &Office) -> anyhow::Result<()> {
    let Ok(entries) = fs::read_dir(folder.audit_waiting()) else {
        return Ok(());
    };
    let mut places: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "entry"))
        .collect();
    places.sort();
    for place in places {
        match Entry::decode(&fs::read(&place)?) {
            Ok(entry) => {
                office.record(entry).await?;
                fs::remove_file(&place)?;
            }
            // Set aside, so that those after it are not kept waiting.
            Err(error) => {
                tracing::error!(%error, "`{}` is no entry of the audit log and is set aside", place.display());
                fs::rename(&place, place.with_extension("unreadable"))?;
            }
        }
    }
    Ok(())
}
