//! `keys rotate`.

use crate::{
    arguments::{KeyHome, KeyRotation, Keys},
    control,
    errand::Errand,
    output,
    store::Store,
};

pub(crate) async fn run(store: &Store, Keys::Rotate(what): Keys, json: bool) -> anyhow::Result<()> {
    let (errand, next) = match what {
        KeyRotation::Operator {
            to: Some(KeyHome::Transit),
        } => (
            Errand::RotateOperatorKey {
                to: Some(KeyHome::Transit),
            },
            "From now on the service is needed to start, and the file no longer. Keep it as long as there are backups of \
             keys from before; then destroy it.",
        ),
        KeyRotation::Operator { to } => (
            Errand::RotateOperatorKey { to },
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
