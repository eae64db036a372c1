//! What Exotel's contact-centre APIs share: the hosts, the account in the path, the envelope around every
//! reply, and the ways in which they fail.

use ccauth_core::{BaseUrl, Error, Field, FieldKind, Provenance, Quoted, Reading, Role, Said, Value, detail};

/// The data centres.
pub(crate) const BASE_URLS: &[BaseUrl] = &[
    BaseUrl { region: "singapore", url: "https://ccm-api.exotel.com", source: Provenance::Documented },
    BaseUrl { region: "mumbai", url: "https://ccm-api.in.exotel.com", source: Provenance::Documented },
];

/// The account, a segment of the path.
pub(crate) const ACCOUNT_SID: Field = Field::new(
    "account_sid",
    Role::Identity,
    FieldKind::Text,
    "The account's SID, from the dashboard's API settings.",
)
.required()
.checked(check_account_sid);

/// Refuses one that would name another account's path.
fn check_account_sid(sid: &str) -> Result<(), &'static str> {
    let fine = sid.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if fine { Ok(()) } else { Err("letters, digits, - and _") }
}

/// `response.data` of a reply that succeeded.
pub(crate) fn data<'v>(reading: &Reading<'_>, document: &'v Value) -> Result<&'v Value, Error> {
    let response = document.get("response");
    let status = response.and_then(|r| r.get("status")).and_then(Value::text);
    if reading.by_status().is_some() || status != Some("success") {
        return Err(failure(reading, document));
    }
    response.and_then(|r| r.get("data")).ok_or_else(|| reading.failure(&detail::BODY_MEMBER))
}

/// The vendor's id of the request.
pub(crate) fn request_id(reading: &Reading<'_>, document: &Value) -> Option<Quoted> {
    reading.quote_id(document.get("request_id"))
}

/// A failure of Exotel's family: `response.error_data` in an object or an array, or the `RestException` of the old
/// parts.
fn failure(reading: &Reading<'_>, document: &Value) -> Error {
    let mut said = Said::of(document);
    let response = match document.get("response") {
        Some(Value::Array(all)) => all.first(),
        response => response,
    };
    // Under HTTP 200 the document repeats the status that the call would have had.
    let inner = response.and_then(|r| r.get("code")).or_else(|| document.get("http_code"));
    let inner = inner.or_else(|| document.get("RestException").and_then(|old| old.get("Status")));
    let inner = inner.and_then(Value::integer).and_then(|n| u16::try_from(n).ok());
    said.code = said.code.filter(|code| inner.is_none() || code.integer() != inner.map(i64::from));
    let by_inner = || reading.by_code(inner?).filter(|cause| *cause != &detail::STATUS_UNEXPECTED);
    let by_code = || (said.code?.integer()? == 1010).then_some(&detail::CREDENTIALS_REJECTED);
    // What the document says about the key counts before any status.
    let cause = by_code().or_else(|| reading.cause(&said)).or_else(by_inner);
    reading.refusal(cause, &said, response.and_then(|r| r.get("status")).is_some())
}
