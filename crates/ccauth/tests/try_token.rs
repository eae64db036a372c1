//! The held token for those who must not wait.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ccauth::{Account, Client, ManualClock, Source, Timestamp, Wish};
use ccauth_testkit::{Gate, Scripted};
use common::{granted, reply};

const HOUR: Duration = Duration::from_secs(3600);

/// A source of Servetel whose requests come to these replies.
fn scene(replies: &[String]) -> (Source, Arc<ManualClock>, Arc<Gate>, Client) {
    let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap()));
    let gate = Arc::new(Gate::new(Arc::new(Scripted::new(replies.iter().map(String::as_str)))));
    let client = Client::builder().clock(clock.clone()).transport(gate.clone()).build();
    (Source::open(&account(&client, "clerk")), clock, gate, client)
}

fn account(client: &Client, email: &str) -> Account {
    let builder = Account::builder("servetel").field("email", email).field("password", "hunter2");
    let builder = builder.field("carriage", "bearer");
    builder.client(client).build().unwrap()
}

/// What a glance shows: the value, its age in generations, whether it is stale, and what is left.
fn glance(source: &Source) -> Result<(String, u64, bool, Duration), &'static str> {
    let mut into = [0; 64];
    let seen = source.try_token(&mut into).map_err(|why| why.word)?;
    let value = String::from_utf8(seen.value.unwrap().to_vec()).unwrap();
    assert_eq!(seen.len, value.len());
    Ok((value, seen.generation, seen.is_stale, seen.left.unwrap()))
}

#[test]
fn a_glance_shows_what_is_held_and_otherwise_why_nothing_is() {
    let rejected = reply(401, r#"{"success":false,"message":"The username or password is incorrect."}"#);
    let throttled = reply(429, r#"{"success":false,"message":"Too many requests"}"#);
    let (source, clock, gate, _) = scene(&[rejected, granted("t0"), granted("t1"), throttled]);
    gate.wait_for(1);
    assert_eq!(glance(&source), Err("token.none"));
    gate.open(1);
    source.token().unwrap_err();
    assert_eq!(glance(&source), Err("credentials.rejected"));
    clock.advance(HOUR);
    gate.open(1);
    let t0 = source.token().unwrap();
    assert_eq!(glance(&source), Ok(("Bearer t0".to_owned(), 1, false, HOUR)));
    clock.advance(HOUR / 2);
    source.report_rejected(&t0);
    assert_eq!(glance(&source), Ok(("Bearer t0".to_owned(), 1, true, HOUR / 2)));
    gate.open(1);
    source.token_for(Wish::default().min_valid(HOUR * 3 / 4)).unwrap();
    assert_eq!(glance(&source), Ok(("Bearer t1".to_owned(), 2, false, HOUR)));

    clock.advance(HOUR - Duration::from_nanos(1));
    gate.wait_for(4);
    assert_eq!(glance(&source), Ok(("Bearer t1".to_owned(), 2, false, Duration::from_nanos(1))));
    clock.advance(Duration::from_nanos(1));
    assert_eq!(glance(&source), Err("token.none"), "it has ended");
    gate.open(1);
    source.token().unwrap_err();
    assert_eq!(glance(&source), Err("vendor.throttled"));

    let (source, _, gate, other) = scene(&[granted("t0")]);
    gate.open(1);
    source.token().unwrap();
    source.replace(&account(&other, "clerk")).unwrap();
    assert!(glance(&source).unwrap().2, "of the credentials before");
    source.replace(&account(&other, "somebody-else")).unwrap();
    assert_eq!(glance(&source), Err("token.none"), "another's token");
    let failure = source.replace(&account(&Client::default(), "clerk")).unwrap_err();
    assert!(failure.message().starts_with("client: "), "{failure}");
}

#[test]
fn a_buffer_that_is_too_small_is_left_alone_and_the_length_told() {
    let (source, _, gate, _) = scene(&[granted("t0")]);
    gate.open(1);
    source.token().unwrap();
    for room in 0..="Bearer t0".len() {
        let mut into = vec![0xff; room];
        let seen = source.try_token(&mut into).unwrap();
        let fits = room == seen.len;
        assert_eq!((seen.len, seen.value.is_some()), ("Bearer t0".len(), fits));
        assert!(fits || into.iter().all(|byte| *byte == 0xff));
    }
}

#[test]
fn a_glance_allocates_nothing_whatever_there_is() {
    let (source, clock, gate, _) = scene(&[granted("t0"), reply(503, "{}")]);
    let look = || {
        let mut into = [0; 64];
        let _ = std::hint::black_box(source.try_token(&mut into));
    };
    let allocated = |what: &dyn Fn()| allocation_counter::measure(what).count_total;
    assert!(
        allocated(&|| drop(source.status())) == 0 && allocated(&|| drop(vec![0; 64])) == 1,
        "the counter counts"
    );
    gate.open(2);
    assert_eq!(allocated(&look), 0);
    source.token().unwrap();
    assert_eq!(allocated(&look), 0);
    clock.advance(2 * HOUR);
    source.token().unwrap_err();
    assert_eq!(allocated(&look), 0);
}

#[test]
fn sixty_four_threads_see_whole_tokens_only_while_they_are_renewed() {
    let name = |n: u64| format!("t{n}-").repeat(usize::try_from(1 + n % 7).unwrap());
    let replies: Vec<_> = (1..=200).map(|n| granted(&name(n))).collect();
    let (source, clock, gate, _) = scene(&replies);
    gate.open(replies.len());
    source.token().unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                let mut last = 0;
                while !over.load(Ordering::Relaxed) {
                    let (value, generation, is_stale, _) = glance(&source).unwrap();
                    assert_eq!(value, format!("Bearer {}", name(generation)));
                    assert!(generation >= last && !is_stale);
                    last = generation;
                }
            });
        }
        for _ in 1..replies.len() {
            clock.advance(Duration::from_secs(60));
            assert!(source.renew_now().unwrap());
        }
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(glance(&source).unwrap().1, 200);
}

#[test]
fn a_glance_does_not_show_the_token_to_those_who_debug() {
    let (source, _, gate, _) = scene(&[granted("t0-secret")]);
    gate.open(1);
    source.token().unwrap();
    let mut into = [0; 64];
    let shown = format!("{:?}", source.try_token(&mut into));
    assert!(shown.contains("generation: 1") && !shown.contains("secret"), "{shown}");
    assert_eq!(source.try_token(&mut [0; 64]).unwrap().value.unwrap(), b"Bearer t0-secret");
}
