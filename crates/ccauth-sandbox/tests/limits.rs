//! Nothing that clients or faults do makes a sandbox grow without end, die, or stop answering.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ccauth_sandbox::{Account, Action, Fault, Filter, Sandbox};
use common::{connect, exchange, request};
use serde_json::json;

const LOGIN: &str = "/servetel/v1/auth/login";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const PATIENCE: Duration = Duration::from_secs(60);

fn plain() -> Sandbox {
    Sandbox::builder().plain_http(true).start().unwrap()
}

#[test]
fn a_number_as_large_as_json_holds_is_refused_or_works() {
    let most = u64::MAX;
    let actions = [
        json!({ "type": "informational_flood", "count": 1_000_000_000_000_u64 }),
        json!({ "type": "informational_flood", "count": most }),
        json!({ "type": "truncate", "bytes": most }),
        json!({ "type": "close_delimited", "bytes": most }),
        json!({ "type": "chunked", "bytes": most }),
        json!({ "type": "dribble", "bytes": most, "interval_ms": most }),
        json!({ "type": "delay", "ms": most }),
        json!({ "type": "status", "status": 429, "retry_after": i64::MIN }),
        json!({ "type": "status", "status": 429, "retry_after": { "date_in_s": i64::MAX } }),
        json!({ "type": "huge", "bytes": most }),
        json!({ "type": "nested", "depth": most }),
    ];
    let sandbox = plain();
    for action in actions {
        sandbox.admin().clear_faults();
        let fault: Fault = serde_json::from_value(json!({ "action": action })).unwrap();
        if sandbox.admin().add_fault(fault).is_err() {
            continue;
        }
        let mut stream = connect(&sandbox);
        stream.write_all(request(LOGIN, &[], "{}").as_bytes()).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        // A piece of the reply, or none in time: it is the server that counts.
        let _ = stream.read(&mut [0; 4096]);
        drop(stream);
        sandbox.admin().clear_faults();
        let answered = exchange(&sandbox, &request(LOGIN, &[], "{}")).unwrap();
        assert!(answered.starts_with(b"HTTP/1.1 422"), "{action}");
    }
}

#[test]
fn the_journal_forgets_the_oldest_requests_before_it_fills_the_memory() {
    let sandbox = plain();
    for _ in 0..200 {
        exchange(&sandbox, &request(LOGIN, &[], &"x".repeat(200_000))).unwrap();
    }
    exchange(&sandbox, &request(LOGIN, &[FORM], &"a&".repeat(100_000))).unwrap();
    let captured = sandbox.admin().captured();
    let held: usize = captured.iter().map(|captured| captured.raw.len() + captured.body.len()).sum();
    assert!(held <= 64 << 20, "{held} bytes of requests");
    assert_eq!(captured.last().unwrap().seq, 201, "the newest are kept");
    let entries = sandbox.admin().requests(&Filter::all());
    assert_eq!(entries.len(), captured.len());
    assert_eq!(
        entries.last().unwrap().body_keys.len(),
        100,
        "a hundred names are listed of a hundred thousand"
    );
}

#[test]
fn faults_and_accounts_have_an_end() {
    let sandbox = plain();
    let full = (0..2_000).find_map(|_| sandbox.admin().add_fault(Fault::new(Action::status(500))).err());
    assert!(full.unwrap().to_string().contains("1000 are set already"));
    let account = |n: u32| {
        let fields = [("email", n.to_string()), ("password", "p".to_owned())];
        Account::new("servetel", n.to_string(), fields).unwrap()
    };
    let full = (0..20_000).find_map(|n| sandbox.admin().add_account(account(n)).err());
    assert!(full.unwrap().to_string().contains("10000 already"));
    let kept = sandbox.accounts().len();
    assert!(sandbox.admin().accounts().len() >= kept, "those that were there stay");
}

/// A connection that has had an answer, and is kept by its client.
fn kept(sandbox: &Sandbox) -> TcpStream {
    let mut stream = connect(sandbox);
    stream.write_all(b"GET /servetel/none HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
    stream
}

#[test]
fn whoever_has_waited_longest_without_a_request_makes_room() {
    let sandbox = plain();
    let held = sandbox.admin().add_fault(Fault::new(Action::Hold {}).vendor("sangoma")).unwrap();
    let mut busy = connect(&sandbox);
    busy.write_all(request("/sangoma/api/v1.0/token", &[], "{}").as_bytes()).unwrap();
    sandbox.admin().wait_requests(&Filter::all(), 1, PATIENCE).unwrap();
    let mut idle: Vec<TcpStream> = (0..520).map(|_| kept(&sandbox)).collect();
    let mut reply = Vec::new();
    assert_eq!(idle[0].read_to_end(&mut reply).unwrap(), 0, "the first of the idle had to leave");
    let last = idle.last_mut().unwrap();
    last.write_all(request(LOGIN, &[], "{}").as_bytes()).unwrap();
    assert!(last.read(&mut [0; 4096]).unwrap() > 0, "the last is still served");
    sandbox.admin().remove_fault(held);
    assert!(busy.read(&mut [0; 4096]).unwrap() > 0, "nobody leaves without the answer that is owed");
}

#[test]
fn a_body_that_no_vendor_expects_is_not_taken_in() {
    let sandbox = plain();
    for (path, bytes, status) in [
        (LOGIN, 200 << 10, "422"),
        (LOGIN, 300 << 10, "413"),
        ("/_sandbox/faults", 900 << 10, "400"),
        ("/_sandbox/faults", 1100 << 10, "413"),
    ] {
        let json = ("Content-Type", "application/json");
        let reply = exchange(&sandbox, &request(path, &[json], &"x".repeat(bytes)));
        let head = reply.map(|reply| String::from_utf8_lossy(&reply[9..12]).into_owned());
        // A server that has answered early may be gone before the client has said everything.
        assert!(
            head.as_ref().is_ok_and(|head| head == status) || (status == "413" && head.is_err()),
            "{path} {bytes}: {head:?}"
        );
    }
}
