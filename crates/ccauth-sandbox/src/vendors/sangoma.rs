//! Sangoma CX: `POST /oauth/token`, RFC 6749 section 4.4.
//!
//! Documented (the vendor's "API Authentication" page): the path, the form with `grant_type` and `scope`,
//! Basic credentials as `curl --user` sends them, at least one scope, a token of one year that "can be
//! renewed only once it is expired", Bearer on later calls, access by scope.
//!
//! Observed: the page's sample leaves 24304413 of a year's 31536000 seconds, so the live token is served
//! again with what is left of it. Another sentence of the page ("as many OAuth tokens as you wish") is the
//! quirk `new_token_each_time`. A client of what looks like the same platform validates and revokes by
//! `POST /oauth/validate/access` and `/oauth/invalidate/access` with `access_token` as JSON and as Bearer, for
//! 204 without a body, and waits some seconds before it uses a token (the quirk `slow_to_know`).
//!
//! Assumed: the errors of RFC 6749 section 5.2 and RFC 6750 section 3.1; that unknown scopes are dropped
//! and only a request of nothing but unknown ones fails; `unauthorized_client` for a suspended client; that
//! Basic credentials may also be form-encoded, as RFC 6749 section 2.3.1 wants them.

use hyper::Method;
use serde::Serialize;

use super::{DEMO_SECRET, SLOW, Vendor, quoted, ready_made};
use crate::account::{Account, FieldSpec, Temper};
use crate::encoding::{hex, jwt};
use crate::message::{Call, Reply};
use crate::token::{Fate, Standing, Token};
use crate::world::{Quirk, World};

const ID: &str = "sangoma";
const LIFE: i64 = 31_536_000;
const SLOW_TO_KNOW: i64 = 2;
const SCOPES: [&str; 3] = ["cx.agent-calls", "cx.queue-calls", "cx.digital-interactions"];

pub(super) struct Sangoma;

impl Vendor for Sangoma {
    fn id(&self) -> &'static str {
        ID
    }

    fn fields(&self) -> &'static [FieldSpec] {
        const { &[FieldSpec::open("client_id"), FieldSpec::secret("client_secret"), FieldSpec::optional("scopes")] }
    }

    fn quirks(&self) -> &'static [Quirk] {
        const {
            &[
                Quirk {
                    name: "new_token_each_time",
                    default: false,
                    about: "every request gives another token",
                },
                Quirk {
                    name: "full_life",
                    default: false,
                    about: "`expires_in` is the whole year, not what is left",
                },
                Quirk { name: "capital_bearer", default: false, about: "`token_type` is `Bearer`" },
                Quirk {
                    name: "slow_to_know",
                    default: false,
                    about: "a token is rejected for two seconds after it was issued",
                },
            ]
        }
    }

    fn account(&self, name: &str, principal: &str) -> Account {
        let scopes = "cx.agent-calls cx.queue-calls";
        ready_made(ID, name, [("client_id", principal), ("client_secret", DEMO_SECRET), ("scopes", scopes)])
    }

    fn route(&self, call: &Call) -> Option<&'static str> {
        match (&call.method, call.path.as_str()) {
            (&Method::POST, "/oauth/token") => Some("token"),
            (&Method::POST, "/oauth/validate/access") => Some("validate"),
            (&Method::POST, "/oauth/invalidate/access") => Some("delete"),
            (&Method::GET, "/v1/agent-calls" | "/v1/queue-calls") => Some("protected"),
            _ => None,
        }
    }

    fn answer(&self, route: &'static str, call: &Call, world: &mut World) -> Reply {
        match route {
            "token" => self.token(call, world),
            "validate" | "delete" => self.confirm(route, call, world),
            _ => self.calls(call, world),
        }
    }

    fn failure(&self, status: u16, _call: &Call, _world: &mut World) -> Reply {
        match status {
            400 => refused(400, "invalid_request", "The request is malformed."),
            401 => invalid_client(),
            403 => refused(403, "access_denied", "The client may not do this."),
            404 => refused(404, "not_found", "There is no such resource."),
            429 => refused(429, "too_many_requests", "The client sends too many requests."),
            503 => refused(503, "temporarily_unavailable", "The server is overloaded or under maintenance."),
            _ => refused(status, "server_error", "The server met an unexpected condition."),
        }
    }

    fn failure_with_200(&self, _call: &Call, _world: &mut World) -> Reply {
        refused(200, "invalid_client", "Client authentication failed.")
    }

    fn protected(&self, account: &Account) -> (String, &'static str) {
        let agent = account.value("scopes").split(' ').any(|scope| scope == "cx.agent-calls");
        let page = if agent { "agent-calls" } else { "queue-calls" };
        (format!("/v1/{page}"), "Authorization: Bearer <token>")
    }

    fn curl(&self, base_url: &str, account: &Account) -> String {
        let pair = quoted(&format!("{}:{}", account.value("client_id"), account.value("client_secret")));
        let scope = quoted(&format!("scope={}", account.value("scopes")));
        let form = format!("--data-urlencode grant_type=client_credentials --data-urlencode {scope}");
        format!("--basic --user {pair} {form} {}", quoted(&format!("{base_url}/oauth/token")))
    }
}

impl Sangoma {
    fn token(&self, call: &Call, world: &mut World) -> Reply {
        let form = call.form_pairs();
        let repeated =
            |(at, (name, _)): (usize, &(String, String))| form[..at].iter().any(|(known, _)| known == name);
        if form.iter().enumerate().any(repeated) {
            return refused(400, "invalid_request", "A parameter is included more than once.");
        }
        let parameter =
            |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let Some(account) = client(call, world) else { return invalid_client() };
        let temper = account.temper();
        match temper {
            Temper::TooManyRequests => return self.failure(429, call, world).with("Retry-After", "30"),
            Temper::ServerError => return self.failure(500, call, world),
            Temper::LockedOut => return refused(400, "unauthorized_client", "The client is suspended."),
            Temper::FailedWith200 => return self.failure_with_200(call, world),
            Temper::Calm | Temper::Slow => {}
        }
        match parameter("grant_type") {
            Some("client_credentials") => {}
            Some(_) => {
                return refused(400, "unsupported_grant_type", "Only client_credentials is supported.");
            }
            None => return refused(400, "invalid_request", "grant_type is missing."),
        }
        let asked = parameter("scope").unwrap_or_default();
        let granted: Vec<&str> =
            SCOPES.into_iter().filter(|known| asked.split(' ').any(|scope| scope == *known)).collect();
        if granted.is_empty() {
            return refused(400, "invalid_scope", "At least one known scope is needed.");
        }
        let reply = grant(account.name(), &granted.join(" "), world);
        if temper == Temper::Slow { reply.after(SLOW) } else { reply }
    }

    /// Confirms that a token is known, and forgets it where it is to be deleted.
    fn confirm(&self, route: &str, call: &Call, world: &mut World) -> Reply {
        let body = call.json().unwrap_or_default();
        let Some(value) = body.get("access_token").and_then(|value| value.as_str()) else {
            return gateway(400, "bad_request", "access_token is missing", world);
        };
        if call.scheme("bearer") != Some(value) || known(value, world).is_none() {
            return gateway(401, "unauthorized", "The token is not valid", world);
        }
        if let ("delete", Some(token)) = (route, world.tokens.find_mut(ID, value)) {
            token.fate = Fate::Revoked;
        }
        Reply { headers: Vec::new(), ..Reply::new(204, "", "") }
    }

    fn calls(&self, call: &Call, world: &World) -> Reply {
        let needed = if call.path.ends_with("/agent-calls") { "cx.agent-calls" } else { "cx.queue-calls" };
        let Some(value) = call.scheme("bearer") else {
            // RFC 6750 section 3: no error code where no credentials were sent.
            return refused(401, "unauthorized", "A bearer token is needed.")
                .with("WWW-Authenticate", "Bearer");
        };
        match known(value, world) {
            Some(token) if token.grant.split(' ').any(|scope| scope == needed) => {
                Reply::json(200, &Calls { data: [], total: 0 })
            }
            Some(_) => refused(403, "insufficient_scope", "The token does not cover this.")
                .with("WWW-Authenticate", format!("Bearer error=\"insufficient_scope\", scope=\"{needed}\"")),
            None => refused(401, "invalid_token", "The token is expired, revoked or unknown.")
                .with("WWW-Authenticate", "Bearer error=\"invalid_token\""),
        }
    }
}

/// The token of this value, if it is live and the vendor knows it already.
fn known<'w>(value: &str, world: &'w World) -> Option<&'w Token> {
    let now = world.now();
    let slow = world.quirk(ID, "slow_to_know");
    let token = world.tokens.find(ID, value).filter(|token| token.standing(now) == Standing::Live);
    token.filter(|token| !slow || now >= token.issued_at.saturating_add(SLOW_TO_KNOW))
}

/// The live token of that client and scope set with what is left of it, or a new one.
fn grant(account: &str, scope: &str, world: &mut World) -> Reply {
    let now = world.now();
    let served_again = if world.quirk(ID, "new_token_each_time") {
        None
    } else {
        world.tokens.live(ID, account, scope, now).map(|token| (token.value.clone(), token.expires_at))
    };
    let (access_token, expires_at) = served_again.unwrap_or_else(|| {
        let noise = world.noise();
        let claims = Claims { sub: account, scope, iat: now, exp: now.saturating_add(LIFE) };
        let mut token = world.mint(ID, account, jwt(&claims, &noise), LIFE);
        scope.clone_into(&mut token.grant);
        let served = (token.value.clone(), token.expires_at);
        world.tokens.keep(token);
        served
    });
    let token_type = if world.quirk(ID, "capital_bearer") { "Bearer" } else { "bearer" };
    let expires_in = if world.quirk(ID, "full_life") { LIFE } else { expires_at.saturating_sub(now) };
    let reply = Reply::json(200, &Granted { access_token, scope, token_type, expires_in });
    // RFC 6749 section 5.1.
    reply.with("Cache-Control", "no-store").with("Pragma", "no-cache")
}

/// The client whose credentials are sent: raw as `curl --user` does, or each half form-encoded.
fn client(call: &Call, world: &World) -> Option<Account> {
    let sent = call.basic()?;
    let sent_encoded =
        std::str::from_utf8(&sent).ok().and_then(|pair| pair.split_once(':')).map(form_decoded);
    let mut clients = world.accounts_of(ID);
    let known = clients.find(|account| {
        let pair = (account.value("client_id"), account.value("client_secret"));
        let raw = format!("{}:{}", pair.0, pair.1).as_bytes() == sent;
        let encoded =
            sent_encoded.as_ref().is_some_and(|(id, secret)| (id.as_str(), secret.as_str()) == pair);
        raw || encoded
    });
    known.cloned()
}

fn form_decoded((id, secret): (&str, &str)) -> (String, String) {
    let decoded = |text: &str| {
        // A lone value: no `&` or `=` of its own survives form-encoding, so the parser yields one name.
        let mut names = form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name.into_owned());
        names.next().unwrap_or_default()
    };
    (decoded(id), decoded(secret))
}

fn invalid_client() -> Reply {
    let reply = refused(401, "invalid_client", "Client authentication failed.");
    reply.with("WWW-Authenticate", "Basic realm=\"oauth\"")
}

fn refused(status: u16, error: &'static str, error_description: &'static str) -> Reply {
    Reply::json(status, &Refused { error, error_description }).with("Cache-Control", "no-store")
}

/// A refusal in the form of the platform's gateway.
fn gateway(status: u16, code: &'static str, message: &'static str, world: &mut World) -> Reply {
    let trace_id = hex(&world.noise()[..16]);
    Reply::json(status, &Gateway { code, message, trace_id, details: [] })
}

#[derive(Serialize)]
struct Gateway {
    code: &'static str,
    message: &'static str,
    trace_id: String,
    details: [(); 0],
}

#[derive(Serialize)]
struct Granted<'a> {
    access_token: String,
    scope: &'a str,
    token_type: &'static str,
    expires_in: i64,
}

#[derive(Serialize)]
struct Refused {
    error: &'static str,
    error_description: &'static str,
}

#[derive(Serialize)]
struct Calls {
    data: [(); 0],
    total: u32,
}

#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    scope: &'a str,
    iat: i64,
    exp: i64,
}
