//! A transport that lets requests through when a test says so: how a race is scripted.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ccauth_core::{Error, Reply, Request, Transport};

/// Longer than anything here takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends what another transport sends, but not before [`Gate::open`] lets it.
#[derive(Debug)]
pub struct Gate {
    behind: Arc<dyn Transport>,
    count: Mutex<Count>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Count {
    come: usize,
    let_through: usize,
}

impl Gate {
    /// A closed gate before `behind`.
    pub fn new(behind: Arc<dyn Transport>) -> Self {
        Self { behind, count: Mutex::default(), changed: Condvar::new() }
    }

    /// Lets so many more requests through.
    pub fn open(&self, requests: usize) {
        self.lock().let_through += requests;
        self.changed.notify_all();
    }

    /// Waits until so many requests have come altogether.
    ///
    /// # Panics
    /// When they do not come.
    pub fn wait_for(&self, requests: usize) {
        self.wait(|count| count.come >= requests);
    }

    /// How many requests have come.
    pub fn come(&self) -> usize {
        self.lock().come
    }

    fn wait(&self, ready: impl Fn(&Count) -> bool) {
        let waiting = self.changed.wait_timeout_while(self.lock(), PATIENCE, |count| !ready(count));
        let (count, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        assert!(ready(&count), "waited in vain: {count:?}");
    }

    fn lock(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Gate {
    fn send(&self, request: Request) -> Result<Reply, Error> {
        let mine = {
            let mut count = self.lock();
            count.come += 1;
            count.come
        };
        self.changed.notify_all();
        self.wait(|count| count.let_through >= mine);
        self.behind.send(request)
    }
}
