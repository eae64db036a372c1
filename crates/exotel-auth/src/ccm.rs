//! Exotel CCM: a JWT of a day for an account's API key.
//!
//! - Documented: `POST /v2/accounts/<account_sid>/configuration/basicauth`, Basic with `api_key` and
//!   `api_token`, no body and a `Content-Type` all the same; hosts in Singapore and Mumbai; the token
//!   under `response.data`, with `expires_in` in seconds; later calls carry it as Bearer; 401, 403, 429
//!   and 500.
//! - Observed: clients call the API with plain Basic and no token at all (`carriage = "basic"`); errors
//!   carry `response.error_data`; elsewhere in the API `response` is an array, and old parts answer with
//!   `RestException`; 429 has `Retry-After`.
//! - Assumed: a wrong key is HTTP 401 with the code 1010; older tokens stay valid when a new one is
//!   issued; no token lives longer than a year.
//!
//! Absent: a refresh. The vendor has none, a new token is issued early instead.

use alloc::format;

use ccauth_core::http::header::CONTENT_TYPE;
use ccauth_core::login::check_basic_user;
use ccauth_core::{
    Carriage, Descriptor, Error, Field, FieldKind, Lifetime, Login, Need, Op, Outcome, Provenance, Reading,
    Renewal, Request, RequestBuilder, Timestamp, Token, Vendor,
};

use crate::envelope;

/// The token API of Exotel's contact centre, `exotel-ccm`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExotelCcm;

const fn field(name: &'static str, kind: FieldKind, doc: &'static str) -> Field {
    Field { name, kind, need: Need::Required, doc, source: Provenance::Documented }
}

static DESCRIPTOR: Descriptor = Descriptor {
    id: "exotel-ccm",
    name: "Exotel CCM",
    page: "https://developer.exotel.com/docs/contact-center/api-reference/token-generation",
    fields: &[
        field("account_sid", FieldKind::Text, "The account's SID, from the dashboard's API settings."),
        field("api_key", FieldKind::Text, "The API key: the user id of Basic, so without a colon."),
        field("api_token", FieldKind::Secret, "The API token that belongs to the key."),
    ],
    operations: &[Op::Issue],
    renewal: Renewal::Reissue,
    carriage: Carriage::Bearer,
    basic: Some(("api_key", "api_token")),
    lifetime: Lifetime { documented: 24 * 3600, longest: 366 * 24 * 3600 },
    base_urls: envelope::BASE_URLS,
};

impl Vendor for ExotelCcm {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn check(&self, login: &Login) -> Result<(), Error> {
        envelope::check_account_sid(login)?;
        check_basic_user(login, "api_key")
    }

    fn build(&self, op: Op, login: &Login, _: Option<&Token>, _: Timestamp) -> Result<Request, Error> {
        if op != Op::Issue {
            return Err(DESCRIPTOR.unsupported(op));
        }
        let path = format!("/v2/accounts/{}/configuration/basicauth", login.require("account_sid")?);
        RequestBuilder::post(login, &path)
            .header(CONTENT_TYPE, "application/json")
            .basic(login.require("api_key")?, login.require("api_token")?)
            .build()
    }

    fn read(&self, reading: &Reading<'_>) -> Result<Outcome, Error> {
        let document = reading.json()?;
        let data = envelope::data(reading, &document)?;
        let token = reading.token(data.get("access_token"), reading.expires_in(data.get("expires_in"))?)?;
        let token = reading.typed(token, data.get("token_type"));
        Ok(Outcome::Token(token.with_extra("request_id", envelope::request_id(reading, &document))))
    }
}
