//! How long after its deadline a request returns, when the vendor falls silent at each stage.

use std::error::Error;
use std::time::Duration;

use ccauth_sandbox::{Action, Fault, Point, Sandbox};

use crate::fetch::account;
use crate::stats::{median, time};

const DEADLINE: Duration = Duration::from_millis(400);

pub fn run(rounds: usize) -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().start()?;
    let account = account(&sandbox, &DEADLINE.as_millis().to_string())?;
    account.issue()?;
    println!("after a deadline of {} ms, median and longest of {rounds}", DEADLINE.as_millis());
    for (stage, action) in [
        ("no TLS handshake", Action::TlsStall {}),
        ("no reply", Action::Hang { at: Point::BeforeReply }),
        ("no body", Action::Hang { at: Point::AfterHeaders }),
        ("half a body", Action::Hang { at: Point::MidBody }),
        ("a byte in 50 ms", Action::Dribble { bytes: 1, interval_ms: 50 }),
    ] {
        let mut late = Vec::new();
        for _ in 0..rounds {
            let fault = sandbox.admin().add_fault(Fault::new(action.clone()))?;
            let (outcome, took) = time(|| account.issue());
            sandbox.admin().remove_fault(fault);
            if outcome.is_ok() {
                return Err(format!("{stage}: a token all the same").into());
            }
            late.push(took.saturating_sub(DEADLINE));
        }
        let longest = late.iter().max().copied().unwrap_or_default();
        println!("  {stage:<17}{:>7.1} ms {:>7.1} ms   (goal: 50 ms)", millis(median(late)), millis(longest));
    }
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
