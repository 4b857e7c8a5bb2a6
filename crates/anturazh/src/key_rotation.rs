//! New keys while everything goes on. A rotation that was cut off goes on where it was when the command is given again;
//! that of the operator's key at the next start, since until then two keys are in use.

use crate::{
    arguments::KeyHome, clock, configuration::Configuration, errand::Desk, folder::Folder,
    operator_key::KeyPlaces, output::Report, store::Store,
};
use anyhow::{Context, bail};
use audit::{Action, Actor, Entry, Subject};
use office::{KeyPlace, Office};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sharing::Transit;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vault::{AgeFile, OperatorKey as _};
use vocabulary::ClientId;

/// How many people are asked for at once; after so many the place is noted.
const PAGE: u32 = 200;

/// Draws a new operator's key, which takes the place of the old one, in a file or at a service. The old file is kept
/// beside the new one under the name of its recipient: backups of keys from before are wrapped with it.
pub(crate) async fn operator(desk: &Desk<'_>, to: Option<KeyHome>) -> anyhow::Result<Report> {
    // Read anew: a service may have been named since the server started.
    let configuration = Configuration::read(&desk.store.folder.configuration())?;
    let places = KeyPlaces::of(&desk.store.folder, &configuration)?;
    let wrapping = desk.office.vault.operators().await?;
    let from = match places.in_use(&wrapping)? {
        KeyPlace::File(_) => KeyHome::File,
        KeyPlace::NewFile(_) => bail!("there is no operator's key yet: it is made by the first `serve`"),
        KeyPlace::Service(_) => KeyHome::Transit,
    };
    match (from, to.unwrap_or(from)) {
        (KeyHome::Transit, KeyHome::Transit) => {
            bail!("the operator's key is at a service: rotate it there, or move it with `--to file`")
        }
        (_, KeyHome::File) => {
            let next = places.next_file();
            if !next.exists() {
                AgeFile::create(&next).context("failed to draw a new key")?;
                synced_folder(&next)?;
            }
            to_file(desk.office, &places).await
        }
        (KeyHome::File, KeyHome::Transit) => {
            let service = places.service.clone().context(
                "there is no service to move it to: name it in anturazh.toml, `[people.transit]` with `url`, `key` and \
                 `token_file`",
            )?;
            to_service(desk.office, &places, service).await
        }
    }
}

/// Ends a rotation of the operator's key that was cut off.
pub(crate) async fn finish(store: &Store, office: &Office) -> anyhow::Result<()> {
    let places = KeyPlaces::of(&store.folder, &store.configuration)?;
    if places.next_file().exists() {
        to_file(office, &places).await?;
    } else if places.are_two()
        && let Some(service) = &places.service
    {
        let wrapping = office.vault.operators().await?;
        let name = KeyPlace::Service(service.clone()).name();
        if wrapping.len() < 2 || !wrapping.contains(&name) {
            return Ok(());
        }
        to_service(office, &places, service.clone()).await?;
    } else {
        return Ok(());
    }
    tracing::info!("a rotation of the operator's key that was cut off is done");
    Ok(())
}

async fn to_file(office: &Office, places: &KeyPlaces) -> anyhow::Result<Report> {
    let (path, next) = (&places.file, &places.next_file());
    let new = Arc::new(AgeFile::open(next)?);
    let id = new.id();
    let wrapped = office.vault.rotate_operator_key(new).await?;
    let kept = keep(path)?;
    fs::rename(next, path).with_context(|| format!("failed to put the new key at `{}`", path.display()))?;
    synced_folder(path)?;
    record(office, None, wrapped).await?;
    Ok(Report::thing([
        ("wrapped", json!(wrapped)),
        ("key", json!(id)),
        ("old key", json!(kept)),
    ]))
}

async fn to_service(office: &Office, places: &KeyPlaces, service: Transit) -> anyhow::Result<Report> {
    let new = KeyPlace::Service(service).open(&office.sharing.web, clock::now)?;
    // Tried first: until it is known to give back what it takes, nothing is wrapped with it.
    let mut trial = [0; 32];
    getrandom::fill(&mut trial)?;
    let wrapped = new.wrap(&trial).await?;
    if *new.unwrap(&wrapped).await? != trial {
        bail!("the service does not give back the key that it took");
    }
    let id = new.id();
    let wrapped = office.vault.rotate_operator_key(new).await?;
    let kept = keep(&places.file)?;
    fs::remove_file(&places.file).with_context(|| format!("failed to remove `{}`", places.file.display()))?;
    synced_folder(&places.file)?;
    record(office, None, wrapped).await?;
    Ok(Report::thing([
        ("wrapped", json!(wrapped)),
        ("key", json!(id)),
        ("old key", json!(kept)),
    ]))
}

/// Keeps a file of the operator's key, if there is one, under the name of its recipient.
fn keep(path: &Path) -> anyhow::Result<Option<PathBuf>> {
    if !path.exists() {
        return Ok(None);
    }
    let kept = path.with_file_name(format!("operator-{}.age", AgeFile::open(path)?.id()));
    match fs::hard_link(path, &kept) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("failed to keep the old key at `{}`", kept.display()))
        }
        _ => Ok(Some(kept)),
    }
}

/// Draws new keys for clients; those of their people are wrapped anew.
pub(crate) async fn clients(
    desk: &Desk<'_>,
    client: Option<u32>,
    at: &mut (dyn FnMut(u64, u64) + Send),
) -> anyhow::Result<Report> {
    let vault = &desk.office.vault;
    let mut clients = vault.clients_with_keys().await?;
    if let Some(only) = client {
        clients.retain(|client| *client == only);
        if clients.is_empty() {
            bail!("client {only} has no keys: nobody gave it anything");
        }
    }
    let mut rows = Vec::new();
    for client in &clients {
        at(rows.len() as u64, clients.len() as u64);
        let wrapped = vault.rotate_client_key(*client).await?;
        record(desk.office, Some(*client), wrapped).await?;
        rows.push(vec![json!(client), json!(wrapped)]);
    }
    Ok(Report::rows(["Client", "Wrapped"], rows))
}

/// How far a rotation of people's keys has come: a JSON file, there while one is under way.
#[derive(Serialize, Deserialize)]
struct Journey {
    client: Option<u32>,
    /// Who came up to this number has a new key.
    after: i64,
    people: u64,
}

/// Draws a new key for each person and seals their values anew; each opening is in the audit log.
pub(crate) async fn people(
    desk: &Desk<'_>,
    client: Option<u32>,
    at: &mut (dyn FnMut(u64, u64) + Send),
) -> anyhow::Result<Report> {
    let vault = &desk.office.vault;
    let note = Note::of(&desk.store.folder);
    let begun = note.read()?.filter(|journey| journey.client == client);
    let is_resumed = begun.is_some();
    let mut journey = begun.unwrap_or(Journey {
        client,
        after: 0,
        people: 0,
    });
    let total = vault.people_after(client, journey.after).await? + journey.people;
    loop {
        at(journey.people, total);
        let page = vault.roll(client, journey.after, PAGE).await?;
        let Some(last) = page.last() else { break };
        let end = last.number;
        for person in page {
            match vault.rotate_person_key(person.id, clock::now()).await {
                Ok(()) => journey.people += 1,
                // Erased since.
                Err(vault::Error::NotFound(_)) => {}
                Err(error) => {
                    note.write(&journey)?;
                    return Err(error).with_context(|| {
                        format!("failed to rotate after {} people; do it again", journey.people)
                    });
                }
            }
            journey.after = person.number;
        }
        journey.after = end;
        note.write(&journey)?;
    }
    record(desk.office, client, usize::try_from(journey.people)?).await?;
    note.remove()?;
    Ok(Report::thing([
        ("people", json!(journey.people)),
        ("resumed", json!(is_resumed)),
    ]))
}

/// Where the journey is noted.
struct Note(PathBuf);

impl Note {
    fn of(folder: &Folder) -> Self {
        Self(folder.people("key-rotation.json"))
    }

    fn read(&self) -> anyhow::Result<Option<Journey>> {
        match fs::read(&self.0) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).with_context(|| {
                format!("failed to read `{}`: remove it to begin anew", self.0.display())
            })?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("failed to read `{}`", self.0.display())),
        }
    }

    fn write(&self, journey: &Journey) -> anyhow::Result<()> {
        let new = self.0.with_extension("new");
        fs::write(&new, serde_json::to_vec(journey)?)
            .and_then(|()| fs::File::open(&new)?.sync_all())
            .and_then(|()| fs::rename(&new, &self.0))
            .with_context(|| format!("failed to write `{}`", self.0.display()))
    }

    fn remove(&self) -> anyhow::Result<()> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("failed to remove `{}`", self.0.display()))
            }
            _ => Ok(()),
        }
    }
}

fn synced_folder(path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("failed to write `{}`", folder.display()))
}

async fn record(office: &Office, client: Option<u32>, count: usize) -> anyhow::Result<()> {
    let entry = Entry {
        subject: Subject {
            client: client.map(ClientId),
            ..Subject::default()
        },
        count: u32::try_from(count).unwrap_or(u32::MAX),
        ..Entry::new(clock::now(), Actor::System, Action::KeyRotation)
    };
    Ok(office.record(entry).await?)
}
