//! A vendor's words as they may stand in an error: readable, short, and without any secret.

use ccauth_core::{Carriage, Login, Op, Quoted, Reading, Value};
use common::{login, now, reply, token};

mod common;

#[track_caller]
fn check(fields: &[(&str, &str)], text: &str, expected: Option<&str>) {
    let login = login(&[&[("user_id", "clerk"), ("basic_pair", "p4ir")], fields].concat());
    let (reply, held) = (reply(200, &[], ""), token("held-t0ken", Carriage::Bearer));
    let reading = Reading::new(Op::Renew, &login, Some(&held), &reply, now());
    assert_eq!(reading.quote(text).as_deref(), expected, "{text:?}");
    let json = ccauth_core::Value::Text(text.to_owned().into());
    assert_eq!(reading.quote_value(Some(&json)).as_deref(), expected, "{text:?}");
}

#[test]
fn plain_words_stay_on_one_line() {
    for (text, line) in [
        ("Invalid token", Some("Invalid token")),
        ("  Invalid \t token \r\n", Some("Invalid token")),
        ("Wrong\u{0}key\u{1b}[31m\u{7f}\u{85}\u{2028}now", Some("Wrong key [31m now")),
        ("a\u{202e}b\u{2066}c\u{200f}d", Some("a b c d")),
        ("a\u{200b}b\u{feff}c\u{ad}d\u{e0041}e", Some("a b c d e")),
        ("Ungültiger Schlüssel: ключ 鍵 😀", Some("Ungültiger Schlüssel: ключ 鍵 😀")),
        ("clerk is unknown", Some("clerk is unknown")),
        ("", None),
        (" \r\n\t\u{0}", None),
    ] {
        check(&[], text, line);
    }
}

#[test]
fn every_secret_of_the_exchange_is_masked_in_every_form_that_was_sent() {
    let fields = [("password", "p&s \"w\"é"), ("pin", "4711"), ("token", "Bearer pasted-t0ken")];
    for (text, line) in [
        ("no p&s \"w\"é here", "no [redacted] here"),
        ("password=p%26s+%22w%22%C3%A9&x=1", "password=[redacted]&x=1"),
        (r#"{"password":"p&s \"w\"é"}"#, r#"{"password":"[redacted]"}"#),
        ("pin 4711, again 4711!", "pin [redacted], again [redacted]!"),
        ("x4711y", "x[redacted]y"),
        ("token held-t0ken is old", "token [redacted] is old"),
        ("pasted-t0ken or p4ir", "[redacted] or [redacted]"),
        // A line break or more blanks inside make the same words on one line.
        ("no p&s\r\n  \"w\"é here", "no [redacted] here"),
        ("no p&s\u{a0}\"w\"é here", "no [redacted] here"),
    ] {
        check(&fields, text, Some(line));
    }
}

#[test]
fn the_credentials_of_an_echoed_basic_header_are_masked_without_its_scheme() {
    // base64 of clerk:s3cret, bare and in the way in which servers quote it.
    for (text, line) in [
        ("no Y2xlcms6czNjcmV0 here", "no [redacted] here"),
        ("header \"Y2xlcms6czNjcmV0\" refused", "header [redacted] refused"),
        ("Basic:Y2xlcms6czNjcmV0 refused", "[redacted] refused"),
        ("a word of base64: Y2xlcms6b3RoZXI= stays", "a word of base64: Y2xlcms6b3RoZXI= stays"),
    ] {
        check(&[("password", "s3cret")], text, Some(line));
    }
    // base64 of u1:pw+%25%C3%BC%7E1%26Q, form-encoded before Basic (RFC 6749 section 2.3.1).
    check(&[("password", "pw %ü~1&Q")], "no dTE6cHcrJTI1JUMzJUJDJTdFMSUyNlE=", Some("no [redacted]"));
}

const WITHHELD: &str = "[withheld: it may hold a secret]";

#[test]
fn a_secret_in_any_other_form_takes_the_whole_quotation_with_it() {
    for text in ["no p%26s+%22w%22%c3%a9 here", "x=p%26s%20%22w%22%C3%A9&y=1", "%70%26s%20%22w%22%C3%A9"] {
        check(&[("password", "p&s \"w\"é")], text, Some(WITHHELD));
    }
    for (secret, texts) in [
        (
            "Zebra&42",
            &[
                "Wrong password: Zebra&amp;42",
                "Wrong password: Zebra&#38;42",
                "Wrong password: Zebra&#x26;42",
                "Wrong password: &#90;ebra&42",
                "Wrong password: Zebra&amp;amp;42",
                "Wrong password: Zebra%252642",
                "Wrong password: Zebra%26amp%3B42",
                r"Wrong password: Zebra\u002642",
                r"Wrong password: \u005a\u0065bra&42",
                r"Wrong password: Zebra\/42",
                "Wrong password: zebra&42",
                "Wrong password: ZEBRA&42",
                "Wrong password: Zebra 42",
                "Wrong password: Z-e-b-r-a-&-4-2",
                "Wrong password: Zeb\u{200b}ra&42",
                "Wrong password: Zeb\u{ad}ra\u{2060}&42",
                "Wrong password: Zebra&\n42",
            ][..],
        ),
        ("Zébra-42", &["Z&eacute;bra-42", "Z&#233;bra-42", r"Z\u00e9bra-42", "Z%E9bra-42", "Z\u{c9}BRA 42"]),
        ("пароль", &["Пароль", "ПАРОЛЬ", r"\u043f\u0430\u0440\u043e\u043b\u044c", "&#1087;ароль"]),
        (r"DOM\user&1", &[r"DOM\user&amp;1", r"dom\\user&#38;1"]),
        ("deep&1", &["deep&amp;amp;amp;1", "deep%2525261"]),
        ("correct horse", &["correct, horse", "correct-horse", "CorrectHorse", "correct&nbsp;horse"]),
    ] {
        for text in texts {
            check(&[("password", secret)], text, Some(WITHHELD));
        }
    }
    for text in ["Wrong password: Zebra&41", "Zebra", "42", "&amp;", "&#0;", r"\u00", "&;", "100%", "a\\"] {
        check(&[("password", "Zebra&42")], text, Some(text));
    }
}

#[test]
fn base64_of_either_alphabet_with_padding_or_without_is_hidden() {
    // base64 of >>>s3cret???, and of user:>>>s3cret???
    for word in
        ["Pj4+czNjcmV0Pz8/", "Pj4-czNjcmV0Pz8_", "dXNlcjo+Pj5zM2NyZXQ/Pz8=", "dXNlcjo-Pj5zM2NyZXQ_Pz8"]
    {
        check(&[("password", ">>>s3cret???")], &format!("no {word} here"), Some("no [redacted] here"));
    }
}

#[test]
fn what_a_reply_itself_calls_a_token_is_in_no_word_of_it() {
    let login = login(&[("user_id", "clerk"), ("password", "hunter2")]);
    let quote = |body: &str| {
        let reply = reply(200, &[], body);
        let reading = Reading::new(Op::Issue, &login, None, &reply, now());
        let document = reading.json().expect("an object");
        reading.quote_value(document.get("error")).map(|quoted| quoted.to_string())
    };
    for (body, shown) in [
        (r#"{"error":"t0k-n is over","token":"t0k-n"}"#, "[redacted] is over"),
        (r#"{"error":"T0K n is over","a":[{"access_token":"t0k-n"}]}"#, "[withheld: it may hold a secret]"),
        (r#"{"error":"t0k-n is over","Data":"t0k-n"}"#, "[redacted] is over"),
        (r#"{"error":"mac is no type","token_type":"mac"}"#, "mac is no type"),
        (r#"{"error":"the token is over","token_error":"the token is over"}"#, "the token is over"),
    ] {
        assert_eq!(quote(body).as_deref(), Some(shown), "{body}");
    }
    // Beside a token that is handed out.
    let token = token("t0k-n", Carriage::Bearer).with_extra("scope", Quoted::again("a t0k-n b"));
    assert_eq!(token.extra("scope"), Some("[withheld: it may hold a secret]"));
}

#[test]
fn an_id_of_the_request_may_look_like_a_token() {
    let id = "5b1d4f0123456789abcdef0123456789";
    let login = login(&[("user_id", "clerk"), ("password", "hunter2")]);
    let reply = reply(200, &[], "");
    let reading = Reading::new(Op::Issue, &login, None, &reply, now());
    for (json, shown) in [
        (format!("\"{id}\""), Some(id)),
        ("\"99fa98a1-2ce0-457c-9371-0d3a01eb6ef0\"".to_owned(), Some("99fa98a1-2ce0-457c-9371-0d3a01eb6ef0")),
        (format!("\"{id}0123abcd\""), Some("[redacted]")),
        ("\"MzIxODU5YzYtYTAzNS00NzE1LWE5\"".to_owned(), Some("[redacted]")),
        ("\"hunter2\"".to_owned(), Some("[redacted]")),
        ("7".to_owned(), Some("7")),
        ("null".to_owned(), None),
    ] {
        let value = Value::from_json(json.as_bytes()).expect("a value");
        assert_eq!(reading.quote_id(Some(&value)).as_deref(), shown, "{json}");
    }
}

#[test]
fn what_looks_like_a_token_is_masked_whoever_holds_it() {
    for (text, line) in [
        ("held: 5b1d4f0123456789abcdef0123456789", "held: [redacted]"),
        ("held: Zm9vYmFyYmF6cXV4MQab-x", "held: [redacted]"),
        // Words, ids with dashes and short codes explain a failure.
        ("Counterrevolutionaries are unknown", "Counterrevolutionaries are unknown"),
        ("see 99fa98a1-2ce0-457c-9371-0d3a01eb6ef0", "see 99fa98a1-2ce0-457c-9371-0d3a01eb6ef0"),
        ("error AUTH0RISATION12345", "error AUTH0RISATION12345"),
    ] {
        check(&[], text, Some(line));
    }
}

#[test]
fn the_password_within_an_encoded_pair_is_masked() {
    // base64 of cid:s3cr3tvalue
    check(&[("password", "Y2lkOnMzY3IzdHZhbHVl")], "s3cr3tvalue of cid", Some("[redacted] of cid"));
}

#[test]
fn a_replaced_secret_is_masked_until_it_is_forgotten() {
    let old = login(&[("user_id", "clerk"), ("password", "0ld-secret")]);
    let mut new = old.with("password", "n3w-secret".into()).expect("a login");
    let reply = reply(200, &[], "");
    let quote =
        |login: &Login| Reading::new(Op::Issue, login, None, &reply, now()).quote("0ld-secret n3w-secret");
    assert_eq!(quote(&new).as_deref(), Some("[redacted] [redacted]"));
    new.forget_replaced();
    assert_eq!(quote(&new).as_deref(), Some("0ld-secret [redacted]"));
}

#[test]
fn what_is_left_of_a_mask_is_no_part_of_a_secret() {
    // One secret within another, in either order; two that overlap in the text; one that repeats.
    for (one, two) in [("abc", "abcdef"), ("abcdef", "abc"), ("abcdef", "def"), ("bcd", "abcdef")] {
        check(&[("password", one), ("pin", two)], "x abcdef y", Some("x [redacted] y"));
    }
    check(&[("password", "abcd"), ("pin", "cdef")], "x abcdef y", Some("x [redacted] y"));
    check(&[("password", "aba")], "x ababa y", Some("x [redacted] y"));
    check(&[("password", "aaa")], "aaaaaaaa", Some("[redacted]"));
    // A secret that looks like a part of the mask is masked in the vendor's words, never in the mask:
    // a mask within a mask would tell the secret.
    check(&[("password", "hunter2"), ("pin", "red")], "hunter2 is blue", Some("[redacted] is blue"));
    check(&[("password", "hunter2"), ("pin", "red")], "hunter2 is red", Some("[redacted] is [redacted]"));
    check(&[("password", "[redacted]")], "is [redacted] it", Some("is [redacted] it"));
    // One or two characters are no secret worth marking everywhere.
    check(&[("password", "e"), ("pin", "in")], "Invalid token", Some("Invalid token"));
}

#[test]
fn blanks_around_and_within_a_secret_do_not_bring_it_back() {
    check(&[("password", "two  blanks")], "is two  blanks it", Some("is [redacted] it"));
    check(&[("password", " edge ")], "is edge it", Some("is [redacted] it"));
    check(&[("password", "q\"q\"")], r#"{"p":"q\"q\""}"#, Some(r#"{"p":"[redacted]"}"#));
    check(&[("password", "bearer s3")], "body: p=bearer+s3", Some("body: p=[redacted]"));
    check(&[("password", "a\u{202e}bc")], "is a\u{202e}bc it", Some("is [redacted] it"));
}

#[test]
fn what_follows_a_scheme_is_hidden() {
    for (text, line) in [
        ("Basic dTpw was refused", "Basic [redacted] was refused"),
        ("bearer\nabc and BASIC  dTpw", "bearer [redacted] and BASIC [redacted]"),
        ("header 'Basic dTpw' is wrong", "header 'Basic [redacted] is wrong"),
        ("Authorization:Bearer abc", "Authorization:Bearer [redacted]"),
        ("{\"authorization\":\"Bearer abc\"}", "{\"authorization\":\"Bearer [redacted]"),
        ("Bearer: abc", "Bearer: [redacted]"),
        ("Bearer", "Bearer"),
    ] {
        check(&[], text, Some(line));
    }
}

#[test]
fn a_word_as_long_as_a_token_is_hidden() {
    let word = |length| "w".repeat(length);
    check(&[], &format!("a {} b", word(39)), Some(&format!("a {} b", word(39))));
    check(&[], &format!("a {} b", word(40)), Some("a [redacted] b"));
    check(&[], &word(60_000), Some("[redacted]"));
}

#[test]
fn a_line_ends_at_160_characters_and_never_within_one() {
    let words = |count: usize, word: &str| vec![word; count].join(" ");
    let exact = words(40, "abc") + "d";
    assert_eq!(exact.chars().count(), 160);
    check(&[], &exact, Some(&exact));
    let cut = format!("{}…", &exact[..159]);
    check(&[], &format!("{exact}e"), Some(&cut));
    check(&[], &words(9000, "abc"), Some(&format!("{}…", &words(40, "abc")[..159])));
    let cut = format!("{}…", words(40, "😀é鍵"));
    assert_eq!(cut.chars().count(), 160);
    check(&[], &words(80, "😀é鍵"), Some(&cut));
    // What is cut has been masked before.
    let text = format!("{} hunter2", words(39, "abc"));
    check(&[("password", "hunter2")], &text, Some(&format!("{} [re…", words(39, "abc"))));
}

#[test]
fn a_number_is_quoted_as_text_is() {
    let (login, reply) = (login(&[("user_id", "clerk"), ("password", "47110815")]), reply(200, &[], ""));
    let reading = Reading::new(Op::Issue, &login, None, &reply, now());
    let rows = [
        ("1010", Some("1010")),
        ("-7", Some("-7")),
        ("47110815", Some("[redacted]")),
        ("147110815", Some("1[redacted]")),
        ("0.5", None),
        ("true", None),
        ("{}", None),
    ];
    for (number, quoted) in rows {
        let value = Value::from_json(number.as_bytes()).unwrap();
        assert_eq!(reading.quote_value(Some(&value)).as_deref(), quoted, "{number}");
    }
    assert_eq!(reading.quote_value(None), None);
}
