//! Instants, and the one way to a vendor.

mod common;

use std::sync::Mutex;
use std::time::Duration;

use ccauth_core::{
    Clock, Error, Instant, Login, Now, Op, Outcome, Renewal, Reply, Request, Token, Transport, detail,
    exchange,
};
use common::{any_login, login, now, reply};

#[test]
fn arithmetic_of_instants_saturates() {
    let (min, zero, max) = (Instant::from_nanos(i64::MIN), Instant::default(), Instant::from_nanos(i64::MAX));
    let second = Duration::from_secs(1);
    for (instant, nanos) in [
        (zero + second, 1_000_000_000),
        (zero - second, -1_000_000_000),
        (max + second, i64::MAX),
        (min - second, i64::MIN),
        (zero + Duration::MAX, i64::MAX),
        (zero - Duration::MAX, -i64::MAX),
    ] {
        assert_eq!(instant.as_nanos(), nanos);
    }
    for (later, earlier, passed) in [
        (zero + second, zero, second),
        (zero, zero + second, Duration::ZERO),
        (zero, zero, Duration::ZERO),
        (max, min, Duration::from_nanos(i64::MAX.unsigned_abs())),
    ] {
        assert_eq!(later.since(earlier), passed, "{later:?} since {earlier:?}");
    }
}

#[test]
fn each_mode_of_renewal_has_its_operation() {
    for (renewal, op) in [
        (Renewal::Reissue, Some(Op::Issue)),
        (Renewal::Refresh, Some(Op::Renew)),
        (Renewal::SameUntilExpiry, Some(Op::Issue)),
        (Renewal::Static, None),
    ] {
        assert_eq!(renewal.op(), op, "{}", renewal.name());
    }
}

/// A vendor that takes ten seconds to answer, on a clock that stands otherwise.
#[derive(Debug)]
struct Slow {
    now: Mutex<Now>,
    answer: Result<&'static str, &'static detail::Detail>,
    sent: Mutex<Vec<String>>,
}

impl Slow {
    fn new(answer: Result<&'static str, &'static detail::Detail>) -> Self {
        let now = Now { wall: now(), instant: Instant::from_nanos(7) };
        Self { now: Mutex::new(now), answer, sent: Mutex::default() }
    }

    fn ask(&self, login: &Login, op: Op, held: Option<&Token>) -> (Result<Outcome, Error>, [Now; 2]) {
        let exchange = exchange(login, self, self, op, held);
        (exchange.outcome, [exchange.sent_at, exchange.received_at])
    }

    fn sent(&self) -> Vec<String> {
        self.sent.lock().expect("no panic under the lock").clone()
    }
}

impl Clock for Slow {
    fn now(&self) -> Now {
        *self.now.lock().expect("no panic under the lock")
    }
}

impl Transport for Slow {
    fn send(&self, request: Request) -> Result<Reply, Error> {
        let mut now = self.now.lock().expect("no panic under the lock");
        now.instant = now.instant + Duration::from_secs(10);
        now.wall += Duration::from_secs(10);
        self.sent.lock().expect("no panic under the lock").push(request.uri().to_string());
        let body = self.answer.map_err(|detail| Error::new(detail, "by the test"))?;
        Ok(reply(200, &[("content-type", "application/json")], body))
    }
}

#[test]
fn a_life_is_counted_from_when_the_request_began() {
    let slow = Slow::new(Ok(r#"{"token":"abc","expires_in":60}"#));
    let (outcome, [sent, received]) = slow.ask(&any_login(), Op::Issue, None);
    let Ok(Outcome::Token(token)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((token.issued_at(), sent.wall), (now(), now()));
    assert_eq!(token.expires_at(), Some(now() + Duration::from_secs(60)));
    assert_eq!(received.instant.since(sent.instant), Duration::from_secs(10));
    assert_eq!(slow.sent(), ["https://north.example.com/v1/token"]);
}

#[test]
fn a_token_that_ended_on_its_way_is_a_failure() {
    let slow = Slow::new(Ok(r#"{"token":"abc","expires_in":10}"#));
    let failure = slow.ask(&any_login(), Op::Issue, None).0.expect_err("it has ended");
    assert_eq!((failure.detail(), failure.vendor()), (&detail::TOKEN_EXPIRED, Some("fake")));
}

#[test]
fn a_failure_of_the_transport_bears_the_vendor_s_name() {
    let slow = Slow::new(Err(&detail::CONNECT_REFUSED));
    let failure = slow.ask(&any_login(), Op::Issue, None).0.expect_err("no reply");
    assert_eq!((failure.detail(), failure.vendor()), (&detail::CONNECT_REFUSED, Some("fake")));
}

#[test]
fn what_the_endpoint_may_be_wrong_for_names_the_url_without_a_secret() {
    let fields =
        [("user_id", "clerk"), ("password", "s3cret"), ("base_url", "https://api.example.com/s3cret")];
    let failure = Slow::new(Ok("<html>")).ask(&login(&fields), Op::Issue, None).0.expect_err("a page");
    let expected =
        "the reply is an HTML page, not the API's answer (POST https://api.example.com/[redacted]/token)";
    assert_eq!((failure.detail(), failure.message()), (&detail::BODY_HTML, expected));
}

#[test]
fn what_cannot_be_built_is_not_sent() {
    let slow = Slow::new(Ok("{}"));
    for (op, detail) in [(Op::Renew, &detail::TOKEN_NEEDED), (Op::Revoke, &detail::OPERATION_UNSUPPORTED)] {
        let failure = slow.ask(&any_login(), op, None).0.expect_err("nothing to send");
        assert_eq!(failure.detail(), detail, "{}", op.name());
    }
    assert_eq!(slow.sent().len(), 0);
}

#[test]
fn a_pasted_token_needs_no_request_unless_it_is_acted_upon() {
    let pasted = login(&[("token", "pasted"), ("user_id", "clerk"), ("password", "hunter2")]);
    let slow = Slow::new(Ok(r#"{"token":"abc","expires_in":60}"#));
    let (outcome, [sent, received]) = slow.ask(&pasted, Op::Issue, None);
    let Ok(Outcome::Token(held)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((held.value(), sent, slow.sent().len()), ("pasted", received, 0));
    assert!(slow.ask(&pasted, Op::Renew, Some(&held)).0.is_ok());
    assert_eq!(slow.sent().len(), 1);
}
