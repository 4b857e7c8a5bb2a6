//! Many lives of a journal on a faulty disk, each told by its seed.
//!
//! After every crash the book of what was acknowledged is compared with what comes back. `JOURNAL_SEEDS=FROM..TO` runs
//! other seeds than the thousand of a usual test.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::error::{Error, Failure};
use crate::faulty_disk::{Disk, Faults, OpenFile};
use crate::frame;
use crate::header::first_of;
use crate::log::{Log, Prepared};
use crate::options::Options;
use crate::position::Position;
use crate::random::Random;
use crate::recovery::Recovery;
use crate::storage::Storage;

const SEEDS: Range<u64> = 0..1000;

/// What happened, to see that the seeds reach what they are for.
#[derive(Debug, Default)]
struct Seen {
    lives: u64,
    records: u64,
    torn_tails: u64,
    doubtful_kept: u64,
    full: u64,
    broken: u64,
    opening_failed: u64,
    several_files: u64,
    released_files: u64,
    turns: u64,
    damage_refused: u64,
    damage_harmless: u64,
}

/// The log, what opening it found, and the records replayed.
type Opened = (Log<Disk>, Recovery, Vec<Vec<u8>>);

/// What must, and what may, come back.
#[derive(Clone, Debug, Default)]
struct Book {
    acknowledged: BTreeMap<u64, Vec<u8>>,
    /// The group that was under way when something broke.
    doubtful: BTreeMap<u64, Vec<u8>>,
    /// The first record of the last group that was acknowledged.
    last_group: u64,
    released: u64,
}

impl Book {
    /// Opens the journal on `disk` and compares; `lost` acknowledged records may be missing at the end.
    fn open(&self, disk: &Disk, options: Options, lost: u64) -> Result<Opened, Error> {
        let mut found = Vec::new();
        let mut expected = self.released;
        let (log, recovery) = Log::open(
            Arc::new(disk.clone()),
            options,
            Position(self.released),
            |position, record| {
                expected += 1;
                assert_eq!(position.0, expected, "in order, each once");
                let known = self
                    .acknowledged
                    .get(&position.0)
                    .or_else(|| self.doubtful.get(&position.0));
                assert_eq!(known.map(Vec::as_slice), Some(record), "record {position}");
                found.push(record.to_vec());
                Ok(())
            },
        )?;
        let last = self
            .acknowledged
            .last_key_value()
            .map_or(self.released, |(last, _)| *last);
        assert!(
            recovery.last.0 + lost >= last,
            "acknowledged up to {last}, found up to {}",
            recovery.last
        );
        assert_eq!(recovery.last.0, expected);
        assert_eq!(recovery.replayed, found.len() as u64);
        Ok((log, recovery, found))
    }
}

struct World<'a> {
    disk: Disk,
    random: Random,
    options: Options,
    book: Book,
    ahead: Option<Prepared<OpenFile>>,
    seen: &'a mut Seen,
}

impl World<'_> {
    fn faults(&mut self) -> Faults {
        let mut faults = Faults::default();
        match self.random.below(9) {
            0 => faults.sync_fails = 60,
            1 => faults.write_fails = 40,
            2 => faults.write_full = 150,
            6 => faults.dies_in = Some(self.random.below(6)),
            3 | 4 => faults.dies_in = Some(self.random.below(40)),
            5 => (faults.write_full, faults.create_full) = (50, self.random.chance(300)),
            _ => {}
        }
        faults
    }

    fn record(&mut self, next: Position) -> Vec<u8> {
        let length = match self.random.below(20) {
            0 => self.random.below(20_000),
            1..4 => self.random.below(3000),
            4..7 => 0,
            _ => self.random.below(300),
        } as usize;
        match self.random.below(4) {
            0 => vec![0; length],
            // Somebody tries to plant a frame, without knowing the salt.
            1 => frame::mark(next.plus(1 + self.random.below(5)), 0, 8),
            _ => self.random.bytes(length),
        }
    }

    /// One opening, some work, one end. The disk has no faults afterwards.
    fn live(&mut self) {
        self.seen.lives += 1;
        let faults = self.faults();
        self.disk.set_faults(faults);
        match self.book.open(&self.disk, self.options, 0) {
            Ok((log, recovery, found)) => {
                self.seen.torn_tails += u64::from(recovery.torn_bytes > 0);
                for (position, record) in (self.book.released + 1..).zip(found) {
                    if self.book.acknowledged.insert(position, record).is_none() {
                        self.seen.doubtful_kept += 1;
                    }
                }
                self.book.doubtful.clear();
                if self.random.chance(200) {
                    // What was found is on disk, and what was torn is no more.
                    let disk = self.disk.copy();
                    disk.set_faults(Faults::default());
                    disk.lose_power();
                    let (_, again, _) = self.book.open(&disk, self.options, 0).unwrap();
                    assert_eq!((again.torn_bytes, again.last), (0, recovery.last));
                }
                self.work(log);
            }
            Err(Error::Storage { .. }) if self.disk.faults_seen() > 0 => self.seen.opening_failed += 1,
            Err(error) => panic!("opening: {error}"),
        }
        self.ahead = None;
        if self.random.chance(600) {
            self.disk.lose_power();
        }
        self.disk.set_faults(Faults::default());
    }

    fn work(&mut self, mut log: Log<Disk>) {
        for _ in 0..self.random.below(25) {
            let done = match self.random.below(20) {
                0 => log.mark(),
                1 => self.release(&log),
                2 => {
                    self.ahead = Prepared::make(&*log.storage, self.options.file_bytes_for(0)).ok();
                    Ok(())
                }
                3 => self.turn(&mut log),
                _ => self.append(&mut log),
            };
            match done {
                Ok(()) => {}
                Err(Failure::Full) => {
                    self.seen.full += 1;
                    // As if the operator had made space.
                    if self.random.chance(300) {
                        self.disk.set_faults(Faults::default());
                    }
                }
                Err(Failure::Broken(_)) => {
                    assert!(self.disk.faults_seen() > 0);
                    self.seen.broken += 1;
                    return;
                }
            }
        }
        self.seen.several_files += u64::from(log.shelf.has(Position(u64::MAX)));
    }

    fn append(&mut self, log: &mut Log<Disk>) -> Result<(), Failure> {
        let mut group = Vec::new();
        for _ in 0..=self.random.below(6) {
            let record = self.record(log.next);
            if !log.takes(record.len()) {
                self.commit(log, &mut group)?;
                let (storage, ahead) = (log.storage.clone(), self.ahead.take());
                log.make_room(record.len(), |bytes| match ahead {
                    Some(ahead) if ahead.bytes >= bytes => Ok(ahead),
                    _ => Prepared::make(&*storage, bytes),
                })?;
            }
            log.push(&record);
            group.push(record);
        }
        self.commit(log, &mut group)
    }

    /// What bytes that must be gone soon ask for: a new file, however little is in this one.
    fn turn(&mut self, log: &mut Log<Disk>) -> Result<(), Failure> {
        let (storage, ahead) = (log.storage.clone(), self.ahead.take());
        let before = log.active.as_ref().map(|active| active.header.first);
        let done = log.turn(|bytes| match ahead {
            Some(ahead) if ahead.bytes >= bytes => Ok(ahead),
            _ => Prepared::make(&*storage, bytes),
        });
        let after = log.active.as_ref().map(|active| active.header.first);
        self.seen.turns += u64::from(after != before);
        done
    }

    fn commit(&mut self, log: &mut Log<Disk>, group: &mut Vec<Vec<u8>>) -> Result<(), Failure> {
        if group.is_empty() {
            return Ok(());
        }
        let first = log.next.0;
        let done = log.commit();
        let records = (first..).zip(group.drain(..));
        match &done {
            Ok(()) => {
                self.book.acknowledged.extend(records);
                self.book.last_group = first;
                self.seen.records += log.next.0 - first;
            }
            // Cleared away before the refusal is heard.
            Err(Failure::Full) if log.active.as_ref().unwrap().spoilt_bytes == 0 => {}
            Err(_) => self.book.doubtful = records.collect(),
        }
        done
    }

    fn release(&mut self, log: &Log<Disk>) -> Result<(), Failure> {
        let last = log.next.0 - 1;
        self.book.released += self.random.below(last - self.book.released + 1);
        self.book.acknowledged = self.book.acknowledged.split_off(&(self.book.released + 1));
        let up_to = Position(self.book.released);
        self.seen.released_files += u64::from(log.shelf.has(up_to));
        log.shelf
            .clear(&*log.storage, up_to, &log.tally)
            .map_err(|error| Failure::broken("releasing", &error))
    }

    /// Damages copies of the journal as it is; `lost` records need not be proven by anything.
    fn damage(&mut self, lost: u64) {
        let names: Vec<String> = self
            .disk
            .names()
            .unwrap()
            .into_iter()
            .filter(|name| first_of(name).is_some())
            .collect();
        for _ in 0..6 {
            let disk = self.disk.copy();
            let name = &names[self.random.below(names.len() as u64) as usize];
            let random = &mut self.random;
            disk.damage(name, |bytes| {
                // Mostly where something is.
                let used = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0) + 1;
                let at = random.below(used as u64) as usize;
                // A page may hold several groups, of which without a mark nothing behind it would tell.
                match random.below(if lost > 0 { 2 } else { 5 }) {
                    0 | 1 => bytes[at] ^= 1 << random.below(8),
                    2 => bytes[at / 512 * 512..][..512].fill(0),
                    3 => bytes[at / 4096 * 4096..][..4096].fill(0),
                    // A page written to the wrong place.
                    _ => {
                        let from = random.below(used as u64) as usize / 4096 * 4096;
                        bytes.copy_within(from..from + 4096, at / 4096 * 4096);
                    }
                }
            });
            match self.book.open(&disk, self.options, lost) {
                Ok(_) => self.seen.damage_harmless += 1,
                Err(Error::Corrupt { .. }) => self.seen.damage_refused += 1,
                Err(error) => panic!("damaged: {error}"),
            }
        }
    }

    fn run(&mut self) {
        for _ in 0..=self.random.below(6) {
            self.live();
        }
        // A last life that ends without closing, then one that is closed.
        for closed in [false, true] {
            let (mut log, _, found) = self.book.open(&self.disk, self.options, 0).unwrap();
            self.book
                .acknowledged
                .extend((self.book.released + 1..).zip(found));
            self.book.doubtful.clear();
            for _ in 0..self.random.below(4) {
                self.append(&mut log).unwrap();
            }
            if closed {
                log.mark().unwrap();
            }
            let unproven = !log.active.as_ref().unwrap().marked;
            let lost = if unproven {
                log.next.0 - self.book.last_group
            } else {
                0
            };
            drop(log);
            self.disk.lose_power();
            self.book.open(&self.disk.copy(), self.options, 0).unwrap();
            self.damage(lost);
        }
    }
}

fn simulate(seed: u64, seen: &mut Seen) {
    let mut random = Random::new(seed);
    let options = Options {
        file_bytes: [0, 20_000, 40_000][random.below(3) as usize],
        queue_bytes: 1 << 20,
        salt: random.next() | 1,
    };
    World {
        disk: Disk::new(random.next()),
        random,
        options,
        book: Book::default(),
        ahead: None,
        seen,
    }
    .run();
}

fn seeds() -> Range<u64> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a longer run is asked for on the command line of the tests"
    )]
    let Ok(asked) = std::env::var("JOURNAL_SEEDS") else {
        return SEEDS;
    };
    let (from, to) = asked.split_once("..").expect("JOURNAL_SEEDS is FROM..TO");
    from.parse().unwrap()..to.parse().unwrap()
}

#[test]
fn acknowledged_records_survive_and_damage_is_refused() {
    let mut seen = Seen::default();
    for seed in seeds() {
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| simulate(seed, &mut seen)));
        assert!(run.is_ok(), "seed {seed}");
    }
    println!("{seen:?}");
    for (what, times) in [
        ("torn tails", seen.torn_tails),
        ("unacknowledged records kept", seen.doubtful_kept),
        ("full disks", seen.full),
        ("broken disks", seen.broken),
        ("failed openings", seen.opening_failed),
        ("several files", seen.several_files),
        ("released files", seen.released_files),
        ("turns to a new file", seen.turns),
        ("damage refused", seen.damage_refused),
        ("damage harmless", seen.damage_harmless),
    ] {
        assert!(times > 50, "{what} only {times} times");
    }
}
