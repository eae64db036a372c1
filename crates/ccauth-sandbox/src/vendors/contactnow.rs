//! 8x8 ContactNow: `token.php?action=get|validate|delete|newpass`.
//!
//! Documented (the vendor's "Creating an API Token" page): the four actions and their arguments, by GET or
//! POST; JSON or XML by `format`; `success`, `error`, `token`, `expire` (absolute, epoch seconds); the same
//! token while it is valid; 12 hours; binding to the address that asks, or to `address`.
//!
//! Observed (the vendor's repository, public clients): failures under HTTP 200, the texts "Authentication
//! failure", "Invalid token", "Expired token" with `expire: -1`, "Unknown token"; at most ten addresses;
//! the token as a query argument of business calls; `error` beside `success: true` there.
//!
//! Assumed: "Unknown token" is one that never was, "Invalid token" one that was deleted or comes from
//! another address; a further `get` adds its address to the live token; the bodies of `delete` and
//! `newpass`; that `newpass` leaves the token alive; that a POST argument wins over a GET one.

use std::net::IpAddr;

use hyper::Method;
use serde::Serialize;

use super::{DEMO_SECRET, SLOW, Vendor, quoted, ready_made};
use crate::account::{Account, FieldSpec, Temper};
use crate::encoding::hex;
use crate::message::{Call, Reply};
use crate::token::{Fate, Standing};
use crate::world::{Quirk, World};

const ID: &str = "contactnow";
const LIFE: i64 = 12 * 3600;
const MOST_ADDRESSES: usize = 10;

pub(super) struct ContactNow;

#[derive(Clone, Debug, Default)]
pub(super) struct TokenNotes {
    /// Who may use it.
    addresses: Vec<IpAddr>,
}

impl Vendor for ContactNow {
    fn id(&self) -> &'static str {
        ID
    }

    fn fields(&self) -> &'static [FieldSpec] {
        const { &[FieldSpec::open("username"), FieldSpec::secret("password"), FieldSpec::optional("address")] }
    }

    fn quirks(&self) -> &'static [Quirk] {
        const {
            &[
                Quirk { name: "ip_binding", default: true, about: "a token serves only its addresses" },
                Quirk { name: "html_content_type", default: false, about: "JSON announced as text/html" },
                Quirk { name: "numeric_success", default: false, about: "`success` is 1 or 0 in JSON too" },
                Quirk {
                    name: "error_beside_success",
                    default: false,
                    about: "`error` in a successful business reply",
                },
            ]
        }
    }

    fn account(&self, name: &str, principal: &str) -> Account {
        ready_made(ID, name, [("username", principal), ("password", DEMO_SECRET)])
    }

    fn route(&self, call: &Call) -> Option<&'static str> {
        if !matches!(call.method, Method::GET | Method::POST) {
            return None;
        }
        match call.path.as_str() {
            "/token.php" => match Arguments::of(call).get("action") {
                "get" => Some("token"),
                "validate" => Some("validate"),
                "delete" => Some("delete"),
                "newpass" => Some("newpass"),
                _ => Some("action"),
            },
            "/database.php" => Some("protected"),
            _ => None,
        }
    }

    fn answer(&self, route: &'static str, call: &Call, world: &mut World) -> Reply {
        let arguments = Arguments::of(call);
        match route {
            "token" => self.token(&arguments, call, world),
            "validate" => match self.holder(&arguments, call, world) {
                Ok((_, expire)) => say(200, &Body { expire: Some(expire), ..OK }, call, world),
                Err(body) => say(200, &body, call, world),
            },
            "delete" => match self.holder(&arguments, call, world) {
                Ok(_) => {
                    if let Some(token) = world.tokens.find_mut(ID, arguments.get("token")) {
                        token.fate = Fate::Revoked;
                    }
                    say(200, &OK, call, world)
                }
                Err(body) => say(200, &body, call, world),
            },
            "newpass" => self.newpass(&arguments, call, world),
            "protected" => match self.holder(&arguments, call, world) {
                Ok(_) => {
                    let error = world.quirk(ID, "error_beside_success").then_some("No records found");
                    say(200, &Body { total: Some(0), error, ..OK }, call, world)
                }
                Err(body) => say(200, &body, call, world),
            },
            _ => say(200, &Body::failed("Invalid action"), call, world),
        }
    }

    fn failure(&self, status: u16, call: &Call, world: &mut World) -> Reply {
        let error = match status {
            401 => "Authentication failure",
            403 => "Account suspended",
            404 => "Not found",
            429 => "Too many requests",
            _ => "Internal error",
        };
        say(status, &Body::failed(error), call, world)
    }

    fn failure_with_200(&self, call: &Call, world: &mut World) -> Reply {
        say(200, &Body::failed("Authentication failure"), call, world)
    }

    fn protected(&self, _account: &Account) -> (String, &'static str) {
        ("/database.php".to_owned(), "query: token=<token>")
    }

    fn curl(&self, base_url: &str, account: &Account) -> String {
        let username = quoted(&format!("username={}", account.value("username")));
        let password = quoted(&format!("password={}", account.value("password")));
        let url = quoted(&format!("{base_url}/token.php"));
        format!("-d action=get --data-urlencode {username} --data-urlencode {password} {url}")
    }
}

impl ContactNow {
    fn token(&self, arguments: &Arguments, call: &Call, world: &mut World) -> Reply {
        let sent = [arguments.get("username"), arguments.get("password")];
        let known = world
            .accounts_of(ID)
            .find(|account| [account.value("username"), account.value("password")] == sent);
        let Some(account) = known.cloned() else {
            return say(200, &Body::failed("Authentication failure"), call, world);
        };
        let temper = account.temper();
        match temper {
            Temper::TooManyRequests => return self.failure(429, call, world).with("Retry-After", "30"),
            Temper::ServerError => return self.failure(500, call, world),
            Temper::LockedOut => return say(200, &Body::failed("Account suspended"), call, world),
            Temper::FailedWith200 => return self.failure_with_200(call, world),
            Temper::Calm | Temper::Slow => {}
        }
        let Some(addresses) = arguments.addresses(call.peer) else {
            return say(200, &Body::failed("Invalid address"), call, world);
        };
        let now = world.now();
        if world.tokens.live(ID, account.name(), "", now).is_none() {
            let value = hex(&world.noise()[..20]);
            let token = world.mint(ID, account.name(), value, LIFE);
            world.tokens.keep(token);
        }
        let Some(token) = world.tokens.live(ID, account.name(), "", now) else {
            return self.failure(500, call, world);
        };
        for address in addresses {
            let bound = &mut token.notes.contactnow.addresses;
            if !bound.contains(&address) && bound.len() < MOST_ADDRESSES {
                bound.push(address);
            }
        }
        let (value, expire) = (token.value.clone(), token.expires_at);
        let reply = say(200, &Body { token: Some(&value), expire: Some(expire), ..OK }, call, world);
        if temper == Temper::Slow { reply.after(SLOW) } else { reply }
    }

    fn newpass(&self, arguments: &Arguments, call: &Call, world: &mut World) -> Reply {
        let name = match self.holder(arguments, call, world) {
            Ok((name, _)) => name,
            Err(body) => return say(200, &body, call, world),
        };
        let password = arguments.get("password");
        if password.is_empty() {
            return say(200, &Body::failed("Invalid password"), call, world);
        }
        let holder = |account: &&mut Account| account.vendor() == ID && account.name() == name;
        if let Some(account) = world.accounts.iter_mut().find(holder) {
            account.set("password", password);
        }
        say(200, &OK, call, world)
    }

    /// The account a token speaks for and the token's expiry, or why it speaks for none.
    fn holder(
        &self,
        arguments: &Arguments,
        call: &Call,
        world: &World,
    ) -> Result<(String, i64), Body<'static>> {
        let token = world.tokens.find(ID, arguments.get("token")).ok_or(Body::failed("Unknown token"))?;
        let bound_elsewhere =
            world.quirk(ID, "ip_binding") && !token.notes.contactnow.addresses.contains(&call.peer);
        match token.standing(world.now()) {
            Standing::Dead => Err(Body::failed("Invalid token")),
            _ if bound_elsewhere => Err(Body::failed("Invalid token")),
            Standing::Expired => Err(Body { expire: Some(-1), ..Body::failed("Expired token") }),
            Standing::Live => Ok((token.account.clone(), token.expires_at)),
        }
    }
}

/// "The request arguments can all be passed as HTTP Post or Get variables."
struct Arguments(Vec<(String, String)>);

impl Arguments {
    fn of(call: &Call) -> Arguments {
        Arguments(call.form_pairs().into_iter().chain(call.query_pairs()).collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Whom the token is for: the list in `address`, or the one who asks. `None` if the list is no good.
    fn addresses(&self, peer: IpAddr) -> Option<Vec<IpAddr>> {
        match self.get("address") {
            "" => Some(vec![peer]),
            list => {
                let parsed: Option<Vec<IpAddr>> =
                    list.split(',').map(|one| one.trim().parse().ok()).collect();
                parsed.filter(|addresses| addresses.len() <= MOST_ADDRESSES)
            }
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Body<'a> {
    success: bool,
    error: Option<&'static str>,
    token: Option<&'a str>,
    expire: Option<i64>,
    total: Option<u32>,
}

const OK: Body<'static> = Body { success: true, error: None, token: None, expire: None, total: None };

impl Body<'static> {
    fn failed(error: &'static str) -> Body<'static> {
        Body { success: false, error: Some(error), ..OK }
    }
}

/// `success` is a boolean for JSON, "a 1 or 0 for XML".
#[derive(Serialize)]
struct Json<'a, S> {
    success: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expire: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u32>,
}

fn say(status: u16, body: &Body<'_>, call: &Call, world: &World) -> Reply {
    let Body { success, error, token, expire, total } = *body;
    if Arguments::of(call).get("format").eq_ignore_ascii_case("xml") {
        // Spaced as on the page. No value here ever needs escaping.
        let mut xml = format!("<result> <success>{}</success> ", u8::from(success));
        let members = [
            ("error", error.map(str::to_owned)),
            ("token", token.map(str::to_owned)),
            ("expire", expire.map(|expire| expire.to_string())),
            ("total", total.map(|total| total.to_string())),
        ];
        for (name, value) in members {
            if let Some(value) = value {
                xml.push_str(&format!("<{name}>{value}</{name}> "));
            }
        }
        return Reply::new(status, "text/xml", xml + "</result>");
    }
    let mut reply = if world.quirk(ID, "numeric_success") {
        Reply::json(status, &Json { success: u8::from(success), error, token, expire, total })
    } else {
        Reply::json(status, &Json { success, error, token, expire, total })
    };
    if world.quirk(ID, "html_content_type") {
        reply.set("Content-Type", Some("text/html; charset=UTF-8"));
    }
    reply
}
