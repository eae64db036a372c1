//! What the server's thread and the [`Admin`](crate::Admin) handles share.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::fault::Faults;
use crate::journal::Journal;
use crate::world::World;

pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
}

/// The state behind its lock, and word of every change for those who wait for one.
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    changes: watch::Sender<u64>,
    pub(crate) tls: bool,
}

impl Shared {
    pub(crate) fn new(tls: bool) -> Shared {
        let state = State { world: World::new(), faults: Faults::new(), journal: Journal::default() };
        Shared { state: Mutex::new(state), changed: Condvar::new(), changes: watch::Sender::new(0), tls }
    }

    /// Looks at the state without changing it.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.lock());
        self.changed.notify_all();
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
        changed
    }

    /// Blocks until `ready` gives something, for at most `timeout`.
    pub(crate) fn wait<T>(&self, timeout: Duration, ready: impl Fn(&State) -> Option<T>) -> Option<T> {
        let waiting = self.changed.wait_timeout_while(self.lock(), timeout, |state| ready(state).is_none());
        let (state, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        ready(&state)
    }

    /// Waits until `ready` gives something: the server's own way of waiting.
    pub(crate) async fn wait_async<T>(&self, ready: impl Fn(&State) -> Option<T>) -> Option<T> {
        let mut changes = self.changes.subscribe();
        loop {
            changes.borrow_and_update();
            if let Some(found) = self.look(&ready) {
                return Some(found);
            }
            changes.changed().await.ok()?;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock is held would be a bug; the other tests' answers are still worth having.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
