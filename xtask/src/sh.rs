//! Running commands, and saying what runs.

use std::path::PathBuf;
use std::process::Command;

/// `Err` holds the sentence for the person.
pub(crate) type Done = Result<(), String>;

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Prints for people: the chores talk on standard error, what they run on its own streams.
#[expect(clippy::print_stderr, reason = "a chore talks to the person who started it")]
pub(crate) fn say(text: &str) {
    eprint!("{text}");
}

/// Runs a command in the workspace's root with its output shown.
pub(crate) fn run(program: &str, args: &[&str]) -> Done {
    run_with(program, args, &[])
}

/// [`run`] with variables added to the environment.
pub(crate) fn run_with(program: &str, args: &[&str], env: &[(&str, &str)]) -> Done {
    let shown = format!("{program} {}", args.join(" "));
    say(&format!("\n$ {}\n", shown.chars().take(200).collect::<String>()));
    let status = command(program, args).envs(env.iter().copied()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{}` failed: {status}", shown.chars().take(200).collect::<String>())),
        Err(e) => Err(format!("`{program}` could not be started: {e}")),
    }
}

/// Runs a command and returns what it printed.
pub(crate) fn read(program: &str, args: &[&str]) -> Result<String, String> {
    read_with(program, args, &[])
}

/// [`read`] with variables added to the environment.
pub(crate) fn read_with(program: &str, args: &[&str], env: &[(&str, &str)]) -> Result<String, String> {
    let output = command(program, args)
        .envs(env.iter().copied())
        .output()
        .map_err(|e| format!("`{program}` could not be started: {e}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{program} {}` failed: {words}", args.join(" ")));
    }
    String::from_utf8(output.stdout).map_err(|e| e.to_string())
}

/// Whether a program can be started.
pub(crate) fn has(program: &str) -> bool {
    command(program, &["--version"]).output().is_ok_and(|output| output.status.success())
}

fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}
