//! A token that is kept valid: revoked by the vendor, reported once, replaced. Runs against a sandbox of its own.
#![expect(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::time::Duration;

use ccauth::{Account, Source, Wish};
use ccauth_sandbox::{Filter, Which};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = ccauth_sandbox::Sandbox::builder().start()?;
    let account = Account::builder("servetel")
        .field("email", "demo@example.com")
        .field("password", "demo-secret")
        // Leave these two out to reach the vendor itself.
        .field("base_url", sandbox.base_url("servetel"))
        .field("ca_file", sandbox.ca_file().display().to_string())
        .build()?;

    // Once; clone it into every thread.
    let source = Source::open(&account);
    // Before each call: at once, as long as a token is held.
    let first = source.token()?;
    let reads = (0..1_000).filter(|_| source.token().is_ok()).count();
    println!("{reads} reads, {} request", sandbox.admin().requests(&Filter::all()).len());

    // On a thread that carries signalling or media: no wait, no lock, no allocation. It says why if there is none.
    let mut value = [0; 2_048];
    let seen = source.try_token(&mut value).map_err(|why| why.means)?;
    println!("{}: {} bytes, {:?} left", source.carriage().name(), seen.len, seen.left);

    // A batch of half an hour needs a token that lives as long, and has two seconds to wait for it.
    let wish = Wish::default().min_valid(Duration::from_secs(1_800)).deadline(Duration::from_secs(2));
    assert!(source.token_for(wish)?.same_value(&first));

    // The vendor answers a call with 401: say so, once or from every thread.
    sandbox.admin().revoke(&Which::Vendor("servetel".to_owned()))?;
    source.report_rejected(&first);
    while source.token()?.same_value(&first) {
        std::thread::sleep(Duration::from_millis(10));
    }
    println!("another token after one report: {:?}", source.status());
    Ok(())
}
