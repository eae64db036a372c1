//! The sandbox as tests in other languages start it: their own tests, run by their own tools.

use std::path::Path;
use std::time::Duration;

use ccauth_tests::{Command, Finished, built, finish_within, root, tool};

/// How many tests each language has at least, so that a run of none does not pass.
const TESTS: usize = 5;

/// How long a language's tests may take; Go compiles its own library first, where nobody has before.
const LONG: Duration = Duration::from_secs(300);

/// `python3` with pytest: the first on PATH if it has it, else the system's, which Debian's package is for.
fn python() -> &'static str {
    let has_pytest = |python: &&str| {
        let asked = std::process::Command::new(python).args(["-m", "pytest", "--version"]).output();
        asked.is_ok_and(|answer| answer.status.success())
    };
    let mut known = ["python3", "/usr/bin/python3"].into_iter();
    known.find(has_pytest).expect("pytest is missing: sudo apt-get install -y python3-pytest")
}

/// Runs it on the built command; a tool may take longer than the command itself ever may.
fn run(command: Command, dir: &Path) -> Finished {
    let mut command = command.env("CCAUTH_BIN", built("ccauth")).current_dir(dir);
    finish_within(LONG, move || {
        let output = command.bare().output().expect("the tool starts");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Finished { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    })
}

/// What pytest counts as passed: `5 passed in 0.22s`.
fn passed(summary: &str) -> Option<usize> {
    let words: Vec<&str> = summary.split_whitespace().collect();
    let at = words.iter().position(|word| word.starts_with("passed"))?;
    words.get(at.checked_sub(1)?)?.parse().ok()
}

#[test]
fn the_python_tests_pass() {
    let pytest = ["-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider", "bindings/python/tests"];
    // Nothing is left behind in the sources.
    let command = Command::new(python()).args(pytest).env("PYTHONDONTWRITEBYTECODE", "1");
    let done = run(command, &root());
    let summary = done.good().lines().last().unwrap_or_default();
    assert!(passed(summary).is_some_and(|count| count >= TESTS), "fewer than {TESTS}: {}", done.out);
}

#[test]
fn the_go_tests_pass_and_gofmt_and_vet_have_nothing_to_say() {
    let dir = root().join("bindings/go");
    let go = |args: &[&str]| run(tool("go", "golang-go").args(args).env("GOPROXY", "off"), &dir);
    let badly_formatted = run(tool("gofmt", "golang-go").args(["-l", "."]), &dir);
    assert_eq!(badly_formatted.good(), "", "run `gofmt -w .` in bindings/go");
    go(&["vet", "./..."]).good();
    // Go would answer from its cache, because it does not see that the command has changed.
    let done = go(&["test", "-count=1", "-v", "./..."]);
    let count = done.good().lines().filter(|line| line.starts_with("--- PASS: ")).count();
    assert!(count >= TESTS, "fewer than {TESTS}: {}", done.out);
}
