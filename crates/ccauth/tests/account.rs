//! What an account makes of replies, over a scripted transport.

use std::sync::Arc;
use std::time::Duration;

use ccauth::{Account, AccountBuilder, Client, ErrorKind, ManualClock, Timestamp, detail};
use ccauth_testkit::Scripted;

fn servetel(replies: &[&str]) -> (Account, Arc<Scripted>) {
    let transport = Arc::new(Scripted::new(replies.iter().copied()));
    (builder(transport.clone()).build().expect("good fields"), transport)
}

fn builder(transport: Arc<Scripted>) -> AccountBuilder {
    let client = Client::builder().transport(transport).build();
    Account::builder("servetel").client(&client).field("email", "clerk").field("password", "secret")
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
    let account =
        Account::builder("servetel").client(&client).field("token", pasted).build().expect("good fields");
    let token = account.issue().expect("an hour is left");
    assert_eq!(token.expiry().left(start), Some(Duration::from_secs(3600)));
    clock.advance(Duration::from_secs(3600));
    assert_eq!(account.issue().expect_err("it has ended").detail(), &detail::TOKEN_EXPIRED);
}

#[test]
fn whoever_owns_a_field_checks_it_again_when_it_is_replaced() {
    let builder = || Account::builder("servetel").field("email", "clerk").field("password", "secret");
    let account = builder().build().expect("good fields");
    for (name, value, detail) in [
        ("timeout_ms", "not a number", &detail::CONFIG_VALUE),
        ("timeout_ms", "99", &detail::CONFIG_VALUE),
        ("connect_timeout_ms", "600001", &detail::CONFIG_VALUE),
        ("user_agent", "höst", &detail::CONFIG_VALUE),
        ("proxy", "https://proxy.example", &detail::CONFIG_VALUE),
        ("close_delimited", "maybe", &detail::CONFIG_VALUE),
        ("ca_file", "/no/such/file", &detail::CONFIG_CA_FILE),
        ("base_url", "http://vendor.example", &detail::CONFIG_URL),
        ("refresh_carriage", "basic", &detail::CONFIG_VALUE),
        ("password", "", &detail::CONFIG_VALUE),
        ("passwort", "another", &detail::CONFIG_UNKNOWN),
    ] {
        for failure in [builder().field(name, value).build(), account.with(name, value)] {
            // `password` is then given twice, which is as wrong.
            let failure = failure.expect_err(name);
            assert_eq!((failure.detail(), failure.vendor()), (detail, Some("servetel")), "{name}: {failure}");
        }
    }
    let changed = account.with("password", "another").expect("a good one");
    assert_eq!(
        (changed.login().get("password"), account.login().get("password")),
        (Some("another"), Some("secret"))
    );
}

#[test]
fn a_replaced_base_url_meets_its_own_transport() {
    let account = Account::builder("servetel").field("email", "clerk").field("password", "secret");
    let account = account.field("timeout_ms", "300").build().expect("good fields");
    // Nobody listens there; what matters is that http is tried at all.
    let clear = account.with("base_url", "http://127.0.0.1:9").expect("loopback");
    assert_eq!(clear.issue().expect_err("nobody there").kind(), ErrorKind::Connect);
}

#[test]
fn clear_text_to_loopback_does_not_go_through_a_proxy() {
    let proxied = |allow: &str| {
        let builder = Account::builder("servetel").field("token", "opaque").field("allow_http", allow);
        builder.field("base_url", "http://127.0.0.1:9").field("proxy", "http://proxy.example:3128").build()
    };
    assert_eq!(proxied("false").expect_err("a proxy that reads along").detail(), &detail::CONFIG_URL);
    assert!(proxied("true").is_ok());
}

#[test]
fn a_field_is_checked_when_it_is_set_and_has_what_it_was_set_to_last() {
    let transport = Arc::new(Scripted::new([reply("first", 3600).as_str()]));
    let mut builder = builder(transport.clone());
    for (name, value, refused) in [
        ("password", "other", None),
        ("pasword", "canary", Some(&detail::CONFIG_UNKNOWN)),
        ("password", "canary\n", Some(&detail::CONFIG_VALUE)),
        ("renewal", "canary", Some(&detail::CONFIG_VALUE)),
        ("timeout_ms", "canary", Some(&detail::CONFIG_VALUE)),
    ] {
        let outcome = builder.set(name, value);
        assert!(outcome.as_ref().err().is_none_or(|e| !e.to_string().contains("canary")), "{outcome:?}");
        assert_eq!(outcome.err().map(|e| (e.vendor(), e.detail())), refused.map(|d| (Some("servetel"), d)));
    }
    builder.build().expect("good fields").issue().expect("a token");
    assert!(transport.sent()[0].contains(r#""password":"other""#), "{:?}", transport.sent());
    let nobody = Account::builder("nobody").set("email", "clerk").expect_err("no vendor");
    assert_eq!(nobody.detail(), &detail::CONFIG_VENDOR);
}
