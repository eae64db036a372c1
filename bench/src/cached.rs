//! A held token of 1 KiB into a caller's buffer, its end checked: ours beside the least that it takes and beside the
//! peers, by one thread and by several at once.

use std::error::Error;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use crate::contenders::{ALL, Read};
use crate::server::{self, LEN};
use crate::stats::{cores, median, median_ratio, nanos, now, pin};

/// How long each thread reads in one round: long enough for each core to get its part of the threads.
const ROUND: Duration = Duration::from_millis(20);
/// Reads between two looks at the clock.
const CHUNK: u32 = 1_000;
const THREADS: [usize; 4] = [1, 2, 4, 8];

pub fn run(rounds: usize) -> Result<(), Box<dyn Error>> {
    let server = &server::start(1, Duration::ZERO, LEN)?[0];
    let readers = ALL.iter().map(|(_, open)| open(server)).collect::<Result<Vec<_>, _>>()?;
    println!(
        "a held token of 1 KiB into a buffer, its end checked, ns of a core, median of {rounds}, in turn"
    );
    println!("  threads             {:>8} {:>8} {:>8} {:>8}   to the floor", 1, 2, 4, 8);
    // By contender, by the number of threads.
    let mut times = vec![THREADS.map(|_| Vec::new()); readers.len()];
    for _ in 0..rounds {
        for (at, threads) in THREADS.into_iter().enumerate() {
            for (times, read) in times.iter_mut().zip(&readers) {
                times[at].push(crowd(threads, read)?);
            }
        }
    }
    for ((name, _), of_each) in ALL.iter().zip(&times) {
        print!("  {name:<18}");
        of_each.iter().for_each(|times| print!(" {:>8.1}", nanos(median(times.clone())) / f64::from(CHUNK)));
        println!("   {:>6.2}", median_ratio(&of_each[0], &times[0][0]));
    }
    let [one, .., eight] = &times[1];
    println!(
        "  ccauth, eight threads to one: {:.2}   (goals: 2.5 to the floor, 2 to one)",
        median_ratio(eight, one)
    );
    Ok(())
}

/// What [`CHUNK`] reads cost a core while so many threads do nothing else.
fn crowd(threads: usize, read: &Read) -> Result<Duration, Box<dyn Error>> {
    let cores = cores()?;
    let ready = Barrier::new(threads);
    let reads = |core: usize| {
        let pinned = pin(&[core]);
        let (mut into, mut chunks) = ([0; LEN], 0);
        ready.wait();
        let start = now();
        while start.elapsed() < ROUND {
            read(black_box(&mut into), CHUNK);
            chunks += 1;
        }
        pinned.map(|()| (start, now(), chunks))
    };
    let times: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> =
            cores.iter().cycle().take(threads).map(|core| scope.spawn(|| reads(*core))).collect();
        threads.into_iter().flat_map(thread::ScopedJoinHandle::join).collect::<Result<_, _>>()
    })?;
    let start = times.iter().map(|(start, ..)| *start).min();
    let end = times.iter().map(|(_, end, _)| *end).max();
    let took = start.zip(end).map_or(Duration::ZERO, |(start, end)| end - start);
    let chunks: u32 = times.iter().map(|(.., chunks)| chunks).sum();
    Ok(took * u32::try_from(threads.min(cores.len()))? / chunks)
}
