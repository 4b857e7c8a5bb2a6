//! `keys rotate`.

use crate::{
    arguments::{KeyRotation, Keys},
    control,
    errand::Errand,
    output,
    store::Store,
};

pub(crate) async fn run(store: &Store, Keys::Rotate(what): Keys, json: bool) -> anyhow::Result<()> {
    let (errand, next) = match what {
        KeyRotation::Operator => (
            Errand::RotateOperatorKey,
            "Copy the new key to where the copy of the old one is. Keep the old one as long as there are backups of keys \
             from before; then destroy it.",
        ),
        KeyRotation::Clients { client } => (Errand::RotateClientKeys { client }, ""),
        KeyRotation::People { client } => (
            Errand::RotatePersonKeys { client },
            "Make a backup now: those from before open with the backup of keys of their time alone.",
        ),
    };
    control::run(store, errand, &[]).await?.print(json);
    if !json && !next.is_empty() {
        output::line(&format!("\n{next}"));
    }
    Ok(())
}
