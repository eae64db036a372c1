//! What the client makes of replies, over a scripted transport.

use std::sync::Arc;

use ccauth::{Client, ErrorKind, detail};
use ccauth_testkit::Scripted;

fn servetel(replies: &[&str]) -> (Client, Arc<Scripted>) {
    let transport = Arc::new(Scripted::new(replies.iter().copied()));
    let builder = Client::builder("servetel").field("email", "clerk").field("password", "secret");
    (builder.transport(transport.clone()).build().expect("good fields"), transport)
}

fn reply(token: &str, expires_in: i64) -> String {
    format!(
        "HTTP/1.1 200 OK\ncontent-type: application/json\n\n{{\"success\":true,\"access_token\":\"{token}\",\"expires_in\":{expires_in}}}"
    )
}

#[test]
fn an_expired_token_is_handed_out_by_no_operation() {
    let (fresh, expired) = (reply("first", 3600), reply("second", 0));
    let (client, transport) = servetel(&[&fresh, &expired, &expired]);
    let held = client.issue().expect("an hour");
    for outcome in [client.renew(&held), client.issue()] {
        assert_eq!(outcome.expect_err("it has ended").detail(), &detail::TOKEN_EXPIRED);
    }
    assert_eq!(transport.sent().len(), 3);
}

#[test]
fn a_renewal_in_the_vendor_s_way_carries_the_held_token_and_nothing_else() {
    let (first, second) = (reply("first", 3600), reply("second", 3600));
    let (client, transport) = servetel(&[&first, &second]);
    let held = client.issue().expect("a token");
    let next = client.renew(&held).expect("another");
    assert_eq!((next.value(), next.same_value(&held)), ("second", false));
    let sent = transport.sent().pop().expect("two requests");
    assert!(sent.contains("/v1/auth/refresh") && sent.contains("authorization: first\n"), "{sent}");
    assert!(!sent.contains("secret"), "{sent}");
}

#[test]
fn a_failure_of_the_transport_bears_the_vendor_s_name() {
    let (client, transport) = servetel(&[]);
    transport.then_fail(ccauth::Error::new(&detail::CONNECT_REFUSED, "nobody there"));
    let failure = client.issue().expect_err("no reply");
    assert_eq!((failure.kind(), failure.vendor()), (ErrorKind::Connect, Some("servetel")));
}

#[test]
fn what_is_static_is_not_renewed() {
    for (name, value) in [("token", "pasted"), ("renewal", "static")] {
        let builder = Client::builder("servetel").field("email", "clerk").field("password", "secret");
        let builder =
            builder.field(name, value).transport(Arc::new(Scripted::new([reply("first", 60).as_str()])));
        let client = builder.build().expect("good fields");
        let failure = client.renew(&client.issue().expect("a token")).expect_err("nothing to renew");
        assert_eq!(failure.detail(), &detail::OPERATION_UNSUPPORTED, "{name}");
    }
}
