//! What runs: journal, archive and door of one data folder, wired together.
//!
//! An event's way: door → journal (fsync) → recent ids settle, archive's tail → `202`. Later: tail → segment → catalog
//! commit → journal released.

use crate::{backup_schedule, clock, store::Store};
use anyhow::Context;
use arc_swap::ArcSwap;
use collect::{
    Door, DoorOptions, Proxies, RecentIds, Record, SendToken, SiteRules, SiteTable,
    enrich::{EnrichOptions, Enricher},
};
use events::Archive;
use journal::{Journal, Position};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{sync::Arc, time::Duration};
use vocabulary::{Moment, Reason, SiteId};

/// How many ids of events are remembered at most, 20 bytes each.
const RECENT_IDS: usize = 2_000_000;

/// How often, and how long apart, it is looked whether released journal files are gone.
const JOURNAL_LOOKS: u32 = 100;
const JOURNAL_PAUSE: Duration = Duration::from_millis(100);

/// Everything that takes events in and keeps them.
pub(crate) struct Service {
    pub(crate) store: Store,
    pub(crate) archive: Archive,
    pub(crate) door: Arc<Door>,
    pub(crate) enricher: Arc<Enricher>,
    pub(crate) backups: backup_schedule::Board,
    /// How many holds are to be reviewed.
    pub(crate) holds_overdue: AtomicU64,
    journal: Arc<Journal<Record>>,
    /// What the door's table was made from: number of the last change of sites, UTC day of the newest salt.
    given: ArcSwap<(i64, i64)>,
}

impl Service {
    /// Opens all of it; replays the journal into the archive's tail.
    pub(crate) async fn open(store: Store) -> anyhow::Result<Self> {
        let now = clock::now();
        let archive = open_archive(&store).await?;
        let recent_ids = Arc::new(RecentIds::open(store.folder.recent_ids(), RECENT_IDS, now)?);
        let journal = Arc::new(open_journal(&store, &archive, &recent_ids).await?);
        let enricher = Arc::new(open_enricher(&store)?);
        let door = Door::new(
            DoorOptions {
                journal: journal.clone(),
                recent_ids,
                enricher: enricher.clone(),
                proxies: proxies(&store)?,
                oldest_ms: collect::steps::OLDEST_TRUSTED_MS,
                allowance: collect::Allowance::per_second(store.configuration.hits_per_second),
            },
            SiteTable::default(),
        );
        let service = Self {
            store,
            archive,
            door: Arc::new(door),
            enricher,
            backups: backup_schedule::Board::default(),
            holds_overdue: AtomicU64::new(0),
            journal,
            given: ArcSwap::from_pointee((-1, 0)),
        };
        service.set_sites(now).await?;
        Ok(service)
    }

    /// Gives the door the sites as they are now.
    pub(crate) async fn set_sites(&self, now: Moment) -> anyhow::Result<()> {
        // Asked for before the table is made: a change in between is given the next time.
        let change = self.store.sites.snapshot().number();
        self.door.set_sites(site_table(&self.store, now).await?);
        self.given.store(Arc::new((change, now.utc_day())));
        Ok(())
    }

    /// Takes notice of changes of sites, made here or on the command line, and of a new day.
    pub(crate) async fn refresh(&self, now: Moment) -> anyhow::Result<()> {
        self.store.sites.refresh().await?;
        let (change, day) = **self.given.load();
        if change != self.store.sites.snapshot().number() || day != now.utc_day() {
            self.set_sites(now).await?;
        }
        if day != now.utc_day() {
            self.store.sites.destroy_salts_before(now.utc_day() - 1).await?;
        }
        self.archive.refresh().await?;
        Ok(())
    }

    /// Writes the door's counts since the last time to the catalog.
    pub(crate) async fn save_counts(&self, now: Moment) -> anyhow::Result<()> {
        let counts = counts_of(&self.door.counters().take(), now);
        self.store.sites.add_counts(&counts).await?;
        Ok(())
    }

    /// Seals the tail into segments and lets the journal go of what is in them.
    pub(crate) async fn flush(&self, now: Moment) -> anyhow::Result<()> {
        // Ids first: what the commit lists is not replayed after a crash, and with it neither are its ids. Then those
        // of records that became durable in between, before the journal lets go of them.
        let durable = self.journal.last_durable();
        self.door.recent_ids().persist(durable.0, now)?;
        let sealed = self.archive.flush(now).await?;
        self.door.recent_ids().persist(sealed, now)?;
        self.journal.release(Position(sealed));
        Ok(())
    }

    /// Seals the tail and deletes every journal file with an event of before: it may hold what was scrubbed.
    pub(crate) async fn empty_journal(&self) -> anyhow::Result<()> {
        let last = self.journal.turn_over().await?;
        self.flush(clock::now()).await?;
        for _ in 0..JOURNAL_LOOKS {
            if !self.journal.holds(last) {
                return Ok(());
            }
            self.journal.release(last);
            tokio::time::sleep(JOURNAL_PAUSE).await;
        }
        anyhow::bail!("a journal file could not be deleted; the log says why")
    }

    /// Figures for `/metrics` and "why these numbers".
    pub(crate) fn standing(&self) -> web::state::Standing {
        let backups = **self.backups.load();
        let settings = self.store.configuration.backup.as_ref();
        let every = settings.and_then(|settings| settings.every);
        let figures = self.archive.figures();
        let counts = self.journal.counts();
        web::state::Standing {
            tail_events: figures.tail_events as u64,
            segments: figures.segments as u64,
            segment_bytes: figures.bytes as u64,
            segment_events: figures.events as u64,
            unreadable_segments: figures.unreadable as u64,
            journal_bytes: counts.disk_bytes,
            journal_records: counts.records,
            journal_groups: counts.groups,
            journal_stopped: match self.journal.state() {
                journal::State::Healthy => None,
                journal::State::Full => Some("the disk is full".into()),
                journal::State::Poisoned(why) => Some(why.to_string()),
                journal::State::Closed => Some("the journal is closed".into()),
            },
            holds_overdue: self.holds_overdue.load(Ordering::Relaxed),
            sealed: figures.last_flush,
            last_backup: backups.last,
            backup_overdue: every.is_some_and(|every| backups.is_overdue(every.0, clock::now())),
        }
    }

    /// Ends in order: nothing more is taken, and what was taken is on disk.
    pub(crate) async fn close(&self, now: Moment) -> anyhow::Result<()> {
        self.save_counts(now).await?;
        self.flush(now).await?;
        self.journal.close().await.context("failed to close the journal")
    }
}

/// The door's counts as the register keeps them.
pub(crate) fn counts_of(tallies: &[collect::Tally], now: Moment) -> Vec<sites::Count> {
    let mut counts = Vec::new();
    for tally in tallies {
        let site = tally.site.unwrap_or(sites::count::UNKNOWN_SITE);
        let mut add = |outcome, number| {
            counts.push(sites::Count {
                site,
                day: now.utc_day(),
                outcome,
                number,
            });
        };
        add(sites::Outcome::Accepted, tally.accepted);
        add(sites::Outcome::Stripped, tally.stripped);
        tally
            .reasons()
            .for_each(|(reason, number): (Reason, u64)| add(sites::Outcome::Dropped(reason), number));
    }
    counts.retain(|c| c.number > 0);
    counts
}

/// The archive of a folder.
pub(crate) async fn open_archive(store: &Store) -> anyhow::Result<Archive> {
    let sites = store.sites.clone();
    let mut options = events::Options::new(store.folder.anonymous(), store.catalog.clone());
    options.folder_of = Arc::new(move |site: SiteId| {
        events::folder_of_domain(site, sites.snapshot().by_id(site).map(|s| &s.site.domain))
    });
    Archive::open(options).await.context("failed to open the archive")
}

/// The journal of a folder, replayed into the archive's tail and the recent ids.
pub(crate) async fn open_journal(
    store: &Store,
    archive: &Archive,
    recent_ids: &Arc<RecentIds>,
) -> anyhow::Result<Journal<Record>> {
    let mut salt = [0; 8];
    getrandom::fill(&mut salt)?;
    let path = store.folder.journal();
    let (replay_to, live_to) = (archive.clone(), archive.clone());
    let (replay_ids, live_ids) = (recent_ids.clone(), recent_ids.clone());
    let flushed = Position(archive.flushed_position());
    let opened = tokio::task::spawn_blocking(move || {
        Journal::open(
            journal::Folder::open(path)?,
            journal::Options::with_salt(u64::from_le_bytes(salt)),
            flushed,
            move |position, bytes| {
                let record = Record::decode(bytes)?;
                replay_ids.settle(position.0, &record.ids);
                replay_to.accept(position.0, record.events);
                Ok(())
            },
            move |position, record: Record| {
                live_ids.settle(position.0, &record.ids);
                live_to.accept(position.0, record.events);
            },
        )
    });
    let (journal, recovery) = opened.await?.context("failed to open the journal")?;
    if recovery.replayed > 0 || recovery.torn_bytes > 0 {
        tracing::info!(
            replayed = recovery.replayed,
            torn_bytes = recovery.torn_bytes,
            torn_records = recovery.torn_records,
            "journal replayed"
        );
    }
    Ok(journal)
}

/// What enriches hits.
pub(crate) fn open_enricher(store: &Store) -> anyhow::Result<Enricher> {
    let options = EnrichOptions {
        place_database: store.configuration.city_file.clone(),
        provider_database: store.configuration.provider_file.clone(),
        ..EnrichOptions::default()
    };
    Enricher::new(&options).context("failed to open the files that enrich hits")
}

fn proxies(store: &Store) -> anyhow::Result<Proxies> {
    let mut proxies = Proxies::default();
    for text in &store.configuration.trusted_proxies {
        let network = text.parse().map_err(|_| {
            anyhow::anyhow!(
                "trusted_proxies: `{text}` is no address or network; write 127.0.0.1 or 10.0.0.0/8"
            )
        })?;
        proxies.networks.push(network);
    }
    Ok(proxies)
}

/// The door's table of the sites as they are now.
pub(crate) async fn site_table(store: &Store, now: Moment) -> anyhow::Result<SiteTable> {
    let salts = store.sites.salts_for(now.utc_day()).await?;
    let salts = collect::Salts::new(
        (salts.day, *salts.today.bytes()),
        [(salts.day - 1, *salts.yesterday.bytes())],
    );
    let snapshot = store.sites.snapshot();
    let rules = snapshot
        .sites()
        .filter(|site| site.is_served(now))
        .map(|served| SiteRules {
            id: served.site.id,
            domain: served.site.domain.clone(),
            manifest: served.manifest,
            key: *served.key.bytes(),
            currency: served.site.currency,
            own_hosts: served.site.hosts.iter().map(Into::into).collect(),
            only_own_hosts: false,
            excluded: served
                .site
                .excluded_networks
                .iter()
                .filter_map(|text| text.parse().ok())
                .collect(),
        });
    let tokens = snapshot
        .send_tokens()
        .map(|(sha256, site)| SendToken { sha256, site });
    Ok(SiteTable::new(rules, tokens, &salts))
}

/// The archive with what waits in the journal, for commands that read. While a server has the journal open, its
/// newest events (of the last minutes) are not in the answer, and the command says so.
pub(crate) async fn open_whole_archive(store: &Store) -> anyhow::Result<Archive> {
    let archive = open_archive(store).await?;
    let recent_ids = Arc::new(RecentIds::open(store.folder.recent_ids(), 0, clock::now())?);
    match open_journal(store, &archive, &recent_ids).await {
        Ok(journal) => journal.close().await?,
        Err(error)
            if error
                .downcast_ref()
                .is_some_and(|e| matches!(e, journal::Error::Locked { .. })) =>
        {
            tracing::warn!(
                "a server is running: its events of the last minutes are not included; ask it over HTTP for these"
            );
        }
        Err(error) => return Err(error),
    }
    Ok(archive)
}
