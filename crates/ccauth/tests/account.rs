//! What an account makes of replies, over a scripted transport.

use std::sync::Arc;
use std::time::Duration;

use ccauth::{Account, AccountBuilder, Client, ErrorKind, Timestamp, detail};
use ccauth_testkit::{ManualClock, Scripted};

fn servetel(replies: &[&str]) -> (Account, Arc<Scripted>) {
    let transport = Arc::new(Scripted::new(replies.iter().copied()));
    (builder(transport.clone()).build().expect("good fields"), transport)
}

fn builder(transport: Arc<Scripted>) -> AccountBuilder {
    let client = Client::builder().transport(transport).build();
    client.account("servetel").field("email", "clerk").field("password", "secret")
}

fn reply(token: &str, expires_in: i64) -> String {
    format!(
        "HTTP/1.1 200 OK\ncontent-type: application/json\n\n{{\"success\":true,\"access_token\":\"{token}\",\"expires_in\":{expires_in}}}"
    )
}

#[test]
fn an_expired_token_is_handed_out_by_no_operation() {
    let (fresh, expired) = (reply("first", 3600), reply("second", 0));
    let (account, transport) = servetel(&[&fresh, &expired, &expired]);
    let held = account.issue().expect("an hour");
    for outcome in [account.renew(&held), account.issue()] {
        assert_eq!(outcome.expect_err("it has ended").detail(), &detail::TOKEN_EXPIRED);
    }
    assert_eq!(transport.sent().len(), 3);
}

#[test]
fn a_renewal_in_the_vendor_s_way_carries_the_held_token_and_nothing_else() {
    let (first, second) = (reply("first", 3600), reply("second", 3600));
    let (account, transport) = servetel(&[&first, &second]);
    let held = account.issue().expect("a token");
    let next = account.renew(&held).expect("another");
    assert_eq!((next.value(), next.same_value(&held)), ("second", false));
    let sent = transport.sent().pop().expect("two requests");
    assert!(sent.contains("/v1/auth/refresh") && sent.contains("authorization: first\n"), "{sent}");
    assert!(!sent.contains("secret"), "{sent}");
}

#[test]
fn a_failure_of_the_transport_bears_the_vendor_s_name() {
    let (account, transport) = servetel(&[]);
    transport.then_fail(ccauth::Error::new(&detail::CONNECT_REFUSED, "nobody there"));
    let failure = account.issue().expect_err("no reply");
    assert_eq!((failure.kind(), failure.vendor()), (ErrorKind::Connect, Some("servetel")));
}

#[test]
fn what_is_static_is_not_renewed() {
    for (name, value) in [("token", "pasted"), ("renewal", "static")] {
        let builder = builder(Arc::new(Scripted::new([reply("first", 60).as_str()])));
        let account = builder.field(name, value).build().expect("good fields");
        let failure = account.renew(&account.issue().expect("a token")).expect_err("nothing to renew");
        assert_eq!(failure.detail(), &detail::OPERATION_UNSUPPORTED, "{name}");
    }
}

#[test]
fn an_account_tells_the_time_by_its_client_s_clock() {
    let start = Timestamp::from_second(1_800_000_000).expect("a time");
    let clock = Arc::new(ManualClock::new(start));
    let client = Client::builder().clock(clock.clone()).build();
    // The payload is {"exp":1800003600}.
    let pasted = "e30.eyJleHAiOjE4MDAwMDM2MDB9.c2ln";
    let account = client.account("servetel").field("token", pasted).build().expect("good fields");
    let token = account.issue().expect("an hour is left");
    assert_eq!(token.expiry().left(start), Some(Duration::from_secs(3600)));
    clock.advance(Duration::from_secs(3600));
    assert_eq!(account.issue().expect_err("it has ended").detail(), &detail::TOKEN_EXPIRED);
}
