//! What the whole-system tests share: clients of a sandbox, a raw server for what no honest server does,
//! a scan for secrets, and the built command. Each topic is a file of `tests/`; a test that guards one of
//! the promises of this system bears its number in its name.

mod canary;
mod command;
mod raw;
mod time;

use ccauth::core::http::{Method, StatusCode};
use ccauth::core::{Body, http};
use ccauth::{Client, ClientBuilder, Error, Reply, Request, Token};
use ccauth_sandbox::{Account, Sandbox};

pub use canary::{Canaries, forms};
pub use command::{Command, Finished, Running, SandboxProcess, built, root, tool};
pub use raw::{RawServer, read_request, send_slowly};
pub use time::{PATIENCE, SLACK, finish_within, timed, wait_for};

/// The vendors of the sandbox. ccauth has one more, whose replies `tests/exotel_v4.rs` makes itself.
pub const VENDORS: [&str; 5] = ["exotel-ccm", "exotel-webrtc", "contactnow", "servetel", "sangoma"];

/// Where each vendor's reply in JSON has the token.
pub fn token_pointer(vendor: &str) -> &'static str {
    match vendor {
        "exotel-ccm" => "/response/data/access_token",
        "exotel-webrtc" => "/Data",
        "contactnow" => "/token",
        _ => "/access_token",
    }
}

/// A sandbox over TLS.
pub fn sandbox() -> Sandbox {
    Sandbox::builder().start().expect("a sandbox on a free port of loopback")
}

/// A client of an account, to be changed before it is built.
pub fn builder(sandbox: &Sandbox, account: &Account) -> ClientBuilder {
    let fields = account.fields().iter().map(|field| (field.name.as_str(), field.value.as_str()));
    reaching(sandbox, account.vendor(), fields)
}

/// A client with these fields, of the sandbox's vendor.
pub fn reaching<'a>(
    sandbox: &Sandbox,
    vendor: &str,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> ClientBuilder {
    let mut builder = Client::builder(vendor).field("base_url", sandbox.base_url(vendor));
    if sandbox.is_tls() {
        builder = builder.field("ca_file", sandbox.ca_file().to_string_lossy().into_owned());
    }
    fields.into_iter().fold(builder, |builder, (name, value)| builder.field(name, value))
}

/// A client of the vendor's demo account.
pub fn client(sandbox: &Sandbox, vendor: &str) -> Client {
    builder(sandbox, sandbox.account(vendor)).build().expect("the demo account's fields are good")
}

/// One of the sandbox's accounts by its name: `acct-429`, `demo-app`, …
pub fn named<'a>(sandbox: &'a Sandbox, vendor: &str, name: &str) -> &'a Account {
    let all = sandbox.accounts().iter();
    let mut found = all.filter(|account| account.vendor() == vendor && account.name() == name);
    found.next().unwrap_or_else(|| panic!("the sandbox has no account {name} of {vendor}"))
}

/// Adds an account of these fields to the sandbox.
pub fn add_account(sandbox: &Sandbox, vendor: &str, name: &str, fields: &[(&str, &str)]) -> Account {
    let account = Account::new(vendor, name, fields.iter().copied()).expect("fields of the vendor");
    sandbox.admin().add_account(account.clone());
    account
}

/// The demo account's fields, with others in place of some or beside them.
pub fn fields_with(sandbox: &Sandbox, vendor: &str, others: &[(&str, &str)]) -> Vec<(String, String)> {
    let given = |name: &str| others.iter().any(|(other, _)| *other == name);
    let kept = sandbox.account(vendor).fields().iter().filter(|field| !given(&field.name));
    let kept = kept.map(|field| (field.name.clone(), field.value.clone()));
    kept.chain(others.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).collect()
}

/// A client of the demo account with some fields replaced or added.
///
/// # Errors
/// As the client's builder.
pub fn client_with(sandbox: &Sandbox, vendor: &str, others: &[(&str, &str)]) -> Result<Client, Error> {
    let fields = fields_with(sandbox, vendor, others);
    reaching(sandbox, vendor, fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))).build()
}

/// A GET through the client's own transport, with the token attached as it says itself.
///
/// # Errors
/// As the transport.
pub fn get(client: &Client, url: &str, token: Option<&Token>) -> Result<Reply, Error> {
    let mut request = Request::new(Body::default());
    let mut target = url.to_owned();
    match token {
        Some(token) if token.carriage().is_query() => target = format!("{url}?{}", token.query()?.expose()),
        Some(token) => {
            let (name, value) = token.header()?;
            request.headers_mut().insert(name, value);
        }
        None => {}
    }
    *request.uri_mut() = uri(&target);
    client.transport().send(request)
}

/// Whether the protected endpoint of the demo account takes the token.
pub fn accepted(sandbox: &Sandbox, client: &Client, token: &Token) -> bool {
    let url = sandbox.protected(client.descriptor().id).url;
    takes(client, &url, token)
}

/// Whether this endpoint takes the token: by its status, and where the vendor answers all with 200, by
/// its word.
pub fn takes(client: &Client, url: &str, token: &Token) -> bool {
    let reply = get(client, url, Some(token)).expect("the protected endpoint answers");
    let refused = String::from_utf8_lossy(reply.body().bytes()).contains("\"success\":false");
    reply.status() == StatusCode::OK && !refused
}

/// The reply's exact body to the request that the client's vendor makes for a token.
pub fn raw_issue(sandbox: &Sandbox, vendor: &str) -> Vec<u8> {
    use ccauth::core::{Login, Op};
    use ccauth::{Secret, Timestamp};
    let mut fields = fields_with(sandbox, vendor, &[("base_url", &sandbox.base_url(vendor))]);
    let client = client(sandbox, vendor);
    let spec = ccauth::vendor(vendor).expect("a vendor");
    let fields = fields.drain(..).map(|(name, value)| (name, Secret::from(value))).collect::<Vec<_>>();
    let login = Login::new(spec, fields.iter().map(|(name, value)| (name.as_str(), value.clone())));
    let request = spec.build(Op::Issue, &login.expect("good fields"), None, Timestamp::UNIX_EPOCH);
    let reply = client.transport().send(request.expect("a request")).expect("a reply");
    assert_eq!(reply.status(), StatusCode::OK, "{vendor}");
    reply.body().bytes().to_vec()
}

/// A request of our own, for the sandbox's admin interface.
pub fn post_json(client: &Client, method: Method, url: &str, json: &str) -> Reply {
    let mut request = Request::new(Body::new(json.as_bytes().to_vec()));
    *request.method_mut() = method;
    *request.uri_mut() = uri(url);
    client.transport().send(request).expect("the admin interface answers")
}

fn uri(text: &str) -> http::Uri {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}
