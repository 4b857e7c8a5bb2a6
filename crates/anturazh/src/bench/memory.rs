//! What a process holds in memory, after `/proc` of Linux.

/// Resident set size of a process, in megabytes of 1,000,000 bytes; 0 where the system does not say.
pub(crate) fn resident_mb(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|l| l.trim().trim_end_matches("kB").trim().parse::<f64>().ok())
        .map_or(0.0, |kib| kib * 1.024 / 1_000.0)
}
