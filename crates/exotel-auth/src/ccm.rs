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
use ccauth_core::{
    Carriage, Descriptor, Ends, Error, Field, FieldKind, Fields, Lifetime, Op, Outcome, Reading, Renewal,
    Request, RequestBuilder, Role, Timestamp, Token, Vendor,
};

use crate::envelope;

/// The token API of Exotel's contact centre, `exotel-ccm`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExotelCcm;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "exotel-ccm",
    name: "Exotel CCM",
    page: "https://developer.exotel.com/docs/contact-center/api-reference/token-generation",
    fields: &[
        envelope::ACCOUNT_SID,
        Field::new(
            "api_key",
            Role::Identity,
            FieldKind::Text,
            "The API key: the user id of Basic, so without a colon.",
        )
        .required(),
        Field::new(
            "api_token",
            Role::Credential,
            FieldKind::Secret,
            "The API token that belongs to the key.",
        )
        .required(),
    ],
    operations: &[Op::Issue],
    observed: &[],
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

    fn check(&self, fields: &Fields) -> Result<(), Error> {
        fields.check_basic_user("api_key")
    }

    fn build(&self, op: Op, fields: &Fields, _: Option<&Token>, _: Timestamp) -> Result<Request, Error> {
        if op != Op::Issue {
            return Err(DESCRIPTOR.unsupported(op));
        }
        let path = format!("/v2/accounts/{}/configuration/basicauth", fields.require("account_sid")?);
        RequestBuilder::post(fields, &path)
            .header(CONTENT_TYPE, "application/json")
            .basic(fields.require("api_key")?, fields.require("api_token")?)
            .build()
    }

    fn read(&self, reading: &Reading<'_>) -> Result<Outcome, Error> {
        let document = reading.json()?;
        let data = envelope::data(reading, &document)?;
        let token = reading.token(data.get("access_token"), Ends::In(data.get("expires_in")))?;
        let token = reading.typed(token, data.get("token_type"));
        Ok(Outcome::Token(token.with_extra("request_id", envelope::request_id(reading, &document))))
    }
}
