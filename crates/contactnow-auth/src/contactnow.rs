//! 8x8 ContactNow: one token of half a day for an account, served again until it expires.
//!
//! - Documented: `token.php` with the action `get`, `validate`, `delete` or `newpass`; arguments by POST or
//!   GET; replies in JSON or XML with `success`, `error`, `token` and `expire` in epoch seconds; 12 hours,
//!   "subject to change"; a second `get` gives the same token while it is valid; the token is bound to the
//!   address that asks, or to `address`.
//! - Observed: failures come under HTTP 200, with the texts "Authentication failure", "Invalid token",
//!   "Unknown token" and, with `expire: -1`, "Expired token"; two other hosts, for the US and the EU;
//!   `address` holds up to ten addresses; business calls carry the token as the query argument `token`,
//!   and may answer `success: true` beside an `error`.
//! - Assumed: "Invalid token" is a token that was deleted or that comes from another address; `delete` and
//!   `newpass` answer with `success` and nothing else of interest; no token lives longer than a month.
//!
//! Absent: a renewal. Only `delete` and `get` together make another token early, and they kill the old one
//! for every holder.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::net::IpAddr;

use ccauth_core::http::Method;
use ccauth_core::{
    BaseUrl, Carriage, Descriptor, Ends, Error, ExpirySource, Field, FieldKind, Fields, Lifetime, Op,
    Outcome, Provenance, Reading, Renewal, Request, RequestBuilder, Role, Said, Timestamp, Token, Value,
    Vendor, detail,
};

use crate::xml;

/// The token API of 8x8's contact centre for small teams, `contactnow`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ContactNow;

/// The most addresses that one token is bound to.
const MAX_ADDRESSES: usize = 10;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "contactnow",
    name: "8x8 ContactNow",
    page: "https://support.8x8.com/cloud-contact-center/contactnow/contactnow-how-to/contactnow-creating-an-api-token",
    fields: &[
        Field::new(
            "username",
            Role::Identity,
            FieldKind::Text,
            "The API user name, from 8x8's technical support.",
        )
        .required(),
        Field::new(
            "password",
            Role::Credential,
            FieldKind::Secret,
            "The API password, called key at some places.",
        )
        .required(),
        Field::new(
            "address",
            Role::Identity,
            FieldKind::List,
            "IP addresses that the token serves, at most ten, separated by commas; default: the one that asks.",
        )
        .checked(check_addresses),
        Field::new(
            "format",
            Role::Vendor,
            FieldKind::Choice(&["json", "xml"]),
            "The form of the replies; default json.",
        ),
        Field::new(
            "method",
            Role::Vendor,
            FieldKind::Choice(&["post", "get"]),
            "How arguments are sent; default post. With get the password stands in a URL, and so in logs.",
        ),
    ],
    operations: &[Op::Issue, Op::Validate, Op::Revoke, Op::ChangePassword],
    observed: &[],
    renewal: Renewal::SameUntilExpiry,
    carriage: Carriage::Query(Cow::Borrowed("token")),
    basic: None,
    lifetime: Lifetime { documented: 12 * 3600, longest: 31 * 24 * 3600 },
    base_urls: &[
        BaseUrl { region: "default", url: "https://api.contactnow.8x8.com", source: Provenance::Documented },
        BaseUrl { region: "us", url: "https://api.contactnow.8x8.com/api", source: Provenance::Observed },
        BaseUrl { region: "eu", url: "https://api-106.dxi.eu", source: Provenance::Observed },
    ],
};

impl Vendor for ContactNow {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn build(&self, op: Op, fields: &Fields, held: Option<&Token>, _: Timestamp) -> Result<Request, Error> {
        let addresses = fields.get("address").map(|list| list.replace(' ', ""));
        let mut arguments = Vec::with_capacity(5);
        match op {
            Op::Issue => {
                arguments.push(("action", "get"));
                arguments.push(("username", fields.require("username")?));
                arguments.push(("password", fields.require("password")?));
                arguments.extend(addresses.as_deref().map(|list| ("address", list)));
            }
            Op::Validate => arguments.push(("action", "validate")),
            Op::Revoke => arguments.push(("action", "delete")),
            Op::ChangePassword => {
                arguments.push(("action", "newpass"));
                arguments.push(("password", fields.require("password")?));
            }
            _ => return Err(DESCRIPTOR.unsupported(op)),
        }
        if op != Op::Issue {
            arguments.push(("token", DESCRIPTOR.needs(held)?.value()));
        }
        if fields.get("format") == Some("xml") {
            arguments.push(("format", "xml"));
        }
        let method = if fields.get("method") == Some("get") { Method::GET } else { Method::POST };
        RequestBuilder::new(method, fields, "/token.php").form(&arguments).build()
    }

    fn read(&self, reading: &Reading<'_>) -> Result<Outcome, Error> {
        let document = document(reading)?;
        // Beside `success: true` an `error` is a remark, not a failure.
        if reading.by_status().is_some() || success(&document) != Some(true) {
            return Err(failure(reading, &document));
        }
        let expire = document.get("expire");
        match reading.op() {
            Op::Validate => match reading.expiry(Ends::At(expire)) {
                // Valid, without a word about how long: what was known of the token stands.
                Ok(expiry) if expiry.source == ExpirySource::Documented => {
                    Ok(Outcome::Valid(DESCRIPTOR.needs(reading.held())?.expiry()))
                }
                Ok(expiry) => Ok(Outcome::Valid(expiry)),
                Err(e) => Err(outlived(reading, e)),
            },
            Op::Revoke | Op::ChangePassword => Ok(Outcome::Done),
            _ => reading.token(document.get("token"), Ends::At(expire)).map(Outcome::Token),
        }
    }
}

fn check_addresses(list: &str) -> Result<(), &'static str> {
    let mut addresses = list.split(',').map(|one| one.trim_matches(' ').parse::<IpAddr>());
    let wrong = addresses.by_ref().take(MAX_ADDRESSES).any(|address| address.is_err());
    if wrong || addresses.next().is_some() {
        return Err("at most ten IP addresses, separated by commas");
    }
    Ok(())
}

/// The reply's document. Its first character tells the format: a server that falls back to its default
/// is understood.
fn document(reading: &Reading<'_>) -> Result<Value, Error> {
    match xml::markup(reading.bytes()?) {
        Some(text) => xml::parse(&text).map_err(|detail| reading.unreadable(detail)),
        None => reading.json(),
    }
}

fn success(document: &Value) -> Option<bool> {
    document.get("success").and_then(Value::truth)
}

/// The vendor's words are all that tells one failure from another: nearly all come under HTTP 200.
fn failure(reading: &Reading<'_>, document: &Value) -> Error {
    let said = Said::of(document);
    let error = reading.refusal(reading.cause(&said), &said, success(document) == Some(false));
    match error.detail() == &detail::TOKEN_REJECTED {
        true => {
            error.with_cure("Obtain a new token, from the address that it is to serve or with address set.")
        }
        false => error,
    }
}

/// An end in the past is the vendor's fault where it hands out a token, and the token's where it is asked
/// about one.
fn outlived(reading: &Reading<'_>, e: Error) -> Error {
    if e.detail() == &detail::EXPIRY_PAST { reading.failure(&detail::TOKEN_EXPIRED) } else { e }
}
