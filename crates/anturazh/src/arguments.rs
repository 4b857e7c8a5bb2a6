//! The command line. Names are promises to scripts: add freely, rename never.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use vocabulary::{Currency, Domain};

/// Web statistics that keep their word.
#[derive(Parser)]
#[command(
    name = "anturazh",
    version,
    about,
    propagate_version = true,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    /// The data folder.
    #[arg(
        long,
        global = true,
        env = "ANTURAZH_DATA",
        default_value = "./anturazh-data",
        value_name = "DIR"
    )]
    pub(crate) data: PathBuf,
    /// Print data as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show everything with an agency, three clients and a year of simulated traffic.
    Demo(Demo),
    /// Collect, answer and show dashboards.
    Serve(Serve),
    /// Make a new data folder and print a one-time link to set up the first account.
    Init(Init),
    /// Clients of the agency.
    #[command(subcommand)]
    Client(Client),
    /// Sites of clients, and what is collected on them.
    #[command(subcommand)]
    Site(Site),
    /// What a site wants of its visitors.
    #[command(subcommand)]
    Goal(GoalCommand),
    /// Tokens for programs that send events or read figures.
    #[command(subcommand)]
    Token(Token),
    /// Staff accounts.
    #[command(subcommand)]
    Staff(Staff),
    /// Read access logs or events from files.
    Import(Import),
    /// Write a site's events or visits to files that other tools read.
    Export(Export),
    /// Answer a question in the form of POST /api/v2/query.
    Query(Query),
    /// The tamper-evident log of who did what.
    #[command(subcommand)]
    Audit(Audit),
    /// People who gave us data.
    #[command(subcommand)]
    Person(Person),
    /// Keys of what people gave us.
    #[command(subcommand)]
    Keys(Keys),
    /// Letters.
    #[command(subcommand)]
    Mail(Mail),
    /// Copy everything, encrypted, while the server runs.
    Backup(Backup),
    /// Put a backup back into an empty data folder.
    Restore(Restore),
    /// Measure this machine: intake, import, questions, memory, start.
    Bench(Bench),
}

#[derive(Args)]
pub(crate) struct Demo {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub(crate) listen: String,
    /// Seed of the simulated year: the same seed gives the same traffic.
    #[arg(long, default_value_t = 13)]
    pub(crate) seed: u64,
    /// How many days of traffic to simulate.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=1100))]
    pub(crate) days: u16,
    /// Prepare the folder and stop.
    #[arg(long)]
    pub(crate) prepare_only: bool,
}

#[derive(Args)]
pub(crate) struct Serve {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
}

#[derive(Args)]
pub(crate) struct Init {
    /// The address people will use, for the printed link, such as `https://stats.example`.
    #[arg(long, value_name = "URL")]
    pub(crate) address: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum Client {
    /// Add a client.
    Add {
        /// The client's name.
        name: String,
        /// First day of the contract, as 2026-01-31.
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// Last day of the contract, as 2026-12-31.
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
    },
    /// List clients.
    List,
    /// Show a client.
    Show {
        /// Number of the client.
        id: u32,
    },
    /// End a client's contract: its sites collect nothing from the day after.
    End {
        /// Number of the client.
        id: u32,
        /// Last day of the contract; today if not given.
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum Site {
    /// Add a site.
    Add {
        /// The site's domain, such as `shop.example`.
        domain: Domain,
        /// Number of the client.
        #[arg(long)]
        client: u32,
        /// Time zone of its days, such as `Europe/Moscow`.
        #[arg(long, default_value = "UTC")]
        timezone: String,
        /// Currency of its revenue, such as RUB.
        #[arg(long, default_value = "EUR")]
        currency: Currency,
    },
    /// List sites.
    List,
    /// Show a site.
    Show {
        /// The site's domain.
        domain: Domain,
    },
    /// Note what happened on a day, such as a release: it stands on the chart as a flag. Without a text, list what is noted.
    Annotate {
        /// The site's domain.
        domain: Domain,
        /// What happened, naming no person.
        text: Option<String>,
        /// The day by the site's clock, as 2026-01-31; today if not given.
        #[arg(long, value_name = "DATE", requires = "text")]
        on: Option<String>,
        /// Remove the note of this number.
        #[arg(long, value_name = "NUMBER", conflicts_with_all = ["text", "on"])]
        remove: Option<u32>,
    },
    /// Show or change what is collected; every change is a new dated version.
    Collection {
        /// The site's domain.
        domain: Domain,
        /// Allow a data type; for addresses `ip=none`, `ip=truncated` or `ip=full`.
        #[arg(long, value_name = "TYPE")]
        allow: Vec<String>,
        /// Deny a data type.
        #[arg(long, value_name = "TYPE")]
        deny: Vec<String>,
        /// Also take from what was collected before whatever is denied now, and say what that was.
        #[arg(long)]
        scrub: bool,
        /// With --scrub: say what would be taken, and change nothing.
        #[arg(long, requires = "scrub")]
        dry_run: bool,
        /// With --scrub: do not ask on a terminal.
        #[arg(long, requires = "scrub")]
        yes: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum GoalCommand {
    /// Add a goal: `--page '/thanks**'` or `--action signup`.
    #[command(group(clap::ArgGroup::new("rule").required(true).args(["page", "action"])))]
    Add {
        /// The site's domain.
        domain: Domain,
        /// Its name; that of the page or action if not given.
        #[arg(long)]
        name: Option<String>,
        /// Page views whose path matches: `*` within a part of the path, `**` across parts.
        #[arg(long)]
        page: Option<String>,
        /// Events of this name.
        #[arg(long)]
        action: Option<String>,
    },
    /// List a site's goals.
    List {
        /// The site's domain.
        domain: Domain,
    },
    /// Remove a goal.
    Remove {
        /// The site's domain.
        domain: Domain,
        /// The goal's name.
        name: String,
    },
}

/// What a token may do.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Can {
    /// Send events with their time, address and User-Agent.
    Send,
    /// Read figures.
    Read,
}

#[derive(Subcommand)]
pub(crate) enum Token {
    /// Create a token; it is shown once.
    Create {
        /// The site's domain.
        #[arg(long)]
        site: Domain,
        /// What it may do.
        #[arg(long)]
        can: Can,
        /// What it is for.
        #[arg(long, default_value = "")]
        name: String,
    },
    /// List a site's tokens.
    List {
        /// The site's domain.
        #[arg(long)]
        site: Domain,
    },
}

#[derive(Subcommand)]
pub(crate) enum Staff {
    /// Invite somebody: prints a one-time link with which they choose their password.
    Add {
        /// Name to sign in with.
        login: String,
        /// May see only these sites; all sites if none is given.
        #[arg(long, value_name = "DOMAIN")]
        site: Vec<Domain>,
    },
    /// List accounts.
    List,
    /// Take the second factor of an account away, for somebody who lost it and the recovery codes; ends its sign-ins.
    /// Asks for the name once more.
    ResetSecondFactor {
        /// Name that it signs in with.
        login: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// Form of the lines of a log.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Found out from the first lines.
    Auto,
    /// Apache and nginx combined.
    Combined,
    /// Apache common.
    Common,
    /// Caddy's JSON.
    Caddy,
    /// One event of POST /api/v1/events on each line.
    Ndjson,
}

#[derive(Args)]
pub(crate) struct Import {
    /// The site's domain.
    #[arg(long)]
    pub(crate) site: Domain,
    /// Form of the lines.
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) format: LogFormat,
    /// Files, plain or gzip; `-` reads standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// What is exported.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// One row an event.
    Events,
    /// One row a visit.
    Visits,
}

/// Form of exported files.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    /// Apache Parquet.
    Parquet,
    /// Comma-separated values, UTF-8, with a header.
    Csv,
    /// A JSON object on each line.
    Ndjson,
}

#[derive(Args)]
pub(crate) struct Export {
    /// The site's domain.
    #[arg(long)]
    pub(crate) site: Domain,
    /// Rows of what.
    #[arg(long, value_enum)]
    pub(crate) what: What,
    /// Form of the files.
    #[arg(long, value_enum, default_value = "parquet")]
    pub(crate) format: FileFormat,
    /// Folder for the files; made if missing.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
pub(crate) struct Query {
    /// File with the question; `-` reads standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Check every entry, the tree over them and every signed checkpoint, from the files alone.
    Verify {
        /// A checkpoint that somebody else kept.
        #[arg(long, value_name = "FILE")]
        witness: Option<PathBuf>,
        /// What checks the signatures, if not the copy in the data folder.
        #[arg(long, value_name = "TEXT")]
        verifier: Option<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum Person {
    /// List people by number: nothing of what they gave.
    List {
        /// Of this client only; 0 is the agency itself.
        #[arg(long)]
        client: Option<u32>,
    },
    /// Show what is kept of a person, where it comes from, what it may be used for, how long it is kept and why: never the
    /// values.
    Show {
        /// Number of the person.
        person: String,
    },
    /// What has no basis left and would be destroyed next.
    Due {
        /// Destroy it now.
        #[arg(long)]
        carry_out: bool,
    },
    /// Take in people from a file of another system: CSV with a header, or a JSON object on each line.
    Import(Box<PersonImport>),
    /// Take a consent back at the person's wish, who wrote or called.
    Withdraw {
        /// Number of the person.
        person: String,
        /// What it was given for, such as newsletter.
        #[arg(long)]
        purpose: String,
    },
    /// List the holds that stand, with their reasons.
    Holds {
        /// Number of the person; all if not given.
        person: Option<String>,
    },
    /// Keep a person's data frozen for a legal reason; nothing is destroyed or used but for that.
    Hold {
        /// Number of the person.
        person: String,
        /// Why; sealed, and shown by `person holds`.
        #[arg(long)]
        reason: String,
        /// Login of the account that answers for it.
        #[arg(long)]
        owner: String,
        /// When it is looked at again, as 2027-01-31.
        #[arg(long, value_name = "DATE")]
        review: String,
    },
    /// Note that a hold was looked at and stands on, and when it is looked at again.
    Review {
        /// Number of the hold.
        hold: i64,
        /// When it is looked at again, as 2027-01-31.
        #[arg(long, value_name = "DATE")]
        until: String,
    },
    /// Say which contract a person has: it carries what they gave towards it until 30 days after its end.
    Contract {
        /// Number of the person.
        person: String,
        /// Its first day, as 2026-01-31.
        #[arg(long, value_name = "DATE", required_unless_present = "none")]
        from: Option<String>,
        /// Its last day, where one is known.
        #[arg(long, value_name = "DATE", requires = "from")]
        until: Option<String>,
        /// There is none: what was said before was a mistake.
        #[arg(long, conflicts_with = "from")]
        none: bool,
    },
    /// Say until when a law wants values of a person kept, whatever else ends.
    LegalUntil {
        /// Number of the person.
        person: String,
        /// Which values: name, address, …, or `all`.
        #[arg(required = true, value_name = "CLASS")]
        classes: Vec<String>,
        /// The last day on which the law wants them.
        #[arg(long, value_name = "DATE")]
        until: String,
        /// Which law; the person is shown it.
        #[arg(long, value_name = "TEXT")]
        law: String,
    },
    /// Take back what was said about a law.
    LegalEnd {
        /// Number of the person.
        person: String,
        /// Number of the duty, as `person show` gives it.
        duty: i64,
    },
    /// End a hold.
    Release {
        /// Number of the hold.
        hold: i64,
        /// Login of the account that ends it.
        #[arg(long)]
        by: String,
    },
    /// Erase a person: their key, values, consents, letters and waiting mail.
    Erase {
        /// Number of the person.
        person: String,
        /// Why; nothing personal.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Args)]
pub(crate) struct PersonImport {
    /// The file, UTF-8; `-` reads standard input. Columns: name, address, position, email, phone, company,
    /// `budget_range`, id, given, source, language, purpose, basis, `contract_from`, `contract_until`.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// For whom they are held; 0 is the agency itself.
    #[arg(long, default_value_t = 0)]
    pub(crate) client: u32,
    /// The wording under which they gave what is in the file.
    #[arg(long, value_name = "ID")]
    pub(crate) wording: String,
    /// The text they were shown elsewhere, in Markdown: it becomes the wording of that id.
    #[arg(long, value_name = "FILE", requires_all = ["purpose", "basis"])]
    pub(crate) text: Option<PathBuf>,
    /// What it may be used for, if not what the wording says; a column goes first.
    #[arg(long)]
    pub(crate) purpose: Option<String>,
    /// By what right, if not that of the wording; a column goes first.
    #[arg(long)]
    pub(crate) basis: Option<String>,
    /// Where it comes from, such as the name of the system; a column goes first.
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// When it was given, as 2026-01-31; a column goes first.
    #[arg(long, value_name = "DATE")]
    pub(crate) given: Option<String>,
    /// Its language: en or ru.
    #[arg(long)]
    pub(crate) language: Option<String>,
    /// First day of the contract with each of them; columns go first.
    #[arg(long, value_name = "DATE")]
    pub(crate) contract_from: Option<String>,
    /// Its last day, where one is known.
    #[arg(long, value_name = "DATE", requires = "contract_from")]
    pub(crate) contract_until: Option<String>,
    /// What a column of the file is: `THEIRS=OURS`; `THEIRS=-` leaves it out.
    #[arg(long = "column", value_name = "THEIRS=OURS")]
    pub(crate) columns: Vec<String>,
    /// Only say what would come of it.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Draw new keys while everything goes on. What was cut off goes on when it is given again.
    #[command(subcommand)]
    Rotate(KeyRotation),
}

/// Where the operator's key can be.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyHome {
    /// An age identity file.
    File,
    /// A service that speaks the transit protocol of `HashiCorp` Vault.
    Transit,
}

#[derive(Subcommand)]
pub(crate) enum KeyRotation {
    /// The operator's key, which wraps the clients' keys. The old file stays beside the new one, for older backups.
    Operator {
        /// Move it: to the service that `[people.transit]` in anturazh.toml names, or from there to a file.
        #[arg(long, value_name = "PLACE")]
        to: Option<KeyHome>,
    },
    /// The clients' keys, which wrap the keys of their people.
    Clients {
        /// Of this client only; 0 is the agency itself.
        #[arg(long)]
        client: Option<u32>,
    },
    /// The keys of people: every value is sealed anew, and each opening is in the audit log.
    People {
        /// Of this client only; 0 is the agency itself.
        #[arg(long)]
        client: Option<u32>,
    },
}

#[derive(Subcommand)]
pub(crate) enum Mail {
    /// Take a letter from standard input, for a mail server's pipe: exit 0 if it was taken, 75 to try again.
    Receive,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Backup {
    #[command(subcommand)]
    pub(crate) what: Option<BackupWhat>,
}

#[derive(Subcommand)]
pub(crate) enum BackupWhat {
    /// What is there.
    List {
        /// The age identity file that opens it.
        #[arg(long, value_name = "FILE")]
        identity: PathBuf,
    },
    /// Check the newest ones wholly, without writing anything.
    Verify {
        /// The age identity file that opens it.
        #[arg(long, value_name = "FILE")]
        identity: PathBuf,
        /// The installation that must have made it.
        #[arg(long)]
        maker: Option<String>,
    },
    /// Remove what is older than configured.
    Prune,
}

#[derive(Args)]
pub(crate) struct Restore {
    /// The folder of backups.
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// The age identity file that opens it.
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: PathBuf,
    /// The installation that must have made it.
    #[arg(long)]
    pub(crate) maker: Option<String>,
    /// Which backup of data, as `backup list` names it; the newest if not given.
    #[arg(long)]
    pub(crate) backup: Option<String>,
    /// Which backup of keys; the newest if not given. Data from before a `keys rotate people` need one of their time.
    #[arg(long, value_name = "BACKUP")]
    pub(crate) keys: Option<String>,
    /// The operator's key, to be copied into the data folder.
    #[arg(long, value_name = "FILE")]
    pub(crate) operator_key: Option<PathBuf>,
    /// Restore also where values of people cannot be opened with these keys.
    #[arg(long)]
    pub(crate) accept_unreadable: bool,
}

#[derive(Args)]
pub(crate) struct Bench {
    /// What to measure; everything if not given.
    #[arg(value_enum)]
    pub(crate) only: Vec<Measure>,
    /// How many events to generate for questions, size and memory.
    #[arg(long, default_value_t = 2_000_000)]
    pub(crate) events: u64,
    /// Seed of the generated traffic.
    #[arg(long, default_value_t = 13)]
    pub(crate) seed: u64,
    /// Seconds for each measurement of intake.
    #[arg(long, default_value_t = 8)]
    pub(crate) seconds: u64,
    /// Keep the generated folder here instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// What the process that makes the load is to do.
    #[arg(long, hide = true)]
    pub(crate) load: Option<String>,
}

/// A thing to measure.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// Durable posts against an empty handler, and batches.
    Intake,
    /// Lines of a log.
    Import,
    /// Reading people's values with decision and durable entry, taking people in, finding, erasing.
    People,
    /// A dashboard's questions, size on disk, memory and start.
    Questions,
}
