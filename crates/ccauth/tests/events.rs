//! What a source tells to those who listen.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use ccauth::jiff::SignedDuration;
use ccauth::{Account, Client, Error, Event, ManualClock, Source, Timestamp, Wish, detail};
use ccauth_testkit::{Gate, Scripted};

const MINUTE: Duration = Duration::from_secs(60);

fn reply(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\ncontent-type: application/json\n{headers}content-length: {length}\n\n{body}"
    )
}

fn granted(token: &str) -> String {
    reply(200, "", &format!(r#"{{"success":true,"access_token":"{token}","expires_in":3600}}"#))
}

fn refused(status: u16, words: &str) -> String {
    reply(status, "", &format!(r#"{{"success":false,"message":"{words}"}}"#))
}

/// Everything that was heard.
#[derive(Clone, Default)]
struct Heard(Arc<(Mutex<Vec<Event>>, Condvar)>);

impl Heard {
    fn hear(&self, event: &Event) {
        self.0.0.lock().unwrap().push(event.clone());
        self.0.1.notify_all();
    }

    /// What was heard, once it is so much.
    fn all(&self, count: usize) -> Vec<Event> {
        let patience = Duration::from_secs(30);
        let waiting =
            self.0.1.wait_timeout_while(self.0.0.lock().unwrap(), patience, |all| all.len() < count);
        waiting.unwrap().0.clone()
    }

    /// The words from the `from`-th on.
    fn words(&self, from: usize, count: usize) -> Vec<&'static str> {
        self.all(from + count)[from..].iter().map(|event| event.kind.name()).collect()
    }
}

struct Scene {
    source: Source,
    clock: Arc<ManualClock>,
    script: Arc<Scripted>,
    gate: Arc<Gate>,
}

/// A source of Servetel with these replies, behind a closed gate.
fn scene(replies: &[String]) -> Scene {
    let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap()));
    let script = Arc::new(Scripted::new(replies.iter().map(String::as_str)));
    let gate = Arc::new(Gate::new(script.clone()));
    let client = Client::builder().clock(clock.clone()).transport(gate.clone()).build();
    let account = Account::builder("servetel").field("email", "clerk").field("password", "hunter2");
    let source = Source::open(&account.client(&client).build().unwrap());
    Scene { source, clock, script, gate }
}

#[test]
fn a_token_s_life_is_told_in_its_order_and_what_stays_the_same_is_not() {
    let down = || refused(503, "down");
    let throttled = || refused(429, "Too many requests");
    let replies = [granted("t0"), granted("t1"), down(), down(), throttled(), granted("t2")];
    let Scene { source, clock, gate, .. } = scene(&replies);
    let heard = Heard::default();
    let listener = heard.clone();
    let _subscription = source.subscribe(move |event| listener.hear(event));
    gate.open(1);
    assert_eq!(heard.words(0, 1), ["token.acquired"]);
    clock.advance(50 * MINUTE);
    gate.open(1);
    assert_eq!(heard.words(1, 1), ["token.refreshed"]);
    clock.advance(10 * MINUTE);
    let token = source.token().unwrap();
    source.report_rejected(&token);
    source.report_rejected(&token);
    assert_eq!(heard.words(2, 1), ["token.invalidated"]);
    source.token().unwrap();
    source.token().unwrap();
    assert_eq!(heard.words(3, 1), ["token.stale_served"]);
    gate.open(2);
    assert_eq!(heard.words(4, 1), ["token.refresh_failed"]);
    clock.advance(5 * MINUTE);
    gate.wait_for(4);
    // Waits for what is under way; where that has ended, its failure holds.
    source.renew_now().unwrap_err();
    clock.advance(5 * MINUTE);
    gate.open(1);
    assert_eq!(heard.words(5, 2), ["vendor.rate_limited", "token.refresh_failed"]);
    clock.advance(40 * MINUTE);
    assert_eq!(heard.words(7, 1), ["token.expired"]);
    gate.open(1);
    assert_eq!(heard.words(8, 1), ["token.acquired"]);
    assert_eq!(heard.all(9).len(), 9);

    let all = heard.all(9);
    assert_eq!(all.iter().map(|event| event.generation).collect::<Vec<_>>(), [1, 2, 2, 2, 2, 2, 2, 2, 3]);
    let told = all[1].to_string();
    assert_eq!(told, "token.refreshed: servetel, token 2, valid until 2027-01-15T09:50:00Z");
    assert!(
        all[5].error.as_ref().is_some_and(|error| error.detail() == &detail::VENDOR_THROTTLED),
        "{}",
        all[5]
    );
}

#[test]
fn a_failure_is_told_with_its_cause() {
    let unreachable = Error::new(&detail::CONNECT_REFUSED, "refused");
    for (fails, cause) in [
        (Ok(refused(401, "The username or password is incorrect.")), "auth.rejected"),
        (Ok(refused(429, "Too many requests")), "vendor.rate_limited"),
        (Ok(reply(200, "", "<html>")), "vendor.response_unexpected"),
        (Err(unreachable), "vendor.unreachable"),
    ] {
        let replies: Vec<_> = fails.iter().cloned().collect();
        let Scene { source, script, gate, .. } = scene(&replies);
        if let Err(error) = fails {
            script.then_fail(error);
        }
        let heard = Heard::default();
        let listener = heard.clone();
        let _subscription = source.subscribe(move |event| listener.hear(event));
        gate.open(1);
        assert_eq!(heard.words(0, 2), [cause, "token.refresh_failed"]);
    }
}

#[test]
fn a_clock_that_differs_is_told_once_and_shown() {
    let body = r#"{"success":true,"access_token":"t0","expires_in":3600}"#;
    // The clock here shows 08:00:00.
    let dated = |date: &str| reply(200, &format!("date: {date}\n"), body);
    for (date, offset) in [
        ("Fri, 15 Jan 2027 09:00:00 GMT", Some(3_600)),
        ("Fri, 15 Jan 2027 07:00:00 GMT", Some(-3_599)),
        ("Fri, 15 Jan 2027 08:00:00 GMT", Some(0)),
    ] {
        let Scene { source, gate, .. } = scene(&[dated(date)]);
        let heard = Heard::default();
        let listener = heard.clone();
        let _subscription = source.subscribe(move |event| listener.hear(event));
        gate.open(1);
        let skewed = offset != Some(0);
        let expected: &[_] = if skewed { &["token.acquired", "clock.skew"] } else { &["token.acquired"] };
        assert_eq!(heard.words(0, expected.len()), expected, "{date}");
        assert_eq!(source.status().clock_offset, offset.map(SignedDuration::from_secs), "{date}");
    }
}

#[test]
fn a_listener_may_panic_or_ask_the_source_and_hears_nothing_once_it_is_gone() {
    let Scene { source, clock, gate, .. } = scene(&[granted("t0"), granted("t1"), granted("t2")]);
    let (heard, other) = (Heard::default(), Heard::default());
    let (listener, asks, again) = (heard.clone(), source.clone(), other.clone());
    let panics = source.subscribe(|_| panic!("on purpose"));
    let hears = source.subscribe(move |event| listener.hear(event));
    let asks = source.subscribe(move |event| {
        assert!(asks.token().is_ok() && asks.status().generation == event.generation);
        again.hear(event);
    });
    gate.open(1);
    assert_eq!(heard.words(0, 1), ["token.acquired"]);
    assert_eq!(other.words(0, 1), ["token.acquired"]);
    drop((panics, hears));
    clock.advance(50 * MINUTE);
    gate.open(1);
    assert_eq!(other.words(1, 1), ["token.refreshed"]);
    drop(asks);
    clock.advance(50 * MINUTE);
    gate.open(1);
    source.token_for(Wish::default().min_valid(50 * MINUTE)).unwrap();
    assert_eq!((heard.all(0).len(), other.all(0).len()), (1, 2));
}
