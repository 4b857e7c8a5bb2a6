//! A data folder of its own, and the binary on it.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

pub(crate) const SITE: &str = "shop.example";

/// No command of a test takes so long.
const LONGEST: Duration = Duration::from_mins(3);

/// Who answers for what people give.
const CONTROLLER: &str =
    "[controller]\nname = \"Agency\"\naddress = \"1 Example Street\"\nemail = \"privacy@agency.example\"";

/// A folder made by `init`, with one site.
pub(crate) struct Installation {
    pub(crate) folder: tempfile::TempDir,
}

impl Installation {
    pub(crate) fn unprepared() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A folder made by `init`, and the secret of the link by which the first owner sets up their account.
    pub(crate) fn initialised() -> (Self, String) {
        let installation = Self::unprepared();
        let link = installation.ok(&["init"])["set_up"].as_str().unwrap().to_owned();
        installation.configure(CONTROLLER);
        (installation, link)
    }

    pub(crate) fn new() -> Self {
        let (installation, _) = Self::initialised();
        installation.add_site();
        installation
    }

    /// Adds lines to `anturazh.toml`.
    pub(crate) fn configure(&self, lines: &str) {
        let file = self.data().join("anturazh.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(file, format!("{text}\n{lines}\n")).unwrap();
    }

    /// Changes a line of `anturazh.toml`.
    pub(crate) fn replace(&self, line: &str, other: &str) {
        let file = self.data().join("anturazh.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(line), "{line}");
        std::fs::write(file, text.replace(line, other)).unwrap();
    }

    /// Believes headers of proxies on this machine, so that a test can come from many addresses.
    pub(crate) fn trust_this_machine(&self) {
        self.replace("trusted_proxies = []", "trusted_proxies = [\"127.0.0.1\"]");
    }

    pub(crate) fn add_site(&self) {
        self.ok(&["client", "add", "Shop"]);
        self.ok(&[
            "site",
            "add",
            SITE,
            "--client",
            "1",
            "--timezone",
            "Europe/Berlin",
            "--currency",
            "EUR",
        ]);
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anturazh"));
        command
            .arg("--data")
            .arg(self.data())
            .arg("--json")
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end. One that does not end, such as a server that was to refuse to start, is ended.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.unwrap();
        let id = child.id().to_string();
        let (ended, end) = std::sync::mpsc::channel::<()>();
        let watch = std::thread::spawn(move || {
            let has_ended = end.recv_timeout(LONGEST) != Err(RecvTimeoutError::Timeout);
            if !has_ended {
                let _ = Command::new("kill").args(["-KILL", &id]).status();
            }
            has_ended
        });
        let output = child.wait_with_output().unwrap();
        drop(ended);
        assert!(watch.join().unwrap(), "{arguments:?} did not end");
        output
    }

    /// Runs a command that must succeed, and reads what it printed as JSON.
    pub(crate) fn ok(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {complaint}");
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    pub(crate) fn token(&self, can: &str) -> String {
        self.ok(&["token", "create", "--site", SITE, "--can", can])["token"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Asks a question of the command line.
    pub(crate) fn query(&self, question: &Value) -> Value {
        let file = self.folder.path().join("question.json");
        std::fs::write(&file, question.to_string()).unwrap();
        self.ok(&["query", path(&file)])
    }

    pub(crate) fn serve(&self) -> Server {
        Server::start(&mut self.command(&["serve", "--listen", "127.0.0.1:0"]))
    }
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A running server; killed if it is dropped.
pub(crate) struct Server {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().expect("the server says where it listens").unwrap();
        let address = line.rsplit("http://").next().unwrap().to_owned();
        Self { child, address }
    }

    /// Ends it as a power cut would end it, as far as a process can tell.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
