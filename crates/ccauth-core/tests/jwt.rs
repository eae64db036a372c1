//! What the `exp` of a token that is a JWT adds to the reply's expiry.

use ccauth_core::{Ends, ExpirySource, Op, Reading, Value};
use common::{HOUR, any_login, date, jwt, now, reply, warnings};

mod common;

const NOW: i64 = 1_800_000_000;

/// The expiry of a token of `text` in a reply that says it lives an hour, or says nothing; and its warnings.
fn of_jwt(text: &str, said: bool, skew: i64) -> (Option<i64>, ExpirySource, Vec<&'static str>) {
    let (header, login) = (date(skew), any_login());
    let headers = [("date", header.as_str()), ("content-length", "1"), ("content-type", "application/json")];
    let reply = reply(200, &headers, "");
    let reading = Reading::new(Op::Issue, &login, None, &reply, now());
    let value = Value::from_json(format!("\"{text}\"").as_bytes()).expect("a string");
    let hour = Value::Integer(HOUR);
    let token = reading.token(Some(&value), Ends::In(said.then_some(&hour))).expect("a token");
    assert_eq!(token.value(), text);
    let left = token.expires_at().map(|at| at.as_second() - NOW);
    (left, token.expiry().source, warnings(&token))
}

#[test]
fn the_earlier_of_reply_and_jwt_wins() {
    use ExpirySource::{Jwt, Server};
    let claims = |exp: i64| jwt(&format!(r#"{{"exp":{exp}}}"#));
    let earlier = vec!["expiry.jwt_earlier"];
    let ended = vec!["expiry.jwt_earlier", "expiry.elapsed"];
    let rows = [
        (NOW + HOUR - 60, 0, (Some(HOUR - 60), Jwt, earlier.clone())),
        (NOW + HOUR - 6, 0, (Some(HOUR - 6), Jwt, earlier.clone())),
        // Roundings differ by five seconds without anybody being wrong.
        (NOW + HOUR - 5, 0, (Some(HOUR), Server, vec![])),
        (NOW + HOUR, 0, (Some(HOUR), Server, vec![])),
        (NOW + HOUR + 5, 0, (Some(HOUR), Server, vec![])),
        (NOW + 9 * HOUR, 0, (Some(HOUR), Server, vec![])),
        (i64::MAX, 0, (Some(HOUR), Server, vec![])),
        // The issuer's clock is the vendor's.
        (NOW + HOUR + 60, HOUR, (Some(60), Jwt, earlier.clone())),
        // But a Date that would make more than the documented hour of it does not count.
        (NOW + HOUR - 60, -HOUR, (Some(HOUR - 60), Jwt, earlier.clone())),
        (NOW - HOUR + 60, -HOUR, (Some(60), Jwt, earlier.clone())),
        // One that has passed is a token that has ended, not one that never ends.
        (NOW, 0, (Some(0), Jwt, ended.clone())),
        (0, 0, (Some(0), Jwt, ended.clone())),
        (i64::MIN, 0, (Some(0), Jwt, ended.clone())),
    ];
    for (exp, skew, expected) in rows {
        assert_eq!(of_jwt(&claims(exp), true, skew), expected, "{exp} {skew}");
    }
    let fraction = jwt(&format!(r#"{{"exp":{}.9}}"#, NOW + 60));
    let text = jwt(&format!(r#"{{"exp":" {}.9 "}}"#, NOW + 60));
    assert_eq!(of_jwt(&text, true, 0), (Some(60), Jwt, earlier.clone()), "as text");
    assert_eq!(of_jwt(&fraction, true, 0), (Some(60), Jwt, earlier.clone()), "RFC 7519 allows it");
    let missing = of_jwt(&claims(NOW + 60), false, 0);
    assert_eq!(missing, (Some(60), Jwt, vec!["expiry.jwt_earlier", "expiry.missing"]));
}

#[test]
fn what_is_no_jwt_with_an_exp_says_nothing() {
    let good = jwt(r#"{"exp":1}"#);
    let part = |n: usize| good.split('.').nth(n).unwrap();
    let texts = [
        "opaque".to_owned(),
        "a.b".to_owned(),
        "..".to_owned(),
        ".".repeat(50),
        format!("{good}.extra"),
        format!("{good}.extra.parts"),
        format!("{}.{}", part(0), part(1)),
        format!("{}.{}=.{}", part(0), part(1), part(2)),
        format!("{}.!{}.{}", part(0), part(1), part(2)),
        format!("{}.{}.{}", part(1), part(2), part(0)),
        jwt(r#"{"exp":1"#),
        jwt(r#"{"exp":null}"#),
        jwt(r#"{"exp":true}"#),
        jwt(r#"{"exp":"tomorrow"}"#),
        jwt(r#"{"Exp":1,"iat":1,"nbf":1}"#),
        jwt(r#"{"exp":1,"exp":2}"#),
        jwt(r#"[{"exp":1}]"#),
        jwt(&"[".repeat(4000)),
        jwt("\u{1}\u{2}"),
    ];
    for text in texts {
        assert_eq!(of_jwt(&text, true, 0), (Some(HOUR), ExpirySource::Server, vec![]), "{text}");
    }
}
