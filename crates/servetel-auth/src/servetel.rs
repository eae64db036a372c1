//! Servetel: a JWT of an hour for a login id and its password, exchanged for the next by a refresh.
//!
//! - Documented: `POST /v1/auth/login` with `email` and `password` as JSON, asking for JSON; `success`,
//!   `access_token`, `token_type` and `expires_in` in the reply; the bare token in `Authorization`;
//!   `POST /v1/auth/refresh` with that header and no body; a life of 60 minutes; a permanent token from
//!   the vendor's support (the field `token`).
//! - Observed, mostly of the twin product Tata Smartflo, whose page has the same text: its host (region
//!   `smartflo`); `email` that is no e-mail address; `expires_in` in seconds; `number_of_days_left` until
//!   the password expires; `login_failed_count` beside "The username or password is incorrect."; 429 with
//!   `success` as a string, and `retry_after` in the body as a date and time of India; Bearer before the
//!   token (`carriage`, `refresh_carriage`); accounts locked after frequent logins; a logout,
//!   `POST /v1/auth/logout` with the token behind Bearer, which revokes it and answers `success` and `message`.
//! - Assumed: failures come under HTTP 200, 401 and 422 alike; a token may be refreshed before it has
//!   expired, the new one ends the old one at once, and a second refresh with the old one fails as
//!   "blacklisted"; a refresh answers as a login does, if need be without `success`, which the page names
//!   for the login alone; words other than those quoted here; no token but the permanent one lives longer
//!   than 31 days.
//!
//! Absent: codes of failures. The vendor has none, so its words are read, and only where the HTTP status does
//! not settle the matter.

use alloc::format;
use core::time::Duration;

use ccauth_core::jiff::civil::DateTime;
use ccauth_core::jiff::tz::Offset;
use ccauth_core::zeroize::Zeroizing;
use ccauth_core::{
    BaseUrl, Carriage, Descriptor, Ends, Error, Field, FieldKind, Fields, Lifetime, Op, Outcome, Provenance,
    Quoted, Reading, Renewal, Request, RequestBuilder, Role, Said, Timestamp, Token, Value, Vendor, detail,
};

/// The token API of Servetel and Tata Smartflo, `servetel`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Servetel;

/// The offset of India's time, +05:30, in seconds. It has no summer time.
const INDIA: i32 = 19_800;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "servetel",
    name: "Servetel",
    page: "https://docs.servetel.in/reference/authentication-using-tokens",
    fields: &[
        Field::new(
            "email",
            Role::Identity,
            FieldKind::Text,
            "The client's login id, which need not look like an e-mail address.",
        )
        .required(),
        Field::new("password", Role::Credential, FieldKind::Secret, "The client's password.").required(),
        Field::new(
            "refresh_carriage",
            Role::Vendor,
            FieldKind::Choice(&["bare", "bearer"]),
            "How the held token travels with its own refresh: bare unless given.",
        )
        .known(Provenance::Observed),
    ],
    operations: &[Op::Issue, Op::Renew, Op::Revoke],
    observed: &[Op::Revoke],
    renewal: Renewal::Refresh,
    carriage: Carriage::Bare,
    basic: None,
    lifetime: Lifetime { documented: 3600, longest: 31 * 24 * 3600 },
    base_urls: &[
        BaseUrl { region: "servetel", url: "https://api.servetel.in", source: Provenance::Documented },
        BaseUrl {
            region: "smartflo",
            url: "https://api-smartflo.tatateleservices.com",
            source: Provenance::Observed,
        },
    ],
};

impl Vendor for Servetel {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn build(&self, op: Op, fields: &Fields, held: Option<&Token>, _: Timestamp) -> Result<Request, Error> {
        match op {
            Op::Issue => RequestBuilder::post(fields, "/v1/auth/login")
                .accept_json()
                .json(&[("email", fields.require("email")?), ("password", fields.require("password")?)])
                .build(),
            Op::Renew => {
                let scheme = if fields.get("refresh_carriage") == Some("bearer") { "Bearer " } else { "" };
                let value = Zeroizing::new(format!("{scheme}{}", DESCRIPTOR.needs(held)?.value()));
                RequestBuilder::post(fields, "/v1/auth/refresh").accept_json().authorization(&value).build()
            }
            Op::Revoke => {
                let value = Zeroizing::new(format!("Bearer {}", DESCRIPTOR.needs(held)?.value()));
                RequestBuilder::post(fields, "/v1/auth/logout").accept_json().authorization(&value).build()
            }
            _ => Err(DESCRIPTOR.unsupported(op)),
        }
    }

    fn read(&self, reading: &Reading<'_>) -> Result<Outcome, Error> {
        let document = reading.json()?;
        let member = |name| document.get(name);
        let succeeded = match member("success") {
            Some(success) => success.truth() == Some(true),
            // The page names `success` for the login alone, and a failure is known by its message.
            None => reading.op() == Op::Renew && member("access_token").is_some(),
        };
        if reading.by_status().is_some() || !succeeded {
            return Err(failure(reading, &document));
        }
        if reading.op() == Op::Revoke {
            return Ok(Outcome::Done);
        }
        let token = reading.token(member("access_token"), Ends::In(member("expires_in")))?;
        let days_left = reading.quote_value(member("number_of_days_left"));
        let token = reading.typed(token, member("token_type"));
        Ok(Outcome::Token(token.with_extra("number_of_days_left", days_left)))
    }
}

fn failure(reading: &Reading<'_>, document: &Value) -> Error {
    let op = reading.op();
    let said = Said::of(document);
    let failed_logins = document.get("login_failed_count").and_then(Value::integer).filter(|n| *n > 0);
    // A login that the vendor counts as failed is one, whatever it says about it.
    let by_count = || match (op, reading.status()) {
        (Op::Issue, 200..=299 | 400 | 422) => failed_logins.map(|_| &detail::CREDENTIALS_REJECTED),
        _ => None,
    };
    let by_words = || said.message.and_then(|message| reading.by_words(message));
    let refused = document.get("success").and_then(Value::truth) == Some(false);
    let cause = by_words().or_else(by_count).or_else(|| reading.by_status());
    let mut error = reading.refusal(cause, &said, refused);
    if let Some(count) = failed_logins {
        // An error has no extras, and how near the lock is should show all the same.
        let quoted = said.message.and_then(|message| reading.quote(message));
        error = error.with_vendor_message(Some(Quoted::counted(quoted, "failed logins", count)));
    }
    if error.detail() == &detail::TOKEN_UNSEEN {
        error = error.with_cure("Set refresh_carriage to bearer if it is bare, to bare if it is bearer.");
    }
    let wait = document.get("retry_after").and_then(|value| wait_of(reading, value));
    error.with_retry_after(wait.max(reading.retry_after()))
}

/// A wait in any form, or until `YYYY-MM-DD HH:MM:SS` in India, by the vendor's clock; nothing for anything else.
fn wait_of(reading: &Reading<'_>, value: &Value) -> Option<Duration> {
    let in_india = || {
        // A day alone would be its first second.
        let local: DateTime = value.text().filter(|text| text.contains(':'))?.trim().parse().ok()?;
        Some(reading.wait_until(Offset::from_seconds(INDIA).ok()?.to_timestamp(local).ok()?))
    };
    // First what has a zone of its own, which a local time would be read without.
    reading.wait_of(value).or_else(in_india)
}
