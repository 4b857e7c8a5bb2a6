//! What the tests need of the machine besides Rust, and how a Debian machine gets it.

use crate::{Failure, step};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Something the tests need.
struct Need {
    /// What it is for.
    what: &'static str,
    /// The Debian packages that bring it.
    packages: &'static [&'static str],
    /// Whether the machine has it.
    is_there: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need {
        what: "Chromium, for tests in a browser",
        packages: &["chromium"],
        is_there: || chromium().is_some(),
    },
    Need {
        what: "Node.js 18 or newer, which drives the browser",
        packages: &["nodejs"],
        is_there: || node_version().is_some_and(|major| major >= 18),
    },
    Need {
        what: "npm, for published tracker libraries and axe-core",
        packages: &["npm"],
        is_there: || on_path("npm").is_some(),
    },
    Need {
        what: "PostgreSQL, for tests on two databases",
        packages: &["postgresql"],
        is_there: || on_path("initdb").is_some() || debian_postgresql().is_some(),
    },
    Need {
        what: "a C++ compiler, for the fuzz targets",
        packages: &["g++"],
        is_there: || on_path("c++").is_some() || on_path("g++").is_some(),
    },
    Need {
        what: "Python with venv, for reading the archive with DuckDB and Polars",
        packages: &["python3", "python3-venv"],
        is_there: || quiet(Command::new("python3").args(["-c", "import venv, ensurepip"])),
    },
];

/// The browser: the program that `CHROMIUM` names, or the first of the usual names on the path.
pub fn chromium() -> Option<PathBuf> {
    match std::env::var_os("CHROMIUM") {
        Some(path) => Some(PathBuf::from(path)).filter(|path| path.is_file()),
        None => [
            "chromium",
            "chromium-browser",
            "google-chrome-stable",
            "google-chrome",
        ]
        .into_iter()
        .find_map(on_path),
    }
}

/// Sees to it that the machine has all the tests need; installs what is missing if that is wanted and permitted.
///
/// Fails with the command to install it by hand otherwise.
pub fn prepare(install: bool) -> Result<(), Failure> {
    let mut missing = missing();
    if !missing.is_empty()
        && install
        && on_path("apt-get").is_some()
        && let Some(root) = as_root()
    {
        step::run("install", root("apt-get").args(["update", "--quiet"]))?;
        step::run(
            "install",
            root("apt-get")
                .args(["install", "--yes", "--quiet", "--no-install-recommends"])
                .args(packages(&missing))
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )?;
        missing = self::missing();
    }
    if missing.is_empty() {
        return Ok(());
    }
    let list: Vec<&str> = missing.iter().map(|need| need.what).collect();
    Err(format!(
        "this machine lacks what the tests need:\n  - {}\nInstall it, on Debian with\n  sudo apt-get install {}\n\
         or run `cargo x test --quick`, which leaves out what needs it.",
        list.join("\n  - "),
        packages(&missing).join(" ")
    ))
}

fn missing() -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| !(need.is_there)()).collect()
}

fn packages(needs: &[&Need]) -> Vec<&'static str> {
    needs.iter().flat_map(|need| need.packages).copied().collect()
}

/// How to start a program as root without being asked anything, if that is permitted.
fn as_root() -> Option<fn(&str) -> Command> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if id.stdout.trim_ascii() == b"0" {
        return Some(|program| Command::new(program));
    }
    quiet(Command::new("sudo").args(["--non-interactive", "true"])).then_some(|program| {
        let mut sudo = Command::new("sudo");
        sudo.args(["--non-interactive", "--preserve-env=DEBIAN_FRONTEND", program]);
        sudo
    })
}

fn quiet(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The file of a program that can be started by name.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

fn node_version() -> Option<u32> {
    let output = Command::new("node").arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Debian keeps the programs of its `PostgreSQL` off the path.
fn debian_postgresql() -> Option<PathBuf> {
    Path::new("/usr/lib/postgresql")
        .read_dir()
        .ok()?
        .filter_map(Result::ok)
        .map(|version| version.path().join("bin"))
        .find(|folder| folder.join("initdb").is_file())
}
