//! P-03: whatever the other side does or leaves undone, a call is back by its deadline.

use std::io::Read as _;
use std::net::TcpListener;
use std::time::Duration;

use ccauth::{Account, Error, ErrorKind, Token, detail};
use ccauth_sandbox::{Action, Fault, Point};
use ccauth_tests::{
    Command, RawServer, SLACK, VENDORS, account_with, finish_within, sandbox, send_slowly, timed,
};

const LIMIT: Duration = Duration::from_millis(700);
const FIELDS: [(&str, &str); 2] = [("timeout_ms", "700"), ("connect_timeout_ms", "3000")];
const PAUSE: Option<Duration> = Some(Duration::from_millis(30));

/// An account of a vendor at this URL, with a deadline of [`LIMIT`].
fn hasty(vendor: &str, base_url: &str) -> Account {
    let sandbox = sandbox();
    let mut builder = Account::builder(vendor).field("base_url", base_url);
    for field in sandbox.account(vendor).fields() {
        builder = builder.field(field.name.as_str(), field.value.as_str());
    }
    for (name, value) in FIELDS {
        builder = builder.field(name, value);
    }
    builder.build().expect("good fields")
}

/// Issues, and says how long it took; a call that never comes back fails its test.
#[track_caller]
fn issue(account: &Account) -> (Result<Token, Error>, Duration) {
    let account = account.clone();
    finish_within(Duration::from_secs(20), move || timed(|| account.issue()))
}

#[track_caller]
fn check(account: &Account, what: &str, kinds: &[ErrorKind]) {
    let (done, took) = issue(account);
    let failure = done.expect_err(what);
    assert!(kinds.contains(&failure.kind()), "{what}: {failure:?}");
    assert!(took <= LIMIT + SLACK, "{what}: {took:?}");
    assert!(took >= LIMIT.mul_f32(0.9), "{what}: back after {took:?}, so it is another failure: {failure}");
}

#[test]
fn p03_silence_at_every_stage_of_an_exchange_ends_by_the_deadline() {
    let stages = [
        ("before the ServerHello", Action::TlsStall {}),
        ("after the handshake", Action::NeverRead {}),
        ("after the request", Action::Hang { at: Point::BeforeReply }),
        ("after the headers", Action::Hang { at: Point::AfterHeaders }),
        ("in the body", Action::Hang { at: Point::MidBody }),
        ("a reply too late", Action::Delay { ms: 60_000 }),
        ("a reply in drops", Action::Dribble { bytes: 1, interval_ms: 40 }),
        ("interim replies without end", Action::InformationalFlood { count: None }),
    ];
    std::thread::scope(|scope| {
        for vendor in VENDORS {
            let stages = stages.clone();
            scope.spawn(move || {
                let sandbox = sandbox();
                let account = account_with(&sandbox, vendor, &FIELDS).unwrap();
                for (what, action) in stages {
                    let flood = matches!(action, Action::InformationalFlood { .. });
                    sandbox.admin().add_fault(Fault::new(action)).unwrap();
                    if flood {
                        // Refusing it at once is as good.
                        let (done, took) = issue(&account);
                        assert!(done.is_err() && took <= LIMIT + SLACK, "{vendor} {what}: {took:?}");
                    } else {
                        let kinds = [ErrorKind::Timeout];
                        check(&account, &format!("{vendor} {what}"), &kinds);
                    }
                    sandbox.admin().clear_faults();
                }
            });
        }
    });
}

#[test]
fn p03_a_port_that_nobody_serves_ends_by_the_deadline() {
    // The kernel accepts into the backlog, and no program ever answers the ClientHello.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    check(&hasty("servetel", &url), "accepted by nobody", &[ErrorKind::Timeout, ErrorKind::Connect]);
}

#[test]
fn p03_a_full_backlog_ends_by_the_deadline() {
    // Connections that nobody accepts, until the kernel drops the next SYN.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut held = Vec::new();
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        held.push(stream);
        assert!(held.len() < 10_000, "this system's backlog has no end");
    }
    let account = hasty("servetel", &format!("https://{address}"));
    check(&account, "a SYN into a black hole", &[ErrorKind::Timeout, ErrorKind::Connect]);
}

#[test]
fn p03_a_handshake_in_drops_ends_by_the_deadline() {
    // A ServerHello announced with 16 KiB, of which a byte comes now and then.
    let server = RawServer::start(|mut stream| {
        let mut hello = [0; 1024];
        let count = stream.read(&mut hello)?;
        let record = [&b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb"[..], &[0; 2000]].concat();
        send_slowly(&mut stream, record.chunks(1), Duration::from_millis(30));
        Ok(hello[..count].to_vec())
    });
    check(&hasty("sangoma", &server.url("https")), "drops", &[ErrorKind::Timeout, ErrorKind::Connect]);
}

#[test]
fn p03_drops_at_every_stage_of_a_reply_end_by_the_deadline() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let parts = [
        ("status line", String::new(), "H"),
        ("header name", head.to_owned(), "X"),
        ("header value", format!("{head}X-Long: "), "x"),
        ("headers", head.to_owned(), "X-More: y\r\n"),
        ("body with a length", format!("{head}Content-Length: 60000\r\n\r\n{{\"a\":\""), "x"),
        ("chunks", format!("{head}Transfer-Encoding: chunked\r\n\r\n"), "1\r\nx\r\n"),
        ("chunk extension", format!("{head}Transfer-Encoding: chunked\r\n\r\n1;"), "x"),
        ("chunk size", format!("{head}Transfer-Encoding: chunked\r\n\r\n"), "0"),
        ("trailers", format!("{head}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n"), "X-T: y\r\n"),
        ("body until the close", format!("{head}Connection: close\r\n\r\n"), " "),
    ];
    std::thread::scope(|scope| {
        for (what, head, piece) in parts {
            scope.spawn(move || {
                let server = RawServer::endless(head, piece, PAUSE);
                let account = hasty("exotel-webrtc", &server.url("http"));
                let (done, took) = issue(&account);
                let failure = done.unwrap_err();
                // Nonsense may be refused before the deadline; what might yet become a reply is waited for.
                let early = ["chunk size", "chunk extension", "status line"].contains(&what);
                let kinds: &[ErrorKind] =
                    if early { &[ErrorKind::Timeout, ErrorKind::Protocol] } else { &[ErrorKind::Timeout] };
                assert!(kinds.contains(&failure.kind()), "{what}: {failure:?}");
                assert!(took <= LIMIT + SLACK, "{what}: {took:?}");
            });
        }
    });
}

#[test]
fn p03_a_reply_that_never_ends_ends_by_the_deadline_or_the_limit() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let parts = [
        ("nothing but line ends", String::new(), "\r\n"),
        ("headers", head.to_owned(), "X-More: y\r\n"),
        ("body until the close", format!("{head}Connection: close\r\n\r\n"), " "),
        ("chunks", format!("{head}Transfer-Encoding: chunked\r\n\r\n"), "1\r\n \r\n"),
        ("empty chunks' extensions", format!("{head}Transfer-Encoding: chunked\r\n\r\n1;"), "x"),
    ];
    for (what, head, piece) in parts {
        let server = RawServer::endless(head, piece.repeat(200), None);
        let account = hasty("exotel-webrtc", &server.url("http"));
        let (done, took) = issue(&account);
        let failure = done.unwrap_err();
        assert!([ErrorKind::Timeout, ErrorKind::Protocol].contains(&failure.kind()), "{what}: {failure:?}");
        assert!(took <= LIMIT + SLACK, "{what}: {took:?}");
    }
}

#[test]
fn p03_a_silent_proxy_ends_by_the_deadline() {
    let server = RawServer::recording();
    let sandbox = sandbox();
    let proxy = server.url("http");
    let fields = [FIELDS[0], FIELDS[1], ("proxy", &proxy)];
    let account = account_with(&sandbox, "servetel", &fields).unwrap();
    check(&account, "a silent proxy", &[ErrorKind::Timeout, ErrorKind::Connect]);
    assert!(sandbox.admin().connections().is_empty());
}

#[test]
fn p03_a_name_that_does_not_exist_is_said_to_within_the_deadline() {
    // RFC 6761 keeps .invalid free of names. A resolver that cannot be reached is another kind of RESOLVE.
    for host in ["token.ccauth.invalid", "no-such-host.invalid"] {
        let account = hasty("servetel", &format!("https://{host}"));
        let (done, took) = issue(&account);
        let failure = done.unwrap_err();
        assert!([ErrorKind::Resolve, ErrorKind::Timeout].contains(&failure.kind()), "{failure:?}");
        assert!(failure.message().contains(host), "{failure}");
        assert!(took <= LIMIT + SLACK, "{took:?}");
    }
}

#[test]
fn a_refused_connection_and_a_connection_cut_at_once_are_told_apart_at_once() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (done, took) = issue(&hasty("servetel", &format!("https://{free}")));
    let failure = done.unwrap_err();
    assert_eq!(failure.detail(), &detail::CONNECT_REFUSED, "{failure}");
    assert!(took < LIMIT + SLACK, "{took:?}");
    let server = RawServer::start(|_| Ok(Vec::new()));
    let failure = hasty("servetel", &server.url("https")).issue().unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Io, "{failure}");
}

#[test]
fn a_vendor_that_thinks_longer_than_a_connection_may_take_is_waited_for() {
    std::thread::scope(|scope| {
        for vendor in VENDORS {
            scope.spawn(move || {
                let sandbox = sandbox();
                let fields = [("timeout_ms", "20000"), ("connect_timeout_ms", "1000")];
                let account = account_with(&sandbox, vendor, &fields).unwrap();
                for thinking in
                    [Action::Delay { ms: 1_300 }, Action::Dribble { bytes: 200, interval_ms: 1_200 }]
                {
                    sandbox.admin().add_fault(Fault::new(thinking)).unwrap();
                    let (done, took) = timed(|| account.issue());
                    assert!(done.is_ok(), "{vendor}: {done:?}");
                    assert!(took >= Duration::from_millis(1_000), "{vendor}: {took:?}");
                    sandbox.admin().clear_faults();
                }
            });
        }
    });
}

#[test]
fn an_error_names_the_limit_that_was_reached() {
    let sandbox = sandbox();
    for (fields, action, says) in [
        (FIELDS, Action::Hang { at: Point::BeforeReply }, "within timeout_ms=700"),
        (
            [("timeout_ms", "5000"), ("connect_timeout_ms", "300")],
            Action::TlsStall {},
            "within connect_timeout_ms=300",
        ),
    ] {
        let account = account_with(&sandbox, "servetel", &fields).unwrap();
        sandbox.admin().add_fault(Fault::new(action)).unwrap();
        let (done, _) = issue(&account);
        let failure = done.expect_err(says);
        assert!(failure.message().contains(says), "{failure}");
        sandbox.admin().clear_faults();
    }
}

#[test]
fn p03_a_proxy_that_answers_in_drops_ends_by_the_deadline() {
    let head = "HTTP/1.1 200 Connection established\r\nX-Slow: ";
    let proxy = RawServer::endless(head, "x", PAUSE);
    let sandbox = sandbox();
    let url = proxy.url("http");
    for (fields, limit) in [
        ([("timeout_ms", "700"), ("connect_timeout_ms", "3000")], LIMIT),
        ([("timeout_ms", "5000"), ("connect_timeout_ms", "700")], LIMIT),
    ] {
        let account = account_with(&sandbox, "servetel", &[fields[0], fields[1], ("proxy", &url)]).unwrap();
        let (done, took) = issue(&account);
        let failure = done.expect_err("a proxy without an end");
        assert!(took <= limit + SLACK, "{failure}: {took:?}");
        assert!(took >= limit.mul_f32(0.9), "back after {took:?}, so it is another failure: {failure}");
        assert_eq!(
            failure.kind(),
            if fields[0].1 == "700" { ErrorKind::Timeout } else { ErrorKind::Connect }
        );
    }
}

#[test]
fn p03_roots_that_cannot_be_read_to_their_end_are_refused_at_once() {
    let sandbox = sandbox();
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("0123abcd.0");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let (name, value) = ("SSL_CERT_FILE", pipe.display().to_string());
    for (name, value) in
        [(name, value), (name, "/dev/zero".into()), ("SSL_CERT_DIR", dir.path().display().to_string())]
    {
        let (done, took) = timed(|| {
            let command = Command::ccauth().args(["token", "--vendor", "servetel", "--secret", "password=-"]);
            let url = format!("base_url={}", sandbox.base_url("servetel"));
            command
                .args(["--field", &url, "--field", "email=demo@example.com"])
                .env(name, &value)
                .input("x")
                .run()
        });
        assert_eq!(done.code, Some(3), "{name}={value}: {}", done.err);
        assert!(done.err.contains(name) && done.err.contains("regular file"), "{}", done.err);
        assert!(took < Duration::from_secs(3) + SLACK, "{took:?}");
    }
}
