//! Backups made, damaged, aged and restored.
#![expect(clippy::unwrap_used, reason = "tests")]

mod damage;
mod ground;
mod life;
mod restored;
mod under_load;
