//! Event loops in C: requests with a descriptor, callbacks, and what is to be told of sources and the library.

use ccauth_sandbox::{Filter, Sandbox};
use ccauth_tests::{Command, Finished, c_program, hanging, root, sandbox};

/// Runs `tests/c/NAME.c` where it finds the sandbox.
fn run(sandbox: &Sandbox, name: &str) -> Finished {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let program = c_program("c11", &root().join(format!("tests/c/{name}.c")), dir.path());
    let command = Command::new(&program).env("SANDBOX", sandbox.url());
    command.env("CA_FILE", sandbox.ca_file()).run()
}

#[test]
fn a_callback_comes_once_on_a_thread_of_its_own_and_may_do_anything() {
    let sandbox = sandbox();
    let done = run(&sandbox, "callbacks");
    assert_eq!((done.good(), done.err.as_str()), ("ok", ""));
    assert_eq!(sandbox.admin().requests(&Filter::all()).len(), 2, "a token, and one renewal");
}

#[test]
fn a_request_is_readable_when_it_has_ended_and_ends_by_its_owner_too() {
    let done = run(&hanging(), "requests");
    assert_eq!((done.good(), done.err.as_str()), ("ok", ""));
}

#[test]
fn the_library_ends_with_all_that_is_under_way_and_begins_again() {
    let done = run(&hanging(), "shutdown");
    assert_eq!((done.good(), done.err.as_str()), ("ok", ""));
}

#[test]
fn records_are_kept_until_they_are_fetched_and_hold_no_secret() {
    let sandbox = sandbox();
    let done = run(&sandbox, "logs");
    assert_eq!(done.err, "", "{}", done.out);
    let lines: Vec<&str> = done.good().lines().collect();
    let count = |word: &str| lines.iter().filter(|line| line.contains(word)).count();
    assert_eq!((count("token.acquired: servetel"), count("token.refreshed: servetel")), (1, 1), "{lines:#?}");
    // A pasted token too.
    assert_eq!(count("issue succeeded") + count("renew succeeded"), 3, "{lines:#?}");
    let levels: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
    assert!(levels.contains(&"3") && levels.contains(&"4"), "{levels:?}");
    for token in sandbox.admin().tokens() {
        assert!(!done.out.contains(token.token.trim_start_matches('…')), "{}", done.out);
    }
    assert!(!done.out.contains("demo-secret"), "{}", done.out);
}
