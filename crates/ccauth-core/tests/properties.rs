//! What holds for any bytes, any number and any text.

use ccauth_core::http::HeaderValue;
use ccauth_core::{
    Carriage, Ends, Expiry, ExpirySource, MAX_DEPTH, MAX_RETRY_AFTER, MAX_TOKEN, Op, Reading, RequestBuilder,
    Secret, Timestamp, Token, Value, detail, http_date,
};
use common::{LONGEST, any_login, at, jwt, login, now, reply, try_login};
use form_urlencoded::byte_serialize;
use proptest::prelude::*;

mod common;

const MASK: &str = "[redacted]";

fn config() -> ProptestConfig {
    ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() }
}

/// Text that looks like a document, so that more than the first byte is reached.
const LIKE_JSON: &str = r#"\PC{0,8}([\[\]{}",:\\0-9.eE+ -]|"[a-c]"|null|true|\\u[dD][89a-f]00){0,60}"#;

/// Text that looks like a date of HTTP.
const LIKE_DATE: &str = "(Mon|Fri|Friday|Xyz),? ?([0-9]{1,2}|Jan|Feb)[ -]([0-9 ]{1,2}|Jan|Feb|Dec)[ -]([0-9]{2,5}|[0-9:]{5,8}) ?[0-9:]{0,8} ?(GMT|[0-9]{4})?";

/// Texts over few characters, so that they overlap and occur in one another; also parts of the mask.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[abé &\"]{1,6}",
        1 => "\\PC{1,12}",
        1 => (0usize..9, 1usize..=10).prop_map(|(from, to)| MASK[from..to.max(from + 1)].to_owned()),
        1 => Just("a[redacted]b".to_owned()),
    ]
    .prop_filter("a field", |text| {
        text.len() <= 4096 && !text.chars().any(char::is_control) && !text.is_empty()
    })
}

/// `text` as a quotation writes it: one blank wherever there are several.
fn on_one_line(text: &str) -> String {
    let control = |c: char| c.is_whitespace() || ccauth_core::quoted(&c.to_string()) == "\"…\"";
    text.split(control).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn reading_a_document_never_panics(bytes: Vec<u8>, text in LIKE_JSON) {
        for document in [&bytes[..], text.as_bytes()] {
            if let Ok(value) = Value::from_json(document) {
                let _ = (value.integer(), value.truth(), value.text().map(str::len), format!("{value:?}"));
            }
        }
    }

    #[test]
    fn a_document_is_read_up_to_the_depth_and_no_deeper(objects in prop::collection::vec(any::<bool>(), 1..40)) {
        let mut document = "\"[{\\\"\"".to_owned();
        for object in &objects {
            document = if *object { format!("{{\"]\":{document}}}") } else { format!("[0,{document}]") };
        }
        let read = Value::from_json(document.as_bytes()).map(drop);
        prop_assert_eq!(read, if objects.len() <= MAX_DEPTH { Ok(()) } else { Err(&detail::BODY_NESTING) });
    }

    #[test]
    fn a_text_is_a_token_exactly_when_its_characters_are(text in "[!-~]{0,40}|\\PC{0,20}|[ -~\t\r\n]{0,40}") {
        let allowed = |c: char| c.is_ascii_graphic() && !"\"\\,;<>".contains(c);
        let expected = !text.is_empty() && text.len() <= MAX_TOKEN && text.chars().all(allowed);
        let token = Token::new(Secret::from(text.as_str()), Carriage::Query("t".into()), now(), Expiry::NEVER);
        prop_assert_eq!(token.is_ok(), expected);
        if let Ok(token) = token {
            // What a query carries decodes to the token and nothing else.
            let query = token.query().unwrap();
            let pairs = form_urlencoded::parse(query.expose().as_bytes()).into_owned().collect::<Vec<_>>();
            prop_assert_eq!(pairs, [("t".to_owned(), text)]);
        }
    }

    #[test]
    fn a_quotation_holds_no_secret(
        secrets in prop::collection::vec(secret(), 3),
        text in prop::collection::vec((0usize..9, "[abc \n]{0,3}|\\PC{0,6}"), 0..14),
    ) {
        let login = login(&[("user_id", "u"), ("password", &secrets[0]), ("pin", &secrets[1]), ("basic_pair", &secrets[2])]);
        let form = |secret: &str| byte_serialize(secret.as_bytes()).collect::<String>();
        let json = |secret: &str| serde_json::to_string(secret).unwrap().trim_start_matches('"').to_owned();
        let text = text.iter().map(|(pick, filler)| match pick {
            0..3 => format!("{}{filler}", secrets[*pick]),
            3..6 => format!("{}{filler}", form(&secrets[pick - 3])),
            6 => json(&secrets[0]) + filler,
            7 => secrets[1].replace(' ', "\r\n ") + filler,
            _ => filler.clone(),
        });
        let text = text.collect::<String>();
        let reply = reply(200, &[], "");
        let quoted = Reading::new(Op::Issue, &login, None, &reply, now()).quote(&text);
        let quoted = quoted.as_deref().unwrap_or_default();
        prop_assert!(quoted.chars().count() <= 160 && !quoted.chars().any(char::is_control), "{:?}", quoted);
        // What stands between the masks. A mask is the same whatever it hides, so a secret that looks like
        // a part of it is not shown by it; the last one may be cut.
        let cut = quoted.strip_suffix('…').unwrap_or(quoted);
        let part = (1..MASK.len()).rev().find(|n| cut.len() < quoted.len() && cut.ends_with(&MASK[..*n]));
        let cut = &cut[..cut.len() - part.unwrap_or(0)];
        for secret in &secrets {
            for form in [on_one_line(secret), form(secret)] {
                // A secret of one or two characters is shown wherever it stands.
                let shown = form.len() > 2 && cut.split(MASK).any(|between| between.contains(&form));
                prop_assert!(!shown, "{:?} in {:?} of {:?}", form, quoted, text);
            }
        }
    }

    #[test]
    fn a_quoted_number_is_no_secret(number: i64) {
        let pin = number.to_string();
        let login = login(&[("user_id", "u"), ("password", "p"), ("pin", &pin)]);
        let reply = reply(200, &[], "");
        let quoted = Reading::new(Op::Issue, &login, None, &reply, now()).quote_value(Some(&Value::Integer(number)));
        prop_assert_eq!(quoted.as_deref(), Some(if pin.len() > 2 { MASK } else { &pin }));
    }

    #[test]
    fn no_expiry_lies_before_the_request_or_beyond_the_longest_life(
        number in prop_oneof![any::<i64>(), -100_000i64..100_000, 1_799_900_000i64..1_800_200_000],
        sent_at in prop_oneof![Just(1_800_000_000i64), -377_705_023_201i64..=253_402_207_200],
        date in prop_oneof![LIKE_DATE.boxed(), (0i64..253_402_207_200).prop_map(|epoch| common::date(epoch - 1_800_000_000)).boxed()],
        exp: i64,
    ) {
        let (login, reply, sent_at) = (any_login(), reply(200, &[("date", &date)], ""), at(sent_at));
        let reading = Reading::new(Op::Issue, &login, None, &reply, sent_at);
        let value = Value::Integer(number);
        for ends in [Ends::In(Some(&value)), Ends::At(Some(&value)), Ends::In(None)] {
            let Ok(expiry) = reading.expiry(ends) else { continue };
            let end = expiry.at.unwrap();
            prop_assert!(end >= sent_at && end.duration_since(sent_at).as_secs() <= LONGEST, "{:?}", expiry);
            let text = Value::Text(jwt(&format!("{{\"exp\":{exp}}}")).into());
            let by_jwt = reading.token(Some(&text), ends).unwrap().expiry();
            prop_assert!(by_jwt.at.unwrap() >= sent_at && by_jwt.at <= expiry.at);
            prop_assert!(by_jwt.source == ExpirySource::Jwt || by_jwt == expiry);
        }
    }

    #[test]
    fn no_header_makes_us_wait_longer_than_an_hour(
        values in prop::collection::vec(prop_oneof![any::<Vec<u8>>(), "[0-9]{0,30}".prop_map(String::into_bytes), LIKE_DATE.prop_map(String::into_bytes)], 0..4),
        date in LIKE_DATE,
    ) {
        let (login, mut reply) = (any_login(), reply(429, &[("date", &date)], ""));
        for value in values.iter().filter_map(|value| HeaderValue::from_bytes(value).ok()) {
            reply.headers_mut().append("retry-after", value);
        }
        let wait = Reading::new(Op::Issue, &login, None, &reply, now()).retry_after();
        prop_assert!(wait.is_none_or(|wait| wait <= MAX_RETRY_AFTER), "{:?}", wait);
    }

    #[test]
    fn reading_a_date_never_panics(text in "\\PC*", like in LIKE_DATE, epoch in 0i64..253_402_207_200) {
        let _ = (http_date(&text), http_date(&like));
        prop_assert_eq!(http_date(&common::date(epoch - 1_800_000_000)).map(Timestamp::as_second), Some(epoch));
    }

    #[test]
    fn a_base_url_that_is_kept_is_kept_for_good_and_makes_requests(
        url in "https?://([a-z.]{1,8}|\\PC{0,6}|[0-9.x]{1,9}|\\[[0-9a-f:]{2,9}\\])(:[0-9]{0,6})?([/\\\\?#@%.{}|^a]|\\PC){0,8}",
    ) {
        let with = |url: &str| try_login(&[("token", "t"), ("allow_http", "true"), ("base_url", url)]);
        let Ok(kept) = with(&url).map(|login| login.base_url().to_owned()) else { return Ok(()) };
        let login = with(&kept).unwrap();
        prop_assert_eq!(login.base_url(), &kept);
        let request = RequestBuilder::post(&login, "/auth").build().unwrap();
        let authority = request.uri().authority().unwrap().as_str();
        prop_assert!(kept.is_ascii() && !kept.ends_with('/') && !authority.contains('@'), "{}", kept);
        prop_assert!(kept.split_once("://").unwrap().1.starts_with(authority), "{} {}", kept, authority);
    }

    #[test]
    fn what_is_built_reads_back_as_it_was(name in "\\PC{1,8}", value: String) {
        let login = any_login();
        let json = RequestBuilder::post(&login, "/x").json(&[(&name, &value)]).build().unwrap();
        let document = Value::from_json(json.body().bytes()).unwrap();
        prop_assert_eq!(document.get(&name).and_then(Value::text), Some(value.as_str()));
        let form = RequestBuilder::post(&login, "/x").form(&[(&name, &value)]).build().unwrap();
        let pairs = form_urlencoded::parse(form.body().bytes()).into_owned().collect::<Vec<_>>();
        prop_assert_eq!(pairs, [(name, value)]);
    }

    #[test]
    fn a_refused_field_is_named_and_its_value_is_not(name in "[a-z_]{1,12}", noise: String) {
        let value = format!("c4nary{noise}");
        for name in [name.as_str(), "token", "base_url", "region", "carriage", "renewal", "format"] {
            if let Err(e) = try_login(&[(name, &value)]) {
                prop_assert!(!format!("{e} {e:?}").contains("c4nary"), "{}", e);
            }
        }
    }
}
