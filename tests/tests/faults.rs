//! Everything that can go wrong between a vendor and its client, by the faults of the sandbox: each comes
//! to its detail, and never to a token that is not the vendor's.

use std::collections::BTreeSet;
use std::time::Duration;

use ccauth::{Account, Error, detail};
use ccauth_sandbox::{Action, Bytes, CertificateFault, Fault, Filter, Point, RetryAfter, Sandbox};
use ccauth_tests::{PATIENCE, VENDORS, accepted, account, account_with, sandbox, token_pointer};
use serde_json::{Value, json};

/// What a call has to come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Come {
    /// The vendor's token, with this warning or none.
    Token(&'static str),
    /// A failure of this detail.
    Fail(&'static str),
    /// One of these, for what the operating system decides by timing.
    Either(&'static [&'static str]),
}

use Come::{Either, Fail};

const TOKEN: Come = Come::Token("");

/// A vendor of a sandbox, and accounts at it: one that waits, and one for faults that would use up any wait.
struct Scene<'a> {
    sandbox: &'a Sandbox,
    vendor: &'a str,
    patient: Account,
    hasty: Account,
}

impl<'a> Scene<'a> {
    fn new(sandbox: &'a Sandbox, vendor: &'a str) -> Self {
        let within = |limit| {
            let fields = [("timeout_ms", limit), ("connect_timeout_ms", limit)];
            account_with(sandbox, vendor, &fields).expect("good fields")
        };
        Self { sandbox, vendor, patient: within("20000"), hasty: within("300") }
    }

    fn account(&self, action: &Action) -> &Account {
        let endless = match action {
            Action::Hang { .. } | Action::NeverRead {} | Action::TlsStall {} => true,
            Action::InformationalFlood { count } => count.is_none(),
            _ => false,
        };
        if endless { &self.hasty } else { &self.patient }
    }

    /// Issues once under the fault, and says what it came to if that is not what it has to.
    fn judge(&self, action: Action, come: Come) -> Result<Option<Error>, String> {
        let (admin, account) = (self.sandbox.admin(), self.account(&action));
        let what = format!("{}: {action:?}", self.vendor);
        admin.clear_requests();
        admin.add_fault(Fault::new(action)).unwrap_or_else(|error| panic!("{what}: {error}"));
        let done = account.issue();
        let journal = admin.requests(&Filter::all());
        admin.clear_faults();
        if journal.iter().filter_map(|entry| entry.fault.as_ref()).any(|fault| fault.contains("no effect")) {
            return Err(format!("{what}: the fault had no effect"));
        }
        if journal.len() > 1 {
            return Err(format!("{what}: one call sent {} requests", journal.len()));
        }
        if done.as_ref().is_ok_and(|token| !accepted(self.sandbox, account, token)) {
            return Err(format!("{what}: P-14: a token that the vendor does not know"));
        }
        let good = match (come, &done) {
            (Come::Token(warning), Ok(token)) => token.warnings().join(" ") == warning,
            (Fail(word), Err(error)) => error.detail().word == word && error.vendor() == Some(self.vendor),
            (Either(words), Err(error)) => words.contains(&error.detail().word),
            _ => false,
        };
        if good { Ok(done.err()) } else { Err(format!("{what}: expected {come:?}, got {done:?}")) }
    }

    /// [`Scene::judge`], for one.
    #[track_caller]
    fn check(&self, action: Action, come: Come) -> Option<Error> {
        self.judge(action, come).unwrap_or_else(|why| panic!("{why}"))
    }
}

fn edit(pointer: &str, value: &Value) -> Action {
    serde_json::from_value(json!({ "type": "edit", "set": { pointer: value } })).expect("an edit")
}

/// The vendor's own good reply under another status.
fn under(status: u16) -> Action {
    serde_json::from_value(json!({ "type": "edit", "status": status })).expect("an edit")
}

fn remove(pointer: &str) -> Action {
    serde_json::from_value(json!({ "type": "edit", "remove": [pointer] })).expect("an edit")
}

/// Every kind of fault, as it comes out for every vendor.
fn table(vendor: &str) -> Vec<(Action, Come)> {
    let reply = |status, body: &str| Action::Reply {
        status,
        headers: vec![("Content-Type".into(), "application/json".into())],
        body: Bytes::from(body),
    };
    let content_type = |value: Option<&str>| Action::ContentType { value: value.map(str::to_owned) };
    let length = |value: &str| Action::ContentLength { value: value.to_owned() };
    let token = token_pointer(vendor);
    let broken = Either(&["io.closed", "http.malformed"]);
    vec![
        (
            Action::status(402),
            Fail(if vendor == "sangoma" { "vendor.fault" } else { "account.not_entitled" }),
        ),
        (Action::status(403), Fail("account.not_entitled")),
        (Action::status(404), Fail("endpoint.wrong")),
        (Action::status(429), Fail("vendor.throttled")),
        (Action::status(500), Fail("vendor.fault")),
        (Action::status(502), Fail("vendor.fault")),
        (Action::status(503), Fail("vendor.fault")),
        (Action::status(504), Fail("vendor.fault")),
        (
            Action::Redirect { status: 302, location: Some("https://elsewhere.example/".into()) },
            Fail("redirect"),
        ),
        (Action::Redirect { status: 304, location: None }, Fail("redirect")),
        (reply(200, "null"), Fail("body.member")),
        (reply(200, "[]"), Fail("body.member")),
        (reply(200, "\"\""), Fail("body.member")),
        (reply(200, "{} {}"), Fail("body.unreadable")),
        (reply(200, " \r\n"), Fail("body.empty")),
        (reply(200, "{\"a\":\"\u{0}\"}"), Fail("body.unreadable")),
        (reply(204, ""), Fail("body.empty")),
        (reply(407, "{}"), Fail("proxy.refused")),
        (reply(408, "{}"), Fail("vendor.throttled")),
        (reply(418, "{}"), Fail("status.unexpected")),
        (reply(425, "{}"), Fail("vendor.throttled")),
        (reply(423, "{}"), Fail("account.locked")),
        (Action::Html { status: 200 }, Fail("body.html")),
        (Action::Html { status: 407 }, Fail("proxy.refused")),
        (Action::Html { status: 503 }, Fail("vendor.fault")),
        (Action::Bom {}, TOKEN),
        (Action::Empty { status: 200 }, Fail("body.empty")),
        (Action::Empty { status: 503 }, Fail("vendor.fault")),
        (Action::Truncate { bytes: 0 }, Fail("body.empty")),
        (Action::Truncate { bytes: 1 }, Fail("body.unreadable")),
        (Action::Truncate { bytes: 40 }, Fail("body.unreadable")),
        (Action::DuplicateKeys {}, Fail("body.duplicate")),
        (Action::Huge { bytes: Some(1000) }, TOKEN),
        (Action::Huge { bytes: Some(64 * 1024) }, Fail("body.too_large")),
        (Action::Huge { bytes: None }, Fail("body.too_large")),
        (Action::Nested { depth: 15 }, TOKEN),
        (Action::Nested { depth: 16 }, Fail("body.nesting")),
        (Action::Nested { depth: 30_000 }, Fail("body.nesting")),
        (Action::SuccessFalse {}, Fail("credentials.rejected")),
        (Action::ContentEncoding { value: "gzip".into() }, Fail("body.encoding")),
        (Action::ContentEncoding { value: "br".into() }, Fail("body.encoding")),
        (Action::ContentEncoding { value: "identity, gzip".into() }, Fail("body.encoding")),
        (content_type(None), Come::Token("body.content_type")),
        (content_type(Some("text/plain")), Come::Token("body.content_type")),
        (content_type(Some("text/html; charset=UTF-8")), Come::Token("body.content_type")),
        (remove(token), Fail("body.member")),
        (edit(token, &Value::Null), Fail("body.member")),
        (edit(token, &json!(12345)), Fail("body.member")),
        (edit(token, &json!({"a": "b"})), Fail("body.member")),
        (edit(token, &json!([])), Fail("body.member")),
        (edit(token, &json!("")), Fail("token.malformed")),
        (edit(token, &json!(" ")), Fail("token.malformed")),
        (edit(token, &json!("abc\r\nX-Injected: yes")), Fail("token.malformed")),
        (edit(token, &json!("abc\u{0}def")), Fail("token.malformed")),
        (edit(token, &json!("abc def")), Fail("token.malformed")),
        (edit(token, &json!("abc\u{7f}")), Fail("token.malformed")),
        (edit(token, &json!("abc\u{85}")), Fail("token.malformed")),
        (edit(token, &json!("t\u{f6}ken")), Fail("token.malformed")),
        (edit(token, &json!("abc\u{202e}")), Fail("token.malformed")),
        (edit(token, &json!("x".repeat(8193))), Fail("token.malformed")),
        // C11: a token under a failure's status is none.
        (under(500), Fail("vendor.fault")),
        (under(503), Fail("vendor.fault")),
        (under(401), Fail("credentials.rejected")),
        (under(429), Fail("vendor.throttled")),
        (under(302), Fail("redirect")),
        (under(201), TOKEN),
        (Action::Delay { ms: 50 }, TOKEN),
        (Action::Dribble { bytes: 40, interval_ms: 1 }, TOKEN),
        (Action::Hang { at: Point::BeforeReply }, Fail("deadline.passed")),
        (Action::Hang { at: Point::AfterHeaders }, Fail("deadline.passed")),
        (Action::Hang { at: Point::MidBody }, Fail("deadline.passed")),
        (Action::NeverRead {}, Fail("deadline.passed")),
        (Action::Reset { at: Point::Accept }, Fail("io.closed")),
        (Action::Reset { at: Point::BeforeReply }, Fail("io.closed")),
        (Action::Reset { at: Point::AfterHeaders }, Fail("io.closed")),
        (Action::Reset { at: Point::MidBody }, Fail("io.closed")),
        (Action::Close { at: Point::Accept, close_notify: true }, Fail("io.closed")),
        (Action::Close { at: Point::BeforeReply, close_notify: true }, Fail("io.closed")),
        (Action::Close { at: Point::BeforeReply, close_notify: false }, Fail("io.closed")),
        (Action::Close { at: Point::AfterHeaders, close_notify: true }, Fail("io.closed")),
        (Action::Close { at: Point::AfterHeaders, close_notify: false }, Fail("io.closed")),
        (Action::Close { at: Point::MidBody, close_notify: true }, Fail("io.closed")),
        (Action::Close { at: Point::MidBody, close_notify: false }, Fail("io.closed")),
        (length("0"), Fail("body.empty")),
        (length("20"), Fail("body.unreadable")),
        (length("5000"), Fail("io.closed")),
        (length("65537"), Fail("body.too_large")),
        (length("18446744073709551615"), Fail("body.too_large")),
        (length("99999999999999999999999"), Fail("http.malformed")),
        (length("-1"), Fail("http.malformed")),
        (length("banana"), Fail("http.malformed")),
        (Action::CloseDelimited { bytes: None, close_notify: true }, Come::Token("body.close_delimited")),
        (Action::CloseDelimited { bytes: Some(40), close_notify: true }, Fail("body.unreadable")),
        (Action::Chunked { bytes: None }, TOKEN),
        (Action::Chunked { bytes: Some(0) }, broken),
        (Action::Chunked { bytes: Some(40) }, broken),
        (Action::Chunked { bytes: Some(48) }, broken),
        (Action::Raw { bytes: Bytes(b"\x00\xff\x00\xff\r\n\r\n".to_vec()) }, Fail("http.malformed")),
        (Action::Raw { bytes: Bytes::from("{\"access_token\":\"bare\"}") }, broken),
        (Action::Raw { bytes: Bytes::from("HTTP/1.1 200 OK\r\nNo colon\r\n\r\n{}") }, Fail("http.malformed")),
        (Action::Raw { bytes: Bytes::from("") }, Fail("io.closed")),
        (Action::GarbageStatusLine {}, Fail("http.malformed")),
        (Action::EndlessHeaders {}, Fail("http.malformed")),
        (Action::InformationalFlood { count: Some(3) }, TOKEN),
        (Action::InformationalFlood { count: None }, Either(&["deadline.passed", "http.malformed"])),
        (Action::Certificate { kind: CertificateFault::Expired }, Fail("tls.expired")),
        (Action::Certificate { kind: CertificateFault::NotYetValid }, Fail("tls.not_yet_valid")),
        (Action::Certificate { kind: CertificateFault::WrongHost }, Fail("tls.name")),
        (Action::Certificate { kind: CertificateFault::SelfSigned }, Fail("tls.untrusted")),
        (Action::Certificate { kind: CertificateFault::UnknownCa }, Fail("tls.untrusted")),
        (Action::TlsStall {}, Either(&["deadline.passed", "connect.timeout"])),
        (Action::TlsGarbage { bytes: None }, Fail("tls.failed")),
        (
            Action::TlsGarbage { bytes: Some(Bytes(b"\x15\x03\x03\x00\x02\x02\x28".to_vec())) },
            Fail("tls.failed"),
        ),
        // A close_notify in the middle of the handshake (the shape of CVE-2024-32650).
        (
            Action::TlsGarbage { bytes: Some(Bytes(b"\x15\x03\x03\x00\x02\x01\x00".to_vec())) },
            Fail("io.closed"),
        ),
    ]
}

fn check_table(vendor: &str) {
    let sandbox = sandbox();
    let scene = Scene::new(&sandbox, vendor);
    let table = table(vendor).into_iter();
    let wrong: Vec<String> = table.filter_map(|(action, come)| scene.judge(action, come).err()).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn p14_every_fault_comes_to_its_detail_for_exotel_ccm() {
    check_table("exotel-ccm");
}

#[test]
fn p14_every_fault_comes_to_its_detail_for_exotel_webrtc() {
    check_table("exotel-webrtc");
}

#[test]
fn p14_every_fault_comes_to_its_detail_for_contactnow() {
    check_table("contactnow");
}

#[test]
fn p14_every_fault_comes_to_its_detail_for_servetel() {
    check_table("servetel");
}

#[test]
fn p14_every_fault_comes_to_its_detail_for_sangoma() {
    check_table("sangoma");
}

#[test]
fn the_table_holds_every_fault_that_the_sandbox_has() {
    // The sandbox lists them itself when it is asked for one that it lacks.
    let unknown = serde_json::from_value::<Fault>(json!({ "action": { "type": "no such" } })).unwrap_err();
    let unknown = unknown.to_string();
    let (_, list) = unknown.split_once("expected one of ").unwrap_or_else(|| panic!("{unknown}"));
    let there: BTreeSet<&str> = list.split('`').skip(1).step_by(2).collect();
    assert!(there.len() > 20, "{list}");
    let all = table("servetel");
    let mut tried: BTreeSet<&str> = all.iter().map(|(action, _)| action.name()).collect();
    tried.insert(Action::Hold {}.name());
    assert_eq!(tried, there);
}

#[test]
fn a_reply_that_is_held_back_comes_whole_when_it_is_let_go() {
    for vendor in VENDORS {
        let sandbox = sandbox();
        let admin = sandbox.admin();
        let hold = admin.add_fault(Fault::new(Action::Hold {})).unwrap();
        let asking = account(&sandbox, vendor);
        std::thread::scope(|scope| {
            let issuing = scope.spawn(|| asking.issue());
            admin.wait_requests(&Filter::all(), 1, PATIENCE).unwrap();
            assert!(!issuing.is_finished(), "{vendor}");
            admin.remove_fault(hold);
            let token = issuing.join().unwrap().unwrap();
            assert!(accepted(&sandbox, &asking, &token), "{vendor}");
        });
    }
}

#[test]
fn a_wait_that_the_vendor_asks_for_is_read_capped_and_never_invented() {
    let waits = [
        (Some(RetryAfter::Seconds(120)), Some(120)),
        (Some(RetryAfter::Seconds(0)), Some(0)),
        (Some(RetryAfter::Seconds(-5)), None),
        (Some(RetryAfter::Seconds(1_000_000_000_000)), Some(3600)),
        (Some(RetryAfter::Date { date_in_s: 90 }), Some(90)),
        (Some(RetryAfter::Date { date_in_s: -90 }), Some(0)),
        (Some(RetryAfter::Date { date_in_s: 1_000_000 }), Some(3600)),
        (Some(RetryAfter::Text("banana".into())), None),
        (Some(RetryAfter::Text("99999999999999999999999999".into())), Some(3600)),
        (Some(RetryAfter::Text("12.5".into())), Some(13)),
        (Some(RetryAfter::Text("30s".into())), Some(30)),
        (None, None),
    ];
    let sandbox = sandbox();
    // A date is one of the vendor's clock, wherever that stands.
    sandbox.admin().set_offset(-5 * 3600);
    sandbox.admin().freeze();
    for vendor in VENDORS {
        let scene = Scene::new(&sandbox, vendor);
        for (retry_after, wait) in waits.clone() {
            for status in [429, 503] {
                let action = Action::Status { status, retry_after: retry_after.clone(), headers: Vec::new() };
                let word = if status == 429 { "vendor.throttled" } else { "vendor.fault" };
                let error = scene.check(action, Fail(word)).unwrap();
                let waits = error.retry_after().map(|wait| wait.as_secs());
                assert_eq!(waits, wait, "{vendor} {status} {retry_after:?}");
            }
        }
        let headers = vec![("Retry-After".into(), "40".into())];
        let two = Action::Status { status: 429, retry_after: Some(RetryAfter::Seconds(20)), headers };
        let error = scene.check(two, Fail("vendor.throttled")).unwrap();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(40)), "{vendor}: the longest of two");
    }
}

#[test]
fn a_close_delimited_reply_is_refused_where_that_is_configured() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let strict = account_with(&sandbox, vendor, &[("close_delimited", "refuse")]).unwrap();
        assert!(strict.issue().is_ok(), "{vendor}: a reply with a length");
        let fault = Fault::new(Action::CloseDelimited { bytes: None, close_notify: true });
        sandbox.admin().add_fault(fault).unwrap();
        let failure = strict.issue().unwrap_err();
        assert_eq!(failure.detail(), &detail::BODY_CUT, "{vendor}: {failure}");
        sandbox.admin().clear_faults();
    }
}

#[test]
fn p14_an_expiry_that_cannot_be_is_no_token_of_that_life() {
    let table = [
        ("exotel-ccm", "/response/data/expires_in", 86_400_i64),
        ("servetel", "/expires_in", 3_600),
        ("sangoma", "/expires_in", 31_536_000),
    ];
    let sandbox = sandbox();
    for (vendor, pointer, life) in table {
        let scene = Scene::new(&sandbox, vendor);
        for (value, word) in [
            (json!(life * 1_000), "expiry.milliseconds"),
            (json!(life * 1_000_000), "expiry.milliseconds"),
            (json!(i64::MAX), "expiry.too_long"),
            (json!(0), "token.expired"),
            (json!(-1), "token.expired"),
            (json!(0.9), "token.expired"),
            (json!("-12.5"), "token.expired"),
        ] {
            scene.check(edit(pointer, &value), Fail(word));
        }
        // Nothing usable: the documented life, and a word about it.
        for (value, warning) in [
            (json!("banana"), "expiry.unreadable"),
            (json!([]), "expiry.unreadable"),
            (json!(true), "expiry.unreadable"),
            (json!(null), "expiry.missing"),
            (json!(""), "expiry.missing"),
            (json!(format!(" {life}.7 ")), ""),
        ] {
            scene.check(edit(pointer, &value), Come::Token(warning));
        }
    }
    let scene = Scene::new(&sandbox, "contactnow");
    let now = sandbox.admin().clock().now;
    for (value, word) in [
        (json!((now + 3600) * 1000), "expiry.milliseconds"),
        (json!(now - 1), "expiry.past"),
        (json!(-1), "expiry.past"),
        (json!(0), "expiry.past"),
        (json!(i64::MAX), "expiry.too_long"),
        (json!(i64::MIN), "expiry.past"),
    ] {
        scene.check(edit("/expire", &value), Fail(word));
    }
}

#[test]
fn a_refresh_whose_reply_is_lost_is_not_sent_again() {
    let sandbox = sandbox();
    let account = account(&sandbox, "servetel");
    let held = account.issue().unwrap();
    let fault = Fault::new(Action::Reset { at: Point::BeforeReply }).route("refresh").after_action(true);
    sandbox.admin().add_fault(fault).unwrap();
    let failure = account.renew(&held).unwrap_err();
    assert_eq!(failure.detail(), &detail::IO_CLOSED, "{failure}");
    sandbox.admin().clear_faults();
    let refreshes = sandbox.admin().requests(&Filter::all().route("refresh"));
    assert_eq!(refreshes.len(), 1, "C19: the vendor has acted, and nothing is repeated");
    assert!(!accepted(&sandbox, &account, &held), "the old token is dead");
    assert!(account.issue().is_ok(), "a login mends it");
}

#[test]
fn no_failure_is_repeated_behind_the_caller_s_back() {
    let sandbox = sandbox();
    let actions = [
        Action::status(503),
        Action::status(429),
        Action::Reset { at: Point::BeforeReply },
        Action::Close { at: Point::BeforeReply, close_notify: true },
        Action::Close { at: Point::BeforeReply, close_notify: false },
        Action::Reset { at: Point::Accept },
    ];
    for vendor in VENDORS {
        let account = account(&sandbox, vendor);
        for action in actions.clone() {
            let connections = sandbox.admin().connections().len();
            let id = sandbox.admin().add_fault(Fault::new(action.clone())).unwrap();
            assert!(account.issue().is_err(), "{vendor} {action:?}");
            sandbox.admin().remove_fault(id);
            assert_eq!(sandbox.admin().connections().len(), connections + 1, "{vendor} {action:?}");
        }
    }
}
