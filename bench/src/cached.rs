//! A held token of 1 KiB into a caller's buffer, its end checked: ours beside the least that it takes and beside a
//! shared pointer, by one thread and by several at once.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwap;
use ccauth::{Account, Body, Client, Reply, Request, Source, Transport, http};

use crate::stats::{median, median_ratio, now};

const LEN: usize = 1_024;
/// Reads of a thread in one round.
const READS: u32 = 50_000;

/// A vendor whose token is that long.
#[derive(Debug)]
struct Vendor;

impl Transport for Vendor {
    fn send(&self, _: Request) -> Result<Reply, ccauth::Error> {
        let token = "t".repeat(LEN);
        let body = format!(r#"{{"success":true,"access_token":"{token}","expires_in":3600}}"#);
        let length = http::HeaderValue::from(body.len());
        let mut reply = http::Response::new(Body::new(body.into_bytes()));
        reply.headers_mut().insert(http::header::CONTENT_LENGTH, length);
        Ok(reply)
    }
}

pub fn source() -> Result<Source, Box<dyn Error>> {
    let client = Client::builder().transport(Arc::new(Vendor)).build();
    let account = Account::builder("servetel").field("email", "clerk").field("password", "hunter2");
    Ok(Source::open(&account.client(&client).build()?))
}

pub fn run(rounds: usize) -> Result<(), Box<dyn Error>> {
    let source = source()?;
    let token = source.token()?;
    let ends = AtomicU64::new(u64::MAX);
    let plain = token.value().as_bytes();
    let floor = |into: &mut [u8]| {
        black_box(ends.load(Ordering::Relaxed));
        into.copy_from_slice(black_box(plain));
    };
    let swap = ArcSwap::from_pointee(plain.to_vec());
    let shared = |into: &mut [u8]| into.copy_from_slice(&swap.load());
    let ours = |into: &mut [u8]| {
        let _ = black_box(source.try_token(into));
    };
    println!(
        "a held token of 1 KiB into a buffer, its end checked, ns of a core, median of {rounds}, in turn"
    );
    println!("  threads   floor  ArcSwap + copy  ccauth   ratio to the floor");
    let mut alone = Duration::ZERO;
    for threads in [1, 2, 4, 8] {
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..rounds {
            times[0].push(crowd(threads, &floor));
            times[1].push(crowd(threads, &shared));
            times[2].push(crowd(threads, &ours));
        }
        let ratio = median_ratio(&times[2], &times[0]);
        let [floor, shared, ours] = times.map(median);
        if threads == 1 {
            alone = ours;
        }
        let (floor, shared) = (nanos(floor), nanos(shared));
        println!("  {threads:>7}  {floor:>6.1}  {shared:>14.1}  {:>6.1}  {ratio:>6.2}", nanos(ours));
        if threads == 8 {
            println!(
                "  eight threads to one: {:.2}   (goals: 2.5 to the floor, 2 to one)",
                nanos(ours) / nanos(alone)
            );
        }
    }
    Ok(())
}

/// What a read costs a core while so many threads do nothing else.
fn crowd(threads: u32, read: &(impl Fn(&mut [u8]) + Sync)) -> Duration {
    let cores = u32::try_from(thread::available_parallelism().map_or(1, usize::from)).unwrap_or(1);
    let ready = Barrier::new(threads as usize);
    let reads = || {
        let mut into = [0; LEN];
        ready.wait();
        let start = now();
        for _ in 0..READS {
            read(black_box(&mut into));
        }
        (start, now())
    };
    let times: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(reads)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| (now(), now()))).collect()
    });
    let start = times.iter().map(|(start, _)| *start).min();
    let end = times.iter().map(|(_, end)| *end).max();
    let took = start.zip(end).map_or(Duration::ZERO, |(start, end)| end - start);
    took * threads.min(cores) / (threads * READS / 1_000)
}

/// [`crowd`] counts in thousands of reads.
fn nanos(thousand: Duration) -> f64 {
    thousand.as_secs_f64() * 1e6
}
