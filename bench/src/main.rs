//! Our figures beside the peers', measured in the same run and printed as ratios. Nothing here passes or
//! fails: the figures are for reading.

mod accounts;
mod cached;
mod contenders;
mod deadline;
mod fetch;
mod idle;
mod renewal;
mod server;
mod stats;
mod tenants;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let rounds = match &*arguments.iter().map(String::as_str).collect::<Vec<_>>() {
        [] => 400,
        ["--quick"] => 60,
        // What this program starts itself, for what is measured of a whole process.
        ["accounts"] => return accounts::run(),
        ["idle", rest @ ..] => return idle::child(rest),
        ["tenants", rest @ ..] => return tenants::child(rest),
        [other, ..] => return Err(format!("no option {other}; there is --quick").into()),
    };
    fetch::run(rounds)?;
    deadline::run(rounds / 20)?;
    stats::in_child(&["accounts"])?;
    cached::run(rounds / 20)?;
    renewal::run()?;
    idle::run()?;
    tenants::run()
}
