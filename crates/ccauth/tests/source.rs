//! A source in one process: one request for all who need it, nobody waits without need, nothing is lost.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use ccauth::{
    Account, Client, Error, ErrorKind, ManualClock, Policy, Reply, Request, Source, Timestamp, Token,
    Transport, Wish, detail,
};
use ccauth_testkit::{Gate, Scripted};
use common::{granted, reply};

const HOUR: Duration = Duration::from_secs(3600);

const REJECTED: &str = r#"{"success":false,"message":"The username or password is incorrect."}"#;

struct Scene {
    source: Source,
    clock: Arc<ManualClock>,
    script: Arc<Scripted>,
    gate: Arc<Gate>,
    client: Client,
}

impl Scene {
    /// A source of Servetel whose requests come to these replies, and wait at a gate.
    fn new(replies: &[String]) -> Self {
        Self::of("servetel", &[("email", "clerk"), ("password", "hunter2")], replies)
    }

    fn of(vendor: &str, fields: &[(&str, &str)], replies: &[String]) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap()));
        let script = Arc::new(Scripted::new(replies.iter().map(String::as_str)));
        let gate = Arc::new(Gate::new(script.clone()));
        let client = Client::builder().clock(clock.clone()).transport(gate.clone()).build();
        let account = account(&client, vendor, fields);
        Self { source: Source::open(&account), clock, script, gate, client }
    }

    /// [`Scene::new`] with an open gate, and the first token held.
    fn holding(replies: &[String]) -> (Self, Token) {
        let scene = Self::new(replies);
        scene.gate.open(1);
        let token = scene.source.token().unwrap();
        (scene, token)
    }

    fn value(&self) -> String {
        self.source.token().unwrap().value().to_owned()
    }
}

fn account(client: &Client, vendor: &str, fields: &[(&str, &str)]) -> Account {
    let builder = fields.iter().fold(Account::builder(vendor), |b, (name, value)| b.field(*name, *value));
    builder.client(client).build().unwrap()
}

/// What so many threads get that ask at once while the `request`-th is held at the gate.
fn crowd(scene: &Scene, request: usize, threads: usize) -> Vec<Result<String, Error>> {
    let all = Arc::new(Barrier::new(threads + 1));
    let asking: Vec<_> = (0..threads)
        .map(|_| {
            let (source, all) = (scene.source.clone(), all.clone());
            thread::spawn(move || {
                all.wait();
                source.token().map(|token| token.value().to_owned())
            })
        })
        .collect();
    all.wait();
    scene.gate.wait_for(request);
    scene.gate.open(1);
    asking.into_iter().map(|thread| thread.join().unwrap()).collect()
}

#[test]
fn sixty_four_threads_on_an_empty_or_expired_source_make_one_request() {
    let scene = Scene::new(&[granted("t0"), granted("t1")]);
    for (n, value) in ["t0", "t1"].iter().enumerate() {
        let got = crowd(&scene, n + 1, 64);
        assert!(got.iter().all(|token| token.as_deref().ok() == Some(value)), "{got:?}");
        assert_eq!(scene.gate.come(), n + 1);
        scene.clock.advance(2 * HOUR);
    }
}

#[test]
fn a_failure_is_shared_by_all_who_waited_and_told_to_all_who_come_before_the_next_try() {
    let scene = Scene::new(&[reply(401, REJECTED)]);
    let got = crowd(&scene, 1, 64);
    for failure in got.into_iter().map(Result::unwrap_err) {
        assert_eq!(failure.kind(), ErrorKind::Credentials);
        let wait = failure.retry_after().unwrap().as_secs();
        assert!((300..=330).contains(&wait), "{wait}");
    }
    assert_eq!(scene.source.token().unwrap_err().kind(), ErrorKind::Credentials);
    assert_eq!(scene.gate.come(), 1);
}

#[test]
fn while_a_renewal_is_under_way_readers_get_the_held_token_at_once() {
    let (scene, _) = Scene::holding(&[granted("t0"), granted("t1")]);
    scene.clock.advance(HOUR - Duration::from_secs(60));
    assert_eq!(scene.value(), "t0", "and the renewal has begun");
    scene.gate.wait_for(2);
    for _ in 0..100 {
        assert_eq!(scene.value(), "t0");
    }
    assert!(scene.source.status().is_flying);
    scene.gate.open(1);
    assert_eq!(renewed(&scene), "t1");
    assert!(scene.script.sent()[1].contains("/v1/auth/refresh"));
    assert_eq!(scene.gate.come(), 2);
}

/// The token once the request that is under way has ended.
fn renewed(scene: &Scene) -> String {
    // Somebody who needs more than is held waits for the request.
    scene.source.token_for(Wish::default().min_valid(HOUR / 2)).unwrap().value().to_owned()
}

#[test]
fn a_caller_s_deadline_ends_its_wait_and_not_the_request() {
    let scene = Scene::new(&[granted("t0")]);
    let deadline = Duration::from_millis(50);
    let ask: [fn(&Source, Duration) -> Option<Error>; 2] = [
        |source, deadline| source.token_for(Wish::default().deadline(deadline)).err(),
        |source, deadline| source.renew_within(deadline).err(),
    ];
    for ask in ask {
        let source = scene.source.clone();
        let asking = thread::spawn(move || ask(&source, deadline));
        scene.gate.wait_for(1);
        while !asking.is_finished() {
            scene.clock.advance(Duration::from_millis(10));
            thread::yield_now();
        }
        let failure = asking.join().unwrap().unwrap();
        assert_eq!((failure.kind(), failure.detail()), (ErrorKind::Timeout, &detail::DEADLINE));
        assert!(failure.message().starts_with("deadline: "), "{failure}");
    }
    scene.gate.open(1);
    assert_eq!((scene.value().as_str(), scene.gate.come()), ("t0", 1));
}

#[test]
fn sixty_four_reports_of_one_token_make_one_renewal_and_one_of_an_older_one_none() {
    let (scene, held) = Scene::holding(&[granted("t0"), granted("t1")]);
    scene.clock.advance(HOUR * 11 / 20);
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| scene.source.report_rejected(&held));
        }
    });
    scene.gate.wait_for(2);
    assert_eq!((scene.value().as_str(), scene.source.status().is_stale), ("t0", true));
    scene.gate.open(1);
    assert_eq!(renewed(&scene), "t1");
    scene.clock.advance(Duration::from_secs(100));
    scene.source.report_rejected(&held);
    assert_eq!((scene.value().as_str(), scene.gate.come()), ("t1", 2));
}

#[test]
fn a_report_by_generation_says_what_one_of_its_token_would() {
    let (scene, _) = Scene::holding(&[granted("t0"), granted("t1")]);
    let (token, generation) = scene.source.token_and_generation(Wish::default()).unwrap();
    assert_eq!((token.value(), generation), ("t0", 1));
    scene.clock.advance(HOUR * 11 / 20);
    for (other, is_stale) in [(0, false), (2, false), (1, true)] {
        scene.source.report_rejected_generation(other);
        assert_eq!(scene.source.status().is_stale, is_stale, "{other}");
    }
    scene.gate.open(1);
    assert_eq!(renewed(&scene), "t1");
    scene.source.report_rejected_generation(generation);
    assert_eq!((scene.source.status().is_stale, scene.gate.come()), (false, 2));
    assert_eq!(scene.source.token_and_generation(Wish::default()).unwrap().1, 2);
}

#[test]
fn one_field_is_replaced_and_what_cannot_be_changes_nothing() {
    let scene = Scene::new(&[reply(401, REJECTED), granted("t0")]);
    scene.gate.open(2);
    scene.source.token().unwrap_err();
    scene.clock.advance(Duration::from_secs(2));
    for (name, value, refused) in [
        ("password", "wrong\n", &detail::CONFIG_VALUE),
        ("pasword", "correct", &detail::CONFIG_UNKNOWN),
        ("renewal", "reissue", &detail::CONFIG_VALUE),
    ] {
        assert_eq!(scene.source.set(name, value).unwrap_err().detail(), refused, "{name}");
    }
    assert!(scene.source.status().held_until.is_some());
    scene.source.set("password", "correct").unwrap();
    assert_eq!((scene.value().as_str(), scene.gate.come()), ("t0", 2));
    assert!(scene.script.sent()[1].contains("correct"));
    assert_eq!(scene.source.account().login().get("email"), Some("clerk"));
}

#[test]
fn fields_that_threads_replace_at_the_same_time_are_all_replaced() {
    let (scene, _) = Scene::holding(&[granted("t0"), granted("t1")]);
    let fields = ["timeout_ms", "connect_timeout_ms", "password", "email"];
    for round in 0..50 {
        let (all, value) = (Barrier::new(fields.len()), (1_000 + round).to_string());
        thread::scope(|scope| {
            for field in fields {
                let (source, all, value) = (&scene.source, &all, &value);
                scope.spawn(move || {
                    all.wait();
                    source.set(field, value.as_str()).unwrap();
                });
            }
        });
        let login = scene.source.account().login();
        assert_eq!(fields.map(|field| login.get(field)), [Some(value.as_str()); 4], "{round}");
    }
    scene.gate.open(1);
}

#[test]
fn other_credentials_end_a_hold_and_are_tried_at_once() {
    let scene = Scene::new(&[reply(401, REJECTED), granted("t0")]);
    scene.gate.open(2);
    assert_eq!(scene.source.token().unwrap_err().kind(), ErrorKind::Credentials);
    assert!(scene.source.status().held_until.is_some());
    scene.clock.advance(Duration::from_secs(2));
    let right = account(&scene.client, "servetel", &[("email", "clerk"), ("password", "correct")]);
    scene.source.replace(&right).unwrap();
    assert_eq!((scene.value().as_str(), scene.gate.come()), ("t0", 2));
    assert!(scene.script.sent()[1].contains("correct"));

    let other = account(&scene.client, "contactnow", &[("username", "u"), ("password", "p")]);
    assert!(scene.source.replace(&other).unwrap_err().message().starts_with("vendor: "));
    let fields = [("email", "clerk"), ("password", "correct"), ("renewal", "reissue")];
    let other = account(&scene.client, "servetel", &fields);
    assert!(scene.source.replace(&other).unwrap_err().message().starts_with("renewal: "));
}

#[test]
fn what_is_asked_of_the_vendor_by_hand_keeps_the_source_right() {
    let xml = |body: &str| {
        let length = body.len();
        format!("HTTP/1.1 200 OK\ncontent-type: application/json\ncontent-length: {length}\n\n{body}")
    };
    let token = |value: &str| xml(&format!(r#"{{"success":true,"token":"{value}","expire":1800043200}}"#));
    let done = || xml(r#"{"success":true}"#);
    let fields = [("username", "u"), ("password", "old")];
    let scene = Scene::of("contactnow", &fields, &[reply(401, r#"{"success":false}"#)]);
    scene.gate.open(1);
    scene.source.token().unwrap_err();
    for failure in [scene.source.revoke().unwrap_err(), scene.source.change_password("x").unwrap_err()] {
        assert_eq!(failure.detail(), &detail::TOKEN_NEEDED);
    }
    let replies = [token("aaa"), done(), done(), token("bbb")];
    let scene = Scene::of("contactnow", &fields, &replies);
    scene.gate.open(5);
    assert_eq!(scene.value(), "aaa");
    scene.clock.advance(Duration::from_secs(2));
    scene.source.change_password("new").unwrap();
    assert_eq!(scene.value(), "aaa", "the token stays");
    scene.clock.advance(Duration::from_secs(2));
    scene.source.revoke().unwrap();
    scene.clock.advance(Duration::from_secs(2));
    assert_eq!(scene.value(), "bbb", "a revoked one is not handed out again");
    let sent = scene.script.sent();
    assert!(sent[3].contains("action=get") && sent[3].contains("password=new"), "{}", sent[3]);
    assert_eq!(scene.source.validate().unwrap_err().kind(), ErrorKind::Internal, "the script is at its end");
    assert_eq!(scene.value(), "bbb");
}

#[test]
fn a_renewal_at_somebody_s_word_tells_whether_there_is_another_token() {
    let (scene, _) = Scene::holding(&[granted("t0"), granted("t1"), granted("t1")]);
    scene.gate.open(2);
    for (renewed, value) in [(true, "t1"), (false, "t1")] {
        scene.clock.advance(Duration::from_secs(60));
        assert_eq!(scene.source.renew_now().unwrap(), renewed);
        assert_eq!(scene.value(), value);
    }
    assert_eq!(scene.gate.come(), 3);
}

#[test]
fn a_renewal_at_somebody_s_word_waits_for_its_own_request_behind_another() {
    let token =
        |value: &str| reply(200, &format!(r#"{{"success":true,"token":"{value}","expire":1800043200}}"#));
    let throttled = reply(429, r#"{"success":false,"error":"Too many requests"}"#);
    // What becomes of the request before, and whether the renewal follows it.
    for (before, renews) in [(reply(200, r#"{"success":true}"#), true), (throttled, false)] {
        let replies = [token("aaa"), before, token("bbb")];
        let scene = Scene::of("contactnow", &[("username", "u"), ("password", "p")], &replies);
        scene.gate.open(1);
        assert_eq!(scene.value(), "aaa");
        thread::scope(|scope| {
            scope.spawn(|| drop(scene.source.validate()));
            scene.gate.wait_for(2);
            let renewing = scope.spawn(|| scene.source.renew_now());
            scene.clock.advance(Duration::from_secs(2));
            scene.gate.open(2);
            let renewed = renewing.join().unwrap().map_err(|failure| failure.kind());
            assert_eq!(renewed, if renews { Ok(true) } else { Err(ErrorKind::RateLimited) });
        });
        let (value, requests) = if renews { ("bbb", 3) } else { ("aaa", 2) };
        assert_eq!((scene.value().as_str(), scene.gate.come()), (value, requests));
    }
}

/// Panics once, and then answers.
#[derive(Debug)]
struct Panics(Scripted, std::sync::atomic::AtomicBool);

impl Transport for Panics {
    fn send(&self, request: Request) -> Result<Reply, Error> {
        assert!(self.1.swap(true, std::sync::atomic::Ordering::SeqCst), "on purpose");
        self.0.send(request)
    }
}

#[test]
fn a_panic_in_a_transport_is_a_failure_that_passes() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap()));
    let script = Scripted::new([granted("t0").as_str()]);
    let transport = Arc::new(Panics(script, std::sync::atomic::AtomicBool::new(false)));
    let client = Client::builder().clock(clock.clone()).transport(transport).build();
    let source = Source::open(&account(&client, "servetel", &[("email", "clerk"), ("password", "hunter2")]));
    let failure = source.token().unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Internal, "{failure}");
    clock.advance(Duration::from_secs(2));
    assert_eq!(source.token().unwrap().value(), "t0");
}

#[test]
fn what_makes_no_sense_is_refused_by_its_name() {
    let (scene, _) = Scene::holding(&[granted("t0")]);
    let refused = |wish: Wish| scene.source.token_for(wish).unwrap_err();
    assert!(refused(Wish::default().deadline(Duration::ZERO)).message().starts_with("deadline: "));
    let long = refused(Wish::default().min_valid(2 * HOUR));
    assert!(long.message().starts_with("min_valid: ") && long.kind() == ErrorKind::Invalid, "{long}");
    let mut policy = Policy::default();
    policy.lead = Some(HOUR);
    let account = account(&scene.client, "servetel", &[("email", "clerk"), ("password", "hunter2")]);
    let failure = Source::with_policy(&account, policy).unwrap_err();
    assert!(failure.message().starts_with("lead: "), "{failure}");
}

#[test]
fn nothing_secret_is_in_the_debug_form() {
    let (scene, held) = Scene::holding(&[granted("t0-secret")]);
    let shown = format!("{:?} {:#?}", scene.source, scene.source.status());
    assert!(!shown.contains(held.value()) && !shown.contains("hunter2"), "{shown}");
}
