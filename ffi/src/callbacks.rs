//! The thread on which the host is called back. It runs while a call is outstanding, and a little longer.

use std::cell::Cell;
use std::collections::VecDeque;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ccauth::{Error, detail};

/// How long it stays when nothing is outstanding.
const IDLE: Duration = Duration::from_secs(5);

type Call = Box<dyn FnOnce() + Send>;

struct Queue {
    calls: VecDeque<Call>,
    /// Seats that are taken.
    outstanding: usize,
    is_running: bool,
    /// Nobody waits for another call.
    is_ending: bool,
}

static QUEUE: Mutex<Queue> =
    Mutex::new(Queue { calls: VecDeque::new(), outstanding: 0, is_running: false, is_ending: false });
static CHANGED: Condvar = Condvar::new();

/// One call that will be made: a thread is there for it.
pub(crate) struct Seat(());

impl Seat {
    /// # Errors
    /// `resource.exhausted` where no thread can be started.
    pub(crate) fn take() -> Result<Self, Error> {
        let mut queue = lock();
        if !queue.is_running {
            let started = ccauth_sys::start("ccauth-callback", run).map_err(|e| {
                let message = format!("no thread can be started: {e}");
                Error::new(&detail::RESOURCE, message).with_os_errno(e.raw_os_error())
            });
            started?;
            (queue.is_running, queue.is_ending) = (true, false);
        }
        queue.outstanding += 1;
        Ok(Self(()))
    }

    /// Has the thread make this call, after those that came before.
    pub(crate) fn call(self, call: Call) {
        lock().calls.push_back(call);
        CHANGED.notify_all();
        // Given back once it has been made.
        mem::forget(self);
    }
}

/// There is nothing to call after all.
impl Drop for Seat {
    fn drop(&mut self) {
        lock().outstanding -= 1;
        CHANGED.notify_all();
    }
}

/// Has the thread end when the last call has been made.
pub(crate) fn end() {
    lock().is_ending = true;
    CHANGED.notify_all();
}

/// Whether this is the thread on which the host is called back.
pub(crate) fn is_within() -> bool {
    IS_WITHIN.get()
}

thread_local! {
    static IS_WITHIN: Cell<bool> = const { Cell::new(false) };
}

fn run() {
    IS_WITHIN.set(true);
    while let Some(call) = next() {
        // What panics is ours: the host may not throw.
        let _ = catch_unwind(AssertUnwindSafe(call));
        drop(Seat(()));
    }
}

/// The next call; `None` when nothing has been outstanding for a while.
fn next() -> Option<Call> {
    let mut queue = lock();
    let mut has_waited = false;
    loop {
        if let Some(call) = queue.calls.pop_front() {
            return Some(call);
        }
        if queue.outstanding > 0 {
            has_waited = false;
            queue = CHANGED.wait(queue).unwrap_or_else(PoisonError::into_inner);
        } else if has_waited || queue.is_ending {
            queue.is_running = false;
            return None;
        } else {
            let waited = CHANGED.wait_timeout(queue, IDLE).unwrap_or_else(PoisonError::into_inner);
            (queue, has_waited) = (waited.0, waited.1.timed_out());
        }
    }
}

fn lock() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}
