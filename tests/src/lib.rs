//! What the whole-system tests share: accounts at a sandbox, a raw server for what no honest server does,
//! a scan for secrets, and the built command. Each topic is a file of `tests/`; a test that guards one of
//! the promises of this system bears its number in its name.

mod c;
mod canary;
mod command;
mod header;
mod misuse;
mod raw;
mod script;
mod time;

use ccauth::http::{Method, StatusCode};
use ccauth::{Account, AccountBuilder, Error, Reply, Request, Token};
use ccauth::{Body, http};
use ccauth_sandbox::{Account as Customer, Action, Fault, Sandbox};

pub use c::{STRICT, c_program};
pub use canary::{Canaries, forms};
pub use command::{
    Command, Finished, Running, SandboxProcess, built, installed, root, run_token, secret_of, token_args,
    tool,
};
pub use header::{Function, functions};
pub use misuse::table as misuse_table;
pub use raw::{RawServer, read_request, send_slowly};
pub use script::{Script, Seen};
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

/// A sandbox whose ContactNow answers later than anybody waits.
pub fn hanging() -> Sandbox {
    let sandbox = sandbox();
    let late = Fault::new(Action::Delay { ms: 60_000 }).vendor("contactnow");
    sandbox.admin().add_fault(late).expect("a fault");
    sandbox
}

/// The account of a customer of the vendor, to be changed before it is built.
pub fn builder(sandbox: &Sandbox, customer: &Customer) -> AccountBuilder {
    let fields = customer.fields().iter().map(|field| (field.name.as_str(), field.value.as_str()));
    reaching(sandbox, customer.vendor(), fields)
}

/// An account with these fields at the sandbox's vendor.
pub fn reaching<'a>(
    sandbox: &Sandbox,
    vendor: &str,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> AccountBuilder {
    let mut builder = Account::builder(vendor).field("base_url", sandbox.base_url(vendor));
    if sandbox.is_tls() {
        builder = builder.field("ca_file", sandbox.ca_file().to_string_lossy().into_owned());
    }
    fields.into_iter().fold(builder, |builder, (name, value)| builder.field(name, value))
}

/// The vendor's demo account.
pub fn account(sandbox: &Sandbox, vendor: &str) -> Account {
    builder(sandbox, sandbox.account(vendor)).build().expect("the demo account's fields are good")
}

/// One of the sandbox's customers by its name: `acct-429`, `demo-app`, …
pub fn named<'a>(sandbox: &'a Sandbox, vendor: &str, name: &str) -> &'a Customer {
    let all = sandbox.accounts().iter();
    let mut found = all.filter(|customer| customer.vendor() == vendor && customer.name() == name);
    found.next().unwrap_or_else(|| panic!("the sandbox has no customer {name} of {vendor}"))
}

/// Adds an account of these fields to the sandbox.
pub fn add_account(sandbox: &Sandbox, vendor: &str, name: &str, fields: &[(&str, &str)]) -> Customer {
    let customer = Customer::new(vendor, name, fields.iter().copied()).expect("fields of the vendor");
    sandbox.admin().add_account(customer.clone()).expect("few accounts");
    customer
}

/// A secret with all that encodings change.
pub const SECRET: &str = "canary:S3cret &wörd%+/\"quoted\"";

/// An account at the vendor with [`SECRET`].
pub fn canary_account(sandbox: &Sandbox, vendor: &str) -> Customer {
    let fields: &[(&str, &str)] = match vendor {
        "exotel-ccm" => &[("account_sid", "demo"), ("api_key", "canary-key"), ("api_token", SECRET)],
        "exotel-webrtc" => &[("id", "canary-id"), ("secret", SECRET), ("entity", "customer")],
        "contactnow" => &[("username", "canary-user"), ("password", SECRET)],
        "servetel" => &[("email", "canary-user"), ("password", SECRET)],
        _ => &[("client_id", "canary-id"), ("client_secret", SECRET), ("scopes", "cx.agent-calls")],
    };
    add_account(sandbox, vendor, "canary", fields)
}

/// The demo account's fields, with others in place of some or beside them.
pub fn fields_with(sandbox: &Sandbox, vendor: &str, others: &[(&str, &str)]) -> Vec<(String, String)> {
    let given = |name: &str| others.iter().any(|(other, _)| *other == name);
    let kept = sandbox.account(vendor).fields().iter().filter(|field| !given(&field.name));
    let kept = kept.map(|field| (field.name.clone(), field.value.clone()));
    kept.chain(others.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).collect()
}

/// The demo account with some fields replaced or added.
///
/// # Errors
/// As the account's builder.
pub fn account_with(sandbox: &Sandbox, vendor: &str, others: &[(&str, &str)]) -> Result<Account, Error> {
    let fields = fields_with(sandbox, vendor, others);
    reaching(sandbox, vendor, fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))).build()
}

/// A GET through the account's own transport, with the token attached as it says itself.
///
/// # Errors
/// As the transport.
pub fn get(account: &Account, url: &str, token: Option<&Token>) -> Result<Reply, Error> {
    let mut request = Request::new(Body::default());
    *request.uri_mut() = uri(url);
    if let Some(token) = token {
        token.attachment()?.apply(&mut request)?;
    }
    account.transport().send(request)
}

/// Whether the protected endpoint of the demo account takes the token.
pub fn accepted(sandbox: &Sandbox, account: &Account, token: &Token) -> bool {
    let url = sandbox.protected(account.descriptor().id).url;
    takes(account, &url, token)
}

/// Whether this endpoint takes the token: by its status, and where the vendor answers all with 200, by
/// its word.
pub fn takes(account: &Account, url: &str, token: &Token) -> bool {
    let reply = get(account, url, Some(token)).expect("the protected endpoint answers");
    let refused = String::from_utf8_lossy(reply.body().bytes()).contains("\"success\":false");
    reply.status() == StatusCode::OK && !refused
}

/// The reply's exact body to the request that the account's vendor makes for a token.
pub fn raw_issue(sandbox: &Sandbox, vendor: &str) -> Vec<u8> {
    use ccauth::{Login, Op};
    use ccauth::{Secret, Timestamp};
    let mut fields = fields_with(sandbox, vendor, &[("base_url", &sandbox.base_url(vendor))]);
    let account = account(sandbox, vendor);
    let spec = ccauth::vendor(vendor).expect("a vendor");
    let fields = fields.drain(..).map(|(name, value)| (name, Secret::from(value))).collect::<Vec<_>>();
    let login = Login::new(spec, fields.iter().map(|(name, value)| (name.as_str(), value.clone())));
    let request = spec.build(Op::Issue, &login.expect("good fields"), None, Timestamp::UNIX_EPOCH);
    let reply = account.transport().send(request.expect("a request")).expect("a reply");
    assert_eq!(reply.status(), StatusCode::OK, "{vendor}");
    reply.body().bytes().to_vec()
}

/// A request of our own, for the sandbox's admin interface.
pub fn post_json(account: &Account, method: Method, url: &str, json: &str) -> Reply {
    let mut request = Request::new(Body::new(json.as_bytes().to_vec()));
    *request.method_mut() = method;
    *request.uri_mut() = uri(url);
    let json = http::HeaderValue::from_static("application/json");
    request.headers_mut().insert(http::header::CONTENT_TYPE, json);
    account.transport().send(request).expect("the admin interface answers")
}

fn uri(text: &str) -> http::Uri {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}
