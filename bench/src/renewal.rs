//! The slowest reads of a held token while one renewal after the other is under way, beside those while there is none;
//! the reader has a core of its own.

use std::error::Error;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ccauth::{Client, Policy, Source};

use crate::contenders::account;
use crate::server::{self, LEN};
use crate::stats::{cores, median, median_ratio, nanos, pin, time};

/// How often the slowest are looked for.
const ROUNDS: usize = 9;
const BATCHES: usize = 20_000;
/// Reads in a batch.
const READS: u32 = 1_000;
const DELAY: Duration = Duration::from_millis(2);

pub fn run() -> Result<(), Box<dyn Error>> {
    let cores = cores()?;
    let [readers, others, ..] = *cores else {
        println!("reads during a renewal: not measured, which takes two cores");
        return Ok(());
    };
    // So does every thread that is started from here on.
    pin(&[others])?;
    let server = &server::start(1, DELAY, LEN)?[0];
    let mut policy = Policy::default();
    let nothing = Duration::from_nanos(1);
    (policy.floor, policy.pace, policy.burst) = (nothing, nothing, u32::MAX);
    let source = Source::with_policy(&account(&Client::builder().build(), server).build()?, policy)?;
    source.token()?;

    let (mut calm, mut busy, mut renewals) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        for (times, renews) in [(&mut calm, false), (&mut busy, true)] {
            let over = AtomicBool::new(false);
            let slowest = thread::scope(|scope| {
                let reader = scope.spawn(|| {
                    let slowest = pin(&[readers]).map(|()| slowest(&source));
                    over.store(true, Ordering::Relaxed);
                    slowest
                });
                while renews && !over.load(Ordering::Relaxed) {
                    renewals += u32::from(source.renew_now().is_ok_and(|is_new| is_new));
                }
                reader.join().map_err(|_| "the reader failed")
            });
            times.push(slowest??);
        }
    }
    pin(&cores)?;
    let ratio = median_ratio(&busy, &calm);
    let [calm, busy] = [calm, busy].map(|times| nanos(median(times)) / f64::from(READS));
    println!("the slowest thousandth of {BATCHES} batches of {READS} reads, ns a read, median of {ROUNDS}");
    println!("  no renewal  {calm:>8.1}");
    println!("  renewals    {busy:>8.1}    ({renewals} of them, one after the other)");
    println!("  ratio       {ratio:>8.2}    (goal: 2)");
    Ok(())
}

/// What a batch takes that is slower than all but a thousandth.
fn slowest(source: &Source) -> Duration {
    let mut into = [0; LEN];
    let mut batch = || {
        for _ in 0..READS {
            black_box(source.try_token(black_box(&mut into)).is_ok());
        }
    };
    let mut times: Vec<_> = (0..BATCHES).map(|_| time(&mut batch).1).collect();
    times.sort_unstable();
    times[BATCHES - BATCHES / 1_000]
}
