//! Errors: the one table of outcomes, the finer causes, and what is shown.

use std::collections::BTreeSet;
use std::time::Duration;

use ccauth_core::{Detail, Error, ErrorKind, Instant, Quoted, Retry, detail};

/// Kind, C status, exit status, agent's HTTP status, retry, whether the vendor may have acted: the contract,
/// written out.
#[rustfmt::skip]
const OUTCOMES: &[(ErrorKind, &str, i32, u8, u16, Retry, bool)] = &[
    (ErrorKind::Invalid,     "INVALID",      -1,  3, 400, Retry::No, false),
    (ErrorKind::Unsupported, "UNSUPPORTED",  -2,  3, 404, Retry::No, false),
    (ErrorKind::State,       "STATE",        -3,  1, 409, Retry::No, false),
    (ErrorKind::WouldBlock,  "WOULD_BLOCK",  -4,  9, 503, Retry::Soon, false),
    (ErrorKind::Timeout,     "TIMEOUT",      -5,  5, 504, Retry::Yes, true),
    (ErrorKind::RateLimited, "RATE_LIMITED", -6,  7, 429, Retry::Later, true),
    (ErrorKind::Held,        "HELD",         -7,  7, 503, Retry::Later, false),
    (ErrorKind::Resolve,     "RESOLVE",      -8,  5, 502, Retry::Yes, false),
    (ErrorKind::Connect,     "CONNECT",      -9,  5, 502, Retry::Yes, false),
    (ErrorKind::Tls,         "TLS",          -10, 5, 502, Retry::Yes, false),
    (ErrorKind::Io,          "IO",           -11, 5, 502, Retry::Yes, true),
    (ErrorKind::Credentials, "CREDENTIALS",  -12, 4, 424, Retry::UntilChanged, false),
    (ErrorKind::Forbidden,   "FORBIDDEN",    -13, 4, 424, Retry::No, false),
    (ErrorKind::Revoked,     "REVOKED",      -14, 9, 424, Retry::Once, false),
    (ErrorKind::Protocol,    "PROTOCOL",     -15, 6, 502, Retry::Yes, true),
    (ErrorKind::Vendor,      "VENDOR",       -16, 6, 502, Retry::Yes, true),
    (ErrorKind::Store,       "STORE",        -17, 8, 500, Retry::Yes, false),
    (ErrorKind::NotFound,    "NOT_FOUND",    -18, 3, 404, Retry::No, false),
    (ErrorKind::Internal,    "INTERNAL",     -99, 1, 500, Retry::No, true),
];

#[test]
fn the_table_of_outcomes_is_the_contract() {
    let table = ErrorKind::ALL
        .iter()
        .map(|kind| {
            let (exit, agent) = (kind.exit_code(), kind.agent_status());
            (*kind, kind.name(), kind.code(), exit, agent, kind.retry(), kind.may_have_acted())
        })
        .collect::<Vec<_>>();
    for (got, expected) in table.iter().zip(OUTCOMES) {
        assert_eq!(got, expected);
    }
    assert_eq!(table.len(), OUTCOMES.len());
}

#[test]
fn codes_and_names_are_unique_and_summaries_say_something() {
    let codes = ErrorKind::ALL.iter().map(|kind| kind.code()).collect::<BTreeSet<_>>();
    let names = ErrorKind::ALL.iter().map(|kind| kind.name()).collect::<BTreeSet<_>>();
    assert_eq!((codes.len(), names.len()), (ErrorKind::ALL.len(), ErrorKind::ALL.len()));
    for kind in ErrorKind::ALL {
        let summary = kind.summary();
        assert!(kind.code() < 0 && kind.exit_code() > 0 && kind.exit_code() != 2, "{kind:?}: 2 is for usage");
        assert!(
            summary.ends_with('.') && summary.trim() == summary && summary.len() > 10,
            "{kind:?}: {summary:?}"
        );
    }
}

#[test]
fn every_cause_has_a_stable_word_a_meaning_and_a_cure() {
    let words = detail::ALL.iter().map(|d| d.word).collect::<BTreeSet<_>>();
    assert_eq!(words.len(), detail::ALL.len(), "a word stands twice");
    for d in detail::ALL {
        let segment = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(d.word.split('.').all(segment), "{d:?}");
        for sentence in [d.means, d.cure] {
            let start = sentence.chars().next().is_some_and(char::is_uppercase);
            assert!(start && sentence.ends_with('.') && !sentence.ends_with(".."), "{d:?}: {sentence:?}");
            assert!(!sentence.contains(['\n', '\t']) && !sentence.contains("  "), "{d:?}: {sentence:?}");
        }
        assert_eq!((format!("{d:?}").as_str(), Error::new(d, "x").kind()), (d.word, d.kind));
    }
    // Words that other layers and the documentation rely on.
    for word in [
        "dns.nxdomain",
        "tls.name",
        "body.too_large",
        "body.html",
        "redirect",
        "expiry.milliseconds",
        "config.value",
    ] {
        assert!(words.contains(word), "{word}");
    }
}

fn full() -> Error {
    Error::new(&detail::CREDENTIALS_REJECTED, "the vendor rejected the credentials")
        .with_vendor("fake")
        .with_http_status(401)
        .with_vendor_code(Quoted::again("1010"))
        .with_vendor_message(Quoted::again("wrong key"))
        .with_request_id(Quoted::again("r-1"))
        .with_retry_after(Some(Duration::from_secs(30)))
        .with_os_errno(Some(110))
}

#[test]
fn what_is_known_is_shown_on_one_line_and_what_is_not_is_left_out() {
    let new = || Error::new(&detail::IO_CLOSED, "broke off");
    let rows = [
        (
            full(),
            "fake: the vendor rejected the credentials: \"wrong key\" \
             (HTTP 401, vendor code 1010, request r-1, retry after 30 s) [credentials.rejected]",
        ),
        (new(), "broke off [io.closed]"),
        (new().with_vendor("fake"), "fake: broke off [io.closed]"),
        (new().with_http_status(502), "broke off (HTTP 502) [io.closed]"),
        (new().with_vendor_code(Quoted::again("7")), "broke off (vendor code 7) [io.closed]"),
        (new().with_vendor_message(Quoted::again("no")), "broke off: \"no\" [io.closed]"),
        (new().with_request_id(Quoted::again("r")), "broke off (request r) [io.closed]"),
        (new().with_retry_after(Some(Duration::ZERO)), "broke off (retry after 0 s) [io.closed]"),
        (
            new().with_http_status(503).with_request_id(Quoted::again("r")),
            "broke off (HTTP 503, request r) [io.closed]",
        ),
    ];
    for (error, shown) in rows {
        assert_eq!(error.to_string(), shown);
        assert_eq!(format!("{error:?}"), format!("Error({}: {shown})", error.kind().name()));
        assert!(std::error::Error::source(&error).is_none());
    }
}

#[test]
fn every_field_is_read_back_from_the_error_and_from_its_clone() {
    let original = full();
    for e in [original.clone(), original] {
        assert_eq!((e.kind(), e.detail()), (ErrorKind::Credentials, &detail::CREDENTIALS_REJECTED));
        assert_eq!((e.message(), e.vendor()), ("the vendor rejected the credentials", Some("fake")));
        assert_eq!((e.http_status(), e.os_errno()), (Some(401), Some(110)));
        assert_eq!((e.vendor_code(), e.vendor_message()), (Some("1010"), Some("wrong key")));
        assert_eq!((e.request_id(), e.retry_after()), (Some("r-1"), Some(Duration::from_secs(30))));
    }
    // The vendor nearest to the fault stays, and a wait that nobody gave takes none away.
    let e = full().with_vendor("other").with_retry_after(None);
    assert_eq!((e.vendor(), e.retry_after()), (Some("fake"), Some(Duration::from_secs(30))));
    assert!(size_of::<Error>() <= size_of::<usize>(), "an error is cheap to hand on");
}

#[test]
fn a_wait_that_is_shared_later_is_what_is_left_of_it() {
    let heard = Instant::from_nanos(5);
    let error =
        Error::new(&detail::VENDOR_THROTTLED, "busy").with_retry_after(Some(Duration::from_secs(120)));
    let anchored = error.clone().with_heard_at(heard);
    for (later, left) in [(0, 120), (1, 119), (119, 1), (120, 0), (100_000, 0)] {
        let shared = anchored.as_of(heard + Duration::from_secs(later));
        assert_eq!(shared.retry_after(), Some(Duration::from_secs(left)), "after {later} s");
        let again = shared.as_of(heard + Duration::from_secs(later + 1));
        assert_eq!(again.retry_after(), Some(Duration::from_secs(left.saturating_sub(1))), "and a second");
    }
    assert_eq!(anchored.as_of(heard - Duration::from_secs(9)).retry_after(), error.retry_after());
    assert_eq!(error.as_of(heard).retry_after(), error.retry_after(), "without an anchor");
    let none = Error::new(&detail::VENDOR_THROTTLED, "busy").with_heard_at(heard);
    assert_eq!(none.as_of(heard + Duration::from_secs(1)).retry_after(), None);
}

#[test]
fn a_cause_is_found_by_its_word() {
    for cause in detail::ALL {
        assert_eq!(Detail::from_word(cause.word), Some(*cause));
    }
    assert_eq!(Detail::from_word("tls"), None);
}
