//! The words by which an operator says how a token travels.

use ccauth_core::{Carriage, ErrorKind, detail};

#[test]
fn every_form_is_read_as_it_is_written() {
    for word in
        ["bearer", "bare", "basic", "header:x-api-key", "header:authorization", "query:token", "query:t_1"]
    {
        assert_eq!(Carriage::parse(word).unwrap().to_string(), word);
    }
    // Header names have no case.
    assert_eq!(Carriage::parse("header:X-Api-Key").unwrap().to_string(), "header:x-api-key");
}

#[test]
fn anything_else_is_refused_with_the_forms_and_without_the_value() {
    let refused = [
        "",
        "Bearer",
        "BEARER",
        " bearer",
        "bearer ",
        "bearer:x",
        "basic:",
        "cookie:sid",
        "header",
        "header:",
        "query",
        "header:x y",
        "header:x:y",
        "header:x\r\ny",
        "header:é",
        // They frame the request or belong to the connection.
        "header:host",
        "header:Content-Length",
        "header:transfer-encoding",
        "header:connection",
        "query:",
        "query:a=b",
        "query:a&b",
        "query:a b",
        "query:a%20",
        "query:é",
        "query:a#",
        "Header:x",
        "s3cret-t0ken",
    ];
    for text in refused {
        let e = Carriage::parse(text).unwrap_err();
        assert_eq!((e.detail(), e.kind()), (&detail::CONFIG_VALUE, ErrorKind::Invalid), "{text:?}");
        assert_eq!(e.message(), "carriage: expected bearer, bare, basic, header:NAME or query:NAME");
    }
}
