//! P-13: a reply is bounded in every dimension, and a bomb costs no memory worth speaking of.

use std::sync::Mutex;

use ccauth::MAX_BODY;
use ccauth::http::Method;
use ccauth::{Account, ErrorKind, detail};
use ccauth_sandbox::{Action, Bytes, Fault, Sandbox};
use ccauth_tests::{
    SLACK, SandboxProcess, VENDORS, accepted, account, account_with, post_json, raw_issue, sandbox, timed,
};
use serde_json::{Value, json};

/// The tests of this file take turns: one measures the memory of the process that all of them share.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> std::sync::MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Sends exactly these bytes as the reply to one call.
fn reply_with(sandbox: &Sandbox, account: &Account, wire: Vec<u8>) -> Result<ccauth::Token, ccauth::Error> {
    let id = sandbox.admin().add_fault(Fault::new(Action::Raw { bytes: Bytes(wire) })).expect("a fault");
    let done = account.issue();
    sandbox.admin().remove_fault(id);
    done
}

/// A good reply of `body`, with these lines in its head.
fn wire(lines: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n");
    [head.as_bytes(), lines.as_bytes(), b"\r\n", body].concat()
}

#[test]
fn p13_a_head_of_16_kib_or_128_headers_passes_and_more_is_refused() {
    let _turn = turn();
    let sandbox = sandbox();
    for vendor in ["exotel-ccm", "contactnow"] {
        let account = account(&sandbox, vendor);
        let body = raw_issue(&sandbox, vendor);
        let headers = |count: usize| "X-More: y\r\n".repeat(count);
        // A value that makes the head as long as it may be, to the byte.
        let bare = wire("X-Long: \r\n", &body).len() - body.len();
        let long = |length: usize| format!("X-Long: {}\r\n", "x".repeat(length - bare));
        let table = [
            ("few headers", headers(20), true),
            ("128 headers", headers(126), true),
            ("129 headers", headers(127), false),
            ("10000 headers", headers(10_000), false),
            ("a head of 16 KiB", long(16 * 1024), true),
            ("a head of 16 KiB and one byte", long(16 * 1024 + 1), false),
            ("a head of 17 KiB", long(17 * 1024), false),
            ("a head of 1 MiB", long(1024 * 1024), false),
            ("a header name of 20 KiB", format!("{}: y\r\n", "X".repeat(20_000)), false),
        ];
        for (what, lines, good) in table {
            match reply_with(&sandbox, &account, wire(&lines, &body)) {
                Ok(token) => {
                    assert!(good, "{vendor} {what}");
                    assert!(accepted(&sandbox, &account, &token), "{vendor} {what}");
                }
                Err(failure) => {
                    assert!(!good, "{vendor} {what}: {failure}");
                    assert_eq!(failure.detail().word, "http.malformed", "{vendor} {what}: {failure}");
                }
            }
        }
    }
}

#[test]
fn p13_a_body_of_64_kib_passes_and_one_more_byte_is_refused_in_every_framing() {
    let _turn = turn();
    let sandbox = sandbox();
    for vendor in VENDORS {
        let account = account(&sandbox, vendor);
        let small = raw_issue(&sandbox, vendor);
        // Blanks after the document: as long as may be, and still a document.
        let padded = |length: usize| [small.as_slice(), &vec![b' '; length - small.len()]].concat();
        for (length, good) in
            [(MAX_BODY - 1, true), (MAX_BODY, true), (MAX_BODY + 1, false), (MAX_BODY + 50, false)]
        {
            let body = padded(length);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
            let chunks: Vec<u8> = body
                .chunks(5000)
                .flat_map(|part| [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat())
                .collect();
            let chunked =
                [head.as_bytes(), b"Transfer-Encoding: chunked\r\n\r\n", &chunks, b"0\r\n\r\n"].concat();
            let closed = [head.as_bytes(), b"Connection: close\r\n\r\n", &body].concat();
            for (framing, bytes) in [("length", wire("", &body)), ("chunked", chunked), ("close", closed)] {
                let what = format!("{vendor} {framing} {length}");
                match reply_with(&sandbox, &account, bytes) {
                    Ok(token) => assert!(good && accepted(&sandbox, &account, &token), "{what}"),
                    Err(failure) => {
                        assert!(!good, "{what}: {failure}");
                        assert_eq!(failure.detail().word, "body.too_large", "{what}: {failure}");
                    }
                }
            }
        }
    }
}

#[test]
fn p13_nesting_of_16_passes_and_17_is_refused() {
    let _turn = turn();
    let sandbox = sandbox();
    for vendor in VENDORS {
        let account = account(&sandbox, vendor);
        // The reply's own object is the first level.
        for (depth, good) in [(1, true), (15, true), (16, false), (1000, false), (32_000, false)] {
            sandbox.admin().add_fault(Fault::new(Action::Nested { depth })).unwrap();
            let done = account.issue();
            sandbox.admin().clear_faults();
            assert_eq!(done.is_ok(), good, "{vendor} {depth}: {done:?}");
            if let Err(failure) = done {
                assert_eq!(failure.detail().word, "body.nesting", "{vendor} {depth}: {failure}");
            }
        }
    }
}

#[test]
fn p13_xml_bombs_of_contactnow_are_refused() {
    let _turn = turn();
    let sandbox = sandbox();
    let account = account_with(&sandbox, "contactnow", &[("format", "xml")]).unwrap();
    let deep = |n: usize| format!("<result>{}{}</result>", "<a>".repeat(n), "</a>".repeat(n));
    let many =
        "<success>1</success>".to_owned() + &(0..3000).map(|n| format!("<m{n}>x</m{n}>")).collect::<String>();
    let laughs = "<!DOCTYPE result [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\
                  <result><success>1</success><token>&b;</token></result>";
    let outside = "<!DOCTYPE result SYSTEM \"http://127.0.0.1:1/x\"><result><success>1</success></result>";
    let file = "<!DOCTYPE r [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><result><success>1</success><token>&f;</token></result>";
    let attributes = format!("<result {}><success>1</success></result>", "a=\"b\" ".repeat(2000));
    let table = [
        ("deep", deep(20)),
        ("deeper", deep(9000)),
        ("many members", format!("<result>{many}</result>")),
        ("a billion laughs", laughs.to_owned()),
        ("an outside type", outside.to_owned()),
        ("an outside entity", file.to_owned()),
        ("many attributes", attributes),
        (
            "a member twice",
            "<result><success>1</success><token>a</token><token>b</token></result>".to_owned(),
        ),
        ("two documents", "<result><success>1</success></result><result/>".to_owned()),
    ];
    for (what, body) in table {
        let failure = reply_with(&sandbox, &account, wire("", body.as_bytes())).unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Protocol, "{what}: {failure}");
        assert!(!format!("{failure:?}").contains("root:"), "{what}: {failure:?}");
    }
}

/// Kilobytes of a field of /proc/self/status.
fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc is there");
    let line =
        status.lines().find_map(|line| line.strip_prefix(field)).expect("a field of /proc/self/status");
    line.trim_matches([':', '\t', ' ']).trim_end_matches(" kB").trim().parse().expect("a number")
}

#[test]
fn p13_no_bomb_costs_more_than_2_mib_or_outlasts_the_deadline() {
    let _turn = turn();
    // In a process of its own, so that what it holds is not counted here.
    let sandbox = SandboxProcess::start();
    let padding = "x".repeat(1 << 19);
    // Legal, and nothing but arrays and objects of one.
    let filled = |piece: &str| {
        let body = format!("{{\"a\":[{}0]}}", piece.repeat((MAX_BODY - 8) / piece.len()));
        json!({ "type": "reply", "status": 200, "headers": [["Content-Type", "application/json"]], "body": body })
    };
    let faults = [
        ("arrays within arrays", filled("[[[[[[[[[[[[[0]]]]]]]]]]]]],")),
        ("arrays of one", filled("[0],")),
        ("objects of one", filled("{\"\":0},")),
        ("empty strings", filled("\"\",")),
        ("endless body", json!({ "type": "huge" })),
        ("body of 32 MiB", json!({ "type": "huge", "bytes": 32 << 20 })),
        ("endless headers", json!({ "type": "endless_headers" })),
        ("deep nesting", json!({ "type": "nested", "depth": 30_000 })),
        ("deeper nesting", json!({ "type": "nested", "depth": 1_000_000 })),
        ("gzip by header", json!({ "type": "content_encoding" })),
        ("a promise of 1 TB", json!({ "type": "content_length", "value": "1000000000000" })),
        ("a promise of 60 KB", json!({ "type": "content_length", "value": "60000" })),
        ("interim replies without end", json!({ "type": "informational_flood" })),
        ("a status line of 512 KiB", json!({ "type": "raw", "bytes": format!("HTTP/1.1 200 {padding}") })),
        (
            "a header of 512 KiB",
            json!({ "type": "raw", "bytes": format!("HTTP/1.1 200 OK\r\nX: {padding}") }),
        ),
        (
            "a chunk extension of 512 KiB",
            json!({ "type": "raw", "bytes": format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{padding}") }),
        ),
        (
            "a trailer of 512 KiB",
            json!({ "type": "raw", "bytes": format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: {padding}\r\n\r\n") }),
        ),
        (
            "a chunk size of 16 EiB",
            json!({ "type": "raw", "bytes": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx" }),
        ),
    ];
    for vendor in ["exotel-ccm", "contactnow"] {
        let account = sandbox.builder(vendor).field("timeout_ms", "1500").build().unwrap();
        let admin = sandbox.builder(vendor).build().unwrap();
        let faults_url = format!("{}/_sandbox/faults", sandbox.url());
        // Certificates, tables and stacks that the first calls need anyway.
        for _ in 0..3 {
            account.issue().unwrap();
        }
        for (what, action) in &faults {
            let fault = json!({ "vendor": vendor, "action": action }).to_string();
            let set = post_json(&admin, Method::POST, &faults_url, &fault);
            assert_eq!(set.status().as_u16(), 201, "{what}");
            drop((fault, set));
            std::fs::write("/proc/self/clear_refs", "5").expect("the peak of memory can be reset");
            let before = memory("VmRSS");
            let (done, took) = timed(|| account.issue());
            let grown = memory("VmHWM").saturating_sub(before);
            post_json(&admin, Method::DELETE, &faults_url, "");
            let failure = done.map(drop).unwrap_err();
            let kinds = [ErrorKind::Protocol, ErrorKind::Timeout, ErrorKind::Io, ErrorKind::Vendor];
            assert!(kinds.contains(&failure.kind()), "{vendor} {what}: {failure:?}");
            assert!(grown <= 2048, "{vendor} {what}: {grown} KiB more");
            assert!(took <= std::time::Duration::from_millis(1500) + SLACK, "{vendor} {what}: {took:?}");
        }
        assert!(account.issue().is_ok(), "{vendor}: and nothing is left of it");
    }
}

#[test]
fn the_measure_of_memory_sees_two_mebibytes() {
    let _turn = turn();
    std::fs::write("/proc/self/clear_refs", "5").expect("the peak of memory can be reset");
    let before = memory("VmRSS");
    // Beyond what the heap may hold already: glibc maps more than 32 MiB anew each time.
    let block = std::hint::black_box(vec![1_u8; 40 << 20]);
    drop(block);
    assert!(memory("VmHWM").saturating_sub(before) > 2048, "a peak that is gone still shows");
}

#[test]
fn p13_two_lengths_that_disagree_are_no_way_to_another_token() {
    let _turn = turn();
    let sandbox = sandbox();
    let vendor = "exotel-webrtc";
    let account = account_with(&sandbox, vendor, &[("timeout_ms", "3000")]).unwrap();
    let body = raw_issue(&sandbox, vendor);
    let document: Value = serde_json::from_slice(&body).unwrap();
    let token = document["Data"].as_str().unwrap();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let length = body.len();
    let chunked = format!("{length:x}\r\n{}\r\n0\r\n\r\n", String::from_utf8_lossy(&body));
    let plain = String::from_utf8_lossy(&body);
    let table = [
        (
            "length and chunks",
            format!("{head}Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}"),
        ),
        (
            "chunks and length",
            format!("{head}Transfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n{chunked}"),
        ),
        ("two lengths", format!("{head}Content-Length: {length}\r\nContent-Length: 7\r\n\r\n{plain}")),
        ("two lengths in one", format!("{head}Content-Length: 7, {length}\r\n\r\n{plain}")),
        ("an unknown coding", format!("{head}Transfer-Encoding: banana\r\n\r\n{plain}")),
        ("a coding before chunked", format!("{head}Transfer-Encoding: gzip, chunked\r\n\r\n{chunked}")),
        ("a sign before the size", format!("{head}Transfer-Encoding: chunked\r\n\r\n+{chunked}")),
        ("a size in words", format!("{head}Transfer-Encoding: chunked\r\n\r\nsize\r\n{plain}")),
    ];
    for (what, reply) in table {
        if let Ok(got) = reply_with(&sandbox, &account, reply.into_bytes()) {
            assert_eq!(got.value(), token, "{what}: the vendor's whole token, or none");
        }
    }
}

#[test]
fn a_header_that_does_not_parse_is_named_as_far_as_the_http_library_tells() {
    let _turn = turn();
    let sandbox = sandbox();
    let account = account(&sandbox, "servetel");
    let body = raw_issue(&sandbox, "servetel");
    for (lines, says) in [
        ("X-Folded: a\r\n  b\r\n", "invalid header name"),
        ("No colon\r\n", "invalid header name"),
        ("X-Nul: a\0b\r\n", "invalid header value"),
    ] {
        let failure = reply_with(&sandbox, &account, wire(lines, &body)).unwrap_err();
        assert_eq!(failure.detail(), &detail::HTTP_MALFORMED, "{lines:?}");
        assert!(failure.message().contains(says), "{lines:?}: {failure}");
    }
}
