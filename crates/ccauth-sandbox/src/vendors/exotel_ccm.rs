//! Exotel CCM: `POST /v2/accounts/<sid>/configuration/basicauth`.
//!
//! Documented (the vendor's "Token Generation" page): the path, Basic credentials from API key and token,
//! the nested reply with `request_id`, 86400 seconds of life, Bearer on later calls, and the meaning of
//! 401, 403, 429 and 500.
//!
//! Observed (Exotel's other API pages, public clients): the error family with `error_data`, 200 requests a
//! minute and account with `X-RateLimit-*`, `Retry-After: 30`, plain Basic on later calls, an array as
//! `response`, and the older `RestException` errors.
//!
//! Assumed: error code 1010 for a wrong key and the other codes; that each request gives a new token and
//! the older ones stay valid; that the key is checked before the account; that a body is ignored.

use std::collections::HashMap;

use hyper::Method;
use serde::Serialize;

use super::{DEMO_SECRET, SLOW, Vendor, quoted, ready_made};
use crate::account::{Account, FieldSpec, Temper};
use crate::encoding::{jwt, percent_decoded, percent_encoded, uuid};
use crate::message::{Call, Reply};
use crate::token::Standing;
use crate::world::{Quirk, World};

const ID: &str = "exotel-ccm";
const LIFE: i64 = 86_400;
const PER_MINUTE: u32 = 200;

pub(super) struct ExotelCcm;

#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    /// The running minute of each account, and the requests in it.
    minutes: HashMap<String, (i64, u32)>,
}

impl Vendor for ExotelCcm {
    fn id(&self) -> &'static str {
        ID
    }

    fn fields(&self) -> &'static [FieldSpec] {
        const { &[FieldSpec::open("account_sid"), FieldSpec::open("api_key"), FieldSpec::secret("api_token")] }
    }

    fn quirks(&self) -> &'static [Quirk] {
        const {
            &[
                Quirk { name: "rate_limit", default: true, about: "200 requests a minute and account" },
                Quirk { name: "plain_basic", default: true, about: "the protected endpoint takes Basic too" },
                Quirk { name: "response_array", default: false, about: "`response` of an error is an array" },
                Quirk {
                    name: "rest_exception",
                    default: false,
                    about: "errors in the v1 `RestException` form",
                },
            ]
        }
    }

    fn account(&self, name: &str, principal: &str) -> Account {
        let fields = [("account_sid", principal), ("api_key", "demo-key"), ("api_token", DEMO_SECRET)];
        ready_made(ID, name, fields)
    }

    fn route(&self, call: &Call) -> Option<&'static str> {
        let (_sid, action) = call.path.strip_prefix("/v2/accounts/")?.split_once('/')?;
        match (&call.method, action) {
            (&Method::POST, "configuration/basicauth") => Some("token"),
            (&Method::GET, "calls") => Some("protected"),
            _ => None,
        }
    }

    fn answer(&self, route: &'static str, call: &Call, world: &mut World) -> Reply {
        let sid = sid(call);
        let allowance = Allowance::take(&sid, world);
        let reply = match route {
            _ if allowance.exceeded => self.failure(429, call, world).with("Retry-After", "30"),
            "token" => self.token(&sid, call, world),
            _ => self.calls(&sid, call, world),
        };
        allowance.note_on(reply)
    }

    fn failure(&self, status: u16, call: &Call, world: &mut World) -> Reply {
        let (code, message) = match status {
            400 => (1001, "Invalid parameter"),
            401 => (1010, "Authorization failed"),
            402 => (1012, "Insufficient balance"),
            403 => (1011, "Account not authorized for CCM"),
            404 => (1000, "Not found"),
            429 => (1019, "Rate limit exceeded"),
            _ => (1002, "Internal server error"),
        };
        if world.quirk(ID, "rest_exception") {
            return Reply::json(
                status,
                &RestFailure { rest_exception: RestException { status, message, code } },
            );
        }
        let error_data = ErrorData { code, message, description: message };
        let response = Failure { code: status, status: "failure", error_data, data: () };
        let request_id = uuid(&world.noise());
        let method = call.method.as_str();
        if world.quirk(ID, "response_array") {
            Reply::json(status, &Envelope { request_id, method, http_code: status, response: [response] })
        } else {
            Reply::json(status, &Envelope { request_id, method, http_code: status, response })
        }
    }

    fn failure_with_200(&self, call: &Call, world: &mut World) -> Reply {
        // The outer status says 200, the inner code the truth: Exotel nests two codes.
        Reply { status: 200, ..self.failure(401, call, world) }
    }

    fn protected(&self, account: &Account) -> (String, &'static str) {
        let path = format!("/v2/accounts/{}/calls", percent_encoded(account.value("account_sid")));
        (path, "Authorization: Bearer <token>, or plain Basic with the same credentials")
    }

    fn curl(&self, base_url: &str, account: &Account) -> String {
        let pair = format!("{}:{}", account.value("api_key"), account.value("api_token"));
        let sid = percent_encoded(account.value("account_sid"));
        let url = format!("{base_url}/v2/accounts/{sid}/configuration/basicauth");
        format!("-X POST -u {} -H 'Content-Type: application/json' {}", quoted(&pair), quoted(&url))
    }
}

impl ExotelCcm {
    fn token(&self, sid: &str, call: &Call, world: &mut World) -> Reply {
        let account = match authorised(sid, call, world) {
            Ok(account) => account,
            Err(status) => return self.failure(status, call, world),
        };
        let temper = account.temper();
        match temper {
            Temper::TooManyRequests => return self.failure(429, call, world).with("Retry-After", "30"),
            Temper::ServerError => return self.failure(500, call, world),
            Temper::LockedOut => return self.failure(403, call, world),
            Temper::FailedWith200 => return self.failure_with_200(call, world),
            Temper::Calm | Temper::Slow => {}
        }
        let (now, noise) = (world.now(), world.noise());
        let claims = Claims { sub: sid, iat: now, exp: now + LIFE, jti: uuid(&noise) };
        let mut token = world.mint(ID, account.name(), jwt(&claims, &noise), LIFE);
        sid.clone_into(&mut token.grant);
        let data = Data { access_token: &token.value, token_type: "Bearer", expires_in: LIFE };
        let response = Success { code: 200, status: "success", data };
        let request_id = uuid(&world.noise());
        let reply = Reply::json(200, &Envelope { request_id, method: "POST", http_code: 200, response });
        world.tokens.keep(token);
        if temper == Temper::Slow { reply.after(SLOW) } else { reply }
    }

    fn calls(&self, sid: &str, call: &Call, world: &mut World) -> Reply {
        if call.basic().is_some() && world.quirk(ID, "plain_basic") {
            return match authorised(sid, call, world) {
                Ok(_) => self.no_calls(world),
                Err(status) => self.failure(status, call, world),
            };
        }
        let now = world.now();
        let token = call.scheme("bearer").and_then(|value| world.tokens.find(ID, value));
        match token {
            Some(token) if token.standing(now) == Standing::Live && token.grant == sid => {
                self.no_calls(world)
            }
            Some(token) if token.standing(now) == Standing::Live => self.failure(403, call, world),
            _ => self.failure(401, call, world),
        }
    }

    fn no_calls(&self, world: &mut World) -> Reply {
        let response = Success { code: 200, status: "success", data: [(); 0] };
        let request_id = uuid(&world.noise());
        Reply::json(200, &Envelope { request_id, method: "GET", http_code: 200, response })
    }
}

/// The account SID in the path; `route` has seen that there is one.
fn sid(call: &Call) -> String {
    percent_decoded(call.path.split('/').nth(3).unwrap_or_default())
}

/// 401 for a key nobody has, 403 for a known key and another account's SID.
fn authorised(sid: &str, call: &Call, world: &World) -> Result<Account, u16> {
    let sent = call.basic().ok_or(401_u16)?;
    let pair = |account: &Account| format!("{}:{}", account.value("api_key"), account.value("api_token"));
    let mut holders = world.accounts_of(ID).filter(|account| pair(account).as_bytes() == sent).peekable();
    holders.peek().ok_or(401_u16)?;
    holders.find(|account| account.value("account_sid") == sid).cloned().ok_or(403)
}

/// What an account may still ask for in its running minute.
struct Allowance {
    exceeded: bool,
    remaining: u32,
    reset: i64,
}

impl Allowance {
    fn take(sid: &str, world: &mut World) -> Allowance {
        let now = world.now();
        let limited = world.quirk(ID, "rate_limit");
        // Made-up accounts are without end; they share one allowance.
        let known = world.accounts_of(ID).any(|account| account.value("account_sid") == sid);
        let holder = if known { sid } else { "" };
        let minute = world.notes.exotel_ccm.minutes.entry(holder.to_owned()).or_insert((now, 0));
        if !(minute.0..minute.0.saturating_add(60)).contains(&now) {
            *minute = (now, 0);
        }
        minute.1 = minute.1.saturating_add(1);
        Allowance {
            exceeded: limited && minute.1 > PER_MINUTE,
            remaining: PER_MINUTE.saturating_sub(minute.1),
            reset: minute.0.saturating_add(60),
        }
    }

    fn note_on(self, reply: Reply) -> Reply {
        reply
            .with("X-RateLimit-Limit", PER_MINUTE.to_string())
            .with("X-RateLimit-Remaining", self.remaining.to_string())
            .with("X-RateLimit-Reset", self.reset.to_string())
    }
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    request_id: String,
    method: &'a str,
    http_code: u16,
    response: T,
}

#[derive(Serialize)]
struct Success<T> {
    code: u16,
    status: &'static str,
    data: T,
}

#[derive(Serialize)]
struct Data<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
}

#[derive(Serialize)]
struct Failure {
    code: u16,
    status: &'static str,
    error_data: ErrorData,
    data: (),
}

#[derive(Serialize)]
struct ErrorData {
    code: u16,
    message: &'static str,
    description: &'static str,
}

#[derive(Serialize)]
struct RestFailure {
    #[serde(rename = "RestException")]
    rest_exception: RestException,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RestException {
    status: u16,
    message: &'static str,
    code: u16,
}

#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
}
