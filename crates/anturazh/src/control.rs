//! Work that needs the one process that has the audit log open: a command hands it to the running server, or does it
//! itself where none runs.
//!
//! The server listens at `staff/control.sock` (mode 0600, in a folder of mode 0700) and answers its own account and root
//! alone; see [`listener`]. One errand a connection:
//! ```text
//! → {"erase":{"person":"…","reason":"…"}}    an [`Errand`] on a line; behind it, to the end, the bytes of a letter
//! ← {"at":[500,700]}                         so much of so much is done; none, one or many lines
//! ← {"done":…} or {"failed":"…"}             a [`Report`], or why it failed; the last line
//! ```

mod listener;

pub(crate) use listener::{Listener, Room};

use crate::{
    errand::{Desk, Errand},
    output::Report,
    progress::Progress,
    store::Store,
};
use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

/// A line that the server answers.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    At(u64, u64),
    Done(Report),
    Failed(String),
}

/// Has an errand run, by the server if one is there. `letter` is for [`Errand::TakeLetter`].
pub(crate) async fn run(store: &Store, errand: Errand, letter: &[u8]) -> anyhow::Result<Report> {
    let mut progress: Option<Progress> = None;
    let name = errand.name();
    let mut at = |done, total| {
        let progress = progress.get_or_insert_with(|| Progress::new(name, total));
        progress.at(done, "");
    };
    let socket = store.folder.control();
    match UnixStream::connect(&socket).await {
        Ok(server) => handed_over(server, &errand, letter, &mut at).await,
        // None, one that a killed server left, or a path that no server could have listened at.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::InvalidInput
            ) =>
        {
            alone(store, errand, letter, &mut at).await
        }
        Err(error) => {
            Err(error).with_context(|| format!("failed to reach the server at `{}`", socket.display()))
        }
    }
}

async fn handed_over(
    server: UnixStream,
    errand: &Errand,
    letter: &[u8],
    at: &mut (dyn FnMut(u64, u64) + Send),
) -> anyhow::Result<Report> {
    const GONE: &str = "the server ended before it had answered; do it again";
    let (from, mut to) = server.into_split();
    let asked = async {
        to.write_all(format!("{}\n", serde_json::to_string(errand)?).as_bytes())
            .await?;
        to.write_all(letter).await?;
        anyhow::Ok(to.shutdown().await?)
    };
    asked.await.context(GONE)?;
    let mut lines = BufReader::new(from).lines();
    while let Some(line) = lines.next_line().await.context(GONE)? {
        match serde_json::from_str(&line)
            .context("the server answers in another way: is it another version?")?
        {
            Line::At(done, total) => at(done, total),
            Line::Done(report) => return Ok(report),
            Line::Failed(why) => bail!(why),
        }
    }
    bail!(GONE)
}

async fn alone(
    store: &Store,
    errand: Errand,
    letter: &[u8],
    at: &mut (dyn FnMut(u64, u64) + Send),
) -> anyhow::Result<Report> {
    let office = store.office().await.context(
        "no server answers in this folder, and it cannot be used without one (if one is just starting or ending, try \
         again)",
    )?;
    let staff = store.staff().await?;
    let desk = Desk {
        store,
        service: None,
        staff: &staff,
        office: &office,
    };
    let report = errand.run(&desk, letter, at).await;
    office.audit.checkpoint()?;
    office.audit.close().await?;
    report
}
