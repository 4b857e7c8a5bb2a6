//! What processor time a process has used, after `/proc` of Linux.

/// One clock tick as `/proc` counts them, `USER_HZ`: a hundredth of a second on every architecture that we run on.
const TICK_US: f64 = 10_000.0;

/// User and system time of all threads of this process so far, in microseconds; 0 where the system does not say.
pub(super) fn used_us() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in brackets, may hold anything; `utime` and `stime` are fields 14 and 15 (proc(5)).
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let times = fields.split_whitespace().skip(11).take(2);
    times.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * TICK_US
}
