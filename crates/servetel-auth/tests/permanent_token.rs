//! The permanent token that the vendor's support hands out: the common field `token`, used as it is.

use ccauth_core::{Login, Op, Renewal, Secret, Timestamp, Vendor, detail};
use servetel_auth::Servetel;

/// 2026-11-23T10:00:00Z
const NOW: i64 = 1_795_428_000;

/// Ends on 2036-11-20T10:00:00Z, ten years of 365 days after [`NOW`].
const TEN_YEARS: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3IiwiZXhwIjoyMTEwNzg4MDAwfQ.c2ln";
/// Ended an hour before [`NOW`].
const ENDED: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3IiwiZXhwIjoxNzk1NDI0NDAwfQ.c2ln";
/// A JWT without an end.
const ENDLESS: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2ln";

fn now() -> Timestamp {
    Timestamp::from_second(NOW).expect("a time")
}

fn login(fields: &[(&'static str, &str)]) -> Result<Login, ccauth_core::Error> {
    Login::new(&Servetel, fields.iter().map(|(name, value)| (*name, Secret::from(*value))))
}

#[test]
fn a_pasted_token_is_used_as_it_is_until_its_own_end() {
    let with = |before: &str, token: &str, after: &str| format!("{before}{token}{after}");
    // What is pasted, the token in it, and its end in seconds from now.
    let table = [
        (with("", TEN_YEARS, ""), TEN_YEARS, Some(315_360_000)),
        (with("Bearer ", TEN_YEARS, ""), TEN_YEARS, Some(315_360_000)),
        (with("bearer ", TEN_YEARS, ""), TEN_YEARS, Some(315_360_000)),
        (with("  BEARER   ", TEN_YEARS, "  "), TEN_YEARS, Some(315_360_000)),
        (with("", ENDED, ""), ENDED, Some(-3600)),
        (with("Bearer ", ENDLESS, ""), ENDLESS, None),
        (with("", "opaque-token", ""), "opaque-token", None),
        (with("Bearer ", "opaque.but.dotted", ""), "opaque.but.dotted", None),
        (with("", "bearerless-token", ""), "bearerless-token", None),
    ];
    for (pasted, token, left) in table {
        let login = login(&[("token", &pasted)]).unwrap();
        assert_eq!(login.renewal(), Renewal::Static, "{pasted}");
        let ready = login.ready(now()).expect("a token without a request");
        assert_eq!(ready.value(), token, "{pasted}");
        let end = ready.expires_at().map(|at| at.as_second() - NOW);
        assert_eq!(end, left, "{pasted}");
        assert_eq!(ready.expiry().source.name(), if left.is_some() { "jwt" } else { "never" }, "{pasted}");
        assert_eq!(ready.is_expired(now()), left.is_some_and(|left| left <= 0), "{pasted}");
        assert_eq!(ready.header().unwrap().1, token, "{pasted}: it travels bare");
        assert!(!format!("{login:?} {ready:?}").contains(token), "{pasted}");
    }
}

#[test]
fn what_is_no_token_is_refused_at_once() {
    // With which detail is the matter of the core and its tests.
    for pasted in [
        "",
        "   ",
        "one\ntwo-lines",
        "two separate-words",
        "Bearer Bearer twice-announced",
        "\"quoted-token\"",
        "tokén-of-letters",
    ] {
        let refused = login(&[("token", pasted)]).expect_err(pasted);
        assert_eq!(refused.vendor(), Some("servetel"), "{pasted:?}");
        assert!(pasted.trim().is_empty() || !refused.to_string().contains(pasted), "{refused}");
    }
}

#[test]
fn a_pasted_token_travels_as_the_login_says() {
    for (carriage, header) in [
        ("bare", format!("authorization: {ENDLESS}")),
        ("bearer", format!("authorization: Bearer {ENDLESS}")),
        ("header:X-Token", format!("x-token: {ENDLESS}")),
    ] {
        let login = login(&[("token", &format!("Bearer {ENDLESS}")), ("carriage", carriage)]).unwrap();
        let (name, value) = login.ready(now()).unwrap().header().unwrap();
        assert_eq!(format!("{name}: {}", value.to_str().unwrap()), header);
    }
}

#[test]
fn a_pasted_token_wins_over_credentials_and_cannot_stand_for_them() {
    let both = login(&[("token", ENDLESS), ("email", "clerk"), ("password", "p4ss-phrase")]).unwrap();
    assert_eq!(both.renewal(), Renewal::Static);
    assert_eq!(both.ready(now()).unwrap().value(), ENDLESS);

    let alone = login(&[("token", ENDLESS)]).unwrap();
    let refused = Servetel.build(Op::Issue, &alone, None, now()).expect_err("no credentials");
    assert_eq!(refused.detail(), &detail::CONFIG_MISSING);
    assert!(refused.message().starts_with("email"), "{refused}");

    let neither = login(&[("email", "clerk")]).expect_err("no password");
    assert_eq!(neither.detail(), &detail::CONFIG_MISSING);
}
