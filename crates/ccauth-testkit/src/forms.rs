//! The forms in which an expiry may stand, tried on a vendor's own good reply: none may lengthen a life.

use ccauth_core::http::HeaderValue;
use ccauth_core::{Body, Outcome, Reading, Reply, Vendor};

use crate::case::Case;

/// What a form must come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comes {
    /// As the number itself.
    Same,
    /// The documented life, and the warning that says so.
    Unreadable,
    /// A token that has ended, or none at all.
    Over,
}

/// How the number stands in the reply, `#` for itself.
const FORMS: [(&str, Comes); 13] = [
    ("#.99", Comes::Same),
    ("\"#\"", Comes::Same),
    ("\" # \"", Comes::Same),
    ("\"#.99\"", Comes::Same),
    ("\"\\t#\\r\\n\"", Comes::Same),
    ("\"soon\"", Comes::Unreadable),
    ("true", Comes::Unreadable),
    ("[#]", Comes::Unreadable),
    ("{\"in\":#}", Comes::Unreadable),
    ("0", Comes::Over),
    ("0.4", Comes::Over),
    ("-12.5", Comes::Over),
    ("\"-1\"", Comes::Over),
];

/// Tries them on the first case whose reply tells an expiry as a number; a vendor without one has nothing to try.
///
/// # Panics
/// On a form that comes to something else.
pub(crate) fn are_read_alike(vendor: &dyn Vendor, cases: &[Case]) {
    let Some((case, number, relative)) = cases.iter().find_map(told) else { return };
    let body = String::from_utf8_lossy(case.reply.body().bytes()).into_owned();
    let life = case.expect.expires_in.unwrap_or_default();
    let read = |value: &str, headers: &[(&'static str, &str)]| {
        let mut reply = Reply::new(Body::new(body.replacen(&number, &format!(":{value}"), 1).into_bytes()));
        *reply.headers_mut() = case.reply.headers().clone();
        for (name, value) in headers {
            reply.headers_mut().append(*name, HeaderValue::from_str(value).expect("a header"));
        }
        let outcome = vendor.read(&Reading::new(case.op, &case.login, None, &reply, case.now));
        outcome.map(|outcome| match outcome {
            Outcome::Token(token) => {
                let left = token.expires_at().map_or(i64::MAX, |at| at.duration_since(case.now).as_secs());
                (left, token.warnings().iter().any(|word| word == "expiry.unreadable"))
            }
            other => panic!("{}: {other:?}", case.name),
        })
    };
    let (id, digits) = (vendor.descriptor().id, number.trim_matches([':', '"']));
    let documented = vendor.descriptor().lifetime.documented;
    for (form, comes) in FORMS {
        let value = form.replace('#', digits);
        let expected = match comes {
            Comes::Same => Ok((life, false)),
            Comes::Unreadable => Ok((documented, true)),
            Comes::Over => Ok((0, false)),
        };
        match read(&value, &[]) {
            Err(_) if comes == Comes::Over => {}
            got => assert_eq!(got.map_err(|e| e.to_string()), expected, "{id}: an expiry of {value}"),
        }
    }
    let date = |seconds: i64| {
        let at =
            case.now.saturating_add(ccauth_core::jiff::SignedDuration::from_secs(seconds)).expect("a time");
        at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    };
    let (now, behind) = (date(0), date(-60));
    let aged = if relative { life - 60 } else { life };
    for (headers, left) in [
        (&[("age", "60")][..], aged),
        (&[("age", "60"), ("date", &behind)], aged),
        (&[("date", &now), ("date", &behind)], life),
        (&[("date", "Thu, 01 Jan 1970 00:00:00 GMT")], life),
    ] {
        let got = read(digits, headers).map_err(|e| e.to_string());
        assert_eq!(got, Ok((left, false)), "{id}: an expiry under {headers:?}");
    }
}

/// Where a case's reply has its expiry as a number, and whether that counts from now.
fn told(case: &Case) -> Option<(&Case, String, bool)> {
    let expect = &case.expect;
    let plain = expect.token.is_some() && expect.expiry_source.is_none() && expect.warnings.is_empty();
    let headers = case.reply.headers();
    let life = expect.expires_in.filter(|life| plain && *life > 60 && !headers.contains_key("date"))?;
    let body = String::from_utf8_lossy(case.reply.body().bytes()).into_owned();
    let found = |number: i64| {
        let forms = [format!(":{number}"), format!(":\"{number}\"")];
        let ends = |form: &String| [",", "}"].iter().any(|end| body.contains(&format!("{form}{end}")));
        forms.into_iter().find(ends)
    };
    let by_life = found(life).map(|number| (case, number, true));
    by_life.or_else(|| found(case.now.as_second() + life).map(|number| (case, number, false)))
}

#[cfg(test)]
mod tests {
    use ccauth_core::{Carriage, Ends, Expiry, ExpirySource, Timestamp, Token, Value, jiff::SignedDuration};

    use super::*;
    use crate::case::Expect;
    use crate::fake::{Fake, case, passes};
    use crate::wire::parse_reply;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    /// Whether one passes that reads a life as the library does, or takes for missing what is no whole number.
    fn pass(careless: bool) -> bool {
        let vendor = Fake::new(move |reading| {
            let document = reading.json()?;
            if !careless {
                return reading.token(document.get("t"), Ends::In(document.get("ttl"))).map(Outcome::Token);
            }
            let life = document.get("ttl").and_then(Value::integer).unwrap_or(3600);
            let end = NOW.saturating_add(SignedDuration::from_secs(life)).expect("a time");
            let token =
                Token::new("abc".into(), Carriage::Bearer, NOW, Expiry::at(end, ExpirySource::Server));
            token.map(Outcome::Token)
        });
        let expect = Expect { token: Some("abc".to_owned()), expires_in: Some(600), ..Expect::default() };
        let reply =
            parse_reply(b"HTTP/1.1 200 OK\ncontent-type: application/json\n\n{\"t\":\"abc\",\"ttl\":600}");
        passes(|| are_read_alike(vendor, &[case(vendor, reply, expect)]))
    }

    #[test]
    fn a_vendor_that_takes_a_fraction_for_nothing_is_caught() {
        assert!(pass(false));
        assert!(!pass(true));
    }
}
