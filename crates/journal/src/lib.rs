//! Bytes that survive a crash, in order: append with group commit, replay, release.
