//! Sangoma CX: one token of a year for a client and its scopes, by OAuth 2.0 client credentials.
//!
//! - Documented: `POST /oauth/token` with `grant_type=client_credentials` and at least one scope, Basic
//!   with client id and secret as `curl --user` sends them; `access_token`, `scope`, `token_type` and
//!   `expires_in` in seconds; later calls carry the token as Bearer; "can be renewed only once it is
//!   expired", after a year.
//! - Observed: the page's sample leaves 24304413 seconds, 281 days, of a year: the live token is served
//!   again with what is left of it. A client of what looks like the same platform sends `x-api-version: v1` with
//!   every request (`api_version`), validates by `POST /oauth/validate/access` and revokes by
//!   `POST /oauth/invalidate/access`, both with `access_token` as JSON, the token as Bearer and 204 without a body
//!   in answer; fails with `code`, `message`, `trace_id` and `details`; and waits for one to three seconds before
//!   it uses fresh credentials and tokens, which are rejected until then.
//! - Assumed: errors are those of RFC 6749 section 5.2, under 401 for `invalid_client` and 400 otherwise;
//!   scopes that the client may not have are left out of the token; no token lives longer than 400 days.
//!
//! Absent: a refresh, and on the page a revocation and any word on errors. The page's "as many OAuth tokens as you wish"
//! is read as one for each client and set of scopes; `renewal = "reissue"` takes it at its word.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ccauth_core::http::HeaderName;
use ccauth_core::zeroize::Zeroizing;
use ccauth_core::{
    BaseUrl, Carriage, Descriptor, Detail, Ends, Error, Field, FieldKind, Fields, Lifetime, Op, Outcome,
    Provenance, Reading, Renewal, Request, RequestBuilder, Role, Said, Timestamp, Token, Value, Vendor,
    detail, warning, without_scheme,
};
use form_urlencoded::byte_serialize;

/// The token API of Sangoma's contact centre, `sangoma`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sangoma;

const API_VERSION: HeaderName = HeaderName::from_static("x-api-version");

static DESCRIPTOR: Descriptor = Descriptor {
    id: "sangoma",
    name: "Sangoma CX",
    page: "https://sangomakb.atlassian.net/wiki/spaces/SCX/pages/376504348",
    fields: &[
        Field::new(
            "client_id",
            Role::Identity,
            FieldKind::Text,
            "The client id, from System > Configuration > CPaaS Credentials.",
        )
        .unless("basic_token"),
        Field::new(
            "client_secret",
            Role::Credential,
            FieldKind::Secret,
            "The client secret that belongs to the id.",
        )
        .unless("basic_token"),
        Field::new(
            "basic_token",
            Role::Credential,
            FieldKind::Secret,
            "Id and secret already encoded, instead of the two; a leading Basic is cut off.",
        ),
        Field::new(
            "scopes",
            Role::Identity,
            FieldKind::List,
            "The API scopes, separated by blanks or commas, such as cx.agent-calls cx.queue-calls.",
        )
        .required()
        .checked(check_scopes),
        Field::new(
            "client_auth",
            Role::Vendor,
            FieldKind::Choice(&["raw", "form"]),
            "Whether id and secret enter Basic as they are or form-encoded (RFC 6749 section 2.3.1); default raw.",
        )
        .known(Provenance::Assumed),
        Field::new(
            "api_version",
            Role::Vendor,
            FieldKind::Choice(&["v1"]),
            "What x-api-version says with every request; without it the header is not sent.",
        )
        .known(Provenance::Observed),
    ],
    operations: &[Op::Issue, Op::Validate, Op::Revoke],
    observed: &[Op::Validate, Op::Revoke],
    renewal: Renewal::SameUntilExpiry,
    carriage: Carriage::Bearer,
    basic: None,
    lifetime: Lifetime { documented: 365 * 24 * 3600, longest: 400 * 24 * 3600 },
    base_urls: &[BaseUrl {
        region: "default",
        url: "https://auth.sangoma.com",
        source: Provenance::Documented,
    }],
};

impl Vendor for Sangoma {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn check(&self, fields: &Fields) -> Result<(), Error> {
        check_basic_token(fields)?;
        // Form-encoding leaves no colon.
        if encodes(fields) { Ok(()) } else { fields.check_basic_user("client_id") }
    }

    fn build(&self, op: Op, fields: &Fields, held: Option<&Token>, _: Timestamp) -> Result<Request, Error> {
        let post = |path| match fields.get("api_version") {
            Some(_) => RequestBuilder::post(fields, path).header(API_VERSION, "v1"),
            None => RequestBuilder::post(fields, path),
        };
        let path = match op {
            Op::Issue => "/oauth/token",
            Op::Validate => "/oauth/validate/access",
            Op::Revoke => "/oauth/invalidate/access",
            _ => return Err(DESCRIPTOR.unsupported(op)),
        };
        if op != Op::Issue {
            let token = DESCRIPTOR.needs(held)?.value();
            let bearer = Zeroizing::new(format!("Bearer {token}"));
            return post(path).authorization(&bearer).json(&[("access_token", token)]).build();
        }
        fields.require("scopes")?;
        let scope = scopes(fields).join(" ");
        let request = post(path).form(&[("grant_type", "client_credentials"), ("scope", &scope)]);
        if let Some(pair) = fields.get("basic_token") {
            return request.authorization(&Zeroizing::new(format!("Basic {}", bare(pair)))).build();
        }
        let (id, secret) = (fields.require("client_id")?, fields.require("client_secret")?);
        if encodes(fields) {
            return request.basic(&form_encoded(id), &form_encoded(secret)).build();
        }
        request.basic(id, secret).build()
    }

    fn read(&self, reading: &Reading<'_>) -> Result<Outcome, Error> {
        let confirmed = reading.status() == 204 && reading.bytes()?.is_empty();
        match reading.op() {
            Op::Issue => {}
            Op::Validate if confirmed => {
                return Ok(Outcome::Valid(DESCRIPTOR.needs(reading.held())?.expiry()));
            }
            Op::Revoke if confirmed => return Ok(Outcome::Done),
            _ => return Err(failure(reading, &reading.json()?, false)),
        }
        let document = reading.json()?;
        let refused = document.get("error").is_some_and(|error| !error.is_nothing());
        let has_token = document.get("access_token").is_some();
        if reading.by_status().is_some() || refused || !has_token {
            return Err(failure(reading, &document, refused));
        }
        // What is left of the token's life: it may be the same token as the last time, a year old by now.
        let ends = Ends::In(document.get("expires_in"));
        let token = reading.token(document.get("access_token"), ends)?;
        let token = reading.typed(token, document.get("token_type"));
        Ok(Outcome::Token(granted(reading, token, document.get("scope"))))
    }
}

/// The scopes asked for, in the order given.
fn scopes(fields: &Fields) -> Vec<&str> {
    once(words(fields.get("scopes").unwrap_or_default()))
}

fn once<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut kept = Vec::new();
    for word in words {
        if !kept.contains(&word) {
            kept.push(word);
        }
    }
    kept
}

/// The words of a list: between blanks by RFC 6749, between commas and lines as well.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',', '\t', '\r', '\n']).filter(|word| !word.is_empty())
}

/// `scope-token` of RFC 6749 section 3.3; at least one.
fn check_scopes(text: &str) -> Result<(), &'static str> {
    let legal = |b: u8| b == b' ' || (b.is_ascii_graphic() && !br#""\"#.contains(&b));
    if text.bytes().all(legal) && words(text).next().is_some() {
        return Ok(());
    }
    Err("at least one scope, separated by blanks or commas, without quotes and backslashes")
}

fn check_basic_token(fields: &Fields) -> Result<(), Error> {
    let Some(pair) = fields.get("basic_token") else { return Ok(()) };
    let bad = |what: &str| Err(Error::new(&detail::CONFIG_VALUE, format!("basic_token: {what}")));
    if fields.get("client_id").is_some() || fields.get("client_secret").is_some() {
        return bad("give either it, or client_id and client_secret");
    }
    match STANDARD.decode(bare(pair)).map(Zeroizing::new) {
        Ok(pair) if pair.contains(&b':') => Ok(()),
        _ => bad("expected base64 of client id, colon and client secret"),
    }
}

fn bare(basic_token: &str) -> &str {
    without_scheme(basic_token, "basic")
}

fn encodes(fields: &Fields) -> bool {
    fields.get("client_auth") == Some("form")
}

fn form_encoded(text: &str) -> Zeroizing<String> {
    let mut encoded = Zeroizing::new(String::with_capacity(3 * text.len()));
    encoded.extend(byte_serialize(text.as_bytes()));
    encoded
}

/// Shows the granted scopes, and notes where one that was asked for is not among them. Without a word
/// about them all are granted (RFC 6749 section 5.1).
fn granted(reading: &Reading<'_>, token: Token, scope: Option<&Value>) -> Token {
    let granted = match scope {
        Some(Value::Text(text)) => once(words(text)),
        Some(Value::Array(all)) => once(all.iter().filter_map(Value::text).flat_map(words)),
        _ => return token,
    };
    let asked = scopes(reading.fields());
    let token = token.with_extra("scope", Some(reading.quote_words(granted.iter().copied(), &asked)));
    if asked.iter().all(|scope| granted.contains(scope)) {
        token
    } else {
        token.with_warning(warning::SCOPE_REDUCED)
    }
}

fn failure(reading: &Reading<'_>, document: &Value, refused: bool) -> Error {
    let said = Said::of(document);
    // Under 401 credentials or token are rejected, whatever word stands beside it.
    let by_code = || match (reading.op(), reading.status()) {
        (Op::Issue, 200..=400 | 402..) => by_code(said.code?.text()?),
        _ => None,
    };
    let error = reading.refusal(by_code().or_else(|| reading.cause(&said)), &said, refused);
    match error.detail() == &detail::CREDENTIALS_REJECTED && !encodes(reading.fields()) {
        true => error.with_cure(
            "Correct client_id and client_secret; new ones may be refused for some seconds. If they hold anything but letters, digits and -_.* try client_auth=form.",
        ),
        false => error,
    }
}

/// The errors of RFC 6749 sections 5.2 and 4.1.2.1.
fn by_code(code: &str) -> Option<&'static Detail> {
    Some(match code {
        "invalid_client" | "invalid_grant" => &detail::CREDENTIALS_REJECTED,
        "unauthorized_client" | "access_denied" => &detail::NOT_ENTITLED,
        "invalid_request" | "invalid_scope" | "unsupported_grant_type" => &detail::REQUEST_REFUSED,
        "server_error" | "temporarily_unavailable" => &detail::VENDOR_FAULT,
        _ => return None,
    })
}
