//! What the members of a document say: numbers, yes and no, names.

use ccauth_core::Value;

#[test]
fn whole_numbers_are_read_in_the_forms_that_vendors_send() {
    let rows: &[(&str, Option<i64>)] = &[
        ("3600", Some(3600)),
        ("3600.0", Some(3600)),
        ("3.6e3", Some(3600)),
        (r#""3600""#, Some(3600)),
        (r#"" 3600 ""#, None),
        (r#""3600.0""#, None),
        (r#""0x10""#, None),
        (r#""3.6e3""#, None),
        (r#""1e400""#, None),
        (r#""３６""#, None),
        ("3600.5", None),
        ("0", Some(0)),
        ("-0", Some(0)),
        ("-5", Some(-5)),
        (r#""-5""#, Some(-5)),
        (r#""--5""#, None),
        (r#""+5""#, None),
        (r#""-""#, None),
        (r#""""#, None),
        (r#""007""#, Some(7)),
        ("9223372036854775807", Some(i64::MAX)),
        ("-9223372036854775808", Some(i64::MIN)),
        (r#""-9223372036854775808""#, Some(i64::MIN)),
        // Beyond 64 bits: the nearest that fits, so that a limit refuses it.
        ("12345678901234567890", Some(i64::MAX)),
        ("99999999999999999999", Some(i64::MAX)),
        ("-99999999999999999999", Some(i64::MIN)),
        (r#""99999999999999999999""#, Some(i64::MAX)),
        (r#""-99999999999999999999""#, Some(i64::MIN)),
        ("1e300", Some(i64::MAX)),
        ("-1e300", Some(i64::MIN)),
        ("true", None),
        ("null", None),
        ("[1]", None),
        (r#"{"a":1}"#, None),
    ];
    for (document, expected) in rows {
        assert_eq!(Value::from_json(document.as_bytes()).unwrap().integer(), *expected, "{document}");
    }
}

#[test]
fn a_yes_and_a_no_are_read_in_every_form() {
    let rows: &[(Option<bool>, &[&str])] = &[
        (Some(true), &["true", r#""true""#, r#""TRUE""#, r#""True""#, "1", "1.0", r#""1""#]),
        (Some(false), &["false", r#""false""#, r#""FALSE""#, "0", "-0", r#""0""#]),
        (None, &["2", "-1", "0.5", "null", "[]", "{}", r#""""#, r#""yes""#, r#"" true ""#, r#""10""#]),
    ];
    for (expected, documents) in rows {
        for document in *documents {
            assert_eq!(Value::from_json(document.as_bytes()).unwrap().truth(), *expected, "{document}");
        }
    }
}

#[test]
fn members_are_found_by_name_and_null_is_missing() {
    let value = Value::from_json(br#"{"a":{"b":"x","n":7},"none":null,"list":[{"b":"y"}]}"#).unwrap();
    let at = |path: &[&str]| path.iter().try_fold(&value, |value, name| value.get(name));
    let text = |path: &[&str]| at(path).and_then(Value::text).map(str::to_owned);
    assert_eq!(text(&["a", "b"]), Some("x".to_owned()));
    // A number is no text: a vendor that sends one for a token sends no token.
    assert_eq!(text(&["a", "n"]), None);
    for path in [&["none"][..], &["missing"], &["list", "b"], &["a", "b", "c"], &["none", "a"], &["A"]] {
        assert!(at(path).is_none(), "{path:?}");
    }
}

#[test]
fn debug_shows_the_shape_and_no_contents() {
    let value = Value::from_json(br#"{"s3cret":["s3cret",8080,true,null,0.5]}"#).unwrap();
    let Some(Value::Array(items)) = value.get("s3cret") else { panic!("an array") };
    assert_eq!(
        format!("{value:?} {value:#?} {items:?}"),
        "object object [string, number, bool, null, number]"
    );
}
