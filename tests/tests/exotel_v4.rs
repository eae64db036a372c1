//! The vendor that the sandbox does not play: its documented reply is put into the sandbox's mouth, so
//! that the request, the TLS and the faults are real all the same.

use ccauth::{Account, Error, Expiry, ExpirySource, Token};
use ccauth_sandbox::{Action, Bytes, Fault, Point, Sandbox};
use ccauth_tests::{Canaries, Command, sandbox};
use serde_json::{Value, json};

const SECRET: &str = "canary:S3cret &w\u{f6}rd%+/\"quoted\"";
const TOKEN: &str = "sess_canary_abc123def456";

fn reaching(sandbox: &Sandbox, fields: &[(&str, &str)]) -> Result<Account, Error> {
    let mut builder = Account::builder("exotel-v4")
        .field("base_url", format!("{}/exotel-ccm", sandbox.url()))
        .field("ca_file", sandbox.ca_file().to_string_lossy().into_owned());
    let given = |name: &str| fields.iter().any(|(other, _)| *other == name);
    let usual = [("account_sid", "acme1"), ("username", "key:1"), ("password", SECRET)];
    for (name, value) in usual.into_iter().filter(|(name, _)| !given(name)).chain(fields.iter().copied()) {
        builder = builder.field(name, value);
    }
    builder.build()
}

/// The documented reply, with this end.
fn session(expires_at: &Value) -> Value {
    json!({ "request_id": "req_login_001", "method": "POST", "http_code": 200, "response": { "code": 200,
        "status": "success", "data": { "session_token": TOKEN, "expires_at": expires_at } } })
}

fn failure(status: u16, code: u16, message: &str) -> (u16, Value) {
    let data = json!({ "code": code, "message": message, "description": message });
    let response = json!({ "code": status, "status": "failure", "error_data": data, "data": null });
    (status, json!({ "request_id": "req-1", "method": "POST", "http_code": status, "response": response }))
}

fn issue(sandbox: &Sandbox, account: &Account, status: u16, body: &Value) -> Result<Token, Error> {
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    under(sandbox, account, Action::Reply { status, headers, body: Bytes::from(body.to_string().as_str()) })
}

fn under(sandbox: &Sandbox, account: &Account, action: Action) -> Result<Token, Error> {
    let fault = sandbox.admin().add_fault(Fault::new(action)).expect("a fault");
    let done = account.issue();
    sandbox.admin().remove_fault(fault);
    done
}

/// A day from the sandbox's now, as the vendor writes it.
fn tomorrow(sandbox: &Sandbox) -> String {
    let at = ccauth::Timestamp::from_second(sandbox.admin().clock().now + 86_400).expect("a time");
    at.to_string()
}

#[test]
fn the_documented_reply_gives_a_bearer_session_until_its_end_on_the_vendor_s_clock() {
    let sandbox = sandbox();
    for offset in [0, -5 * 3600, 3 * 3600] {
        sandbox.admin().set_offset(offset);
        let account = reaching(&sandbox, &[]).unwrap();
        let token = issue(&sandbox, &account, 200, &session(&json!(tomorrow(&sandbox)))).unwrap();
        assert_eq!(token.value(), TOKEN);
        assert_eq!(token.header().unwrap().1, format!("Bearer {TOKEN}").as_str());
        assert_eq!(token.extra("request_id"), Some("req_login_001"));
        let Expiry { at, source, .. } = token.expiry();
        let left = at.unwrap().duration_since(token.issued_at()).as_secs();
        assert!((86_395..=86_401).contains(&left), "{offset}: {left}");
        assert_eq!(source, ExpirySource::Server);
    }
}

#[test]
fn credentials_arrive_as_they_were_given_in_the_body_alone() {
    let sandbox = sandbox();
    for secret in [SECRET, " blanks ", "\\ \" ' / \u{2028} \u{1f511}", "a&b=c+d%e#f"] {
        let account = reaching(&sandbox, &[("username", secret), ("password", secret)]).unwrap();
        issue(&sandbox, &account, 200, &session(&json!(tomorrow(&sandbox)))).unwrap();
        let request = sandbox.admin().captured().pop().unwrap();
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("POST", "/exotel-ccm/v4/accounts/acme1/login")
        );
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body, json!({ "username": secret, "password": secret, "account_sid": "acme1" }));
        assert_eq!(request.header("content-type"), Some(&b"application/json"[..]));
        assert_eq!(request.header("authorization"), None);
    }
    let before = sandbox.admin().connections().len();
    for sid in ["a/b", "..", "a?b", "a\nb", ""] {
        let refused = reaching(&sandbox, &[("account_sid", sid)]).unwrap_err();
        assert!(refused.message().starts_with("account_sid"), "{refused}");
    }
    assert_eq!(sandbox.admin().connections().len(), before);
}

#[test]
fn p14_every_failure_comes_to_its_detail_and_to_no_token() {
    let sandbox = sandbox();
    let account = reaching(&sandbox, &[("timeout_ms", "20000"), ("connect_timeout_ms", "20000")]).unwrap();
    let good = session(&json!(tomorrow(&sandbox)));
    let with = |token: Value| {
        let mut reply = good.clone();
        reply["response"]["data"]["session_token"] = token;
        reply
    };
    let table = [
        (failure(401, 1010, "Authorization failed"), "credentials.rejected"),
        (failure(403, 1011, "Account not authorized for CCM"), "account.not_entitled"),
        (failure(404, 1000, "Not found"), "endpoint.wrong"),
        (failure(429, 1019, "Rate limit exceeded"), "vendor.throttled"),
        (failure(500, 1002, "Internal server error"), "vendor.fault"),
        ((200, failure(401, 1010, "Authorization failed").1), "credentials.rejected"),
        ((500, good.clone()), "vendor.fault"),
        ((401, good.clone()), "credentials.rejected"),
        ((302, good.clone()), "redirect"),
        ((200, json!(null)), "body.member"),
        ((200, with(json!(null))), "body.member"),
        ((200, with(json!(7))), "body.member"),
        ((200, with(json!(""))), "token.malformed"),
        ((200, with(json!("a\r\nX-Injected: y"))), "token.malformed"),
        ((200, session(&json!("1999-01-01T00:00:00Z"))), "expiry.past"),
        ((200, session(&json!("2999-01-01T00:00:00Z"))), "expiry.too_long"),
    ];
    for ((status, body), word) in table {
        let error = issue(&sandbox, &account, status, &body).unwrap_err();
        assert_eq!(error.detail().word, word, "{status} {body}: {error}");
        assert_eq!((error.vendor(), error.http_status()), (Some("exotel-v4"), Some(status)));
    }
    for (action, word) in [
        (Action::Html { status: 200 }, "body.html"),
        (Action::Empty { status: 200 }, "body.empty"),
        (Action::ContentEncoding { value: "gzip".into() }, "body.encoding"),
        (Action::GarbageStatusLine {}, "http.malformed"),
        (Action::EndlessHeaders {}, "http.malformed"),
        (Action::Huge { bytes: None }, "body.too_large"),
        (Action::Reset { at: Point::BeforeReply }, "io.closed"),
    ] {
        let error = under(&sandbox, &account, action).unwrap_err();
        assert_eq!(error.detail().word, word, "{error}");
    }
    assert_eq!(issue(&sandbox, &account, 200, &good).unwrap().value(), TOKEN);
}

#[test]
fn p14_a_reply_cut_at_any_byte_is_an_error() {
    let sandbox = sandbox();
    let account = reaching(&sandbox, &[]).unwrap();
    let body = session(&json!(tomorrow(&sandbox))).to_string();
    for cut in 0..body.len() {
        for head in [
            format!("Content-Length: {}", body.len()),
            format!("Content-Length: {cut}"),
            "Connection: close".into(),
        ] {
            let wire = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{head}\r\n\r\n{}",
                &body[..cut]
            );
            let error = under(&sandbox, &account, Action::Raw { bytes: Bytes::from(wire.as_str()) });
            let kind = error.unwrap_err().kind().name();
            assert!(["IO", "PROTOCOL"].contains(&kind), "{head} cut at {cut}: {kind}");
        }
    }
}

#[test]
fn p10_nothing_shows_the_password_or_the_session_even_where_the_vendor_says_it_back() {
    let sandbox = sandbox();
    let account = reaching(&sandbox, &[]).unwrap();
    let mut canaries = Canaries::default();
    canaries.add("the password", SECRET);
    let mut shown = format!("{account:?} {account:#?}");
    for status in [200, 401, 403, 500] {
        let error = issue(&sandbox, &account, status, &failure(401, 1010, SECRET).1).unwrap_err();
        shown += &format!("{error} {error:?} {:?}", error.vendor_message());
    }
    canaries.add("the session", TOKEN);
    let token = issue(&sandbox, &account, 200, &session(&json!(tomorrow(&sandbox)))).unwrap();
    canaries.assert_absent("an account, a token or an error", &format!("{shown} {token:?}"));
}

#[test]
fn the_command_prints_its_session() {
    let sandbox = sandbox();
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let body = Bytes::from(session(&json!(tomorrow(&sandbox))).to_string().as_str());
    sandbox.admin().add_fault(Fault::new(Action::Reply { status: 200, headers, body })).unwrap();
    let done = Command::ccauth()
        .args(["token", "--vendor", "exotel-v4", "--field", "account_sid=acme1", "--field", "username=key"])
        .args(["--field", &format!("base_url={}/exotel-ccm", sandbox.url())])
        .args(["--field", &format!("ca_file={}", sandbox.ca_file().display())])
        .args(["--secret", "password=-", "--output", "header"])
        .input(SECRET)
        .run();
    assert_eq!(done.good(), format!("authorization: Bearer {TOKEN}"));
}
