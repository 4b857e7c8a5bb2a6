//! What `cargo x` can be asked for.

use crate::graph::{self, Graph};
use crate::{Failure, fuzz, licence, machine, rooms, step, stripper, workspace, yanked};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const TASKS: &str = "\
cargo x check              format, lints, architecture, licences, yanked versions, the tracker's made form
cargo x test               every test: Rust, then the real binary in a real browser
  --no-install               says what the machine lacks instead of installing it
  --quick                    Rust tests only
cargo x e2e [FILE…]        the browser tests only, or some of them
cargo x arch               draws the crate graph and compares it with ARCHITECTURE.md
cargo x tracker            makes tracker/a.min.js from tracker/a.js
cargo x fuzz [TARGET…]     builds the fuzz targets in fuzz/ and runs each for a minute, or only some of them
  --seconds N                for so long each
cargo x bench [OPTION…]    builds for release, runs `anturazh bench` with these options, asks DuckDB the same";

/// Runs the task that the arguments name.
pub fn run(arguments: &[String]) -> Result<(), Failure> {
    let (task, rest) = arguments
        .split_first()
        .map_or(("", &[][..]), |(task, rest)| (task.as_str(), rest));
    match task {
        "check" => options(rest, &[]).and_then(|_| check()),
        "test" => {
            let given = options(rest, &["--no-install", "--quick"])?;
            test(!given.contains(&"--no-install"), given.contains(&"--quick"))
        }
        "e2e" => e2e(rest, &["build", "--package", "anturazh"]),
        "arch" => options(rest, &[]).and_then(|_| arch()),
        "tracker" => options(rest, &[]).and_then(|_| tracker()),
        "fuzz" => {
            let (seconds, targets) = match rest {
                [option, seconds, targets @ ..] if option == "--seconds" => (seconds.as_str(), targets),
                targets => ("60", targets),
            };
            let seconds = seconds
                .parse()
                .map_err(|_| format!("`{seconds}` is no number of seconds\n\n{TASKS}"))?;
            fuzz::run(targets, Duration::from_secs(seconds))
        }
        "bench" => bench(rest),
        "" | "help" | "--help" | "-h" => {
            eprintln!("{TASKS}");
            Ok(())
        }
        unknown => Err(format!("there is no task `{unknown}`\n\n{TASKS}")),
    }
}

fn options<'a>(given: &'a [String], known: &[&str]) -> Result<Vec<&'a str>, Failure> {
    match given.iter().find(|option| !known.contains(&option.as_str())) {
        Some(unknown) => Err(format!("`{unknown}` is no option of this task\n\n{TASKS}")),
        None => Ok(given.iter().map(String::as_str).collect()),
    }
}

fn check() -> Result<(), Failure> {
    step::run("format", cargo().args(["fmt", "--all", "--check"]))?;
    step::timed("tracker", "tracker/a.min.js is made from tracker/a.js", || {
        if stripper::strip(&read("tracker/a.js")?)? == read("tracker/a.min.js")? {
            Ok(())
        } else {
            Err("tracker/a.min.js is not what tracker/a.js makes: run `cargo x tracker`".into())
        }
    })?;
    let metadata = graph::metadata()?;
    step::timed("architecture", "the crate graph keeps to ARCHITECTURE.md", || {
        none(&rooms::breaches(
            &rooms::read(&read("ARCHITECTURE.md")?)?,
            &Graph::read(&metadata)?,
        ))
    })?;
    step::timed("licences", "all packages keep to deny.toml", || {
        none(&licence::breaches(
            &metadata,
            &licence::Rules::read(&read("deny.toml")?)?,
        ))
    })?;
    step::timed(
        "yanked",
        "no version of Cargo.lock was yanked, as far as cargo knows",
        || {
            match yanked::look_up(&metadata) {
                Ok(found) => {
                    if !found.unknown.is_empty() {
                        eprintln!("cargo does not know of: {}", found.unknown.join(", "));
                    }
                    none(&found.yanked)
                }
                // A machine without a registry of its own, such as one with vendored packages.
                Err(why) => {
                    eprintln!("not checked: {why}");
                    Ok(())
                }
            }
        },
    )?;
    if Command::new("cargo-deny")
        .arg("--version")
        .output()
        .is_ok_and(|o| o.status.success())
    {
        step::run("cargo-deny", cargo().args(["deny", "--workspace", "check"]))?;
    } else {
        eprintln!("cargo-deny is not installed: advisories are not checked (`cargo install cargo-deny`)");
    }
    step::run(
        "lints",
        cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "--deny",
            "warnings",
        ]),
    )
}

fn test(install: bool, quick: bool) -> Result<(), Failure> {
    if !quick {
        machine::prepare(install)?;
    }
    step::run(
        "Rust tests",
        cargo().args(["test", "--workspace", "--locked", "--no-fail-fast"]),
    )?;
    if quick {
        eprintln!("\nleft out, being quick: the tests in a browser (`cargo x e2e`)");
        return Ok(());
    }
    // With the features that the tests brought in, so that nothing is built a second time.
    e2e(&[], &["build", "--workspace", "--all-targets"])
}

/// Runs the tests in the browser against the binary that `build` makes, in the profile of the Rust tests.
fn e2e(files: &[String], build: &[&str]) -> Result<(), Failure> {
    let browser = machine::chromium().ok_or("no Chromium found: install it, or name it in `CHROMIUM`")?;
    step::run("binary", cargo().args(build).arg("--locked"))?;
    let metadata = graph::metadata()?;
    let target = metadata["target_directory"]
        .as_str()
        .ok_or("`cargo metadata` names no target directory")?;
    let folder = workspace().join("e2e");
    let (lock, kept) = (
        folder.join("package-lock.json"),
        folder.join("node_modules/.package-lock.copy"),
    );
    let wanted = std::fs::read(&lock).map_err(|e| format!("`{}` could not be read: {e}", lock.display()))?;
    if std::fs::read(&kept).ok().as_ref() != Some(&wanted) {
        step::run(
            "npm packages",
            Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund"])
                .current_dir(&folder),
        )?;
        std::fs::write(&kept, wanted)
            .map_err(|e| format!("`{}` could not be written: {e}", kept.display()))?;
    }
    let files = if files.is_empty() {
        tests(&folder.join("tests"))?
    } else {
        files.to_vec()
    };
    step::run(
        "browser tests",
        Command::new("node")
            .arg("--test")
            .args(files)
            .current_dir(&folder)
            .env("ANTURAZH_BIN", Path::new(target).join("debug/anturazh"))
            .env("CHROMIUM", browser),
    )
}

fn tests(folder: &Path) -> Result<Vec<String>, Failure> {
    let entries = folder
        .read_dir()
        .map_err(|e| format!("`{}` could not be read: {e}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.to_string_lossy().ends_with(".test.js"));
    files.sort();
    Ok(files
        .iter()
        .map(|file| file.to_string_lossy().into_owned())
        .collect())
}

fn arch() -> Result<(), Failure> {
    let graph = Graph::read(&graph::metadata()?)?;
    eprint!("{}", graph.drawn());
    none(&rooms::breaches(&rooms::read(&read("ARCHITECTURE.md")?)?, &graph))?;
    eprintln!("\nAs ARCHITECTURE.md has it.");
    Ok(())
}

fn tracker() -> Result<(), Failure> {
    let script = stripper::strip(&read("tracker/a.js")?)?;
    let path = workspace().join("tracker/a.min.js");
    std::fs::write(&path, &script).map_err(|e| format!("`{}` could not be written: {e}", path.display()))?;
    eprintln!("tracker/a.min.js: {} bytes before compression", script.len());
    Ok(())
}

/// Measures this machine, then asks DuckDB (from the Python package index) the same questions over the exports.
fn bench(options: &[String]) -> Result<(), Failure> {
    step::run(
        "release build",
        cargo().args(["build", "--release", "--package", "anturazh", "--locked"]),
    )?;
    let metadata = graph::metadata()?;
    let target = metadata["target_directory"]
        .as_str()
        .ok_or("`cargo metadata` names no target directory")?;
    let binary = Path::new(target).join("release/anturazh");
    let scratch = Path::new(target).join("bench");
    let _ = std::fs::remove_dir_all(&scratch);
    step::run(
        "bench",
        Command::new(&binary)
            .arg("bench")
            .arg("--keep")
            .arg(&scratch)
            .args(options),
    )?;
    let data = scratch.join("questions");
    if data.is_dir() {
        compare(&binary, &data, &scratch)?;
    }
    std::fs::remove_dir_all(&scratch)
        .map_err(|e| format!("`{}` could not be removed: {e}", scratch.display()))
}

fn compare(binary: &Path, data: &Path, scratch: &Path) -> Result<(), Failure> {
    let site = "kuehne-raeder.example";
    for what in ["events", "visits"] {
        let export = [
            "export", "--site", site, "--what", what, "--format", "parquet", "--out",
        ];
        step::run(
            "export",
            Command::new(binary)
                .arg("--data")
                .arg(data)
                .args(export)
                .arg(scratch),
        )?;
    }
    let python = scratch.join("python");
    step::run(
        "python",
        Command::new("python3").args(["-m", "venv"]).arg(&python),
    )?;
    let pip = [
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "duckdb",
        "pytz",
    ];
    step::run("duckdb", Command::new(python.join("bin/pip")).args(pip))?;
    step::run(
        "the same questions to DuckDB",
        Command::new(python.join("bin/python"))
            .arg(workspace().join("bench/duckdb_dashboard.py"))
            .arg(scratch.join(format!("{site}-events.parquet")))
            .arg(scratch.join(format!("{site}-visits.parquet"))),
    )
}

fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace());
    cargo
}

fn read(file: &str) -> Result<String, Failure> {
    std::fs::read_to_string(workspace().join(file)).map_err(|e| format!("`{file}` could not be read: {e}"))
}

fn none(breaches: &[String]) -> Result<(), Failure> {
    if breaches.is_empty() {
        Ok(())
    } else {
        Err(breaches.join("\n"))
    }
}
