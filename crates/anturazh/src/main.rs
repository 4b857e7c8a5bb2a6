//! The anturazh binary: command line, configuration, clock, jobs, wiring.
//! Must never hold rules of its own: what is collected, kept and answered is decided in the rooms it wires together.
//! Start at [`service`] (what runs) and [`arguments`] (what can be asked for).

mod arguments;
mod audit_waiting;
mod backup_schedule;
mod bench;
mod clock;
mod command;
mod configuration;
mod connections;
mod control;
mod demo;
mod doors;
mod errand;
mod folder;
mod jobs;
mod key_file;
mod key_rotation;
mod operator_key;
mod output;
mod people;
mod people_file;
mod postgres_dump;
mod progress;
mod providers;
mod reviewers;
mod scrubbing;
mod secret_file;
mod serve;
mod service;
mod store;

use arguments::{Arguments, Command, Mail};
use clap::Parser;
use command::mail::TryAgain;
use std::process::ExitCode;
use store::Store;

/// Each request makes and frees some hundred small pieces of memory on threads that come and go; the system's
/// allocator took an eighth of the time of intake, and kept what it had been given.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The exit status by which a mail server knows that it shall try again (sysexits.h).
const EX_TEMPFAIL: u8 = 75;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log_to_standard_error();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "failed to start");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(run(arguments));
    // What still works on the disk (a backup) can be cut off: the next one tidies up.
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            if error.is::<TryAgain>() {
                ExitCode::from(EX_TEMPFAIL)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { data, json, command } = arguments;
    let open = async || Store::open(&data).await;
    let data = data.as_path();
    Box::pin(async move {
        match command {
            Command::Demo(options) => demo::run(data, options).await,
            Command::Serve(options) => serve::run(data, options).await,
            Command::Init(options) => command::init::run(data, options, json).await,
            Command::Client(what) => command::client::run(&open().await?, what, json).await,
            Command::Site(what) => command::site::run(&open().await?, what, json).await,
            Command::Goal(what) => command::goal::run(&open().await?, what, json).await,
            Command::Token(what) => command::token::run(&open().await?, what, json).await,
            Command::Staff(what) => command::staff::run(&open().await?, what, json).await,
            Command::Import(options) => command::import::run(open().await?, options, json).await,
            Command::Export(options) => command::export::run(open().await?, options, json).await,
            Command::Query(options) => command::query::run(open().await?, options).await,
            Command::Audit(what) => command::audit::run(&open().await?, what, json).await,
            Command::Person(what) => command::person::run(&open().await?, what, json).await,
            Command::Keys(what) => command::keys::run(&open().await?, what, json).await,
            Command::Mail(Mail::Receive) => {
                command::mail::receive(data).await?.print(json);
                Ok(())
            }
            Command::Backup(options) => command::backup::run(open().await?, options, json).await,
            Command::Restore(options) => command::restore::run(data, options).await,
            Command::Bench(options) => bench::run(options, json).await,
        }
    })
    .await
}

/// Logs warnings and what `RUST_LOG` asks for.
fn log_to_standard_error() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,anturazh=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
}

/// Says on standard error what failed and why, from the outside in.
#[expect(clippy::print_stderr, reason = "commands complain on standard error")]
fn complain(error: &anyhow::Error) {
    let mut causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    // Messages of rooms are fragments that fit after these words.
    let bare = error.chain().next().is_some_and(|first| {
        first.is::<sites::Error>() || first.is::<events::Error>() || first.is::<collect::Error>()
    });
    if bare && let Some(first) = causes.first_mut() {
        first.insert_str(0, "failed to ");
    }
    eprintln!("anturazh: {}", causes.join(": "));
}
