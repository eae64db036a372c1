//! Those who leave word instead of waiting for a token.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use ccauth::{Account, Client, Error, ManualClock, Source, Timestamp, Waiting, Wish, detail};
use ccauth_testkit::{Gate, Scripted};

const HOUR: Duration = Duration::from_secs(3600);

/// More than any test takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn granted(token: &str) -> String {
    let body = format!(r#"{{"success":true,"access_token":"{token}","expires_in":3600}}"#);
    format!("HTTP/1.1 200 OK\ncontent-length: {}\n\n{body}", body.len())
}

const REFUSED: &str =
    "HTTP/1.1 401 X\ncontent-length: 50\n\n{\"success\":false,\"message\":\"Invalid credentials..\"}";

struct Scene {
    source: Source,
    clock: Arc<ManualClock>,
    gate: Arc<Gate>,
}

type Told = Receiver<Result<(String, u64), Error>>;

impl Scene {
    fn new(replies: &[&str]) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap()));
        let gate = Arc::new(Gate::new(Arc::new(Scripted::new(replies.iter().copied()))));
        let client = Client::builder().clock(clock.clone()).transport(gate.clone()).build();
        let account = Account::builder("servetel").field("email", "clerk").field("password", "hunter2");
        Self { source: Source::open(&account.client(&client).build().unwrap()), clock, gate }
    }

    /// Leaves word, and gives where it is told.
    fn leave_word(&self, wish: Wish) -> (Waiting, Told) {
        let (tell, told) = channel();
        let hear = move |outcome: Result<(ccauth::Token, u64), Error>| {
            let _ = tell.send(outcome.map(|(token, generation)| (token.value().to_owned(), generation)));
        };
        (self.source.token_then(wish, hear).unwrap(), told)
    }
}

/// What somebody was told, who then is told nothing more.
fn heard(told: &Told) -> Result<(String, u64), Error> {
    let outcome = told.recv_timeout(PATIENCE).unwrap();
    assert!(told.recv_timeout(PATIENCE).is_err(), "told twice");
    outcome
}

#[test]
fn all_who_left_word_are_told_of_one_request_and_those_who_come_later_at_once() {
    let scene = Scene::new(&[&granted("t0"), &granted("t1")]);
    let waiting: Vec<_> = (0..64).map(|_| scene.leave_word(Wish::default())).collect();
    scene.gate.wait_for(1);
    assert!(waiting.iter().all(|(_, told)| told.try_recv().is_err()));
    scene.gate.open(1);
    for (_, told) in &waiting {
        assert_eq!(heard(told).unwrap(), ("t0".to_owned(), 1));
    }
    let (_, told) = scene.leave_word(Wish::default());
    assert_eq!(told.try_recv().unwrap().unwrap(), ("t0".to_owned(), 1), "before the call returned");

    // Who needs more than is held waits for the next one, and others do not.
    scene.clock.advance(HOUR / 2);
    let (_, patient) = scene.leave_word(Wish::default().min_valid(HOUR * 3 / 4));
    let (_, other) = scene.leave_word(Wish::default());
    scene.gate.wait_for(2);
    assert_eq!((other.try_recv().unwrap().unwrap().1, patient.try_recv().is_err()), (1, true));
    scene.gate.open(1);
    assert_eq!(heard(&patient).unwrap(), ("t1".to_owned(), 2));
    assert_eq!(scene.gate.come(), 2);
}

#[test]
fn a_failure_is_told_to_all_and_a_panic_of_one_is_not_the_others_affair() {
    let scene = Scene::new(&[REFUSED]);
    let _panics = scene.source.token_then(Wish::default(), |_| panic!("on purpose")).unwrap();
    let waiting: Vec<_> = (0..3).map(|_| scene.leave_word(Wish::default())).collect();
    scene.gate.open(1);
    for (_, told) in &waiting {
        assert_eq!(heard(told).unwrap_err().detail(), &detail::CREDENTIALS_REJECTED);
    }
    let (_, told) = scene.leave_word(Wish::default());
    assert_eq!(told.try_recv().unwrap().unwrap_err().detail(), &detail::CREDENTIALS_REJECTED);
    assert_eq!(scene.gate.come(), 1);
}

#[test]
fn the_end_of_its_time_is_told_and_not_the_request_s() {
    let scene = Scene::new(&[&granted("t0")]);
    let (_, brief) = scene.leave_word(Wish::default().deadline(Duration::from_secs(5)));
    let (_, patient) = scene.leave_word(Wish::default().deadline(Duration::from_secs(50)));
    scene.gate.wait_for(1);
    scene.clock.advance(Duration::from_secs(4));
    scene.source.status();
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(heard(&brief).unwrap_err().detail(), &detail::DEADLINE);
    assert!(patient.try_recv().is_err());
    scene.gate.open(1);
    assert_eq!(heard(&patient).unwrap().1, 1);
    let nothing = scene.source.token_then(Wish::default().deadline(Duration::ZERO), |_| {});
    assert_eq!(nothing.unwrap_err().detail(), &detail::CONFIG_VALUE);
}

#[test]
fn who_gives_up_is_told_nothing_and_who_keeps_waiting_keeps_the_source() {
    let mut scene = Scene::new(&[&granted("t0"), &granted("t1"), &granted("t2")]);
    // A host has two at first, so that a third one stands in line.
    let account = scene.source.account();
    let _others = [
        scene.source.token_then(Wish::default(), |_| {}),
        Source::open(&account).token_then(Wish::default(), |_| {}),
    ];
    scene.gate.wait_for(2);
    scene.source = Source::open(&account);
    let (given_up, told) = scene.leave_word(Wish::default());
    let (_, other) = scene.leave_word(Wish::default());
    assert!(given_up.cancel() && !given_up.cancel());
    assert!(told.recv().is_err(), "nobody tells any more");
    let gate = scene.gate.clone();
    drop((scene, given_up));
    gate.open(3);
    assert_eq!(heard(&other).unwrap().1, 1);
}
