//! Sources that share a store: as several processes do, and one after the other.
#![cfg(feature = "file-store")]
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ccauth::{
    Account, AccountBuilder, Client, Entry, Error, EventKind, Kept, Lease, ManualClock, Secret, Source,
    Store, Timestamp, detail,
};
use ccauth_testkit::{Gate, Scripted};
use common::{PATIENCE, granted, holds, reply};
use tempfile::TempDir;

const HOUR: Duration = Duration::from_secs(3600);

fn rejected() -> String {
    reply(401, r#"{"success":false,"message":"The username or password is incorrect."}"#)
}

/// A directory for a store, and the time.
struct Scene {
    directory: TempDir,
    clock: Arc<ManualClock>,
}

/// What one process has.
struct Process {
    source: Source,
    script: Arc<Scripted>,
}

impl Scene {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap()));
        Self { directory: tempfile::tempdir().unwrap(), clock }
    }

    fn store(&self) -> String {
        format!("file://{}/store", self.directory.path().display())
    }

    /// A process whose requests come to these replies.
    fn process(&self, fields: &[(&str, &str)], replies: &[String]) -> Process {
        self.process_of(|client| account(client, fields), replies)
    }

    fn process_of(&self, account: impl FnOnce(&Client) -> AccountBuilder, replies: &[String]) -> Process {
        let script = Arc::new(Scripted::new(replies.iter().map(String::as_str)));
        let client = Client::builder().clock(self.clock.clone()).transport(script.clone()).build();
        let account = account(&client).field("store", self.store()).build().unwrap();
        Process { source: Source::open(&account), script }
    }

    /// The same, of the usual account.
    fn usual(&self, replies: &[String]) -> Process {
        self.process(&[], replies)
    }
}

impl Process {
    fn value(&self) -> String {
        self.source.token().map_or_else(|e| e.detail().word.to_owned(), |token| token.value().to_owned())
    }

    fn sent(&self) -> usize {
        self.script.sent().len()
    }
}

fn account(client: &Client, fields: &[(&str, &str)]) -> AccountBuilder {
    let usual = [("email", "clerk"), ("password", "hunter2")];
    account_of("servetel", client, usual.iter().chain(fields))
}

fn account_of<'a>(
    vendor: &str,
    client: &Client,
    fields: impl Iterator<Item = &'a (&'a str, &'a str)>,
) -> AccountBuilder {
    let mut builder = Account::builder(vendor);
    for (name, value) in fields {
        builder.set(name, *value).unwrap();
    }
    builder.client(client)
}

#[test]
fn a_process_that_is_started_anew_makes_no_request_while_the_kept_token_lives() {
    let scene = Scene::new();
    // How much time has passed, what the new process gets, and whether it asks for it.
    let table = [(0, "t0", 1), (1800, "t0", 0), (1799, "t1", 1), (600, "t1", 0)];
    for (n, (passed, expected, asks)) in table.into_iter().enumerate() {
        scene.clock.advance(Duration::from_secs(passed));
        let process = scene.usual(&[granted(&format!("t{}", n / 2))]);
        assert_eq!((process.value().as_str(), process.sent()), (expected, asks), "{passed}");
        assert_eq!(process.source.status().store_failure.map(|e| e.to_string()), None);
    }
}

#[test]
fn a_kept_token_answers_for_no_other_account_password_or_host() {
    let scene = Scene::new();
    assert_eq!(scene.usual(&[granted("t0")]).value(), "t0");
    for (n, (name, value)) in
        [("email", "other"), ("password", "other"), ("base_url", "https://other.example")]
            .into_iter()
            .enumerate()
    {
        let token = format!("other{n}");
        let process = scene.process(&[(name, value)], &[granted(&token)]);
        assert_eq!((process.value(), process.sent()), (token, 1), "{name}");
    }
    let same = scene.process(&[("timeout_ms", "5000"), ("carriage", "bare")], &[]);
    assert_eq!((same.value().as_str(), same.sent()), ("t0", 0));
    assert_eq!(same.source.header().unwrap().1, "t0");
}

#[test]
fn p18_a_process_that_is_started_anew_keeps_the_hold_and_another_password_ends_it() {
    let scene = Scene::new();
    assert_eq!(scene.usual(&[rejected()]).value(), "credentials.rejected");
    scene.clock.advance(Duration::from_secs(200));
    let process = scene.usual(&[granted("t0")]);
    let failure = process.source.token().unwrap_err();
    let left = failure.retry_after().unwrap().as_secs();
    assert!((100..=130).contains(&left) && process.sent() == 0, "{failure}");
    assert_eq!(failure.http_status(), Some(401));
    assert_eq!(failure.vendor_message(), Some("The username or password is incorrect."));
    // Not within a second of looking.
    scene.clock.advance(Duration::from_secs(2));
    process.source.set("password", "hunter3").unwrap();
    assert_eq!((process.value().as_str(), process.sent()), ("t0", 1));
    // The old one is held back as before, and asked about when its time has come.
    assert_eq!(scene.usual(&[]).value(), "credentials.rejected");
    scene.clock.advance(Duration::from_secs(131));
    assert_eq!(scene.usual(&[granted("t1")]).value(), "t1");
}

#[test]
fn p04_of_processes_that_renew_at_once_one_asks_and_the_others_take_what_it_got() {
    let scene = Scene::new();
    let first = scene.usual(&[granted("t0"), granted("t1")]);
    assert_eq!(first.value(), "t0");
    let others: Vec<Process> = (0..4).map(|_| scene.usual(&[granted("t1")])).collect();
    assert!(others.iter().all(|process| process.value() == "t0" && process.sent() == 0));
    // All of them renew now.
    scene.clock.advance(Duration::from_secs(3599));
    let asked = || first.sent() + others.iter().map(Process::sent).sum::<usize>();
    for process in others.iter().chain([&first]) {
        holds(&process.source, 2);
        assert_eq!(process.value(), "t1");
    }
    assert_eq!(asked(), 2);
}

#[test]
fn p19_a_token_that_one_process_has_replaced_is_replaced_for_all() {
    let scene = Scene::new();
    let one = scene.usual(&[granted("t0"), granted("t1")]);
    assert_eq!(one.value(), "t0");
    let two = scene.usual(&[]);
    assert_eq!(two.value(), "t0");
    scene.clock.advance(Duration::from_secs(60));
    let rejected = one.source.token().unwrap();
    one.source.report_rejected(&rejected);
    holds(&one.source, 2);
    two.source.report_rejected(&rejected);
    holds(&two.source, 2);
    assert_eq!((one.value().as_str(), two.value().as_str()), ("t1", "t1"));
    assert_eq!((one.sent(), two.sent()), (2, 0));
}

#[test]
fn a_revoked_token_is_there_for_nobody_and_with_a_new_password_it_is_found_under_that() {
    let scene = Scene::new();
    // ContactNow has both.
    let process = |password: &str, replies: &[String]| {
        let fields = [("username", "clerk"), ("password", password)];
        scene.process_of(|client| account_of("contactnow", client, fields.iter()), replies)
    };
    let granted = |token: &str| {
        reply(200, &format!(r#"{{"success":true,"token":"{token}","expire":"1800003600","customerid":"7"}}"#))
    };
    let done = || reply(200, r#"{"success":true}"#);
    let one = process("hunter2", &[granted("t0"), done()]);
    assert_eq!(one.value(), "t0");
    one.source.revoke().unwrap();
    let two = process("hunter2", &[granted("t1"), done()]);
    assert_eq!((two.value().as_str(), two.sent()), ("t1", 1));
    two.source.change_password("hunter3").unwrap();
    let three = process("hunter3", &[]);
    assert_eq!((three.value().as_str(), three.sent()), ("t1", 0));
}

/// A store that fails when a test says so, and keeps nothing.
#[derive(Debug, Default)]
struct Failing {
    fails: AtomicBool,
    panics: AtomicBool,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Turn;

impl Lease for Turn {}

impl Failing {
    fn answer<T>(&self, answer: T) -> Result<T, Error> {
        assert!(!self.panics.load(Ordering::Relaxed), "by the test");
        match self.fails.load(Ordering::Relaxed) {
            true => Err(Error::new(&detail::STORE_FAILED, "by the test").with_os_errno(Some(28))),
            false => Ok(answer),
        }
    }
}

impl Store for Failing {
    fn load(&self, _: &Entry) -> Result<Kept, Error> {
        self.answer(self.kept.lock().unwrap().clone())
    }

    fn lease(&self, _: &Entry, _: Duration) -> Result<Option<Box<dyn Lease>>, Error> {
        self.answer(Some(Box::new(Turn)))
    }

    fn commit(&self, _: &Entry, revision: u64, record: &Secret) -> Result<bool, Error> {
        self.answer(())?;
        *self.kept.lock().unwrap() = Kept { revision: revision + 1, record: Some(record.clone()) };
        Ok(true)
    }
}

#[test]
fn a_source_goes_on_without_a_store_that_fails_and_says_so() {
    let scene = Scene::new();
    let store = Arc::new(Failing::default());
    let replies = [granted("t0"), granted("t1"), granted("t2"), granted("t3")];
    let gate = Arc::new(Gate::new(Arc::new(Scripted::new(replies.iter().map(String::as_str)))));
    let (clock, kept) = (scene.clock.clone(), store.clone());
    let client = Client::builder().clock(clock).transport(gate.clone()).store(kept).build();
    let source = Source::open(&account(&client, &[]).build().unwrap());
    let (tell, told) = channel();
    let _listening = source.subscribe(move |event| {
        if matches!(event.kind, EventKind::StoreDegraded | EventKind::StoreRecovered) {
            let word = event.error.as_ref().map(|e| (e.detail().word, e.os_errno()));
            tell.send((event.kind, word)).unwrap();
        }
    });
    // How the store is while a token is asked for, and what is told of it.
    for (n, (fails, panics, news)) in [
        (false, false, None),
        (true, false, Some((EventKind::StoreDegraded, Some(("store.failed", Some(28)))))),
        (false, false, Some((EventKind::StoreRecovered, None))),
        (false, true, Some((EventKind::StoreDegraded, Some(("store.failed", None))))),
    ]
    .into_iter()
    .enumerate()
    {
        // While no request is under way.
        store.fails.store(fails, Ordering::Relaxed);
        store.panics.store(panics, Ordering::Relaxed);
        if n > 0 {
            scene.clock.advance(2 * HOUR);
        }
        gate.open(1);
        assert_eq!(source.token().unwrap().value(), format!("t{n}"));
        assert_eq!(news.map(|_| told.recv_timeout(PATIENCE).unwrap()), news);
        let failure = source.status().store_failure.map(|e| e.detail().word);
        assert_eq!(failure, (fails || panics).then_some("store.failed"));
    }
    assert!(told.try_recv().is_err(), "nothing else is told");
}

#[test]
fn a_store_that_cannot_be_used_costs_nothing_but_that() {
    let scene = Scene::new();
    let store = scene.directory.path().join("store");
    fs::write(&store, "precious").unwrap();
    let process = scene.usual(&[granted("t0")]);
    assert_eq!(process.value(), "t0");
    let failure = process.source.status().store_failure.unwrap();
    assert_eq!(failure.detail().word, "store.failed");
    assert!(failure.to_string().contains(store.to_str().unwrap()), "{failure}");
    assert_eq!(fs::read(&store).unwrap(), b"precious");
}

#[test]
fn the_fields_of_a_store_say_what_is_wrong_with_them() {
    let scene = Scene::new();
    let key = |name: &str, bytes: &[u8], mode| {
        let path = scene.directory.path().join(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (good, loose) = (key("good", &[7; 32], 0o600), key("loose", &[7; 32], 0o640));
    let (short, long) = (key("short", &[7; 31], 0o600), key("long", &[7; 4097], 0o600));
    let place = scene.store();
    for (fields, expected) in [
        (&[("store", "/var/lib/ccauth")][..], "store: expected file:// and the absolute path"),
        (&[("store", "file://var/lib/ccauth")], "store: expected"),
        (&[("store", "file:///")], "store: expected"),
        (&[("store", "file:///var//lib")], "store: expected"),
        (&[("store", "file:///var/../lib")], "store: expected"),
        (&[("store", "file:///var/%20lib")], "store: expected"),
        (&[("store", "redis://host")], "store: expected"),
        (&[("store_key_file", good.as_str())], "store_key_file: there is no store"),
        (
            &[("store", &place), ("store_key_file", "/no/such/file")],
            "store_key_file: /no/such/file: No such file",
        ),
        (&[("store", &place), ("store_key_file", &loose)], "chmod 600"),
        (&[("store", &place), ("store_key_file", &short)], "32 to 4096 bytes"),
        (&[("store", &place), ("store_key_file", &long)], "32 to 4096 bytes"),
        (&[("store", &place), ("store_key_file", "/dev/null")], "32 to 4096 bytes"),
        (&[("store", &place), ("store_key_file", &good)], ""),
    ] {
        let builder = Account::builder("servetel").field("email", "clerk").field("password", "hunter2");
        let built = fields.iter().fold(builder, |b, (name, value)| b.field(*name, *value)).build();
        let message = built.err().map(|e| (e.detail().word, e.to_string()));
        match message {
            None => assert_eq!(expected, ""),
            Some((word, message)) => {
                assert!(
                    word == "config.value" && !expected.is_empty() && message.contains(expected),
                    "{message}"
                );
            }
        }
    }
    assert!(!scene.directory.path().join("store").exists(), "nothing is made before there is a source");
}
