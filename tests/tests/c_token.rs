//! A token in C, from a configuration to what a call carries, and what C learns of each failure.

use ccauth::http::StatusCode;
use ccauth_sandbox::{Action, Fault, Filter};
use ccauth_tests::{PATIENCE, Script, VENDORS, accepted, account, get, named, sandbox, timed};

#[test]
fn each_vendor_s_token_comes_with_what_a_call_carries() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let seen =
            Script::of(&sandbox, sandbox.account(vendor)).open().get(i64::MAX, 0).get(5_000, 60_000).run();
        let (account, value) = (account(&sandbox, vendor), seen.text("value"));
        let issued = account.issue().unwrap();
        if issued.carriage().is_query() {
            assert_eq!(seen.text("query"), format!("token={value}"), "{vendor}");
            assert_eq!([seen.word("header_name"), seen.word("header_value")], ["NULL"; 2], "{vendor}");
            let url = format!("{}?{}", sandbox.protected(vendor).url, seen.text("query"));
            assert_eq!(get(&account, &url, None).unwrap().status(), StatusCode::OK);
        } else {
            let (name, like) = issued.header().unwrap();
            let scheme = like.to_str().unwrap().strip_suffix(issued.value()).unwrap();
            assert_eq!(seen.text("header_name"), name.as_str(), "{vendor}");
            assert_eq!(seen.text("header_value"), format!("{scheme}{value}"), "{vendor}");
            assert_eq!(seen.word("query"), "NULL", "{vendor}");
        }
        let pasted = ccauth_tests::account_with(&sandbox, vendor, &[("token", &value)]).unwrap();
        assert!(accepted(&sandbox, &pasted, &pasted.issue().unwrap()), "{vendor}");
        assert_eq!(seen.text("expiry_source"), issued.expiry().source.name(), "{vendor}");
        let late = issued.expires_at().unwrap().as_millisecond() - seen.number("expires_unix_ms");
        // Where the vendor gives one token to both, in whole seconds of what is left of it.
        assert!((-2_000..60_000).contains(&late), "{vendor}: {late} ms");
        for (name, words) in issued.extras().filter(|(name, _)| *name != "request_id") {
            assert_eq!(seen.text(name), words, "{vendor}");
        }
    }
}

#[test]
fn a_pasted_token_is_served_as_it_is_until_it_is_revoked() {
    let seen = Script::new("servetel").set("token", "Bearer pasted+/=").open().get(0, 0).run();
    assert_eq!((seen.text("value").as_str(), seen.text("header_value").as_str()), ("pasted+/=", "pasted+/="));
    assert_eq!((seen.number("expires_unix_ms"), seen.text("expiry_source").as_str()), (i64::MAX, "never"));
    // A query is percent-encoded.
    let seen = Script::new("contactnow").set("token", "pasted+/=").open().get(0, 0).run();
    assert_eq!(seen.text("query"), "token=pasted%2B%2F%3D");
}

#[test]
fn a_field_that_is_set_again_has_its_last_value() {
    let sandbox = sandbox();
    let script = Script::new("servetel").set("password", "wrong").set("email", "nobody");
    let script = script.reaching(&sandbox, "servetel");
    let fields = sandbox.account("servetel").fields();
    let script = fields.iter().fold(script, |script, field| script.set(&field.name, &field.value));
    assert_eq!(script.open().get(0, 0).run().word("get"), "OK");
}

#[test]
fn bad_input_is_refused_at_once_with_the_field_s_name_and_never_its_value() {
    let servetel = || Script::new("servetel");
    let long = "canary-".repeat(600);
    let huge = "canary-".repeat(10_000);
    for (script, step, detail, says) in [
        (Script::new("servtel"), "new", "config.vendor", "no vendor \"servtel\"; did you mean servetel?"),
        (Script::new(""), "new", "config.vendor", "no vendor \"\" (there is "),
        (Script::new(b"serve\xfftel"), "new", "argument.value", "vendor: is not UTF-8"),
        (Script::new(b"servetel\0"), "new", "config.vendor", "no vendor \"servetel…\""),
        (
            servetel().set("pasword", "canary"),
            "set",
            "config.unknown",
            "no field \"pasword\"; did you mean password?",
        ),
        (servetel().set("", "canary"), "set", "config.unknown", "no field \"\" (there is "),
        (servetel().set(b"em\xffail", "canary"), "set", "argument.value", "key: is not UTF-8"),
        (servetel().set("password", ""), "set", "config.value", "password: the value is empty"),
        (
            servetel().set("password", b"canary\0"),
            "set",
            "config.value",
            "password: the value holds a control character",
        ),
        (
            servetel().set("password", "canary\r\nX-Evil: 1"),
            "set",
            "config.value",
            "password: the value holds a control",
        ),
        (servetel().set("password", b"canary\xff"), "set", "argument.value", "password: is not UTF-8"),
        (
            servetel().set("password", &long),
            "set",
            "config.value",
            "password: the value is longer than 4 KiB",
        ),
        (servetel().set("password", &huge), "set", "argument.value", "password: is longer than 64 KiB"),
        (servetel().set("a\nb", b"canary\xff"), "set", "argument.value", "a\\nb: is not UTF-8"),
        (servetel().set("timeout_ms", "canary"), "set", "config.value", "timeout_ms: expected "),
        (servetel().set("renewal", "canary"), "set", "config.value", "renewal: expected one of "),
        (servetel().set("email", "canary").open(), "open", "config.missing", "password is missing: "),
        (
            servetel().set("base_url", "canary://canary").set("token", "x").open(),
            "open",
            "config.url",
            "base_url: ",
        ),
        (
            servetel().set("ca_file", "/nowhere/ca.pem").set("token", "x").open(),
            "open",
            "config.ca_file",
            "ca_file: ",
        ),
        (
            servetel().set("token", "x").open().get(-1, 0),
            "get",
            "argument.value",
            "options: timeout_ms is negative",
        ),
        (
            servetel().set("token", "x").open().get(0, -1),
            "get",
            "argument.value",
            "options: min_valid_ms is negative",
        ),
    ] {
        let seen = script.run();
        let all = [seen.text("detail"), seen.text("message"), seen.text("line")];
        assert_eq!((seen.word(step), all[0].as_str()), ("INVALID", detail), "{all:?}");
        assert_eq!((seen.word("code"), seen.word("is_retryable")), ("-1", "0"), "{all:?}");
        assert!(all[1].starts_with(says), "{says}: {all:?}");
        assert!(all.iter().all(|text| !text.contains("canary")), "{all:?}");
    }
}

#[test]
fn a_failure_s_every_part_gets_to_c() {
    let sandbox = sandbox();
    let of = |vendor, name| Script::of(&sandbox, named(&sandbox, vendor, name)).open().get(0, 0).run();

    let seen = of("servetel", "acct-429");
    assert_eq!(
        (seen.word("get"), seen.word("code"), seen.word("http_status")),
        ("RATE_LIMITED", "-6", "429")
    );
    assert_eq!((seen.text("detail").as_str(), seen.word("is_retryable")), ("vendor.throttled", "1"));
    assert!((1..=60_000).contains(&seen.number("retry_after_ms")), "{seen:?}");
    assert_eq!((seen.text("vendor").as_str(), seen.word("os_errno")), ("servetel", "0"));
    assert!(seen.text("cure").starts_with("Wait as long as retry_after says"), "{}", seen.text("cure"));

    let seen = of("exotel-ccm", "acct-500");
    assert_eq!((seen.word("code"), seen.word("http_status"), seen.word("is_retryable")), ("-16", "500", "1"));
    assert!(!seen.text("vendor_code").is_empty() && !seen.text("request_id").is_empty(), "{seen:?}");
    for part in ["vendor", "message", "vendor_message", "vendor_code", "request_id", "detail"] {
        assert!(seen.text("line").contains(&seen.text(part)), "{part} in {}", seen.text("line"));
    }

    let wrong = Script::of(&sandbox, sandbox.account("sangoma")).set("client_secret", "canary-wrong");
    let seen = wrong.open().get(0, 0).run();
    assert_eq!(
        (seen.word("get"), seen.word("http_status"), seen.word("is_retryable")),
        ("CREDENTIALS", "401", "0")
    );
    assert_eq!(seen.text("vendor_code"), "invalid_client");

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let elsewhere = Script::new("servetel").set("email", "a@b.example").set("password", "canary");
    let seen = elsewhere.set("base_url", format!("http://{nobody}")).open().get(0, 0).run();
    assert_eq!((seen.word("get"), seen.word("os_errno"), seen.word("http_status")), ("CONNECT", "111", "0"));
    for part in ["vendor_code", "vendor_message", "request_id"] {
        assert_eq!(seen.text(part), "", "{part}");
    }
}

#[test]
fn a_deadline_ends_the_wait_and_not_the_request() {
    let sandbox = sandbox();
    sandbox.admin().add_fault(Fault::new(Action::Delay { ms: 60_000 })).unwrap();
    let slow = Script::of(&sandbox, sandbox.account("servetel")).set("timeout_ms", "600000").open();
    let (seen, took) = timed(|| slow.get(2_000, 0).run());
    assert_eq!((seen.word("get"), seen.text("detail").as_str()), ("TIMEOUT", "deadline.passed"));
    assert_eq!(seen.word("is_retryable"), "1");
    assert!(took < PATIENCE, "{took:?}: the answer was waited for");
    assert_eq!(sandbox.admin().requests(&Filter::all()).len(), 1);
}

#[test]
fn a_life_that_no_token_has_is_refused() {
    let sandbox = sandbox();
    let year = 366 * 86_400_000;
    let seen = Script::of(&sandbox, sandbox.account("servetel")).open().get(0, year).run();
    assert_eq!((seen.word("get"), seen.text("detail").as_str()), ("INVALID", "config.value"));
    assert!(seen.text("message").starts_with("min_valid"), "{}", seen.text("message"));
}
