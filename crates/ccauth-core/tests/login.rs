//! A login: which fields make one, and what is refused, by name and never by value.

use ccauth_core::{Login, Renewal, detail};
use common::{Fake, any_login, leak, login, refused, try_login};

mod common;

#[test]
fn every_field_is_known_present_and_given_once() {
    let user = ("user_id", "clerk");
    let password = ("password", "s3cret");
    login(&[user, password]);
    login(&[user, ("basic_pair", "s3cret")]);
    login(&[("token", "opaque")]);
    refused(&[], &detail::CONFIG_MISSING, &["user_id is missing", "password (or basic_pair) is missing"]);
    refused(&[password], &detail::CONFIG_MISSING, &["user_id is missing"]);
    refused(&[user], &detail::CONFIG_MISSING, &["password (or basic_pair) is missing"]);
    refused(&[user, password, password], &detail::CONFIG_VALUE, &["password: given twice"]);
    refused(&[user, user, password], &detail::CONFIG_VALUE, &["user_id: given twice"]);
}

#[test]
fn an_unknown_field_names_the_nearest_known_one() {
    let rows = [
        ("pasword", "no field \"pasword\"; did you mean password?"),
        ("Password", "did you mean password?"),
        ("user-id", "did you mean user_id?"),
        ("userid", "did you mean user_id?"),
        ("base-url", "did you mean base_url?"),
        ("tiemout_ms", "did you mean timeout_ms?"),
    ];
    for (name, words) in rows {
        refused(&[(name, "s3cret")], &detail::CONFIG_UNKNOWN, &[words]);
    }
    // What is near to nothing, or empty, or hostile, is named and no more.
    let long = "x".repeat(5000);
    let rows = [
        ("completely_different", "no field \"completely_different\""),
        ("", "no field \"\""),
        ("a\r\nb\x1b[2J\u{202e}c\u{2028}d", "no field \"ab[2Jcd…\""),
        (&long, &format!("no field \"{}…\"", "x".repeat(40))),
    ];
    let all = "user_id, password, basic_pair, pin, entity, scopes, format, base_url, region, allow_http, carriage, renewal, token, timeout_ms, proxy, egress";
    for (name, message) in rows {
        let e = try_login(&[(name, "s3cret")]).unwrap_err();
        let message = format!("{message} (there is {all})");
        assert_eq!((e.detail(), e.message()), (&detail::CONFIG_UNKNOWN, message.as_str()));
    }
}

#[test]
fn a_value_is_not_empty_not_long_and_has_no_control_character() {
    for name in ["user_id", "password", "token", "proxy", "base_url"] {
        refused(&[(name, "")], &detail::CONFIG_VALUE, &[name, "empty"]);
        for c in ['\0', '\t', '\n', '\r', '\x1b', '\x7f', '\u{80}', '\u{85}', '\u{9f}'] {
            for value in [format!("{c}s3cret"), format!("s3cret{c}"), format!("s3{c}s3cret")] {
                refused(&[(name, &value)], &detail::CONFIG_VALUE, &[name, "control character"]);
            }
        }
        let long = "s3cret".repeat(1000);
        refused(&[(name, &long)], &detail::CONFIG_VALUE, &[name, "4 KiB"]);
    }
    login(&[("user_id", "clerk"), ("password", &"p".repeat(4096))]);
    login(&[("user_id", "clerk"), ("password", &"é".repeat(2048))]);
    refused(&[("password", &"p".repeat(4097))], &detail::CONFIG_VALUE, &["password: ", "4 KiB"]);
    refused(&[("password", &"é".repeat(2049))], &detail::CONFIG_VALUE, &["password: ", "4 KiB"]);
    login(&[("user_id", "clérk 😀 \\\""), ("password", " s3cret:%&+= ")]);
}

#[test]
fn a_choice_is_one_of_its_words() {
    let with = |name: &'static str, value: &'static str| [("token", "opaque"), (name, value)];
    login(&with("format", "xml"));
    refused(
        &with("format", "jason"),
        &detail::CONFIG_VALUE,
        &["format: ", "json, xml", "did you mean json?"],
    );
    refused(&with("format", "s3cret"), &detail::CONFIG_VALUE, &["format: ", "json, xml"]);
    refused(&with("renewal", "re-issue"), &detail::CONFIG_VALUE, &["renewal: ", "did you mean reissue?"]);
    refused(&with("allow_http", "yes"), &detail::CONFIG_VALUE, &["allow_http: ", "true, false"]);
    refused(&with("carriage", "s3cret"), &detail::CONFIG_VALUE, &["carriage: ", "header:NAME"]);
}

#[test]
fn whoever_declares_a_field_checks_its_value() {
    let with = |value: &'static str| [("token", "opaque"), ("timeout_ms", value)];
    login(&with("500"));
    refused(&with("s3cret"), &detail::CONFIG_VALUE, &["timeout_ms: expected a whole number of milliseconds"]);
    let plain = Login::new(&Fake::VENDOR, [("token", "opaque".into()), ("timeout_ms", "500".into())]);
    assert_eq!(plain.expect_err("nobody declares it").detail(), &detail::CONFIG_UNKNOWN);
}

#[test]
fn a_region_selects_a_base_url_by_name() {
    let with = |fields: &[(&str, &str)]| try_login(&[&[("token", "opaque")], fields].concat());
    let base = |fields| with(fields).unwrap().base_url().to_owned();
    assert_eq!(base(&[]), "https://north.example.com/v1");
    assert_eq!(base(&[("region", "south")]), "https://south.example.com");
    let refuse = |region: &str, words: &[&str]| refused(&[("region", region)], &detail::CONFIG_VALUE, words);
    refuse("sout", &["region: ", "north, south", "did you mean south?"]);
    refuse("North", &["region: ", "did you mean north?"]);
    refuse("s3cret", &["region: ", "north, south"]);
    let both = [("region", "south"), ("base_url", "https://api.example.com")];
    refused(&both, &detail::CONFIG_VALUE, &["region or base_url, not both"]);
}

#[test]
fn carriage_and_renewal_are_the_vendors_unless_given() {
    let defaults = any_login();
    assert_eq!((defaults.carriage().to_string().as_str(), defaults.renewal()), ("bearer", Renewal::Reissue));
    for (word, mode) in
        [("reissue", Renewal::Reissue), ("refresh", Renewal::Refresh), ("static", Renewal::Static)]
    {
        let given = [("user_id", "u"), ("password", "p"), ("carriage", "query:t"), ("renewal", word)];
        assert_eq!(
            (login(&given).carriage().to_string().as_str(), login(&given).renewal()),
            ("query:t", mode)
        );
    }
}

#[test]
fn with_replaces_one_value_and_checks_everything_again() {
    let before = login(&[("user_id", "clerk"), ("password", "old"), ("format", "xml")]);
    let with = |name, value: &str| before.with(name, value.into());
    let after = with("password", "new").unwrap();
    let values =
        |login: &Login| ["user_id", "password", "format"].map(|name| login.get(name).unwrap().to_owned());
    assert_eq!(
        (values(&after), values(&before)),
        (["clerk", "new", "xml"].map(Into::into), ["clerk", "old", "xml"].map(Into::into))
    );
    assert_eq!(with("pin", "1234").unwrap().get("pin"), Some("1234"), "adds what was absent");
    assert_eq!(with("region", "south").unwrap().base_url(), "https://south.example.com");
    for (name, value, detail) in [
        ("password", "", &detail::CONFIG_VALUE),
        ("password", "new\n", &detail::CONFIG_VALUE),
        ("user_id", "a:b", &detail::CONFIG_VALUE),
        ("pasword", "new", &detail::CONFIG_UNKNOWN),
        ("base_url", "http://api.example.com", &detail::CONFIG_URL),
        ("timeout_ms", "not a number", &detail::CONFIG_VALUE),
    ] {
        assert_eq!(with(name, value).unwrap_err().detail(), detail, "{name}");
    }
}

#[test]
fn debug_shows_names_and_no_secret() {
    let login = login(&[
        ("user_id", "clerk"),
        ("password", "s3cret-1"),
        ("pin", "s3cret-2"),
        ("basic_pair", "s3cret-3"),
        ("token", "s3cret-4"),
        ("proxy", "http://u:s3cret-5@proxy.example.com"),
    ]);
    let shown = format!("{login:?} {login:#?}");
    assert_eq!(leak(&shown, "s3cret"), None, "{shown}");
    for word in ["fake", "user_id", "clerk", "password", "proxy", "https://north.example.com/v1"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
}
