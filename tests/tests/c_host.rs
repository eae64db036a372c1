//! What the library leaves alone in its host: signals, descriptors, and the end of the process.

use ccauth_sandbox::{Action, Fault, Point, Sandbox};
use ccauth_tests::{Command, Finished, c_program, hanging, installed, root, sandbox};

/// Runs `tests/c/host.c` in one of its ways, more than once where it is about threads that come to an end anywhere.
fn run(sandbox: &Sandbox, how: &str, times: usize) -> Finished {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let program = c_program("c11", &root().join("tests/c/host.c"), dir.path());
    let once = || {
        let command = Command::new(&program).args([how]).env("SANDBOX", sandbox.url());
        let done = command.env("CA_FILE", sandbox.ca_file()).run();
        assert_eq!(done.err, "", "{how}: {}", done.out);
        done
    };
    for _ in 1..times {
        assert_eq!(once().code, Some(7), "{how}");
    }
    once()
}

#[test]
fn p20_no_signal_is_delivered_to_a_thread_of_ours_and_no_handler_is_another() {
    let sandbox = hanging();
    assert_eq!(run(&sandbox, "signals", 1).good(), "17 here, 0 elsewhere");
    assert_eq!(
        run(&sandbox, "control", 1).good(),
        "0 here, 17 elsewhere",
        "a thread of the host's takes them"
    );
}

#[test]
fn nothing_of_ours_stays_open_in_what_the_host_executes() {
    assert_eq!(run(&hanging(), "descriptors", 1).good(), "ok");
}

#[test]
fn p20_a_vendor_that_closes_ends_no_host() {
    let at = Point::BeforeReply;
    for action in [Action::Reset { at }, Action::Close { at, close_notify: false }] {
        let sandbox = sandbox();
        let close = |vendor: &str| Fault::new(action.clone()).vendor(vendor);
        sandbox.admin().add_fault(close("sangoma")).unwrap();
        sandbox.admin().add_fault(close("contactnow").route("validate")).unwrap();
        assert_eq!(run(&sandbox, "closed", 1).good(), "ok", "{action:?}");
    }
    assert_eq!(run(&sandbox(), "broken", 1).code, None, "SIGPIPE ends it");
}

#[test]
fn a_process_ends_with_its_own_status_whatever_is_under_way() {
    let sandbox = hanging();
    for how in ["return", "exit", "callback", "atexit"] {
        assert_eq!(run(&sandbox, how, 5).code, Some(7), "{how}");
    }
}

#[test]
fn p16_the_library_is_unloaded_a_hundred_times_while_requests_hang() {
    let (dir, sandbox) = (tempfile::tempdir().unwrap(), hanging());
    let program = c_program("c11", &root().join("tests/c/unloading.c"), dir.path());
    let library = installed("lib/libccauth.so").display().to_string();
    let ca = sandbox.ca_file().to_str().expect("a path in UTF-8").to_owned();
    let done = Command::new(&program).args([library, sandbox.base_url("contactnow"), ca]).run();
    assert_eq!((done.good(), done.err.as_str()), ("ok", ""));
}
