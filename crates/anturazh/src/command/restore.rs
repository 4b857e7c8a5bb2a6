//! `restore`: backups opened and checked, whoever was erased erased again, and only then put in place.

use super::backup::{DUMP, maker_of};
use crate::{
    arguments::Restore, audit_waiting, clock, configuration::Configuration, folder::Folder,
    operator_key::KeyPlaces, output, people, postgres_dump,
};
use ::audit::{Action, Actor, Entry, Verifier};
use ::backup::{Backup, Class, Identity, Store as Backups};
use anyhow::{Context, bail};
use office::KeyPlace;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use vault::{AgeFile, OperatorKey as _, Tombstone, Vault};
use vocabulary::Moment;

/// Restores the newest backups of every kind, or those that are named, into an empty folder. If anything is wrong the
/// folder stays empty.
pub(crate) async fn run(data: &Path, options: Restore) -> anyhow::Result<()> {
    let backups = Backups::new(&options.from);
    let identity = Identity::read(&options.identity, maker_of(options.maker)?)?;
    let chosen = |name: &Option<String>, class| match name {
        Some(name) => backups.named(name),
        None => backups.newest(class),
    };
    let chosen = [
        chosen(&options.backup, Class::Data)?,
        chosen(&options.keys, Class::Keys)?,
        backups.newest(Class::Tombstones)?,
    ];
    let staged = backups.stage(&identity, &chosen, data)?;
    let folder = Folder::open(&staged.folder())?;
    let configuration = Configuration::read(&folder.configuration())?;
    if let Some(key) = &options.operator_key {
        put_operator_key(key, &folder.key("operator.age"))?;
    }
    let tombstones = people::tombstones(&folder)?.context("the list of the erased is not in the backup")?;
    let (ready, unreadable) = if is_dumped(&folder) {
        audit_waiting::leave(&folder, &restore_entry(0))?;
        (dumped_notes(&configuration), 0)
    } else {
        // The databases that were opened, wherever those of this configuration are.
        let mut here = configuration.clone();
        (here.people.vault, here.people.keys) = (None, None);
        let vault = people::vault_without_reading(&folder, &here).await?;
        let ready = make_ready(&folder, &here, &vault, &tombstones).await;
        let unreadable = match &ready {
            Ok(_) => vault.without_keys().await?,
            Err(_) => 0,
        };
        // The files are moved next: nothing may be written into them meanwhile.
        vault.close().await;
        (ready?, unreadable)
    };
    if unreadable > 0 && !options.accept_unreadable {
        bail!(
            "the values of {unreadable} people cannot be opened with these keys: their keys were replaced between the \
             two backups. Name a backup of keys of the time of the data ({}), or add `--accept-unreadable`",
            fitting_keys(&backups, &chosen[0])?
        );
    }
    for part in ["keys", "people", "staff"] {
        File::open(folder.root().join(part))?.sync_all()?;
    }
    staged.place()?;
    for (backup, what) in chosen.iter().zip(["data", "keys", "the list of the erased"]) {
        output::line(&format!(
            "restored {what} of {}: {}",
            time(backup.made),
            backup.name
        ));
    }
    output::line(&format!(
        "{} people had been erased by then; whoever of them was in these data is erased again. Who was erased after {} \
         is not known here: erase them once more",
        tombstones.len(),
        time(chosen[2].made)
    ));
    if unreadable > 0 {
        output::line(&format!(
            "the values of {unreadable} people cannot be opened with these keys"
        ));
    }
    for note in ready {
        output::line(&note);
    }
    for (name, place) in [
        ("vault", &configuration.people.vault),
        ("keys", &configuration.people.keys),
    ] {
        if let Some(place) = place.as_ref().filter(|place| !postgres_dump::is_server(place)) {
            output::line(&format!(
                "before `serve`: move `people/{name}.sqlite` to `{place}`, where `people.{name}` says it is"
            ));
        }
    }
    output::line(
        "its next backups are signed with a new key: note the number that the first `backup` prints",
    );
    Ok(())
}

/// Does to what was opened all that must be done before anybody may use it. Gives what the operator is to know.
async fn make_ready(
    folder: &Folder,
    configuration: &Configuration,
    vault: &Vault,
    tombstones: &[Tombstone],
) -> anyhow::Result<Vec<String>> {
    let mut notes = Vec::new();
    let wanted = vault.operators().await?;
    match KeyPlaces::of(folder, configuration).and_then(|places| places.in_use(&wanted)) {
        Err(missing) => notes.push(format!("before `serve`: {missing:#}")),
        Ok(KeyPlace::File(path)) => {
            let held = AgeFile::open(&path)?.id();
            if !wanted.is_empty() && !wanted.contains(&held) {
                bail!(
                    "what is in these backups is sealed with the operator's key {}, and this one is {held}: give that \
                     one with `--operator-key`",
                    wanted.join(", "),
                );
            }
        }
        Ok(KeyPlace::NewFile(_) | KeyPlace::Service(_)) => {}
    }
    vault.replay_tombstones(tombstones).await?;
    let mut entry = restore_entry(0);
    if let Ok(text) = fs::read_to_string(folder.audit_verifier()) {
        let verifier = Verifier::parse(text.trim()).context("`staff/audit-verifier.txt` names no log")?;
        let report = audit::verify(folder.audit(), &verifier, None)?;
        if let Some(fault) = report.fault {
            notes.push(format!(
                "the audit log in this backup is not as it was signed: {fault}"
            ));
        }
        // Keys that are newer than the log count readings that the log of then does not know.
        let forgotten = vault.forget_openings_after(report.values_read).await?;
        entry = restore_entry(forgotten);
        if forgotten > 0 {
            notes.push(format!(
                "{forgotten} values were read between the backup of the data and that of the keys; the log of these \
                 readings is not in the backup, and the restored log says so"
            ));
        }
    }
    audit_waiting::leave(folder, &entry)?;
    Ok(notes)
}

/// Whether a database of people was on a PostgreSQL server.
fn is_dumped(folder: &Folder) -> bool {
    ["vault", "keys"]
        .iter()
        .any(|name| folder.people(&format!("{name}.{DUMP}")).exists())
}

/// What is left to do where databases of people were on PostgreSQL: their servers are not touched from here.
fn dumped_notes(configuration: &Configuration) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, place) in [
        ("vault", &configuration.people.vault),
        ("keys", &configuration.people.keys),
    ] {
        if place
            .as_ref()
            .is_some_and(|place| postgres_dump::is_server(place))
        {
            notes.push(format!(
                "before `serve`: make an empty database for `people.{name}`, then `pg_restore --no-owner --dbname \
                 DATABASE people/{name}.{DUMP}`"
            ));
        }
    }
    notes.push("then `serve` erases again whoever had been erased, before it answers anybody".to_owned());
    notes
}

fn restore_entry(forgotten: u64) -> Entry {
    Entry {
        count: u32::try_from(forgotten).unwrap_or(u32::MAX),
        ..Entry::new(clock::now(), Actor::System, Action::Restore)
    }
}

/// The backups of keys that were made with these data or next after them.
fn fitting_keys(backups: &Backups, data: &Backup) -> anyhow::Result<String> {
    let keys = backups.backups(Class::Keys)?;
    let fitting = keys.iter().find(|keys| keys.made >= data.made);
    Ok(fitting.map_or_else(
        || "there is none any more".to_owned(),
        |keys| format!("`--keys {}`", keys.name),
    ))
}

fn time(moment: Moment) -> String {
    output::moment(moment).as_str().unwrap_or_default().to_owned()
}

/// Copies the operator's key to where `serve` looks for it, if it is one.
fn put_operator_key(from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        bail!("`{}` is there already", to.display());
    }
    let read = || format!("--operator-key `{}`", from.display());
    let key = zeroize::Zeroizing::new(fs::read(from).with_context(read)?);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)?;
    file.write_all(&key)?;
    file.sync_all()?;
    AgeFile::open(to).map(drop).with_context(read)
}
