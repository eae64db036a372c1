//! Exotel WebRTC: a token of 90 days for a customer or an app of the WebRTC and IP-PSTN integration.
//!
//! - Documented: `POST /v2/integrations/token` with `Id`, `Secret` and `Entity` as JSON, on one host
//!   whatever the account's region; the token under `Data`, valid for 90 days; the reply repeats its HTTP
//!   status as `Code`; 400, 401 and 500. A customer's token manages applications; an app's manages users
//!   and makes calls.
//! - Observed: later calls carry the bare token, in every client and both of the vendor's SDKs, although
//!   the page calls it a bearer token (`carriage = "bearer"` follows the page's word); HTTP 200 can hide a
//!   failure behind `Status` and `Code`; `Status` comes in any case; 402 is an empty balance; a wrong path
//!   is HTTP 404 or `Code` 404; a byte-order mark, an empty body or a proxy's page instead of JSON; the
//!   token is base64 of an id in one sample and a JWT in another, so nothing is expected of its shape.
//! - Assumed: older tokens stay valid when a new one is issued; a `Code` that names a failure counts even
//!   beside `Data`; 429 has `Retry-After`.
//!
//! Absent: an expiry in the reply, so its absence is no warning; and a refresh, a new token is issued
//! early instead.

use ccauth_core::{
    BaseUrl, Carriage, Descriptor, Detail, Ends, Error, Field, FieldKind, Fields, Lifetime, Op, Outcome,
    Provenance, Reading, Renewal, Request, RequestBuilder, Role, Said, Timestamp, Token, Value, Vendor,
    detail,
};

/// The token API of Exotel's WebRTC and IP-PSTN integration, `exotel-webrtc`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExotelWebRtc;

const DAYS_90: i64 = 90 * 24 * 3600;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "exotel-webrtc",
    name: "Exotel WebRTC",
    page: "https://developer.exotel.com/docs/ip-pstn-webrtc/api-reference/authentication",
    fields: &[
        Field::new("id", Role::Identity, FieldKind::Text, "The CustomerID or AppID.").required(),
        Field::new(
            "secret",
            Role::Credential,
            FieldKind::Secret,
            "The CustomerSecret or AppSecret that belongs to the id.",
        )
        .required(),
        Field::new(
            "entity",
            Role::Identity,
            FieldKind::Choice(&["customer", "app"]),
            "Whose id it is: a customer's token manages applications, an app's manages users and calls.",
        )
        .required(),
    ],
    operations: &[Op::Issue],
    observed: &[],
    renewal: Renewal::Reissue,
    carriage: Carriage::Bare,
    basic: None,
    lifetime: Lifetime { documented: DAYS_90, longest: DAYS_90 },
    base_urls: &[BaseUrl {
        region: "mum1",
        url: "https://integrationscore.mum1.exotel.com",
        source: Provenance::Documented,
    }],
};

impl Vendor for ExotelWebRtc {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn build(&self, op: Op, fields: &Fields, _: Option<&Token>, _: Timestamp) -> Result<Request, Error> {
        if op != Op::Issue {
            return Err(DESCRIPTOR.unsupported(op));
        }
        RequestBuilder::post(fields, "/v2/integrations/token")
            .json(&[
                ("Id", fields.require("id")?),
                ("Secret", fields.require("secret")?),
                ("Entity", fields.require("entity")?),
            ])
            .build()
    }

    fn read(&self, reading: &Reading<'_>) -> Result<Outcome, Error> {
        let document = reading.json()?;
        let status = document.get("Status").and_then(Value::text);
        let succeeded = status.is_some_and(|word| word.eq_ignore_ascii_case("success"));
        let said = Said::of(&document);
        let cause = if succeeded { reading.by_status() } else { reading.cause(&said) };
        let cause = cause.or_else(|| by_code(reading, &document));
        if cause.is_some() || !succeeded {
            return Err(reading.refusal(cause, &said, status.is_some()));
        }
        let request_id = reading.quote_id(document.get("RequestId"));
        let token = reading.token(document.get("Data"), Ends::Unsaid)?;
        Ok(Outcome::Token(token.with_extra("request_id", request_id)))
    }
}

/// What the document's own status says, which is the call's unless HTTP 200 hides a failure. A number that
/// is no status of a failure says nothing.
fn by_code(reading: &Reading<'_>, document: &Value) -> Option<&'static Detail> {
    let code = document.get("Code")?.integer()?;
    reading.by_code(u16::try_from(code).ok()?).filter(|cause| *cause != &detail::STATUS_UNEXPECTED)
}
