//! A reply's document: which are read, and which are refused and why.

use ccauth_core::{Detail, MAX_DEPTH, Value, detail};

const BOM: &str = "\u{feff}";

#[track_caller]
fn check(document: impl AsRef<[u8]>, expected: Result<&str, &Detail>) {
    let document = document.as_ref();
    let read = Value::from_json(document).map(|value| format!("{value:?}"));
    let shown = String::from_utf8_lossy(&document[..document.len().min(60)]).into_owned();
    assert_eq!(read.as_deref().map_err(|d| d.word), expected.map_err(|d| d.word), "{shown:?}");
}

/// `value` in brackets or braces, nested `depth` deep.
fn nested(depth: usize, open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(depth), close.repeat(depth))
}

#[test]
fn one_whole_document_is_read_with_whitespace_and_a_byte_order_mark() {
    check("{}", Ok("object"));
    check(" \t\r\n{ } \n", Ok("object"));
    check(format!("{BOM}{{}}"), Ok("object"));
    check(format!("{BOM}\r\n{{}}"), Ok("object"));
    for (document, shape) in
        [("null", "null"), ("true", "bool"), ("[]", "array"), (r#""""#, "string"), ("0", "number")]
    {
        check(document, Ok(shape));
    }
}

#[test]
fn what_is_no_document_is_refused_by_what_it_is() {
    for empty in ["", " ", "\r\n\t ", BOM] {
        check(empty, Err(&detail::BODY_EMPTY));
    }
    for page in ["<html>", "\n <!DOCTYPE html>", "<?xml version=\"1.0\"?><a/>", "\u{feff}<p>"] {
        check(page, Err(&detail::BODY_HTML));
    }
    let broken: &[&str] = &[
        "{",
        "[1",
        "\"a",
        "{\"a\":",
        "{\"a\":1",
        "}",
        "nul",
        "hello",
        "{'a':1}",
        "{a:1}",
        "{\"a\":1,}",
        "[1,]",
        "{} {}",
        "{}{}",
        "{} x",
        "{},",
        "{}\0",
        "[] // note",
        "\u{feff}\u{feff}{}",
        "\u{c}{}",
        "NaN",
        "[Infinity]",
        "0x10",
        "01",
        "+1",
        ".5",
        "1.",
        "-",
        "1e400",
        "[-1e400]",
        "\"a\nb\"",
        "\"a\0\"",
        "\"\\x41\"",
    ];
    for document in broken {
        check(document, Err(&detail::BODY_UNREADABLE));
    }
}

#[test]
fn a_byte_that_is_no_utf8_becomes_a_character_that_no_token_has() {
    let odd: &[&[u8]] = &[b"\"a\xffb\"", b"\"a\xe2\x82b\"", b"\"a\xf0\x9f\x98b\""];
    for document in odd {
        assert_eq!(Value::from_json(document).expect("a string").text(), Some("a\u{fffd}b"));
    }
    let told = Value::from_json(b"{\"message\":\"ung\xfcltig\",\"success\":false}").expect("an object");
    assert_eq!(told.get("message").and_then(Value::text), Some("ung\u{fffd}ltig"));
    // Two names that are then the same are a member named twice.
    check(b"{\"\xff\":1,\"\xfe\":2}", Err(&detail::BODY_DUPLICATE));
    for overlong in [&b"\"\xc0\x80\""[..], b"\"\xed\xa0\x80\""] {
        let text = Value::from_json(overlong).expect("a string");
        assert!(text.text().is_some_and(|text| text.chars().all(|c| c == '\u{fffd}')));
    }
}

#[test]
fn text_that_is_not_unicode_is_refused() {
    let broken: &[&[u8]] = &[
        b"\xff\xfe{\0}\0",
        br#""\ud800""#,
        br#""\udc00""#,
        br#""\ud800x""#,
        br#""\ud800\u0041""#,
        br#""\ud800\ud800""#,
        br#"{"\udfff":1}"#,
    ];
    for document in broken {
        check(document, Err(&detail::BODY_UNREADABLE));
    }
    let pair = Value::from_json(br#""\ud83d\ude00\u2028""#).unwrap();
    assert_eq!(pair.text(), Some("😀\u{2028}"));
}

#[test]
fn sixteen_levels_are_read_and_seventeen_are_not() {
    assert_eq!(MAX_DEPTH, 16);
    check(nested(16, "[", "]"), Ok("array"));
    check(nested(17, "[", "]"), Err(&detail::BODY_NESTING));
    check(nested(16, r#"{"a":"#, "}"), Ok("object"));
    check(nested(17, r#"{"a":"#, "}"), Err(&detail::BODY_NESTING));
    check(nested(8, r#"[{"a":"#, "}]"), Ok("array"));
    check(format!("[{}]", nested(8, r#"[{"a":"#, "}]")), Err(&detail::BODY_NESTING));
    check("[".repeat(1 << 20), Err(&detail::BODY_NESTING));
    // Breadth is no depth, and a bracket in a string nests nothing.
    check(format!("[{}[]]", "[],".repeat(1000)), Ok("array"));
    check(format!(r#""{}""#, "[{".repeat(20)), Ok("string"));
    check(format!(r#""\"{}""#, "[{".repeat(20)), Ok("string"));
    // A backslash that is itself escaped does not keep the string open.
    check(format!(r#"["\\",{}]"#, nested(16, "[", "]")), Err(&detail::BODY_NESTING));
    check(format!(r#"["\\\"",{}]"#, nested(15, "[", "]")), Ok("array"));
}

#[test]
fn a_member_given_twice_is_refused_at_any_depth() {
    for document in [
        r#"{"a":1,"a":2}"#,
        r#"{"a":1,"a":1}"#,
        r#"{"a":null,"a":1}"#,
        r#"{"a":1,"b":2,"a":3}"#,
        r#"{"":1,"":2}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"x":{"a":1,"a":2}}"#,
        r#"[0,[{"a":1,"a":2}]]"#,
        r#"{"x":[{"y":{"a":[],"a":[]}}]}"#,
    ] {
        check(document, Err(&detail::BODY_DUPLICATE));
    }
    for document in [r#"{"a":1,"A":2}"#, r#"{"a":{"a":{"a":1}}}"#, r#"{"x":{"a":1},"y":{"a":1}}"#] {
        check(document, Ok("object"));
    }
}

#[test]
fn every_cut_of_a_document_is_refused() {
    let whole = r#"{"token":"abc.def","life":[3600,{"unit":"s"}],"ok":true}"#;
    for length in 0..whole.len() {
        assert!(Value::from_json(&whole.as_bytes()[..length]).is_err(), "cut at {length}");
    }
    check(whole, Ok("object"));
}

#[test]
fn seconds_are_read_in_any_form_of_a_number_and_rounded_down() {
    for (json, seconds) in [
        ("3600", Some(3600)),
        ("3600.9", Some(3600)),
        ("-0.1", Some(-1)),
        ("-12.5", Some(-13)),
        ("3.6e3", Some(3600)),
        ("1e300", Some(i64::MAX)),
        ("-1e300", Some(i64::MIN)),
        ("99999999999999999999", Some(i64::MAX)),
        ("\"3600\"", Some(3600)),
        ("\" 3600.9\\n\"", Some(3600)),
        ("\"-1\"", Some(-1)),
        ("\"99999999999999999999\"", Some(i64::MAX)),
        ("\"0x10\"", None),
        ("\"+1\"", None),
        ("\"1 h\"", None),
        ("\"1e400\"", None),
        ("\"inf\"", None),
        ("\"\"", None),
        ("true", None),
        ("[1]", None),
        ("{}", None),
    ] {
        assert_eq!(Value::from_json(json.as_bytes()).expect("a value").seconds(), seconds, "{json}");
    }
}

#[test]
fn what_says_nothing_is_told_from_what_says_something() {
    for (json, nothing) in [
        ("null", true),
        ("false", true),
        ("0", true),
        ("\"\"", true),
        ("\" \\n\"", true),
        ("[]", true),
        ("{}", true),
        ("true", false),
        ("1", false),
        ("0.5", false),
        ("\"0\"", false),
        ("[0]", false),
        ("{\"a\":null}", false),
    ] {
        assert_eq!(Value::from_json(json.as_bytes()).expect("a value").is_nothing(), nothing, "{json}");
    }
}
