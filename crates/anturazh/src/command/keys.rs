//! `keys rotate`.

use crate::{
    arguments::{KeyRotation, Keys},
    control,
    errand::Errand,
    output::{self, Report},
    store::Store,
};

pub(crate) async fn run(store: &Store, Keys::Rotate(what): Keys, json: bool) -> anyhow::Result<()> {
    let (errand, is_operators) = match what {
        KeyRotation::Operator => (Errand::RotateOperatorKey, true),
        KeyRotation::Clients { client } => (Errand::RotateClientKeys { client }, false),
        KeyRotation::People { client } => (Errand::RotatePersonKeys { client }, false),
    };
    let report: Report = control::run(store, errand, &[]).await?;
    report.print(json);
    if is_operators && !json {
        output::line(
            "\nCopy the new key to where the copy of the old one is. Keep the old one as long as there are backups of \
             keys from before; then destroy it.",
        );
    }
    Ok(())
}
