//! What each failure of a vendor looks like from outside: wrong credentials, throttling, locks, slowness.

use std::time::Duration;

use ccauth::{Account, ErrorKind, detail};
use ccauth_tests::{VENDORS, account, account_with, builder, named, sandbox};

/// What a failure has to say: detail, HTTP status, wait, vendor's code, vendor's words.
type Says = (&'static str, u16, Option<u64>, Option<&'static str>, Option<&'static str>);

#[track_caller]
fn check_failure(account: &Account, why: &str, expected: Says) {
    let (detail, status, wait, code, words) = expected;
    let vendor = account.descriptor().id;
    let failure = account.issue().expect_err(why);
    assert_eq!(failure.detail().word, detail, "{vendor} {why}: {failure}");
    assert_eq!(failure.vendor(), Some(vendor), "{why}");
    assert_eq!(failure.http_status(), Some(status), "{vendor} {why}");
    assert_eq!(failure.retry_after().map(|wait| wait.as_secs()), wait, "{vendor} {why}");
    assert_eq!(failure.vendor_code(), code, "{vendor} {why}");
    assert_eq!(failure.vendor_message(), words, "{vendor} {why}");
    let has_id = vendor.starts_with("exotel");
    assert_eq!(failure.request_id().is_some(), has_id, "{vendor} {why}: request id");
}

#[test]
fn wrong_credentials_are_told_from_every_other_failure() {
    let table: [(&str, &str, Says); 7] = [
        (
            "exotel-ccm",
            "api_token",
            ("credentials.rejected", 401, None, Some("1010"), Some("Authorization failed")),
        ),
        (
            "exotel-ccm",
            "account_sid",
            ("account.not_entitled", 403, None, Some("1011"), Some("Account not authorized for CCM")),
        ),
        (
            "exotel-webrtc",
            "secret",
            ("credentials.rejected", 401, None, Some("401"), Some("Invalid credentials")),
        ),
        ("contactnow", "password", ("credentials.rejected", 200, None, None, Some("Authentication failure"))),
        (
            "servetel",
            "password",
            (
                "credentials.rejected",
                401,
                None,
                None,
                Some("The username or password is incorrect. (failed logins: 1)"),
            ),
        ),
        (
            "sangoma",
            "client_secret",
            (
                "credentials.rejected",
                401,
                None,
                Some("invalid_client"),
                Some("Client authentication failed."),
            ),
        ),
        (
            "sangoma",
            "client_id",
            (
                "credentials.rejected",
                401,
                None,
                Some("invalid_client"),
                Some("Client authentication failed."),
            ),
        ),
    ];
    let sandbox = sandbox();
    for (vendor, field, says) in table {
        let account = account_with(&sandbox, vendor, &[(field, "not-it")]).unwrap();
        check_failure(&account, field, says);
    }
}

#[test]
fn the_sandbox_s_magic_accounts_fail_each_in_its_way() {
    let table: [(&str, &str, Says); 16] = [
        (
            "exotel-ccm",
            "acct-429",
            ("vendor.throttled", 429, Some(30), Some("1019"), Some("Rate limit exceeded")),
        ),
        ("exotel-ccm", "acct-500", ("vendor.fault", 500, None, Some("1002"), Some("Internal server error"))),
        (
            "exotel-ccm",
            "acct-lockout",
            ("account.not_entitled", 403, None, Some("1011"), Some("Account not authorized for CCM")),
        ),
        (
            "exotel-webrtc",
            "acct-429",
            ("vendor.throttled", 429, Some(30), Some("429"), Some("Too many requests")),
        ),
        ("exotel-webrtc", "acct-500", ("vendor.fault", 500, None, Some("500"), Some("Server error"))),
        (
            "exotel-webrtc",
            "acct-lockout",
            ("account.not_entitled", 402, None, Some("402"), Some("Insufficient balance")),
        ),
        (
            "exotel-webrtc",
            "acct-failed-200",
            ("credentials.rejected", 200, None, Some("401"), Some("Invalid credentials")),
        ),
        ("contactnow", "acct-429", ("vendor.throttled", 429, Some(30), None, Some("Too many requests"))),
        ("contactnow", "acct-500", ("vendor.fault", 500, None, None, Some("Internal error"))),
        ("contactnow", "acct-lockout", ("vendor.refused", 200, None, None, Some("Account suspended"))),
        ("servetel", "acct-429", ("vendor.throttled", 429, Some(30), None, Some("Too many requests."))),
        ("servetel", "acct-500", ("vendor.fault", 500, None, None, Some("Server error."))),
        ("servetel", "acct-lockout", ("vendor.throttled", 429, None, None, Some("Too many requests."))),
        (
            "sangoma",
            "acct-429",
            (
                "vendor.throttled",
                429,
                Some(30),
                Some("too_many_requests"),
                Some("The client sends too many requests."),
            ),
        ),
        (
            "sangoma",
            "acct-500",
            (
                "vendor.fault",
                500,
                None,
                Some("server_error"),
                Some("The server met an unexpected condition."),
            ),
        ),
        (
            "sangoma",
            "acct-lockout",
            (
                "account.not_entitled",
                400,
                None,
                Some("unauthorized_client"),
                Some("The client is suspended."),
            ),
        ),
    ];
    let sandbox = sandbox();
    for (vendor, customer, says) in table {
        let account = builder(&sandbox, named(&sandbox, vendor, customer)).build().unwrap();
        check_failure(&account, customer, says);
    }
}

#[test]
fn a_slow_account_is_waited_for_within_the_deadline() {
    let sandbox = sandbox();
    std::thread::scope(|scope| {
        for vendor in VENDORS {
            let slow = builder(&sandbox, named(&sandbox, vendor, "acct-slow"));
            let account = slow.field("timeout_ms", "20000").field("connect_timeout_ms", "20000").build();
            scope.spawn(move || account.unwrap().issue().unwrap());
        }
    });
}

#[test]
fn servetel_says_how_long_a_lock_lasts_and_lets_in_after_it() {
    let sandbox = sandbox();
    sandbox.admin().quirk("servetel", "retry_after_body", true).unwrap();
    let wrong = account_with(&sandbox, "servetel", &[("password", "not-it")]).unwrap();
    for n in 1..=5 {
        let failure = wrong.issue().unwrap_err();
        assert_eq!(failure.detail(), &detail::CREDENTIALS_REJECTED, "{failure}");
        assert!(failure.vendor_message().unwrap().contains(&format!("failed logins: {n}")), "{failure}");
    }
    let account = account(&sandbox, "servetel");
    let failure = account.issue().unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::RateLimited, "{failure}");
    let wait = failure.retry_after().unwrap();
    assert!((590..=600).contains(&wait.as_secs()), "{wait:?}");
    sandbox.admin().advance(601);
    assert!(account.issue().is_ok());
}

#[test]
fn exotel_ccm_s_200_requests_a_minute_end_in_a_wait() {
    let sandbox = sandbox();
    sandbox.admin().freeze();
    let account = account(&sandbox, "exotel-ccm");
    for _ in 0..200 {
        account.issue().unwrap();
    }
    let failure = account.issue().unwrap_err();
    assert_eq!(failure.detail(), &detail::VENDOR_THROTTLED);
    assert_eq!(failure.retry_after(), Some(Duration::from_secs(30)));
    sandbox.admin().advance(60);
    assert!(account.issue().is_ok());
}
