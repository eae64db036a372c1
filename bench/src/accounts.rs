//! What a hundred accounts of one host cost at their first requests: threads, memory, time.

use std::error::Error;
use std::time::Duration;

use ccauth_sandbox::Sandbox;

use crate::fetch::account_at;
use crate::stats::{median, status, time};

const ACCOUNTS: usize = 100;

pub fn child() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().start()?;
    // By its name, so that the resolver has its part.
    let base_url = sandbox.base_url(crate::fetch::VENDOR).replace("127.0.0.1", "localhost");
    let build = || account_at(&sandbox, &base_url, "10000");
    let accounts = (0..ACCOUNTS).map(|_| build()).collect::<Result<Vec<_>, _>>()?;
    // What a process pays once is paid here.
    let (first, once) = time(|| build()?.issue());
    first?;
    let (threads, memory) = (status("Threads:")?, status("VmRSS:")?);
    let mut times = Vec::new();
    for account in &accounts {
        let (token, took) = time(|| account.issue());
        token?;
        times.push(took);
    }
    let threads = status("Threads:")?.saturating_sub(threads);
    let memory = status("VmRSS:")?.saturating_sub(memory);
    println!("first requests of {ACCOUNTS} accounts of one host, after another account's");
    println!("  that one's  {:>8.2} ms", millis(once));
    println!("  each        {:>8.2} ms (median)", millis(median(times)));
    println!("  memory      {:>8.1} KiB each", memory as f64 / ACCOUNTS as f64);
    println!("  threads     {threads:>8}");
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
