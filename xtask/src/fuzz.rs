//! Fuzzing: every target of `fuzz/` is built and run for a while.
//!
//! libFuzzer needs no further tool: the compiler counts which branches ran, and `libfuzzer-sys` brings the rest, for
//! which there must be a C++ compiler. Memory is not watched over, since the workspace forbids unsafe code.
//! `cargo fuzz` works in that folder, too, where it is installed, to make a failing input smaller, say.

use crate::{Failure, graph, machine, step, workspace};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

/// What makes the compiler count branches and comparisons, as `cargo fuzz` asks for it.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Builds all targets, then runs each for `each`, or only those that are `named`; as many at once as there are
/// processors. Fails if one crashes, hangs for ten seconds or takes more than 2 GB.
///
/// What was found to reach new branches is kept in the target folder and is where the next run begins.
pub fn run(named: &[String], each: Duration) -> Result<(), Failure> {
    if machine::on_path("c++").is_none() {
        return Err(
            "libFuzzer needs a C++ compiler: install one, on Debian with `sudo apt-get install g++`".into(),
        );
    }
    let folder = workspace().join("fuzz");
    let metadata = graph::metadata()?;
    let target = metadata["target_directory"]
        .as_str()
        .ok_or("`cargo metadata` names no target directory")?;
    let target = Path::new(target).join("fuzz");
    let targets = targets(&folder, named)?;
    same_versions(&folder, &target)?;
    let host = graph::host()?;
    step::run(
        "fuzz targets",
        Command::new("cargo")
            .args(["build", "--release", "--bins", "--target", &host, "--target-dir"])
            .arg(&target)
            .current_dir(&folder)
            .env("RUSTFLAGS", FLAGS)
            .env("CARGO_INCREMENTAL", "0"),
    )?;
    let shown = format!("{} targets for {} s each", targets.len(), each.as_secs());
    step::timed("fuzz", &shown, || {
        let binaries = target.join(host).join("release");
        run_all(&targets, |name| fuzz(name, &folder, &binaries, &target, each))
    })
}

/// The names of the targets, each of which is a file.
fn targets(folder: &Path, named: &[String]) -> Result<Vec<String>, Failure> {
    let entries = folder
        .join("targets")
        .read_dir()
        .map_err(|e| format!("`fuzz/targets` could not be read: {e}"))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension() == Some(OsStr::new("rs")));
    files.sort();
    let all: Vec<String> = files
        .iter()
        .filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned()))
        .collect();
    match named.iter().find(|name| !all.contains(name)) {
        Some(unknown) => Err(format!(
            "there is no fuzz target `{unknown}`; there are {}",
            all.join(", ")
        )),
        None if named.is_empty() => Ok(all),
        None => Ok(named.to_vec()),
    }
}

/// Sees to it that the targets are built from the same versions as the product.
fn same_versions(folder: &Path, target: &Path) -> Result<(), Failure> {
    let failed = |e| format!("`fuzz/Cargo.lock` could not be made: {e}");
    let own = folder.join("Cargo.lock");
    let seen = target.join("Cargo.lock.seen");
    let wanted = fs::read(workspace().join("Cargo.lock")).map_err(failed)?;
    if !own.is_file() || fs::read(&seen).ok().as_ref() != Some(&wanted) {
        fs::create_dir_all(target).map_err(failed)?;
        fs::write(own, &wanted).map_err(failed)?;
        fs::write(seen, wanted).map_err(failed)?;
    }
    Ok(())
}

/// Runs all, as many at once as there are processors, and gives all failures together.
fn run_all(targets: &[String], run: impl Fn(&str) -> Result<String, Failure> + Sync) -> Result<(), Failure> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (left, failures) = (Mutex::new(targets.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(targets.len()) {
            scope.spawn(|| {
                loop {
                    let next = left.lock().expect("nothing panics while it holds this").next();
                    let Some(name) = next else { break };
                    match run(name) {
                        Ok(done) => eprintln!("{name}: {done}"),
                        Err(failure) => failures
                            .lock()
                            .expect("nothing panics while it holds this")
                            .push(failure),
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("nothing panicked");
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("\n\n"))
    }
}

/// Runs one; says how many inputs it had, or what it printed last.
fn fuzz(
    name: &str,
    folder: &Path,
    binaries: &Path,
    target: &Path,
    each: Duration,
) -> Result<String, Failure> {
    let (corpus, found) = (target.join("corpus").join(name), target.join("found"));
    let log = target.join(format!("{name}.log"));
    let failed = |e| format!("{name}: `{}` could not be written: {e}", target.display());
    fs::create_dir_all(&corpus).map_err(failed)?;
    fs::create_dir_all(&found).map_err(failed)?;
    let output = File::create(&log).map_err(failed)?;
    let mut command = Command::new(binaries.join(name));
    command
        .arg(format!("-max_total_time={}", each.as_secs()))
        .arg(format!("-artifact_prefix={}/{name}-", found.display()))
        .args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"])
        .arg(corpus)
        .stdout(output.try_clone().map_err(failed)?)
        .stderr(output);
    let seeds = folder.join("seeds").join(name);
    if seeds.is_dir() {
        command.arg(seeds);
    }
    let status = command.status().map_err(|e| {
        format!("{name}: no such program was built; has it a row in `fuzz/Cargo.toml`? ({e})")
    })?;
    let said = fs::read(&log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    if status.success() {
        let runs = said
            .lines()
            .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
        return Ok(format!("{} inputs", runs.unwrap_or_default().trim()));
    }
    let lines: Vec<&str> = said.lines().collect();
    let told = match lines.iter().position(|line| line.contains("panicked at")) {
        Some(panic) => &lines[panic..lines.len().min(panic + 5)],
        None => &lines[lines.len().saturating_sub(15)..],
    };
    Err(format!(
        "{name} ended with {status}; the input is in `{}`, all it said in `{}`:\n{}",
        found.display(),
        log.display(),
        told.join("\n")
    ))
}
