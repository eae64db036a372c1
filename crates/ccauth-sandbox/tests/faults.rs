//! What is said when a fault strikes, and when one strikes.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use ccauth_sandbox::{Action, Fault, Filter, RetryAfter, Sandbox, When};
use common::{Answer, Client, exchange_tls, request, start};
use serde_json::json;

const LOGIN: &str = "/servetel/v1/auth/login";
const BODY: &str = r#"{"email":"demo@example.com","password":"demo-secret"}"#;
const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

fn login(client: &Client) -> Result<Answer, ureq::Error> {
    client.post(LOGIN, &JSON, BODY)
}

fn set(sandbox: &Sandbox, action: Action) -> u64 {
    sandbox.admin().add_fault(Fault::new(action).times(1)).unwrap()
}

/// What a login gives when this action strikes it.
fn struck(action: Action) -> Answer {
    let (sandbox, client) = start();
    set(&sandbox, action);
    login(&client).unwrap()
}

#[test]
fn a_status_speaks_in_each_vendors_own_form() {
    let (sandbox, client) = start();
    sandbox.admin().add_fault(Fault::new(Action::status(503))).unwrap();
    let cases = [
        ("/exotel-ccm/v2/accounts/demo/configuration/basicauth", "/response/code", "503"),
        ("/exotel-webrtc/v2/integrations/token", "/Status", "Failed"),
        ("/contactnow/token.php", "/success", "false"),
        ("/servetel/v1/auth/login", "/message", "Server error."),
        ("/sangoma/oauth/token", "/error", "temporarily_unavailable"),
    ];
    for (path, pointer, expected) in cases {
        let answer = client.post_json(path, &json!({}));
        assert_eq!((answer.status, &*answer.text_at(pointer)), (503, expected), "{path}");
    }
}

#[test]
fn retry_after_is_a_number_a_date_or_anything() {
    let (sandbox, client) = start();
    sandbox.admin().freeze();
    let date = sandbox.admin().clock().date;
    let cases = [
        (RetryAfter::Seconds(-7), "-7".to_owned()),
        (RetryAfter::Date { date_in_s: 0 }, date),
        (RetryAfter::Text("soon".to_owned()), "soon".to_owned()),
    ];
    for (retry_after, expected) in cases {
        let headers = vec![("X-Extra".to_owned(), "1".to_owned())];
        set(&sandbox, Action::Status { status: 429, retry_after: Some(retry_after), headers });
        let answer = login(&client).unwrap();
        assert_eq!((answer.header("retry-after"), answer.header("x-extra")), (Some(&*expected), Some("1")));
    }
}

#[test]
fn a_replaced_reply_keeps_the_vendor_from_acting_unless_told_otherwise() {
    let (sandbox, client) = start();
    let admin = sandbox.admin();
    let token = login(&client).unwrap().text_at("/access_token");
    let refresh =
        || client.post("/servetel/v1/auth/refresh", &[("Authorization", &token)], "").unwrap().status;
    let lives =
        || client.get("/servetel/v1/call/records", &[("Authorization", &token)]).unwrap().status == 200;
    admin.add_fault(Fault::new(Action::status(500)).route("refresh").times(1)).unwrap();
    assert_eq!((refresh(), lives()), (500, true));
    admin.add_fault(Fault::new(Action::status(500)).route("refresh").times(1).after_action(true)).unwrap();
    assert_eq!((refresh(), lives()), (500, false), "the old token died although no new one arrived");
}

#[test]
fn a_reshaped_reply_may_leave_no_trace() {
    let (sandbox, client) = start();
    sandbox.admin().add_fault(Fault::new(Action::Bom {}).after_action(false).times(1)).unwrap();
    assert_eq!(login(&client).unwrap().status, 200);
    assert!(sandbox.admin().tokens().is_empty());
    set(&sandbox, Action::Bom {});
    assert_eq!(login(&client).unwrap().status, 200);
    assert_eq!(sandbox.admin().tokens().len(), 1);
}

#[test]
fn replies_that_are_not_the_vendors_own() {
    let html = struck(Action::Html { status: 407 });
    assert_eq!((html.status, html.header("content-type")), (407, Some("text/html; charset=utf-8")));
    assert!(html.text.starts_with("<!DOCTYPE html>"));
    let location = Some("http://127.0.0.1:9/".to_owned());
    let redirect = struck(Action::Redirect { status: 307, location });
    assert_eq!((redirect.status, redirect.header("location")), (307, Some("http://127.0.0.1:9/")));
    assert_eq!(struck(Action::Redirect { status: 301, location: None }).header("location"), None);
    let empty = struck(Action::Empty { status: 200 });
    assert_eq!((empty.status, &*empty.text), (200, ""));
    let reply = struck(Action::Reply {
        status: 299,
        headers: vec![("X-One".to_owned(), "1".to_owned())],
        body: "anything".into(),
    });
    assert_eq!((reply.status, &*reply.text, reply.header("content-type")), (299, "anything", None));
    let hidden = struck(Action::SuccessFalse {});
    assert_eq!((hidden.status, &*hidden.text_at("/success")), (200, "false"));
}

#[test]
fn replies_that_are_the_vendors_own_in_another_shape() {
    assert!(struck(Action::Bom {}).text.trim_start_matches('\u{feff}').starts_with("{\"success\":true"));
    assert_eq!(struck(Action::Truncate { bytes: 7 }).text, "{\"succe");
    let doubled = struck(Action::DuplicateKeys {}).text;
    assert_eq!(doubled.matches("\"access_token\":").count(), 2);
    assert!(doubled.find("\"decoy-") < doubled.find("\"eyJ"), "{doubled}");
    let huge = struck(Action::Huge { bytes: Some(100_000) });
    assert!(huge.text.len() > 100_000 && huge.text_at("/success") == "true");
    let nested = struck(Action::Nested { depth: 40 });
    assert!(nested.text.contains(&"[".repeat(40)) && nested.text_at("/success") == "true");
    let plain = struck(Action::ContentType { value: Some("text/plain".to_owned()) });
    assert_eq!((plain.header("content-type"), &*plain.text_at("/success")), (Some("text/plain"), "true"));
    assert_eq!(struck(Action::ContentType { value: None }).header("content-type"), None);
    let edit = Action::Edit {
        set: [("/expires_in".to_owned(), json!("3600"))].into(),
        remove: vec!["/token_type".to_owned()],
        status: Some(503),
    };
    let edited = struck(edit);
    assert_eq!(edited.status, 503, "a valid token under a status that forbids its use");
    let edited = edited.json();
    assert_eq!((&edited["expires_in"], edited.get("token_type")), (&json!("3600"), None));
}

#[test]
fn an_encoding_nobody_asked_for_is_announced_and_undecodable() {
    let (sandbox, client) = start();
    set(&sandbox, Action::ContentEncoding { value: "gzip".to_owned() });
    // The helper reads text, and these bytes are none.
    assert!(login(&client).is_err());
    set(&sandbox, Action::ContentEncoding { value: "br".to_owned() });
    let bytes = exchange_tls(&sandbox, &request(LOGIN, &JSON, BODY)).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("\r\nContent-Encoding: br\r\n") && text.contains("\r\n\r\n\u{1f}"), "{text}");
}

#[test]
fn a_fault_that_finds_nothing_to_change_says_so_in_the_journal() {
    let (sandbox, client) = start();
    let edit =
        Action::Edit { set: [("/no/such".to_owned(), json!(1))].into(), remove: Vec::new(), status: None };
    set(&sandbox, edit);
    assert_eq!(login(&client).unwrap().status, 200);
    let entry = sandbox.admin().requests(&Filter::all()).remove(0);
    assert_eq!(entry.fault.as_deref(), Some("edit#1 (no effect: the reply has no such member)"));
}

#[test]
fn a_fault_strikes_only_what_it_is_for() {
    let (sandbox, client) = start();
    let fault = Fault::new(Action::status(500)).vendor("servetel").route("token").when(When::Nth(2));
    sandbox.admin().add_fault(fault).unwrap();
    assert_eq!(client.post_json("/sangoma/oauth/token", &json!({})).status, 401);
    let seen: Vec<u16> = (0..3).map(|_| login(&client).unwrap().status).collect();
    assert_eq!(seen, [200, 500, 200]);
    let armed = &sandbox.admin().faults()[0];
    assert_eq!((armed.seen, armed.struck), (3, 1));
}

#[test]
fn a_fault_that_cannot_work_is_refused_by_the_name_of_its_field() {
    let plain = Sandbox::builder().plain_http(true).start().unwrap();
    let cases = [
        (json!({"vendor": "acme", "action": {"type": "bom"}}), "vendor"),
        (json!({"when": {"nth": 0}, "action": {"type": "bom"}}), "when.nth"),
        (json!({"when": {"every": 0}, "action": {"type": "bom"}}), "when.every"),
        (json!({"when": {"probability": 1.5}, "action": {"type": "bom"}}), "when.probability"),
        (json!({"times": 0, "action": {"type": "bom"}}), "times"),
        (json!({"vendor": "servetel", "action": {"type": "never_read"}}), "vendor"),
        (json!({"route": "token", "action": {"type": "reset", "at": "accept"}}), "route"),
        (json!({"after_action": true, "action": {"type": "never_read"}}), "after_action"),
        (json!({"action": {"type": "status", "status": 100}}), "action.status"),
        (json!({"action": {"type": "status", "status": 429, "retry_after": "a\n"}}), "action.retry_after"),
        (json!({"action": {"type": "redirect", "status": 200}}), "action.status"),
        (json!({"action": {"type": "reply", "headers": [["a b", "c"]]}}), "action.headers"),
        (json!({"action": {"type": "content_length", "value": "1\r\n"}}), "action.value"),
        (json!({"action": {"type": "huge", "bytes": 1_000_000_000}}), "action.bytes"),
        (json!({"action": {"type": "edit"}}), "action.set"),
        (json!({"action": {"type": "edit", "remove": ["token"]}}), "action.set"),
        (json!({"action": {"type": "dribble", "bytes": 0}}), "action.bytes"),
        (json!({"action": {"type": "hang", "at": "accept"}}), "action.at"),
        (
            json!({"action": {"type": "close", "at": "mid_body", "close_notify": false}}),
            "action.close_notify",
        ),
        (json!({"action": {"type": "tls_stall"}}), "action.type"),
        (json!({"action": {"type": "certificate", "kind": "expired"}}), "action.type"),
    ];
    for (fault, field) in cases {
        let fault: Fault =
            serde_json::from_value(fault.clone()).unwrap_or_else(|error| panic!("{error}: {fault}"));
        let refused = plain.admin().add_fault(fault.clone()).expect_err(&format!("{fault:?}"));
        assert_eq!(refused.field(), field, "{refused}");
    }
    assert!(plain.admin().faults().is_empty());
}
