//! The pseudonymous archive: live tail, segments, visits, compaction, export.
