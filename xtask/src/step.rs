//! One step of a task: a command whose output is seen, timed, and whose failure ends the task.

use crate::Failure;
use std::process::Command;
use std::time::Instant;

/// Runs a command in the workspace's folder unless it names another, with its output shown.
///
/// Fails with a line that names the step and the command if it cannot be started or does not end well.
pub fn run(name: &str, command: &mut Command) -> Result<(), Failure> {
    let shown = shown(command);
    timed(name, &shown, || {
        let status = command
            .status()
            .map_err(|e| format!("{name}: `{shown}` could not be started: {e}"))?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("{name}: `{shown}` ended with {status}"))
        }
    })
}

/// Runs a command and gives what it printed on its standard output; its complaints are shown.
pub fn output(command: &mut Command) -> Result<String, Failure> {
    let shown = shown(command);
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|e| format!("`{shown}` could not be started: {e}"))?;
    if !output.status.success() {
        return Err(format!("`{shown}` ended with {}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("`{shown}` printed something that is not UTF-8"))
}

/// Does something under a heading and says how long it took.
pub fn timed<T>(name: &str, shown: &str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    eprintln!("\n── {name}: {shown}");
    let start = Instant::now();
    let result = work();
    let took = start.elapsed().as_secs_f32();
    match &result {
        Ok(_) => eprintln!("── {name}: done in {took:.1} s"),
        Err(_) => eprintln!("── {name}: FAILED after {took:.1} s"),
    }
    result
}

fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
