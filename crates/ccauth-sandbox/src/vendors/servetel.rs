//! Servetel: `POST /v1/auth/login` and `POST /v1/auth/refresh`.
//!
//! Documented (the vendor's "Authentication Using Tokens" page): both paths, `email` and `password` as
//! JSON, the reply's `success`, `access_token`, `token_type`, `expires_in`, a life of 60 minutes, JWTs, and
//! the bare token in `Authorization` of the refresh.
//!
//! Observed (the twin product Smartflo, public clients): `number_of_days_left`, "The username or password
//! is incorrect." with `login_failed_count`, 429 with the *string* "false", `retry_after` as a local date
//! and time (+05:30), Bearer as well as bare, accounts locked after frequent logins, and `POST /v1/auth/logout` with
//! Bearer, which ends the token.
//!
//! Assumed (from the JWT library whose claims the tokens show): a refresh kills the old token at once, a
//! second one with it fails as blacklisted, an expired token may be refreshed for two weeks from the login.
//! Also assumed: five wrong passwords lock for ten minutes, and a missing member is answered with 422.

use std::collections::HashMap;

use hyper::Method;
use serde::Serialize;

use super::{DEMO_SECRET, SLOW, Vendor, quoted, ready_made};
use crate::account::{Account, FieldSpec, Temper};
use crate::clock::india_local;
use crate::encoding::{hex, jwt};
use crate::message::{Call, Reply};
use crate::token::{Fate, Standing, Token};
use crate::world::{Quirk, World};

const ID: &str = "servetel";
const LIFE: i64 = 3600;
const REFRESHABLE: i64 = 14 * 86_400;
const TRIES: u32 = 5;
const LOCKED_FOR: i64 = 600;

pub(super) struct Servetel;

#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    lockouts: HashMap<String, Lockout>,
}

/// Wrong passwords in a row, and how long the account stays locked.
#[derive(Clone, Copy, Debug, Default)]
struct Lockout {
    failures: u32,
    until: i64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct TokenNotes {
    /// Until when a refresh is answered, counted from the login.
    refreshable_until: i64,
}

impl Vendor for Servetel {
    fn id(&self) -> &'static str {
        ID
    }

    fn fields(&self) -> &'static [FieldSpec] {
        const { &[FieldSpec::open("email"), FieldSpec::secret("password")] }
    }

    fn quirks(&self) -> &'static [Quirk] {
        const {
            &[
                Quirk {
                    name: "early_refresh",
                    default: true,
                    about: "a token may be refreshed before it expires",
                },
                Quirk { name: "bearer", default: true, about: "Bearer is taken as well as the bare token" },
                Quirk { name: "lockout", default: true, about: "five wrong passwords lock the account" },
                Quirk {
                    name: "retry_after_body",
                    default: false,
                    about: "a 429 says `retry_after` in its body",
                },
                Quirk { name: "string_success", default: false, about: "`success` is the string \"true\"" },
            ]
        }
    }

    fn account(&self, name: &str, principal: &str) -> Account {
        let email = if principal == "demo" { "demo@example.com" } else { principal };
        ready_made(ID, name, [("email", email), ("password", DEMO_SECRET)])
    }

    fn route(&self, call: &Call) -> Option<&'static str> {
        match (&call.method, call.path.as_str()) {
            (&Method::POST, "/v1/auth/login") => Some("token"),
            (&Method::POST, "/v1/auth/refresh") => Some("refresh"),
            (&Method::POST, "/v1/auth/logout") => Some("delete"),
            (&Method::GET, "/v1/call/records") => Some("protected"),
            _ => None,
        }
    }

    fn answer(&self, route: &'static str, call: &Call, world: &mut World) -> Reply {
        match route {
            "token" => self.login(call, world),
            "refresh" => self.refresh(call, world),
            "delete" => self.logout(call, world),
            _ => self.records(call, world),
        }
    }

    fn failure(&self, status: u16, _call: &Call, world: &mut World) -> Reply {
        let message = match status {
            401 => "Unauthenticated.",
            403 => "Your account is not allowed to do this.",
            404 => "Not found.",
            422 => "The given data was invalid.",
            429 => return too_many(world.now().saturating_add(30), world),
            _ => "Server error.",
        };
        failed(status, message)
    }

    fn failure_with_200(&self, _call: &Call, _world: &mut World) -> Reply {
        failed(200, "The username or password is incorrect.")
    }

    fn protected(&self, _account: &Account) -> (String, &'static str) {
        ("/v1/call/records".to_owned(), "Authorization: <token>, bare or after Bearer")
    }

    fn curl(&self, base_url: &str, account: &Account) -> String {
        let [email, password] = ["email", "password"].map(|field| account.value(field));
        let body = serde_json::json!({ "email": email, "password": password }).to_string();
        let headers = "-H 'Accept: application/json' -H 'Content-Type: application/json'";
        format!("{headers} -d {} {}", quoted(&body), quoted(&format!("{base_url}/v1/auth/login")))
    }
}

impl Servetel {
    fn login(&self, call: &Call, world: &mut World) -> Reply {
        let body = call.json().unwrap_or_default();
        let member =
            |name: &str| body.get(name).and_then(|value| value.as_str()).filter(|text| !text.is_empty());
        let Some(email) = member("email") else { return failed(422, "The email field is required.") };
        let Some(password) = member("password") else {
            return failed(422, "The password field is required.");
        };
        let now = world.now();
        let locks = world.quirk(ID, "lockout");
        let lockout = world.notes.servetel.lockouts.get(email).copied().unwrap_or_default();
        if locks && now < lockout.until {
            return too_many(lockout.until, world);
        }
        let known = world.accounts_of(ID).find(|account| account.value("email") == email);
        let right = known.filter(|account| account.value("password") == password).cloned();
        let Some(account) = right else {
            let failures = lockout.failures + 1;
            let until = if failures >= TRIES { now.saturating_add(LOCKED_FOR) } else { 0 };
            // The fifth wrong password still hears that it is wrong; the count starts anew after the lock.
            let kept = Lockout { failures: if until > 0 { 0 } else { failures }, until };
            // Nobody is locked out of an account that does not exist, and made-up names are without end.
            if world.accounts_of(ID).any(|account| account.value("email") == email) {
                world.notes.servetel.lockouts.insert(email.to_owned(), kept);
            }
            let message = "The username or password is incorrect.";
            return Reply::json(401, &Rejected { success: false, message, login_failed_count: failures });
        };
        let temper = account.temper();
        match temper {
            Temper::TooManyRequests => return self.failure(429, call, world).with("Retry-After", "30"),
            Temper::ServerError => return self.failure(500, call, world),
            Temper::LockedOut => return too_many(now.saturating_add(LOCKED_FOR), world),
            Temper::FailedWith200 => return self.failure_with_200(call, world),
            Temper::Calm | Temper::Slow => {}
        }
        world.notes.servetel.lockouts.remove(email);
        let reply = grant(account.name(), now.saturating_add(REFRESHABLE), world);
        if temper == Temper::Slow { reply.after(SLOW) } else { reply }
    }

    fn refresh(&self, call: &Call, world: &mut World) -> Reply {
        let now = world.now();
        let early = world.quirk(ID, "early_refresh");
        let Some(token) = sent(call, world) else {
            return failed(401, "Token could not be parsed from the request.");
        };
        let refusal = match token.standing(now) {
            Standing::Dead => Some("The token has been blacklisted"),
            Standing::Live if !early => Some("Token is not expired yet"),
            _ if now >= token.notes.servetel.refreshable_until => {
                Some("Token has expired and can no longer be refreshed")
            }
            Standing::Live | Standing::Expired => None,
        };
        if let Some(message) = refusal {
            return failed(401, message);
        }
        let (old, account, until) =
            (token.value.clone(), token.account.clone(), token.notes.servetel.refreshable_until);
        if let Some(token) = world.tokens.find_mut(ID, &old) {
            token.fate = Fate::Superseded;
        }
        grant(&account, until, world)
    }

    fn logout(&self, call: &Call, world: &mut World) -> Reply {
        let now = world.now();
        let token = call.scheme("bearer").and_then(|value| world.tokens.find_mut(ID, value));
        let Some(token) = token else { return failed(401, "Token could not be parsed from the request.") };
        match token.standing(now) {
            Standing::Live => {
                token.fate = Fate::Revoked;
                Reply::json(200, &Said { success: true, message: "Successfully logged out" })
            }
            Standing::Expired => failed(401, "Token has expired"),
            Standing::Dead => failed(401, "The token has been blacklisted"),
        }
    }

    fn records(&self, call: &Call, world: &World) -> Reply {
        match sent(call, world).map(|token| token.standing(world.now())) {
            Some(Standing::Live) => Reply::json(200, &Records { count: 0, results: [] }),
            Some(Standing::Expired) => failed(401, "Token has expired"),
            Some(Standing::Dead) => failed(401, "The token has been blacklisted"),
            None => failed(401, "Unauthenticated."),
        }
    }
}

/// The token of a request: bare as on the page, or after `Bearer`.
fn sent<'w>(call: &Call, world: &'w World) -> Option<&'w Token> {
    let bearer = if world.quirk(ID, "bearer") { call.scheme("bearer") } else { None };
    world.tokens.find(ID, bearer.or(call.bare())?)
}

fn grant(account: &str, refreshable_until: i64, world: &mut World) -> Reply {
    let (now, noise) = (world.now(), world.noise());
    let exp = now.saturating_add(LIFE);
    let jti = hex(&noise[..8]);
    let claims =
        Claims { iss: "https://api.servetel.in/v1/auth/login", iat: now, exp, nbf: now, jti, sub: account };
    let mut token = world.mint(ID, account, jwt(&claims, &noise), LIFE);
    token.notes.servetel.refreshable_until = refreshable_until;
    let (access_token, token_type) = (&token.value, "bearer");
    let reply = if world.quirk(ID, "string_success") {
        let success = "true";
        Reply::json(
            200,
            &Granted { success, access_token, token_type, expires_in: LIFE, number_of_days_left: 90 },
        )
    } else {
        let success = true;
        Reply::json(
            200,
            &Granted { success, access_token, token_type, expires_in: LIFE, number_of_days_left: 90 },
        )
    };
    world.tokens.keep(token);
    reply
}

fn too_many(until: i64, world: &World) -> Reply {
    let retry_after = world.quirk(ID, "retry_after_body").then(|| india_local(until));
    Reply::json(429, &TooMany { success: "false", message: "Too many requests.", retry_after })
}

fn failed(status: u16, message: &'static str) -> Reply {
    Reply::json(status, &Said { success: false, message })
}

#[derive(Serialize)]
struct Granted<'a, S> {
    success: S,
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    number_of_days_left: u32,
}

#[derive(Serialize)]
struct Rejected {
    success: bool,
    message: &'static str,
    login_failed_count: u32,
}

#[derive(Serialize)]
struct TooMany {
    success: &'static str,
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<String>,
}

#[derive(Serialize)]
struct Said {
    success: bool,
    message: &'static str,
}

#[derive(Serialize)]
struct Records {
    count: u32,
    results: [(); 0],
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'static str,
    iat: i64,
    exp: i64,
    nbf: i64,
    jti: String,
    sub: &'a str,
}
