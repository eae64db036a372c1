//! How long a vendor asks to wait, and the dates of HTTP.

use std::time::Duration;

use ccauth_core::{MAX_RETRY_AFTER, Op, Reading, Timestamp, Value, detail, http_date};
use common::{any_login, at, date, now, reply};

mod common;

/// What `Retry-After` comes to under a `Date` that is `skew` seconds from our clock.
#[track_caller]
fn check(values: &[&str], skew: Option<i64>, expected: Option<u64>) {
    let header = skew.map(date);
    let mut headers = values.iter().map(|value| ("retry-after", *value)).collect::<Vec<_>>();
    headers.extend(header.as_deref().map(|value| ("date", value)));
    let (login, reply) = (any_login(), reply(429, &headers, ""));
    let reading = Reading::new(Op::Issue, &login, None, &reply, now());
    let expected = expected.map(Duration::from_secs);
    assert_eq!(reading.retry_after(), expected, "{values:?} {skew:?}");
    let e = reading.failure(&detail::VENDOR_THROTTLED);
    assert_eq!((e.retry_after(), e.http_status()), (expected, Some(429)));
}

#[test]
fn seconds_are_taken_up_to_an_hour() {
    assert_eq!(MAX_RETRY_AFTER, Duration::from_secs(3600));
    for (text, wait) in [
        ("0", 0),
        ("1", 1),
        ("120", 120),
        (" 120 ", 120),
        ("0030", 30),
        ("3600", 3600),
        ("3601", 3600),
        ("1000000000000", 3600),
        ("18446744073709551616", 3600),
        ("99999999999999999999999999", 3600),
    ] {
        for skew in [None, Some(7200)] {
            check(&[text], skew, Some(wait));
        }
    }
}

#[test]
fn spans_in_other_forms_are_waits_all_the_same() {
    for (text, wait) in [
        ("292.05", 293),
        ("1.0", 1),
        ("0.2", 1),
        ("30s", 30),
        ("30 S", 30),
        ("120 seconds", 120),
        ("1500ms", 2),
        ("2 minutes", 120),
        ("2m", 120),
        ("1 hour", 3600),
        ("2h", 3600),
        ("\"120\"", 120),
        ("60, 120", 120),
        ("120, soon", 120),
    ] {
        check(&[text], Some(7200), Some(wait));
    }
}

#[test]
fn garbage_asks_for_nothing() {
    check(&[], None, None);
    for text in [
        "", " ", "-1", "-0", "+5", "1e3", "0x10", "soon", "12 0", "∞", "１２", ".", "s", "5 days", "1.2.3",
        ",",
    ] {
        check(&[text], None, None);
    }
    for text in ["2027-01-15 08:02:00", "Fri, 15 Jan 2027 08:02:00", "Fri, 15 Jan 2027 25:00:00 GMT"] {
        check(&[text], None, None);
    }
}

#[test]
fn a_date_is_counted_on_the_vendors_clock() {
    // The three forms of RFC 9110: 08:02:00 is two minutes from now.
    for text in
        ["Fri, 15 Jan 2027 08:02:00 GMT", "Friday, 15-Jan-27 08:02:00 GMT", "Fri Jan 15 08:02:00 2027"]
    {
        check(&[text], None, Some(120));
        check(&[text], Some(0), Some(120));
        check(&[text], Some(60), Some(60));
        check(&[text], Some(-60), Some(180));
        check(&[text], Some(3600), Some(0));
        check(&[text], Some(-7200), Some(3600));
    }
    // Other forms, which a vendor may send all the same.
    for text in [
        "Fri, 15 Jan 2027 08:02:00 UTC",
        "Fri, 15 Jan 2027 08:02:00 +0000",
        "Fri, 15 Jan 2027 13:32:00 +0530",
        "15 Jan 2027 08:02:00 GMT",
        "2027-01-15T08:02:00Z",
        "2027-01-15T13:32:00+05:30",
        "2027-01-15 08:02:00+00:00",
    ] {
        check(&[text], Some(0), Some(120));
        check(&[text], Some(60), Some(60));
    }
    check(&[&date(-1)], None, Some(0));
    check(&["Thu, 01 Jan 1970 00:00:00 GMT"], None, Some(0));
    check(&[&date(3600)], None, Some(3600));
    check(&[&date(3601)], None, Some(3600));
    check(&["Thu, 31 Dec 9998 23:59:59 GMT"], None, Some(3600));
}

#[test]
fn of_several_the_longest_counts_and_garbage_among_them_does_not() {
    check(&["10", "20"], None, Some(20));
    check(&["20", "10", "15"], None, Some(20));
    check(&["20", "soon"], None, Some(20));
    check(&["-5", "soon"], None, None);
    check(&["20", &date(90)], None, Some(90));
    check(&["20", "9999"], None, Some(3600));
}

#[test]
fn the_wait_until_an_instant_is_bounded_on_both_sides() {
    let (login, reply) = (any_login(), reply(429, &[("date", &date(600))], ""));
    let reading = Reading::new(Op::Issue, &login, None, &reply, now());
    assert_eq!(reading.server_now(), at(now().as_second() + 600));
    let rows = [
        (Timestamp::MIN, 0),
        (at(0), 0),
        (at(1_800_000_600), 0),
        (at(1_800_000_630), 30),
        (Timestamp::MAX, 3600),
    ];
    for (until, wait) in rows {
        assert_eq!(reading.wait_until(until), Duration::from_secs(wait), "{until}");
    }
}

#[test]
fn a_date_header_that_is_no_date_leaves_our_clock() {
    let login = any_login();
    for text in ["", "yesterday", "1800000000", "Fri, 15 Jan 2027", "Fri, 99 Jan 2027 08:00:00 GMT"] {
        let reply = reply(200, &[("date", text)], "");
        assert_eq!(Reading::new(Op::Issue, &login, None, &reply, now()).server_now(), now(), "{text}");
    }
}

#[test]
fn http_dates_are_read_in_three_forms_and_no_other() {
    let rows = [
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
        ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
        (" Sun, 06 Nov 1994 08:49:37 GMT ", Some(784_111_777)),
        ("Tue, 29 Feb 2028 00:00:00 GMT", Some(1_835_395_200)),
        ("Tue, 19 Jan 2038 03:14:08 GMT", Some(1 << 31)),
        ("Sun, 06 Nov 1994 08:49:37 UTC", None),
        ("Sun, 06 Nov 1994 08:49:37 +0000", None),
        ("06 Nov 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 24:00:00 GMT", None),
        ("Sun, 00 Nov 1994 08:49:37 GMT", None),
        ("Wed, 31 Dec 1969 23:59:59 GMT", None),
        ("", None),
    ];
    for (text, epoch) in rows {
        assert_eq!(http_date(text).map(Timestamp::as_second), epoch, "{text:?}");
    }
}

#[test]
fn a_member_may_be_a_number_or_a_text() {
    let (login, reply) = (any_login(), reply(429, &[], ""));
    let reading = Reading::new(Op::Issue, &login, None, &reply, now());
    for (json, wait) in [
        ("30", Some(30)),
        ("30.2", Some(31)),
        ("-30", None),
        ("1e300", Some(3600)),
        ("\"30\"", Some(30)),
        ("\"2027-01-15T08:02:00Z\"", Some(120)),
        ("true", None),
        ("[30]", None),
    ] {
        let value = Value::from_json(json.as_bytes()).expect("a value");
        assert_eq!(reading.wait_of(&value), wait.map(Duration::from_secs), "{json}");
    }
}
