//! What must hold in whatever order threads come: `cargo xtask loom` runs each model in every order there is, up to a
//! number of preemptions. A wait that nobody ends fails there, since no time passes.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ccauth_core::http::{HeaderValue, Response, header::CONTENT_LENGTH};
use ccauth_core::{Body, Clock, Error, Now, Reply, Request, Timestamp, Transport, detail};
use loom::model::Builder;
use loom::sync::{Condvar, Mutex};
use loom::thread;

use super::slot::{Note, Slot};
use crate::scheduler::Spawn;
use crate::{Account, Client, ErrorKind, EventKind, ManualClock, Source, Subscription};

/// Gives the tokens `t0`, `t1`, …, unless its first answers are failures.
#[derive(Debug, Default)]
struct Vendor {
    failures: usize,
    asked: AtomicUsize,
}

impl Transport for Vendor {
    fn send(&self, _: Request) -> Result<Reply, Error> {
        let n = self.asked.fetch_add(1, Ordering::Relaxed);
        if n < self.failures {
            return Err(Error::new(&detail::CONNECT_REFUSED, "nobody is there"));
        }
        let body = format!(r#"{{"success":true,"access_token":"t{n}","expires_in":3600}}"#);
        let length = HeaderValue::from(body.len());
        let mut reply = Response::new(Body::new(body.into_bytes()));
        reply.headers_mut().insert(CONTENT_LENGTH, length);
        Ok(reply)
    }
}

fn account(vendor: &Arc<Vendor>, clock: Arc<dyn Clock>, spawn: Spawn) -> Account {
    let client = Client::builder().clock(clock).transport(vendor.clone()).spawn(spawn).build();
    let account = Account::builder("servetel").field("email", "clerk").field("password", "hunter2");
    account.client(&client).build().unwrap()
}

fn spawn(_: &'static str, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    thread::spawn(work);
    Ok(())
}

/// A model has five threads at most: here whoever finds a request makes it.
fn spawn_no_requests(name: &'static str, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    if name == "ccauth-request" { Err(io::ErrorKind::WouldBlock.into()) } else { spawn(name, work) }
}

fn standing() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH))
}

/// Shows two seconds more at each look: then nothing but the one under way keeps a second request back.
#[derive(Debug)]
struct Passing(Arc<ManualClock>);

impl Clock for Passing {
    fn now(&self) -> Now {
        self.0.advance(Duration::from_secs(2));
        self.0.now()
    }
}

fn passing() -> Arc<Passing> {
    Arc::new(Passing(standing()))
}

/// Something that a source tells.
struct News {
    has_come: Arc<(Mutex<bool>, Condvar)>,
    _listening: Subscription,
}

impl News {
    fn of(source: &Source, kind: EventKind) -> Self {
        let has_come = Arc::new((Mutex::new(false), Condvar::new()));
        let tell = has_come.clone();
        let listening = source.subscribe(move |event| {
            if event.kind == kind {
                *tell.0.lock().unwrap() = true;
                tell.1.notify_all();
            }
        });
        // What came before it listened.
        *has_come.0.lock().unwrap() |= source.status().generation > 0 && kind == EventKind::Acquired;
        Self { has_come, _listening: listening }
    }

    fn wait(&self) {
        let mut has_come = self.has_come.0.lock().unwrap();
        while !*has_come {
            has_come = self.has_come.1.wait(has_come).unwrap();
        }
    }
}

fn model(run: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound.get_or_insert(2);
    builder.max_branches = 10_000;
    builder.check(run);
}

#[test]
fn a_reader_copies_one_whole_record_and_never_an_older_one_again() {
    model(|| {
        let slot = Arc::new(Slot::with_room(8));
        let value = |n: u8| [n; 8];
        let note = |n: u8| Note { len: 8, is_stale: false, generation: n.into(), ends: None };
        slot.write(&value(1), note(1));
        let writer = slot.clone();
        let writer = thread::spawn(move || {
            writer.write(&value(2), note(2));
            writer.write(&value(3), note(3));
        });
        let mut last = 1;
        for _ in 0..2 {
            let mut into = [0; 8];
            let seen = slot.read(&mut into).unwrap();
            assert_eq!(seen, note(into[0]));
            assert_eq!(into, value(into[0]));
            assert!(into[0] >= last);
            last = into[0];
        }
        writer.join().unwrap();
    });
}

#[test]
fn callers_of_an_empty_source_share_one_request_and_its_failure() {
    for failures in [0, 1] {
        model(move || {
            let vendor = Arc::new(Vendor { failures, ..Vendor::default() });
            // Whoever comes a second after a failure makes another request.
            let clock: Arc<dyn Clock> = if failures == 0 { passing() } else { standing() };
            let source = Source::open(&account(&vendor, clock, spawn));
            let ask =
                |source: &Source| source.token().map(|token| token.value().to_owned()).map_err(|e| e.kind());
            let other = source.clone();
            let other = thread::spawn(move || ask(&other));
            let expected = if failures == 0 { Ok("t0".to_owned()) } else { Err(ErrorKind::Connect) };
            assert_eq!(ask(&source), expected);
            assert_eq!(other.join().unwrap(), expected);
            assert_eq!(vendor.asked.load(Ordering::Relaxed), 1);
        });
    }
}

#[test]
fn two_who_report_one_token_make_one_renewal() {
    model(|| {
        let vendor = Arc::new(Vendor::default());
        loom::stop_exploring();
        let source = Source::open(&account(&vendor, passing(), spawn_no_requests));
        let token = source.token().unwrap();
        loom::explore();
        let (other, same) = (source.clone(), token.clone());
        let other = thread::spawn(move || other.report_rejected(&same));
        source.report_rejected(&token);
        other.join().unwrap();
        assert_eq!((source.token().unwrap().value(), source.status().is_stale), ("t1", false));
        assert_eq!(vendor.asked.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn the_threads_end_with_the_last_source_and_start_again_with_the_next() {
    model(|| {
        let vendor = Arc::new(Vendor::default());
        let account = account(&vendor, standing(), spawn_no_requests);
        drop(Source::open(&account));
        // Nobody asks: it is the thread that does.
        let source = Source::open(&account);
        News::of(&source, EventKind::Acquired).wait();
    });
}
