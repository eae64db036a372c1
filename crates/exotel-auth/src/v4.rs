//! Exotel's contact centre API, version 4: a session token for an account's API key.
//!
//! - Documented: `POST /v4/accounts/<account_sid>/login` with `username` (the API key), `password` (the API
//!   token) and `account_sid` as JSON; the hosts of CCM; the token under `response.data.session_token`, its
//!   end under `expires_at` in ISO 8601; later calls carry it as Bearer; 401, 403, 429 and 500.
//! - Assumed: a session lives for a day, as in the page's sample of CCM, where `expires_at` is unreadable;
//!   older sessions stay valid when a new one begins; failures have the envelope of CCM.
//!
//! Absent: a refresh and a logout. The page has none.

use alloc::format;

use ccauth_core::{
    Carriage, Descriptor, Ends, Error, Field, FieldKind, Fields, Lifetime, Op, Outcome, Reading, Renewal,
    Request, RequestBuilder, Role, Timestamp, Token, Vendor,
};

use crate::envelope;

/// The token API of Exotel's contact centre, version 4, `exotel-v4`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExotelV4;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "exotel-v4",
    name: "Exotel v4",
    page: "https://developer.exotel.com/docs/contact-center-v4/api-reference/login",
    fields: &[
        envelope::ACCOUNT_SID,
        Field::new("username", Role::Identity, FieldKind::Text, "The API key.").required(),
        Field::new("password", Role::Credential, FieldKind::Secret, "The API token that belongs to the key.")
            .required(),
    ],
    operations: &[Op::Issue],
    observed: &[],
    renewal: Renewal::Reissue,
    carriage: Carriage::Bearer,
    basic: None,
    lifetime: Lifetime { documented: 24 * 3600, longest: 366 * 24 * 3600 },
    base_urls: envelope::BASE_URLS,
};

impl Vendor for ExotelV4 {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn build(&self, op: Op, fields: &Fields, _: Option<&Token>, _: Timestamp) -> Result<Request, Error> {
        if op != Op::Issue {
            return Err(DESCRIPTOR.unsupported(op));
        }
        let sid = fields.require("account_sid")?;
        RequestBuilder::post(fields, &format!("/v4/accounts/{sid}/login"))
            .json(&[
                ("username", fields.require("username")?),
                ("password", fields.require("password")?),
                ("account_sid", sid),
            ])
            .build()
    }

    fn read(&self, reading: &Reading<'_>) -> Result<Outcome, Error> {
        let document = reading.json()?;
        let data = envelope::data(reading, &document)?;
        let token = reading.token(data.get("session_token"), Ends::At(data.get("expires_at")))?;
        Ok(Outcome::Token(token.with_extra("request_id", envelope::request_id(reading, &document))))
    }
}
