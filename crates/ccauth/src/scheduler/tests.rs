//! Turns and times, without tokens.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ccauth_core::Timestamp;
use ccauth_testkit::{Gate, Scripted};

use super::{Id, Limits, Scheduler, Task};
use crate::{Account, Client, ManualClock, Source, Wish, detail};

/// Notes its name when it is its turn.
struct Named(&'static str, Arc<Mutex<Vec<&'static str>>>);

impl Task for Named {
    fn wake(self: Arc<Self>) {
        self.fly();
    }

    fn fly(self: Arc<Self>) -> bool {
        self.1.lock().unwrap().push(self.0);
        true
    }
}

/// Gives the tokens `t0`, `t1`, …, at once.
fn grants(tokens: usize) -> Arc<Gate> {
    let reply = |n| {
        let body = format!(r#"{{"success":true,"access_token":"t{n}","expires_in":3600}}"#);
        format!("HTTP/1.1 200 OK\ncontent-length: {}\n\n{body}", body.len())
    };
    let replies: Vec<_> = (0..tokens).map(reply).collect();
    let gate = Gate::new(Arc::new(Scripted::new(replies.iter().map(String::as_str))));
    gate.open(tokens);
    Arc::new(gate)
}

fn account(client: &Client) -> Account {
    let account = Account::builder("servetel").field("email", "clerk").field("password", "hunter2");
    account.client(client).build().unwrap()
}

/// No thread can be had, so that whoever asks makes a request.
fn none(_: &'static str, _: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    Err(io::ErrorKind::WouldBlock.into())
}

#[test]
fn turns_go_round_the_hosts_and_first_to_those_for_whom_somebody_waits() {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    // One at a time, and nothing is begun before all stand in line.
    let limits = Limits { in_flight: 1, per_host: 1, at_first: 1 };
    static FIRST: Mutex<Option<Box<dyn FnOnce() + Send>>> = Mutex::new(None);
    let scheduler = Scheduler::new(clock, limits, |_, work| {
        *FIRST.lock().unwrap() = Some(work);
        Ok(())
    });
    let (order, mut tasks) = (Arc::default(), Vec::new());
    let mut join = |host: &str, name, is_awaited| -> Id {
        let task: Arc<dyn Task> = Arc::new(Named(name, Arc::clone(&order)));
        let id = scheduler.enroll();
        scheduler.queue(id, host, is_awaited, Arc::downgrade(&task), true);
        tasks.push(task);
        id
    };
    for (host, name, is_awaited) in
        [("a", "a1", false), ("a", "a2", false), ("a", "a3", false), ("b", "b1", false), ("c", "c1", true)]
    {
        join(host, name, is_awaited);
    }
    let hurried = join("b", "b2", false);
    let gone = join("b", "gone", false);
    scheduler.hurry(hurried, "b");
    scheduler.hurry(gone, "b");
    tasks.pop();
    FIRST.lock().unwrap().take().unwrap()();
    assert_eq!(*order.lock().unwrap(), ["a1", "b2", "c1", "a2", "b1", "a3"]);
}

#[test]
fn where_no_thread_can_be_had_those_who_ask_are_served_and_later_all_go_on() {
    static NONE: AtomicBool = AtomicBool::new(true);
    let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap()));
    let gate = grants(4);
    let builder = Client::builder().clock(clock.clone()).transport(gate.clone());
    let client =
        builder.spawn(
            |name, work| {
                if NONE.load(Ordering::SeqCst) { none(name, work) } else { super::spawn(name, work) }
            },
        );
    let source = Source::open(&account(&client.build()));
    assert_eq!(gate.come(), 0);
    for n in 0..2 {
        assert_eq!(source.token().unwrap().value(), format!("t{n}"));
        clock.advance(Duration::from_secs(3_600));
    }
    NONE.store(false, Ordering::SeqCst);
    assert_eq!(source.token().unwrap().value(), "t2");
    clock.advance(Duration::from_secs(3_000));
    gate.wait_for(4);
}

#[test]
fn where_no_thread_can_be_had_who_reports_a_token_makes_no_request() {
    let (clock, gate) = (Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH)), grants(2));
    let client = Client::builder().clock(clock.clone()).transport(gate.clone()).spawn(none).build();
    let source = Source::open(&account(&client));
    source.token().unwrap();
    clock.advance(Duration::from_secs(60));
    let token = source.token().unwrap();
    source.report_rejected(&token);
    assert_eq!((source.status().is_stale, gate.come()), (true, 1));
    assert_eq!((source.renew_now().unwrap(), gate.come()), (true, 2));
}

#[test]
fn where_no_thread_can_be_had_word_is_not_taken_and_no_request_made_here() {
    let gate = Arc::new(Gate::new(Arc::new(Scripted::new([]))));
    let client = Client::builder().transport(gate.clone()).spawn(none).build();
    let source = Source::open(&account(&client));
    let refused = source.token_then(Wish::default(), |_| panic!("told all the same")).unwrap_err();
    assert_eq!((refused.detail(), gate.come()), (&detail::RESOURCE, 0));
}
