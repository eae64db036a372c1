//! What a source does besides handing out tokens, from C.

use ccauth_sandbox::{Action, Fault, Filter, When};
use ccauth_tests::{Script, VENDORS, accepted, account, account_with, add_account, named, sandbox};
use serde_json::Value;

/// A source of the vendor's demo account, which has a token.
fn held(sandbox: &ccauth_sandbox::Sandbox, vendor: &str) -> Script {
    Script::of(sandbox, sandbox.account(vendor)).open().get(0, 0)
}

#[test]
fn a_peek_copies_what_a_call_carries_where_it_fits() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let seen = held(&sandbox, vendor).count("peek", &[0]).run();
        let issued = account(&sandbox, vendor).issue().unwrap();
        let carried = if issued.carriage().is_query() { "query" } else { "header_value" };
        let len = i64::try_from(seen.text(carried).len()).unwrap();
        assert_eq!((seen.word("peek"), seen.number("len")), ("OK", len), "{vendor}");
        assert_eq!((seen.word("is_stale"), seen.words("generation")), ("0", vec!["1", "1"]), "{vendor}");
        let life = issued.expires_at().unwrap().as_millisecond() - issued.issued_at().as_millisecond();
        // Where the vendor gives one token to both, in whole seconds of what is left of it.
        assert!((life - 30_000..=life + 2_000).contains(&seen.number("ttl_ms")), "{vendor}: {seen:?}");

        // Too small by one, by its NUL, and just right.
        for (more, status) in [(-len + 1, "INVALID"), (0, "INVALID"), (1, "OK"), (1_000, "OK")] {
            let seen = held(&sandbox, vendor).count("peek", &[len + more]).run();
            assert_eq!((seen.word("peek"), seen.number("len")), (status, len), "{vendor} {more}");
            assert_eq!(seen.word("generation"), "1", "{vendor} {more}");
            let expected = if status == "OK" { vec![seen.text(carried)] } else { Vec::new() };
            assert_eq!(seen.texts("copied"), expected, "{vendor} {more}");
        }
    }
}

#[test]
fn a_peek_says_why_there_is_nothing() {
    let sandbox = sandbox();
    let of = |name: &str| Script::of(&sandbox, named(&sandbox, "servetel", name)).open();
    for (script, status) in [
        (of("acct-slow"), "WOULD_BLOCK"),
        (of("acct-429").get(0, 0), "RATE_LIMITED"),
        (of("acct-500").count("renew", &[0]), "VENDOR"),
        (held(&sandbox, "servetel").then("free", &[]), "INVALID"),
    ] {
        for capacity in [0, 1, 4096] {
            let seen = script.clone().count("peek", &[capacity]).run();
            assert_eq!((seen.word("peek"), seen.word("len"), seen.word("ttl_ms")), (status, "0", "0"));
        }
    }
}

#[test]
fn a_pasted_token_s_life_has_no_end() {
    let seen = Script::new("sangoma").set("token", "pasted").open().get(0, 0).count("peek", &[64]).run();
    assert_eq!((seen.text("copied").as_str(), seen.number("ttl_ms")), ("Bearer pasted", i64::MAX));
}

#[test]
fn a_reported_token_is_stale_until_there_is_another() {
    let sandbox = sandbox();
    let hang = Fault::new(Action::Delay { ms: 60_000 }).vendor("servetel").when(When::Nth(2));
    sandbox.admin().add_fault(hang).unwrap();
    let script = held(&sandbox, "servetel").count("report", &[7]).count("peek", &[0]);
    let seen = script.count("report", &[0]).count("peek", &[0]).run();
    assert_eq!((seen.words("report"), seen.words("is_stale")), (vec!["OK"; 2], vec!["0", "1"]));
    sandbox.admin().clear_faults();

    let script = held(&sandbox, "servetel").count("report", &[0]).count("renew", &[0]);
    let seen = script.get(0, 0).count("report", &[1]).count("peek", &[0]).run();
    let values = seen.texts("value");
    assert!(values[0] != values[1], "another token came");
    assert_eq!((seen.word("is_stale"), seen.word("generation")), ("0", "2"), "an old report says nothing");
}

#[test]
fn a_renewal_tells_whether_there_is_another_token() {
    let sandbox = sandbox();
    for (vendor, renewed) in [("servetel", "1"), ("exotel-ccm", "1"), ("contactnow", "0")] {
        let seen = held(&sandbox, vendor).count("renew", &[10_000]).get(0, 0).run();
        assert_eq!((seen.word("renew"), seen.word("renewed")), ("OK", renewed), "{vendor}");
        let values = seen.texts("value");
        assert_eq!(values[0] != values[1], renewed == "1", "{vendor}");
    }
    let script = Script::of(&sandbox, named(&sandbox, "servetel", "acct-slow"));
    let slow = script.set("timeout_ms", "600000").open().count("renew", &[50]).run();
    assert_eq!((slow.word("renew"), slow.text("detail").as_str()), ("TIMEOUT", "deadline.passed"));
    let pasted = Script::new("servetel").set("token", "pasted").open();
    for (timeout, detail) in [(0, "config.value"), (-1, "argument.value")] {
        let seen = pasted.clone().count("renew", &[timeout]).run();
        assert_eq!((seen.word("renew"), seen.word("renewed")), ("INVALID", "0"));
        assert_eq!(seen.text("detail"), detail);
    }
}

#[test]
fn what_a_vendor_can_do_is_told_and_done() {
    let [renew, validate, revoke, change] = [1, 2, 4, 8];
    let sandbox = sandbox();
    for (vendor, can) in [
        ("exotel-ccm", renew),
        ("exotel-webrtc", renew),
        ("contactnow", renew | validate | revoke | change),
        ("servetel", renew | revoke),
        ("sangoma", renew | validate | revoke),
    ] {
        let script = held(&sandbox, vendor).then("about", &[]).count("validate", &[]);
        let seen = script.then("change", &[b"demo-secret"]).then("revoke", &[]).run();
        assert_eq!(seen.number("capabilities"), can, "{vendor}");
        assert_eq!(seen.words("header_name").len(), 2, "{vendor}");
        assert_eq!(seen.words("header_name")[0], seen.words("header_name")[1], "{vendor}");
        for (verb, bit) in [("validate", validate), ("change", change), ("revoke", revoke)] {
            let expected = if can & bit == 0 { "UNSUPPORTED" } else { "OK" };
            assert_eq!(seen.word(verb), expected, "{vendor} {verb}: {seen:?}");
        }
        if can & validate == 0 {
            assert_eq!(seen.word("valid_until"), "0", "{vendor}");
        } else {
            let apart = seen.number("valid_until") - seen.number("expires_unix_ms");
            assert!(apart.abs() <= 2_000, "{vendor}: {apart} ms");
        }
    }
    let pasted = Script::new("contactnow").set("token", "pasted").open().then("about", &[]).run();
    assert_eq!(pasted.number("capabilities"), validate | revoke | change);
}

#[test]
fn a_revoked_token_is_dropped_and_the_next_one_is_asked_for() {
    let sandbox = sandbox();
    let seen = held(&sandbox, "contactnow").then("revoke", &[]).get(0, 0).run();
    let values = seen.texts("value");
    assert_eq!((seen.word("revoke"), seen.word("generation")), ("OK", "2"));
    for (value, is_good) in values.iter().zip([false, true]) {
        let pasted = account_with(&sandbox, "contactnow", &[("token", value)]).unwrap();
        assert_eq!(accepted(&sandbox, &pasted, &pasted.issue().unwrap()), is_good);
    }
    // There is nothing to validate or revoke where nothing is held.
    let slow = Script::of(&sandbox, named(&sandbox, "contactnow", "acct-429")).open().get(0, 0);
    let seen = slow.count("validate", &[]).then("revoke", &[]).then("change", &[b"x"]).run();
    for verb in ["validate", "revoke", "change"] {
        assert_eq!(seen.word(verb), "STATE", "{verb}");
    }
    assert_eq!(seen.text("detail"), "token.needed");
}

#[test]
fn a_changed_password_is_the_one_that_is_used() {
    let sandbox = sandbox();
    let customer =
        add_account(&sandbox, "contactnow", "own", &[("username", "own"), ("password", "old-secret")]);
    let script = Script::of(&sandbox, &customer).open().get(0, 0).then("change", &[b"new-secret\n"]);
    let seen = script.then("change", &[b"new-secret"]).then("revoke", &[]).get(0, 0).run();
    assert_eq!((seen.words("change"), seen.word("get")), (vec!["INVALID", "OK"], "OK"));
    let entries = sandbox.admin().requests(&Filter::all());
    assert_eq!(entries.iter().filter(|entry| entry.route == "newpass").count(), 1);
}

#[test]
fn a_rotated_field_ends_the_hold_and_a_bad_one_changes_nothing() {
    let sandbox = sandbox();
    let secret = sandbox.account("servetel").field("password").unwrap();
    let script = Script::of(&sandbox, sandbox.account("servetel")).set("password", "wrong-secret").open();
    let script = script.get(0, 0).then("put", &[b"password", b"wrong\n"]).then("put", &[b"pasword", b"x"]);
    let script = script.then("put", &[b"carriage", b"bearer"]).get(0, 0);
    let seen = script.then("put", &[b"password", secret.as_bytes()]).get(0, 0).run();
    assert_eq!(seen.words("put"), ["INVALID", "INVALID", "INVALID", "OK"]);
    assert_eq!(seen.words("get"), ["CREDENTIALS", "CREDENTIALS", "OK"]);
    assert_eq!(sandbox.admin().requests(&Filter::all()).len(), 2, "the hold was kept until then");
    let details = seen.texts("detail");
    assert_eq!(details[1..4], ["config.value", "config.unknown", "config.value"]);
}

#[test]
fn credentials_of_two_parts_are_replaced_at_once() {
    let sandbox = sandbox();
    let good = sandbox.account("exotel-ccm");
    let wrong = Script::of(&sandbox, good).set("api_key", "old-key").set("api_token", "old-secret");
    let mut script = wrong.open().get(0, 0).then("replace", &[]);
    script = script.then("new", &[b"exotel-ccm"]).reaching(&sandbox, "exotel-ccm");
    for field in good.fields() {
        script = script.set(&field.name, &field.value);
    }
    let script = script.then("replace", &[]).get(0, 0);
    let seen = script.then("new", &[b"servetel"]).set("token", "x").then("replace", &[]).get(0, 0).run();
    assert_eq!(seen.words("replace"), ["INVALID", "OK", "INVALID"]);
    assert_eq!(seen.words("get"), ["CREDENTIALS", "OK", "OK"]);
    let details = seen.texts("detail");
    assert_eq!(details[1..], ["argument.handle", "config.value"]);
}

#[test]
fn the_status_tells_how_a_source_stands_and_no_secret() {
    let sandbox = sandbox();
    let seen = held(&sandbox, "servetel").count("status", &[0]).count("status", &[4096]).run();
    let text = seen.text("copied");
    let status: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(seen.words("len"), [text.len().to_string().as_str(); 2]);
    assert_eq!(status["vendor"], "servetel");
    assert_eq!((&status["generation"], &status["is_stale"]), (&Value::from(1), &Value::from(false)));
    assert_eq!(status["expiry_source"], "server");
    let apart = status["expires_unix_ms"].as_i64().unwrap() - seen.number("expires_unix_ms");
    assert!(apart.abs() < 2_000, "{apart} ms");
    assert!(status["next_unix_ms"].as_i64().unwrap() < status["expires_unix_ms"].as_i64().unwrap());
    assert_eq!([&status["failure"], &status["held_until_unix_ms"]], [&Value::Null; 2]);
    assert!(!text.contains(&seen.text("value")) && !text.contains("secret"), "{text}");

    let wrong = Script::of(&sandbox, sandbox.account("servetel")).set("password", "canary-secret");
    let seen = wrong.open().get(0, 0).count("status", &[4096]).count("status", &[10]).run();
    let text = seen.text("copied");
    let status: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&status["generation"], &status["expiry_source"]), (&Value::from(0), &Value::Null));
    assert_eq!(
        (&status["failure"]["code"], &status["failure"]["name"]),
        (&Value::from(-12), &Value::from("CREDENTIALS"))
    );
    assert_eq!(status["failure"]["detail"], "credentials.rejected");
    assert!(status["held_until_unix_ms"].is_i64() && !text.contains("canary"), "{text}");
    assert_eq!((seen.word("status"), seen.text("detail").as_str()), ("INVALID", "argument.value"));
    assert_eq!(seen.text("message"), format!("buffer: {} bytes are needed", text.len() + 1));
}

#[test]
fn a_freed_source_is_refused_by_everything() {
    let mut script = Script::new("servetel").set("token", "pasted").open().then("free", &[]).get(0, 0);
    for verb in ["peek", "report", "renew", "validate", "status"] {
        script = script.count(verb, &[1]);
    }
    for (verb, arguments) in [
        ("revoke", &[][..]),
        ("change", &[&b"x"[..]]),
        ("put", &[b"timeout_ms", b"1000"]),
        ("replace", &[]),
        ("about", &[]),
    ] {
        script = script.then(verb, arguments);
    }
    let seen = script.run();
    for verb in ["get", "peek", "report", "renew", "validate", "status", "revoke", "change", "put", "replace"]
    {
        assert_eq!(seen.word(verb), "INVALID", "{verb}");
    }
    assert!(seen.texts("detail").iter().all(|detail| detail == "argument.handle"), "{seen:?}");
    assert_eq!((seen.word("capabilities"), seen.word("header_name")), ("0", "NULL"));
}
