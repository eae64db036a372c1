//! Base URLs: which are refused, and the one form in which the others are kept.

use ccauth_core::{RequestBuilder, detail};
use common::try_login;

mod common;

#[track_caller]
fn check(url: &str, allow_http: bool, expected: Result<&str, &str>) {
    let allow = if allow_http { "true" } else { "false" };
    match (try_login(&[("token", "opaque"), ("allow_http", allow), ("base_url", url)]), expected) {
        (Ok(login), Ok(kept)) => {
            assert_eq!(login.base_url(), kept, "{url}");
            let request = RequestBuilder::post(&login, "/auth").build().expect("a request");
            assert_eq!(request.uri().to_string(), format!("{kept}/auth"), "{url}");
            assert!(request.uri().path().ends_with("/auth") && request.uri().query().is_none(), "{url}");
        }
        (Err(e), Err(word)) => {
            assert_eq!(e.detail(), &detail::CONFIG_URL, "{url}: {e}");
            assert!(e.message().starts_with("base_url: ") && e.message().contains(word), "{url}: {e}");
            assert!(!e.to_string().contains("hunter2"), "{e}");
        }
        (got, _) => panic!("{url}: {:?}", got.map(|login| login.base_url().to_owned())),
    }
}

#[test]
fn what_is_no_url_of_an_api_is_refused() {
    let long_label = format!("https://{}.example.com", "a".repeat(64));
    let long_name = format!("https://{}example.com", "a.".repeat(122));
    let rows: &[(&str, &[&str])] = &[
        (
            "expected a URL",
            &["api.example.com", "/v1", "//api.example.com", "hunter2", "https//api.example.com", "https:"],
        ),
        (
            "expected a URL",
            &["https:api.example.com", "https:/api.example.com", "api.example.com:443", "data:,x"],
        ),
        (
            "expected a URL",
            &["https://a b.example", "https://a<b.example", "https://a%2fb.example", "https://a\"b.example"],
        ),
        (
            "expected a URL",
            &["https://ex%61mple.com", "https://api%2eexample.com", "https://%ff", "https://a{b}.example"],
        ),
        ("expected a URL", &["https://a..example", "https://.example", &long_label, &long_name]),
        (
            "expected a URL",
            &[
                "https://[::1",
                "https://[::g]",
                "https://::1",
                "https://[127.0.0.1]",
                "https://[fe80::1%25eth0]",
            ],
        ),
        // Numbers that some readers take for an address, and some for a name.
        (
            "expected a URL",
            &["https://1.2.3.4.5", "https://256.1.1.1", "http://127.1", "http://2130706433", "http://0x7f.1"],
        ),
        (
            "expected a URL",
            &["http://0x7f000001", "http://0177.0.0.1", "http://127.0.0.01", "https://api.example.0x"],
        ),
        (
            "expected a URL",
            &["https://", "https:///v1", "https:////h", "https://:443", "https:/\\api.example.com"],
        ),
        // One reading of the backslash: none.
        ("expected a URL", &["https://api.example.com\\v1", "https://\\api.example.com"]),
        ("in ASCII", &["https://bücher.example", "https://ａｐｉ.example.com", "https://api.example.com。"]),
        (
            "expected a port",
            &["https://h:65536", "https://h:x", "https://h:+443", "https://[::1]:-1", "https://h: 1"],
        ),
        (
            "expected the scheme https",
            &["ftp://api.example.com", "ws://api.example.com", "wss://h", "file:///etc/passwd"],
        ),
        (
            "expected the scheme https",
            &["httpss://api.example.com", "://api.example.com", "hxxps://h", "h://"],
        ),
        ("user or password", &["https://clerk@api.example.com", "https://clerk:hunter2@api.example.com"]),
        (
            "user or password",
            &["https://:hunter2@api.example.com", "https://api.example.com:hunter2@evil.example"],
        ),
        ("user or password", &["https://api.example.com%2f@evil.example", "http://clerk:hunter2@localhost"]),
        ("user or password", &["https://api.example.com\\@evil.example", "https://@h", "https://@"]),
        (
            "no query and no fragment",
            &["https://api.example.com?key=hunter2", "https://api.example.com/?", "https://h?", "https://?"],
        ),
        (
            "no query and no fragment",
            &[
                "https://api.example.com#hunter2",
                "https://api.example.com/v1#",
                "https://h/?#",
                "https://h#@h",
            ],
        ),
        (
            "dot at its end",
            &["https://api.example.com.", "https://api.example.com./v1", "https://api.example.com.:8443"],
        ),
        ("dot at its end", &["http://localhost.", "http://127.0.0.1.", "https://."]),
        ("expected a path", &["https://h/a b", "https://h/é", "https://h/a\\b", "https://h/{a}"]),
        (
            "expected a path",
            &["https://h/%", "https://h/%4", "https://h/%g0", "https://h/%+1", "https://h/a%2"],
        ),
        ("expected a path", &["https://h/.", "https://h/a/../b", "https://h/..", "https://h/./a"]),
        ("expected a path", &["https://h/%2e", "https://h/a/%2E%2e/b", "https://h/.%2e", "https://h/%2E/a"]),
        ("[::1]", &["https://127.1", "https://a b.example", "https://::1"]),
    ];
    for (word, urls) in rows {
        for url in *urls {
            for allow_http in [false, true] {
                check(url, allow_http, Err(word));
            }
        }
    }
}

#[test]
fn clear_text_goes_to_loopback_or_where_it_was_allowed() {
    let loopback = [
        ("http://localhost:8080", "http://localhost:8080"),
        ("HTTP://LocalHost", "http://localhost"),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1"),
        ("http://127.255.0.9", "http://127.255.0.9"),
        ("http://[::1]:8080/v1/", "http://[::1]:8080/v1"),
        ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
    ];
    for (url, kept) in loopback {
        check(url, false, Ok(kept));
    }
    let elsewhere = [
        "http://api.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://128.0.0.1",
        "http://[::2]",
        "http://[::]",
        "http://[fe80::1]",
        "http://[::ffff:127.0.0.1]",
        "http://localhostx",
    ];
    for url in elsewhere {
        check(url, false, Err("clear text"));
        check(url, true, Ok(url));
        check(&url.replace("http:", "https:"), false, Ok(&url.replace("http:", "https:")));
    }
}

#[test]
fn a_url_is_kept_in_one_form() {
    let rows = [
        ("https://api.example.com", "https://api.example.com"),
        ("HTTPS://API.Example.COM/", "https://api.example.com"),
        ("https://api.example.com:443", "https://api.example.com"),
        ("https://api.example.com:0443/", "https://api.example.com"),
        ("https://api.example.com:8443", "https://api.example.com:8443"),
        ("http://localhost:80", "http://localhost"),
        ("https://localhost:80", "https://localhost:80"),
        ("https://api.example.com///", "https://api.example.com"),
        ("https://api.example.com/api/V2", "https://api.example.com/api/V2"),
        ("https://api.example.com/api/V2//", "https://api.example.com/api/V2"),
        ("https://api.example.com/a//b/.c/d..", "https://api.example.com/a//b/.c/d.."),
        ("https://api.example.com/a%2fb", "https://api.example.com/a%2fb"),
        ("https://api.example.com/v1%2e2/...", "https://api.example.com/v1%2e2/..."),
        ("https://api.example.com/@a:b;c=d,e", "https://api.example.com/@a:b;c=d,e"),
        ("https://api.example.com/a%20b%C3%a9", "https://api.example.com/a%20b%C3%a9"),
        (" https://api.example.com ", "https://api.example.com"),
        ("https://XN--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://api.example.com:/v1", "https://api.example.com/v1"),
        ("https://pbx_1.3com.7e", "https://pbx_1.3com.7e"),
        ("https://[2001:DB8:0::1]:443/", "https://[2001:db8::1]"),
        ("https://[::FFFF:127.0.0.1]", "https://[::ffff:127.0.0.1]"),
    ];
    for (url, kept) in rows {
        check(url, false, Ok(kept));
        check(kept, false, Ok(kept));
    }
}

#[test]
fn an_endpoint_that_was_pasted_whole_is_refused_before_anything_is_sent() {
    for (url, pasted) in [
        ("https://api.example.com/token", true),
        ("https://api.example.com/v1/token/", true),
        ("https://api.example.com/v1", false),
        ("https://api.example.com/token/v1", false),
        ("https://token", false),
    ] {
        let given = [("user_id", "clerk"), ("password", "s3cret"), ("base_url", url)];
        let message = try_login(&given).err().map(|e| e.message().to_owned());
        let expected = "base_url: it ends with /token, which is added to it; give what stands before";
        assert_eq!(message.as_deref(), pasted.then_some(expected), "{url}");
    }
}
