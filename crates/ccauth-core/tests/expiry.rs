//! Expiries: lives and instants, on two clocks.

use ccauth_core::{Ends, Expiry, ExpirySource, Op, Reading, Timestamp, Value};
use common::{HOUR, LONGEST, any_login, at, date, now, reply, warnings};

mod common;

const NOW: i64 = 1_800_000_000;

/// Seconds from the request's start and who says so, or the failure's word.
type Read = Result<(i64, ExpirySource), &'static str>;

#[derive(Clone, Copy, Debug)]
enum Form {
    /// `expires_in`: a life.
    Life,
    /// `expires_at`: an instant.
    Instant,
}

/// Reads `number`, missing where it is empty, in a reply whose `Date` is `skew` seconds from our clock.
fn read(form: Form, number: &str, skew: Option<i64>) -> Read {
    let header = skew.map(date);
    let headers: Vec<_> = header.as_deref().map(|value| ("date", value)).into_iter().collect();
    read_under(form, number, &headers)
}

fn read_under(form: Form, number: &str, headers: &[(&str, &str)]) -> Read {
    let (login, reply) = (any_login(), reply(200, headers, ""));
    let reading = Reading::new(Op::Issue, &login, None, &reply, now());
    let value = Value::from_json(number.as_bytes()).ok();
    let expiry = match form {
        Form::Life => reading.expiry(Ends::In(value.as_ref())),
        Form::Instant => reading.expiry(Ends::At(value.as_ref())),
    };
    match expiry {
        Ok(Expiry { at: Some(at), source }) => Ok((at.as_second() - NOW, source)),
        Ok(never) => panic!("{never:?}"),
        Err(e) => Err(e.detail().word),
    }
}

const DOCUMENTED: Read = Ok((HOUR, ExpirySource::Documented));
const MILLISECONDS: Read = Err("expiry.milliseconds");
const TOO_LONG: Read = Err("expiry.too_long");
const PAST: Read = Err("expiry.past");

const fn server(seconds: i64) -> Read {
    Ok((seconds, ExpirySource::Server))
}

#[test]
fn a_life_is_counted_from_the_start_of_the_request() {
    let rows: &[(&str, Read)] = &[
        ("60", server(60)),
        ("3600.0", server(3600)),
        ("\"3600\"", server(3600)),
        ("1", server(1)),
        // Zero or less has ended; it never means never.
        ("0", server(0)),
        ("-1", server(0)),
        ("\"-5\"", server(0)),
        ("-9223372036854775808", server(0)),
        ("-1e300", server(0)),
        // A number in any form counts, rounded down.
        ("3600.99", server(3600)),
        ("3.6e3", server(3600)),
        ("0.4", server(0)),
        ("-12.5", server(0)),
        ("\"3600.0\"", server(3600)),
        ("\" 3600 \"", server(3600)),
        ("\"\\t3600.99\\r\\n\"", server(3600)),
        ("\"3.6e3\"", server(3600)),
        ("\"-0.5\"", server(0)),
        ("\"99999999999999999999\"", TOO_LONG),
        // Nothing that can be read is the documented life.
        ("", DOCUMENTED),
        ("null", DOCUMENTED),
        ("true", DOCUMENTED),
        ("\"\"", DOCUMENTED),
        ("\"0x10\"", DOCUMENTED),
        ("\"+3600\"", DOCUMENTED),
        ("\"3600 s\"", DOCUMENTED),
        ("\"1 hour\"", DOCUMENTED),
        ("\"1e400\"", DOCUMENTED),
        ("\"NaN\"", DOCUMENTED),
        ("[3600]", DOCUMENTED),
        ("{}", DOCUMENTED),
        // The longest is believed, and not a second more.
        ("86399", server(LONGEST - 1)),
        ("86400", server(LONGEST)),
        ("86401", TOO_LONG),
        // Too short for milliseconds of an hour, and long enough.
        ("2699999", TOO_LONG),
        ("2700000", MILLISECONDS),
        ("3600000", MILLISECONDS),
        ("3600000000", MILLISECONDS),
        ("1800003600", TOO_LONG),
        ("1800003600000", MILLISECONDS),
        ("86400999999", MILLISECONDS),
        ("86401000000", TOO_LONG),
        ("9223372036854775807", TOO_LONG),
        ("99999999999999999999", TOO_LONG),
        ("1e300", TOO_LONG),
    ];
    for (number, expected) in rows {
        // A life needs no clock: the vendor's may be anywhere.
        for skew in [None, Some(0), Some(HOUR), Some(-HOUR)] {
            let got = read(Form::Life, number, skew);
            // The one exception: what an absurd life would be as an instant depends on the vendor's clock.
            let word = |read: Read| read.map_err(|word| word.starts_with("expiry."));
            if skew == Some(0) {
                assert_eq!(got, *expected, "{number}");
            }
            assert_eq!(word(got), word(*expected), "{number} {skew:?}");
        }
    }
}

#[test]
fn an_instant_is_moved_from_the_vendors_clock_to_ours() {
    let epoch = |seconds: i64| (NOW + seconds).to_string();
    let rows: &[(String, Option<i64>, Read)] = &[
        (epoch(HOUR), None, server(HOUR)),
        (epoch(HOUR), Some(0), server(HOUR)),
        (format!("\"{}\"", epoch(HOUR)), Some(0), server(HOUR)),
        (epoch(1), Some(0), server(1)),
        (epoch(0), Some(0), PAST),
        (epoch(-1), Some(0), PAST),
        // Our clock is an hour slow, so the vendor's is an hour ahead; and the other way round.
        (epoch(HOUR + 60), Some(HOUR), server(60)),
        (epoch(HOUR), Some(HOUR), PAST),
        (epoch(-HOUR + 60), Some(-HOUR), server(60)),
        (epoch(-HOUR), Some(-HOUR), PAST),
        (epoch(LONGEST), Some(0), server(LONGEST)),
        (epoch(LONGEST + 1), Some(0), TOO_LONG),
        (epoch(LONGEST + HOUR), Some(HOUR), server(LONGEST)),
        // A Date that would make more than the documented hour of it does not count.
        (epoch(HOUR - 60), Some(-60), server(HOUR)),
        (epoch(HOUR - 60), Some(-61), server(HOUR - 60)),
        (epoch(LONGEST - HOUR + 1), Some(-HOUR), server(LONGEST - HOUR + 1)),
        // In any form, rounded down.
        (epoch(HOUR) + ".9", Some(0), server(HOUR)),
        (format!("\" {}.9 \"", epoch(HOUR)), Some(0), server(HOUR)),
        ("\"2027-01-15T09:00:00.9Z\"".into(), Some(0), server(HOUR)),
        ("\"2027-01-15T14:30:00+05:30\"".into(), None, server(HOUR)),
        ("\"2027-01-15 09:00:00\"".into(), None, DOCUMENTED),
        // What other vendors mean by it.
        ("0".into(), Some(0), PAST),
        ("-1".into(), Some(0), PAST),
        ("3600".into(), Some(0), PAST),
        (i64::MIN.to_string(), Some(0), PAST),
        (i64::MAX.to_string(), Some(0), TOO_LONG),
        (format!("{}000", epoch(HOUR)), Some(0), MILLISECONDS),
        (format!("{}000000", epoch(HOUR)), Some(0), MILLISECONDS),
        (format!("{}000", epoch(HOUR)), None, MILLISECONDS),
        (format!("{}000000000", epoch(HOUR)), Some(0), TOO_LONG),
        (String::new(), Some(0), DOCUMENTED),
        ("null".into(), Some(0), DOCUMENTED),
        ("\"soon\"".into(), None, DOCUMENTED),
    ];
    for (number, skew, expected) in rows {
        assert_eq!(read(Form::Instant, number, *skew), *expected, "{number} {skew:?}");
    }
}

#[test]
fn an_expiry_at_the_end_of_time_does_not_overflow() {
    let login = any_login();
    let reply = reply(200, &[], "");
    for sent_at in [Timestamp::MIN, at(0), Timestamp::MAX] {
        let reading = Reading::new(Op::Issue, &login, None, &reply, sent_at);
        for number in [i64::MIN, -1, 0, 1, LONGEST, i64::MAX] {
            let number = Value::Integer(number);
            for expiry in [reading.expiry(Ends::In(Some(&number))), reading.expiry(Ends::At(Some(&number)))] {
                let ends = expiry.map_or(sent_at, |expiry| expiry.at.expect("an end"));
                let life = ends.duration_since(sent_at).as_secs();
                assert!((0..=LONGEST).contains(&life), "{number:?} at {sent_at}: {life}");
            }
        }
    }
}

#[test]
fn a_vendor_that_never_tells_gives_the_documented_life_without_a_warning() {
    let (login, reply) =
        (any_login(), reply(200, &[("content-length", "1"), ("content-type", "application/json")], ""));
    let reading = Reading::new(Op::Issue, &login, None, &reply, now());
    let value = Value::from_json(b"\"opaque\"").unwrap();
    let token = reading.token(Some(&value), Ends::Unsaid).unwrap();
    assert_eq!(token.expiry(), Expiry::at(at(NOW + HOUR), ExpirySource::Documented));
    assert!(token.warnings().is_empty());
}

#[test]
fn a_date_is_believed_alone_and_near() {
    let end = (NOW + HOUR).to_string();
    let (slow, exact, year, old) = (date(HOUR / 2), date(0), date(367 * 86_400), date(-367 * 86_400));
    let epoch = "Thu, 01 Jan 1970 00:00:00 GMT";
    let rows: &[(&[(&str, &str)], i64)] = &[
        (&[("date", &slow)], HOUR / 2),
        (&[("date", &slow), ("date", &slow)], HOUR / 2),
        (&[("date", &slow), ("date", &exact)], HOUR),
        (&[("date", &exact), ("date", "yesterday")], HOUR),
        (&[("date", &slow), ("age", "0")], HOUR),
        (&[("date", &slow), ("age", "3000")], HOUR),
        (&[("date", &year)], HOUR),
        (&[("date", &old)], HOUR),
        (&[("date", epoch)], HOUR),
        (&[("date", "soon")], HOUR),
    ];
    for (headers, left) in rows {
        assert_eq!(read_under(Form::Instant, &end, headers), server(*left), "{headers:?}");
    }
}

#[test]
fn a_life_that_a_cache_kept_is_shorter_by_its_age() {
    for (ages, left) in [
        (&["3000"][..], 600),
        (&["0"], 3600),
        (&["3600"], 0),
        (&["4294967295"], 0),
        (&["60", "120"], 3480),
        (&["-5"], 3600),
        (&["old"], 3600),
    ] {
        let headers: Vec<_> = ages.iter().map(|age| ("age", *age)).collect();
        assert_eq!(read_under(Form::Life, "3600", &headers), server(left), "{ages:?}");
    }
}

#[test]
fn an_end_that_is_there_and_cannot_be_read_is_noted_as_such() {
    let read = |said: Option<&Value>| {
        let headers = [("content-length", "1"), ("content-type", "application/json")];
        let (login, reply) = (any_login(), reply(200, &headers, ""));
        let reading = Reading::new(Op::Issue, &login, None, &reply, now());
        let value = Value::from_json(b"\"opaque\"").expect("a value");
        [Ends::In(said), Ends::At(said)].map(|ends| reading.token(Some(&value), ends).expect("a token"))
    };
    for (said, warned) in [
        ("", "expiry.missing"),
        ("null", "expiry.missing"),
        ("\" \"", "expiry.missing"),
        ("\"1 hour\"", "expiry.unreadable"),
        ("true", "expiry.unreadable"),
        ("[3600]", "expiry.unreadable"),
        ("{\"in\":3600}", "expiry.unreadable"),
    ] {
        let said_value = Value::from_json(said.as_bytes()).ok();
        for token in read(said_value.as_ref()) {
            assert_eq!(warnings(&token), [warned], "{said}");
        }
    }
}
