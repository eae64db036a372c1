//! A peek from where nothing may be done: no allocation, no kernel, in a signal handler.

use ccauth_tests::{Command, Finished, c_program, root};

fn run(name: &str, arguments: &[&str]) -> Finished {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let program = c_program("c11", &root().join(format!("tests/c/{name}.c")), dir.path());
    Command::new(&program).args(arguments).run()
}

#[test]
fn a_peek_allocates_nothing_and_enters_no_kernel() {
    let counted = "200000 good, 100000 too small, 200000 nothing";
    assert_eq!(run("peek_quietly", &[]).good(), format!("0 allocations; {counted}"));
    assert_eq!(run("peek_quietly", &["allocate"]).good(), format!("1 allocations; {counted}"));
    assert_eq!(run("peek_quietly", &["enter"]).code, None, "a system call ends it");
}

#[test]
fn a_peek_in_a_signal_handler_sees_a_whole_token_or_none() {
    let done = run("peek_in_a_handler", &[]);
    let counts = done.good().lines().map(|line| line.split_once(' ').unwrap());
    let count = |name: &str| -> i64 { counts.clone().find(|(_, n)| *n == name).unwrap().0.parse().unwrap() };
    assert_eq!((count("wrong"), count("live")), (0, 0), "{}", done.out);
    assert!(count("seen") > 1_000, "{}", done.out);
}
