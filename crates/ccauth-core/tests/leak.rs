//! No public type shows a secret, and the scan that says so finds one where it is shown.

use std::fmt::Debug;

use ccauth_core::{
    Carriage, Error, Fields, Op, Outcome, Reading, Reply, Request, Secret, Token, Value, Vendor, detail,
};
use common::{Fake, leak, login, now, reply, token};

mod common;

const SECRETS: [&str; 4] = ["s3cret-p4ssword", "s3cret-p1n", "s3cret-held-t0ken", "s3cret-new-t0ken"];

/// Everything that a vendor's exchange shows of itself: requests, replies' readings, tokens and errors.
fn shown_by(vendor: &dyn Vendor) -> String {
    let login = login(&[("user_id", "clerk"), ("password", SECRETS[0]), ("pin", SECRETS[1])]);
    let held = token(SECRETS[2], Carriage::Bearer);
    let mut shown = show(&(&login, &held, Secret::from(SECRETS[0])));
    for op in [Op::Issue, Op::Renew, Op::Revoke] {
        shown += &show(&vendor.build(op, &login, Some(&held), now()));
        for reply in replies() {
            let reading = Reading::new(op, &login, Some(&held), &reply, now());
            let failure = reading.failure(&detail::REDIRECT);
            let quoted = reading.quote(&String::from_utf8_lossy(reply.body().bytes()));
            let outcome = vendor.read(&reading);
            shown += &show(&(reading, failure.with_vendor_message(quoted), reply.body()));
            shown += &show(&Value::from_json(reply.body().bytes()));
            if let Err(e) = &outcome {
                shown += &e.to_string();
            }
            shown += &show(&outcome);
        }
    }
    shown
}

fn show(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}\n")
}

/// A good reply, and every way to echo the secrets in a bad one.
fn replies() -> Vec<Reply> {
    let echoed = SECRETS.join(" ");
    let member = format!(r#"{{"token":"{}","expires_in":60}}"#, SECRETS[3]);
    let words = format!("{} {} {} Bearer {}", SECRETS[0], SECRETS[1], SECRETS[2], SECRETS[3]);
    let location = format!("https://{}.example.com/?t={}", SECRETS[0], SECRETS[3]);
    let headers = [("location", location.as_str()), ("set-cookie", &echoed), ("authorization", SECRETS[3])];
    let mut all = vec![reply(200, &headers, member.as_str())];
    for status in [200, 302, 401, 500] {
        all.push(reply(status, &headers, words.as_str()));
        all.push(reply(status, &headers, format!(r#"{{"token":"{words}"}}"#)));
        all.push(reply(status, &headers, format!(r#"{{"token":"{}","expires_in":"1e9"}}"#, SECRETS[0])));
    }
    all
}

#[test]
fn no_part_of_an_exchange_shows_a_secret() {
    let shown = shown_by(&Fake::VENDOR);
    assert!(shown.len() > 10_000 && shown.contains("[redacted]"), "nothing was shown");
    for secret in SECRETS {
        assert_eq!(leak(&shown, secret), None, "{secret}");
    }
}

/// As [`Fake`], but it quotes the reply and the password as they are.
#[derive(Debug)]
struct Leaky;

impl Vendor for Leaky {
    fn descriptor(&self) -> &'static ccauth_core::Descriptor {
        Fake::VENDOR.descriptor()
    }

    fn build(
        &self,
        op: Op,
        fields: &Fields,
        held: Option<&Token>,
        now: ccauth_core::Timestamp,
    ) -> Result<Request, Error> {
        let mut request = Fake::VENDOR.build(op, fields, held, now)?;
        *request.uri_mut() =
            format!("https://example.com/?p={}", fields.require("pin")?).parse().expect("a URL");
        Ok(request)
    }

    fn read(&self, reading: &Reading<'_>) -> Result<Outcome, Error> {
        let password = reading.fields().require("password")?;
        let message = format!("{password} said {:?}", reading.reply().body().bytes());
        Err(Error::new(&detail::VENDOR_REFUSED, message))
    }
}

#[test]
fn a_leaky_vendor_is_caught_by_the_same_scan() {
    let shown = shown_by(&Leaky);
    assert_eq!(leak(&shown, SECRETS[0]), Some("text"), "the message holds the password");
    assert_eq!(leak(&shown, SECRETS[1]), Some("text"), "the Uri holds the PIN");
    assert_eq!(leak(&shown, SECRETS[3]), Some("decimal dump"), "the message dumps the reply's bytes");
}

#[test]
fn every_form_of_a_leak_is_caught_by_the_scan() {
    let secret = "s3cret \"é\" t0ken";
    let bytes = secret.as_bytes().to_vec();
    let hex = |upper: bool, between: &str| {
        let digits = bytes.iter().map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") });
        digits.collect::<Vec<_>>().join(between)
    };
    #[derive(Debug)]
    struct Dump<T>(T);
    let rows = [
        ("text", format!("password={secret}")),
        ("text", Error::new(&detail::INTERNAL, secret).to_string()),
        ("debug text", format!("{:?}", Dump(secret))),
        ("decimal dump", format!("{:?}", Dump(&bytes))),
        ("decimal dump", format!("{:#?}", Dump(&bytes))),
        ("decimal dump", format!("{:?}", [&b"p="[..], &bytes, b"&x"].concat())),
        ("hex dump", format!("frame {}", hex(false, ""))),
        ("hex dump", format!("frame {}", hex(true, ""))),
        ("hex dump", format!("0000: {}\n", hex(true, " "))),
        (
            "base64",
            format!("Basic {}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, secret)),
        ),
    ];
    for (form, shown) in rows {
        assert_eq!(leak(&shown, secret), Some(form), "{shown}");
    }
    for clean in ["", "[redacted]", "s3cret", "[115, 51]", "733363"] {
        assert_eq!(leak(clean, secret), None, "{clean}");
    }
}
