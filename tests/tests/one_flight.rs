//! Workers of a host, processes each with threads, that share their token through a directory: one of them asks.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use ccauth_sandbox::{Action, Fault, Filter, Point, RetryAfter, Sandbox, When};
use ccauth_tests::{PATIENCE, c_program, root, sandbox, wait_for};
use tempfile::TempDir;

/// The program, and the folder in which it is.
static PROGRAM: LazyLock<(PathBuf, TempDir)> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    (c_program("c11", &root().join("tests/c/worker.c"), dir.path()), dir)
});

/// The workers of a host, and their vendor.
struct Host {
    sandbox: Sandbox,
    directory: TempDir,
}

/// A process; dropping it kills it.
struct Worker {
    child: Child,
    lines: Receiver<String>,
}

impl Host {
    fn new() -> Self {
        Self { sandbox: sandbox(), directory: tempfile::tempdir().unwrap() }
    }

    /// A worker with Servetel's demo account and these fields too.
    fn worker(&self, fields: &[(&str, &str)]) -> Worker {
        let (base, ca) = (self.sandbox.base_url("servetel"), self.sandbox.ca_file().display().to_string());
        let store = format!("file://{}/store", self.directory.path().display());
        let reach = [("base_url", base.as_str()), ("ca_file", &ca), ("store", &store)];
        let account = self.sandbox.account("servetel").fields();
        let account = account.iter().map(|field| (field.name.as_str(), field.value.as_str()));
        let mut command = Command::new(&PROGRAM.0);
        command.arg("servetel");
        for (name, value) in account.chain(reach).chain(fields.iter().copied()) {
            command.args([name, value]);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (tell, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Worker { child, lines }
    }

    fn workers(&self, count: usize, fields: &[(&str, &str)]) -> Vec<Worker> {
        (0..count).map(|_| self.worker(fields)).collect()
    }

    /// What befalls the `nth` request of a route from now on.
    fn befalls(&self, route: &str, nth: u32, action: Action) {
        let fault = Fault::new(action).vendor("servetel").route(route).when(When::Nth(nth));
        self.sandbox.admin().add_fault(fault).unwrap();
    }

    /// How many requests of a route there were.
    fn asked(&self, route: &str) -> usize {
        let all = self.sandbox.admin().requests(&Filter::all().vendor("servetel"));
        all.iter().filter(|entry| entry.route == route).count()
    }
}

impl Worker {
    fn say(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    #[track_caller]
    fn hear(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line of a worker")
    }

    fn ask(&mut self, line: &str) -> String {
        self.say(line);
        self.hear()
    }

    /// One thread's token.
    fn get(&mut self) -> String {
        self.ask("get 1 0")
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success(), "{signal}");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What each of so many threads of all workers gets that ask at a time of the wall clock, and how many got it.
fn crowd(workers: &mut [Worker], threads: usize, unix_ms: i64) -> BTreeMap<String, usize> {
    for worker in workers.iter_mut() {
        worker.say(&format!("get {threads} {unix_ms}"));
    }
    let mut got = BTreeMap::new();
    for worker in workers {
        for word in worker.hear().split(' ') {
            *got.entry(word.to_owned()).or_default() += 1;
        }
    }
    got
}

/// A reply's life.
fn lives(seconds: i64) -> Action {
    Action::Edit { set: [("/expires_in".to_owned(), seconds.into())].into(), remove: vec![], status: None }
}

#[test]
fn p04_eight_processes_of_sixteen_threads_make_one_request_at_the_start_at_expiry_and_when_it_fails() {
    let host = Host::new();
    for nth in [1, 2] {
        host.befalls("token", nth, lives(10));
    }
    let unavailable =
        Action::Status { status: 503, retry_after: Some(RetryAfter::Seconds(60)), headers: vec![] };
    host.befalls("token", 3, unavailable);
    // So that all of them ask at one moment, after the end.
    let mut workers = host.workers(8, &[("renewal", "same-until-expiry")]);
    let mut seen = Vec::new();
    for requests in [1, 2] {
        let got = crowd(&mut workers, 16, 0);
        assert_eq!((got.values().copied().collect::<Vec<_>>(), host.asked("token")), (vec![128], requests));
        let ends: i64 = workers[0].ask("expires").parse().unwrap();
        seen.extend(got.into_keys());
        let got = crowd(&mut workers, 16, ends + 1);
        assert_eq!((got.len(), host.asked("token")), (1, requests + 1), "{got:?}");
        assert!(got.keys().all(|token| !seen.contains(token)), "{got:?}");
        if requests == 2 {
            assert_eq!(got, [("vendor.fault".to_owned(), 128)].into());
        }
    }
}

#[test]
fn whoever_asks_and_is_killed_is_followed_at_once() {
    let host = Host::new();
    host.befalls("token", 1, Action::Hang { at: Point::BeforeReply });
    // Whoever waited for as long as the request may take would be late.
    let patient = [("timeout_ms", "600000")];
    let asking = host.worker(&patient);
    wait_for("the first request", || (host.asked("token") == 1).then_some(()));
    let mut next = host.worker(&patient);
    next.say("get 1 0");
    asking.signal("-KILL");
    let token = next.hear();
    assert!(token.len() > 100, "{token}");
    assert_eq!(host.asked("token"), 2);
}

#[test]
fn whoever_asks_and_is_stopped_is_passed_and_what_he_brings_too_late_counts_no_more() {
    let host = Host::new();
    host.befalls("token", 1, Action::Hang { at: Point::BeforeReply });
    let brief = [("timeout_ms", "3000")];
    let mut stopped = host.worker(&brief);
    wait_for("the first request", || (host.asked("token") == 1).then_some(()));
    stopped.signal("-STOP");
    let token = host.worker(&brief).get();
    assert_eq!((token.len() > 100, host.asked("token")), (true, 2), "{token}");
    stopped.signal("-CONT");
    wait_for("what was kept meanwhile", || (stopped.get() == token).then_some(()));
    assert_eq!((host.worker(&brief).get(), host.asked("token")), (token, 2));
}

#[test]
fn a_token_that_somebody_exchanged_and_died_is_exchanged_by_nobody_else() {
    let host = Host::new();
    host.befalls("refresh", 1, Action::Hang { at: Point::BeforeReply });
    let patient = [("timeout_ms", "600000")];
    let (mut one, mut two) = (host.worker(&patient), host.worker(&patient));
    let first = one.get();
    assert_eq!(two.get(), first);
    one.say("renew");
    wait_for("the exchange", || (host.asked("refresh") == 1).then_some(()));
    two.say("renew");
    one.signal("-KILL");
    assert_eq!(two.hear(), "another");
    assert_ne!(two.get(), first);
    assert_eq!((host.asked("refresh"), host.asked("token")), (1, 2));
    // The next one is exchanged as usual.
    assert_eq!(two.ask("renew"), "another");
    assert_eq!((host.asked("refresh"), host.asked("token")), (2, 2));
}
