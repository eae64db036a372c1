//! What a person gets wrong is said by the field's name, with what was expected and the nearest right
//! name; the value is not said back; nothing is sent.

use ccauth::{Account, Error, ErrorKind};
use ccauth_sandbox::Sandbox;
use ccauth_tests::{VENDORS, fields_with, sandbox};

/// Builds an account of the demo account with these fields in place of others. `base_url` and `ca_file` are
/// as good as any other field here.
fn build(sandbox: &Sandbox, vendor: &str, others: &[(&str, &str)]) -> Result<Account, Error> {
    let mut builder = Account::builder(vendor);
    for (name, value) in fields_with(sandbox, vendor, others) {
        builder = builder.field(name, value);
    }
    builder.build()
}

#[track_caller]
fn check(sandbox: &Sandbox, vendor: &str, others: &[(&str, &str)], detail: &str, words: &[&str]) {
    let failure = build(sandbox, vendor, others).map(drop);
    let failure = failure.expect_err(&format!("{others:?} is {detail}"));
    let said = failure.to_string();
    let what = format!("{vendor} {others:?}: {said}");
    assert_eq!(failure.detail().word, detail, "{what}");
    assert_eq!(failure.kind(), ErrorKind::Invalid, "{what}");
    assert_eq!(failure.vendor(), Some(vendor), "{what}");
    for word in words {
        assert!(said.contains(word), "no {word} in {what}");
    }
    assert!(!said.contains(char::is_control), "{what}");
    assert!(said.len() < 400, "{what}");
    assert!(!failure.cure().is_empty());
}

#[test]
fn an_unknown_vendor_is_told_the_nearest_and_all() {
    let ids: Vec<_> = ccauth::vendors().map(|vendor| vendor.descriptor().id).collect();
    let all = format!("there is {}", ids.join(", "));
    let table = [
        ("exotel-ccn", "did you mean exotel-ccm?"),
        ("exotel_ccm", "did you mean exotel-ccm?"),
        ("Exotel-CCM", "did you mean exotel-ccm?"),
        ("contact-now", "did you mean contactnow?"),
        ("servtel", "did you mean servetel?"),
        ("sangomacx", "did you mean sangoma?"),
        ("", all.as_str()),
        ("twilio", all.as_str()),
        ("\u{1b}[31mred\n", all.as_str()),
    ];
    for (id, words) in table {
        let failure = Account::builder(id).build().unwrap_err();
        assert_eq!(failure.detail().word, "config.vendor", "{id}: {failure}");
        assert!(failure.message().contains(words) && failure.message().contains(&all), "{id}: {failure}");
        assert!(!failure.to_string().contains(char::is_control), "{failure:?}");
        assert_eq!(failure.detail(), ccauth::vendor(id).unwrap_err().detail());
    }
    let long = Account::builder(&"x".repeat(10_000)).build().unwrap_err();
    assert!(long.to_string().len() < 400, "{long}");
}

#[test]
fn each_missing_field_is_named_with_what_it_is() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let descriptor = ccauth::vendor(vendor).unwrap().descriptor();
        let all: Vec<_> = sandbox.account(vendor).fields().to_vec();
        for missing in &all {
            let mut builder = Account::builder(vendor);
            for field in all.iter().filter(|field| field.name != missing.name) {
                builder = builder.field(field.name.as_str(), field.value.as_str());
            }
            let failure = builder.build().unwrap_err();
            assert_eq!(failure.detail().word, "config.missing", "{vendor} {}: {failure}", missing.name);
            assert!(failure.message().starts_with(&missing.name), "{vendor}: {failure}");
            let doc = descriptor.fields.iter().find(|field| field.name == missing.name).unwrap().doc;
            assert!(failure.message().contains(doc), "{vendor}: {failure}");
        }
        let nothing = Account::builder(vendor).build().unwrap_err();
        assert_eq!(nothing.detail().word, "config.missing", "{nothing}");
    }
}

#[test]
fn an_unknown_field_is_told_the_nearest() {
    let sandbox = sandbox();
    let table = [
        ("exotel-ccm", "acount_sid", "account_sid"),
        ("exotel-ccm", "api_tokn", "api_token"),
        ("exotel-webrtc", "entitiy", "entity"),
        ("contactnow", "usrname", "username"),
        ("contactnow", "Password2", "password"),
        ("servetel", "e-mail", "email"),
        ("sangoma", "client-secret", "client_secret"),
        ("sangoma", "scope", "scopes"),
        ("sangoma", "base-url", "base_url"),
        ("servetel", "timeout", "timeout_ms"),
        ("servetel", "ca-file", "ca_file"),
        ("servetel", "proxi", "proxy"),
    ];
    for (vendor, typo, right) in table {
        check(&sandbox, vendor, &[(typo, "x")], "config.unknown", &[typo, &format!("did you mean {right}?")]);
    }
    check(&sandbox, "servetel", &[("xyzzy", "value-of-it")], "config.unknown", &["xyzzy"]);
    check(&sandbox, "servetel", &[("", "x")], "config.unknown", &[]);
    // Another vendor's field is not this one's.
    check(&sandbox, "servetel", &[("client_secret", "x")], "config.unknown", &["client_secret"]);
}

#[test]
fn a_url_that_is_not_one_or_not_fit_is_refused() {
    let sandbox = sandbox();
    let urls = [
        ("not a url", "base_url"),
        ("api.example.com", "https"),
        ("//api.example.com", "https"),
        ("https://", "base_url"),
        ("ftp://api.example.com", "https"),
        ("file:///etc/passwd", "https"),
        ("javascript:alert(1)", "https"),
        ("https://user@api.example.com", "user"),
        ("https://user:pw-canary@api.example.com", "user"),
        ("https://:pw-canary@api.example.com", "user"),
        ("https://api.example.com?query=pw-canary", "query"),
        ("https://api.example.com/#fragment", "fragment"),
        ("https://api.example.com.", "dot"),
        ("https://api.example.com:99999", "base_url"),
        ("https://[::1", "base_url"),
        ("https://exa mple.com", "base_url"),
        ("https://ex%00ample.com", "base_url"),
        ("https:api.example.com", "base_url"),
        ("https:///api.example.com", "base_url"),
        ("https:\\\\api.example.com\\v1", "base_url"),
        ("https://bücher.example", "xn--"),
        // What two readers could read in two ways (the class of CVE-2022-27780).
        ("https://ex%61mple.com", "base_url"),
        ("https://api.example.com/a/../b", "path"),
        ("https://0x7f.1", "base_url"),
        ("https://example.com%2f@evil.example", "user"),
        ("http://api.example.com", "clear text"),
    ];
    for vendor in VENDORS {
        for (url, word) in urls {
            check(&sandbox, vendor, &[("base_url", url)], "config.url", &["base_url", word]);
            let failure = build(&sandbox, vendor, &[("base_url", url)]).unwrap_err();
            assert!(!failure.to_string().contains("pw-canary"), "{failure}");
        }
    }
    // Normalised once, so that what is checked is what is used.
    for (given, used) in [
        ("https://API.Example.COM/", "https://api.example.com"),
        ("https://api.example.com:443/v1/", "https://api.example.com/v1"),
        ("https://[2001:DB8:0::1]:0443", "https://[2001:db8::1]"),
    ] {
        let account = build(&sandbox, "servetel", &[("base_url", given)]);
        let account = account.unwrap_or_else(|error| panic!("{given}: {error}"));
        assert_eq!(account.login().base_url(), used, "{given}");
    }
}

#[test]
fn a_ca_file_that_cannot_serve_is_refused_when_the_account_is_built() {
    let sandbox = sandbox();
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = home.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_string_lossy().into_owned()
    };
    let missing = home.path().join("missing.pem").to_string_lossy().into_owned();
    let directory = home.path().to_string_lossy().into_owned();
    let good = sandbox.ca_pem();
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAAAAAA\n-----END CERTIFICATE-----\n";
    let table = [
        (missing, "No such file"),
        (directory, "regular file"),
        ("/dev/null".to_owned(), "regular file"),
        ("/dev/zero".to_owned(), "regular file"),
        (write("empty.pem", b""), "no certificate"),
        (write("text.pem", b"hello\n"), "no certificate"),
        (write("der.pem", &[0x30, 0x82, 0x01, 0x00]), "no certificate"),
        (write("key.pem", key.as_bytes()), "no certificate"),
        (write("garbage.pem", garbage.as_bytes()), "does not parse"),
        (write("mixed.pem", format!("{good}{garbage}").as_bytes()), "does not parse"),
        (write("cut.pem", &good.as_bytes()[..good.len() / 2]), "ca_file"),
        (write("base64.pem", good.replace("MII", "!!!").as_bytes()), "ca_file"),
    ];
    for vendor in VENDORS {
        for (path, word) in &table {
            check(&sandbox, vendor, &[("ca_file", path)], "config.ca_file", &["ca_file", path, word]);
        }
        let many = write("many.pem", format!("# a comment\n{good}\n{good}").as_bytes());
        assert!(build(&sandbox, vendor, &[("ca_file", &many)]).is_ok());
    }
}

#[test]
fn a_bad_option_is_told_what_was_expected() {
    let sandbox = sandbox();
    let table: &[(&str, &[&str], &[&str])] = &[
        (
            "timeout_ms",
            &["abc", "-1", "99", "600001", "1.5", "10s", "99999999999999999999", " 500"],
            &["100 to 600000"],
        ),
        ("connect_timeout_ms", &["abc", "0", "99", "600001"], &["100 to 600000"]),
        (
            "proxy",
            &[
                "proxy.example:3128",
                "socks5://127.0.0.1:1080",
                "https://127.0.0.1",
                "http://",
                "ftp://x",
                "http://[::1",
            ],
            &["http://proxy.example:3128"],
        ),
        (
            "carriage",
            &["Bearer", "header", "query:", "query:a b", "header:bad name", "token"],
            &["bearer, bare, basic, header:NAME or query:NAME"],
        ),
        ("renewal", &["never", "re-issue"], &["reissue", "refresh", "same-until-expiry", "static"]),
        ("allow_http", &["yes", "1", "TRUE"], &["true, false"]),
        ("close_delimited", &["maybe"], &["accept, refuse"]),
        ("user_agent", &["b\u{f6}se"], &["ASCII"]),
        ("region", &["moon"], &["expected one of"]),
    ];
    for vendor in VENDORS {
        for (field, values, words) in table {
            for value in *values {
                let words = [&[*field][..], words].concat();
                check(&sandbox, vendor, &[(field, value)], "config.value", &words);
            }
        }
    }
    check(
        &sandbox,
        "exotel-ccm",
        &[("region", "mumbay")],
        "config.value",
        &["region", "did you mean mumbai?"],
    );
    check(&sandbox, "servetel", &[("region", "smartflow")], "config.value", &["did you mean smartflo?"]);
    check(
        &sandbox,
        "exotel-webrtc",
        &[("entity", "custmer")],
        "config.value",
        &["entity", "did you mean customer?"],
    );
    check(&sandbox, "contactnow", &[("format", "jsn")], "config.value", &["format", "did you mean json?"]);
    check(&sandbox, "contactnow", &[("method", "put")], "config.value", &["method", "post, get"]);
    for vendor in ["exotel-webrtc", "contactnow", "servetel", "sangoma"] {
        check(&sandbox, vendor, &[("carriage", "basic")], "config.value", &["carriage", "no plain Basic"]);
    }
    let both = [("region", "mumbai"), ("base_url", "https://api.example.com")];
    check(&sandbox, "exotel-ccm", &both, "config.value", &["region", "not both"]);
}

#[test]
fn a_value_that_would_change_the_request_s_target_is_refused() {
    let sandbox = sandbox();
    for sid in ["a/b", ".", "..", "a?b", "a#b", "a%2fb", "a b", "\u{fc}", "a\\b"] {
        check(&sandbox, "exotel-ccm", &[("account_sid", sid)], "config.value", &["account_sid"]);
    }
    for address in ["localhost", "1.2.3", "1.2.3.4;5.6.7.8", "1.2.3.4,,", "::g", &"192.0.2.1,".repeat(11)] {
        check(
            &sandbox,
            "contactnow",
            &[("address", address)],
            "config.value",
            &["address", "at most ten IP"],
        );
    }
    for scopes in ["a\"b", "a\\b", "\u{fc}"] {
        check(&sandbox, "sangoma", &[("scopes", scopes)], "config.value", &["scopes"]);
    }
    for basic in ["not base64!", "bm8tY29sb24=", "Basic"] {
        let failure = ccauth::Account::builder("sangoma")
            .field("basic_token", basic)
            .field("scopes", "cx.agent-calls")
            .build()
            .unwrap_err();
        assert!(failure.message().starts_with("basic_token"), "{failure}");
        assert!(!failure.to_string().contains(basic) || basic == "Basic", "{failure}");
    }
}

#[test]
fn a_field_given_twice_is_refused() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let customer = sandbox.account(vendor);
        let mut builder = Account::builder(vendor);
        for field in customer.fields().iter().chain(customer.fields()) {
            builder = builder.field(field.name.as_str(), field.value.as_str());
        }
        let failure = builder.build().unwrap_err();
        assert_eq!(failure.detail().word, "config.value", "{failure}");
        assert!(failure.message().contains("twice"), "{failure}");
    }
}

#[test]
fn nothing_is_sent_while_an_account_is_built() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let url = sandbox.base_url(vendor);
        assert!(build(&sandbox, vendor, &[("base_url", &url)]).is_ok());
        assert!(build(&sandbox, vendor, &[("base_url", &url), ("timeout_ms", "1")]).is_err());
    }
    assert!(sandbox.admin().connections().is_empty());
}
