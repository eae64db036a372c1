//! When whose turn is it: one thread that knows when each source wants to be woken, and a few that make the requests.
//!
//! What is scheduled is a [`Task`]; nothing here knows of tokens. No thread runs while there is nothing to do: the one
//! that wakes sources starts with the first time that is planned and ends with the last, each one that makes requests
//! ends when none is left.

mod limits;
mod line;
#[cfg(test)]
mod tests;
mod threads;
mod timers;

use std::fmt;
use std::sync::{Arc, Weak};

use ccauth_core::{Clock, Instant};

pub use self::limits::Limits;
use self::line::Line;
pub(crate) use self::threads::{Spawn, spawn};
use self::timers::Timers;

/// What has its times and its turns.
pub(crate) trait Task: Send + Sync {
    /// The time that was planned has come.
    fn wake(self: Arc<Self>);

    /// Makes the request that it stands in line for. Tells whether that went well.
    fn fly(self: Arc<Self>) -> bool;
}

/// A task's number, which no other task has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id(u64);

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Scheduler {
    timers: Arc<Timers>,
    line: Arc<Line>,
}

impl Scheduler {
    /// Starts nothing.
    pub(crate) fn new(clock: Arc<dyn Clock>, limits: Limits, spawn: Spawn) -> Self {
        let line = Arc::new(Line::new(limits, spawn));
        Self { timers: Timers::new(clock, spawn, line.clone()), line }
    }

    /// A number for one more task.
    pub(crate) fn enroll(&self) -> Id {
        Id(self.timers.enroll())
    }

    /// Wakes a task at this time instead of `before`; `None` is never.
    pub(crate) fn plan(&self, id: Id, before: Option<Instant>, next: Option<(Instant, Weak<dyn Task>)>) {
        self.timers.plan(id, before, next);
    }

    /// Starts the threads that should run and do not, because there were none to be had.
    #[inline]
    pub(crate) fn revive(&self) {
        self.timers.revive();
    }

    /// Before somebody sleeps: makes a request here for which no thread could be had.
    pub(crate) fn help(&self) {
        if self.line.is_stuck() {
            self.line.pump(true);
        }
    }

    /// Whether the thread runs that looks at the time, where there is a time to be looked at.
    pub(crate) fn is_well(&self) -> bool {
        self.timers.is_well()
    }

    /// Puts `task` in line for a request to `host`, before all those for whom nobody waits if somebody waits for it.
    /// `here` tells whether this thread may make it where no other can be had.
    pub(crate) fn queue(&self, id: Id, host: &str, is_awaited: bool, task: Weak<dyn Task>, here: bool) {
        self.line.join(host, line::Place { id, task }, is_awaited, here);
    }

    /// Somebody waits for what stands in line for `host`.
    pub(crate) fn hurry(&self, id: Id, host: &str) {
        self.line.hurry(host, id);
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduler").field("limits", self.line.limits()).finish_non_exhaustive()
    }
}
