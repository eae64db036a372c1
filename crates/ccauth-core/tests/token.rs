//! A token: which texts are one, how long it lives and how it is attached.

use std::time::Duration;

use ccauth_core::http::HeaderName;
use ccauth_core::{Carriage, ErrorKind, Expiry, ExpirySource, MAX_TOKEN, Quoted, Secret, Token, detail};
use common::{at, leak, now, token};

mod common;

#[track_caller]
fn check(text: &str, accepted: bool) {
    match Token::new(text.into(), Carriage::Bearer, now(), Expiry::NEVER) {
        Ok(token) => {
            assert!(accepted, "{text:?} was accepted");
            assert_eq!(token.value(), text);
            token.header().expect("every token fits a header");
        }
        Err(e) => {
            assert!(!accepted, "{text:?} was refused");
            assert_eq!((e.detail(), e.kind()), (&detail::TOKEN_MALFORMED, ErrorKind::Protocol));
            assert!(text.len() < 3 || leak(&format!("{e} {e:?}"), text).is_none(), "{text:?} is shown");
        }
    }
}

#[test]
fn only_visible_ascii_without_what_breaks_out_of_a_header_is_a_token() {
    for c in (0..=255u8).map(char::from) {
        let allowed = c.is_ascii_graphic() && !['"', '\\', ',', ';', '<', '>'].contains(&c);
        for text in [format!("{c}"), format!("{c}tail"), format!("head{c}"), format!("ab{c}cd")] {
            check(&text, allowed);
        }
    }
    // The b64token of RFC 6750, a JWT, hex, and a pair in base64 are tokens.
    for text in ["AZaz09-._~+/==", "eyJh.eyJl.c2ln", "0123456789abcdef", "dXNlcjpwYXNz"] {
        check(text, true);
    }
    // Bidirectional, zero-width and look-alike characters, a byte-order mark, a page, a cut line.
    for text in
        ["a\u{202e}b", "a\u{200b}b", "a\u{2028}b", "tоken", "\u{feff}abc", "<html>", "a b", "abc\r\nX: y"]
    {
        check(text, false);
    }
}

#[test]
fn a_token_has_at_least_one_byte_and_at_most_eight_kibibytes() {
    assert_eq!(MAX_TOKEN, 8192);
    for (length, accepted) in
        [(0, false), (1, true), (8191, true), (8192, true), (8193, false), (1 << 20, false)]
    {
        check(&"t".repeat(length), accepted);
    }
}

#[test]
fn a_token_is_attached_as_its_carriage_says() {
    let custom = || Carriage::Header(HeaderName::from_static("x-api-key"));
    let rows: &[(Carriage, &str, &str, &str)] = &[
        (Carriage::Bearer, "a.b~c+/=", "authorization", "Bearer a.b~c+/="),
        (Carriage::Bare, "a.b~c+/=", "authorization", "a.b~c+/="),
        (Carriage::Basic, "dXNlcjpwYXNz", "authorization", "Basic dXNlcjpwYXNz"),
        (custom(), "a:b", "x-api-key", "a:b"),
    ];
    for (carriage, text, name, value) in rows {
        let token = token(text, carriage.clone());
        let (got, attached) = token.header().unwrap();
        assert_eq!((got.as_str(), attached.as_bytes()), (*name, value.as_bytes()));
        assert_eq!((carriage.name(), carriage.is_query()), (*name, false));
        assert!(attached.is_sensitive() && leak(&format!("{attached:?}"), text).is_none(), "{carriage}");
        let refused = token.query().unwrap_err();
        assert_eq!((refused.detail(), refused.kind()), (&detail::CARRIAGE_HEADER, ErrorKind::Unsupported));
        assert!(refused.message().contains("header()"), "{refused}");
    }
}

#[test]
fn a_query_is_percent_encoded_and_refuses_to_be_a_header() {
    let carriage = Carriage::Query("token".into());
    assert_eq!((carriage.name(), carriage.is_query()), ("token", true));
    let rows = [
        ("abc-._*", "token=abc-._*"),
        ("a+b/c==", "token=a%2Bb%2Fc%3D%3D"),
        ("a&b=c#d?e%f", "token=a%26b%3Dc%23d%3Fe%25f"),
        ("~!$'()@:[]{}|^`", "token=%7E%21%24%27%28%29%40%3A%5B%5D%7B%7D%7C%5E%60"),
    ];
    for (text, pair) in rows {
        let token = token(text, carriage.clone());
        let query = token.query().unwrap();
        assert_eq!((query.expose(), format!("{query:?}").as_str()), (pair, "[redacted]"));
        let refused = token.header().unwrap_err();
        assert_eq!((refused.detail(), refused.kind()), (&detail::CARRIAGE_QUERY, ErrorKind::Unsupported));
        assert!(refused.message().contains("query()"), "{refused}");
    }
}

#[test]
fn debug_hides_the_value_and_shows_the_rest() {
    let token = token("s3cret-t0ken", Carriage::Query("token".into())).with_warning("scope.reduced");
    let shown = format!("{token:?} {token:#?} {:?}", token.clone());
    assert_eq!(leak(&shown, "s3cret-t0ken"), None, "{shown}");
    assert!(shown.contains("[redacted]") && shown.contains("scope.reduced"), "{shown}");
    let secret = Secret::from("s3cret-t0ken".to_owned());
    assert_eq!(format!("{secret:?} {secret:#?}"), "[redacted] [redacted]");
}

#[test]
fn tokens_are_the_same_when_their_bytes_are() {
    let held = token("abc", Carriage::Bearer);
    for (text, same) in [("abc", true), ("abd", false), ("ab", false), ("abcd", false), ("ABC", false)] {
        let other =
            Token::new(text.into(), Carriage::Bare, at(5), Expiry::at(at(9), ExpirySource::Jwt)).unwrap();
        assert_eq!((held.same_value(&other), other.same_value(&held)), (same, same), "{text}");
    }
}

#[test]
fn extras_and_warnings_are_noted_once() {
    let token = token("abc", Carriage::Bearer)
        .with_extra("scope", Quoted::again("a b"))
        .with_extra("request_id", None)
        .with_extra("scope", Quoted::again("c"))
        .with_warning("token.type")
        .with_warning("token.type");
    assert_eq!(token.extras().collect::<Vec<_>>(), [("scope", "a b")]);
    assert_eq!((token.extra("scope"), token.extra("request_id")), (Some("a b"), None));
    assert_eq!(token.warnings(), ["token.type"]);
}

#[test]
fn a_life_ends_at_its_instant_and_not_after() {
    let rows: &[(Expiry, i64, bool, Option<Duration>)] = &[
        (Expiry::at(at(100), ExpirySource::Server), 99, false, Some(Duration::from_secs(1))),
        (Expiry::at(at(100), ExpirySource::Server), 100, true, Some(Duration::ZERO)),
        (Expiry::at(at(100), ExpirySource::Server), 101, true, Some(Duration::ZERO)),
        (Expiry::NEVER, 253_000_000_000, false, None),
    ];
    for (expiry, instant, past, left) in rows {
        let token = Token::new("abc".into(), Carriage::Bearer, at(0), *expiry).unwrap();
        assert_eq!((expiry.is_past(at(*instant)), expiry.left(at(*instant))), (*past, *left), "{expiry:?}");
        assert_eq!((token.is_expired(at(*instant)), token.expires_at()), (*past, expiry.at), "{expiry:?}");
    }
}

#[test]
fn a_token_survives_being_written_down_as_words() {
    for (carriage, expiry) in [
        (Carriage::Bearer, Expiry::at(at(100), ExpirySource::Server)),
        (Carriage::Bare, Expiry::at(at(100), ExpirySource::Jwt)),
        (Carriage::Header(HeaderName::from_static("x-api-key")), Expiry::at(at(1), ExpirySource::Documented)),
        (Carriage::Query("token".into()), Expiry::NEVER),
        (Carriage::Basic, Expiry::NEVER),
    ] {
        let token = Token::new("abc".into(), carriage, at(7), expiry).expect("a token");
        let token =
            token.with_extra("scope", Quoted::again("a b")).with_extra("request_id", Quoted::again("r-1"));
        let token = token.with_warning("scope.reduced").with_warning("a.later.version.s");
        // What a file would hold.
        let carriage = token.carriage().to_string();
        let source = token.expiry().source.name().to_owned();
        let extras: Vec<_> =
            token.extras().map(|(name, words)| (name.to_owned(), words.to_owned())).collect();
        let warnings: Vec<_> = token.warnings().iter().map(|word| word.to_string()).collect();

        let carriage = Carriage::parse(&carriage).expect("as it was written");
        let source = ExpirySource::from_name(&source).expect("as it was written");
        let expiry = Expiry { at: token.expires_at(), source };
        let mut restored =
            Token::new(token.value().into(), carriage, token.issued_at(), expiry).expect("a token");
        for (name, words) in extras {
            restored = restored.with_extra(name, Quoted::again(&words));
        }
        for word in warnings {
            restored = restored.with_warning(word);
        }
        assert_eq!(format!("{restored:?}"), format!("{token:?}"));
        assert!(restored.same_value(&token));
    }
}

#[test]
fn what_was_quoted_before_is_quoted_alike() {
    let token = "0123456789abcdef0123456789abcdef";
    for (text, again) in [
        ("Wrong password", Some("Wrong password")),
        ("[redacted] is [redacted]", Some("[redacted] is [redacted]")),
        (token, Some("[redacted]")),
        ("a\nb\u{202e}c", Some("a b c")),
        ("", None),
    ] {
        assert_eq!(Quoted::again(text).as_deref(), again, "{text:?}");
        let quoted = again.and_then(Quoted::again);
        assert_eq!(quoted.as_deref(), again, "{text:?}, once more");
    }
}
