//! The server's end of the socket.

use super::Line;
use crate::{
    errand::{Desk, Errand},
    folder::Folder,
    service::Service,
};
use anyhow::{Context, bail};
use office::Office;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinSet;

/// The most bytes of an errand without its letter.
const MOST_ERRAND_BYTES: u64 = 64 * 1024;
/// How long errands under way may take when the server ends. All can be cut off and done again.
const PATIENCE: Duration = Duration::from_secs(10);

/// The socket of a running server; removed when dropped.
pub(crate) struct Listener {
    socket: UnixListener,
    path: PathBuf,
    owner: u32,
}

/// What errands are run with.
pub(crate) struct Room {
    pub(crate) service: Arc<Service>,
    pub(crate) staff: staff::Staff,
    pub(crate) office: Office,
}

impl Listener {
    /// Listens, in place of what a killed server left. To be called by the process that has the audit log open.
    pub(crate) fn open(folder: &Folder) -> anyhow::Result<Self> {
        let path = folder.control();
        let failed = || format!("failed to listen at `{}`", path.display());
        let fresh = path.with_extension("new");
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).with_context(failed),
            _ => {}
        }
        let socket = UnixListener::bind(&fresh).with_context(failed)?;
        // Nobody sees it before it is for its owner alone.
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o600))
            .and_then(|()| fs::rename(&fresh, &path))
            .with_context(failed)?;
        let owner = fs::metadata(&path).with_context(failed)?.uid();
        Ok(Self { socket, path, owner })
    }

    /// Runs errands until told to stop, then waits for those under way.
    pub(crate) async fn answer(self, room: Room, mut stop: oneshot::Receiver<()>) {
        let (room, rotation) = (Arc::new(room), Arc::new(Mutex::new(())));
        let mut running = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                _ = running.join_next(), if !running.is_empty() => continue,
                _ = &mut stop => break,
            };
            match accepted {
                Ok((stream, _)) if self.may_ask(&stream) => {
                    let (room, rotation) = (room.clone(), rotation.clone());
                    running.spawn(async move {
                        if let Err(error) = answered(stream, &room, &rotation).await {
                            tracing::warn!("a command went away: {error:#}");
                        }
                    });
                }
                Ok(_) => tracing::warn!("a command of another account was turned away"),
                Err(error) => {
                    tracing::warn!(%error, "failed to accept a command");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        drop(self);
        let ended = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, ended).await.is_err() {
            tracing::warn!("a command was cut off; it can be given again");
        }
    }

    fn may_ask(&self, stream: &UnixStream) -> bool {
        stream
            .peer_cred()
            .is_ok_and(|peer| peer.uid() == self.owner || peer.uid() == 0)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Runs one errand, to its end even if whoever gave it goes away.
async fn answered(stream: UnixStream, room: &Room, rotation: &Mutex<()>) -> anyhow::Result<()> {
    let (from, mut to) = stream.into_split();
    let mut from = BufReader::new(from);
    let (mut line, mut letter) = (String::new(), Vec::new());
    (&mut from).take(MOST_ERRAND_BYTES).read_line(&mut line).await?;
    let errand = serde_json::from_str::<Errand>(&line);
    let most = errand
        .as_ref()
        .map_or(sharing::letter::MOST_BYTES as u64, Errand::most_bytes);
    from.take(most + 1).read_to_end(&mut letter).await?;
    let (tell, mut told) = mpsc::unbounded_channel();
    let work = async move {
        let errand =
            errand.context("the server does not know that command: start it again with this version")?;
        let turn = errand.is_rotation().then(|| rotation.try_lock());
        if matches!(turn, Some(Err(_))) {
            bail!("keys are being rotated already");
        }
        let desk = Desk {
            store: &room.service.store,
            service: Some(&room.service),
            staff: &room.staff,
            office: &room.office,
        };
        let mut at = |done, total| {
            let _ = tell.send(Line::At(done, total));
        };
        errand.run(&desk, &letter, &mut at).await
    };
    let mut work = std::pin::pin!(work);
    let outcome = loop {
        tokio::select! {
            outcome = &mut work => break outcome,
            Some(line) = told.recv() => {
                // Without a listener the work goes on.
                let _ = write(&mut to, &line).await;
            }
        }
    };
    let last = match outcome {
        Ok(report) => Line::Done(report),
        Err(error) => Line::Failed(format!("{error:#}")),
    };
    write(&mut to, &last).await
}

async fn write(to: &mut tokio::net::unix::OwnedWriteHalf, line: &Line) -> anyhow::Result<()> {
    let text = serde_json::to_string(line)?;
    Ok(to.write_all(format!("{text}\n").as_bytes()).await?)
}
