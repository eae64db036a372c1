//! When each task is woken, and the thread that does it.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use ccauth_core::{Clock, Instant};

use super::line::Line;
use super::threads::Spawn;
use super::{Id, Task};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Condvar, Mutex, MutexGuard};

/// The longest that the thread sleeps before it looks at the clock again: a machine may have been suspended.
const SLICE: Duration = Duration::from_secs(30);

/// Until the next try after a fault, or where there was no thread to be had.
const REST: Duration = Duration::from_secs(1);

pub(super) struct Timers {
    clock: Arc<dyn Clock>,
    spawn: Spawn,
    line: Arc<Line>,
    state: Mutex<State>,
    changed: Condvar,
    /// Whether the last thread that was needed has started.
    is_well: AtomicBool,
}

#[derive(Default)]
struct State {
    due: BTreeMap<(Instant, Id), Weak<dyn Task>>,
    is_running: bool,
    /// Not before this is a thread tried for again.
    try_again: Instant,
    enrolled: u64,
}

impl Timers {
    pub(super) fn new(clock: Arc<dyn Clock>, spawn: Spawn, line: Arc<Line>) -> Arc<Self> {
        let (state, changed) = (Mutex::default(), Condvar::new());
        let timers = Arc::new(Self { clock, spawn, line, state, changed, is_well: AtomicBool::new(true) });
        let weak = Arc::downgrade(&timers);
        timers.clock.when_moved(Box::new(move || {
            if let Some(timers) = weak.upgrade() {
                timers.look_again();
            }
        }));
        timers
    }

    pub(super) fn enroll(&self) -> u64 {
        let mut state = self.lock();
        state.enrolled += 1;
        state.enrolled
    }

    pub(super) fn plan(
        self: &Arc<Self>,
        id: Id,
        before: Option<Instant>,
        next: Option<(Instant, Weak<dyn Task>)>,
    ) {
        let mut state = self.lock();
        if let Some(before) = before {
            state.due.remove(&(before, id));
        }
        if let Some((at, task)) = next {
            state.due.insert((at, id), task);
        }
        let is_first = state.due.first_key_value().is_none_or(|((_, first), _)| *first == id);
        let starts = !state.due.is_empty() && !state.is_running;
        state.is_running |= starts;
        drop(state);
        if starts {
            // Where there is none, the next one who asks tries again.
            let _ = self.start();
        } else if is_first {
            self.changed.notify_all();
        }
    }

    #[inline]
    pub(super) fn revive(self: &Arc<Self>) {
        if !self.is_well.load(Ordering::Relaxed) || self.line.is_stuck() {
            self.try_again();
        }
    }

    #[cold]
    fn try_again(self: &Arc<Self>) {
        let now = self.clock.now().instant;
        let mut state = self.lock();
        if now < state.try_again {
            return;
        }
        state.try_again = now + REST;
        let starts = !std::mem::replace(&mut state.is_running, true);
        drop(state);
        self.line.pump(true);
        if starts && let Err(error) = self.start() {
            log::warn!("no thread can be started, so tokens are renewed only when somebody asks: {error}");
        }
    }

    /// Starts the thread. Not the place to log: somebody's lock may be held.
    fn start(self: &Arc<Self>) -> io::Result<()> {
        let timers = self.clone();
        self.is_well.store(true, Ordering::Relaxed);
        let started = (self.spawn)("ccauth-scheduler", Box::new(move || timers.run()));
        if started.is_err() {
            self.lock().is_running = false;
            self.is_well.store(false, Ordering::Relaxed);
        }
        started
    }

    pub(super) fn is_well(&self) -> bool {
        self.is_well.load(Ordering::Relaxed)
    }

    /// The clock was moved.
    fn look_again(&self) {
        // Not between the thread's look at the clock and its sleep.
        drop(self.lock());
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that panics runs under it, but the host's clock: that changes nothing.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a task is due; `None` when none is left.
    fn next(&self) -> Option<((Instant, Id), Weak<dyn Task>)> {
        let mut state = self.lock();
        loop {
            let slice = match state.due.first_entry() {
                Some(first) => {
                    let (at, now) = (first.key().0, self.clock.now().instant);
                    if at <= now {
                        return Some(first.remove_entry());
                    }
                    at.since(now).min(SLICE)
                }
                None if self.line.is_stuck() => REST,
                None => {
                    state.is_running = false;
                    return None;
                }
            };
            let time = if self.line.is_stuck() { slice.min(REST) } else { slice };
            let slept = self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner);
            state = slept.0;
            if slept.1.timed_out() {
                drop(state);
                self.line.pump(true);
                state = self.lock();
            }
        }
    }

    /// What the thread does. A fault in a host's clock or in a task ends neither it nor another task.
    fn run(self: &Arc<Self>) {
        loop {
            let next = || self.next().map(|((_, id), task)| self.wake(id, &task));
            match catch_unwind(AssertUnwindSafe(next)) {
                Ok(Some(())) => {}
                Ok(None) => return,
                Err(_) => {
                    log::error!("a fault while the time was told; another look follows");
                    thread::sleep(REST);
                }
            }
        }
    }

    fn wake(self: &Arc<Self>, id: Id, weak: &Weak<dyn Task>) {
        let Some(task) = weak.upgrade() else { return };
        if catch_unwind(AssertUnwindSafe(|| task.wake())).is_err() {
            log::error!("a fault while a token was looked after; another look follows");
            self.lock().due.insert((self.clock.now().instant + REST, id), weak.clone());
        }
    }
}
