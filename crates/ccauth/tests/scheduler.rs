//! Sources that nobody asks: renewed in time, by few threads, in their turn.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use ccauth::{
    Account, Body, Client, Clock, Error, ErrorKind, Limits, ManualClock, Now, Reply, Request, Source,
    Timestamp, Transport, http,
};
use ccauth_testkit::Gate;
use common::{PATIENCE, holds};

const MINUTE: Duration = Duration::from_secs(60);

/// Threads are counted: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives everybody a token for an hour, and notes who asked and how many at once.
#[derive(Debug, Default)]
struct Vendor {
    asked: Mutex<Vec<String>>,
    under_way: AtomicUsize,
    most: AtomicUsize,
    panics: AtomicBool,
}

impl Transport for Vendor {
    fn send(&self, request: Request) -> Result<Reply, Error> {
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(under_way, Ordering::SeqCst);
        let sent = String::from_utf8_lossy(request.body().bytes()).into_owned();
        let email = sent.split('"').nth(3).unwrap_or("a refresh").to_owned();
        let n = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(email);
            asked.len()
        };
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        assert!(!self.panics.swap(false, Ordering::SeqCst), "on purpose");
        let body = format!(r#"{{"success":true,"access_token":"token-{n}","expires_in":3600}}"#);
        let length = http::HeaderValue::from(body.len());
        let mut reply = http::Response::new(Body::new(body.into_bytes()));
        reply.headers_mut().insert(http::header::CONTENT_LENGTH, length);
        Ok(reply)
    }
}

struct Scene {
    clock: Arc<ManualClock>,
    vendor: Arc<Vendor>,
    gate: Arc<Gate>,
    client: Client,
}

impl Scene {
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap()));
        let vendor = Arc::new(Vendor::default());
        let gate = Arc::new(Gate::new(vendor.clone()));
        let client = Client::builder().clock(clock.clone()).transport(gate.clone());
        let client = client.limits(limits).unwrap().build();
        Self { clock, vendor, gate, client }
    }

    fn open(&self, host: &str, email: &str) -> Source {
        Source::open(&account(&self.client, host, email))
    }

    fn asked(&self) -> Vec<String> {
        self.vendor.asked.lock().unwrap().clone()
    }
}

fn account(client: &Client, host: &str, email: &str) -> Account {
    let account = Account::builder("servetel").field("email", email).field("password", "hunter2");
    account.field("base_url", format!("https://{host}")).client(client).build().unwrap()
}

/// Waits until this process has such threads of ours: nothing announces that one has begun or ended.
fn until(what: &str, is_so: impl Fn((usize, usize)) -> bool) {
    let step = Duration::from_millis(1);
    for _ in 0..PATIENCE.as_millis() {
        if is_so(threads()) {
            return;
        }
        thread::sleep(step);
    }
    panic!("in vain: {what}, {:?}", threads());
}

/// This process's threads of ours: the one that wakes, and those that make requests.
fn threads() -> (usize, usize) {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names: Vec<_> =
        tasks.filter_map(|task| fs::read_to_string(task.unwrap().path().join("comm")).ok()).collect();
    let count = |start: &str| names.iter().filter(|name| name.starts_with(start)).count();
    (count("ccauth-schedul"), count("ccauth-request"))
}

#[test]
fn a_source_that_nobody_asks_is_renewed_in_time() {
    let _alone = alone();
    let scene = Scene::new();
    scene.gate.open(100);
    let source = scene.open("one", "clerk");
    holds(&source, 1);
    // At 48 min of 60, and up to a tenth of the lead earlier; then a refresh each time.
    for (minutes, generation) in [(46, 1), (2, 2), (46, 2), (2, 3)] {
        scene.clock.advance(minutes * MINUTE);
        holds(&source, generation);
        assert_eq!(scene.gate.come(), usize::try_from(generation).unwrap());
    }
    assert_eq!(scene.asked(), ["clerk", "a refresh", "a refresh"]);
}

#[test]
fn a_token_that_ends_while_its_exchange_stands_in_line_is_not_exchanged() {
    let _alone = alone();
    let mut one_at_a_time = Limits::default();
    (one_at_a_time.in_flight, one_at_a_time.per_host, one_at_a_time.at_first) = (1, 1, 1);
    for (minutes, asked) in [(5, "a refresh"), (15, "clerk")] {
        let scene = Scene::with(one_at_a_time);
        scene.gate.open(1);
        let source = scene.open("one", "clerk");
        holds(&source, 1);
        let other = scene.open("one", "other");
        scene.gate.wait_for(2);
        scene.clock.advance(50 * MINUTE);
        // Whoever asks begins what is due, if that has not happened by itself.
        source.token().unwrap();
        scene.clock.advance(minutes * MINUTE);
        scene.gate.open(2);
        holds(&source, 2);
        assert_eq!(scene.asked(), ["clerk", "other", asked], "{minutes} minutes later");
        drop((source, other));
        scene.gate.open(100);
        until("the threads have ended", |threads| threads == (0, 0));
    }
}

#[test]
fn ten_thousand_sources_have_one_thread_and_none_when_they_are_gone() {
    let _alone = alone();
    let scene = Scene::new();
    scene.gate.open(usize::MAX / 2);
    let sources: Vec<_> = (0..10_000).map(|n| scene.open("one", &format!("clerk-{n}"))).collect();
    sources.iter().for_each(|source| holds(source, 1));
    until("the requests' threads have ended", |threads| threads == (1, 0));
    scene.clock.advance(50 * MINUTE);
    sources.iter().for_each(|source| holds(source, 2));
    assert_eq!(scene.gate.come(), 20_000);
    let most = scene.vendor.most.load(Ordering::SeqCst);
    assert!(most <= Limits::default().per_host, "{most}");
    drop(sources);
    until("no thread is left", |threads| threads == (0, 0));
}

#[test]
fn at_first_few_requests_go_to_a_host_and_more_with_each_that_goes_well() {
    let _alone = alone();
    let scene = Scene::new();
    let sources: Vec<_> = (0..40).map(|n| scene.open("one", &format!("clerk-{n}"))).collect();
    for gone_well in 0..32 {
        let under_way = (2 + gone_well).min(8);
        scene.gate.wait_for(gone_well + under_way);
        until("the others wait", |threads| threads.1 == under_way);
        assert_eq!(scene.gate.come(), gone_well + under_way);
        scene.gate.open(1);
    }
    scene.gate.open(8);
    sources.iter().for_each(|source| holds(source, 1));
}

#[test]
fn a_host_or_an_account_that_does_not_answer_delays_no_other() {
    let _alone = alone();
    let Scene { clock, vendor, gate, .. } = Scene::new();
    let split = Split { silent: gate.clone(), quick: vendor };
    let client = Client::builder().clock(clock).transport(Arc::new(split)).build();
    let open = |host: &str, email: &str| Source::open(&account(&client, host, email));
    let mut hang: Vec<_> = (0..40).map(|n| open("silent", &format!("hangs-{n}"))).collect();
    hang.push(open("quick", "hangs"));
    gate.wait_for(3);
    let others: Vec<_> = (0..40).map(|n| open("quick", &format!("clerk-{n}"))).collect();
    others.iter().for_each(|source| holds(source, 1));
    assert!(hang.iter().all(|source| source.status().generation == 0));
    gate.open(41);
    hang.iter().for_each(|source| holds(source, 1));
}

/// Those who hang, and everybody else.
#[derive(Debug)]
struct Split {
    silent: Arc<Gate>,
    quick: Arc<Vendor>,
}

impl Transport for Split {
    fn send(&self, request: Request) -> Result<Reply, Error> {
        let hangs = String::from_utf8_lossy(request.body().bytes()).contains("hangs");
        if hangs { self.silent.send(request) } else { self.quick.send(request) }
    }
}

#[test]
fn a_source_that_is_dropped_waits_for_nothing_and_leaves_nothing() {
    let _alone = alone();
    let scene = Scene::new();
    let sources: Vec<_> = (0..10).map(|n| scene.open("one", &format!("clerk-{n}"))).collect();
    scene.gate.wait_for(2);
    drop(sources);
    until("what was under way is all that is left", |threads| threads == (0, 2));
    scene.gate.open(2);
    until("no thread is left", |threads| threads == (0, 0));
    assert_eq!(scene.gate.come(), 2, "those who stood in line left it");
}

#[test]
fn a_panic_in_a_transport_or_a_clock_ends_no_renewal() {
    let _alone = alone();
    let scene = Scene::new();
    scene.gate.open(100);
    let clock = Arc::new(Panics { clock: scene.clock.clone(), now: AtomicBool::new(false) });
    let client = Client::builder().clock(clock.clone()).transport(scene.gate.clone()).build();
    scene.vendor.panics.store(true, Ordering::SeqCst);
    let source = Source::open(&account(&client, "one", "clerk"));
    assert_eq!(source.token().unwrap_err().kind(), ErrorKind::Internal);
    scene.clock.advance(MINUTE);
    holds(&source, 1);
    clock.now.store(true, Ordering::SeqCst);
    scene.clock.advance(49 * MINUTE);
    holds(&source, 2);
    assert!(!clock.now.load(Ordering::SeqCst), "it has panicked");
}

/// A clock that panics once, under the thread that wakes sources.
#[derive(Debug)]
struct Panics {
    clock: Arc<ManualClock>,
    now: AtomicBool,
}

impl Clock for Panics {
    fn now(&self) -> Now {
        let wakes = thread::current().name() == Some("ccauth-scheduler");
        assert!(!(wakes && self.now.swap(false, Ordering::SeqCst)), "on purpose");
        self.clock.now()
    }

    fn when_moved(&self, look: Box<dyn Fn() + Send + Sync>) {
        self.clock.when_moved(look);
    }
}

#[test]
fn limits_of_nonsense_are_refused_by_name() {
    let limits = |in_flight, per_host, at_first| {
        let mut limits = Limits::default();
        (limits.in_flight, limits.per_host, limits.at_first) = (in_flight, per_host, at_first);
        Client::builder()
            .limits(limits)
            .map(drop)
            .map_err(|e| e.message().split(':').next().unwrap().to_owned())
    };
    assert_eq!(limits(256, 256, 256), Ok(()));
    for (bad, name) in [
        ((0, 1, 1), "in_flight"),
        ((1_025, 1, 1), "in_flight"),
        ((8, 0, 1), "per_host"),
        ((8, 9, 1), "per_host"),
        ((8, 8, 0), "at_first"),
        ((8, 4, 5), "at_first"),
    ] {
        assert_eq!(limits(bad.0, bad.1, bad.2), Err(name.to_owned()));
    }
}
