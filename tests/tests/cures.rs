//! What people read when something fails: what was tried, what the vendor said, and a cure that fits.

#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

use std::net::TcpListener;

use ccauth::{Account, Error};
use ccauth_sandbox::{Action, Bytes, Fault, Sandbox};
use ccauth_tests::{RawServer, account_with, sandbox};

/// An address of loopback on which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// What becomes of a login of Servetel with these fields, away from the sandbox.
fn elsewhere(fields: &[(&str, &str)]) -> Error {
    let all = [&[("email", "demo"), ("password", "demo-secret")], fields].concat();
    let builder = all.into_iter().fold(Account::builder("servetel"), |b, (name, value)| b.field(name, value));
    builder.build().unwrap().issue().unwrap_err()
}

/// What becomes of a request that is answered so.
fn answered(sandbox: &Sandbox, vendor: &str, status: u16, body: &str) -> (Account, Error) {
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let action = Action::Reply { status, headers, body: Bytes::from(body) };
    let account = account_with(sandbox, vendor, &[]).unwrap();
    sandbox.admin().add_fault(Fault::new(action).vendor(vendor).times(1)).unwrap();
    let failure = account.issue().unwrap_err();
    (account, failure)
}

#[test]
fn a_missing_endpoint_names_the_url_and_what_the_vendor_said() {
    let sandbox = sandbox();
    for (vendor, method_and_path) in [
        ("exotel-ccm", "POST # /v2/accounts/demo/configuration/basicauth"),
        ("exotel-webrtc", "POST # /v2/integrations/token"),
        ("contactnow", "POST # /token.php"),
        ("servetel", "POST # /v1/auth/login"),
        ("sangoma", "POST # /oauth/token"),
    ] {
        let (_, failure) = answered(&sandbox, vendor, 404, r#"{"error":"no such account"}"#);
        let tried = method_and_path.replace("# ", &sandbox.base_url(vendor));
        assert_eq!(failure.detail().word, "endpoint.wrong", "{failure}");
        assert!(failure.to_string().contains(&format!("({tried}): \"no such account\"")), "{failure}");
    }
}

#[test]
fn a_failure_on_the_way_names_host_port_and_proxy() {
    let (gone, proxy) = (nobody(), nobody());
    let at_host = elsewhere(&[("base_url", &format!("https://{gone}"))]).to_string();
    assert!(at_host.starts_with(&format!("servetel: {gone}: the host refused")), "{at_host}");
    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    let server = RawServer::replying(refusal);
    for (url, cause) in
        [(format!("http://{proxy}"), "connect.refused"), (server.url("http"), "proxy.refused")]
    {
        let through = url.trim_start_matches("http://");
        let url = format!("http://user:hunter2@{through}");
        let failure = elsewhere(&[("base_url", "https://api.example.com"), ("proxy", &url)]);
        let expected = format!("servetel: api.example.com:443 through the proxy {through}: ");
        assert!(failure.to_string().starts_with(&expected), "{failure}");
        assert_eq!(failure.detail().word, cause, "{failure}");
        assert!(!failure.to_string().contains("hunter2"), "{failure}");
    }
}

#[test]
fn the_cure_is_the_vendor_s_own_where_it_has_one_and_no_other_s() {
    let sandbox = sandbox();
    let (_, rejected) = answered(&sandbox, "sangoma", 401, r#"{"error":"invalid_client"}"#);
    assert!(rejected.cure().contains("client_auth=form"), "{}", rejected.cure());
    let form = account_with(&sandbox, "sangoma", &[("client_secret", "not-it"), ("client_auth", "form")]);
    let form = form.unwrap().issue().unwrap_err();
    assert!(!form.cure().contains("client_auth"), "{}", form.cure());

    let unknown = |vendor: &str, body: &str| {
        let account = account_with(&sandbox, vendor, &[]).unwrap();
        let held = account.issue().unwrap();
        let action = Action::Reply { status: 401, headers: Vec::new(), body: Bytes::from(body) };
        sandbox.admin().add_fault(Fault::new(action).vendor(vendor).times(1)).unwrap();
        if vendor == "servetel" {
            account.renew(&held).unwrap_err()
        } else {
            account.validate(&held).unwrap_err()
        }
    };
    let dead = unknown("contactnow", r#"{"success":false,"error":"Invalid token"}"#);
    assert!(dead.cure().contains("address"), "{}", dead.cure());
    let dead = unknown("servetel", r#"{"success":false,"message":"The token has been blacklisted"}"#);
    assert_eq!((dead.detail().word, dead.cure()), ("token.rejected", "Obtain a new token."));
    let unseen = unknown("servetel", r#"{"success":false,"message":"Token not provided"}"#);
    assert_eq!(unseen.detail().word, "token.unseen", "{unseen}");
    assert!(unseen.cure().contains("refresh_carriage"), "{}", unseen.cure());
}
