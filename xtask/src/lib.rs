//! The front door for tools, `cargo x …`: what a change must pass, and what it takes to run it on a bare machine.
//! Must never be needed to build or run Anturazh, nor change a source file other than `tracker/a.min.js`.
//! Start at [`task`] (what can be asked for); [`graph`] reads the rooms table of `ARCHITECTURE.md`.

#![expect(
    clippy::disallowed_methods,
    reason = "a tool reads the environment and measures time; nothing of it is in the product"
)]

pub mod fuzz;
pub mod graph;
pub mod licence;
pub mod machine;
pub mod rooms;
pub mod step;
pub mod stripper;
pub mod task;
pub mod yanked;

use std::path::PathBuf;

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace's folder")
        .to_path_buf()
}

/// Why a task stopped: one line for whoever started it.
pub type Failure = String;
