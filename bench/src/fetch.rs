//! One token over a new HTTPS connection: ccauth beside bare ureq doing the same POST, in turn.

use std::error::Error;
use std::time::Duration;

use ccauth::{Account, Body, Login, Op, Reading, Reply, Secret, Timestamp};
use ccauth_sandbox::Sandbox;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::stats::{median, median_ratio, time};

pub const VENDOR: &str = "servetel";

/// The sandbox's demo account.
pub fn account(sandbox: &Sandbox, timeout_ms: &str) -> Result<Account, ccauth::Error> {
    account_at(sandbox, &sandbox.base_url(VENDOR), timeout_ms)
}

/// [`account`] by another name of the sandbox's host.
pub fn account_at(sandbox: &Sandbox, base_url: &str, timeout_ms: &str) -> Result<Account, ccauth::Error> {
    let mut builder = Account::builder(VENDOR)
        .field("base_url", base_url)
        .field("ca_file", sandbox.ca_file().display().to_string())
        .field("timeout_ms", timeout_ms)
        .field("connect_timeout_ms", timeout_ms);
    for field in sandbox.account(VENDOR).fields() {
        builder = builder.field(field.name.as_str(), field.value.as_str());
    }
    builder.build()
}

pub fn run(rounds: usize) -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().start()?;
    let customer = sandbox.account(VENDOR);
    let account = account(&sandbox, "10000")?;
    let agent = bare_ureq(sandbox.ca_pem())?;
    let url = format!("{}/v1/auth/login", sandbox.base_url(VENDOR));
    let field = |name| customer.field(name).unwrap_or_default();
    let body = format!(r#"{{"email":"{}","password":"{}"}}"#, field("email"), field("password"));
    let bare = || -> Result<Vec<u8>, ureq::Error> {
        agent
            .post(&url)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .send(body.as_bytes())?
            .body_mut()
            .read_to_vec()
    };

    for _ in 0..10 {
        account.issue()?;
        bare()?;
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (token, took) = time(|| account.issue());
        token?;
        ours.push(took);
        let (reply, took) = time(bare);
        reply?;
        theirs.push(took);
    }
    let ratio = median_ratio(&ours, &theirs);
    let (ours, theirs) = (median(ours), median(theirs));
    println!("one token over a new HTTPS connection, loopback, median of {rounds}, in turn");
    println!("  ccauth     {:>9.1} µs", micros(ours));
    println!("  bare ureq  {:>9.1} µs", micros(theirs));
    println!("  ratio      {ratio:>9.3}     (goal: at most 1.0)");

    let reading = read_one(&bare()?)?;
    println!("reading that reply into a token");
    println!("  ccauth     {:>9.1} µs", micros(reading));
    println!(
        "  of a fetch {:>9.3} %   (goal: under 1 %)",
        100.0 * reading.as_secs_f64() / ours.as_secs_f64()
    );
    Ok(())
}

/// The same settings as far as they cost time: no pool, verified TLS, every timeout.
fn bare_ureq(ca_pem: &str) -> Result<Agent, ureq::Error> {
    let ca = Certificate::from_pem(ca_pem.as_bytes())?;
    let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[ca])).build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .max_idle_connections(0)
        .timeout_global(Some(Duration::from_secs(10)))
        .build();
    Ok(config.new_agent())
}

/// The median of reading `body` through the vendor.
fn read_one(body: &[u8]) -> Result<Duration, Box<dyn Error>> {
    let vendor = ccauth::vendor(VENDOR)?;
    let fields = [("email", Secret::from("demo@example.com")), ("password", Secret::from("demo-secret"))];
    let login = Login::new(vendor, fields)?;
    let mut reply = Reply::new(Body::new(body.to_vec()));
    reply.headers_mut().insert("content-length", body.len().into());
    let now = Timestamp::from_second(1_800_000_000)?;
    let mut times = Vec::new();
    for _ in 0..2_000 {
        let (outcome, took) = time(|| vendor.read(&Reading::new(Op::Issue, &login, None, &reply, now)));
        std::hint::black_box(outcome?);
        times.push(took);
    }
    Ok(median(times))
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
