//! `audit`: the log checked from its files, and read.

use crate::{arguments::Audit, output, store::Store};
use anyhow::{Context, bail};
use audit::Verifier;
use serde_json::json;
use std::fmt::Write as _;
use std::fs;

pub(crate) fn run(store: &Store, what: Audit, json: bool) -> anyhow::Result<()> {
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
                    ("torn bytes", json!(report.torn_bytes)),
                    ("fault", json!(report.fault.as_ref().map(ToString::to_string))),
                ],
            );
            match report.fault {
                None => Ok(()),
                Some(fault) => bail!("the audit log was changed: {fault}"),
            }
        }
    }
}
