//! Thousands of tenants whose tokens are due at once.

use std::error::Error;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ccauth::{Client, Limits, ManualClock, Source, Timestamp};
use ccauth_sandbox::{Account, Sandbox};

use crate::contenders::{account, credentials};
use crate::fetch::VENDOR;
use crate::server::{self, LEN, SHORT};
use crate::stats::{in_child, status, time};

const DELAY: Duration = Duration::from_millis(50);

pub fn run() -> Result<(), Box<dyn Error>> {
    println!("tenants whose tokens are due at once, at vendors that take {} ms for each", DELAY.as_millis());
    for (limits, hosts, len) in [("256", 1, SHORT), ("256", 1, LEN), ("default", 100, LEN)] {
        println!("  tokens of {len} bytes");
        let hosts = server::start(hosts, DELAY, len)?;
        let hosts: Vec<_> = hosts.iter().map(String::as_str).collect();
        in_child(&[&["tenants", "10000", limits], &hosts[..]].concat())?;
    }
    println!("the same, over a new TLS connection to the sandbox for each, which takes its time alone");
    let sandbox = Sandbox::builder().start()?;
    for n in 0..1_000 {
        let [email, password] = credentials(n);
        let fields = [("email", email), ("password", password)];
        sandbox.admin().add_account(Account::new(VENDOR, format!("clerk{n}"), fields)?)?;
    }
    let (url, ca_file) = (sandbox.base_url(VENDOR), sandbox.ca_file().display().to_string());
    in_child(&["tenants", "1000", "256", &url, &ca_file])
}

/// In a process of its own, whose memory is that of the tenants alone.
pub fn child(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let [tenants, in_flight, hosts @ ..] = arguments else { return Err("tenants: expected a number".into()) };
    let mut limits = Limits::default();
    if let Ok(all) = in_flight.parse() {
        (limits.in_flight, limits.per_host, limits.at_first) = (all, all, all);
    }
    let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_800_000_000)?));
    let client = Client::builder().clock(clock.clone()).limits(limits)?.build();
    let open = |at: usize| -> Result<Source, ccauth::Error> {
        let account = match hosts {
            [url, ca_file] => account(&client, url).field("ca_file", *ca_file),
            hosts => account(&client, hosts[at % hosts.len()]),
        };
        Ok(Source::open(&account.build()?))
    };
    let (sources, opened) = time(|| -> Result<Vec<_>, ccauth::Error> {
        let sources = (0..tenants.parse().unwrap_or(1)).map(open).collect::<Result<Vec<_>, _>>()?;
        sources.iter().for_each(|source| wait(source, 1));
        Ok(sources)
    });
    let sources = sources?;
    // Of a life of an hour at least the last 12 minutes are for renewing.
    clock.advance(Duration::from_secs(49 * 60));
    let ((), renewed) = time(|| sources.iter().for_each(|source| wait(source, 2)));
    println!(
        "  {tenants:>6}, {:>3} in flight, {:>3} to a host: opened in {:>5.2} s, renewed in {:>5.2} s, at most {:>4.1} MiB",
        limits.in_flight,
        limits.per_host,
        opened.as_secs_f64(),
        renewed.as_secs_f64(),
        status("VmHWM:")? as f64 / 1_024.0,
    );
    Ok(())
}

/// Until it holds so many-th token.
fn wait(source: &Source, generation: u64) {
    while source.try_token(&mut [0; LEN]).map_or(0, |seen| seen.generation) < generation {
        thread::sleep(Duration::from_millis(1));
    }
}
