//! The token of a reply: what is one, and which oddities of the reply are noted on it.

use ccauth_core::{Carriage, Ends, Op, Reading, Value};
use common::{HOUR, any_login, date, now, reply, token, warnings};

mod common;

/// The token of a reply, or the failure's word.
fn token_of(
    status: u16,
    headers: &[(&str, &str)],
    member: &str,
    life: Option<i64>,
) -> Result<Vec<&'static str>, &'static str> {
    let login = any_login();
    let reply = reply(status, headers, "");
    let value = Value::from_json(member.as_bytes()).expect("a value");
    let life = life.map(Value::Integer);
    let read =
        Reading::new(Op::Issue, &login, None, &reply, now()).token(Some(&value), Ends::In(life.as_ref()));
    read.map(|token| {
        assert_eq!((token.value(), token.issued_at(), token.carriage()), ("abc", now(), &Carriage::Bearer));
        warnings(&token)
    })
    .map_err(|e| e.detail().word)
}

#[test]
fn a_token_is_a_string_of_a_token_s_characters_under_2xx() {
    let fine = [("content-type", "application/json"), ("content-length", "9")];
    let later = Some(HOUR);
    assert_eq!(token_of(200, &fine, r#""abc""#, later), Ok(vec![]));
    for member in ["null", "123", "true", "{}", "[]", r#"["abc"]"#, r#"{"token":"abc"}"#] {
        assert_eq!(token_of(200, &fine, member, later), Err("body.member"), "{member}");
    }
    for member in [r#""""#, r#"" ""#, r#""a b""#, r#""abc\r\n""#, r#""abc\u0000""#, r#""é""#, r#""<p>""#] {
        assert_eq!(token_of(200, &fine, member, later), Err("token.malformed"), "{member}");
    }
    // A good token under a bad status is not used.
    for (status, word) in
        [(302, "redirect"), (401, "credentials.rejected"), (500, "vendor.fault"), (418, "status.unexpected")]
    {
        assert_eq!(token_of(status, &fine, r#""abc""#, later), Err(word));
    }
}

#[test]
fn oddities_of_a_reply_are_noted_on_its_token() {
    let later = Some(HOUR);
    let json = ("content-type", "application/json");
    type Row<'a> = (&'a [(&'a str, &'a str)], Option<i64>, &'a [&'a str]);
    let rows: &[Row<'_>] = &[
        (&[json, ("content-length", "9")], later, &[]),
        (&[("content-type", "Application/JSON; charset=utf-8"), ("content-length", "9")], later, &[]),
        (&[("content-type", "application/problem+json"), ("transfer-encoding", "chunked")], later, &[]),
        (&[("content-type", "text/xml"), ("content-length", "9")], later, &[]),
        (&[json], later, &["body.close_delimited"]),
        (&[json, ("transfer-encoding", "identity")], later, &["body.close_delimited"]),
        (&[json, ("transfer-encoding", "")], later, &["body.close_delimited"]),
        (&[json, ("transfer-encoding", "x-own")], later, &["body.close_delimited"]),
        (&[json, ("transfer-encoding", "gzip, Chunked")], later, &[]),
        (
            &[("content-length", "9"), ("content-type", "text/html; charset=UTF-8")],
            later,
            &["body.content_type"],
        ),
        (&[("content-length", "9"), ("content-type", "Text/HTML")], later, &["body.content_type"]),
        (&[("content-length", "9"), ("content-type", "text/plain")], later, &["body.content_type"]),
        (&[("content-length", "9")], later, &["body.content_type"]),
        (&[json, ("content-length", "9")], Some(0), &["expiry.elapsed"]),
        (&[json, ("content-length", "9"), ("date", &date(0))], None, &["expiry.missing"]),
        (&[json, ("content-length", "9"), ("content-encoding", "UTF-8")], later, &["body.encoding"]),
        (&[json, ("content-length", "9"), ("content-encoding", "identity")], later, &[]),
        (&[("content-type", "text/html")], later, &["body.close_delimited", "body.content_type"]),
    ];
    for (headers, life, warnings) in rows {
        assert_eq!(token_of(200, headers, r#""abc""#, *life), Ok(warnings.to_vec()), "{headers:?}");
    }
}

#[test]
fn a_token_type_other_than_bearer_is_shown_and_not_acted_upon() {
    let (login, reply) = (any_login(), reply(200, &[], ""));
    let reading = Reading::new(Op::Issue, &login, None, &reply, now());
    let rows = [
        (r#""Bearer""#, None),
        (r#""bearer""#, None),
        (r#""BEARER""#, None),
        ("null", None),
        ("7", None),
        (r#""mac""#, Some("mac")),
        (r#""hunter2""#, Some("[redacted]")),
    ];
    for (kind, shown) in rows {
        let value = Value::from_json(kind.as_bytes()).unwrap();
        let token = reading.typed(token("abc", Carriage::Bearer), Some(&value));
        assert_eq!((token.extra("token_type"), token.carriage()), (shown, &Carriage::Bearer), "{kind}");
        assert_eq!(token.warnings(), if shown.is_some() { &["token.type"][..] } else { &[] }, "{kind}");
    }
    assert!(reading.typed(token("abc", Carriage::Bearer), None).warnings().is_empty());
}
