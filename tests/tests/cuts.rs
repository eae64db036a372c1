//! P-14: a reply cut at any byte, in any framing, is an error or the whole token.

use ccauth_sandbox::{Action, Bytes, Fault, Sandbox};
use ccauth_tests::{VENDORS, accepted, account, raw_issue, sandbox, token_pointer};
use serde_json::Value;

/// The bytes on the wire of a good reply in each of the three framings. Only the first two tell their end.
fn framings(body: &[u8]) -> [(&'static str, Vec<u8>); 3] {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let length = format!("{head}Content-Length: {}\r\n\r\n", body.len());
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", body.len());
    let close = format!("{head}Connection: close\r\n\r\n");
    [
        ("content-length", [length.as_bytes(), body].concat()),
        ("chunked", [chunked.as_bytes(), body, b"\r\n0\r\n\r\n"].concat()),
        ("close", [close.as_bytes(), body].concat()),
    ]
}

/// Cuts the wire form of a real reply at every offset: the outcome is an error or the whole token.
fn check_every_cut(vendor: &str) {
    let sandbox = Sandbox::builder().plain_http(true).start().expect("a sandbox");
    let body = raw_issue(&sandbox, vendor);
    let document: Value = serde_json::from_slice(&body).expect("a JSON reply");
    let whole = document.pointer(token_pointer(vendor)).and_then(Value::as_str).expect("a token").to_owned();
    let account = account(&sandbox, vendor);
    let admin = sandbox.admin();
    for (framing, wire) in framings(&body) {
        let mut tokens = 0;
        for cut in 0..=wire.len() {
            let fault = Fault::new(Action::Raw { bytes: Bytes(wire[..cut].to_vec()) });
            let id = admin.add_fault(fault).expect("a fault");
            let done = account.issue();
            admin.remove_fault(id);
            match done {
                Ok(token) => {
                    assert_eq!(token.value(), whole, "{vendor} {framing} cut at {cut}");
                    // Without the last chunk's end, or with a blank at the document's, nothing is missing.
                    let missing = wire.len() - cut;
                    assert!(missing <= 2, "{vendor} {framing}: a token with {missing} bytes missing");
                    tokens += 1;
                }
                Err(error) => {
                    assert!(cut < wire.len(), "{vendor} {framing}: whole, and yet {error}");
                    let kind = error.kind().name();
                    assert!(["IO", "PROTOCOL"].contains(&kind), "{vendor} {framing} cut at {cut}: {error}");
                }
            }
        }
        assert!(tokens >= 1, "{vendor} {framing}");
    }
}

#[test]
fn p14_a_reply_cut_at_any_byte_in_any_framing_is_an_error_or_the_whole_token() {
    std::thread::scope(|scope| {
        for vendors in [&VENDORS[..2], &VENDORS[2..]] {
            scope.spawn(|| vendors.iter().for_each(|vendor| check_every_cut(vendor)));
        }
    });
}

#[test]
fn p14_a_reply_cut_at_any_byte_over_tls_is_an_error_or_the_whole_token() {
    let sandbox = sandbox();
    let body = raw_issue(&sandbox, "exotel-webrtc");
    let account = account(&sandbox, "exotel-webrtc");
    for close_notify in [true, false] {
        for bytes in 0..=body.len() {
            let fault = Fault::new(Action::CloseDelimited { bytes: Some(bytes), close_notify });
            let id = sandbox.admin().add_fault(fault).unwrap();
            let done = account.issue();
            sandbox.admin().remove_fault(id);
            match done {
                Ok(token) => {
                    assert_eq!(bytes, body.len(), "a token of a cut reply, close_notify {close_notify}");
                    assert!(accepted(&sandbox, &account, &token));
                }
                Err(error) => {
                    let whole = bytes == body.len() && close_notify;
                    assert!(!whole, "{error}");
                    assert!(["IO", "PROTOCOL"].contains(&error.kind().name()), "at {bytes}: {error}");
                }
            }
        }
    }
}
