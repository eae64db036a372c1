//! A reply: what its status, its headers and its body come to before any vendor looks at members.

use ccauth_core::{Carriage, Detail, ErrorKind, MAX_BODY, Op, Reading, Reply, detail};
use common::{any_login, leak, login, now, reply, token};

mod common;

/// What [`Reading::json`] makes of a reply.
#[track_caller]
fn check(reply: &Reply, expected: Result<(), &Detail>) {
    let login = any_login();
    let read = Reading::new(Op::Issue, &login, None, reply, now()).json();
    let read = read.map(drop).map_err(|e| {
        assert_eq!((e.vendor(), e.http_status()), (Some("fake"), Some(reply.status().as_u16())));
        e.detail()
    });
    assert_eq!(read, expected, "{} {:?}", reply.status(), reply.headers());
}

#[test]
fn a_status_says_the_same_in_the_header_and_in_the_document() {
    let rejected = |op| match op {
        Op::Issue | Op::ChangePassword => &detail::CREDENTIALS_REJECTED,
        _ => &detail::TOKEN_REJECTED,
    };
    let rows: &[(&[u16], &Detail, ErrorKind)] = &[
        (&[300, 301, 302, 303, 304, 307, 308, 399], &detail::REDIRECT, ErrorKind::Protocol),
        (&[402, 403], &detail::NOT_ENTITLED, ErrorKind::Forbidden),
        (&[404, 405, 410], &detail::ENDPOINT_WRONG, ErrorKind::Protocol),
        (&[407], &detail::PROXY_REFUSED, ErrorKind::Protocol),
        (&[408, 425, 429], &detail::VENDOR_THROTTLED, ErrorKind::RateLimited),
        (&[423], &detail::ACCOUNT_LOCKED, ErrorKind::RateLimited),
        (&[500, 501, 502, 503, 504, 520, 599], &detail::VENDOR_FAULT, ErrorKind::Vendor),
        (
            &[100, 101, 199, 406, 409, 418, 451, 499, 600, 999],
            &detail::STATUS_UNEXPECTED,
            ErrorKind::Protocol,
        ),
    ];
    let login = any_login();
    for &op in Op::ALL {
        let by = |status: u16| {
            let reply = reply(status, &[], "");
            let reading = Reading::new(op, &login, None, &reply, now());
            assert_eq!((reading.status(), reading.by_status()), (status, reading.by_code(status)));
            // The document's own code is read under any status.
            let fine = common::reply(200, &[], "");
            assert_eq!(Reading::new(op, &login, None, &fine, now()).by_code(status), reading.by_status());
            reading.by_status()
        };
        for (statuses, detail, kind) in rows {
            for status in *statuses {
                assert_eq!(by(*status), Some(*detail), "{op:?} {status}");
                assert_eq!(detail.kind, *kind);
            }
        }
        assert_eq!(by(401), Some(rejected(op)), "{op:?}");
        // A renewal sends nothing but the token.
        let wrong = if op == Op::Renew { &detail::TOKEN_REJECTED } else { &detail::REQUEST_REFUSED };
        assert_eq!((by(400), by(422)), (Some(wrong), Some(wrong)), "{op:?}");
        for status in [200, 201, 202, 204, 206, 299] {
            assert_eq!(by(status), None, "{op:?} {status}");
        }
        let odd = Reading::new(op, &login, None, &reply(200, &[], ""), now()).by_code(0);
        assert_eq!(odd, Some(&detail::STATUS_UNEXPECTED));
    }
}

#[test]
fn a_body_is_an_object_or_it_is_refused() {
    check(&reply(200, &[], "{}"), Ok(()));
    check(&reply(201, &[("content-type", "text/html")], "\u{feff} {}\n"), Ok(()));
    let rows: &[(&str, &Detail)] = &[
        ("", &detail::BODY_EMPTY),
        (" \r\n", &detail::BODY_EMPTY),
        ("<!DOCTYPE html><p>{}", &detail::BODY_HTML),
        ("oops", &detail::BODY_UNREADABLE),
        ("{}{}", &detail::BODY_UNREADABLE),
        (r#"{"a":1,"a":2}"#, &detail::BODY_DUPLICATE),
        (&"[".repeat(17), &detail::BODY_NESTING),
        ("null", &detail::BODY_MEMBER),
        ("[]", &detail::BODY_MEMBER),
        ("[{}]", &detail::BODY_MEMBER),
        (r#""""#, &detail::BODY_MEMBER),
        ("0", &detail::BODY_MEMBER),
    ];
    for (body, detail) in rows {
        check(&reply(200, &[], *body), Err(detail));
        check(&reply(204, &[], *body), Err(detail));
        assert_eq!(detail.kind, ErrorKind::Protocol);
    }
}

#[test]
fn the_status_of_a_failure_tells_more_than_a_body_that_cannot_be_used() {
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_BODY));
    let rows: &[(u16, &Detail)] = &[
        (302, &detail::REDIRECT),
        (401, &detail::CREDENTIALS_REJECTED),
        (403, &detail::NOT_ENTITLED),
        (404, &detail::ENDPOINT_WRONG),
        (429, &detail::VENDOR_THROTTLED),
        (503, &detail::VENDOR_FAULT),
    ];
    for (status, detail) in rows {
        for body in ["", "<html>Bad Gateway</html>", "oops", "{", "null", "[]", r#"{"a":1,"a":2}"#, &large] {
            check(&reply(*status, &[], body), Err(detail));
        }
        check(&reply(*status, &[("content-encoding", "gzip")], "\x1f"), Err(detail));
        check(&reply(*status, &[], r#"{"token":"abc"}"#), Ok(()));
    }
}

#[test]
fn a_compressed_reply_is_refused_before_it_is_decoded() {
    for encoding in [
        "gzip",
        "GZIP",
        "br",
        "zstd",
        "deflate",
        "x-gzip",
        "compress",
        "identity, gzip",
        "gzip, identity",
        "UTF-8,gzip",
    ] {
        check(&reply(200, &[("content-encoding", encoding)], "{}"), Err(&detail::BODY_ENCODING));
    }
    check(
        &reply(200, &[("content-encoding", "identity"), ("content-encoding", "gzip")], "{}"),
        Err(&detail::BODY_ENCODING),
    );
    // What encodes nothing is a mistake of the vendor's, and noted on the token.
    for encoding in ["identity", "Identity", "IDENTITY", "", "UTF-8", "none", "8bit", "application/json"] {
        check(&reply(200, &[("content-encoding", encoding)], "{}"), Ok(()));
    }
}

#[test]
fn sixty_four_kibibytes_are_read_and_one_byte_more_is_not() {
    assert_eq!(MAX_BODY, 65_536);
    for (length, expected) in [(65_535, Ok(())), (65_536, Ok(())), (65_537, Err(&detail::BODY_TOO_LARGE))] {
        check(&reply(200, &[], format!("{{}}{}", " ".repeat(length - 2))), expected);
    }
}

#[test]
fn a_redirect_names_the_host_and_nothing_else_of_its_target() {
    let base = "the reply is a redirect, which is never followed with credentials";
    let rows = [
        ("https://login.example.com/a?token=s3cret#s3cret", " (to the host login.example.com)"),
        ("http://u:s3cret@login.example.com:8080/s3cret", " (to the host login.example.com)"),
        ("https://[::1]:1/", " (to the host [::1])"),
        ("/login?token=s3cret", ""),
        ("//login.example.com/s3cret", ""),
        ("data:s3cret", ""),
        ("s3cret://s3cret", ""),
        ("app://s3cret/s3cret", ""),
        ("https://", ""),
    ];
    let login = login(&[("user_id", "clerk"), ("password", "s3cret")]);
    for (target, host) in rows {
        let reply = reply(302, &[("location", target)], "");
        let e = Reading::new(Op::Issue, &login, None, &reply, now()).json().unwrap_err();
        assert_eq!(e.message(), format!("{base}{host}"), "{target}");
        assert_eq!(leak(&format!("{e} {e:?}"), "s3cret"), None, "{e}");
    }
    check(&reply(307, &[], ""), Err(&detail::REDIRECT));
    // A Location without a redirect is not worth a word.
    let created = reply(500, &[("location", "https://login.example.com")], "");
    let e = Reading::new(Op::Issue, &login, None, &created, now()).json().unwrap_err();
    assert_eq!(e.message(), "the vendor failed");
}

#[test]
fn debug_of_a_reading_shows_no_header_of_the_reply() {
    let headers =
        [("authorization", "Bearer s3cret"), ("set-cookie", "sid=s3cret"), ("location", "/?t=s3cret")];
    let reply = reply(302, &headers, "s3cret");
    let held = token("s3cret", Carriage::Bearer);
    let login = any_login();
    let reading = Reading::new(Op::Renew, &login, Some(&held), &reply, now());
    let shown = format!("{reading:?} {reading:#?}");
    assert_eq!(leak(&shown, "s3cret"), None, "{shown}");
    assert!(shown.contains("302") && shown.contains("Renew"), "{shown}");
}
