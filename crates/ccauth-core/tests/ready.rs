//! Tokens that need no request: pasted ones, and plain Basic.

use ccauth_core::{Expiry, ExpirySource, Login, Renewal, Secret, Timestamp, detail};
use common::{Fake, any_login, at, jwt, login, now, refused, try_login};

mod common;

#[test]
fn a_pasted_token_is_bared_and_checked_at_once() {
    let pasted = |text: &str| try_login(&[("token", text)]).map(|login| login.ready(now()).unwrap());
    for text in
        ["opaque", " opaque ", "Bearer opaque", "bearer opaque", "BEARER   opaque", "  bEaReR opaque  "]
    {
        let token = pasted(text).unwrap();
        assert_eq!(
            (token.value(), token.expiry(), token.issued_at()),
            ("opaque", Expiry::NEVER, now()),
            "{text:?}"
        );
    }
    // A scheme without its space is part of the token.
    assert_eq!(pasted("Beareropaque").unwrap().value(), "Beareropaque");
    for text in [
        "Bearer",
        "Bearer ",
        "bearer",
        " ",
        "Bearer Bearer s3cret",
        "Token s3cret",
        "Authorization: Bearer s3cret",
        "s3cret s3cret",
        "s3cret,s3cret",
        "\"s3cret\"",
        "<s3cret>",
        "s3crét",
        "s3cret\u{200b}",
        "s3cret\u{202e}",
    ] {
        refused(&[("token", text)], &detail::CONFIG_VALUE, &["token: "]);
    }
    let static_login = login(&[("token", "opaque"), ("renewal", "refresh")]);
    assert_eq!(static_login.renewal(), Renewal::Static, "a pasted token is never renewed");
    assert_eq!(static_login.require("password").unwrap_err().detail(), &detail::CONFIG_MISSING);
}

#[test]
fn a_pasted_jwt_tells_its_expiry() {
    let expiry = |claims: &str| {
        let login = login(&[("token", &format!("Bearer {}", jwt(claims)))]);
        login.ready(now()).unwrap().expiry()
    };
    let by_jwt = |epoch| Expiry::at(at(epoch), ExpirySource::Jwt);
    assert_eq!(expiry(r#"{"exp":1900000000}"#), by_jwt(1_900_000_000));
    assert_eq!(expiry(r#"{"exp":"1900000000","iat":5}"#), by_jwt(1_900_000_000));
    assert_eq!(expiry(r#"{"exp":1}"#), by_jwt(1), "long past is past");
    for (exp, end) in [(i64::MAX, Timestamp::MAX), (i64::MIN, Timestamp::MIN)] {
        assert_eq!(expiry(&format!(r#"{{"exp":{exp}}}"#)).at, Some(end));
    }
    for claims in ["{}", r#"{"exp":null}"#, r#"{"exp":"soon"}"#, r#"{"exp":1,"exp":2}"#, "[1]", "exp", ""] {
        assert_eq!(expiry(claims), Expiry::NEVER, "{claims}");
    }
}

#[test]
fn plain_basic_is_ready_without_a_request() {
    let fields = [("user_id", "Aladdin"), ("password", "open sesame"), ("carriage", "basic")];
    let basic = login(&fields);
    let token = basic.ready(now()).unwrap();
    assert_eq!(token.header().unwrap().1.as_bytes(), b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_eq!((token.expiry(), basic.renewal()), (Expiry::NEVER, Renewal::Static));
    assert!(any_login().ready(now()).is_none(), "other logins need a request");
    refused(&[("user_id", "a:b"), ("password", "s3cret")], &detail::CONFIG_VALUE, &["user_id: ", "colon"]);
    login(&[("user_id", "clerk"), ("password", "a:b"), ("carriage", "basic")]);
    // The pair is missing its password, and 4 KiB twice in base64 is more than a header carries.
    refused(
        &[("user_id", "clerk"), ("basic_pair", "x"), ("carriage", "basic")],
        &detail::CONFIG_MISSING,
        &["password"],
    );
    let long = "s3cret".repeat(680);
    refused(
        &[("user_id", &long), ("password", &long), ("carriage", "basic")],
        &detail::CONFIG_VALUE,
        &["8 KiB"],
    );
    let plain =
        Login::new(&Fake::PLAIN, fields.map(|(name, value)| (name, Secret::from(value)))).unwrap_err();
    assert_eq!(
        (plain.detail(), plain.message()),
        (&detail::CONFIG_VALUE, "carriage: this vendor takes no plain Basic")
    );
}
