//! C programs that call every function of the header in every wrong way, and in any order.

use std::env::var;

use ccauth_tests::{Command, Finished, c_program, misuse_table, root, sandbox};

/// Runs `tests/c/NAME.c`, which calls the functions by their table.
fn run(name: &str, arguments: &[&str]) -> Finished {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("table.h"), misuse_table()).expect("the table");
    let program = c_program("c11", &root().join(format!("tests/c/{name}.c")), dir.path());
    let sandbox = sandbox();
    let command = Command::new(&program).args(arguments).env("SANDBOX", sandbox.url());
    command.env("CA_FILE", sandbox.ca_file()).run()
}

/// The number in front of a word.
fn count(done: &Finished, word: &str) -> usize {
    let words: Vec<&str> = done.out.split_whitespace().collect();
    let before = words.windows(2).find(|pair| pair[1].trim_end_matches(',') == word).map(|pair| pair[0]);
    before.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no {word}: {}", done.out))
}

#[test]
fn p15_each_wrong_argument_is_answered_by_a_status() {
    let done = run("misuse", &[]);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "{}", done.out);
    assert_eq!(count(&done, "functions"), ccauth_tests::functions().len());
    assert!(count(&done, "calls") > 1_000, "{}", done.out);
}

#[test]
fn a_good_handle_that_is_taken_for_a_wrong_one_is_seen() {
    let done = run("misuse", &["control"]);
    assert_eq!(done.code, Some(1), "{}", done.err);
    assert!(count(&done, "failures") > 100, "{}", done.out);
}

#[test]
fn p15_a_panic_within_is_internal_and_the_next_call_works() {
    let done = run("misuse", &["panic"]);
    if !var("CCAUTH_C").is_ok_and(|way| way == "address" || way == "thread") {
        // What is handed out has no place for it; `cargo xtask c address` builds one that has.
        assert_eq!(done.code, Some(2), "{}", done.err);
        return;
    }
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "{}", done.out);
    let constant = done.out.lines().filter_map(|line| line.strip_suffix(" has nothing that could panic"));
    let expected = ["ccauth_version_string", "ccauth_version_number", "ccauth_debug_live_handles"];
    assert_eq!(constant.collect::<Vec<_>>(), expected);
}

/// So many calls; `CCAUTH_CALLS` and `CCAUTH_SEED` say otherwise.
fn any_order(threads: &str) -> Finished {
    let said = |name: &str, otherwise: &str| var(name).unwrap_or_else(|_| otherwise.to_owned());
    let done = run("random_calls", &[&said("CCAUTH_SEED", "1"), &said("CCAUTH_CALLS", "100000"), threads]);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "{}", done.out);
    done
}

#[test]
fn p15_any_order_of_calls_is_survived() {
    let done = any_order("1");
    for name in ["OK=", "INVALID=", "UNSUPPORTED=", "STATE=", "WOULD_BLOCK=", "texts=", "calls_back="] {
        let line = done.out.lines().find_map(|line| line.strip_prefix(name));
        let often = line.and_then(|number| number.parse::<u64>().ok());
        assert!(often.is_some_and(|often| often > 0), "{name}: {}", done.out);
    }
}

#[test]
fn p15_any_order_of_calls_from_threads_is_survived() {
    any_order("4");
}

#[test]
fn first_calls_that_meet_leave_errno_alone() {
    let done = run("first_calls", &[]);
    assert_eq!((done.good(), done.err.as_str()), ("ok", ""));
}

#[test]
fn a_checker_sees_what_it_looks_for() {
    let way = var("CCAUTH_C").unwrap_or_default();
    for (fault, seen_by) in [("freed", &["address", "valgrind"][..]), ("shared", &["thread"])] {
        let done = run("host_faults", &[fault]);
        let is_seen = done.code != Some(0);
        // ThreadSanitizer sees what is freed too, unless its place has been taken.
        let may_be = is_seen && (way.as_str(), fault) == ("thread", "freed");
        assert!(is_seen == seen_by.contains(&way.as_str()) || may_be, "{way} {fault}: {}", done.err);
    }
}
