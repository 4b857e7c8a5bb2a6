//! `audit`: the log checked from its files, and read.

use crate::{arguments::Audit, output, store::Store};
use anyhow::{Context, bail};
use audit::Verifier;
use serde_json::json;
use std::fmt::Write as _;
use std::fs;

pub(crate) async fn run(store: &Store, what: Audit, json: bool) -> anyhow::Result<()> {
    match what {
        Audit::Verify { witness, verifier } => {
            let text = match verifier {
                Some(text) => text,
                None => fs::read_to_string(store.folder.audit_verifier())
                    .context("there is no audit log yet: it begins with the first `serve`")?,
            };
            let verifier = Verifier::parse(text.trim())
                .context("--verifier: give the line that `staff/audit-verifier.txt` holds")?;
            let note = witness
                .map(fs::read_to_string)
                .transpose()
                .context("failed to read the witness's note")?;
            // Before the log is read: whoever reads a value meanwhile is in the log first.
            let opened = store.vault_without_reading().await?.opened().await?;
            if let Some(note) = &note {
                verifier.open(note).map_err(|why| {
                    anyhow::anyhow!("--witness: it is no signed state of this log ({why}); give the note of this log that was kept")
                })?;
            }
            let report = audit::verify(store.folder.audit(), &verifier, note.as_deref())?;
            let mut root = String::new();
            for byte in report.root {
                let _ = write!(root, "{byte:02x}");
            }
            output::thing(
                json,
                &[
                    ("entries", json!(report.entries)),
                    ("values read", json!(report.values_read)),
                    ("root", json!(root)),
                    ("checkpoints", json!(report.checkpoints)),
                    ("covered", json!(report.covered)),
                    (
                        "not covered",
                        json!(report.entries.saturating_sub(report.covered)),
                    ),
                    ("values opened", json!(opened)),
                    ("torn bytes", json!(report.torn_bytes)),
                    ("fault", json!(report.fault.as_ref().map(ToString::to_string))),
                ],
            );
            if let Some(fault) = report.fault {
                bail!("the audit log was changed: {fault}");
            }
            if report.checkpoints == 0 {
                bail!(
                    "the audit log was changed: no signed state of it is there, and a log begins with one; restore \
                     `{}` from a backup, or keep it as evidence",
                    store.folder.audit().display()
                );
            }
            if opened > report.values_read {
                bail!(
                    "the audit log was changed: {opened} values were opened by the count of the vault, and it has readings \
                     of {}: entries are missing",
                    report.values_read
                );
            }
            Ok(())
        }
    }
}
