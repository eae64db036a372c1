//! No web page that somebody happens to visit can steer a sandbox on their machine.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use ccauth_sandbox::Sandbox;
use common::exchange;

const FAULT: &str =
    r#"{"action":{"type":"reply","headers":[["Content-Type","text/html"]],"body":"<script>"}}"#;

/// The status and the body that a POST of a fault gets with these header lines.
fn post(sandbox: &Sandbox, headers: &str) -> (u16, String) {
    let length = FAULT.len();
    let request = format!(
        "POST /_sandbox/faults HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{FAULT}"
    );
    let reply = String::from_utf8(exchange(sandbox, &request).unwrap()).unwrap();
    (reply[9..12].parse().unwrap(), reply.rsplit("\r\n\r\n").next().unwrap().to_owned())
}

#[test]
fn the_admin_interface_answers_to_its_own_page_and_to_programs_alone() {
    let sandbox = Sandbox::builder().plain_http(true).start().unwrap();
    let at = sandbox.url().trim_start_matches("http://");
    let json = "Content-Type: application/json\r\n";
    let cases = [
        (201, format!("Host: {at}\r\n{json}")),
        (201, format!("Host: {at}\r\nOrigin: http://{at}\r\n{json}")),
        (201, "Host: localhost:1\r\nContent-Type: Application/JSON; charset=utf-8\r\n".to_owned()),
        (201, format!("Host: sandbox\r\n{json}")),
        // DNS rebinding: the page's own name points here.
        (421, format!("Host: evil.example:8443\r\n{json}")),
        (421, format!("Host: evil.example:8443\r\nOrigin: http://evil.example:8443\r\n{json}")),
        (421, format!("Host: localhost.evil.example\r\n{json}")),
        (421, format!("Host: {at}@evil.example\r\n{json}")),
        (421, format!("Host:\r\n{json}")),
        (421, json.to_owned()),
        // A page of another origin, and one that hides its own.
        (403, format!("Host: {at}\r\nOrigin: https://evil.example\r\n{json}")),
        (403, format!("Host: {at}\r\nOrigin: http://{at}.evil.example\r\n{json}")),
        (403, format!("Host: {at}\r\nOrigin: null\r\n{json}")),
        (403, format!("Host: {at}\r\nOrigin:\r\n{json}")),
        // What a browser sends without asking first.
        (415, format!("Host: {at}\r\n")),
        (415, format!("Host: {at}\r\nContent-Type: text/plain\r\n")),
        (415, format!("Host: {at}\r\nContent-Type: application/x-www-form-urlencoded\r\n")),
        (415, format!("Host: {at}\r\nContent-Type: text/plain;application/json\r\n")),
    ];
    for (status, headers) in cases {
        let (got, body) = post(&sandbox, &headers);
        assert_eq!(got, status, "{headers}{body}");
        let names_the_header = ["Host", "Origin", "Content-Type"].iter().any(|name| body.contains(name));
        assert!(status == 201 || names_the_header, "{body}");
        assert_eq!(sandbox.admin().faults().len(), usize::from(status == 201), "{headers}");
        sandbox.admin().clear_faults();
    }
}

#[test]
fn nobody_else_is_asked_frames_the_page_or_guesses_its_type() {
    let sandbox = Sandbox::builder().plain_http(true).start().unwrap();
    for path in ["/_sandbox/", "/_sandbox/health", "/_sandbox/none"] {
        let reply = exchange(
            &sandbox,
            &format!("OPTIONS {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        );
        let preflight = String::from_utf8(reply.unwrap()).unwrap().to_lowercase();
        assert!(!preflight.contains("access-control-allow"), "{preflight}");
        let get = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let reply = String::from_utf8(exchange(&sandbox, &get).unwrap()).unwrap();
        let (head, _) = reply.split_once("\r\n\r\n").unwrap();
        for line in ["frame-ancestors 'none'", "X-Content-Type-Options: nosniff"] {
            assert!(head.contains(line), "{path}: {head}");
        }
    }
}
