//! Our figures beside the peers', measured in the same run and printed as ratios. Nothing here passes or
//! fails: the figures are for reading.

mod accounts;
mod cached;
mod deadline;
mod fetch;
mod stats;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = match std::env::args().nth(1).as_deref() {
        None => 400,
        Some("--quick") => 60,
        Some(other) => return Err(format!("no option {other}; there is --quick").into()),
    };
    fetch::run(rounds)?;
    deadline::run(rounds / 20)?;
    accounts::run()?;
    cached::run(rounds / 20)
}
