//! How long a group gathers before it is written.
//!
//! While the processor is busy making records, waiting costs nothing and larger groups leave it more time; while those
//! who send wait for the disk, every wait is lost. Which of them is so depends on machine, disk and load, and changes.
//! So the pace is found by trying: in every other period a neighbouring pace is tried, and taken if several trials in a
//! row brought more records than the periods before and after them.

use std::time::Duration;

/// The paces, from none upwards, in microseconds.
const PACES_US: [u64; 5] = [0, 120, 250, 500, 800];
/// The one to begin with.
const FIRST: usize = 2;
/// A period is so long at least…
const PERIOD: Duration = Duration::from_millis(40);
/// …and has so many groups.
const GROUPS: u32 = 12;
/// With fewer records in a group than that on average, nothing is gathered: few send, and each waits for an answer.
const MANY: u64 = 8;
/// How much a trial weighs against those before it.
const WEIGHT: f64 = 0.34;
/// How much more a neighbour must bring to be taken: a hundredth, on a scale of natural logarithms.
const BETTER: f64 = 0.01;
/// After so many trials of a neighbour.
const TRIALS: u32 = 3;

/// What is known of a neighbouring pace: the mean of how much more it brought, and in how many trials.
#[derive(Clone, Copy, Default)]
struct Neighbour {
    gain: f64,
    trials: u32,
}

/// The pace of a writer. Pure: time and counts come from outside.
pub(crate) struct Pace {
    current: usize,
    /// The neighbour that is tried now: below or above.
    tried: Option<bool>,
    below: Neighbour,
    above: Neighbour,
    /// Records a second in the last period at the current pace, and in the trial since.
    base: Option<f64>,
    trial: Option<(bool, f64)>,
    next_is_above: bool,
    elapsed: Duration,
    records: u64,
    groups: u32,
    few: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            current: FIRST,
            tried: None,
            below: Neighbour::default(),
            above: Neighbour::default(),
            base: None,
            trial: None,
            next_is_above: true,
            elapsed: Duration::ZERO,
            records: 0,
            groups: 0,
            few: true,
        }
    }
}

impl Pace {
    /// How long the next group is to gather.
    pub(crate) fn wait(&self) -> Duration {
        if self.few {
            return Duration::ZERO;
        }
        let place = match self.tried {
            None => self.current,
            Some(false) => self.current - 1,
            Some(true) => self.current + 1,
        };
        Duration::from_micros(PACES_US[place])
    }

    /// Takes note of a group of so many records, that long after the one before.
    pub(crate) fn note(&mut self, records: u64, after: Duration) {
        if after > PERIOD {
            // Nothing came for a while: what was measured says nothing about now.
            self.begin();
            self.base = None;
            self.trial = None;
        }
        self.elapsed += after;
        self.records += records;
        self.groups += 1;
        if self.groups < GROUPS || self.elapsed < PERIOD {
            return;
        }
        let rate = self.records as f64 / self.elapsed.as_secs_f64();
        self.few = self.records < MANY * u64::from(self.groups);
        if let Some(above) = self.tried.take() {
            self.trial = Some((above, rate));
        } else {
            if let (Some(before), Some((above, trial))) = (self.base, self.trial.take()) {
                self.judge(above, (trial / (before * rate).sqrt()).ln());
            }
            self.base = Some(rate);
            self.tried = self.next_trial();
        }
        self.begin();
    }

    fn begin(&mut self) {
        (self.elapsed, self.records, self.groups) = (Duration::ZERO, 0, 0);
    }

    fn next_trial(&mut self) -> Option<bool> {
        let above = self.next_is_above;
        self.next_is_above = !above;
        let is_there = |above| {
            if above {
                self.current + 1 < PACES_US.len()
            } else {
                self.current > 0
            }
        };
        [above, !above].into_iter().find(|above| is_there(*above))
    }

    fn judge(&mut self, above: bool, gain: f64) {
        let neighbour = if above { &mut self.above } else { &mut self.below };
        let weight = WEIGHT.max(1.0 / f64::from(neighbour.trials + 1));
        neighbour.gain += weight * (gain - neighbour.gain);
        neighbour.trials += 1;
        if neighbour.trials >= TRIALS && neighbour.gain > BETTER {
            self.current = if above { self.current + 1 } else { self.current - 1 };
            (self.below, self.above) = Default::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Groups of a writer whose rate is best at a pace of `best_us`, with noise; the paces in the last quarter.
    fn settled(best_us: f64, seed: u64) -> Vec<u64> {
        let mut random = Random::new(seed);
        let mut pace = Pace::default();
        let mut waits = Vec::new();
        for group in 0..20_000 {
            let wait_us = pace.wait().as_micros() as f64;
            let noise = 0.94 + 0.12 * (random.below(1_000) as f64 / 1_000.0);
            let rate = 60_000.0 * (1.0 - 0.0003 * (wait_us - best_us).abs()) * noise;
            let after = Duration::from_micros(400 + wait_us as u64);
            pace.note((rate * after.as_secs_f64()) as u64, after);
            if group > 15_000 {
                waits.push(pace.wait().as_micros() as u64);
            }
        }
        waits
    }

    #[test]
    fn it_finds_the_pace_that_brings_most() {
        for (best_us, near) in [(0.0, 0..=120), (250.0, 120..=500), (900.0, 500..=800)] {
            for seed in 1..6 {
                let waits = settled(best_us, seed);
                let hits = waits.iter().filter(|wait| near.contains(*wait)).count();
                assert!(
                    hits * 10 > waits.len() * 9,
                    "best {best_us}, seed {seed}: {hits} of {}",
                    waits.len()
                );
            }
        }
    }

    #[test]
    fn few_records_do_not_wait() {
        let mut pace = Pace::default();
        assert_eq!(pace.wait(), Duration::ZERO);
        for _ in 0..2_000 {
            pace.note(2, Duration::from_micros(500));
            assert_eq!(pace.wait(), Duration::ZERO);
        }
        for _ in 0..200 {
            pace.note(60, Duration::from_millis(1));
        }
        assert!(pace.wait() > Duration::ZERO);
    }
}
