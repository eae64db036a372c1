//! When a reply comes and what becomes of its connection when a fault strikes.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::thread;
use std::time::Duration;

use ccauth_sandbox::{Action, CertificateFault, Fault, Filter, Point, Sandbox};
use common::{Answer, Client, connect, exchange, exchange_tls, request, start};

const LOGIN: &str = "/servetel/v1/auth/login";
const BODY: &str = r#"{"email":"demo@example.com","password":"demo-secret"}"#;
const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

fn login(client: &Client) -> Result<Answer, ureq::Error> {
    client.post(LOGIN, &JSON, BODY)
}

fn set(sandbox: &Sandbox, action: Action) -> u64 {
    sandbox.admin().add_fault(Fault::new(action).times(1)).unwrap()
}

/// The bytes a plain connection gives when this action strikes a login.
fn wire(action: Action) -> std::io::Result<Vec<u8>> {
    let sandbox = Sandbox::builder().plain_http(true).start().unwrap();
    set(&sandbox, action);
    exchange(&sandbox, &request(LOGIN, &JSON, BODY))
}

/// Head and body of those bytes.
fn parts(action: Action) -> (String, String) {
    let text = String::from_utf8(wire(action).unwrap()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

#[test]
fn a_slow_account_a_delay_and_a_hang_outlast_an_impatient_client() {
    let (sandbox, _) = start();
    let impatient = Client::impatient(&sandbox, Duration::from_millis(300));
    let slow = r#"{"email":"acct-slow","password":"demo-secret"}"#;
    assert!(matches!(impatient.post(LOGIN, &JSON, slow), Err(ureq::Error::Timeout(_))));
    let actions = [
        Action::Delay { ms: 60_000 },
        Action::Dribble { bytes: 1, interval_ms: 100 },
        Action::Hang { at: Point::BeforeReply },
        Action::Hang { at: Point::AfterHeaders },
        Action::Hang { at: Point::MidBody },
        Action::NeverRead {},
        Action::TlsStall {},
    ];
    for action in actions {
        set(&sandbox, action.clone());
        let result = login(&impatient);
        let timed_out = match &result {
            Err(ureq::Error::Timeout(_)) => true,
            Err(ureq::Error::Io(error)) => error.kind() == ErrorKind::TimedOut,
            _ => false,
        };
        assert!(timed_out, "{action:?}: {result:?}");
    }
    assert_eq!(login(&Client::of(&sandbox)).unwrap().status, 200, "each struck once");
}

#[test]
fn a_slow_account_answers_right_after_all() {
    let (_sandbox, client) = start();
    let slow = r#"{"email":"acct-slow","password":"demo-secret"}"#;
    assert_eq!(client.post(LOGIN, &JSON, slow).unwrap().status, 200);
}

#[test]
fn a_held_reply_waits_until_the_fault_is_removed() {
    let (sandbox, client) = start();
    let admin = sandbox.admin().clone();
    let hold = set(&sandbox, Action::Hold {});
    let waiting = thread::spawn(move || login(&client).unwrap().status);
    let seen = admin.wait_requests(&Filter::all().route("token"), 1, Duration::from_secs(10));
    assert!(seen.is_some_and(|entries| entries[0].fault.as_deref() == Some("hold#1")));
    assert!(!waiting.is_finished());
    assert!(admin.remove_fault(hold));
    assert_eq!(waiting.join().unwrap(), 200);
}

#[test]
fn a_dribble_sends_the_headers_in_pieces_too() {
    let sandbox = Sandbox::builder().plain_http(true).start().unwrap();
    set(&sandbox, Action::Dribble { bytes: 64, interval_ms: 20 });
    let mut stream = connect(&sandbox);
    stream.write_all(request(LOGIN, &JSON, BODY).as_bytes()).unwrap();
    let mut piece = [0; 4096];
    let first = stream.read(&mut piece).unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(first < 256 && first + rest.len() > 300, "{first} + {}", rest.len());
}

#[test]
fn a_connection_is_reset_or_closed_at_each_point() {
    for at in [Point::Accept, Point::BeforeReply, Point::AfterHeaders, Point::MidBody] {
        let reset = wire(Action::Reset { at });
        assert_eq!(reset.unwrap_err().kind(), ErrorKind::ConnectionReset, "{at:?}");
    }
    assert_eq!(wire(Action::Close { at: Point::BeforeReply, close_notify: true }).unwrap(), b"");
    let (head, body) = parts(Action::Close { at: Point::MidBody, close_notify: true });
    let (_, length) = head.split_once("Content-Length: ").unwrap();
    let length: usize = length.lines().next().unwrap().parse().unwrap();
    assert_eq!(body.len(), length / 2);
}

#[test]
fn a_body_is_framed_in_each_right_and_wrong_way() {
    let (head, body) = parts(Action::ContentLength { value: "5, 5".to_owned() });
    assert!(head.contains("\r\nContent-Length: 5, 5\r\n") && body.ends_with('}'), "{head}");
    let (head, body) = parts(Action::CloseDelimited { bytes: None, close_notify: true });
    assert!(!head.contains("Content-Length") && body.ends_with('}'), "{head}");
    let (_, body) = parts(Action::CloseDelimited { bytes: Some(9), close_notify: true });
    assert_eq!(body, "{\"success");
    let (head, body) = parts(Action::Chunked { bytes: None });
    assert!(head.contains("Transfer-Encoding: chunked") && body.ends_with("\r\n0\r\n\r\n"), "{body}");
    let (_, body) = parts(Action::Chunked { bytes: Some(20) });
    assert!(body.starts_with("10\r\n") && !body.ends_with("\r\n"), "{body}");
}

#[test]
fn what_is_no_http_reply_is_sent_as_it_is() {
    assert_eq!(wire(Action::Raw { bytes: b"\xff\x00hello".to_vec().into() }).unwrap(), b"\xff\x00hello");
    assert!(wire(Action::GarbageStatusLine {}).unwrap().starts_with(b"BANANA"));
    let flood = String::from_utf8(wire(Action::InformationalFlood { count: Some(3) }).unwrap()).unwrap();
    assert_eq!(flood.matches("HTTP/1.1 100 Continue\r\n\r\n").count(), 3);
    assert!(flood.contains("HTTP/1.1 200 OK\r\n") && flood.ends_with('}'));
}

#[test]
fn what_never_ends_goes_on_for_as_long_as_it_is_read() {
    for action in
        [Action::Huge { bytes: None }, Action::EndlessHeaders {}, Action::InformationalFlood { count: None }]
    {
        let sandbox = Sandbox::builder().plain_http(true).start().unwrap();
        set(&sandbox, action.clone());
        let mut stream = connect(&sandbox);
        stream.write_all(request(LOGIN, &JSON, BODY).as_bytes()).unwrap();
        let mut read = Vec::new();
        assert_eq!(stream.take(4 << 20).read_to_end(&mut read).unwrap(), 4 << 20, "{action:?}");
    }
}

#[test]
fn tls_ends_with_a_goodbye_or_without_one() {
    let (sandbox, _) = start();
    let asked = request(LOGIN, &JSON, BODY);
    set(&sandbox, Action::CloseDelimited { bytes: Some(30), close_notify: true });
    assert!(exchange_tls(&sandbox, &asked).unwrap().ends_with(br#"{"success":true,"access_token""#));
    set(&sandbox, Action::CloseDelimited { bytes: Some(30), close_notify: false });
    assert_eq!(exchange_tls(&sandbox, &asked).unwrap_err().kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn a_wrong_certificate_gets_no_application_byte_and_the_alert_is_on_record() {
    let (sandbox, client) = start();
    let cases = [
        CertificateFault::Expired,
        CertificateFault::NotYetValid,
        CertificateFault::WrongHost,
        CertificateFault::SelfSigned,
        CertificateFault::UnknownCa,
    ];
    let asked = request(LOGIN, &JSON, BODY);
    for (done, kind) in cases.into_iter().enumerate() {
        sandbox.admin().add_fault(Fault::new(Action::Certificate { kind }).times(2)).unwrap();
        assert!(login(&client).is_err(), "{kind:?}");
        assert!(exchange_tls(&sandbox, &asked).is_err(), "{kind:?}");
        let settled = sandbox.admin().wait_connections(2 * done + 2, Duration::from_secs(10)).unwrap();
        let connections = &settled[2 * done..];
        assert!(connections.iter().all(|connection| connection.application_bytes == 0), "{connections:?}");
        // Not every client says why it leaves; this one does.
        assert!(connections[1].tls.starts_with("alert "), "{kind:?}: {}", connections[1].tls);
        assert_eq!(connections[1].sni.as_deref(), Some("localhost"));
        assert_eq!(connections[1].fault, Some(format!("certificate#{}", done + 1)));
    }
    assert!(sandbox.admin().requests(&Filter::all()).is_empty());
    assert_eq!(login(&client).unwrap().status, 200);
}

#[test]
fn garbage_and_a_reset_in_place_of_a_handshake_are_errors_at_once() {
    let (sandbox, client) = start();
    let close_notify = b"\x15\x03\x03\x00\x02\x01\x00".to_vec();
    let actions = [
        Action::TlsGarbage { bytes: None },
        Action::TlsGarbage { bytes: Some(close_notify.into()) },
        Action::Reset { at: Point::Accept },
    ];
    for action in actions {
        set(&sandbox, action);
        assert!(login(&client).is_err());
    }
    assert_eq!(login(&client).unwrap().status, 200);
}
