//! What the handlers share.

use futures::future::BoxFuture;
use policy::Manifest;
use std::sync::Arc;
use vocabulary::{DataType, Moment, SiteId};

/// Gives the picture of a site's archive that questions about the time from one moment up to another are answered
/// from.
pub type Views = Box<
    dyn Fn(SiteId, Moment, Moment) -> BoxFuture<'static, Result<Arc<reports::View>, Unavailable>>
        + Send
        + Sync,
>;

/// The archive cannot be read now. The cause is logged where it happened.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the archive cannot be read")]
pub struct Unavailable;

/// Takes from what was collected on a site what the manifest, which must be the one in force, denies; or counts it only.
pub type Scrub =
    Box<dyn Fn(SiteId, Manifest, bool) -> BoxFuture<'static, Result<Scrubbed, Unavailable>> + Send + Sync>;

/// What was taken, or would be.
#[derive(Debug, Clone, Default)]
pub struct Scrubbed {
    /// Whole events, by the data type they are.
    pub events: Vec<(DataType, u64)>,
    /// Events that lost something of a data type.
    pub parts: Vec<(DataType, u64)>,
    /// Visitors known for longer than a day, who are now one for each day.
    pub visitors: u64,
}

/// How the archive and the journal stand, for `/metrics`, `/healthz` and "why these numbers".
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Events durable in the journal, not yet in a segment.
    pub tail_events: u64,
    /// Segments of all sites.
    pub segments: u64,
    /// Their size on disk, in bytes.
    pub segment_bytes: u64,
    /// Events in them.
    pub segment_events: u64,
    /// Segments whose files are missing or damaged: questions that need them are not answered.
    pub unreadable_segments: u64,
    /// Size of the journal on disk, in bytes.
    pub journal_bytes: u64,
    /// Records made durable since the start.
    pub journal_records: u64,
    /// Groups of records made durable by one flush each, since the start.
    pub journal_groups: u64,
    /// Why the journal takes nothing, if it does not.
    pub journal_stopped: Option<String>,
    /// Holds whose day of review is over.
    pub holds_overdue: u64,
    /// When the tail was last sealed into segments.
    pub sealed: Option<Moment>,
    /// When the last backup was made, where the server makes them.
    pub last_backup: Option<Moment>,
    /// Whether the server should have made a backup and did not.
    pub backup_overdue: bool,
}

/// What the handlers share; made once by the binary.
pub struct Web {
    /// The register of clients and sites.
    pub sites: sites::Sites,
    /// Accounts and sign-in.
    pub staff: staff::Staff,
    /// The way in for events.
    pub door: Arc<collect::Door>,
    /// The way to the archive.
    pub views: Views,
    /// The moment of a site's first event that metrics count.
    pub first_event: Box<dyn Fn(SiteId) -> Option<Moment> + Send + Sync>,
    /// The way to take from the archive what is denied now.
    pub scrub: Scrub,
    /// Answers given lately.
    pub answers: crate::Answers,
    /// How many questions are answered at once.
    pub questions: crate::Questions,
    /// How archive and journal stand.
    pub standing: Box<dyn Fn() -> Standing + Send + Sync>,
    /// The clock.
    pub now: fn() -> Moment,
    /// The address people and trackers use, such as `https://stats.example`, without closing slash; found from the
    /// request's `Host` where it is not set.
    pub address: Option<String>,
    /// Dashboards need no sign-in: demonstrations only.
    pub public_dashboards: bool,
    /// The agency's own site.
    pub public: crate::Public,
    /// The people's side: vault, consents, cases, tasks, audit log, mail.
    pub office: office::Office,
    /// Providers by which staff may sign in; their number is their place.
    pub providers: Vec<Arc<staff::oidc::Provider>>,
    /// The way to them.
    pub fetch: Arc<dyn staff::oidc::Fetch>,
    /// What a program elsewhere must bear to read `/metrics`; programs on this machine need nothing.
    pub metrics_token: Option<String>,
    /// Where weaknesses are to be reported, as an address (`mailto:…` or `https://…`).
    pub security_contact: Option<String>,
}

impl Web {
    /// Whether cookies are to be marked Secure.
    pub fn is_https(&self) -> bool {
        self.address.as_deref().is_some_and(|a| a.starts_with("https://"))
    }
}
