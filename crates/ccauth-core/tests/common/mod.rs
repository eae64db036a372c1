//! A vendor of the tests' own, replies, and the scan for leaks.
#![allow(dead_code, reason = "each file uses a part of it")]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ccauth_core::http::Response;
use ccauth_core::{
    BaseUrl, Body, Carriage, Descriptor, Detail, Ends, Error, ErrorKind, Expiry, Field, FieldKind, Fields,
    Lifetime, Login, Op, Outcome, Provenance, Reading, Renewal, Reply, Request, RequestBuilder, Role, Secret,
    Timestamp, Token, Vendor, warning,
};

pub(crate) const HOUR: i64 = 3600;
/// The longest life of [`Fake`]'s tokens; the documented one is [`HOUR`].
pub(crate) const LONGEST: i64 = 24 * HOUR;

/// A vendor with one field of each sort. `Fake::PLAIN` lacks plain Basic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fake(&'static Descriptor);

impl Fake {
    pub(crate) const VENDOR: Self = Self(&DESCRIPTOR);
    pub(crate) const PLAIN: Self = Self(&PLAIN);
}

const fn descriptor(basic: Option<(&'static str, &'static str)>) -> Descriptor {
    Descriptor {
        id: "fake",
        name: "Fake",
        page: "https://docs.example.com/auth",
        fields: FIELDS,
        operations: &[Op::Issue, Op::Renew],
        observed: &[],
        renewal: Renewal::Reissue,
        carriage: Carriage::Bearer,
        basic,
        lifetime: Lifetime { documented: HOUR, longest: LONGEST },
        base_urls: &[
            BaseUrl { region: "north", url: "https://north.example.com/v1", source: Provenance::Documented },
            BaseUrl { region: "south", url: "https://south.example.com", source: Provenance::Assumed },
        ],
    }
}

static FIELDS: &[Field] = &[
    field("user_id", Role::Identity, FieldKind::Text).required(),
    field("password", Role::Credential, FieldKind::Secret).unless("basic_pair"),
    field("basic_pair", Role::Credential, FieldKind::Secret),
    field("pin", Role::Credential, FieldKind::Secret),
    field("entity", Role::Identity, FieldKind::Choice(&["customer", "app"])),
    field("scopes", Role::Identity, FieldKind::List),
    field("format", Role::Vendor, FieldKind::Choice(&["json", "xml"])),
];

/// The fields of somebody who sends the requests.
static OTHERS: &[Field] = &[
    field("timeout_ms", Role::Transport, FieldKind::Text).checked(|text| match text.parse::<u32>() {
        Ok(_) => Ok(()),
        Err(_) => Err("a whole number of milliseconds"),
    }),
    field("proxy", Role::Transport, FieldKind::Secret),
    field("egress", Role::Identity, FieldKind::Text),
];

const fn field(name: &'static str, role: Role, kind: FieldKind) -> Field {
    Field::new(name, role, kind, "A field of the tests.")
}

static DESCRIPTOR: Descriptor = descriptor(Some(("user_id", "password")));
static PLAIN: Descriptor = descriptor(None);

impl Vendor for Fake {
    fn descriptor(&self) -> &'static Descriptor {
        self.0
    }

    fn check(&self, fields: &Fields) -> Result<(), Error> {
        fields.check_basic_user("user_id")
    }

    fn build(&self, op: Op, fields: &Fields, held: Option<&Token>, _: Timestamp) -> Result<Request, Error> {
        let user = fields.require("user_id")?;
        let password = fields.get("basic_pair").map_or_else(|| fields.require("password"), Ok)?;
        let request = RequestBuilder::post(fields, "/token").accept_json();
        match op {
            Op::Issue => request.basic(user, password).form(&[("password", password)]).build(),
            Op::Renew => request.authorization(self.0.needs(held)?.value()).build(),
            _ => Err(self.0.unsupported(op)),
        }
    }

    fn read(&self, reading: &Reading<'_>) -> Result<Outcome, Error> {
        let document = reading.json()?;
        reading.token(document.get("token"), Ends::In(document.get("expires_in"))).map(Outcome::Token)
    }
}

/// The instant of every test: Fri, 15 Jan 2027 08:00:00 GMT.
pub(crate) fn now() -> Timestamp {
    at(1_800_000_000)
}

pub(crate) fn at(epoch: i64) -> Timestamp {
    Timestamp::from_second(epoch).expect("an instant that exists")
}

/// The `Date` header of `seconds` from [`now`].
pub(crate) fn date(seconds: i64) -> String {
    at(now().as_second() + seconds).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

pub(crate) fn try_login(fields: &[(&str, &str)]) -> Result<Login, Error> {
    Login::with_fields_of(
        &Fake::VENDOR,
        OTHERS,
        fields.iter().map(|(name, value)| (*name, Secret::from(*value))),
    )
}

pub(crate) fn login(fields: &[(&str, &str)]) -> Login {
    try_login(fields).expect("a login")
}

/// The login of tests that need any.
pub(crate) fn any_login() -> Login {
    login(&[("user_id", "clerk"), ("password", "hunter2")])
}

pub(crate) fn token(value: &str, carriage: Carriage) -> Token {
    Token::new(value.into(), carriage, now(), Expiry::NEVER).expect("a token")
}

/// The token's warnings, each of which is documented.
pub(crate) fn warnings(token: &Token) -> Vec<&'static str> {
    let known = |word: &str| warning::ALL.iter().find(|(known, _)| *known == word).map(|(known, _)| *known);
    token.warnings().iter().map(|word| known(word).expect("a documented warning")).collect()
}

pub(crate) fn reply(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Reply {
    let mut reply = Response::builder().status(status);
    for (name, value) in headers {
        reply = reply.header(*name, *value);
    }
    reply.body(Body::new(body.into())).expect("a reply")
}

/// A JWT with these claims.
pub(crate) fn jwt(claims: &str) -> String {
    format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode(claims))
}

/// The form in which `shown` holds `secret`: as text, escaped, encoded or as a dump of its bytes.
pub(crate) fn leak(shown: &str, secret: &str) -> Option<&'static str> {
    let bytes = |write: fn(&u8) -> String, between: &str| {
        secret.as_bytes().iter().map(write).collect::<Vec<_>>().join(between)
    };
    let dense = shown.split_whitespace().collect::<String>();
    let hex = |b: &u8| format!("{b:02x}");
    [
        ("text", shown.contains(secret)),
        ("debug text", shown.contains(&*secret.escape_debug().to_string())),
        ("decimal dump", dense.contains(&bytes(u8::to_string, ","))),
        ("hex dump", dense.to_lowercase().contains(&bytes(hex, ""))),
        ("base64", shown.contains(STANDARD.encode(secret).trim_end_matches('='))),
    ]
    .into_iter()
    .find_map(|(form, found)| found.then_some(form))
}

/// Fields that are refused with `detail`, in a message with each of `words` and without a secret.
#[track_caller]
pub(crate) fn refused(fields: &[(&str, &str)], detail: &Detail, words: &[&str]) {
    let Err(e) = try_login(fields) else { panic!("{fields:?} is a login") };
    assert_eq!((e.detail(), e.kind()), (detail, ErrorKind::Invalid), "{fields:?}: {e}");
    assert_eq!(e.vendor(), Some("fake"));
    for word in words {
        assert!(e.message().contains(word), "{fields:?}: no {word:?} in: {e}");
    }
    assert_eq!(leak(&format!("{e} {e:?}"), "s3cret"), None, "{e}");
}
