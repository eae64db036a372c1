//! What a token adds to a call, and how.

use ccauth_core::http::{HeaderName, Request};
use ccauth_core::{Attachment, Carriage, detail};
use common::{leak, token};

mod common;

#[test]
fn a_header_is_added_or_takes_the_place_of_its_like() {
    for (carriage, name, value) in [
        (Carriage::Bearer, "authorization", "Bearer abc"),
        (Carriage::Bare, "authorization", "abc"),
        (Carriage::Basic, "authorization", "Basic abc"),
        (Carriage::Header(HeaderName::from_static("x-auth-token")), "x-auth-token", "abc"),
    ] {
        let attachment = token("abc", carriage).attachment().expect("an attachment");
        assert_eq!((attachment.name(), attachment.value()), (name, value));
        let mut request =
            Request::get("https://vendor.example/x?a=b").header(name, "another").body(()).expect("a request");
        attachment.apply(&mut request).expect("there is room");
        let sent: Vec<_> = request.headers().get_all(name).iter().collect();
        assert_eq!((sent.len(), sent[0].as_bytes()), (1, value.as_bytes()));
        assert!(sent[0].is_sensitive());
        assert_eq!(request.uri(), "https://vendor.example/x?a=b");
    }
}

#[test]
fn a_query_argument_goes_behind_those_that_are_there() {
    let attachment = token("a+b/c==", Carriage::Query("token".into())).attachment().expect("an attachment");
    assert_eq!((attachment.name(), attachment.value()), ("token", "a+b/c=="));
    for (url, with_token) in [
        ("https://vendor.example", "https://vendor.example/?token=a%2Bb%2Fc%3D%3D"),
        ("https://vendor.example/x", "https://vendor.example/x?token=a%2Bb%2Fc%3D%3D"),
        ("https://vendor.example/x?a=b", "https://vendor.example/x?a=b&token=a%2Bb%2Fc%3D%3D"),
    ] {
        let mut request = Request::get(url).body(()).expect("a request");
        attachment.apply(&mut request).expect("there is room");
        assert_eq!(request.uri().to_string(), with_token);
        assert!(request.headers().is_empty());
    }
}

#[test]
fn a_url_without_room_is_refused() {
    let attachment = token("abc", Carriage::Query("token".into())).attachment().expect("an attachment");
    let url = format!("https://vendor.example/{}", "x".repeat(65_510));
    let mut request = Request::get(&url).body(()).expect("the longest that there may be");
    let failure = attachment.apply(&mut request).expect_err("no room");
    assert_eq!((failure.detail(), request.uri().to_string()), (&detail::CONFIG_URL, url));
}

#[test]
fn debug_hides_the_value() {
    for carriage in [Carriage::Bearer, Carriage::Query("token".into())] {
        let attachment: Attachment = token("s3cret-t0ken", carriage).attachment().expect("an attachment");
        assert_eq!(leak(&format!("{attachment:?} {attachment:#?}"), "s3cret-t0ken"), None);
    }
}
