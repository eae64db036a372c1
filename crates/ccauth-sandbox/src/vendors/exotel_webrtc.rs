//! Exotel WebRTC: `POST /v2/integrations/token` with `Id`, `Secret`, `Entity`.
//!
//! Documented (the vendor's "Create Authentication Token" page): the path, the three JSON members, the
//! reply with `RequestId`, `Status`, `Code`, `Error`, `Data`, 90 days of life, 400, 401 and 500, that a
//! customer token manages applications and an app token users and calls.
//!
//! Observed (public clients, both official SDKs): the token stands bare in `Authorization`, although the
//! page calls it a bearer token; HTTP 200 can hide a failure; `Status` in another case; 402 = no balance;
//! the token is base64 of an id in one sample, a JWT in another report.
//!
//! Assumed: `Data` is null on failure; every request gives a new token and the older ones stay valid; the
//! body must be announced as JSON; `/v2/integrations/apps` and `/users` stand for "every later call".

use hyper::Method;
use serde::Serialize;

use super::{DEMO_SECRET, SLOW, Vendor, quoted, ready_made};
use crate::account::{Account, FieldSpec, Temper};
use crate::encoding::{base64, jwt, uuid};
use crate::message::{Call, Reply};
use crate::token::Standing;
use crate::world::{Quirk, World};

const ID: &str = "exotel-webrtc";
const LIFE: i64 = 90 * 86_400;

pub(super) struct ExotelWebRtc;

impl Vendor for ExotelWebRtc {
    fn id(&self) -> &'static str {
        ID
    }

    fn fields(&self) -> &'static [FieldSpec] {
        const { &[FieldSpec::open("id"), FieldSpec::secret("secret"), FieldSpec::open("entity")] }
    }

    fn quirks(&self) -> &'static [Quirk] {
        const {
            &[
                Quirk { name: "failure_as_200", default: false, about: "every failure under HTTP 200" },
                Quirk { name: "bearer", default: false, about: "the protected endpoint takes Bearer too" },
                Quirk { name: "lowercase_status", default: false, about: "`success` for `Success`" },
                Quirk { name: "jwt_token", default: false, about: "the token is shaped like a JWT" },
            ]
        }
    }

    fn account(&self, name: &str, principal: &str) -> Account {
        let entity = if name.ends_with("-app") { "app" } else { "customer" };
        ready_made(ID, name, [("id", principal), ("secret", DEMO_SECRET), ("entity", entity)])
    }

    fn accounts(&self) -> Vec<Account> {
        let magic = crate::account::MAGIC.iter().map(|principal| self.account(principal, principal));
        let own = [
            self.account("demo", "demo"),
            self.account("demo-app", "demo-app"),
            self.account("acct-failed-200", "acct-failed-200"),
        ];
        own.into_iter().chain(magic).collect()
    }

    fn route(&self, call: &Call) -> Option<&'static str> {
        match (&call.method, call.path.as_str()) {
            (&Method::POST, "/v2/integrations/token") => Some("token"),
            (&Method::GET, "/v2/integrations/apps" | "/v2/integrations/users") => Some("protected"),
            _ => None,
        }
    }

    fn answer(&self, route: &'static str, call: &Call, world: &mut World) -> Reply {
        match route {
            "token" => self.token(call, world),
            _ => self.managed(call, world),
        }
    }

    fn failure(&self, status: u16, _call: &Call, world: &mut World) -> Reply {
        let error = match status {
            400 => "Invalid input parameters",
            401 => "Invalid credentials",
            402 => "Insufficient balance",
            403 => "Token is not valid for this operation",
            404 => "Not found",
            429 => "Too many requests",
            _ => "Server error",
        };
        let body = self.body("Failed", status, error, None::<()>, world);
        Reply::json(if world.quirk(ID, "failure_as_200") { 200 } else { status }, &body)
    }

    fn failure_with_200(&self, call: &Call, world: &mut World) -> Reply {
        Reply { status: 200, ..self.failure(401, call, world) }
    }

    fn protected(&self, account: &Account) -> (String, &'static str) {
        let page = if account.value("entity") == "app" { "users" } else { "apps" };
        (format!("/v2/integrations/{page}"), "Authorization: <token>, bare")
    }

    fn curl(&self, base_url: &str, account: &Account) -> String {
        let [id, secret, entity] = ["id", "secret", "entity"].map(|field| account.value(field));
        let body = serde_json::json!({ "Id": id, "Secret": secret, "Entity": entity }).to_string();
        let url = format!("{base_url}/v2/integrations/token");
        format!("-H 'Content-Type: application/json' -d {} {}", quoted(&body), quoted(&url))
    }
}

impl ExotelWebRtc {
    fn token(&self, call: &Call, world: &mut World) -> Reply {
        let Some(body) = call.json() else { return self.failure(400, call, world) };
        let member =
            |name: &str| body.get(name).and_then(|value| value.as_str()).filter(|text| !text.is_empty());
        let (Some(id), Some(secret), Some(entity @ ("customer" | "app"))) =
            (member("Id"), member("Secret"), member("Entity"))
        else {
            return self.failure(400, call, world);
        };
        let known = world.accounts_of(ID).find(|account| {
            [account.value("id"), account.value("secret"), account.value("entity")] == [id, secret, entity]
        });
        let Some(account) = known.cloned() else { return self.failure(401, call, world) };
        let temper = account.temper();
        match temper {
            Temper::TooManyRequests => return self.failure(429, call, world).with("Retry-After", "30"),
            Temper::ServerError => return self.failure(500, call, world),
            Temper::LockedOut => return self.failure(402, call, world),
            Temper::FailedWith200 => return self.failure_with_200(call, world),
            Temper::Calm | Temper::Slow => {}
        }
        let (now, noise) = (world.now(), world.noise());
        let value = if world.quirk(ID, "jwt_token") {
            jwt(&Claims { sub: id, entity, iat: now }, &noise)
        } else {
            base64(uuid(&noise).as_bytes())
        };
        let mut token = world.mint(ID, account.name(), value, LIFE);
        entity.clone_into(&mut token.grant);
        let reply = Reply::json(200, &self.body("Success", 200, "", Some(&token.value), world));
        world.tokens.keep(token);
        if temper == Temper::Slow { reply.after(SLOW) } else { reply }
    }

    fn managed(&self, call: &Call, world: &mut World) -> Reply {
        let bearer = if world.quirk(ID, "bearer") { call.scheme("bearer") } else { None };
        let now = world.now();
        let token = bearer.or(call.bare()).and_then(|value| world.tokens.find(ID, value));
        let needed = if call.path.ends_with("/apps") { "customer" } else { "app" };
        match token {
            Some(token) if token.standing(now) == Standing::Live && token.grant == needed => {
                let body = self.body("Success", 200, "", Some([(); 0]), world);
                Reply::json(200, &body)
            }
            Some(token) if token.standing(now) == Standing::Live => self.failure(403, call, world),
            _ => self.failure(401, call, world),
        }
    }

    fn body<T: Serialize>(
        &self,
        status: &'static str,
        code: u16,
        error: &'static str,
        data: Option<T>,
        world: &mut World,
    ) -> Body<T> {
        let lowercase = world.quirk(ID, "lowercase_status");
        let status = if lowercase { status.to_lowercase() } else { status.to_owned() };
        Body { request_id: uuid(&world.noise()), status, code, error, data }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<T> {
    request_id: String,
    status: String,
    code: u16,
    error: &'static str,
    data: Option<T>,
}

#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    entity: &'a str,
    iat: i64,
}
