//! Requests, byte by byte.

use ccauth_core::http::Method;
use ccauth_core::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use ccauth_core::{Body, Op, Place, Request, RequestBuilder, Vendor, detail};
use common::{Fake, any_login, leak, login, now, token};

mod common;

fn header(request: &Request, name: &ccauth_core::http::HeaderName) -> Option<String> {
    request.headers().get(name).map(|value| value.to_str().expect("visible").to_owned())
}

#[test]
fn json_is_escaped_and_nothing_more() {
    let rows: &[(&[(&str, &str)], &str)] = &[
        (&[], "{}"),
        (&[("Id", "a"), ("Secret", "b")], r#"{"Id":"a","Secret":"b"}"#),
        (&[("b", "1"), ("a", "2"), ("c", "")], r#"{"b":"1","a":"2","c":""}"#),
        (&[("p", r#"say "hi""#)], r#"{"p":"say \"hi\""}"#),
        (&[("p", r"C:\new\u0041")], r#"{"p":"C:\\new\\u0041"}"#),
        (&[("p", "a/b</script>&'%+")], r#"{"p":"a/b</script>&'%+"}"#),
        (&[("p", "\u{2028}\u{2029}é😀")], "{\"p\":\"\u{2028}\u{2029}é😀\"}"),
        (&[("p", "\0\u{1}\n\t\u{7f}")], "{\"p\":\"\\u0000\\u0001\\n\\t\u{7f}\"}"),
        (&[(r#"a"b"#, "x")], r#"{"a\"b":"x"}"#),
    ];
    for (members, body) in rows {
        let request = RequestBuilder::post(&any_login(), "/x").json(members).build().unwrap();
        assert_eq!(request.body().bytes(), body.as_bytes(), "{body}");
        assert_eq!(header(&request, &CONTENT_TYPE).as_deref(), Some("application/json"));
        assert_eq!(request.body().place(), Place::Content);
    }
}

#[test]
fn a_form_is_encoded_byte_by_byte_and_a_space_is_a_plus() {
    let rows: &[(&[(&str, &str)], &str)] = &[
        (&[], ""),
        (&[("action", "get"), ("password", "p&ss")], "action=get&password=p%26ss"),
        (&[("p", " +%&=#?/")], "p=+%2B%25%26%3D%23%3F%2F"),
        (&[("p", "AZaz09*-._~")], "p=AZaz09*-._%7E"),
        (&[("p", "é😀\u{2028}")], "p=%C3%A9%F0%9F%98%80%E2%80%A8"),
        (&[("p", "\"'\\<>\r\n\0")], "p=%22%27%5C%3C%3E%0D%0A%00"),
        (&[("a b", ""), ("a b", "2")], "a+b=&a+b=2"),
    ];
    for (arguments, form) in rows {
        let request = RequestBuilder::post(&any_login(), "/x").form(arguments).build().unwrap();
        assert_eq!(request.body().bytes(), form.as_bytes());
        assert_eq!(header(&request, &CONTENT_TYPE).as_deref(), Some("application/x-www-form-urlencoded"));
        assert_eq!(request.body().place(), Place::Content);

        let request = RequestBuilder::new(Method::GET, &any_login(), "/x").form(arguments).build().unwrap();
        assert_eq!((request.body().bytes(), request.body().place()), (form.as_bytes(), Place::Query));
        assert_eq!(request.uri().to_string(), "https://north.example.com/v1/x", "no argument in the Uri");
        assert_eq!(header(&request, &CONTENT_TYPE), None);
    }
}

#[test]
fn basic_is_utf_8_without_normalisation() {
    let rows = [
        // The examples of RFC 7617, sections 2 and 2.1.
        ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("test", "123£", "Basic dGVzdDoxMjPCow=="),
        ("", "", "Basic Og=="),
        ("u", "a:b", "Basic dTphOmI="),
        // Composed and decomposed stay as they are.
        ("u", "é", "Basic dTrDqQ=="),
        ("u", "e\u{301}", "Basic dTplzIE="),
        ("u", "~?>", "Basic dTp+Pz4="),
    ];
    for (user, password, value) in rows {
        let request = RequestBuilder::post(&any_login(), "/x").basic(user, password).build().unwrap();
        assert_eq!(header(&request, &AUTHORIZATION).as_deref(), Some(value));
        assert!(request.headers()[AUTHORIZATION].is_sensitive());
    }
}

#[test]
fn a_request_goes_below_the_base_url_with_the_headers_asked_for() {
    let request = RequestBuilder::post(&any_login(), "/a/token.php").accept_json().build().unwrap();
    assert_eq!(
        (request.method(), request.uri().to_string()),
        (&Method::POST, "https://north.example.com/v1/a/token.php".into())
    );
    assert_eq!(
        (header(&request, &ACCEPT).as_deref(), request.headers().len()),
        (Some("application/json"), 1)
    );
    assert!(request.body().bytes().is_empty());
    let sandboxed = login(&[("token", "t"), ("base_url", "http://[::1]:8080/")]);
    let request = RequestBuilder::new(Method::GET, &sandboxed, "/x").authorization("raw").build().unwrap();
    assert_eq!(request.uri().to_string(), "http://[::1]:8080/x");
    assert_eq!(header(&request, &AUTHORIZATION).as_deref(), Some("raw"));
}

#[test]
fn what_fits_no_request_is_an_error_and_no_panic() {
    let path = RequestBuilder::post(&any_login(), "/a b").build().unwrap_err();
    assert_eq!(path.detail(), &detail::CONFIG_VALUE);
    for value in ["a\r\nX: s3cret", "s3cret\0", "s3cret\x7f"] {
        let e = RequestBuilder::post(&any_login(), "/x").authorization(value).build().unwrap_err();
        assert_eq!((e.detail(), leak(&format!("{e:?}"), "s3cret")), (&detail::INTERNAL, None), "{value:?}");
    }
}

#[test]
fn debug_of_a_request_and_of_its_builder_shows_no_secret() {
    let login = login(&[("user_id", "clerk"), ("password", "s3cret pass")]);
    let held = token("s3cret-t0ken", login.carriage().clone());
    for op in [Op::Issue, Op::Renew] {
        let request = Fake::VENDOR.build(op, &login, Some(&held), now()).unwrap();
        let shown = format!("{request:?} {request:#?} {:?}", request.uri());
        for secret in ["s3cret", "s3cret+pass", "clerk:s3cret pass", "s3cret-t0ken"] {
            assert_eq!(leak(&shown, secret), None, "{shown}");
        }
    }
    let builder =
        RequestBuilder::new(Method::GET, &login, "/x").form(&[("p", "s3cret")]).basic("u", "s3cret");
    let shown = format!("{builder:?} {builder:#?}");
    assert!(leak(&shown, "s3cret").is_none() && leak(&shown, "u:s3cret").is_none(), "{shown}");
    assert_eq!(format!("{:?}", Body::new(b"s3cret".to_vec())), "[6 bytes, Content, redacted]");
}
